/**
 * What tasks and batches have in common on the wire.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"

/** What a task has found. */
export const AnalysisResult = Schema.Struct({
  id: WireSchema.maybe(Schema.String),
  /** The answer: a text, or JSON as a text. */
  text: Schema.String,
  finishReason: WireSchema.maybe(WireSchema.openEnum("stop", "length")),
  usage: WireSchema.maybe(
    Schema.Struct({
      inputTokens: WireSchema.maybe(Schema.Finite),
      outputTokens: WireSchema.maybe(Schema.Finite)
    }).pipe(Schema.encodeKeys({ inputTokens: "input_tokens", outputTokens: "output_tokens" }))
  )
}).pipe(Schema.encodeKeys({ id: "generation_id", text: "data", finishReason: "finish_reason" }))

/** How the vendor's notices to a webhook fare. */
export const WebhookInfo = Schema.Struct({
  url: WireSchema.maybe(Schema.String),
  delivered: WireSchema.maybe(Schema.Boolean),
  attempts: WireSchema.maybe(Schema.Finite),
  lastError: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ lastError: "last_error" }))
