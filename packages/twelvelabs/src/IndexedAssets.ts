/**
 * Indexed assets: assets in an index, which can be searched when they are ready. One asset can be in several indexes.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type * as Polling from "@effect-sse/core/Polling"
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
import { AssetId, IndexedAssetId, IndexId } from "./Ids.ts"
import type { DetailOptions, Filters } from "./IndexedVideo.ts"
import * as VideoWire from "./internal/indexedVideoWire.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { ProcessingError } from "./ProcessingError.ts"
import type { UserMetadata, UserMetadataChange } from "./UserMetadata.ts"

/**
 * How far the vendor is with an asset. Why one has failed is not told.
 */
export const Status = WireSchema.openEnum("pending", "queued", "indexing", "ready", "failed")

/** How far the vendor is with an asset. */
export type Status = typeof Status.Type

const summary = {
  id: IndexedAssetId,
  assetId: WireSchema.maybe(AssetId),
  status: WireSchema.maybe(Status),
  ...VideoWire.summaryFields
} as const

const summaryKeys = { id: "_id", assetId: "asset_id", ...VideoWire.summaryKeys } as const

/**
 * An asset in an index.
 */
export const IndexedAsset = Schema.Struct(summary).pipe(Schema.encodeKeys(summaryKeys))

/** An asset in an index. */
export type IndexedAsset = typeof IndexedAsset.Type

/**
 * An asset in an index, with all that can be asked for.
 */
export const IndexedAssetDetail = Schema.Struct({ ...summary, ...VideoWire.detailFields }).pipe(
  Schema.encodeKeys({ ...summaryKeys, ...VideoWire.detailKeys })
)

/** An asset in an index, with all that can be asked for. */
export type IndexedAssetDetail = typeof IndexedAssetDetail.Type

/**
 * An index that an asset is in.
 */
export const Reference = Schema.Struct({
  id: IndexedAssetId,
  index: WireSchema.maybe(
    Schema.Struct({ id: WireSchema.maybe(IndexId), name: WireSchema.maybe(Schema.String) }).pipe(
      Schema.encodeKeys({ id: "_id" })
    )
  )
}).pipe(Schema.encodeKeys({ id: "_id" }))

/** An index that an asset is in. */
export type Reference = typeof Reference.Type

/**
 * An indexed asset that was begun.
 */
export const Created = Schema.Struct({ id: IndexedAssetId, assetId: WireSchema.maybe(AssetId) }).pipe(
  Schema.encodeKeys({ id: "_id", assetId: "asset_id" })
)

/** An indexed asset that was begun. */
export type Created = typeof Created.Type

/**
 * Where an indexed asset is.
 */
export interface IndexedAssetPlace {
  readonly indexId: IndexId
  readonly indexedAssetId: IndexedAssetId
}

/**
 * What is to be indexed.
 */
export interface CreateRequest {
  /** It must be ready: see `assets.awaitReady`. */
  readonly assetId: AssetId
  /** Makes a stream of it that can be played (`hls`). Default false. */
  readonly enableVideoStream?: boolean | undefined
  readonly userMetadata?: UserMetadata | undefined
}

/**
 * Options of a list.
 */
export interface IndexedAssetsListOptions extends ListOptions, SortOptions<"created_at" | "updated_at">, Filters {
  /** Those in one of these. Default: in any. */
  readonly status?: ReadonlyArray<Status> | undefined
}

const ofIndex = { id: WireSchema.inPath(IndexId) } as const
const params = {
  indexId: WireSchema.inPath(IndexId),
  indexedAssetId: WireSchema.inPath(IndexedAssetId)
} as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("indexedAssets").add(
  HttpApiEndpoint.post("create", "/indexes/:id/indexed-assets", {
    params: ofIndex,
    payload: Schema.Struct({
      assetId: AssetId,
      enableVideoStream: Schema.optional(Schema.Boolean),
      userMetadata: Schema.optional(Wire.OwnMetadata)
    }).pipe(
      Schema.encodeKeys({
        assetId: "asset_id",
        enableVideoStream: "enable_video_stream",
        userMetadata: "user_metadata"
      })
    ),
    success: Created.pipe(HttpApiSchema.status(202))
  }),
  HttpApiEndpoint.get("list", "/indexes/:id/indexed-assets", {
    params: ofIndex,
    query: VideoWire.IndexedAssetsQuery,
    success: Wire.page(IndexedAsset)
  }),
  HttpApiEndpoint.get("get", "/indexes/:indexId/indexed-assets/:indexedAssetId", {
    params,
    query: VideoWire.DetailQuery,
    success: IndexedAssetDetail
  }),
  HttpApiEndpoint.patch("update", "/indexes/:indexId/indexed-assets/:indexedAssetId", {
    params,
    payload: VideoWire.MetadataChange,
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.delete("delete", "/indexes/:indexId/indexed-assets/:indexedAssetId", {
    params,
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.get("ofAsset", "/assets/:id/indexed-assets", {
    params: { id: WireSchema.inPath(AssetId) },
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(Reference)
  })
)

/**
 * What can be done with indexed assets.
 */
export interface IndexedAssets {
  /**
   * Puts an asset into an index. It is being indexed then: wait with `awaitReady` before searching it.
   *
   * **Example** (Index an asset, and wait)
   *
   * ```ts
   * import { type AssetId, type IndexId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const index = (indexId: IndexId, assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { indexedAssets } = yield* TwelveLabs
   *     const { id } = yield* indexedAssets.create(indexId, { assetId, userMetadata: { season: "autumn" } })
   *     return yield* indexedAssets.awaitReady({ indexId, indexedAssetId: id }, { deadline: "3 hours" })
   *   })
   * ```
   */
  readonly create: (
    indexId: IndexId,
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Created, RequestError>
  /**
   * The indexed assets of an index, page by page.
   *
   * **Example** (Short ones of the autumn that are ready)
   *
   * ```ts
   * import { type IndexId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Stream } from "effect"
   *
   * const short = (indexId: IndexId) =>
   *   Effect.flatMap(TwelveLabs, ({ indexedAssets }) =>
   *     Stream.runCollect(
   *       indexedAssets.list(indexId, {
   *         status: ["ready"],
   *         durationSeconds: { lte: 60 },
   *         userMetadata: { season: "autumn" }
   *       })
   *     )
   *   )
   * ```
   */
  readonly list: (
    indexId: IndexId,
    options?: IndexedAssetsListOptions | undefined
  ) => Stream.Stream<IndexedAsset, RequestError>
  /** An indexed asset, with its metadata and what the options ask for. */
  readonly get: (
    place: IndexedAssetPlace,
    options?: (CallOptions & DetailOptions) | undefined
  ) => Effect.Effect<IndexedAssetDetail, RequestError>
  /** Changes metadata: keys that are not named stay, null removes one. */
  readonly update: (
    place: IndexedAssetPlace,
    userMetadata: UserMetadataChange,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Takes an asset out of an index. The asset itself stays. */
  readonly delete: (place: IndexedAssetPlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** The indexes that an asset is in, page by page: what keeps it from being deleted. */
  readonly ofAsset: (assetId: AssetId, options?: ListOptions | undefined) => Stream.Stream<Reference, RequestError>
  /**
   * Waits until an asset is indexed. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be at it;
   * - `ProcessingError`: it could not be indexed, and never will be.
   */
  readonly awaitReady: (
    place: IndexedAssetPlace,
    options?: (CallOptions & Polling.Options<IndexedAssetDetail>) | undefined
  ) => Effect.Effect<IndexedAssetDetail, RequestError | Polling.NotReadyError | ProcessingError>
}

/**
 * Makes the indexed assets of a connection. `TwelveLabs` has them as its member `indexedAssets`.
 */
export const make = (connection: Connection): Effect.Effect<IndexedAssets> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: IndexedAssets["get"] = (params, { embeddingOptions, transcription, ...options } = {}) =>
      call(({ indexedAssets }) => indexedAssets.get({ params, query: { embeddingOptions, transcription } }), options)
    return {
      create: (id, payload, options) =>
        call(({ indexedAssets }) => indexedAssets.create({ params: { id }, payload }), options),
      list: (id, { sortBy, sortOption, status, ...rest } = {}) => {
        const { filters, options } = VideoWire.splitFilters(rest)
        return listing(connection, options, (query) =>
          call(
            ({ indexedAssets }) =>
              indexedAssets.list({ params: { id }, query: { ...query, ...filters, sortBy, sortOption, status } }),
            options
          )
        )
      },
      get,
      update: (params, userMetadata, options) =>
        call(({ indexedAssets }) => indexedAssets.update({ params, payload: { userMetadata } }), options),
      delete: (params, options) => call(({ indexedAssets }) => indexedAssets.delete({ params }), options),
      ofAsset: (id, options) =>
        listing(connection, options, (query) =>
          call(({ indexedAssets }) => indexedAssets.ofAsset({ params: { id }, query }), options)
        ),
      awaitReady: (place, { deadline, onProgress, schedule, ...options } = {}) =>
        untilReady(
          {
            subject: "indexed asset",
            id: place.indexedAssetId,
            poll: get(place, options),
            statusOf: ({ status }) => status
          },
          { deadline, onProgress, schedule }
        )
    }
  })
