/**
 * Indexes: where videos are indexed, so that they can be searched. What is searched for, and how, depends on the models of the index.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions, SortOptions } from "./Connection.ts"
import { IndexId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import * as Wire from "./internal/wire.ts"

const modelKeys = { name: "model_name", options: "model_options" } as const

/**
 * A model of an index, and what of a video it looks at. Indexes of old may have models that new ones cannot have.
 */
export const Model = Schema.Struct({
  name: WireSchema.maybe(WireSchema.openEnum("marengo3.0")),
  options: WireSchema.maybe(Schema.Array(WireSchema.openEnum("visual", "audio")))
}).pipe(Schema.encodeKeys(modelKeys))

/** A model of an index, and what of a video it looks at. */
export type Model = typeof Model.Type

/**
 * An index.
 */
export const Index = Schema.Struct({
  id: IndexId,
  name: WireSchema.maybe(Schema.String),
  models: WireSchema.maybe(Schema.Array(Model)),
  /** `"thumbnail"`: hits of a search have pictures. */
  addons: WireSchema.maybe(Schema.Array(Schema.String)),
  videoCount: WireSchema.maybe(Schema.Finite),
  /** Of all its videos together. */
  totalDurationSeconds: WireSchema.maybe(Schema.Finite),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime,
  /** When it will be deleted; `undefined` on plans on which it will not. */
  expiresAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    name: "index_name",
    videoCount: "video_count",
    totalDurationSeconds: "total_duration",
    createdAt: "created_at",
    updatedAt: "updated_at",
    expiresAt: "expires_at"
  })
)

/** An index. */
export type Index = typeof Index.Type

/**
 * What an index is made with.
 */
export interface CreateRequest {
  /** No two indexes of an account have the same. */
  readonly name: string
  /** They cannot be changed later. */
  readonly models: readonly [ModelRequest, ...Array<ModelRequest>]
  /** `"thumbnail"` gives pictures to the hits of a search. */
  readonly addons?: ReadonlyArray<"thumbnail" | (string & {})> | undefined
}

/**
 * A model that an index is to have.
 */
export interface ModelRequest {
  readonly name: "marengo3.0" | (string & {})
  /** What of a video it looks at. */
  readonly options: ReadonlyArray<"visual" | "audio" | (string & {})>
}

/**
 * What a list of indexes is narrowed down by.
 */
export interface Filters {
  /** Those of this name. Default: of any. */
  readonly name?: string | undefined
  /** What its models look at. */
  readonly modelOptions?: ReadonlyArray<"visual" | "audio" | (string & {})> | undefined
  /** Those with a model of this family: `marengo` is for search, `pegasus` for analysis. */
  readonly modelFamily?: "marengo" | "pegasus" | (string & {}) | undefined
  /** Made on this day, at this time or later. */
  readonly createdSince?: DateTime.Utc | undefined
  /** Changed on this day, at this time or later. */
  readonly updatedSince?: DateTime.Utc | undefined
}

const params = { id: WireSchema.inPath(IndexId) } as const

/** Several words in one parameter. */
const Words = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String),
    SchemaTransformation.transform<ReadonlyArray<string>, string>({
      decode: (text) => text.split(","),
      encode: (words) => words.join(",")
    })
  )
)

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("indexes").add(
  HttpApiEndpoint.post("create", "/indexes", {
    payload: Schema.Struct({
      name: Schema.String,
      models: Schema.NonEmptyArray(
        Schema.Struct({ name: Schema.String, options: Schema.Array(Schema.String) }).pipe(Schema.encodeKeys(modelKeys))
      ),
      addons: Schema.optional(Schema.Array(Schema.String))
    }).pipe(Schema.encodeKeys({ name: "index_name" })),
    success: Schema.Struct({ id: IndexId }).pipe(Schema.encodeKeys({ id: "_id" }), HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/indexes", {
    query: Schema.Struct({
      ...Wire.listQuery,
      ...Wire.sortQuery,
      ...Wire.sinceQuery,
      name: Schema.optional(Schema.String),
      modelOptions: Schema.optional(Words),
      modelFamily: Schema.optional(Schema.String)
    }).pipe(
      Schema.encodeKeys({
        ...Wire.listKeys,
        ...Wire.sortKeys,
        ...Wire.sinceKeys,
        name: "index_name",
        modelOptions: "model_options",
        modelFamily: "model_family"
      })
    ),
    success: Wire.page(Index)
  }),
  HttpApiEndpoint.get("get", "/indexes/:id", { params, success: Index }),
  HttpApiEndpoint.put("rename", "/indexes/:id", {
    params,
    payload: Schema.Struct({ name: Schema.String }).pipe(Schema.encodeKeys({ name: "index_name" })),
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.delete("delete", "/indexes/:id", { params, success: HttpApiSchema.NoContent })
)

/**
 * What can be done with indexes.
 */
export interface Indexes {
  /**
   * Makes an index, and gives its id: the vendor tells nothing else.
   *
   * **Example** (An index that can be searched by what is seen and heard)
   *
   * ```ts
   * import { TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { indexes } = yield* TwelveLabs
   *   return yield* indexes.create({
   *     name: "workshop",
   *     models: [{ name: "marengo3.0", options: ["visual", "audio"] }]
   *   })
   * })
   * ```
   */
  readonly create: (request: CreateRequest, options?: CallOptions | undefined) => Effect.Effect<IndexId, RequestError>
  /** The indexes of the account, page by page. */
  readonly list: (
    options?: (ListOptions & SortOptions<"created_at" | "updated_at"> & Filters) | undefined
  ) => Stream.Stream<Index, RequestError>
  /** An index, with its models and how much is in it. */
  readonly get: (id: IndexId, options?: CallOptions | undefined) => Effect.Effect<Index, RequestError>
  /** Gives an index another name; nothing else of it can be changed. */
  readonly rename: (id: IndexId, name: string, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** Deletes an index with all that was indexed in it. The assets stay. */
  readonly delete: (id: IndexId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
}

/**
 * Makes the indexes of a connection. `TwelveLabs` has them as its member `indexes`.
 */
export const make = (connection: Connection): Effect.Effect<Indexes> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    create: (payload, options) =>
      Effect.map(
        call(({ indexes }) => indexes.create({ payload }), options),
        ({ id }) => id
      ),
    list: ({ createdSince, modelFamily, modelOptions, name, sortBy, sortOption, updatedSince, ...options } = {}) => {
      const filters = { name, modelOptions, modelFamily, createdSince, updatedSince }
      return listing(connection, options, (query) =>
        call(({ indexes }) => indexes.list({ query: { ...query, ...filters, sortBy, sortOption } }), options)
      )
    },
    get: (id, options) => call(({ indexes }) => indexes.get({ params: { id } }), options),
    rename: (id, name, options) =>
      call(({ indexes }) => indexes.rename({ params: { id }, payload: { name } }), options),
    delete: (id, options) => call(({ indexes }) => indexes.delete({ params: { id } }), options)
  }))
