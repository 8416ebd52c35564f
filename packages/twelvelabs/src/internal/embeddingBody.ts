/**
 * What embeddings are asked for with, as the wire has it.
 */
import * as Schema from "effect/Schema"
import type * as EmbeddingInput from "../EmbeddingInput.ts"
import { AssetId } from "../Ids.ts"

/** What the vendor takes, before it is base64. */
const maxBytes = 36 * 1024 * 1024

const sourceFields = {
  url: Schema.optional(Schema.String),
  assetId: Schema.optional(AssetId),
  bytes: Schema.optional(
    Schema.Uint8ArrayFromBase64.check(
      Schema.makeFilter((bytes) => bytes.length <= maxBytes, { expected: `at most ${maxBytes} bytes` })
    )
  )
} as const

const sourceKeys = { assetId: "asset_id", bytes: "base64_string" } as const

const Source = Schema.Struct(sourceFields).pipe(Schema.encodeKeys(sourceKeys))

const words = Schema.optional(Schema.Array(Schema.String))

const wantedFields = { options: words, scopes: words, types: words } as const

const wantedKeys = { options: "embedding_option", scopes: "embedding_scope", types: "embedding_type" } as const

const FlatSegmentation = Schema.Union([
  Schema.Struct({
    strategy: Schema.Literal("fixed"),
    fixed: Schema.Struct({ seconds: Schema.optional(Schema.Finite) }).pipe(
      Schema.encodeKeys({ seconds: "duration_sec" })
    )
  }),
  Schema.Struct({
    strategy: Schema.Literal("dynamic"),
    dynamic: Schema.Struct({ minSeconds: Schema.optional(Schema.Finite) }).pipe(
      Schema.encodeKeys({ minSeconds: "min_duration_sec" })
    )
  })
])

/** How media are cut, as older and newer models want it said. */
const Segmentation = Schema.Union([FlatSegmentation, Schema.Struct({ temporal: FlatSegmentation })])

/** An image or a document. */
const Still = Schema.Struct({ source: Source, ...wantedFields }).pipe(
  Schema.encodeKeys({ source: "media_source", ...wantedKeys })
)

const Timed = Schema.Struct({
  source: Source,
  startSeconds: Schema.optional(Schema.Finite),
  endSeconds: Schema.optional(Schema.Finite),
  segmentation: Schema.optional(Segmentation),
  timedTexts: Schema.optional(
    Schema.Array(
      Schema.Struct({ startSeconds: Schema.Finite, endSeconds: Schema.Finite, text: Schema.String }).pipe(
        Schema.encodeKeys({ startSeconds: "start", endSeconds: "end" })
      )
    )
  ),
  ...wantedFields
}).pipe(
  Schema.encodeKeys({
    source: "media_source",
    startSeconds: "start_sec",
    endSeconds: "end_sec",
    timedTexts: "time_based_metadata",
    ...wantedKeys
  })
)

const NamedMedia = Schema.Struct({ name: Schema.optional(Schema.String), kind: Schema.String, ...sourceFields }).pipe(
  Schema.encodeKeys({ kind: "media_type", ...sourceKeys })
)

const head = {
  inputType: Schema.String,
  model: Schema.String,
  uncertainty: Schema.optional(Schema.Boolean)
} as const

const headKeys = { inputType: "input_type", model: "model_name", uncertainty: "embedding_uncertainty" } as const

/** The body of `POST /embed-v2`. */
export const EmbeddingBody = Schema.Struct({
  ...head,
  autoTruncate: Schema.optional(Schema.Boolean),
  text: Schema.optional(Schema.Struct({ text: Schema.String }).pipe(Schema.encodeKeys({ text: "input_text" }))),
  image: Schema.optional(Schema.Struct({ source: Source }).pipe(Schema.encodeKeys({ source: "media_source" }))),
  textImage: Schema.optional(
    Schema.Struct({ text: Schema.String, source: Source }).pipe(
      Schema.encodeKeys({ text: "input_text", source: "media_source" })
    )
  ),
  audio: Schema.optional(Timed),
  video: Schema.optional(Timed),
  multiInput: Schema.optional(
    Schema.Struct({ text: Schema.optional(Schema.String), media: Schema.optional(Schema.Array(NamedMedia)) }).pipe(
      Schema.encodeKeys({ text: "input_text", media: "media_sources" })
    )
  )
}).pipe(
  Schema.encodeKeys({ ...headKeys, autoTruncate: "auto_truncate", textImage: "text_image", multiInput: "multi_input" })
)

/** The body of `POST /embed-v2/tasks`. */
export const EmbeddingTaskBody = Schema.Struct({
  ...head,
  audio: Schema.optional(Timed),
  video: Schema.optional(Timed),
  document: Schema.optional(Still),
  image: Schema.optional(Still)
}).pipe(Schema.encodeKeys(headKeys))

/** The part of the body that an input is. */
export const inputOf = (
  input: EmbeddingInput.Input
): Omit<typeof EmbeddingBody.Type, "model" | "uncertainty" | "autoTruncate"> => {
  switch (input.type) {
    case "text": {
      const { type, ...text } = input
      return { inputType: type, text }
    }
    case "image": {
      const { type, ...image } = input
      return { inputType: type, image }
    }
    case "textImage": {
      const { type: _, ...textImage } = input
      return { inputType: "text_image", textImage }
    }
    case "audio": {
      const { segmentation, type, ...audio } = input
      return { inputType: type, audio: { ...audio, segmentation: flat(segmentation) } }
    }
    case "video": {
      const { segmentation, type, ...video } = input
      return { inputType: type, video: { ...video, segmentation: flat(segmentation) } }
    }
    case "multiInput": {
      const { type: _, ...multiInput } = input
      return { inputType: "multi_input", multiInput }
    }
  }
}

/** The part of the body that the input of a task is. */
export const taskInputOf = (
  model: string,
  input: EmbeddingInput.TaskInput
): Omit<typeof EmbeddingTaskBody.Type, "model" | "uncertainty"> => {
  switch (input.type) {
    case "audio": {
      const { segmentation, type, ...audio } = input
      return { inputType: type, audio: { ...audio, segmentation: segmentationOf(model, segmentation) } }
    }
    case "video": {
      const { segmentation, type, ...video } = input
      return { inputType: type, video: { ...video, segmentation: segmentationOf(model, segmentation) } }
    }
    case "document": {
      const { type, ...document } = input
      return { inputType: type, document }
    }
    case "image": {
      const { type, ...image } = input
      return { inputType: type, image }
    }
  }
}

const flat = (segmentation: EmbeddingInput.Segmentation | undefined): typeof FlatSegmentation.Type | undefined => {
  switch (segmentation?.strategy) {
    case "fixed":
      return { strategy: "fixed", fixed: { seconds: segmentation.seconds } }
    case "dynamic":
      return { strategy: "dynamic", dynamic: { minSeconds: segmentation.minSeconds } }
    case undefined:
      return undefined
  }
}

const segmentationOf = (
  model: string,
  segmentation: EmbeddingInput.Segmentation | undefined
): typeof Segmentation.Type | undefined => {
  const form = flat(segmentation)
  return form === undefined || model === "marengo3.0" ? form : { temporal: form }
}
