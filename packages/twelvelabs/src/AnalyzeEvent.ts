/**
 * The events of a streamed analysis, from the vendor's reference of `POST /analyze`.
 *
 * | event | on the wire | brings |
 * |---|---|---|
 * | `Started` | `stream_start` | the id |
 * | `Text` | `text_generation` | a fragment of the text |
 * | `Ended` | `stream_end` | why the text ends, and what it cost |
 * | `Unknown` | anything else | the line as it came |
 *
 * An error in the stream is no event: the stream fails with an `ApiError`.
 */
import type { FinishReason, Usage } from "./Analysis.ts"

/** The first event: the analysis has an id. */
export interface Started {
  readonly _tag: "Started"
  readonly id: string | undefined
}

/** A fragment of the text, cut anywhere: within a word, or a number. */
export interface Text {
  readonly _tag: "Text"
  readonly delta: string
}

/** The last event. */
export interface Ended {
  readonly _tag: "Ended"
  readonly id: string | undefined
  readonly finishReason: FinishReason | undefined
  readonly usage: Usage | undefined
  /** What the vendor says about a text that was cut. */
  readonly warning: string | undefined
  /** The line's JSON as it came. */
  readonly raw: unknown
}

/** An event that this version does not know. */
export interface Unknown {
  readonly _tag: "Unknown"
  /** The vendor's `event_type`, when it is a text. */
  readonly type: string | undefined
  /** The line's JSON as it came. */
  readonly raw: unknown
}

/** An event of a streamed analysis. */
export type AnalyzeEvent = Started | Text | Ended | Unknown
