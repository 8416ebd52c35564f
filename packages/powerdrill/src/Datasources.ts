/**
 * Data sources: the files of a dataset.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { Artifact } from "@effect-sse/core/Artifact"
import type { FileSource, FileSourceError } from "@effect-sse/core/FileSource"
import * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { DatasetId, DatasourceId, FileObjectKey } from "./Ids.ts"
import * as Files from "./Files.ts"
import { asker } from "./internal/asker.ts"
import { listing } from "./internal/listing.ts"
import { parseExpiry } from "./internal/expiry.ts"
import * as Wire from "./internal/wire.ts"
import { InvalidDataError } from "./InvalidDataError.ts"
import { UploadError } from "./UploadError.ts"

/**
 * How far the vendor is with a file: being read, ready, or unreadable. Older versions have other words, and new ones may come:
 * {@link stateOf} says what a status means.
 */
export const DatasourceStatus: Schema.Codec<DatasourceStatus> = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals(["synching", "synched", "invalid"])
])

/** How far the vendor is with a file. */
export type DatasourceStatus = "synching" | "synched" | "invalid" | (string & {})

/**
 * What a status means: one that is not known is taken for "not ready yet".
 */
export const stateOf = (status: DatasourceStatus): "Ready" | "Failed" | "Pending" => {
  switch (status) {
    case "synched":
      return "Ready"
    case "invalid":
    case "error":
      return "Failed"
    default:
      return "Pending"
  }
}

/**
 * A data source.
 */
export const Datasource = Schema.Struct({
  id: DatasourceId,
  datasetId: DatasetId,
  /** The file's name with its extension. */
  name: Schema.String,
  /** `"FILE"`, the only type there is. */
  type: WireSchema.maybe(Schema.String),
  status: DatasourceStatus,
  /** In bytes; told by `list` and `get` only. */
  size: WireSchema.maybe(Wire.Count)
}).pipe(Schema.encodeKeys({ datasetId: "dataset_id" }))

/** A data source. */
export type Datasource = typeof Datasource.Type

/**
 * Where a data source's file is: at an address that everyone can read, or among the uploaded files (see `Files`).
 */
export type Origin =
  | { readonly url: string; readonly fileObjectKey?: undefined }
  | { readonly fileObjectKey: FileObjectKey; readonly url?: undefined }

/**
 * What a data source is made with ("Create data source" in the vendor's reference).
 */
export type CreateRequest = Origin & {
  /** 1 to 128 characters, with the file's extension (`sales.csv`), by which the vendor knows how to read it. */
  readonly name: string
  /** Without it the vendor makes a dataset: its id comes back with the data source. */
  readonly datasetId?: DatasetId | undefined
}

/**
 * Which data source of which dataset.
 */
export interface DatasourcePlace {
  readonly datasetId: DatasetId
  readonly datasourceId: DatasourceId
}

/**
 * Options of uploading a file as a data source.
 */
export interface UploadOptions extends Files.UploadOptions {
  /** Without it the vendor makes a dataset: its id comes back with the data source. */
  readonly datasetId?: DatasetId | undefined
  /** A name for it, with the file's extension. Default: the file's own. */
  readonly name?: string | undefined
}

/**
 * Options of waiting for a data source.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<Datasource> {
  /**
   * After how many polls in a row that show it as invalid to give up. One page of the vendor's calls `invalid` "awaiting
   * processing"; all other signs are that it has failed. Default 1.
   */
  readonly invalidPolls?: number | undefined
}

const createFields = {
  userId: Schema.String,
  name: Schema.String,
  type: Schema.Literal("FILE"),
  url: Schema.optional(Schema.String),
  fileObjectKey: Schema.optional(FileObjectKey)
} as const

const CreateBody = Schema.Struct(createFields).pipe(
  Schema.encodeKeys({ userId: "user_id", fileObjectKey: "file_object_key" })
)

const Presigned = Schema.Struct({
  url: Schema.String,
  expiresAt: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ url: "presigned_url", expiresAt: "expires_at" }))

const ofDataset = { id: WireSchema.inPath(DatasetId) } as const
const params = { datasetId: WireSchema.inPath(DatasetId), datasourceId: WireSchema.inPath(DatasourceId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("datasources").add(
  HttpApiEndpoint.post("create", "/datasets/:id/datasources", {
    params: ofDataset,
    payload: CreateBody,
    success: Wire.envelope(Datasource)
  }),
  HttpApiEndpoint.post("createWithDataset", "/datasources", {
    payload: CreateBody,
    success: Wire.envelope(Datasource)
  }),
  HttpApiEndpoint.get("list", "/datasets/:id/datasources", {
    params: ofDataset,
    query: Schema.Struct({ ...Wire.listQuery, status: Schema.optional(Schema.String) }).pipe(
      Schema.encodeKeys(Wire.listKeys)
    ),
    success: Wire.page(Wire.perhapsWrapped(Datasource))
  }),
  HttpApiEndpoint.get("get", "/datasets/:datasetId/datasources/:datasourceId", {
    params,
    query: Wire.Asker,
    success: Wire.envelope(Datasource)
  }),
  HttpApiEndpoint.delete("delete", "/datasets/:datasetId/datasources/:datasourceId", {
    params,
    payload: Wire.Asker,
    success: Wire.done
  }),
  HttpApiEndpoint.post("presign", "/datasets/:datasetId/datasources/:datasourceId/presign", {
    params,
    payload: Schema.Struct({ userId: Schema.String, expiresIn: Schema.optional(Schema.Int) }).pipe(
      Schema.encodeKeys({ userId: "user_id", expiresIn: "expires_in" })
    ),
    success: Wire.envelope(Presigned)
  })
)

/**
 * What can be done with data sources.
 */
export interface Datasources {
  /** Makes a data source, in a dataset or with one. It is being read then: wait with `awaitReady` before asking. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Datasource, RequestError>
  /**
   * Uploads a file and makes a data source of it: `files.upload` and `create` in one. Wait with `awaitReady` before asking.
   *
   * Where something was begun and not ended, the error is an `UploadError` that says how to go on. A `FileSourceError` is about
   * the file (empty, changed); an `ApiError` of kind `InvalidRequest` can mean an extension that the vendor does not read.
   *
   * **Example** (A file from the disk)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { type DatasetId, Powerdrill } from "@effect-sse/powerdrill"
   * import { Effect } from "effect"
   *
   * const add = (datasetId: DatasetId, path: string) =>
   *   Effect.gen(function*() {
   *     const { datasources } = yield* Powerdrill
   *     const source = yield* FileSource.fromPath(path)
   *     const { id } = yield* datasources.upload(source, { datasetId })
   *     return yield* datasources.awaitReady({ datasetId, datasourceId: id })
   *   })
   * ```
   */
  readonly upload: (
    source: FileSource,
    options?: UploadOptions | undefined
  ) => Effect.Effect<Datasource, RequestError | FileSourceError | UploadError>
  /**
   * The data sources of a dataset, page by page.
   *
   * @param options `status` keeps those that are in one of these states
   */
  readonly list: (
    datasetId: DatasetId,
    options?: (ListOptions & { readonly status?: ReadonlyArray<DatasourceStatus> | undefined }) | undefined
  ) => Stream.Stream<Datasource, RequestError>
  readonly get: (place: DatasourcePlace, options?: CallOptions | undefined) => Effect.Effect<Datasource, RequestError>
  /** Deletes a data source; only in datasets of one's own. */
  readonly delete: (place: DatasourcePlace, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /**
   * Asks for a link to the file itself, as an artifact to read or save with `Artifact`.
   *
   * @param options `expiresIn` is the link's life in seconds, at least 60, default 600; `name` what to save it as
   */
  readonly presign: (
    place: DatasourcePlace,
    options?:
      | (CallOptions & { readonly expiresIn?: number | undefined; readonly name?: string | undefined })
      | undefined
  ) => Effect.Effect<Artifact, RequestError>
  /**
   * Waits until the vendor has read the file. `deadline` (default 10 minutes) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be reading;
   * - `InvalidDataError`: the file could not be read, and never will be.
   */
  readonly awaitReady: (
    place: DatasourcePlace,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<Datasource, RequestError | Polling.NotReadyError | InvalidDataError>
}

/**
 * Makes the data sources of a connection. `Powerdrill` has them as its member `datasources`.
 */
export const make = (connection: Connection): Effect.Effect<Datasources> =>
  Effect.gen(function* () {
    const { call } = yield* ApiClient.make(HttpApi.make("powerdrill").add(Group), connection)
    const files = yield* Files.make(connection)

    const create: Datasources["create"] = ({ datasetId, ...request }, options) => {
      const payload = { ...request, type: "FILE", ...asker(connection, options) } as const
      return call(
        ({ datasources }) =>
          datasetId === undefined
            ? datasources.createWithDataset({ payload })
            : datasources.create({ params: { id: datasetId }, payload }),
        options
      )
    }

    const get: Datasources["get"] = ({ datasetId, datasourceId }, options) =>
      call(
        ({ datasources }) =>
          datasources.get({ params: { datasetId, datasourceId }, query: asker(connection, options) }),
        options
      )

    return {
      create,
      upload: (source, { datasetId, name = source.name, ...options } = {}) =>
        Effect.flatMap(files.upload(source, options), (fileObjectKey) =>
          Effect.mapError(
            create({ fileObjectKey, name, datasetId }, options),
            (cause) => new UploadError({ step: "datasource", name, fileObjectKey, cause })
          )
        ),
      list: (id, options) =>
        listing(connection, options, (query) =>
          call(
            ({ datasources }) =>
              datasources.list({ params: { id }, query: { ...query, status: options?.status?.join(",") } }),
            options
          )
        ),
      get,
      delete: ({ datasetId, datasourceId }, options) =>
        call(
          ({ datasources }) =>
            datasources.delete({ params: { datasetId, datasourceId }, payload: asker(connection, options) }),
          options
        ),
      presign: ({ datasetId, datasourceId }, options) =>
        call(
          ({ datasources }) =>
            datasources.presign({
              params: { datasetId, datasourceId },
              payload: { ...asker(connection, options), expiresIn: options?.expiresIn }
            }),
          options
        ).pipe(
          Effect.map(({ expiresAt, url }) => ({
            kind: "file",
            name: options?.name ?? datasourceId,
            url,
            expiresAt: expiresAt === undefined ? undefined : parseExpiry(expiresAt)
          }))
        ),
      awaitReady: (place, { deadline, invalidPolls = 1, onProgress, schedule, ...options } = {}) =>
        Effect.suspend(() => {
          let invalid = 0
          const poll = Effect.flatMap(get(place, options), (datasource) => {
            invalid = stateOf(datasource.status) === "Failed" ? invalid + 1 : 0
            return invalid < invalidPolls
              ? Effect.succeed(datasource)
              : Effect.fail(new InvalidDataError({ ...place, invalidCount: 1, name: datasource.name }))
          })
          return Polling.until(
            {
              subject: `data source ${place.datasourceId}`,
              poll,
              isReady: ({ status }) => stateOf(status) === "Ready",
              describe: ({ status }) => status
            },
            { deadline, onProgress, schedule }
          )
        })
    }
  })
