/**
 * The body of `POST /responses` as a schema, for servers. The client writes it by hand, which costs programs less to load.
 */
import * as Schema from "effect/Schema"
import { optional } from "./responseWire.ts"

const Message = Schema.Struct({
  type: Schema.Literal("message"),
  role: Schema.Literal("user"),
  content: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(10_000))
})

const Selection = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("item"), id: Schema.String.check(Schema.isStartingWith("ksi_")) }),
  Schema.Struct({ kind: Schema.Literal("collection"), id: Schema.String.check(Schema.isStartingWith("ksic_")) })
])

const Format = Schema.Union([
  Schema.Struct({ type: Schema.Literal("text") }),
  Schema.Struct({
    type: Schema.Literal("json_schema"),
    name: Schema.String,
    schema: Schema.Record(Schema.String, Schema.Unknown),
    description: optional(Schema.String),
    strict: optional(Schema.Boolean)
  })
])

/** The body of a request for a response. */
export const ResponseBody = Schema.Struct({
  knowledge_store_id: Schema.NonEmptyString,
  input: Schema.NonEmptyArray(Message),
  session_id: optional(Schema.String),
  instructions: optional(Schema.String),
  include: optional(Schema.Array(Schema.Literal("intermediate_outputs"))),
  stream: optional(Schema.Boolean),
  selections: optional(Schema.Array(Selection)),
  text: optional(Schema.Struct({ format: optional(Format) })),
  tools: optional(Schema.Array(Schema.Struct({ type: Schema.String }))),
  model: optional(Schema.String)
})
