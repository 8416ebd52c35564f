/**
 * Videos of an index, of the older kind: the vendor will remove them. `IndexedAssets` tell the same, and those that are not ready too.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions, SortOptions } from "./Connection.ts"
import { AssetId, IndexId, VideoId } from "./Ids.ts"
import type { DetailOptions, Filters } from "./IndexedVideo.ts"
import * as VideoWire from "./internal/indexedVideoWire.ts"
import { listing } from "./internal/listing.ts"
import * as Wire from "./internal/wire.ts"
import type { UserMetadataChange } from "./UserMetadata.ts"

const summary = { id: VideoId, assetId: WireSchema.maybe(AssetId), ...VideoWire.summaryFields } as const
const summaryKeys = { id: "_id", assetId: "asset_id", ...VideoWire.summaryKeys } as const

/**
 * A video in an index.
 */
export const Video = Schema.Struct(summary).pipe(Schema.encodeKeys(summaryKeys))

/** A video in an index. */
export type Video = typeof Video.Type

/**
 * A video in an index, with all that can be asked for.
 */
export const VideoDetail = Schema.Struct({ ...summary, ...VideoWire.detailFields }).pipe(
  Schema.encodeKeys({ ...summaryKeys, ...VideoWire.detailKeys })
)

/** A video in an index, with all that can be asked for. */
export type VideoDetail = typeof VideoDetail.Type

/**
 * Where a video is.
 */
export interface VideoPlace {
  readonly indexId: IndexId
  readonly videoId: VideoId
}

/**
 * Options of a list.
 */
export interface VideosListOptions extends ListOptions, SortOptions<"created_at" | "updated_at">, Filters {}

const params = { indexId: WireSchema.inPath(IndexId), videoId: WireSchema.inPath(VideoId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("videos").add(
  HttpApiEndpoint.get("list", "/indexes/:id/videos", {
    params: { id: WireSchema.inPath(IndexId) },
    query: VideoWire.VideosQuery,
    success: Wire.page(Video)
  }),
  HttpApiEndpoint.get("get", "/indexes/:indexId/videos/:videoId", {
    params,
    query: VideoWire.DetailQuery,
    success: VideoDetail
  }),
  HttpApiEndpoint.patch("update", "/indexes/:indexId/videos/:videoId", {
    params,
    payload: VideoWire.MetadataChange,
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.delete("delete", "/indexes/:indexId/videos/:videoId", { params, success: HttpApiSchema.NoContent })
)

/**
 * What can be done with videos.
 */
export interface Videos {
  /** The videos of an index, page by page. */
  readonly list: (indexId: IndexId, options?: VideosListOptions | undefined) => Stream.Stream<Video, RequestError>
  /** A video, with its metadata and what the options ask for. */
  readonly get: (
    place: VideoPlace,
    options?: (CallOptions & DetailOptions) | undefined
  ) => Effect.Effect<VideoDetail, RequestError>
  /** Changes metadata: keys that are not named stay, null removes one. */
  readonly update: (
    place: VideoPlace,
    userMetadata: UserMetadataChange,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Takes a video out of its index. */
  readonly delete: (place: VideoPlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
}

/**
 * Makes the videos of a connection. `TwelveLabs` has them as its member `videos`.
 */
export const make = (connection: Connection): Effect.Effect<Videos> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    list: (id, { sortBy, sortOption, ...rest } = {}) => {
      const { filters, options } = VideoWire.splitFilters(rest)
      return listing(connection, options, (query) =>
        call(
          ({ videos }) => videos.list({ params: { id }, query: { ...query, ...filters, sortBy, sortOption } }),
          options
        )
      )
    },
    get: (params, { embeddingOptions, transcription, ...options } = {}) =>
      call(({ videos }) => videos.get({ params, query: { embeddingOptions, transcription } }), options),
    update: (params, userMetadata, options) =>
      call(({ videos }) => videos.update({ params, payload: { userMetadata } }), options),
    delete: (params, options) => call(({ videos }) => videos.delete({ params }), options)
  }))
