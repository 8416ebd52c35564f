/**
 * What is said when an answer is not the value that was asked for.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/** How much of an answer's text an error carries, in UTF-16 units. */
export const maxErrorText = 65_536

const whatHappened = {
  Incomplete: "the answer was cut short",
  NotJson: "the answer is not JSON",
  WrongShape: "the answer does not fit the schema"
} as const

/**
 * The vendor answered, and well, but there is no value in the answer.
 *
 * - `Incomplete`: the answer was cut, so its JSON may end anywhere. Ask for less, or allow more tokens.
 * - `NotJson`: the text of the answer is not JSON, or there is none.
 * - `WrongShape`: it is JSON, and the schema does not decode it.
 *
 * `issue` says what is wrong and where, and so does the message: without a word of the answer, but for the names in it that a
 * schema leaves open. `text` is the answer's text, its
 * first 65,536 UTF-16 units; `textLength` is how long it was. It is what the model wrote, so mind it in logs. `ids` holds the
 * vendor's ids (a response, a session), for looking the answer up or going on with the conversation.
 */
export class StructuredOutputError extends Schema.TaggedError<StructuredOutputError>()("StructuredOutputError", {
  reason: Schema.Literals(["Incomplete", "NotJson", "WrongShape"]),
  issue: Schema.String,
  text: Schema.String,
  textLength: Schema.Number,
  ids: Schema.Record(Schema.String, Schema.String)
}) {
  /** Whether asking again may bring a value: a model answers differently each time, but as long as it is cut it is cut. */
  get isRetryable(): boolean {
    return this.reason !== "Incomplete"
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const ids = Object.entries(this.ids)
      .map(([name, id]) => `, ${name} ${id}`)
      .join("")
    return `twelvelabs: ${whatHappened[this.reason]} (${this.reason}, ${this.textLength} characters${ids}): ${this.issue}`
  }
}
