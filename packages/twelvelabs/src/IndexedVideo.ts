/**
 * What the vendor knows of a video that it has indexed, and how a list of such videos is narrowed down. `IndexedAssets` and the
 * older `Videos` tell the same.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Segment } from "./Embedding.ts"
import type { UserMetadata } from "./UserMetadata.ts"

/**
 * What the vendor measured. It tells less about some things than about others.
 */
export const SystemMetadata = Schema.Struct({
  filename: WireSchema.maybe(Schema.String),
  durationSeconds: WireSchema.maybe(Schema.Finite),
  /** Frames per second. */
  fps: WireSchema.maybe(Schema.Finite),
  /** In pixels. */
  width: WireSchema.maybe(Schema.Finite),
  /** In pixels. */
  height: WireSchema.maybe(Schema.Finite),
  sizeBytes: WireSchema.maybe(Schema.Finite)
}).pipe(Schema.encodeKeys({ durationSeconds: "duration", sizeBytes: "size" }))

/** What the vendor measured. */
export type SystemMetadata = typeof SystemMetadata.Type

/**
 * The video as a stream, where that was asked for when it was indexed.
 */
export const Hls = Schema.Struct({
  /** The playlist (`.m3u8`). It may be signed: treat it as a secret. */
  videoUrl: WireSchema.maybe(Schema.String),
  /** As above. */
  thumbnailUrls: WireSchema.maybe(Schema.Array(Schema.String)),
  status: WireSchema.maybe(WireSchema.openEnum("PROCESSING", "COMPLETE", "CANCELED", "ERROR")),
  updatedAt: WireSchema.maybeTime
}).pipe(Schema.encodeKeys({ videoUrl: "video_url", thumbnailUrls: "thumbnail_urls", updatedAt: "updated_at" }))

/** The video as a stream. */
export type Hls = typeof Hls.Type

/**
 * The vectors of a video.
 */
export const VideoEmbedding = Schema.Struct({ segments: WireSchema.maybe(Schema.Array(Segment)) })

/** The vectors of a video. */
export type VideoEmbedding = typeof VideoEmbedding.Type

/**
 * The vectors that were asked for, and the model that made them. Those of different models do not compare.
 */
export const Embedding = Schema.Struct({
  model: WireSchema.maybe(Schema.String),
  videoEmbedding: WireSchema.maybe(VideoEmbedding)
}).pipe(Schema.encodeKeys({ model: "model_name", videoEmbedding: "video_embedding" }))

/** The vectors that were asked for, and the model that made them. */
export type Embedding = typeof Embedding.Type

/**
 * What is said in a stretch of the video.
 */
export const Utterance = Schema.Struct({
  startSeconds: WireSchema.maybe(Schema.Finite),
  endSeconds: WireSchema.maybe(Schema.Finite),
  text: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ startSeconds: "start", endSeconds: "end", text: "value" }))

/** What is said in a stretch of the video. */
export type Utterance = typeof Utterance.Type

/**
 * What is to be told of a video besides.
 */
export interface DetailOptions {
  /** Vectors of these kinds. Default: none. */
  readonly embeddingOptions?:
    | ReadonlyArray<"visual" | "audio" | "transcription" | "visual-text" | (string & {})>
    | undefined
  /** What is said. Default false. */
  readonly transcription?: boolean | undefined
}

/**
 * Numbers from and to, both included. Either may be left open.
 */
export interface Range {
  /** From this number on. */
  readonly gte?: number | undefined
  /** Up to this number. */
  readonly lte?: number | undefined
}

/**
 * What a list of indexed videos is narrowed down by. All of it must hold.
 */
export interface Filters {
  /** The file's name. */
  readonly filename?: string | undefined
  readonly durationSeconds?: Range | undefined
  /** Frames per second. */
  readonly fps?: Range | undefined
  /** In pixels. */
  readonly width?: Range | undefined
  /** In pixels. */
  readonly height?: Range | undefined
  readonly sizeBytes?: Range | undefined
  /** Made on this day, at this time or later. */
  readonly createdSince?: DateTime.Utc | undefined
  /** Changed on this day, at this time or later. */
  readonly updatedSince?: DateTime.Utc | undefined
  /**
   * What the user's own metadata must be. A key that is a parameter of the list by itself, such as `filename`, cannot be asked for:
   * that fails with the reason `InvalidRequest`.
   */
  readonly userMetadata?: UserMetadata | undefined
}
