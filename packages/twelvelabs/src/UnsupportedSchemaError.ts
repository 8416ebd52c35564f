/**
 * What is said when a schema asks for what the vendor cannot give.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * A schema has something that the endpoint refuses or, worse, ignores. It is found before anything is sent.
 *
 * `dialect` is the endpoint's dialect of JSON Schema, `path` a JSON pointer to the place in the JSON Schema (such as
 * `/properties/title`; empty for the root), `keyword` what is unfit there, and `issue` says why and what to use instead.
 */
export class UnsupportedSchemaError extends Schema.TaggedError<UnsupportedSchemaError>()("UnsupportedSchemaError", {
  dialect: Schema.Literals(["responses", "enrichment", "analyze"]),
  path: Schema.String,
  keyword: Schema.String,
  issue: Schema.String
}) {
  /** The same schema stays unfit. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const where = this.path === "" ? "at the root" : `at ${this.path}`
    return `twelvelabs: the schema does not fit the dialect "${this.dialect}", ${this.keyword} ${where}: ${this.issue}`
  }
}
