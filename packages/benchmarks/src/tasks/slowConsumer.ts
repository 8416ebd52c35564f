/** A consumer that takes one event each millisecond from a server that would send as fast as it can. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Run } from "../tasks.ts"
import { type Client, eachDelta } from "./eachDelta.ts"
import { usedMemory } from "./usedMemory.ts"

export const start = async (args: {
  readonly client: Client
  readonly origin: string
  readonly offeredBytes: number
  readonly seconds: number
}): Promise<Run> => {
  const read = await eachDelta(args.client, `${args.origin}/offered/${args.offeredBytes}`)
  return async () => {
    let events = 0
    let before = 0
    let taken = 0
    let growth = 0
    const end = performance.now() + args.seconds * 1000
    await read(async () => {
      if (events++ === 0) before = usedMemory()
      await sleep(1)
      if (performance.now() < end) return true
      growth = usedMemory() - before
      taken = Number(await (await fetch(`${args.origin}/taken`)).text())
      return false
    })
    return { events, growth, taken }
  }
}
