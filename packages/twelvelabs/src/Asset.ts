/**
 * What the vendor says of an asset.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { AssetId } from "./Ids.ts"
import * as Wire from "./internal/wire.ts"
import { TechnicalMetadata } from "./TechnicalMetadata.ts"

/**
 * How far the vendor is with an asset. It can be used when it is `"ready"`.
 */
export const AssetStatus = WireSchema.openEnum("processing", "ready", "failed")

/** How far the vendor is with an asset. */
export type AssetStatus = typeof AssetStatus.Type

/**
 * Where an imported asset had come from.
 */
export const AssetSource = Schema.Struct({
  type: WireSchema.maybe(WireSchema.openEnum("connector")),
  details: WireSchema.maybe(
    Schema.Struct({
      provider: WireSchema.maybe(WireSchema.openEnum("google_drive")),
      sourceId: WireSchema.maybe(Schema.String),
      originalFilename: WireSchema.maybe(Schema.String),
      sourceLink: WireSchema.maybe(Schema.String)
    }).pipe(
      Schema.encodeKeys({ sourceId: "source_id", originalFilename: "original_filename", sourceLink: "source_link" })
    )
  )
})

/** Where an imported asset had come from. */
export type AssetSource = typeof AssetSource.Type

const assetFields = {
  id: AssetId,
  /** How it came. */
  method: WireSchema.maybe(WireSchema.openEnum("direct", "url", "multipart", "connector")),
  status: WireSchema.maybe(AssetStatus),
  filename: WireSchema.maybe(Schema.String),
  /** The media type. */
  fileType: WireSchema.maybe(Schema.String),
  createdAt: WireSchema.maybeTime,
  userMetadata: WireSchema.maybe(Wire.Metadata),
  /** Of imports only. */
  source: WireSchema.maybe(AssetSource)
} as const

const assetKeys = {
  id: "_id",
  fileType: "file_type",
  createdAt: "created_at",
  userMetadata: "user_metadata"
} as const

/**
 * An asset as it is told of when it is made.
 */
export const Asset = Schema.Struct(assetFields).pipe(Schema.encodeKeys(assetKeys))

/** An asset as it is told of when it is made. */
export type Asset = typeof Asset.Type

const DerivedStatus = WireSchema.openEnum("pending", "processing", "ready", "error")

/**
 * The stream of a video for players.
 */
export const Hls = Schema.Struct({
  /** Whoever has it may be able to watch the video. */
  manifestUrl: WireSchema.maybe(Schema.String),
  status: WireSchema.maybe(DerivedStatus)
}).pipe(Schema.encodeKeys({ manifestUrl: "manifest_url" }))

/** The stream of a video for players. */
export type Hls = typeof Hls.Type

/**
 * A small picture of an asset.
 */
export const Thumbnail = Schema.Struct({
  url: WireSchema.maybe(Schema.String),
  status: WireSchema.maybe(DerivedStatus)
}).pipe(Schema.encodeKeys({ url: "representative_url" }))

/** A small picture of an asset. */
export type Thumbnail = typeof Thumbnail.Type

/**
 * All that the vendor knows of an asset.
 */
export const AssetDetail = Schema.Struct({
  ...assetFields,
  /** Of a video that was uploaded with `hls`. */
  hls: WireSchema.maybe(Hls),
  /** Of what was uploaded with `thumbnail`. */
  thumbnail: WireSchema.maybe(Thumbnail),
  technicalMetadata: WireSchema.maybe(TechnicalMetadata),
  /** When it is ready. */
  sizeBytes: WireSchema.maybe(Schema.Finite),
  /** When it is ready. */
  durationSeconds: WireSchema.maybe(Schema.Finite),
  /** Why it failed. The text is for people. */
  error: WireSchema.maybe(Schema.Struct({ message: WireSchema.maybe(Schema.String) }))
}).pipe(
  Schema.encodeKeys({
    ...assetKeys,
    technicalMetadata: "technical_metadata",
    sizeBytes: "size",
    durationSeconds: "duration"
  })
)

/** All that the vendor knows of an asset. */
export type AssetDetail = typeof AssetDetail.Type
