/**
 * Imports: files of a user's, fetched through a connection, that become assets (see `DataConnections`).
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
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { Provider } from "./DataConnections.ts"
import { AssetId, ConnectionId, ImportId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import { defaultDeadline, stateOf } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"

/**
 * What an import did about a file: made an asset (`created`), found the asset that an earlier import had made (`skipped`), fetched
 * the file again because that had failed (`retried`), or nothing (`rejected`). New words may come.
 */
export const ImportAction: Schema.Codec<ImportAction> = WireSchema.openEnum("created", "skipped", "retried", "rejected")

/** What an import did about a file. */
export type ImportAction = "created" | "skipped" | "retried" | "rejected" | (string & {})

/**
 * How far the asset of a file is. New statuses may come.
 */
export const ImportItemStatus: Schema.Codec<ImportItemStatus> = WireSchema.openEnum("processing", "ready", "failed")

/** How far the asset of a file is. */
export type ImportItemStatus = "processing" | "ready" | "failed" | (string & {})

const ImportItemError = Schema.Struct({
  code: WireSchema.maybe(Schema.String),
  message: WireSchema.maybe(Schema.String)
})

/**
 * A file of an import.
 */
export const ImportItem = Schema.Struct({
  /** The provider's id of the file. */
  sourceId: WireSchema.maybe(Schema.String),
  /** It does not change. `undefined` is not known: imports of old do not have it. */
  action: WireSchema.maybe(ImportAction),
  /** `undefined` when the file was rejected. */
  assetId: WireSchema.maybe(AssetId),
  /** Of the asset, now. `undefined` when the file was rejected. */
  status: WireSchema.maybe(ImportItemStatus),
  /** Why the file was rejected. */
  error: WireSchema.maybe(ImportItemError)
}).pipe(Schema.encodeKeys({ sourceId: "source_id", assetId: "asset_id" }))

/** A file of an import. */
export type ImportItem = typeof ImportItem.Type

/**
 * What has become of a file: its asset is `Ready` or has `Failed`, it was `Rejected` before there was one, or it is `Pending`. A
 * status that is not known is taken for "not ready yet".
 */
export const outcomeOf = ({ action, error, status }: ImportItem): "Ready" | "Failed" | "Rejected" | "Pending" => {
  if (status !== undefined) return stateOf(status)
  return action === "rejected" || error !== undefined ? "Rejected" : "Pending"
}

const summary = {
  id: ImportId,
  connectionId: WireSchema.maybe(ConnectionId),
  provider: WireSchema.maybe(Provider),
  customId: WireSchema.maybe(Schema.String),
  itemCount: WireSchema.maybe(Schema.Finite),
  createdAt: WireSchema.maybeTime
} as const

const summaryKeys = {
  id: "_id",
  connectionId: "connection_id",
  customId: "custom_id",
  itemCount: "item_count",
  createdAt: "created_at"
} as const

/**
 * An import. `customId` is that of its connection, `itemCount` how many files it was asked for.
 */
export const Import = Schema.Struct(summary).pipe(Schema.encodeKeys(summaryKeys))

/** An import. */
export type Import = typeof Import.Type

/**
 * An import with its files, in the order in which they were asked for. Those whose asset was deleted are missing.
 */
export const ImportDetail = Schema.Struct({
  ...summary,
  items: WireSchema.maybe(Schema.Array(ImportItem))
}).pipe(Schema.encodeKeys(summaryKeys))

/** An import with its files. */
export type ImportDetail = typeof ImportDetail.Type

/**
 * An import that was begun. `hasFailures` says whether a file was rejected; which one, and why, is in `items`.
 */
export const StartedImport = Schema.Struct({
  id: ImportId,
  hasFailures: WireSchema.maybe(Schema.Boolean),
  items: WireSchema.maybe(Schema.Array(ImportItem))
}).pipe(Schema.encodeKeys({ id: "_id", hasFailures: "has_failures" }))

/** An import that was begun. */
export type StartedImport = typeof StartedImport.Type

/**
 * Which import of which connection.
 */
export interface ImportPlace {
  readonly connectionId: ConnectionId
  readonly importId: ImportId
}

/**
 * What to import.
 */
export interface CreateRequest {
  /** The provider's ids of the files: 1 to 100, each once. */
  readonly sourceIds: ReadonlyArray<string>
}

/**
 * An import with nothing pending. That some files have failed does not make the import one that failed.
 */
export interface ImportOutcome {
  readonly import: ImportDetail
  /** The files that are assets now. */
  readonly ready: ReadonlyArray<ReadyItem>
  /** The others: rejected, with their `error`, or their assets have failed (an asset says why). */
  readonly failed: ReadonlyArray<ImportItem>
}

/**
 * A file that is an asset now.
 */
export interface ReadyItem extends ImportItem {
  readonly assetId: AssetId
}

const isReady = (item: ImportItem): item is ReadyItem => outcomeOf(item) === "Ready" && item.assetId !== undefined

const params = { connectionId: WireSchema.inPath(ConnectionId) } as const

const Item = Schema.Struct({ sourceId: Schema.String }).pipe(Schema.encodeKeys({ sourceId: "source_id" }))

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("imports").add(
  HttpApiEndpoint.post("create", "/connections/:connectionId/imports", {
    params,
    payload: Schema.Struct({
      items: Schema.Array(Item).check(Schema.isMinLength(1), Schema.isMaxLength(100), Schema.isUnique())
    }),
    success: StartedImport.pipe(HttpApiSchema.status(202))
  }),
  HttpApiEndpoint.get("list", "/connections/:connectionId/imports", {
    params,
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(Import)
  }),
  HttpApiEndpoint.get("get", "/connections/:connectionId/imports/:importId", {
    params: { ...params, importId: WireSchema.inPath(ImportId) },
    success: ImportDetail
  })
)

/**
 * What can be done with imports.
 *
 * **Example** (Files that a user has picked)
 *
 * ```ts
 * import { type ConnectionId, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect } from "effect"
 *
 * const importPicked = Effect.fn(function*(connectionId: ConnectionId, sourceIds: ReadonlyArray<string>) {
 *   const { imports } = yield* TwelveLabs
 *   const { id } = yield* imports.create(connectionId, { sourceIds })
 *   const { failed, ready } = yield* imports.awaitDone({ connectionId, importId: id })
 *   for (const { error, sourceId } of failed) yield* Effect.logWarning("not imported", sourceId, error?.message)
 *   return ready.map(({ assetId }) => assetId)
 * })
 * ```
 */
export interface Imports {
  /**
   * Begins to import files. A file that was imported before is not fetched again, unless that had failed. Refused with an
   * `ApiError` of the kind `Conflict` when the connection is not `active`.
   */
  readonly create: (
    connectionId: ConnectionId,
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<StartedImport, RequestError>
  /** The imports of a connection, page by page, newest first. */
  readonly list: (connectionId: ConnectionId, options?: ListOptions | undefined) => Stream.Stream<Import, RequestError>
  /** An import, with its files as they are now. */
  readonly get: (place: ImportPlace, options?: CallOptions | undefined) => Effect.Effect<ImportDetail, RequestError>
  /**
   * Waits until none of an import's files is pending. Files that failed are part of the outcome. `deadline` (default 1 hour) is
   * for the whole wait.
   *
   * - `NotReadyError`: the time is up, and a file is still pending.
   */
  readonly awaitDone: (
    place: ImportPlace,
    options?: (CallOptions & Polling.Options<ImportDetail>) | undefined
  ) => Effect.Effect<ImportOutcome, RequestError | Polling.NotReadyError>
}

/**
 * Makes the imports of a client. `TwelveLabs` has them as its member `imports`.
 */
export const make = (connection: Connection): Effect.Effect<Imports> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: Imports["get"] = (place, options) => call(({ imports }) => imports.get({ params: place }), options)
    return {
      create: (connectionId, { sourceIds }, options) => {
        const items = sourceIds.map((sourceId) => ({ sourceId }))
        return call(({ imports }) => imports.create({ params: { connectionId }, payload: { items } }), options)
      },
      list: (connectionId, options) =>
        listing(connection, options, (query) =>
          call(({ imports }) => imports.list({ params: { connectionId }, query }), options)
        ),
      get,
      awaitDone: (place, { deadline = defaultDeadline, onProgress, schedule, ...options } = {}) =>
        Effect.map(
          Polling.until(
            {
              subject: `import ${place.importId}`,
              poll: get(place, options),
              isReady: (state) => pendingOf(state) === 0,
              describe: (state) => `${pendingOf(state)} of ${state.items?.length} pending`
            },
            { deadline, onProgress, schedule }
          ),
          (done) => {
            const items = done.items ?? []
            return { import: done, ready: items.filter(isReady), failed: items.filter((item) => !isReady(item)) }
          }
        )
    }
  })

const pendingOf = ({ items = [] }: ImportDetail): number => items.filter((item) => outcomeOf(item) === "Pending").length
