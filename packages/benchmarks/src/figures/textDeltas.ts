/** Text deltas in chunks of 16 kB: how much of a hand-written loop's speed is left. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

export const textDeltas: Figure = {
  name: "text-deltas",
  measure: async (effort) => {
    const read = (candidate: Candidate, unlike = false): Task => ({
      name: "readMemory",
      args: { candidate, workload: { kind: "textDeltas", count: effort.deltas, unlike }, chunking: "16 kB" }
    })
    const rounds = await Rounds.measure(
      {
        hand: read("hand loop"),
        byArray: read("TwelveLabs by array"),
        byEvent: read("TwelveLabs by event"),
        parser: read("eventsource-parser"),
        unlikeByHand: read("hand loop", true),
        unlikeByArray: read("TwelveLabs by array", true)
      },
      effort
    )
    const what = "text deltas, 16 kB chunks"
    return [
      {
        figure: `${what}: time an event of the hand loop`,
        measured: Rounds.over(rounds, ({ hand }) => (hand["wall"]! * 1e6) / effort.deltas),
        format: format.nanoseconds
      },
      {
        figure: `${what}: by array, against the hand loop`,
        goal: { atLeast: 0.85 },
        measured: Rounds.over(rounds, ({ byArray, hand }) => hand["wall"]! / byArray["wall"]!),
        format: format.ratio
      },
      {
        figure: `${what}: by event, against the hand loop`,
        goal: { atLeast: 0.75 },
        measured: Rounds.over(rounds, ({ byEvent, hand }) => hand["wall"]! / byEvent["wall"]!),
        format: format.ratio
      },
      {
        figure: `${what}, no two alike: by array, against the hand loop`,
        measured: Rounds.over(rounds, (round) => round.unlikeByHand["wall"]! / round.unlikeByArray["wall"]!),
        format: format.ratio
      },
      {
        figure: `${what}: eventsource-parser with JSON.parse, against the hand loop`,
        measured: Rounds.over(rounds, ({ hand, parser }) => hand["wall"]! / parser["wall"]!),
        format: format.ratio
      }
    ]
  }
}
