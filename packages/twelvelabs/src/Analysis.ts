/**
 * What an analysis of a video comes to: a text, and whether it is whole.
 */

/**
 * Why the text ends. `"length"` is an outcome, not a failure: the text was cut at the limit of tokens, and JSON in it is not
 * whole. Only with `"stop"` is it all that there was to say.
 */
export type FinishReason = "stop" | "length" | (string & {})

/**
 * What an analysis cost, in tokens.
 */
export interface Usage {
  /** Often not told. */
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

/**
 * An analysis.
 */
export interface Analysis {
  /** The vendor's id of it, for its support. */
  readonly id: string | undefined
  /** The answer. With a JSON Schema it is JSON, to be parsed only when `finishReason` is `"stop"`. */
  readonly text: string
  readonly finishReason: FinishReason | undefined
  readonly usage: Usage | undefined
  /** What the vendor says about a text that was cut. */
  readonly warning: string | undefined
  /** What brought the end as it came, with the fields that this version does not know: the JSON document, or the last line. */
  readonly raw: unknown
}
