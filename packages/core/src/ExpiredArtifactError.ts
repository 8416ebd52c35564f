/**
 * What is said of a link that was fetched too late.
 */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * A link to a table or an image is past its time.
 *
 * `detectedBy` says who noticed: `"clock"` (ours, before asking) or `"store"` (its answer). `url` is without query, since
 * a signed one is a secret.
 */
export class ExpiredArtifactError extends Schema.TaggedError<ExpiredArtifactError>()("ExpiredArtifactError", {
  name: Schema.String,
  url: Schema.String,
  expiresAt: Schema.optionalKey(Schema.DateTimeUtcFromMillis),
  detectedBy: Schema.Literals(["clock", "store"])
}) {
  /** The same link stays expired; a fresh one must be asked for. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const since = this.expiresAt === undefined ? "" : ` on ${DateTime.formatIso(this.expiresAt)}`
    const by = this.detectedBy === "clock" ? "by this machine's clock" : "says its store"
    return `the link to ${this.name} expired${since}, ${by} (${this.url}); ask for a fresh link`
  }
}
