/**
 * Item collections: groups of items within a knowledge store, which the agent can be pointed at. An item may be in many.
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
import { CollectionId, ItemId, KnowledgeStoreId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import * as Wire from "./internal/wire.ts"
import { KnowledgeStoreItem } from "./Items.ts"
import type { TextMetadata } from "./UserMetadata.ts"

/**
 * A collection of items.
 */
export const ItemCollection = Schema.Struct({
  id: CollectionId,
  knowledgeStoreId: WireSchema.maybe(KnowledgeStoreId),
  name: WireSchema.maybe(Schema.String),
  description: WireSchema.maybe(Schema.String),
  metadata: WireSchema.maybe(Wire.TextMetadata),
  /** How many items it has. */
  memberCount: WireSchema.maybe(Schema.Finite),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    knowledgeStoreId: "knowledge_store_id",
    memberCount: "member_count",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** A collection of items. */
export type ItemCollection = typeof ItemCollection.Type

/**
 * What a collection is made with.
 */
export interface CreateRequest {
  /** Unlike that of any other in the knowledge store. */
  readonly name: string
  readonly description?: string | undefined
  readonly metadata?: TextMetadata | undefined
}

/**
 * How a collection is changed.
 */
export interface UpdateRequest {
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** In place of all that was; `{}` clears it. */
  readonly metadata?: TextMetadata | undefined
}

/**
 * Which collection of which knowledge store.
 */
export interface CollectionPlace {
  readonly knowledgeStoreId: KnowledgeStoreId
  readonly collectionId: CollectionId
}

const ofStore = { id: WireSchema.inPath(KnowledgeStoreId) } as const
const params = {
  knowledgeStoreId: WireSchema.inPath(KnowledgeStoreId),
  collectionId: WireSchema.inPath(CollectionId)
} as const

const Members = Schema.Struct({ itemIds: Schema.Array(ItemId) }).pipe(Schema.encodeKeys({ itemIds: "item_ids" }))

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("itemCollections").add(
  HttpApiEndpoint.post("create", "/knowledge-stores/:id/item-collections", {
    params: ofStore,
    payload: Schema.Struct({
      name: Schema.String,
      description: Schema.optional(Schema.String),
      metadata: Schema.optional(Wire.TextMetadata)
    }),
    success: ItemCollection.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/knowledge-stores/:id/item-collections", {
    params: ofStore,
    query: Schema.Struct({ ...Wire.listQuery, ...Wire.sortQuery }).pipe(
      Schema.encodeKeys({ ...Wire.listKeys, ...Wire.sortKeys })
    ),
    success: Wire.page(ItemCollection)
  }),
  HttpApiEndpoint.get("get", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId", {
    params,
    success: ItemCollection
  }),
  HttpApiEndpoint.patch("update", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId", {
    params,
    payload: Schema.Struct({
      name: Schema.optional(Schema.String),
      description: Schema.optional(Schema.String),
      metadata: Schema.optional(Wire.TextMetadata)
    }),
    success: ItemCollection
  }),
  HttpApiEndpoint.delete("delete", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId", {
    params,
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.get("items", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId/items", {
    params,
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(KnowledgeStoreItem)
  }),
  HttpApiEndpoint.post("add", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId/items/add", {
    params,
    payload: Members,
    success: ItemCollection
  }).annotate(ApiClient.Idempotent, true),
  HttpApiEndpoint.post("remove", "/knowledge-stores/:knowledgeStoreId/item-collections/:collectionId/items/remove", {
    params,
    payload: Members,
    success: HttpApiSchema.NoContent
  }).annotate(ApiClient.Idempotent, true)
)

/**
 * What can be done with collections of items.
 */
export interface ItemCollections {
  /** Makes a collection. A name that another one has is an `ApiError` of kind `Conflict`. */
  readonly create: (
    knowledgeStoreId: KnowledgeStoreId,
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<ItemCollection, RequestError>
  /** The collections of a knowledge store, page by page. */
  readonly list: (
    knowledgeStoreId: KnowledgeStoreId,
    options?: (ListOptions & SortOptions<"created_at" | "updated_at" | "name">) | undefined
  ) => Stream.Stream<ItemCollection, RequestError>
  /** A collection, without its items. */
  readonly get: (
    place: CollectionPlace,
    options?: CallOptions | undefined
  ) => Effect.Effect<ItemCollection, RequestError>
  /** Changes a collection. What is not named stays. */
  readonly update: (
    place: CollectionPlace,
    request: UpdateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<ItemCollection, RequestError>
  /** Deletes a collection. Its items stay in the knowledge store. */
  readonly delete: (place: CollectionPlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** The items of a collection, page by page. */
  readonly items: (
    place: CollectionPlace,
    options?: ListOptions | undefined
  ) => Stream.Stream<KnowledgeStoreItem, RequestError>
  /**
   * Adds items, which must be in the knowledge store, and gives the collection as it is then. Those that it has already stay
   * as they are.
   *
   * A list of more than 500 becomes several requests, one after the other, and `options` are for each. When one of them fails,
   * those before it have been done; to do it all again is harmless. Nothing to add is no change: the collection is asked for as
   * it is.
   *
   * **Example** (Every video of a store)
   *
   * ```ts
   * import { type ItemCollections, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Stream } from "effect"
   *
   * const addVideos = (place: ItemCollections.CollectionPlace) =>
   *   Effect.gen(function*() {
   *     const { itemCollections, items } = yield* TwelveLabs
   *     const all = yield* Stream.runCollect(items.list(place.knowledgeStoreId, { pageSize: 50 }))
   *     const videos = all.filter(({ assetType }) => assetType === "video")
   *     return yield* itemCollections.add(place, videos.map(({ id }) => id))
   *   })
   * ```
   */
  readonly add: (
    place: CollectionPlace,
    itemIds: ReadonlyArray<ItemId>,
    options?: CallOptions | undefined
  ) => Effect.Effect<ItemCollection, RequestError>
  /**
   * Takes items out of a collection, not out of the knowledge store. Those that it does not have are ignored.
   *
   * Longer lists are split as those of `add` are. Nothing to remove is no request.
   */
  readonly remove: (
    place: CollectionPlace,
    itemIds: ReadonlyArray<ItemId>,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
}

/** How many ids one request may have. */
const maxMembers = 500

/**
 * Makes the item collections of a connection. `TwelveLabs` has them as its member `itemCollections`.
 */
export const make = (connection: Connection): Effect.Effect<ItemCollections> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: ItemCollections["get"] = ({ collectionId, knowledgeStoreId }, options) =>
      call(({ itemCollections }) => itemCollections.get({ params: { collectionId, knowledgeStoreId } }), options)

    return {
      create: (id, payload, options) =>
        call(({ itemCollections }) => itemCollections.create({ params: { id }, payload }), options),
      list: (id, { sortBy, sortOption, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(
            ({ itemCollections }) => itemCollections.list({ params: { id }, query: { ...query, sortBy, sortOption } }),
            options
          )
        ),
      get,
      update: ({ collectionId, knowledgeStoreId }, payload, options) =>
        call(
          ({ itemCollections }) => itemCollections.update({ params: { collectionId, knowledgeStoreId }, payload }),
          options
        ),
      delete: ({ collectionId, knowledgeStoreId }, options) =>
        call(({ itemCollections }) => itemCollections.delete({ params: { collectionId, knowledgeStoreId } }), options),
      items: ({ collectionId, knowledgeStoreId }, options) =>
        listing(connection, options, (query) =>
          call(
            ({ itemCollections }) => itemCollections.items({ params: { collectionId, knowledgeStoreId }, query }),
            options
          )
        ),
      add: (place, itemIds, options) =>
        Effect.gen(function* () {
          const { collectionId, knowledgeStoreId } = place
          let collection: ItemCollection | undefined
          for (const payload of membersOf(itemIds)) {
            collection = yield* call(
              ({ itemCollections }) => itemCollections.add({ params: { collectionId, knowledgeStoreId }, payload }),
              options
            )
          }
          return collection ?? (yield* get(place, options))
        }),
      remove: ({ collectionId, knowledgeStoreId }, itemIds, options) =>
        Effect.forEach(
          membersOf(itemIds),
          (payload) =>
            call(
              ({ itemCollections }) => itemCollections.remove({ params: { collectionId, knowledgeStoreId }, payload }),
              options
            ),
          { discard: true }
        )
    }
  })

const membersOf = (itemIds: ReadonlyArray<ItemId>): ReadonlyArray<typeof Members.Type> =>
  Array.from({ length: Math.ceil(itemIds.length / maxMembers) }, (_, index) => ({
    itemIds: itemIds.slice(index * maxMembers, (index + 1) * maxMembers)
  }))
