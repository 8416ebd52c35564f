/**
 * Packs every publishable package as for npm, then uses the tarballs as a user would: lints them, installs them together
 * in a fresh project outside the workspace, type-checks a program against them and runs it. Prints one line per check.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { root, run, type Result } from "./shell.ts"

let failures = 0
const report = (name: string, { ok, output }: Result): boolean => {
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`)
  if (!ok) {
    failures++
    console.error(output.replaceAll(/^/gm, "       "))
  }
  return ok
}

interface Package {
  readonly folder: string
  readonly name: string
  /** What a user can import, relative to the package's name. */
  readonly subpaths: Array<string>
  readonly commands: Array<string>
  readonly tarball: string
}

const temp = mkdtempSync(join(tmpdir(), "effect-sse-"))
process.on("exit", () => rmSync(temp, { recursive: true, force: true }))

const packages = globSync("packages/*/package.json", { cwd: root })
  .sort()
  .flatMap((file): Array<Package> => {
    const folder = join(root, file, "..")
    const manifest = JSON.parse(readFileSync(join(root, file), "utf8"))
    if (manifest.private === true) return []
    const subpaths = globSync("src/*.ts", { cwd: folder })
      .map((source) => `/${basename(source, ".ts")}`)
      .filter((subpath) => manifest.exports[`.${subpath}`] !== null)
      .sort()
    const commands = Object.keys(manifest.bin ?? {})
    const tarball = join(temp, `${basename(folder)}.tgz`)
    return [{ folder, name: manifest.name, subpaths: ["", ...subpaths], commands, tarball }]
  })

const lint = ({ folder, name, subpaths, tarball }: Package): boolean => {
  if (!report(`${name}: pack`, run("pnpm", ["pack", "--out", tarball], folder))) return false
  report(`${name}: publint`, run("publint", ["run", "--strict", tarball]))
  report(
    `${name}: are the types wrong`,
    run("attw", [
      tarball,
      "--profile=esm-only",
      "--format=ascii",
      "--entrypoints",
      ...subpaths.map((path) => `.${path}`)
    ])
  )
  return true
}

const install = (): boolean => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8"))
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]))
  for (const peer of ["effect", "@effect/platform-node"]) dependencies[peer] = devDependencies[peer]
  writeFileSync(
    join(temp, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module", dependencies })
  )
  return report("fresh project: install", run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], temp))
}

const use = (): void => {
  const files = globSync("node_modules/@effect-sse/*/**", { cwd: temp }).map((file) => file.replaceAll("\\", "/"))
  const missing = packages
    .flatMap(({ name }) => ["README.md", "LICENSE", "src/index.ts"].map((file) => `node_modules/${name}/${file}`))
    .filter((file) => !files.includes(file))
  const surplus = files.filter((file) => /\.tsbuildinfo$|\.test\.|\/@effect-sse\/[^/]+\/node_modules\//.test(file))
  report("fresh project: the right files, one copy of effect", {
    ok: missing.length + surplus.length === 0,
    output: [...missing.map((file) => `missing: ${file}`), ...surplus.map((file) => `surplus: ${file}`)].join("\n")
  })

  const modules = packages.flatMap(({ name, subpaths }) => subpaths.map((subpath) => name + subpath))
  const closed = packages.flatMap(({ name }) => [`${name}/internal/any`, `${name}/index`])
  writeFileSync(
    join(temp, "program.ts"),
    `
${modules.map((module, index) => `import * as M${index} from ${JSON.stringify(module)}`).join("\n")}
import { Console, Effect } from "effect"
import { NodeRuntime } from "@effect/platform-node"

const modules: ReadonlyArray<object> = [${modules.map((_, index) => `M${index}`).join(", ")}]
const closed: ReadonlyArray<string> = ${JSON.stringify(closed)}

NodeRuntime.runMain(
  Effect.gen(function*() {
    for (const specifier of closed) {
      const code = yield* Effect.promise(() => import(specifier).then(() => "open", (error) => error.code))
      if (code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") return yield* Effect.die(new Error(\`\${specifier} is \${code}\`))
    }
    yield* Console.log(\`\${modules.length} modules\`)
  })
)
`
  )
  writeFileSync(
    join(temp, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "ES2023",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        types: [],
        noEmit: true
      },
      include: ["program.ts"]
    })
  )
  report(`fresh project: type-check a program of ${modules.length} modules`, run("tsc", ["-p", temp]))
  report(`fresh project: run it under Node ${process.version}`, run("node", ["program.ts"], temp))
  for (const command of packages.flatMap(({ commands }) => commands)) {
    report(`fresh project: ${command} --help`, run(join(temp, "node_modules/.bin", command), ["--help"], temp))
  }
}

// A file of a source that is gone must not be packed.
for (const folder of globSync("packages/*/dist", { cwd: root })) rmSync(join(root, folder), { recursive: true })
const build = run("tsc", ["-b", ...packages.map(({ folder }) => folder)])
if (report("build", build) && packages.map(lint).every(Boolean) && install()) use()

if (failures > 0) process.exitCode = 1
