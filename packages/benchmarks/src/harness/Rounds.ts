/**
 * Side by side: in each round every candidate runs once, in a new random order, and only what ran in the same round is
 * compared. What the machine does meanwhile then hits all of them.
 */
import { resolve } from "node:path"
import type { Sample, Task } from "../tasks.ts"
import type { Repetition } from "./Figure.ts"
import * as Process from "./Process.ts"
import { type Spread, spreadOf } from "./Statistics.ts"

/** What each task measured in one round. */
export type Round<Id extends string> = Readonly<Record<Id, Sample>>

const runner = resolve(import.meta.dirname, "runTask.ts")

const shuffled = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> =>
  values
    .map((value) => ({ value, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)

/** Runs tasks side by side, each in a process of its own. */
export const measure = async <Id extends string>(
  tasks: Readonly<Record<Id, Task>>,
  { processes, rounds, warmups }: Repetition
): Promise<ReadonlyArray<Round<Id>>> => {
  const ids = Object.keys(tasks) as Array<Id>
  const measured: Array<Round<Id>> = []
  for (let generation = 0; generation < processes; generation++) {
    const running = new Map<Id, Process.Process<"run", Sample>>()
    try {
      for (const id of ids) running.set(id, await Process.start(runner, [JSON.stringify(tasks[id])]))
      for (let round = -warmups; round < rounds; round++) {
        const samples: Partial<Record<Id, Sample>> = {}
        for (const id of shuffled(ids)) samples[id] = await running.get(id)!.ask("run")
        if (round >= 0) measured.push(samples as Round<Id>)
      }
    } finally {
      await Promise.all([...running.values()].map((process) => process.stop()))
    }
  }
  return measured
}

/** For what can be measured only once in a process. */
export const once = (processes: number): Repetition => ({ processes, warmups: 0, rounds: 1 })

/** The spread of a value that each round gives. */
export const over = <Id extends string>(
  rounds: ReadonlyArray<Round<Id>>,
  value: (round: Round<Id>) => number
): Spread => spreadOf(rounds.map(value))
