/**
 * The events of a response on the wire, and how they become the public ones.
 */
import * as JsonTemplate from "@effect-sse/core/JsonTemplate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { OutputItemId } from "../Ids.ts"
import type { ResponseEvent, TextDelta, WebSearch } from "../ResponseEvent.ts"
import { AnyItem, AnyPart, itemFrom, optional, partFrom, present, responseFrom, ResponseWire } from "./responseWire.ts"

const number = optional(Schema.Number)

const numbered = { sequence_number: number }
const aboutItem = { ...numbered, item_id: optional(Schema.String), output_index: number }
const aboutPart = { ...aboutItem, content_index: number }

const WithResponse = Schema.Struct({ ...numbered, response: ResponseWire })
const WithItem = Schema.Struct({ ...numbered, output_index: number, item: AnyItem })
const WithPart = Schema.Struct({ ...aboutPart, part: AnyPart })
const AboutItem = Schema.Struct(aboutItem)
const Numbered = Schema.Struct(numbered)
const WithDelta = Schema.Struct({ ...aboutPart, delta: Schema.String })
const WithText = Schema.Struct({ ...aboutPart, text: Schema.String })
const WithArguments = Schema.Struct({ ...aboutItem, arguments: Schema.String })

/** Reads an event of a known type, or says what is wrong with it. */
export type EventReader = (json: unknown) => Result.Result<ResponseEvent, Schema.SchemaError>

const reader = <S extends Schema.Codec<unknown>>(
  schema: S,
  toEvent: (wire: S["Type"]) => ResponseEvent
): EventReader => {
  const check = Schema.decodeUnknownResult(schema)
  return (json) => Result.map(check(json), () => toEvent(json as S["Type"]))
}

const sequenceOf = (wire: typeof Numbered.Type) => present(wire.sequence_number)

const itemPlace = (wire: typeof AboutItem.Type) => ({
  sequenceNumber: sequenceOf(wire),
  itemId: present(wire.item_id) as OutputItemId | undefined,
  outputIndex: present(wire.output_index)
})

const partPlace = (wire: Omit<typeof WithPart.Type, "part">) => ({
  ...itemPlace(wire),
  contentIndex: present(wire.content_index)
})

const ending =
  (status: "completed" | "incomplete") =>
  (wire: typeof WithResponse.Type): ResponseEvent => {
    const response = responseFrom(wire.response, status)
    return {
      _tag: response.status === "incomplete" ? "Incomplete" : "Completed",
      sequenceNumber: sequenceOf(wire),
      response
    }
  }

const webSearch = (phase: WebSearch["phase"]) =>
  reader(AboutItem, (wire) => ({ _tag: "WebSearch", ...itemPlace(wire), phase }))

/** The type of the event that nearly all events of a stream are. */
export const textDeltaType = "response.output_text.delta"

/** Builds a text delta of fields that were checked. All of them are named, so that all deltas have one hidden class. */
const textDelta = (wire: typeof WithDelta.Type): TextDelta => ({
  _tag: "TextDelta",
  sequenceNumber: wire.sequence_number ?? undefined,
  itemId: (wire.item_id ?? undefined) as OutputItemId | undefined,
  outputIndex: wire.output_index ?? undefined,
  contentIndex: wire.content_index ?? undefined,
  delta: wire.delta
})

/** The readers of the known events, by type. `response.failed` and `error` are not among them: they are refusals. */
export const readers: ReadonlyMap<string, EventReader> = new Map<string, EventReader>([
  [
    "response.created",
    reader(WithResponse, (wire) => ({
      _tag: "Created",
      sequenceNumber: sequenceOf(wire),
      response: responseFrom(wire.response, "in_progress")
    }))
  ],
  [
    "response.in_progress",
    reader(WithResponse, (wire) => ({
      _tag: "InProgress",
      sequenceNumber: sequenceOf(wire),
      response: responseFrom(wire.response, "in_progress")
    }))
  ],
  [
    "response.output_item.added",
    reader(WithItem, (wire) => ({
      _tag: "OutputItemAdded",
      sequenceNumber: sequenceOf(wire),
      outputIndex: present(wire.output_index),
      item: itemFrom(wire.item)
    }))
  ],
  [
    "response.content_part.added",
    reader(WithPart, (wire) => ({ _tag: "ContentPartAdded", ...partPlace(wire), part: partFrom(wire.part) }))
  ],
  [textDeltaType, reader(WithDelta, textDelta)],
  [
    "response.output_text.done",
    reader(WithText, (wire) => ({ _tag: "TextDone", ...partPlace(wire), text: wire.text }))
  ],
  [
    "response.content_part.done",
    reader(WithPart, (wire) => ({ _tag: "ContentPartDone", ...partPlace(wire), part: partFrom(wire.part) }))
  ],
  [
    "response.function_call_arguments.done",
    reader(WithArguments, (wire) => ({
      _tag: "FunctionCallArgumentsDone",
      ...itemPlace(wire),
      arguments: wire.arguments
    }))
  ],
  [
    "response.output_item.done",
    reader(WithItem, (wire) => ({
      _tag: "OutputItemDone",
      sequenceNumber: sequenceOf(wire),
      outputIndex: present(wire.output_index),
      item: itemFrom(wire.item)
    }))
  ],
  ["response.completed", reader(WithResponse, ending("completed"))],
  ["response.incomplete", reader(WithResponse, ending("incomplete"))],
  ["jockey:web_search.in_progress", webSearch("in_progress")],
  ["jockey:web_search.searching", webSearch("searching")],
  ["jockey:web_search.completed", webSearch("completed")],
  ["keepalive", reader(Numbered, (wire) => ({ _tag: "KeepAlive", sequenceNumber: sequenceOf(wire) }))]
])

const isNumberOrAbsent = (value: unknown): value is number | undefined =>
  value === undefined || typeof value === "number"

/**
 * Recognises a text delta without its schema, at a twentieth of the cost. It is sure or it gives up: what it takes, the
 * schema takes too and reads as the same event.
 */
export const guardTextDelta = (json: unknown): TextDelta | undefined => {
  if (typeof json !== "object" || json === null) return undefined
  const wire = json as Readonly<Record<string, unknown>>
  return wire["type"] === textDeltaType &&
    typeof wire["delta"] === "string" &&
    isNumberOrAbsent(wire["sequence_number"]) &&
    isNumberOrAbsent(wire["output_index"]) &&
    isNumberOrAbsent(wire["content_index"]) &&
    (wire["item_id"] === undefined || typeof wire["item_id"] === "string")
    ? textDelta(wire as typeof WithDelta.Type)
    : undefined
}

const fields: JsonTemplate.Fields = { text: "delta", number: "sequence_number" }

const alike: JsonTemplate.Build<TextDelta> = ({ contentIndex, itemId, outputIndex }, delta, sequenceNumber) => ({
  _tag: "TextDelta",
  sequenceNumber,
  itemId,
  outputIndex,
  contentIndex,
  delta
})

/** For the text deltas of one stream, of which each is like the one before but for its number and its text. */
export const textDeltaTemplate = (): JsonTemplate.JsonTemplate<TextDelta> => JsonTemplate.make(fields, alike)
