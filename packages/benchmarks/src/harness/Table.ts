/** Rows as a Markdown table, aligned so that it reads in a terminal too. */
import { isMet, type Row } from "./Figure.ts"

const goalOf = ({ format, goal }: Row): string => {
  if (goal === undefined) return "–"
  return "atLeast" in goal ? `≥ ${format(goal.atLeast)}` : `≤ ${format(goal.atMost)}`
}

const measuredOf = ({ format, measured }: Row): string => {
  if (typeof measured === "string") return measured
  const [median, low, high] = [measured.median, measured.low, measured.high].map(format)
  return low === high ? low! : `${median} (${low} to ${high})`
}

const metOf = (row: Row): string => {
  const met = isMet(row)
  return met === undefined ? "" : met ? "yes" : "**no**"
}

/** A row in one line, for telling of it as soon as it is known. */
export const line = (row: Row): string => [row.figure, goalOf(row), measuredOf(row), metOf(row)].join(" | ")

/** The table of some rows. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const cells = [
    ["figure", "goal", "median (quartiles)", "met"],
    ...rows.map((row) => [row.figure, goalOf(row), measuredOf(row), metOf(row)])
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const [head, ...body] = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`)
  return [head, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body].join("\n")
}
