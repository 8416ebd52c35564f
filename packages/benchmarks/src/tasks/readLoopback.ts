/** A candidate reads a workload from a server on this machine. */
import { type Candidate, make } from "../candidates.ts"
import type { Run } from "../tasks.ts"
import { type Workload, wireOf } from "../workloads/Workload.ts"
import { timed } from "./timed.ts"

export const start = async (args: {
  readonly candidate: Candidate
  readonly workload: Workload
  /** Where the server plays that workload. */
  readonly baseUrl: string
}): Promise<Run> => {
  const { events, text } = wireOf(args.workload)
  return timed(await make(args.candidate, { baseUrl: args.baseUrl, fetch: globalThis.fetch }), { events, text })
}
