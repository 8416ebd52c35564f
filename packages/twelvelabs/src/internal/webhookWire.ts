/**
 * The events of webhooks on the wire. A delivery that cannot be read comes again and again, so only what makes it an event at
 * all must be there; the rest is taken as far as it is what is documented.
 */
import { ParseError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AnalysisTaskId, TaskId, WebhookEventId } from "../Ids.ts"
import { vendor } from "../Vendor.ts"
import type { AnalyzeTaskData, IndexTaskData, WebhookEvent } from "../WebhookEvent.ts"

type Fields = Readonly<Record<string, unknown>>

const Event = Schema.fromJsonString(
  Schema.StructWithRest(Schema.Struct({ type: Schema.String }), [Schema.Record(Schema.String, Schema.Unknown)])
)
const decode = Schema.decodeUnknownEffect(Event)

/** Reads a value as far as it fits. */
const lenient = <A, I>(schema: Schema.Codec<A, I>): ((value: unknown) => A | undefined) => {
  const read = Schema.decodeUnknownOption(schema)
  return (value) => Option.getOrUndefined(read(value))
}

const text = lenient(Schema.String)
const number = lenient(Schema.Finite)
const object = lenient(Schema.Record(Schema.String, Schema.Unknown))
const array = lenient(Schema.Array(Schema.Unknown))
const Time = lenient(Schema.Struct({ time: WireSchema.maybeTime }))
const time = (value: unknown) => Time({ time: value })?.time

const texts = (value: unknown): ReadonlyArray<string> =>
  (array(value) ?? []).flatMap((element) => (typeof element === "string" ? [element] : []))

const indexTask = (data: Fields): IndexTaskData => ({
  taskId: text(data["id"]) as TaskId | undefined,
  status: text(data["status"]),
  durationSeconds: number(object(data["metadata"])?.["duration"]),
  models: (array(data["models"]) ?? []).flatMap((model) => {
    const fields = object(model)
    return fields === undefined ? [] : [{ name: text(fields["name"]), options: texts(fields["options"]) }]
  }),
  tags: texts(data["tags"])
})

const analyzeTask = (data: Fields): AnalyzeTaskData => ({
  taskId: text(data["id"]) as AnalysisTaskId | undefined,
  customId: text(data["custom_id"]),
  status: text(data["status"]),
  createdAt: time(data["created_at"])
})

/** Reads an event. */
export const eventFrom = (body: string): Effect.Effect<WebhookEvent, ParseError> =>
  Effect.mapBoth(decode(body), {
    // Nothing of what was sent is said, as it may be about anybody's videos.
    onFailure: () =>
      new ParseError({
        vendor: vendor.name,
        stage: "content",
        issue: "the webhook's body is signed, and is no JSON object with a text as its type",
        excerpt: ""
      }),
    onSuccess: (raw): WebhookEvent => {
      const { created_at, data, id, type } = raw as typeof raw & Fields
      const told = { id: text(id) as WebhookEventId | undefined, createdAt: time(created_at), raw }
      const fields = object(data) ?? {}
      switch (type) {
        case "index.task.ready":
          return { _tag: "IndexTaskReady", ...told, data: indexTask(fields) }
        case "index.task.failed":
          return { _tag: "IndexTaskFailed", ...told, data: indexTask(fields) }
        case "analyze.task.ready":
          return { _tag: "AnalyzeTaskReady", ...told, data: analyzeTask(fields) }
        case "analyze.task.failed":
          return { _tag: "AnalyzeTaskFailed", ...told, data: analyzeTask(fields) }
        case "analyze.task.canceled":
          return { _tag: "AnalyzeTaskCanceled", ...told, data: analyzeTask(fields) }
        default:
          return { _tag: "Unknown", ...told, type }
      }
    }
  })
