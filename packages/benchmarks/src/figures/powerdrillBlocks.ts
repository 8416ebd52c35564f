/** The blocks of a Powerdrill job in chunks of 16 kB. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

const read = (candidate: Candidate): Task => ({
  name: "readMemory",
  args: { candidate, workload: { kind: "powerdrillBlocks", count: 50_000 }, chunking: "16 kB" }
})

export const powerdrillBlocks: Figure = {
  name: "powerdrill-blocks",
  measure: async (effort) => {
    const rounds = await Rounds.measure({ hand: read("hand loop of blocks"), us: read("Powerdrill by array") }, effort)
    return [
      {
        figure: "Powerdrill blocks, 16 kB chunks: by array, against the hand loop",
        goal: { atLeast: 0.75 },
        measured: Rounds.over(rounds, ({ hand, us }) => hand["wall"]! / us["wall"]!),
        format: format.ratio
      }
    ]
  }
}
