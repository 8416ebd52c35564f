import type { Read } from "../candidates.ts"
import type { Run } from "../tasks.ts"
import type { Wire } from "../workloads/Workload.ts"

/** Times a candidate, in milliseconds of the clock and of the processor, and fails when its answer is wrong. */
export const timed =
  (read: () => Promise<Read>, expected: Pick<Wire, "events" | "text">): Run =>
  async () => {
    const cpu = process.cpuUsage()
    const start = performance.now()
    const { events, text } = await read()
    const wall = performance.now() - start
    const { system, user } = process.cpuUsage(cpu)
    if (events !== undefined && events !== expected.events) {
      throw new Error(`wrong answer: ${events} events instead of ${expected.events}`)
    }
    if (text !== expected.text) throw new Error(`wrong answer: another text, of ${text.length} characters`)
    return { wall, cpu: (system + user) / 1000 }
  }
