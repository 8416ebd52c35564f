/** What an open stream holds in memory, while its consumer waits for the next event. */
import type { Run } from "../tasks.ts"
import { type Client, eachDelta } from "./eachDelta.ts"
import { usedMemory } from "./usedMemory.ts"

export const start = async (args: {
  readonly client: Client
  readonly baseUrl: string
  readonly streams: number
}): Promise<Run> => {
  const read = await eachDelta(args.client, args.baseUrl)

  /** Opens streams and resolves once each has brought its event. */
  const open = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let begun = 0
      for (let i = 0; i < count; i++) {
        read(() => {
          if (++begun === count) setImmediate(resolve)
          return true
        }).catch(reject)
      }
    })

  return async () => {
    // What the first streams load and compile is no stream's.
    await open(10)
    const before = usedMemory()
    await open(args.streams)
    return { memory: (usedMemory() - before) / args.streams }
  }
}
