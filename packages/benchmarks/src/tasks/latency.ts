/** How long an event takes from the server to the consumer, while nothing else is going on. */
import { spreadOf } from "../harness/Statistics.ts"
import type { Run } from "../tasks.ts"
import { type Client, eachDelta } from "./eachDelta.ts"

export const start = async (args: {
  readonly client: Client
  readonly baseUrl: string
  readonly events: number
}): Promise<Run> => {
  const read = await eachDelta(args.client, args.baseUrl)
  return async () => {
    const latencies: Array<number> = []
    await read((sentAt) => {
      latencies.push(Number(process.hrtime.bigint() - BigInt(sentAt)) / 1e6)
      return true
    })
    if (latencies.length !== args.events) throw new Error(`wrong answer: ${latencies.length} deltas`)
    return { latency: spreadOf(latencies).median }
  }
}
