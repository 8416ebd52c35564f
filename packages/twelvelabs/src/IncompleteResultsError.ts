/**
 * What is said when fewer results came than there are items.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The results of a batch ended before all items were told of. The vendor marks no end, so a body that was cut between two lines
 * looks like a whole one; only the number of its items tells.
 *
 * `expected` is how many items there are, `received` how many came.
 */
export class IncompleteResultsError extends Schema.TaggedError<IncompleteResultsError>()("IncompleteResultsError", {
  expected: Schema.Number,
  received: Schema.Number
}) {
  /** Asking again changes nothing at the vendor. */
  get isRetryable(): boolean {
    return true
  }
  /** The vendor does not say. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    return `twelvelabs: the results of the batch are incomplete: ${this.received} of ${this.expected} items came; ask for them again`
  }
}
