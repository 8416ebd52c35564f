/**
 * Where a candidate spends its time: runs it under V8's profiler and prints the functions with the most time of their own.
 *
 * `node src/profile.ts "TwelveLabs by array" [--workload KIND] [--count N] [--chunking SIZE] [--runs N]`
 */
import { Session } from "node:inspector/promises"
import { parseArgs } from "node:util"
import { type Candidate, candidates } from "./candidates.ts"
import "./harness/resolveDist.ts"
import { start } from "./tasks.ts"
import type { Chunking } from "./workloads/Chunking.ts"
import type { Workload } from "./workloads/Workload.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    workload: { type: "string", default: "textDeltas" },
    count: { type: "string", default: "200000" },
    chunking: { type: "string", default: "16 kB" },
    runs: { type: "string", default: "10" }
  }
})

const candidate = candidates.find((name) => name === positionals[0])
if (candidate === undefined) {
  process.stderr.write(`Say which candidate: ${candidates.map((name) => `"${name}"`).join(", ")}.\n`)
  process.exit(2)
}

const workload: Workload = { kind: values.workload as Workload["kind"], count: Number(values.count) }
const args: { readonly candidate: Candidate; readonly workload: Workload; readonly chunking: Chunking } = {
  candidate,
  workload,
  chunking: values.chunking as Chunking
}
const run = await start({ name: "readMemory", args })
for (let i = 0; i < 3; i++) await run()

const session = new Session()
session.connect()
await session.post("Profiler.enable")
await session.post("Profiler.setSamplingInterval", { interval: 200 })
await session.post("Profiler.start")
for (let i = 0; i < Number(values.runs); i++) await run()
const { profile } = await session.post("Profiler.stop")

const samples = new Map<number, number>()
for (const id of profile.samples ?? []) samples.set(id, (samples.get(id) ?? 0) + 1)

/** The share of each place in the time, of those that `placeOf` names alike together. */
const shares = (placeOf: (name: string, path: string, line: number) => string, most: number): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const { callFrame, id } of profile.nodes) {
    // From the package's name on, and without it for what the engine does by itself.
    const path = callFrame.url.replace(/^.*\/(?:node_modules|packages)\//, "")
    const place = placeOf(callFrame.functionName || "(anonymous)", path, callFrame.lineNumber + 1)
    counts.set(place, (counts.get(place) ?? 0) + (samples.get(id) ?? 0))
  }
  const total = profile.samples?.length ?? 0
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([place, count]) => `${((100 * count) / total).toFixed(1).padStart(5)} %  ${place}`)
}

const byModule = shares((name, path) => (path === "" ? name : path), 12)
const byFunction = shares((name, path, line) => (path === "" ? name : `${name}  ${path}:${line}`), 25)
process.stdout.write([...byModule, "", ...byFunction, ""].join("\n"))
