/**
 * Lists of tasks that make embeddings, which are the same for tasks of both kinds.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import * as Wire from "./wire.ts"

/** What a list is asked with. */
export const Query = Schema.Struct({
  ...Wire.listQuery,
  startedAt: Schema.optional(Schema.DateTimeUtcFromString),
  endedAt: Schema.optional(Schema.DateTimeUtcFromString),
  status: Schema.optional(Schema.String)
}).pipe(Schema.encodeKeys({ ...Wire.listKeys, startedAt: "started_at", endedAt: "ended_at" }))

/** What a task in a list says about one kind of content. */
export const Described = Schema.Struct({ metadata: WireSchema.maybe(Wire.Metadata) })
