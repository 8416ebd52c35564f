/**
 * Entities: persons or things to be recognized in videos, each shown by images among the assets.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import * as Polling from "@effect-sse/core/Polling"
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
import { AssetId, EntityCollectionId, EntityId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import { defaultDeadline } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { UserMetadata } from "./UserMetadata.ts"

/**
 * Whether an entity can be searched for. It never fails.
 */
export const EntityStatus = WireSchema.openEnum("processing", "ready")

/** Whether an entity can be searched for. */
export type EntityStatus = typeof EntityStatus.Type

/**
 * An entity.
 */
export const Entity = Schema.Struct({
  id: EntityId,
  collectionId: WireSchema.maybe(EntityCollectionId),
  name: WireSchema.maybe(Schema.String),
  description: WireSchema.maybe(Schema.String),
  metadata: WireSchema.maybe(Wire.Metadata),
  assetIds: WireSchema.maybe(Schema.Array(AssetId)),
  status: WireSchema.maybe(EntityStatus),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    collectionId: "entity_collection_id",
    assetIds: "asset_ids",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** An entity. */
export type Entity = typeof Entity.Type

/**
 * What an entity is made with.
 */
export interface CreateRequest {
  readonly name: string
  /** What it looks like: at least one, ready. */
  readonly assetIds: ReadonlyArray<AssetId>
  readonly description?: string | undefined
  readonly metadata?: UserMetadata | undefined
}

/**
 * How an entity is changed.
 */
export interface UpdateRequest {
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** In place of all that was; `{}` clears it. */
  readonly metadata?: UserMetadata | undefined
}

/**
 * Which entity of which collection.
 */
export interface EntityPlace {
  readonly collectionId: EntityCollectionId
  readonly entityId: EntityId
}

/**
 * An entity that was made among others.
 */
export interface MadeEntity {
  readonly id: EntityId | undefined
  readonly name: string | undefined
  readonly status: EntityStatus | undefined
}

/**
 * An entity that was not made.
 */
export interface RefusedEntity {
  /** Which one of those that were asked for, from 0 on. */
  readonly index: number | undefined
  readonly name: string | undefined
  readonly reason: string | undefined
}

/**
 * What became of many: some can be made while others are refused, and that is no error.
 */
export interface BulkOutcome {
  /** How many were made. */
  readonly successCount: number
  /** How many were refused. */
  readonly failedCount: number
  /** Those that were made. */
  readonly entities: ReadonlyArray<MadeEntity>
  /** Those that were refused, and why. */
  readonly errors: ReadonlyArray<RefusedEntity>
}

/**
 * Which entities a list has, and in which order.
 */
export interface EntityListOptions extends ListOptions, SortOptions<"created_at" | "updated_at" | "name"> {
  /** Those of this name. Default: of any. */
  readonly name?: string | undefined
  /** Those in this status. Default: in any. */
  readonly status?: EntityStatus | undefined
}

/**
 * Options of waiting for an entity.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<Entity> {}

const CreateBody = Schema.Struct({
  name: Schema.String,
  assetIds: Schema.Array(AssetId),
  description: Schema.optional(Schema.String),
  metadata: Schema.optional(Wire.Metadata)
}).pipe(Schema.encodeKeys({ assetIds: "asset_ids" }))

const BulkOutcomeWire = Schema.Struct({
  successCount: WireSchema.maybe(Schema.Finite),
  failedCount: WireSchema.maybe(Schema.Finite),
  entities: WireSchema.maybe(
    Schema.Array(
      Schema.Struct({
        id: WireSchema.maybe(EntityId),
        name: WireSchema.maybe(Schema.String),
        status: WireSchema.maybe(EntityStatus)
      }).pipe(Schema.encodeKeys({ id: "_id" }))
    )
  ),
  errors: WireSchema.maybe(
    Schema.Array(
      Schema.Struct({
        index: WireSchema.maybe(Schema.Finite),
        name: WireSchema.maybe(Schema.String),
        reason: WireSchema.maybe(Schema.String)
      }).pipe(Schema.encodeKeys({ index: "entity_index", name: "entity_name", reason: "error_reason" }))
    )
  )
}).pipe(Schema.encodeKeys({ successCount: "success_count", failedCount: "failed_count" }))

const AssetIdsBody = Schema.Struct({ assetIds: Schema.Array(AssetId) }).pipe(
  Schema.encodeKeys({ assetIds: "asset_ids" })
)

const ofCollection = { collectionId: WireSchema.inPath(EntityCollectionId) } as const
const params = { ...ofCollection, entityId: WireSchema.inPath(EntityId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("entities").add(
  HttpApiEndpoint.post("create", "/entity-collections/:collectionId/entities", {
    params: ofCollection,
    payload: CreateBody,
    success: Entity.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.post("createMany", "/entity-collections/:collectionId/entities/bulk", {
    params: ofCollection,
    payload: Schema.Struct({ entities: Schema.Array(CreateBody) }),
    success: BulkOutcomeWire.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/entity-collections/:collectionId/entities", {
    params: ofCollection,
    query: Schema.Struct({
      ...Wire.listQuery,
      ...Wire.sortQuery,
      name: Schema.optional(Schema.String),
      status: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ ...Wire.listKeys, ...Wire.sortKeys })),
    success: Wire.page(Entity)
  }),
  HttpApiEndpoint.get("get", "/entity-collections/:collectionId/entities/:entityId", { params, success: Entity }),
  HttpApiEndpoint.patch("update", "/entity-collections/:collectionId/entities/:entityId", {
    params,
    payload: Schema.Struct({
      name: Schema.optional(Schema.String),
      description: Schema.optional(Schema.String),
      metadata: Schema.optional(Wire.Metadata)
    }),
    success: Entity
  }),
  HttpApiEndpoint.delete("delete", "/entity-collections/:collectionId/entities/:entityId", {
    params,
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.post("addAssets", "/entity-collections/:collectionId/entities/:entityId/assets", {
    params,
    payload: AssetIdsBody,
    success: Entity
  }),
  HttpApiEndpoint.delete("removeAssets", "/entity-collections/:collectionId/entities/:entityId/assets", {
    params,
    payload: AssetIdsBody,
    success: Entity
  }),
  HttpApiEndpoint.get("ofAsset", "/assets/:assetId/entities", {
    params: { assetId: WireSchema.inPath(AssetId) },
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(Entity)
  })
)

/**
 * What can be done with entities.
 */
export interface Entities {
  /**
   * Makes an entity, which is being processed then.
   *
   * **Example** (A person, from two images)
   *
   * ```ts
   * import { type AssetId, type EntityCollectionId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const add = (collectionId: EntityCollectionId, name: string, assetIds: ReadonlyArray<AssetId>) =>
   *   Effect.gen(function*() {
   *     const { entities } = yield* TwelveLabs
   *     const { id } = yield* entities.create(collectionId, { name, assetIds })
   *     return yield* entities.awaitReady({ collectionId, entityId: id })
   *   })
   * ```
   */
  readonly create: (
    collectionId: EntityCollectionId,
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Entity, RequestError>
  /** Makes many entities. Those that the vendor refuses are in the outcome: they are no error. */
  readonly createMany: (
    collectionId: EntityCollectionId,
    requests: ReadonlyArray<CreateRequest>,
    options?: CallOptions | undefined
  ) => Effect.Effect<BulkOutcome, RequestError>
  /** The entities of a collection, page by page. */
  readonly list: (
    collectionId: EntityCollectionId,
    options?: EntityListOptions | undefined
  ) => Stream.Stream<Entity, RequestError>
  /** An entity, as far as the vendor is with it. */
  readonly get: (place: EntityPlace, options?: CallOptions | undefined) => Effect.Effect<Entity, RequestError>
  /** Changes an entity. What is not named stays. */
  readonly update: (
    place: EntityPlace,
    request: UpdateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Entity, RequestError>
  /** Deletes an entity. Its assets stay. */
  readonly delete: (place: EntityPlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** Adds assets to an entity, which is processed again then. */
  readonly addAssets: (
    place: EntityPlace,
    assetIds: ReadonlyArray<AssetId>,
    options?: CallOptions | undefined
  ) => Effect.Effect<Entity, RequestError>
  /** Takes assets from an entity. The last one cannot be taken. */
  readonly removeAssets: (
    place: EntityPlace,
    assetIds: ReadonlyArray<AssetId>,
    options?: CallOptions | undefined
  ) => Effect.Effect<Entity, RequestError>
  /** The entities that an asset is part of, page by page. */
  readonly ofAsset: (assetId: AssetId, options?: ListOptions | undefined) => Stream.Stream<Entity, RequestError>
  /**
   * Waits until an entity can be searched for. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working.
   */
  readonly awaitReady: (
    place: EntityPlace,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<Entity, RequestError | Polling.NotReadyError>
}

/**
 * Makes the entities of a connection. `TwelveLabs` has them as its member `entities`.
 */
export const make = (connection: Connection): Effect.Effect<Entities> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: Entities["get"] = (params, options) => call(({ entities }) => entities.get({ params }), options)

    return {
      create: (collectionId, payload, options) =>
        call(({ entities }) => entities.create({ params: { collectionId }, payload }), options),
      createMany: (collectionId, requests, options) =>
        call(
          ({ entities }) => entities.createMany({ params: { collectionId }, payload: { entities: requests } }),
          options
        ).pipe(
          Effect.map(({ entities = [], errors = [], failedCount, successCount }) => ({
            successCount: successCount ?? entities.length,
            failedCount: failedCount ?? errors.length,
            entities,
            errors
          }))
        ),
      list: (collectionId, { name, sortBy, sortOption, status, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(
            ({ entities }) =>
              entities.list({ params: { collectionId }, query: { ...query, name, status, sortBy, sortOption } }),
            options
          )
        ),
      get,
      update: (params, payload, options) => call(({ entities }) => entities.update({ params, payload }), options),
      delete: (params, options) => call(({ entities }) => entities.delete({ params }), options),
      addAssets: (params, assetIds, options) =>
        call(({ entities }) => entities.addAssets({ params, payload: { assetIds } }), options),
      removeAssets: (params, assetIds, options) =>
        call(({ entities }) => entities.removeAssets({ params, payload: { assetIds } }), options),
      ofAsset: (assetId, options) =>
        listing(connection, options, (query) =>
          call(({ entities }) => entities.ofAsset({ params: { assetId }, query }), options)
        ),
      awaitReady: (place, { deadline = defaultDeadline, onProgress, schedule, ...options } = {}) =>
        Polling.until(
          {
            subject: `entity ${place.entityId}`,
            poll: get(place, options),
            isReady: ({ status }) => status === "ready",
            describe: ({ status }) => status ?? "unknown"
          },
          { deadline, onProgress, schedule }
        )
    }
  })
