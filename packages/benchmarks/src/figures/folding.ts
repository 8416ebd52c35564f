/** What the result of a whole stream costs beside reading the stream. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"
import type { Workload } from "../workloads/Workload.ts"

const cases: ReadonlyArray<{
  readonly title: string
  readonly kind: Workload["kind"]
  readonly count: number
  readonly streaming: Candidate
  readonly folding: Candidate
}> = [
  {
    title: "TwelveLabs' response",
    kind: "textDeltas",
    count: 50_000,
    streaming: "TwelveLabs by array",
    folding: "TwelveLabs folded"
  },
  {
    title: "Powerdrill's report",
    kind: "powerdrillBlocks",
    count: 50_000,
    streaming: "Powerdrill by array",
    folding: "Powerdrill folded"
  }
]

export const folding: Figure = {
  name: "folding",
  measure: async (effort) => {
    const rows = []
    for (const { count, folding, kind, streaming, title } of cases) {
      const read = (candidate: Candidate, share: number): Task => ({
        name: "readMemory",
        args: { candidate, workload: { kind, count: count * share }, chunking: "16 kB" }
      })
      const rounds = await Rounds.measure(
        { streamed: read(streaming, 1), folded: read(folding, 1), quarter: read(folding, 0.25) },
        { ...effort, processes: effort.isFull ? 3 : 1 }
      )
      rows.push(
        {
          figure: `folding to ${title}: cost against streaming alone`,
          goal: { atMost: 1.3 },
          measured: Rounds.over(rounds, ({ folded, streamed }) => folded["wall"]! / streamed["wall"]!),
          format: format.ratio
        },
        {
          figure: `folding to ${title}: time an event, against a stream of a quarter of the events`,
          goal: { atMost: 1.3 },
          measured: Rounds.over(rounds, ({ folded, quarter }) => folded["wall"]! / quarter["wall"]! / 4),
          format: format.ratio
        }
      )
    }
    return rows
  }
}
