/** What a process can be told to measure, by name. */

/** What one run measured, by name. Times are in milliseconds, sizes in bytes. */
export type Sample = Readonly<Record<string, number>>

/** Measures once. */
export type Run = () => Promise<Sample>

const modules = {
  readMemory: () => import("./tasks/readMemory.ts"),
  readLoopback: () => import("./tasks/readLoopback.ts"),
  latency: () => import("./tasks/latency.ts"),
  slowConsumer: () => import("./tasks/slowConsumer.ts"),
  openStreams: () => import("./tasks/openStreams.ts"),
  upload: () => import("./tasks/upload.ts"),
  fetchParts: () => import("./tasks/fetchParts.ts"),
  curl: () => import("./tasks/curl.ts"),
  importModule: () => import("./tasks/importModule.ts"),
  typeCheck: () => import("./tasks/typeCheck.ts")
} as const

type Modules = typeof modules
type ArgsOf<Name extends keyof Modules> = Parameters<Awaited<ReturnType<Modules[Name]>>["start"]>[0]

/** A task: its name and its arguments. */
export type Task = {
  readonly [Name in keyof Modules]: { readonly name: Name; readonly args: ArgsOf<Name> }
}[keyof Modules]

/** Prepares a task. */
export const start = async ({ args, name }: Task): Promise<Run> => {
  // Each module takes the arguments of its own name, which the types of a union cannot say.
  const { start } = (await modules[name]()) as { readonly start: (args: unknown) => Run | Promise<Run> }
  return start(args)
}
