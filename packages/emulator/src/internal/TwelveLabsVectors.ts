/**
 * Vectors that depend on what they are of and on nothing else, so that the same input has the same ones in every run.
 */
import type * as Embedding from "@effect-sse/twelvelabs/Embedding"
import * as Crypto from "node:crypto"

/** How many numbers a vector has. */
const dimensions = 512

/** Bytes that depend on a text alone. */
export const hashOf = (content: string | Uint8Array): Buffer => Crypto.createHash("sha256").update(content).digest()

/** Numbers from 0 to 1 that depend on a text alone, as many as are wanted. */
const numbersOf = (seed: string): (() => number) => {
  let state = hashOf(seed).readUInt32BE()
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61))
    return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A vector of length 1. */
export const vectorOf = (seed: string): ReadonlyArray<number> => {
  const next = numbersOf(seed)
  const raw = Array.from({ length: dimensions }, () => next() * 2 - 1)
  const length = Math.hypot(...raw)
  return raw.map((value) => Number((value / length).toFixed(8)))
}

/** How sure a model could be of each number. */
const uncertaintyOf = (seed: string): ReadonlyArray<number> => {
  const next = numbersOf(`uncertainty ${seed}`)
  return Array.from({ length: dimensions }, () => Number((next() / 10).toFixed(8)))
}

/** How media are cut. */
export type Cut =
  | { readonly strategy: "fixed"; readonly seconds: number }
  | { readonly strategy: "dynamic"; readonly minSeconds: number }

/** A part of media, in seconds. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The segments of a part of media. Where dynamic ones end depends on the media. */
export const segmentsOf = (key: string, { end, start }: Span, cut: Cut): ReadonlyArray<Span> => {
  const next = numbersOf(`segments ${key}`)
  const lengthOf = () => (cut.strategy === "fixed" ? cut.seconds : Math.ceil(cut.minSeconds * (1 + 2 * next())))
  const shortest = cut.strategy === "fixed" ? 0 : cut.minSeconds
  const segments: Array<Span> = []
  for (let at = start; at < end;) {
    const planned = Math.min(end, at + lengthOf())
    const until = end - planned < shortest ? end : planned
    segments.push({ start: at, end: until })
    at = until
  }
  return segments
}

/** Which vectors of audio or video are wanted. */
export interface TimedPlan {
  readonly model: string
  /** What stands for the content. */
  readonly key: string
  readonly part: Span
  readonly cut: Cut
  readonly options: ReadonlyArray<string>
  readonly scopes: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly uncertainty: boolean
}

/** The vectors of audio or video: for each span, one for each option, and one for all of them together. */
export const timedVectors = (plan: TimedPlan): ReadonlyArray<Embedding.Vector> => {
  const { key, model, options, part, scopes, types, uncertainty } = plan
  const kinds = [
    ...(types.includes("separate_embedding") ? options : []),
    ...(types.includes("fused_embedding") ? ["fused"] : [])
  ]
  const clips = scopes.some((scope) => scope !== "asset") ? segmentsOf(key, part, plan.cut) : []
  const spans = [
    ...clips.map((span) => ({ scope: "clip", ...span })),
    ...(scopes.includes("asset") ? [{ scope: "asset", ...part }] : [])
  ]
  return spans.flatMap(({ end, scope, start }) =>
    kinds.map((option) => ({
      ...vector(`${model} ${key} ${option} ${scope} ${start}-${end}`, uncertainty),
      option,
      scope,
      startSeconds: start,
      endSeconds: end
    }))
  )
}

/** A vector of something that has no parts. */
export const vector = (seed: string, uncertainty: boolean): Embedding.Vector => ({
  embedding: vectorOf(seed),
  uncertainty: uncertainty ? uncertaintyOf(seed) : undefined,
  option: undefined,
  scope: undefined,
  startSeconds: undefined,
  endSeconds: undefined,
  startPage: undefined,
  endPage: undefined
})
