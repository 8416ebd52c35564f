/**
 * The response object on the wire, and how it becomes the public one.
 *
 * The schemas only check (what they decode is what they encode), so that a value that passed is read as it came: nothing is
 * copied, and what the schemas do not know stays reachable.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Annotation } from "../Citation.ts"
import type { CollectionId, ItemId, KnowledgeStoreId, OutputItemId, ResponseId, SessionId } from "../Ids.ts"
import type { ContentPart, OutputItem } from "../OutputItem.ts"
import type { Response, Status } from "../Response.ts"
import { openUnion, typeOf } from "./passing.ts"

/** A field that may be absent and may be null. */
export const optional = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

const text = optional(Schema.String)
const number = optional(Schema.Number)

const marked = { start_index: Schema.Number, end_index: Schema.Number, title: text }

const VideoCitation = Schema.Struct({
  ...marked,
  item_id: text,
  start_sec: number,
  end_sec: number,
  thumbnail_url: text,
  hls_url: text
})
const ImageCitation = Schema.Struct({ ...marked, item_id: text, thumbnail_url: text })
const CollectionCitation = Schema.Struct({ ...marked, collection_id: text })
const UrlCitation = Schema.Struct({ ...marked, url: text })

const AnyAnnotation = openUnion({
  video_citation: VideoCitation,
  image_citation: ImageCitation,
  collection_citation: CollectionCitation,
  url_citation: UrlCitation
})

const OutputText = Schema.Struct({ text: Schema.String, annotations: optional(Schema.Array(AnyAnnotation)) })

/** A content part. */
export const AnyPart: Schema.Codec<unknown> = openUnion({ output_text: OutputText })

const item = { id: text, status: text }

const Message = Schema.Struct({ ...item, role: text, phase: text, content: optional(Schema.Array(AnyPart)) })
const FunctionCall = Schema.Struct({ ...item, name: text, call_id: text, arguments: text })
const FunctionCallOutput = Schema.Struct({ ...item, call_id: text, output: text })
const WebSearchCall = Schema.Struct({
  ...item,
  action: optional(
    Schema.Struct({ type: text, queries: optional(Schema.Array(Schema.String)), url: text, pattern: text })
  )
})

/** An output item. */
export const AnyItem: Schema.Codec<unknown> = openUnion({
  message: Message,
  function_call: FunctionCall,
  function_call_output: FunctionCallOutput,
  "jockey:web_search": WebSearchCall
})

/** A response. */
export const ResponseWire = Schema.Struct({
  id: text,
  status: text,
  incomplete_details: optional(Schema.Struct({ reason: text })),
  knowledge_store_id: text,
  session_id: text,
  output: optional(Schema.Array(AnyItem)),
  usage: optional(Schema.Struct({ input_tokens: number, output_tokens: number })),
  // Nothing depends on it, so nothing may fail over it.
  created_at: Schema.optionalKey(Schema.Unknown),
  model: text,
  metadata: optional(Schema.Record(Schema.String, Schema.Unknown))
})

/** What `null` and an absent field are to a user. */
export const present = <A>(value: A | null | undefined): A | undefined => value ?? undefined

const annotationFrom = (json: unknown): Annotation => {
  const type = typeOf(json)
  switch (type) {
    case "video_citation": {
      const wire = json as typeof VideoCitation.Type
      return {
        _tag: "VideoCitation",
        startIndex: wire.start_index,
        endIndex: wire.end_index,
        itemId: present(wire.item_id) as ItemId | undefined,
        startSeconds: present(wire.start_sec),
        endSeconds: present(wire.end_sec),
        title: present(wire.title),
        thumbnailUrl: present(wire.thumbnail_url),
        hlsUrl: present(wire.hls_url)
      }
    }
    case "image_citation": {
      const wire = json as typeof ImageCitation.Type
      return {
        _tag: "ImageCitation",
        startIndex: wire.start_index,
        endIndex: wire.end_index,
        itemId: present(wire.item_id) as ItemId | undefined,
        title: present(wire.title),
        thumbnailUrl: present(wire.thumbnail_url)
      }
    }
    case "collection_citation": {
      const wire = json as typeof CollectionCitation.Type
      return {
        _tag: "CollectionCitation",
        startIndex: wire.start_index,
        endIndex: wire.end_index,
        collectionId: present(wire.collection_id) as CollectionId | undefined,
        title: present(wire.title)
      }
    }
    case "url_citation": {
      const wire = json as typeof UrlCitation.Type
      return {
        _tag: "UrlCitation",
        startIndex: wire.start_index,
        endIndex: wire.end_index,
        url: present(wire.url),
        title: present(wire.title)
      }
    }
    default: {
      const { end_index, start_index } = Object(json) as {
        readonly start_index?: unknown
        readonly end_index?: unknown
      }
      return {
        _tag: "UnknownAnnotation",
        type,
        startIndex: typeof start_index === "number" ? start_index : undefined,
        endIndex: typeof end_index === "number" ? end_index : undefined,
        raw: json
      }
    }
  }
}

/** Reads a part that passed {@link AnyPart}. */
export const partFrom = (json: unknown): ContentPart => {
  const type = typeOf(json)
  if (type !== "output_text") return { _tag: "UnknownPart", type, raw: json }
  const wire = json as typeof OutputText.Type
  return { _tag: "OutputText", text: wire.text, annotations: (wire.annotations ?? []).map(annotationFrom) }
}

/** Reads an item that passed {@link AnyItem}. */
export const itemFrom = (json: unknown): OutputItem => {
  const type = typeOf(json)
  switch (type) {
    case "message": {
      const wire = json as typeof Message.Type
      return {
        _tag: "Message",
        ...itemFields(wire),
        role: present(wire.role),
        phase: present(wire.phase),
        content: (wire.content ?? []).map(partFrom)
      }
    }
    case "function_call": {
      const wire = json as typeof FunctionCall.Type
      return {
        _tag: "FunctionCall",
        ...itemFields(wire),
        name: present(wire.name),
        callId: present(wire.call_id),
        arguments: present(wire.arguments)
      }
    }
    case "function_call_output": {
      const wire = json as typeof FunctionCallOutput.Type
      return {
        _tag: "FunctionCallOutput",
        ...itemFields(wire),
        callId: present(wire.call_id),
        output: present(wire.output)
      }
    }
    case "jockey:web_search": {
      const wire = json as typeof WebSearchCall.Type
      const action = present(wire.action)
      return {
        _tag: "WebSearchCall",
        ...itemFields(wire),
        action: action && {
          type: present(action.type),
          queries: present(action.queries),
          url: present(action.url),
          pattern: present(action.pattern)
        }
      }
    }
    default: {
      const { id } = Object(json) as { readonly id?: unknown }
      return { _tag: "UnknownItem", type, id: typeof id === "string" ? (id as OutputItemId) : undefined, raw: json }
    }
  }
}

const itemFields = (wire: { readonly id?: string | null; readonly status?: string | null }) => ({
  id: present(wire.id) as OutputItemId | undefined,
  status: present(wire.status)
})

/**
 * Reads a response that passed {@link ResponseWire}.
 *
 * @param status what its status is when it does not say
 */
export const responseFrom = (wire: typeof ResponseWire.Type, status?: Status): Response => {
  const incomplete = present(wire.incomplete_details)
  const usage = present(wire.usage)
  return {
    id: present(wire.id) as ResponseId | undefined,
    status: wire.status ?? status,
    incompleteDetails: incomplete && { reason: present(incomplete.reason) },
    knowledgeStoreId: present(wire.knowledge_store_id) as KnowledgeStoreId | undefined,
    sessionId: present(wire.session_id) as SessionId | undefined,
    output: (wire.output ?? []).map(itemFrom),
    usage: usage && { inputTokens: present(usage.input_tokens), outputTokens: present(usage.output_tokens) },
    createdAt: timeFrom(wire.created_at),
    model: present(wire.model),
    metadata: present(wire.metadata),
    raw: wire
  }
}

/** RFC 3339, also without an offset (the vendor's times are UTC), or seconds since the epoch. */
const timeFrom = (value: unknown): DateTime.Utc | undefined => {
  if (typeof value === "number") return Option.getOrUndefined(DateTime.make(value * 1000))
  if (typeof value !== "string") return undefined
  const withOffset = /(?:z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`
  return Option.getOrUndefined(Option.map(DateTime.make(withOffset), DateTime.toUtc))
}
