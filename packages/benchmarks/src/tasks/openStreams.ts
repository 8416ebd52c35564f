/** What an open stream holds in memory, while its consumer waits for the next event. */
import { setTimeout as sleep } from "node:timers/promises"
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
    // What is held outside of the heap, such as a decoder of the runtime's, goes only after the collection of who held it.
    usedMemory()
    await sleep(100)
    return { memory: (usedMemory() - before) / args.streams }
  }
}
