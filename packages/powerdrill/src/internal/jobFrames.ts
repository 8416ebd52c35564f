/**
 * How each event of a streamed job is read, by its name.
 */
import * as Protocol from "@effect-sse/core/Protocol"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { JobId } from "../Ids.ts"
import type * as JobEvent from "../JobEvent.ts"
import * as Contents from "./contents.ts"

/** Reads an event's data: the event, or what is wrong with it. */
export type Reader = (data: string) => JobEvent.JobEvent | Protocol.Signal

/** Reads an event whose data is JSON, once that is parsed. */
type JsonReader = (json: unknown) => JobEvent.JobEvent | Protocol.Signal

/** JSON that nothing is known of, or the signal that it is none. */
export type Parsed = Protocol.Signal | object | string | number | boolean | null

/** `JSON.parse`, or the signal that says why not. On the hot path, so without a wrapper around the result. */
export const parseJson = (data: string): Parsed => {
  try {
    return JSON.parse(data) as Parsed
  } catch (error) {
    return Protocol.malformed("json", error instanceof Error ? error.message : "not JSON")
  }
}

const schemaOf = <C, I>(content: Schema.Codec<C, I>) =>
  Schema.Struct({
    // One choice is all that was ever seen; the first one is all that counts.
    choices: Schema.TupleWithRest(Schema.Tuple([Schema.Struct({ delta: Schema.Struct({ content }) })]), [
      Schema.Unknown
    ]),
    created: Schema.optionalKey(Schema.Unknown),
    ...Contents.placeFields
  })

const createdOf = (value: unknown): number | undefined => {
  if (typeof value === "number") return value
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** An event in the usual envelope. */
const enveloped = <C, I>(
  content: Schema.Codec<C, I>,
  make: (content: C, envelope: JobEvent.Envelope) => JobEvent.JobEvent
): JsonReader => {
  const decode = Schema.decodeUnknownResult(schemaOf(content))
  return (json) => {
    const decoded = decode(json)
    if (Result.isFailure(decoded)) return Protocol.malformed("schema", decoded.failure.message)
    const wire = decoded.success as Contents.PlaceFields & {
      readonly choices: readonly [{ readonly delta: { readonly content: C } }]
      readonly created?: unknown
    }
    return make(wire.choices[0].delta.content, { ...Contents.placeOf(wire), created: createdOf(wire.created) })
  }
}

const anything = Schema.optionalKey(Schema.Unknown)

const Task = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  name: anything,
  parent_id: anything,
  stage: anything,
  properties: anything
})

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

const { text } = Contents

const jsonReaders: ReadonlyMap<string, JsonReader> = new Map([
  ["MESSAGE", enveloped(Schema.String, (text, envelope) => ({ _tag: "Message", text, ...envelope }))],
  ["CODE", enveloped(Schema.String, (code, envelope) => ({ _tag: "Code", code, ...envelope }))],
  ["TABLE", enveloped(Contents.Link, (link, envelope) => ({ _tag: "Table", ...Contents.linkOf(link), ...envelope }))],
  ["IMAGE", enveloped(Contents.Link, (link, envelope) => ({ _tag: "Image", ...Contents.linkOf(link), ...envelope }))],
  [
    "SOURCES",
    enveloped(Contents.Sources, (sources, envelope) => ({
      _tag: "Sources",
      sources: sources.map(Contents.sourceOf),
      ...envelope
    }))
  ],
  [
    "QUESTIONS",
    enveloped(Contents.Questions, (questions, envelope) => ({ _tag: "Questions", questions, ...envelope }))
  ],
  [
    "CHART_INFO",
    enveloped(Contents.ChartInfo, (chart, envelope) => ({ _tag: "ChartInfo", ...Contents.chartOf(chart), ...envelope }))
  ],
  [
    "TASK",
    enveloped(Task, (task, envelope) => {
      const properties = recordOf(task.properties)
      return {
        _tag: "Task",
        taskId: task.id,
        name: text(task.name) ?? "",
        status: task.status,
        parentId: text(task.parent_id),
        files: text(properties["files"]),
        properties,
        ...envelope,
        stage: text(task.stage) ?? envelope.stage
      }
    })
  ],
  [
    "TRIGGER",
    enveloped(Schema.Struct({ name: Schema.String, arguments: anything }), (trigger, envelope) => ({
      _tag: "Trigger",
      name: trigger.name,
      arguments: trigger.arguments,
      ...envelope
    }))
  ],
  [
    "PROCESS",
    enveloped(Schema.Struct({ name: anything, type: anything, status: anything }), (process, envelope) => ({
      _tag: "Process",
      name: text(process.name) ?? "",
      type: text(process.type),
      status: text(process.status),
      ...envelope
    }))
  ],
  ["TAG", enveloped(Schema.String, (text, envelope) => ({ _tag: "Tag", text, ...envelope }))],
  ["CHART", enveloped(Schema.Unknown, (content, envelope) => ({ _tag: "Chart", content, ...envelope }))]
])

const textReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    "JOB_ID",
    (data) =>
      data.trim() === ""
        ? Protocol.malformed("schema", "the job's id is empty")
        : { _tag: "JobId", jobId: JobId.make(data.trim()) }
  ],
  ["AI_MESSAGE_ID", (data) => ({ _tag: "AiMessageId", id: data.trim() })],
  ["TITLE_GENERATION", (data) => ({ _tag: "TitleGeneration", title: data })]
])

/** Reads an event whose data is a text that must not be taken for JSON; `undefined` for any other name. */
export const readText = (name: string, data: string): JobEvent.JobEvent | Protocol.Signal | undefined =>
  textReaders.get(name)?.(data)

/** Reads an event whose data was parsed. Without a reader for its name it is an unknown one. */
export const readJson = (name: string, json: unknown): JobEvent.JobEvent | Protocol.Signal =>
  jsonReaders.get(name)?.(json) ?? { _tag: "Unknown", name, raw: json }

/** Whether an event of this name must be JSON. */
export const isJson = (name: string): boolean => jsonReaders.has(name)
