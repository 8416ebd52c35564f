/**
 * Type-checks every ```ts block of the READMEs and of the doc comments in packages/<name>/src.
 *
 * Each block becomes a file in examples/.docs-check, where imports resolve as they do for a user, and one `tsc -b` checks
 * them all against the packages' declarations. Its errors are told with the file and line that the block came from. A block
 * fenced with "ts no-check" is skipped.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { root, run } from "./shell.ts"

process.chdir(root)

const folder = "examples/.docs-check"

interface Block {
  readonly source: string
  readonly line: number
  readonly column: number
  readonly code: Array<string>
}

const blocksOf = (source: string): Array<Block> => {
  const blocks: Array<Block> = []
  const inComments = source.endsWith(".ts")
  let fence = ""
  let block: Block | undefined
  readFileSync(source, "utf8")
    .split(/\r?\n/)
    .forEach((text, index) => {
      const margin = inComments ? (/^\s*\* ?/.exec(text)?.[0] ?? "") : ""
      const line = text.slice(margin.length)
      if (fence !== "") {
        if (line.trim() === fence || (inComments && margin === "")) {
          fence = ""
          block = undefined
        } else block?.code.push(line)
        return
      }
      const start = inComments && margin === "" ? null : /^\s*(`{3,})(.*)$/.exec(line)
      if (start === null) return
      fence = start[1]!
      const info = start[2]!.trim()
      if (!/^(ts|typescript)\b/.test(info) || /\bno-check\b/.test(info)) return
      block = { source, line: index + 2, column: margin.length, code: [] }
      blocks.push(block)
    })
  return blocks
}

const sources = globSync(["README.md", "packages/*/README.md", "packages/*/src/**/*.ts"]).sort()
const blocks = sources.flatMap(blocksOf)

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
blocks.forEach((block, index) => writeFileSync(`${folder}/block${index}.ts`, block.code.join("\n") + "\nexport {}\n"))
writeFileSync(
  `${folder}/tsconfig.json`,
  JSON.stringify({
    extends: "../tsconfig.json",
    include: ["*.ts"],
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, tsBuildInfoFile: ".tsbuildinfo" },
    references: globSync("packages/*/tsconfig.json").map((file) => ({ path: `../../${file}` }))
  })
)

const { ok, output } = run("tsc", ["-b", folder, "--pretty", "false"])
const report = output.replaceAll(
  /^examples\/\.docs-check\/block(\d+)\.ts\((\d+),(\d+)\)/gm,
  (_, index, line, column) => {
    const block = blocks[Number(index)]!
    return `${block.source}(${block.line + Number(line) - 1},${block.column + Number(column)})`
  }
)
if (report !== "") console.error(report)
if (ok) {
  rmSync(folder, { recursive: true })
  console.log(`${blocks.length} blocks of ${new Set(blocks.map((block) => block.source)).size} files type-check`)
} else process.exitCode = 1
