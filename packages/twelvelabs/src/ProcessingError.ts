/**
 * What is said when the vendor worked on something and failed.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The vendor gave something up that was waited for: an asset that it cannot read, a task that failed or was canceled. It will
 * not become ready by waiting longer.
 *
 * `subject` is what it is (`"asset"`, `"knowledge store item"`, `"analysis task"` …), `id` which one, `status` the vendor's word for
 * where it stands, `detail` the vendor's reason, where it gives one.
 */
export class ProcessingError extends Schema.TaggedError<ProcessingError>()("ProcessingError", {
  subject: Schema.String,
  id: Schema.String,
  status: Schema.String,
  detail: Schema.optionalKey(Schema.String)
}) {
  /** Waiting again brings the same. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const detail = this.detail === undefined ? "" : `: ${this.detail}`
    return `twelvelabs: the ${this.subject} ${this.id} will not be ready, its status is ${this.status}${detail}`
  }
}
