/** Who is measured, by name. Only the module of the candidate itself is loaded into its process. */

/** Where a candidate reads: an API that answers each request with the same stream. */
export interface Source {
  readonly baseUrl: string
  /** Answers from memory, or the runtime's own. */
  readonly fetch: typeof globalThis.fetch
}

/** What a candidate read; it is right or the run fails. */
export interface Read {
  /** `undefined` from those who give only the result. */
  readonly events: number | undefined
  readonly text: string
}

/** Makes a candidate ready to read a source, time and again. */
export type Make = (source: Source) => Promise<() => Promise<Read>>

const makers = {
  "hand loop": async () => (await import("./candidates/handLoop.ts")).responses,
  "eventsource-parser": async () => (await import("./candidates/eventsourceParser.ts")).make,
  openai: async () => (await import("./candidates/openai.ts")).make,
  anthropic: async () => (await import("./candidates/anthropic.ts")).make,
  "twelvelabs-js": async () => (await import("./candidates/twelvelabsJs.ts")).make,
  ai: async () => (await import("./candidates/aiSdk.ts")).make,
  "effect Sse": async () => (await import("./candidates/effectSse.ts")).make,
  "TwelveLabs by array": async () => (await import("./candidates/twelvelabs.ts")).byArray,
  "TwelveLabs by event": async () => (await import("./candidates/twelvelabs.ts")).byEvent,
  "TwelveLabs folded": async () => (await import("./candidates/twelvelabs.ts")).folded,
  "hand loop of blocks": async () => (await import("./candidates/handLoop.ts")).jobs,
  "Powerdrill by array": async () => (await import("./candidates/powerdrill.ts")).byArray,
  "Powerdrill folded": async () => (await import("./candidates/powerdrill.ts")).folded
} as const

/** The name of a candidate. */
export type Candidate = keyof typeof makers

/** All of them. */
export const candidates = Object.keys(makers) as ReadonlyArray<Candidate>

/** Makes a candidate by its name. */
export const make = async (candidate: Candidate, source: Source): Promise<() => Promise<Read>> =>
  (await makers[candidate]())(source)
