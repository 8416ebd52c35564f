/**
 * What requests for an analysis have in common, checked and put on the wire: where a video is, a prompt with images, a window.
 *
 * The bodies are written by hand and not by schemas: that costs a program less to load, and a base64 text is made once.
 */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { PromptWithImages, ReferenceImage } from "../AnalyzeRequest.ts"
import { AssetId } from "../Ids.ts"
import type { MediaSource } from "../MediaSource.ts"
import { given } from "./given.ts"

/** Fields of an object of the wire. */
export type Fields = Readonly<Record<string, unknown>>

/** What the vendor takes, before it is base64. */
const maxBytes = 30 * 1024 * 1024

const sourceFields = {
  url: Schema.optional(Schema.NonEmptyString),
  assetId: Schema.optional(AssetId.check(Schema.isNonEmpty())),
  bytes: Schema.optional(
    Schema.Uint8Array.check(
      Schema.makeFilter((bytes) => (bytes.length > 0 && bytes.length <= maxBytes) || `1 to ${maxBytes} bytes`)
    )
  )
} as const

const hasOneSource = Schema.makeFilter(
  ({ assetId, bytes, url }: { readonly url?: unknown; readonly assetId?: unknown; readonly bytes?: unknown }) =>
    [url, assetId, bytes].filter((place) => place !== undefined).length === 1 || "exactly one of url, assetId, bytes"
)

/** Where a video is. */
export const Source = Schema.Struct(sourceFields).check(hasOneSource)

/** An image that a prompt refers to. */
const Image = Schema.Struct({ ...sourceFields, name: Schema.NonEmptyString }).check(hasOneSource)

/** The images of a prompt, or of a definition. */
export const Images = Schema.Array(Image).check(Schema.isMaxLength(4))

/** A prompt. */
export const Prompt = Schema.Union([
  Schema.NonEmptyString,
  Schema.Struct({ text: Schema.NonEmptyString, images: Schema.optional(Images) })
])

const Seconds = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** A part of a video. */
export const windowFields = { startSeconds: Schema.optional(Seconds), endSeconds: Schema.optional(Seconds) } as const

/** Its ends are in order. */
export const isWindow = Schema.makeFilter(
  ({
    endSeconds,
    startSeconds
  }: {
    readonly startSeconds?: number | undefined
    readonly endSeconds?: number | undefined
  }) => startSeconds === undefined || endSeconds === undefined || startSeconds < endSeconds || endsBeforeStart
)

const endsBeforeStart = { path: ["endSeconds"], issue: "more than startSeconds" }

export const Temperature = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

export const MaxTokens = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

export const Extra = Schema.Record(Schema.String, Schema.Unknown)

const sourceOf = ({ assetId, bytes, url }: MediaSource): Fields =>
  url !== undefined
    ? { url }
    : assetId !== undefined
      ? { asset_id: assetId }
      : { base64_string: Base64.encode(bytes ?? new Uint8Array(0)) }

/** A video on the wire. */
export const videoOf = (source: MediaSource): Fields => {
  const type = source.url !== undefined ? "url" : source.assetId !== undefined ? "asset_id" : "base64_string"
  return { type, ...sourceOf(source) }
}

/** Images on the wire. */
export const imagesOf = (images: ReadonlyArray<ReferenceImage> | undefined): ReadonlyArray<Fields> | undefined =>
  images?.map((image) => ({ name: image.name, media_type: "image", ...sourceOf(image) }))

/** A prompt as the object that it is where it may have images. */
export const promptObject = (prompt: string | PromptWithImages): Fields =>
  typeof prompt === "string"
    ? { input_text: prompt }
    : given({ input_text: prompt.text, media_sources: imagesOf(prompt.images) })

/** A prompt where one with images goes by another name. */
export const promptFields = (prompt: string | PromptWithImages | undefined): Fields =>
  prompt === undefined ? {} : typeof prompt === "string" ? { prompt } : { prompt_v2: promptObject(prompt) }

/** The format of JSON by a schema. */
export const jsonSchemaFormat = (jsonSchema: object | undefined): Fields | undefined =>
  jsonSchema && { type: "json_schema", json_schema: jsonSchema }

/** Checks a request, and says in one line what is wrong with it; what stands there is nobody's business. */
export const checkedBy = (schema: Schema.Codec<unknown>): ((request: unknown) => Result.Result<void, string>) => {
  const check = Schema.decodeUnknownResult(schema)
  return (request) =>
    Result.mapBoth(check(request), {
      onSuccess: () => undefined,
      onFailure: ({ message }) => message.replaceAll(/\s+/g, " ")
    })
}
