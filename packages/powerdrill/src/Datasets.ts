/**
 * Datasets: what jobs look at, made of data sources.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { DatasetId } from "./Ids.ts"
import { asker } from "./internal/asker.ts"
import { listing } from "./internal/listing.ts"
import * as Wire from "./internal/wire.ts"
import { InvalidDataError } from "./InvalidDataError.ts"

/**
 * A dataset.
 */
export const Dataset = Schema.Struct({
  id: DatasetId,
  name: Schema.String,
  description: WireSchema.maybe(Schema.String)
})

/** A dataset. */
export type Dataset = typeof Dataset.Type

/** A list of texts; the schema of the vendor says one text, its samples say a list. */
const Texts = Schema.Union([
  Schema.Array(Schema.String),
  Schema.String.pipe(
    Schema.decodeTo(
      Schema.Array(Schema.String),
      SchemaTransformation.transform({
        decode: (text: string): ReadonlyArray<string> =>
          text
            .split(",")
            .map((word) => word.trim())
            .filter((word) => word !== ""),
        encode: (texts) => texts.join(",")
      })
    )
  )
])

/**
 * What the vendor found out about a dataset ("Dataset overview"). Right after the first synchronisation it may be refused or
 * empty for some seconds.
 */
export const Overview = Schema.Struct({
  id: DatasetId,
  name: WireSchema.maybe(Schema.String),
  description: WireSchema.maybe(Schema.String),
  summary: WireSchema.maybe(Schema.String),
  /** Questions to begin with; each call brings others. */
  explorationQuestions: WireSchema.maybe(Texts),
  keywords: WireSchema.maybe(Texts)
}).pipe(Schema.encodeKeys({ explorationQuestions: "exploration_questions" }))

/** What the vendor found out about a dataset. */
export type Overview = typeof Overview.Type

/**
 * How many data sources of a dataset are in which state.
 */
export const Status = Schema.Struct({
  /** Read, and ready for jobs. */
  synchedCount: Wire.Count,
  /** Could not be read. */
  invalidCount: Wire.Count,
  /** Still being read; jobs leave them out without a word. */
  synchingCount: Wire.Count
}).pipe(
  Schema.encodeKeys({
    synchedCount: "synched_count",
    invalidCount: "invalid_count",
    synchingCount: "synching_count"
  })
)

/** How many data sources of a dataset are in which state. */
export type Status = typeof Status.Type

/**
 * What a dataset is made with. The vendor cuts the name to 128 characters, and the description to a length that its pages do
 * not agree on.
 */
export interface CreateRequest {
  readonly name: string
  readonly description?: string | undefined
}

/**
 * How a dataset is changed: at least one of the two, and not a blank one.
 */
export interface ModifyRequest {
  readonly name?: string | undefined
  readonly description?: string | undefined
}

/**
 * Options of waiting for a dataset.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<Status> {
  /** How many data sources must be ready at least: an empty dataset looks as if it were done. Default 1. */
  readonly expected?: number | undefined
  /**
   * After how many polls in a row that show an invalid data source to give up. One page of the vendor's calls `invalid`
   * "awaiting processing"; all other signs are that it has failed. Default 1.
   */
  readonly invalidPolls?: number | undefined
}

const params = { id: WireSchema.inPath(DatasetId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("datasets").add(
  HttpApiEndpoint.post("create", "/datasets", {
    payload: Schema.Struct({
      userId: Schema.String,
      name: Schema.String,
      description: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ userId: "user_id" })),
    success: Wire.envelope(Schema.Struct({ id: DatasetId }))
  }),
  HttpApiEndpoint.get("list", "/datasets", {
    query: Schema.Struct({ ...Wire.listQuery, search: Schema.optional(Schema.String) }).pipe(
      Schema.encodeKeys(Wire.listKeys)
    ),
    success: Wire.page(Dataset)
  }),
  HttpApiEndpoint.post("modify", "/datasets/:id", {
    params,
    payload: Schema.Struct({
      userId: Schema.String,
      name: Schema.optional(Schema.String),
      description: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ userId: "user_id" })),
    success: Wire.done
  }),
  HttpApiEndpoint.delete("delete", "/datasets/:id", { params, payload: Wire.Asker, success: Wire.done }),
  HttpApiEndpoint.get("overview", "/datasets/:id/overview", {
    params,
    query: Wire.Asker,
    success: Wire.envelope(Overview)
  }),
  HttpApiEndpoint.get("status", "/datasets/:id/status", { params, query: Wire.Asker, success: Wire.envelope(Status) })
)

/**
 * What can be done with datasets.
 */
export interface Datasets {
  readonly create: (request: CreateRequest, options?: CallOptions | undefined) => Effect.Effect<DatasetId, RequestError>
  /**
   * The datasets of the key's project, page by page.
   *
   * @param options `search` finds names and descriptions that contain it
   */
  readonly list: (
    options?: (ListOptions & { readonly search?: string | undefined }) | undefined
  ) => Stream.Stream<Dataset, RequestError>
  readonly modify: (
    datasetId: DatasetId,
    request: ModifyRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Deletes a dataset with all its data sources. Only who made it may. */
  readonly delete: (datasetId: DatasetId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** What the vendor found out about the data. There is no other way to ask for one dataset by its id. */
  readonly overview: (datasetId: DatasetId, options?: CallOptions | undefined) => Effect.Effect<Overview, RequestError>
  readonly status: (datasetId: DatasetId, options?: CallOptions | undefined) => Effect.Effect<Status, RequestError>
  /**
   * Waits until every data source of the dataset is ready, and gives the last status. `deadline` (default 10 minutes) is for
   * the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be reading;
   * - `InvalidDataError`: a data source could not be read, and never will be.
   */
  readonly awaitReady: (
    datasetId: DatasetId,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<Status, RequestError | Polling.NotReadyError | InvalidDataError>
}

/**
 * Makes the datasets of a connection. `Powerdrill` has them as its member `datasets`.
 */
export const make = (connection: Connection): Effect.Effect<Datasets> =>
  Effect.map(ApiClient.make(HttpApi.make("powerdrill").add(Group), connection), ({ call }) => {
    const status: Datasets["status"] = (id, options) =>
      call(({ datasets }) => datasets.status({ params: { id }, query: asker(connection, options) }), options)

    return {
      create: (request, options) =>
        call(
          ({ datasets }) => datasets.create({ payload: { ...request, ...asker(connection, options) } }),
          options
        ).pipe(Effect.map(({ id }) => id)),
      list: (options) =>
        listing(connection, options, (query) =>
          call(({ datasets }) => datasets.list({ query: { ...query, search: options?.search } }), options)
        ),
      modify: (id, request, options) =>
        call(
          ({ datasets }) => datasets.modify({ params: { id }, payload: { ...request, ...asker(connection, options) } }),
          options
        ),
      delete: (id, options) =>
        call(({ datasets }) => datasets.delete({ params: { id }, payload: asker(connection, options) }), options),
      overview: (id, options) =>
        call(({ datasets }) => datasets.overview({ params: { id }, query: asker(connection, options) }), options),
      status,
      awaitReady: (datasetId, { deadline, expected = 1, invalidPolls = 1, onProgress, schedule, ...options } = {}) =>
        Effect.suspend(() => {
          let invalid = 0
          const poll = Effect.flatMap(status(datasetId, options), (now) => {
            invalid = now.invalidCount > 0 ? invalid + 1 : 0
            return invalid < invalidPolls
              ? Effect.succeed(now)
              : Effect.fail(new InvalidDataError({ datasetId, invalidCount: now.invalidCount }))
          })
          return Polling.until(
            {
              subject: `dataset ${datasetId}`,
              poll,
              isReady: (now) => now.invalidCount === 0 && now.synchingCount === 0 && now.synchedCount >= expected,
              describe: (now) =>
                `${now.synchedCount} of at least ${expected} ready, ${now.synchingCount} synching, ${now.invalidCount} invalid`
            },
            { deadline, onProgress, schedule }
          )
        })
    }
  })
