/**
 * What a client says when it cannot be made: before anything is sent, and in terms of what to change.
 */
import * as Schema from "effect/Schema"

/**
 * A setting is missing or cannot be used. Its value is in no field and in no message: it may be a secret in the wrong place.
 *
 * `setting` is the option's name, `variable` the environment variable that it is read from, if it is, and `issue` says what
 * is wrong and what to do.
 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>()("ConfigurationError", {
  vendor: Schema.String,
  setting: Schema.String,
  variable: Schema.optionalKey(Schema.String),
  issue: Schema.String
}) {
  override get message(): string {
    const variable = this.variable === undefined ? "" : ` (${this.variable})`
    return `${this.vendor}: the option ${this.setting}${variable} ${this.issue}`
  }
}
