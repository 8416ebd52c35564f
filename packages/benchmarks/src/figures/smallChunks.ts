/** Text deltas in chunks as small as networks make them, and smaller. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"
import type { Chunking } from "../workloads/Chunking.ts"

/** So few events that a chunk of each size can be an object of its own. */
const cases: ReadonlyArray<{
  readonly title: string
  readonly chunking: Chunking
  readonly count: number
  readonly atLeast: number
}> = [
  { title: "one event a chunk", chunking: "event", count: 30_000, atLeast: 0.65 },
  { title: "7-byte chunks", chunking: "7 bytes", count: 5_000, atLeast: 0.8 },
  { title: "1-byte chunks", chunking: "1 byte", count: 1_000, atLeast: 0.8 }
]

export const smallChunks: Figure = {
  name: "small-chunks",
  measure: async (effort) => {
    const rows = []
    for (const { atLeast, chunking, count, title } of cases) {
      const read = (candidate: Candidate): Task => ({
        name: "readMemory",
        args: { candidate, workload: { kind: "textDeltas", count }, chunking }
      })
      const rounds = await Rounds.measure({ hand: read("hand loop"), us: read("TwelveLabs by array") }, effort)
      rows.push({
        figure: `text deltas, ${title}: by array, against the hand loop`,
        goal: { atLeast },
        measured: Rounds.over(rounds, ({ hand, us }) => hand["wall"]! / us["wall"]!),
        format: format.ratio
      })
    }
    return rows
  }
}
