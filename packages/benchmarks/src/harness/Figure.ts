/** What the benchmarks measure: figures, each of which gives some rows of the table. */
import type { Spread } from "./Statistics.ts"

/** How often something is run: the spread of a figure narrows with it. */
export interface Repetition {
  /** How often every candidate gets a new process: one that was compiled unluckily stays slow for its whole life. */
  readonly processes: number
  /** Runs of each process that do not count, while its code is being compiled: clients of many small functions need some. */
  readonly warmups: number
  /** Runs of each process that count. */
  readonly rounds: number
}

/** How much to measure. */
export interface Effort extends Repetition {
  readonly isFull: boolean
  /** How many text deltas a stream has where nothing else is said. */
  readonly deltas: number
}

/** Which values are good enough. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number }

/** A row of the table. */
export interface Row {
  readonly figure: string
  /** None for what is only told. */
  readonly goal?: Goal | undefined
  /** What was measured, or why nothing was. */
  readonly measured: Spread | string
  readonly format: (value: number) => string
}

/** Something to measure. */
export interface Figure {
  /** For the command line. */
  readonly name: string
  readonly measure: (effort: Effort) => Promise<ReadonlyArray<Row>>
}

const decimals =
  (digits: number, unit: string) =>
  (value: number): string =>
    `${value.toFixed(digits)}${unit}`

/** How values are shown. */
export const format = {
  ratio: (value: number): string => value.toFixed(value >= 10 ? 1 : 2),
  times: (value: number): string => `${value.toFixed(1)} ×`,
  nanoseconds: decimals(0, " ns"),
  microseconds: decimals(0, " µs"),
  milliseconds: decimals(0, " ms"),
  megabytes: decimals(1, " MB"),
  kilobytes: decimals(1, " kB"),
  count: decimals(0, "")
} as const

/** Whether a row reaches its goal; `undefined` where there is none, or nothing was measured. */
export const isMet = ({ goal, measured }: Row): boolean | undefined => {
  if (goal === undefined || typeof measured === "string") return undefined
  return "atLeast" in goal ? measured.median >= goal.atLeast : measured.median <= goal.atMost
}
