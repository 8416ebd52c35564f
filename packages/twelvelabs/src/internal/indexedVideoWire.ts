/**
 * Indexed videos on the wire: what is told of them, and the queries that ask for it.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Embedding, type Filters, Hls, SystemMetadata, Utterance } from "../IndexedVideo.ts"
import { gathered } from "./gathered.ts"
import * as Wire from "./wire.ts"

/** What all lists tell of each video. */
export const summaryFields = {
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime,
  /** When it became ready. */
  indexedAt: WireSchema.maybeTime,
  systemMetadata: WireSchema.maybe(SystemMetadata)
} as const

/** Their names on the wire. */
export const summaryKeys = {
  createdAt: "created_at",
  updatedAt: "updated_at",
  indexedAt: "indexed_at",
  systemMetadata: "system_metadata"
} as const

/** What is told besides of a video that is asked for by its id. */
export const detailFields = {
  userMetadata: WireSchema.maybe(Wire.Metadata),
  /** Where streaming was enabled when it was indexed. */
  hls: WireSchema.maybe(Hls),
  /** Where `embeddingOptions` ask for it. */
  embedding: WireSchema.maybe(Embedding),
  /** Where `transcription` asks for it. */
  transcription: WireSchema.maybe(Schema.Array(Utterance))
} as const

/** Their names on the wire. */
export const detailKeys = { userMetadata: "user_metadata" } as const

/** How the metadata of a video is changed; null removes a key. */
export const MetadataChange = Schema.Struct({ userMetadata: Wire.OwnMetadataChange }).pipe(
  Schema.encodeKeys(detailKeys)
)

/** A parameter that is repeated has several texts. */
const Texts = Schema.Union([Schema.String, Schema.Array(Schema.String)])

/** A value of metadata in a query: a text, which nobody can tell from a number any more. */
const Value = Texts.pipe(
  Schema.decodeTo(
    Schema.Union([Texts, Schema.Finite, Schema.Boolean]),
    SchemaTransformation.transform<typeof Texts.Type | number | boolean, typeof Texts.Type>({
      decode: (texts) => texts,
      encode: (value) => (typeof value === "object" ? value : String(value))
    })
  )
)

const number = Schema.optional(Schema.Finite)

/** What every list of indexed videos is narrowed down by. */
const filterQuery = {
  filename: Schema.optional(Schema.String),
  minDuration: number,
  maxDuration: number,
  minFps: number,
  maxFps: number,
  minWidth: number,
  maxWidth: number,
  minHeight: number,
  maxHeight: number,
  minSize: number,
  maxSize: number,
  ...Wire.sinceQuery,
  userMetadata: Schema.optional(Schema.Record(Schema.String, Value))
} as const

const filterKeys = {
  minDuration: "duration[gte]",
  maxDuration: "duration[lte]",
  minFps: "fps[gte]",
  maxFps: "fps[lte]",
  minWidth: "width[gte]",
  maxWidth: "width[lte]",
  minHeight: "height[gte]",
  maxHeight: "height[lte]",
  minSize: "size[gte]",
  maxSize: "size[lte]",
  ...Wire.sinceKeys
} as const

const common = { ...Wire.listQuery, ...Wire.sortQuery, ...filterQuery } as const
const commonKeys = { ...Wire.listKeys, ...Wire.sortKeys, ...filterKeys } as const

/** A list of videos. What is not known by name is metadata. */
export const VideosQuery = gathered(
  Schema.toCodecStringTree(Schema.Struct(common).pipe(Schema.encodeKeys(commonKeys))),
  "userMetadata",
  Texts
)

/** A list of indexed assets, which may be in any status. */
export const IndexedAssetsQuery = gathered(
  Schema.toCodecStringTree(
    Schema.Struct({ ...common, status: Schema.optional(Schema.Array(Schema.String)) }).pipe(
      Schema.encodeKeys(commonKeys)
    )
  ),
  "userMetadata",
  Texts
)

/** Takes the filters out of the options of a list, as its query has them. */
export const splitFilters = <O extends Filters>({
  createdSince,
  durationSeconds,
  filename,
  fps,
  height,
  sizeBytes,
  updatedSince,
  userMetadata,
  width,
  ...options
}: O) => ({
  options,
  filters: {
    filename,
    minDuration: durationSeconds?.gte,
    maxDuration: durationSeconds?.lte,
    minFps: fps?.gte,
    maxFps: fps?.lte,
    minWidth: width?.gte,
    maxWidth: width?.lte,
    minHeight: height?.gte,
    maxHeight: height?.lte,
    minSize: sizeBytes?.gte,
    maxSize: sizeBytes?.lte,
    createdSince,
    updatedSince,
    userMetadata
  }
})

/** One video. */
export const DetailQuery = Schema.Struct({
  embeddingOptions: Schema.optional(Schema.Array(Schema.String)),
  transcription: Schema.optional(WireSchema.BooleanText)
}).pipe(Schema.encodeKeys({ embeddingOptions: "embedding_option" }))
