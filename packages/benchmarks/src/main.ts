/**
 * Measures effect-sse beside its peers and prints a table in Markdown. Progress goes to standard error, so that the table alone can
 * be sent to a file.
 *
 * `node src/main.ts [--full] [--only NAME,…]`
 */
import { parseArgs } from "node:util"
import { figures } from "./figures.ts"
import type { Effort, Row } from "./harness/Figure.ts"
import { machine } from "./harness/Machine.ts"
import { line, table } from "./harness/Table.ts"

const { values } = parseArgs({ options: { full: { type: "boolean" }, only: { type: "string" } } })

const effort: Effort = values.full
  ? { isFull: true, deltas: 200_000, processes: 5, warmups: 5, rounds: 10 }
  : { isFull: false, deltas: 100_000, processes: 2, warmups: 4, rounds: 6 }

const names = values.only?.split(",")
const unknown = names?.filter((name) => figures.every((figure) => figure.name !== name)) ?? []
if (unknown.length > 0) {
  process.stderr.write(
    `No such figure: ${unknown.join(", ")}. There are ${figures.map(({ name }) => name).join(", ")}.\n`
  )
  process.exit(2)
}

const secondsSince = (start: number): string => `${Math.round((performance.now() - start) / 1000)} s`

const began = performance.now()
const rows: Array<Row> = []
for (const { measure, name } of figures) {
  if (names !== undefined && !names.includes(name)) continue
  const start = performance.now()
  process.stderr.write(`${name} …\n`)
  const measured = await measure(effort)
  for (const row of measured) process.stderr.write(`  ${line(row)}\n`)
  process.stderr.write(`  took ${secondsSince(start)}\n`)
  rows.push(...measured)
}

const version = effort.isFull ? "Full version" : "Short version"
process.stdout.write(`${table(rows)}\n\n${machine()}. ${version}, ${secondsSince(began)}.\n`)
