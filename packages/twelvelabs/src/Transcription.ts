/**
 * What is said in an asset, with the times at which it is said.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"

/**
 * How a transcription is cut.
 */
export type Segmentation = "words" | "sentences" | "utterances"

/**
 * A word or a sentence.
 */
export const Segment = Schema.Struct({
  /** From the beginning of the asset. */
  startSeconds: Schema.Finite,
  endSeconds: Schema.Finite,
  /** What is said. */
  value: Schema.String
}).pipe(Schema.encodeKeys({ startSeconds: "start", endSeconds: "end" }))

/** A word or a sentence. */
export type Segment = typeof Segment.Type

/**
 * What one speaker says in one go.
 */
export const Utterance = Schema.Struct({
  /** From the beginning of the asset. */
  startSeconds: Schema.Finite,
  endSeconds: Schema.Finite,
  /** What is said. */
  value: Schema.String,
  speaker: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ startSeconds: "start", endSeconds: "end" }))

/** What one speaker says in one go. */
export type Utterance = typeof Utterance.Type

/**
 * A transcription, or how far the vendor is with it. It need not have every segmentation that was asked for.
 */
export const Transcription = Schema.Struct({
  status: WireSchema.openEnum("pending", "processing", "ready", "failed"),
  words: WireSchema.maybe(Schema.Array(Segment)),
  sentences: WireSchema.maybe(Schema.Array(Segment)),
  utterances: WireSchema.maybe(Schema.Array(Utterance)),
  /** Why there is none, when it failed. The text is for people. */
  error: WireSchema.maybe(Schema.Struct({ message: WireSchema.maybe(Schema.String) }))
})

/** A transcription, or how far the vendor is with it. */
export type Transcription = typeof Transcription.Type
