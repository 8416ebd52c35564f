/**
 * The items of a knowledge store: the videos and images that the agent reasons over, each made of an asset.
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
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions, SortOptions } from "./Connection.ts"
import { AssetId, ItemId, KnowledgeStoreId } from "./Ids.ts"
import { untilAllReady } from "./internal/itemsReady.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import { unknownKind } from "./internal/unknownKind.ts"
import * as Wire from "./internal/wire.ts"
import type { ItemsFailedError } from "./ItemsFailedError.ts"
import type { ProcessingError } from "./ProcessingError.ts"
import type { TextMetadata } from "./UserMetadata.ts"

/**
 * What an item is made of.
 */
export const AssetType = WireSchema.openEnum("video", "image")

/** What an item is made of. */
export type AssetType = typeof AssetType.Type

/**
 * How far the vendor is with an item. It can be searched, and be talked about, when it is `"ready"`.
 */
export const ItemStatus = WireSchema.openEnum("queued", "pending", "processing", "ready", "failed")

/** How far the vendor is with an item. */
export type ItemStatus = typeof ItemStatus.Type

const imageFields = {
  filename: WireSchema.maybe(Schema.String),
  /** In pixels. */
  width: WireSchema.maybe(Schema.Finite),
  /** In pixels. */
  height: WireSchema.maybe(Schema.Finite),
  codecName: WireSchema.maybe(Schema.String),
  sizeBytes: WireSchema.maybe(Schema.Finite)
} as const

const imageKeys = { _tag: "asset_type", codecName: "codec_name", sizeBytes: "size" } as const

/**
 * What the vendor found out about a video itself.
 */
export const VideoMetadata = Schema.Struct({
  _tag: Schema.Literal("video").transform("VideoMetadata"),
  ...imageFields,
  durationSeconds: WireSchema.maybe(Schema.Finite),
  /** Frames per second. */
  fps: WireSchema.maybe(Schema.Finite)
}).pipe(Schema.encodeKeys({ ...imageKeys, durationSeconds: "duration" }))

/** What the vendor found out about a video itself. */
export type VideoMetadata = typeof VideoMetadata.Type

/**
 * What the vendor found out about an image itself.
 */
export const ImageMetadata = Schema.Struct({
  _tag: Schema.Literal("image").transform("ImageMetadata"),
  ...imageFields
}).pipe(Schema.encodeKeys(imageKeys))

/** What the vendor found out about an image itself. */
export type ImageMetadata = typeof ImageMetadata.Type

/**
 * What the vendor found out about something that this version does not know.
 */
export const UnknownMetadata = unknownKind("UnknownMetadata", ["video", "image"])

/** What the vendor found out about something that this version does not know. */
export type UnknownMetadata = typeof UnknownMetadata.Type

/**
 * What the vendor found out about the file.
 */
export const SystemMetadata = Schema.Union([VideoMetadata, ImageMetadata, UnknownMetadata])

/** What the vendor found out about the file. */
export type SystemMetadata = typeof SystemMetadata.Type

/**
 * An item of a knowledge store.
 */
export const KnowledgeStoreItem = Schema.Struct({
  id: ItemId,
  assetType: AssetType,
  assetId: WireSchema.maybe(AssetId),
  status: WireSchema.maybe(ItemStatus),
  systemMetadata: WireSchema.maybe(SystemMetadata),
  metadata: WireSchema.maybe(Wire.TextMetadata),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    assetType: "asset_type",
    assetId: "asset_id",
    systemMetadata: "system_metadata",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** An item of a knowledge store. */
export type KnowledgeStoreItem = typeof KnowledgeStoreItem.Type

/**
 * What an item is made with.
 */
export interface CreateRequest {
  /** A video or an image of at most 5 GB, which must be ready. */
  readonly assetId: AssetId
  /** Which of the two it is, for the vendor to check. */
  readonly assetType?: AssetType | undefined
  readonly metadata?: TextMetadata | undefined
}

/**
 * Which item of which knowledge store.
 */
export interface ItemPlace {
  readonly knowledgeStoreId: KnowledgeStoreId
  readonly itemId: ItemId
}

/**
 * Options of listing items.
 */
export interface ItemListOptions extends ListOptions, SortOptions<"created_at" | "updated_at"> {
  /** Only those that are in one of these states. */
  readonly status?: ReadonlyArray<ItemStatus> | undefined
}

/**
 * Options of waiting for an item. It is asked for every 10 seconds, where `schedule` says nothing else.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<KnowledgeStoreItem> {}

/**
 * Options of waiting for many items. They are asked for every 10 seconds, where `schedule` says nothing else.
 */
export interface AllReadyOptions extends CallOptions, Polling.Options<ReadonlyArray<KnowledgeStoreItem>> {
  /** Which items. Default: all that are in the store when the wait begins. */
  readonly itemIds?: ReadonlyArray<ItemId> | undefined
  /** How many items are asked for at the same time. Default 4. */
  readonly concurrency?: number | undefined
}

const ofStore = { id: WireSchema.inPath(KnowledgeStoreId) } as const
const params = { knowledgeStoreId: WireSchema.inPath(KnowledgeStoreId), itemId: WireSchema.inPath(ItemId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("items").add(
  HttpApiEndpoint.post("create", "/knowledge-stores/:id/items", {
    params: ofStore,
    payload: Schema.Struct({
      assetId: AssetId,
      assetType: Schema.optional(AssetType),
      metadata: Schema.optional(Wire.TextMetadata)
    }).pipe(Schema.encodeKeys({ assetId: "asset_id", assetType: "asset_type" })),
    success: KnowledgeStoreItem.pipe(HttpApiSchema.status(202))
  }),
  HttpApiEndpoint.get("list", "/knowledge-stores/:id/items", {
    params: ofStore,
    query: Schema.Struct({
      ...Wire.listQuery,
      ...Wire.sortQuery,
      status: Schema.optional(Schema.Array(Schema.String))
    }).pipe(Schema.encodeKeys({ ...Wire.listKeys, ...Wire.sortKeys })),
    success: Wire.page(KnowledgeStoreItem)
  }),
  HttpApiEndpoint.get("get", "/knowledge-stores/:knowledgeStoreId/items/:itemId", {
    params,
    success: KnowledgeStoreItem
  }),
  HttpApiEndpoint.delete("delete", "/knowledge-stores/:knowledgeStoreId/items/:itemId", {
    params,
    success: HttpApiSchema.NoContent
  })
)

/**
 * What can be done with items.
 */
export interface Items {
  /**
   * Makes an item of an asset. The vendor looks into it then: wait with `awaitReady` before asking about it.
   *
   * **Example** (From an asset to an item that can be asked about)
   *
   * ```ts
   * import { type AssetId, type KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const add = (knowledgeStoreId: KnowledgeStoreId, assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { items } = yield* TwelveLabs
   *     const { id } = yield* items.create(knowledgeStoreId, { assetId, metadata: { season: "autumn" } })
   *     return yield* items.awaitReady({ knowledgeStoreId, itemId: id })
   *   })
   * ```
   */
  readonly create: (
    knowledgeStoreId: KnowledgeStoreId,
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<KnowledgeStoreItem, RequestError>
  /** The items of a knowledge store, page by page. */
  readonly list: (
    knowledgeStoreId: KnowledgeStoreId,
    options?: ItemListOptions | undefined
  ) => Stream.Stream<KnowledgeStoreItem, RequestError>
  /** An item, as far as the vendor is with it. */
  readonly get: (place: ItemPlace, options?: CallOptions | undefined) => Effect.Effect<KnowledgeStoreItem, RequestError>
  /** Takes an item out of its knowledge store. The asset stays. */
  readonly delete: (place: ItemPlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /**
   * Waits until the vendor has looked into an item. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be at it;
   * - `ProcessingError`: it failed, and never will be ready. The vendor does not say why.
   */
  readonly awaitReady: (
    place: ItemPlace,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<KnowledgeStoreItem, RequestError | Polling.NotReadyError | ProcessingError>
  /**
   * Waits until the vendor has looked into all items of a knowledge store, or into those that `itemIds` names. `deadline`
   * (default 1 hour) is for the whole wait. A store without items is ready.
   *
   * - `NotReadyError`: the time is up; the vendor may still be at some;
   * - `ItemsFailedError`: some failed, which it names; the others are ready;
   * - `ApiError` of kind `NotFound`: one was deleted meanwhile, or never was.
   *
   * **Example** (Go on with what is ready)
   *
   * ```ts
   * import { type KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect } from "effect"
   *
   * const ready = (knowledgeStoreId: KnowledgeStoreId) =>
   *   TwelveLabs.use(({ items }) =>
   *     items.awaitAllReady(knowledgeStoreId, { deadline: "3 hours" }).pipe(
   *       Effect.asVoid,
   *       Effect.catchTag("ItemsFailedError", (error) => Console.warn(error.message))
   *     )
   *   )
   * ```
   */
  readonly awaitAllReady: (
    knowledgeStoreId: KnowledgeStoreId,
    options?: AllReadyOptions | undefined
  ) => Effect.Effect<ReadonlyArray<KnowledgeStoreItem>, RequestError | Polling.NotReadyError | ItemsFailedError>
}

/** What the vendor's own examples do. */
const everySoOften = Schedule.spaced("10 seconds")

/** The largest page there is. */
const maxPageSize = 50

/**
 * Makes the items of a connection. `TwelveLabs` has them as its member `items`.
 */
export const make = (connection: Connection): Effect.Effect<Items> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const list: Items["list"] = (id, { sortBy, sortOption, status, ...options } = {}) =>
      listing(connection, options, (query) =>
        call(({ items }) => items.list({ params: { id }, query: { ...query, sortBy, sortOption, status } }), options)
      )

    const get: Items["get"] = ({ itemId, knowledgeStoreId }, options) =>
      call(({ items }) => items.get({ params: { itemId, knowledgeStoreId } }), options)

    return {
      create: (id, payload, options) => call(({ items }) => items.create({ params: { id }, payload }), options),
      list,
      get,
      delete: ({ itemId, knowledgeStoreId }, options) =>
        call(({ items }) => items.delete({ params: { itemId, knowledgeStoreId } }), options),
      awaitReady: (place, { deadline, onProgress, schedule = everySoOften, ...options } = {}) =>
        untilReady(
          {
            subject: "knowledge store item",
            id: place.itemId,
            poll: get(place, options),
            statusOf: ({ status }) => status
          },
          { deadline, onProgress, schedule }
        ),
      awaitAllReady: (
        knowledgeStoreId,
        { concurrency = 4, deadline, itemIds, onProgress, schedule = everySoOften, ...options } = {}
      ) =>
        untilAllReady(
          {
            knowledgeStoreId,
            itemIds,
            concurrency,
            list: (status) => list(knowledgeStoreId, { ...options, status, pageSize: maxPageSize }),
            get: (itemId) => get({ knowledgeStoreId, itemId }, options)
          },
          { deadline, onProgress, schedule }
        )
    }
  })
