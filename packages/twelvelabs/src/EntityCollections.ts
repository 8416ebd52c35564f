/**
 * Collections of entities: each holds persons or things that are to be recognized.
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
import { EntityCollectionId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import * as Wire from "./internal/wire.ts"

/**
 * A collection of entities.
 */
export const EntityCollection = Schema.Struct({
  id: EntityCollectionId,
  name: WireSchema.maybe(Schema.String),
  description: WireSchema.maybe(Schema.String),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(Schema.encodeKeys({ id: "_id", createdAt: "created_at", updatedAt: "updated_at" }))

/** A collection of entities. */
export type EntityCollection = typeof EntityCollection.Type

/**
 * What a collection is made with.
 */
export interface CreateRequest {
  readonly name: string
  readonly description?: string | undefined
}

/**
 * How a collection is changed.
 */
export interface UpdateRequest {
  readonly name?: string | undefined
  readonly description?: string | undefined
}

/**
 * Which collections a list has, and in which order.
 */
export interface EntityCollectionListOptions extends ListOptions, SortOptions<"created_at" | "updated_at" | "name"> {
  /** Those of this name. Default: of any. */
  readonly name?: string | undefined
}

const params = { id: WireSchema.inPath(EntityCollectionId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("entityCollections").add(
  HttpApiEndpoint.post("create", "/entity-collections", {
    payload: Schema.Struct({ name: Schema.String, description: Schema.optional(Schema.String) }),
    success: EntityCollection.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/entity-collections", {
    query: Schema.Struct({ ...Wire.listQuery, ...Wire.sortQuery, name: Schema.optional(Schema.String) }).pipe(
      Schema.encodeKeys({ ...Wire.listKeys, ...Wire.sortKeys })
    ),
    success: Wire.page(EntityCollection)
  }),
  HttpApiEndpoint.get("get", "/entity-collections/:id", { params, success: EntityCollection }),
  HttpApiEndpoint.patch("update", "/entity-collections/:id", {
    params,
    payload: Schema.Struct({ name: Schema.optional(Schema.String), description: Schema.optional(Schema.String) }),
    success: EntityCollection
  }),
  HttpApiEndpoint.delete("delete", "/entity-collections/:id", { params, success: HttpApiSchema.NoContent })
)

/**
 * What can be done with collections of entities.
 */
export interface EntityCollections {
  /** Makes a collection, which has no entities yet. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<EntityCollection, RequestError>
  /** The collections of the account, page by page. */
  readonly list: (options?: EntityCollectionListOptions | undefined) => Stream.Stream<EntityCollection, RequestError>
  /** A collection, without its entities. */
  readonly get: (
    id: EntityCollectionId,
    options?: CallOptions | undefined
  ) => Effect.Effect<EntityCollection, RequestError>
  /** Changes a collection. What is not named stays. */
  readonly update: (
    id: EntityCollectionId,
    request: UpdateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<EntityCollection, RequestError>
  /** Deletes a collection with all its entities. The assets stay. */
  readonly delete: (id: EntityCollectionId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
}

/**
 * Makes the entity collections of a connection. `TwelveLabs` has them as its member `entityCollections`.
 */
export const make = (connection: Connection): Effect.Effect<EntityCollections> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    create: (payload, options) => call(({ entityCollections }) => entityCollections.create({ payload }), options),
    list: ({ name, sortBy, sortOption, ...options } = {}) =>
      listing(connection, options, (query) =>
        call(
          ({ entityCollections }) => entityCollections.list({ query: { ...query, name, sortBy, sortOption } }),
          options
        )
      ),
    get: (id, options) => call(({ entityCollections }) => entityCollections.get({ params: { id } }), options),
    update: (id, payload, options) =>
      call(({ entityCollections }) => entityCollections.update({ params: { id }, payload }), options),
    delete: (id, options) => call(({ entityCollections }) => entityCollections.delete({ params: { id } }), options)
  }))
