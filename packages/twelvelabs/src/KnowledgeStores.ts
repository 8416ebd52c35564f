/**
 * Knowledge stores: what the agent reasons over. A store holds items, which are made of assets.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import * as Pagination from "@effect-sse/core/Pagination"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions, SortOptions } from "./Connection.ts"
import { KnowledgeStoreId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import { SearchBody, searchBody } from "./internal/searchBody.ts"
import * as Wire from "./internal/wire.ts"
import * as JsonSchemaDialect from "./JsonSchemaDialect.ts"
import { type Hit, SearchPage, type SearchRequest } from "./KnowledgeStoreSearch.ts"
import type { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"
import type { TextMetadata } from "./UserMetadata.ts"

/**
 * What the vendor finds out about each item when it is added: fields by a JSON Schema, or what a description in plain
 * language says, of which the vendor makes a schema.
 */
export const EnrichmentConfig = Schema.Struct({
  type: WireSchema.openEnum("json_schema", "description"),
  jsonSchema: WireSchema.maybe(Schema.Record(Schema.String, Schema.Unknown)),
  description: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ jsonSchema: "json_schema" }))

/** What the vendor finds out about each item. */
export type EnrichmentConfig = typeof EnrichmentConfig.Type

const IngestionConfig = Schema.Struct({ enrichmentConfig: WireSchema.maybe(EnrichmentConfig) }).pipe(
  Schema.encodeKeys({ enrichmentConfig: "enrichment_config" })
)

const IngestionBody = Schema.Struct({
  enrichmentConfig: Schema.optional(
    Schema.Struct({
      type: Schema.String,
      jsonSchema: Schema.optional(Schema.Record(Schema.String, Schema.Unknown)),
      description: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ jsonSchema: "json_schema" }))
  )
}).pipe(Schema.encodeKeys({ enrichmentConfig: "enrichment_config" }))

/**
 * A knowledge store.
 */
export const KnowledgeStore = Schema.Struct({
  id: KnowledgeStoreId,
  name: WireSchema.maybe(Schema.String),
  description: WireSchema.maybe(Schema.String),
  /** Cannot be changed. */
  ingestionConfig: WireSchema.maybe(IngestionConfig),
  itemCount: WireSchema.maybe(Schema.Finite),
  metadata: WireSchema.maybe(Wire.TextMetadata),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    ingestionConfig: "ingestion_config",
    itemCount: "item_count",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** A knowledge store. */
export type KnowledgeStore = typeof KnowledgeStore.Type

/**
 * What a knowledge store is made with.
 */
export interface CreateRequest {
  readonly name: string
  readonly description?: string | undefined
  readonly metadata?: TextMetadata | undefined
  /** What to find out about each item. It cannot be changed later. */
  readonly enrichment?: Enrichment | undefined
}

/**
 * What to find out about each item: a description in plain language, an Effect Schema, or a JSON Schema that was written by
 * hand. Both are checked against the vendor's dialect (see `JsonSchemaDialect.enrichment`), in which every property has a
 * description.
 *
 * **Example** (By a schema)
 *
 * ```ts
 * import type { KnowledgeStores } from "@effect-sse/twelvelabs"
 * import { Schema } from "effect"
 *
 * const enrichment: KnowledgeStores.Enrichment = {
 *   schema: Schema.Struct({
 *     speaker: Schema.String.annotate({ description: "who speaks most" }),
 *     tools: Schema.Array(Schema.String).annotate({ description: "the tools that are used" })
 *   })
 * }
 * ```
 */
export type Enrichment =
  | { readonly description: string; readonly jsonSchema?: undefined; readonly schema?: undefined }
  | { readonly schema: Schema.Constraint; readonly description?: undefined; readonly jsonSchema?: undefined }
  | {
      readonly jsonSchema: Readonly<Record<string, unknown>>
      readonly description?: undefined
      readonly schema?: undefined
    }

/**
 * How a knowledge store is changed.
 */
export interface UpdateRequest {
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** In place of all that was; `{}` clears it. */
  readonly metadata?: TextMetadata | undefined
}

/**
 * Options of asking for one page of a search.
 */
export interface SearchPageOptions extends CallOptions {
  /** How many hits a page has, 1 to 50; the vendor's own number is 10. */
  readonly pageSize?: number | undefined
  /** From the page before. Without it the first page is asked for. */
  readonly pageToken?: string | undefined
}

const params = { id: WireSchema.inPath(KnowledgeStoreId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("knowledgeStores").add(
  HttpApiEndpoint.post("create", "/knowledge-stores", {
    payload: Schema.Struct({
      name: Schema.String,
      description: Schema.optional(Schema.String),
      metadata: Schema.optional(Wire.TextMetadata),
      ingestionConfig: Schema.optional(IngestionBody)
    }).pipe(Schema.encodeKeys({ ingestionConfig: "ingestion_config" })),
    success: KnowledgeStore.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/knowledge-stores", {
    query: Schema.Struct({ ...Wire.listQuery, ...Wire.sortQuery }).pipe(
      Schema.encodeKeys({ ...Wire.listKeys, ...Wire.sortKeys })
    ),
    success: Wire.page(KnowledgeStore)
  }),
  HttpApiEndpoint.get("get", "/knowledge-stores/:id", { params, success: KnowledgeStore }),
  HttpApiEndpoint.patch("update", "/knowledge-stores/:id", {
    params,
    payload: Schema.Struct({
      name: Schema.optional(Schema.String),
      description: Schema.optional(Schema.String),
      metadata: Schema.optional(Wire.TextMetadata)
    }),
    success: KnowledgeStore
  }),
  HttpApiEndpoint.delete("delete", "/knowledge-stores/:id", { params, success: HttpApiSchema.NoContent }),
  HttpApiEndpoint.post("search", "/knowledge-stores/:id/search", {
    params,
    payload: SearchBody,
    success: SearchPage
  }).annotate(ApiClient.Idempotent, true)
)

/**
 * What can be done with knowledge stores.
 */
export interface KnowledgeStores {
  /** Makes a knowledge store. Fails with an `UnsupportedSchemaError`, and sends nothing, where the enrichment's schema is unfit. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<KnowledgeStore, RequestError | UnsupportedSchemaError>
  /** The knowledge stores of the account, page by page. */
  readonly list: (
    options?: (ListOptions & SortOptions<"created_at" | "updated_at">) | undefined
  ) => Stream.Stream<KnowledgeStore, RequestError>
  /** A knowledge store, without its items. */
  readonly get: (id: KnowledgeStoreId, options?: CallOptions | undefined) => Effect.Effect<KnowledgeStore, RequestError>
  /** Changes a knowledge store. What is not named stays. */
  readonly update: (
    id: KnowledgeStoreId,
    request: UpdateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<KnowledgeStore, RequestError>
  /** Deletes a knowledge store with all its items. The assets stay. */
  readonly delete: (id: KnowledgeStoreId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /**
   * Searches the items that are ready, best hits first, page by page: a page is asked for when its first hit is wanted.
   *
   * An `ApiError` of kind `Gone` means that so much time went by between two pages that the vendor has forgotten the search:
   * begin it again.
   *
   * **Example** (The five best moments)
   *
   * ```ts
   * import { type KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Stream } from "effect"
   *
   * const best = (id: KnowledgeStoreId) =>
   *   Effect.gen(function*() {
   *     const { knowledgeStores } = yield* TwelveLabs
   *     const hits = yield* knowledgeStores.search(id, { query: "a kite takes off" }).pipe(Stream.take(5), Stream.runCollect)
   *     return hits.flatMap((hit) =>
   *       hit._tag === "VideoHit" ? hit.matches.map(({ endSeconds, startSeconds }) => [hit.itemId, startSeconds, endSeconds]) : []
   *     )
   *   })
   * ```
   */
  readonly search: (
    id: KnowledgeStoreId,
    request: SearchRequest,
    options?: ListOptions | undefined
  ) => Stream.Stream<Hit, RequestError>
  /** One page of a search, with the options that the vendor searched with. */
  readonly searchPage: (
    id: KnowledgeStoreId,
    request: SearchRequest,
    options?: SearchPageOptions | undefined
  ) => Effect.Effect<SearchPage, RequestError>
}

/**
 * Makes the knowledge stores of a connection. `TwelveLabs` has them as its member `knowledgeStores`.
 */
export const make = (connection: Connection): Effect.Effect<KnowledgeStores> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const searchPage: KnowledgeStores["searchPage"] = (id, request, { pageSize, pageToken, ...options } = {}) =>
      call(
        ({ knowledgeStores }) =>
          knowledgeStores.search({ params: { id }, payload: searchBody(request, { pageSize, pageToken }) }),
        options
      )

    return {
      create: ({ enrichment, ...request }, options) =>
        Effect.gen(function* () {
          const enrichmentConfig = yield* Effect.fromResult(enrichmentConfigOf(enrichment))
          const ingestionConfig = enrichmentConfig === undefined ? undefined : { enrichmentConfig }
          return yield* call(
            ({ knowledgeStores }) => knowledgeStores.create({ payload: { ...request, ingestionConfig } }),
            options
          )
        }),
      list: ({ sortBy, sortOption, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(({ knowledgeStores }) => knowledgeStores.list({ query: { ...query, sortBy, sortOption } }), options)
        ),
      get: (id, options) => call(({ knowledgeStores }) => knowledgeStores.get({ params: { id } }), options),
      update: (id, payload, options) =>
        call(({ knowledgeStores }) => knowledgeStores.update({ params: { id }, payload }), options),
      delete: (id, options) => call(({ knowledgeStores }) => knowledgeStores.delete({ params: { id } }), options),
      search: (id, request, options) =>
        Pagination.byToken(connection.vendor.name, (pageToken) =>
          Effect.map(searchPage(id, request, { ...options, pageToken }), ({ hits, nextPageToken }) => ({
            items: hits,
            next: nextPageToken
          }))
        ),
      searchPage
    }
  })

const enrichmentConfigOf = (
  enrichment: Enrichment | undefined
): Result.Result<EnrichmentConfig | undefined, UnsupportedSchemaError> => {
  if (enrichment === undefined) return Result.succeed(undefined)
  const { description, jsonSchema, schema } = enrichment
  if (description !== undefined) return Result.succeed({ type: "description", description, jsonSchema: undefined })
  const dialect = JsonSchemaDialect.enrichment
  const checked =
    schema === undefined ? JsonSchemaDialect.check(dialect, jsonSchema) : JsonSchemaDialect.fromSchema(dialect, schema)
  return Result.map(checked, (fit) => ({ type: "json_schema", jsonSchema: fit, description: undefined }))
}
