/**
 * The sizes of bundles, alone and at once.
 *
 * - `node src/bundles.ts`: all of them.
 * - `node src/bundles.ts --check`: those with a budget; fails when one is past it.
 * - `node src/bundles.ts --explain NAME`: which modules a bundle consists of.
 */
import { parseArgs } from "node:util"
import { bundle } from "./bundling/bundle.ts"
import { type Program, programs } from "./bundling/bundles.ts"

const { values } = parseArgs({ options: { check: { type: "boolean" }, explain: { type: "string" } } })

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(9)

const list = async (listed: ReadonlyArray<Program>): Promise<void> => {
  for (const { budget, external, name, path, title } of listed) {
    const { gzip } = await bundle(path, external)
    const isOver = budget !== undefined && gzip > budget
    const limit = budget === undefined ? "" : `, budget ${kilobytes(budget).trim()}${isOver ? ": PAST IT" : ""}`
    process.stdout.write(`${kilobytes(gzip)}  ${name.padEnd(13)}  ${title}${limit}\n`)
    if (isOver) process.exitCode = 1
  }
}

const explain = async (name: string): Promise<void> => {
  const program = programs.find((program) => program.name === name)
  if (program === undefined) {
    process.stderr.write(`No such bundle: ${name}. There are ${programs.map(({ name }) => name).join(", ")}.\n`)
    process.exitCode = 2
    return
  }
  const { code, gzip, modules } = await bundle(program.path, program.external)
  process.stdout.write(`${program.title}: ${kilobytes(gzip)} of ${kilobytes(code.length)} before gzip, which are\n`)
  for (const { bytes, path } of modules.slice(0, 40)) process.stdout.write(`${kilobytes(bytes)}  ${path}\n`)
}

if (values.explain === undefined) {
  await list(values.check ? programs.filter(({ budget }) => budget !== undefined) : programs)
} else await explain(values.explain)
