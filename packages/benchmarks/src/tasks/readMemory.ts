/** A candidate reads a workload from memory: what it costs without a network. */
import { type Candidate, make } from "../candidates.ts"
import type { Run } from "../tasks.ts"
import { type Chunking, chunksOf } from "../workloads/Chunking.ts"
import { type Workload, wireOf } from "../workloads/Workload.ts"
import { timed } from "./timed.ts"

export const start = async (args: {
  readonly candidate: Candidate
  readonly workload: Workload
  readonly chunking: Chunking
}): Promise<Run> => {
  const { events, frames, text } = wireOf(args.workload)
  const chunks = chunksOf(frames, args.chunking)
  const headers = { "content-type": "text/event-stream" }

  const answer = async (): Promise<Response> => {
    let next = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const chunk = chunks[next++]
          if (chunk === undefined) controller.close()
          else controller.enqueue(chunk)
        }
      },
      // Nothing ahead of what is asked for.
      { highWaterMark: 0 }
    )
    return new Response(body, { headers })
  }

  // An address where nobody listens, for a candidate that would go to the network after all.
  return timed(await make(args.candidate, { baseUrl: "http://127.0.0.1:9", fetch: answer }), { events, text })
}
