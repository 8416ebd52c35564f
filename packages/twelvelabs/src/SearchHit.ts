/**
 * What a search of an index finds: moments of videos, each by itself or grouped by video.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { VideoId } from "./Ids.ts"
import { gathered } from "./internal/gathered.ts"
import * as Wire from "./internal/wire.ts"

/** What every hit may carry besides: fields that this version does not know, such as the `score` of older models. */
const extra = Schema.Record(Schema.String, Schema.Unknown)

const clip = {
  videoId: WireSchema.maybe(VideoId),
  startSeconds: WireSchema.maybe(Schema.Finite),
  endSeconds: WireSchema.maybe(Schema.Finite),
  /** The best one has the rank 1. */
  rank: WireSchema.maybe(Schema.Finite),
  /** A frame of it. A signed link: it is a secret while it lasts, about an hour. */
  thumbnailUrl: WireSchema.maybe(Schema.String),
  /** What is said in it. */
  transcription: WireSchema.maybe(Schema.String),
  /** Where `includeUserMetadata` asks for it. */
  userMetadata: WireSchema.maybe(Wire.Metadata),
  extra
} as const

const clipKeys = {
  videoId: "video_id",
  startSeconds: "start",
  endSeconds: "end",
  thumbnailUrl: "thumbnail_url",
  userMetadata: "user_metadata"
} as const

/**
 * A moment of a video that was found.
 */
export const Clip = gathered(
  Schema.Struct({ _tag: Schema.tagDefaultOmit("Clip"), ...clip }).pipe(Schema.encodeKeys(clipKeys)),
  "extra",
  Schema.Unknown
)

/** A moment of a video that was found. */
export type Clip = typeof Clip.Type

/** Null is as good as absent. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null

/**
 * A video that was found, with its moments.
 */
export const Video = gathered(
  Schema.Struct({
    _tag: Schema.tagDefaultOmit("Video"),
    videoId: WireSchema.maybe(VideoId),
    userMetadata: WireSchema.maybe(Wire.Metadata),
    clips: Wire.list(Clip),
    extra
  }).pipe(Schema.encodeKeys({ videoId: "id", userMetadata: "user_metadata" })),
  "extra",
  Schema.Unknown,
  ({ clips, id, video_id }) =>
    (Array.isArray(clips) && clips.length > 0) || (!isGiven(video_id) && (isGiven(clips) || isGiven(id)))
)

/** A video that was found, with its moments. */
export type Video = typeof Video.Type

/**
 * What was found.
 */
export const Hit = Schema.Union([Video, Clip])

/** What was found. */
export type Hit = Clip | Video

/**
 * How what is found is grouped: each moment by itself, or the moments of a video together.
 */
export type GroupBy = "clip" | "video"

/**
 * What a search that groups so finds.
 */
export type HitOf<G extends GroupBy> = { readonly clip: Clip; readonly video: Video }[G]
