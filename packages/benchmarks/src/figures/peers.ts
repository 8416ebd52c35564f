/** Text deltas in chunks of 16 kB: how many times faster than others that give typed events. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

const peers = [
  { candidate: "openai", title: "openai", atLeast: 6 },
  { candidate: "twelvelabs-js", title: "twelvelabs-js", atLeast: 8 },
  { candidate: "ai", title: "ai with zod", atLeast: 6 },
  { candidate: "effect Sse", title: "Effect's Sse with a schema", atLeast: 5 },
  { candidate: "anthropic", title: "@anthropic-ai/sdk, in its own events", atLeast: undefined }
] as const

export const peersOfStreams: Figure = {
  name: "peers",
  measure: async (effort) => {
    // The others take their time.
    const count = effort.isFull ? effort.deltas : effort.deltas / 2
    const read = (candidate: Candidate): Task => {
      const kind = candidate === "anthropic" ? "messageDeltas" : "textDeltas"
      return { name: "readMemory", args: { candidate, workload: { kind, count }, chunking: "16 kB" } }
    }
    const rounds = await Rounds.measure(
      {
        us: read("TwelveLabs by array"),
        openai: read("openai"),
        "twelvelabs-js": read("twelvelabs-js"),
        ai: read("ai"),
        "effect Sse": read("effect Sse"),
        anthropic: read("anthropic")
      },
      effort.isFull ? { ...effort, processes: 3 } : { processes: 1, warmups: 4, rounds: 5 }
    )
    return peers.map(({ atLeast, candidate, title }) => ({
      figure: `text deltas, 16 kB chunks: by array, against ${title}`,
      goal: atLeast === undefined ? undefined : { atLeast },
      measured: Rounds.over(rounds, (round) => round[candidate]["wall"]! / round.us["wall"]!),
      format: format.times
    }))
  }
}
