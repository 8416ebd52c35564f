/**
 * Batches of analyses: up to 1000 videos in one request, done within a day. Each item is also a task of its own (`analysisTasks`).
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import * as Core from "@effect-sse/core/Connection"
import type * as EventStream from "@effect-sse/core/EventStream"
import type * as Polling from "@effect-sse/core/Polling"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type AnalysisBatchRequest, toBody } from "./AnalysisBatchRequest.ts"
import type { AnalysisResult } from "./AnalysisTasks.ts"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { AnalysisTaskId, BatchId } from "./Ids.ts"
import { IncompleteResultsError } from "./IncompleteResultsError.ts"
import { AnalysisBatchBody } from "./internal/analysisBody.ts"
import { WebhookInfo } from "./internal/analysisTaskWire.ts"
import { protocol, ResultLine } from "./internal/batchResults.ts"
import { valid } from "./internal/invalidRequest.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { ProcessingError } from "./ProcessingError.ts"

export type { AnalysisBatchRequest } from "./AnalysisBatchRequest.ts"
export { IncompleteResultsError } from "./IncompleteResultsError.ts"

/**
 * How far a batch is. `completed` says that no item is left, not that every item succeeded; `canceling` lasts until those that were
 * being processed are done.
 */
export const BatchStatus = WireSchema.openEnum("pending", "processing", "canceling", "canceled", "completed", "expired")

/** How far a batch is. */
export type BatchStatus = typeof BatchStatus.Type

const count = WireSchema.maybe(Schema.Finite)

/**
 * A batch.
 */
export const AnalysisBatch = Schema.Struct({
  id: BatchId,
  mode: WireSchema.maybe(WireSchema.openEnum("general", "time_based_metadata")),
  model: WireSchema.maybe(Schema.String),
  status: BatchStatus,
  totalItems: count,
  queuedItems: count,
  processingItems: count,
  readyItems: count,
  failedItems: count,
  canceledItems: count,
  webhooks: WireSchema.maybe(Schema.Array(WebhookInfo)),
  createdAt: WireSchema.maybeTime,
  /** When what is not done by then is given up. */
  expiresAt: WireSchema.maybeTime,
  completedAt: WireSchema.maybeTime,
  canceledAt: WireSchema.maybeTime,
  expiredAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "batch_id",
    mode: "analysis_mode",
    model: "model_name",
    totalItems: "total_items",
    queuedItems: "queued_items",
    processingItems: "processing_items",
    readyItems: "ready_items",
    failedItems: "failed_items",
    canceledItems: "canceled_items",
    createdAt: "created_at",
    expiresAt: "expires_at",
    completedAt: "completed_at",
    canceledAt: "canceled_at",
    expiredAt: "expired_at"
  })
)

/** A batch. */
export type AnalysisBatch = typeof AnalysisBatch.Type

/**
 * A batch that was made, with the tasks that its items are, in the order of the request.
 */
export const CreatedBatch = Schema.Struct({
  id: BatchId,
  status: BatchStatus,
  totalItems: count,
  createdAt: WireSchema.maybeTime,
  expiresAt: WireSchema.maybeTime,
  items: WireSchema.maybe(
    Schema.Array(
      Schema.Struct({ taskId: AnalysisTaskId, customId: WireSchema.maybe(Schema.String) }).pipe(
        Schema.encodeKeys({ taskId: "task_id", customId: "custom_id" })
      )
    )
  )
}).pipe(
  Schema.encodeKeys({
    id: "batch_id",
    totalItems: "total_items",
    createdAt: "created_at",
    expiresAt: "expires_at"
  })
)

/** A batch that was made. */
export type CreatedBatch = typeof CreatedBatch.Type

interface ItemResult {
  readonly taskId: AnalysisTaskId
  /** The name that the request gave it. */
  readonly customId: string | undefined
}

/** An item that is done. With the analysis' `finishReason` of `"length"` its text was cut. */
export interface Ready extends ItemResult {
  readonly _tag: "Ready"
  readonly analysis: AnalysisResult
}

/** An item that failed, and why. */
export interface Failed extends ItemResult {
  readonly _tag: "Failed"
  /** The vendor's code, such as `asset_unavailable`. */
  readonly code: string | undefined
  readonly detail: string | undefined
}

/** An item that is not done yet. */
export interface Pending extends ItemResult {
  readonly _tag: "Pending"
  readonly status: "queued" | "pending" | "processing"
}

/** An item that was canceled with its batch. */
export interface Canceled extends ItemResult {
  readonly _tag: "Canceled"
}

/** An item with a status that this version does not know. */
export interface Unknown extends ItemResult {
  readonly _tag: "Unknown"
  readonly status: string
  /** The line's JSON as it came. */
  readonly raw: unknown
}

/** How an item of a batch stands. */
export type BatchResult = Ready | Failed | Pending | Canceled | Unknown

/**
 * Which batches a list has; the newest come first.
 */
export interface BatchListOptions extends ListOptions {
  /** Those in one of these. Default: in any. */
  readonly status?: ReadonlyArray<BatchStatus> | undefined
  /** Those of one of these modes. Default: of any. */
  readonly mode?: ReadonlyArray<"general" | "time_based_metadata" | (string & {})> | undefined
}

/**
 * Options of waiting for a batch.
 */
export interface CompletedOptions extends CallOptions, Polling.Options<AnalysisBatch> {}

const params = { id: WireSchema.inPath(BatchId) } as const

const path = "/analyze/batches"

const words = Schema.optional(Schema.Array(Schema.String))

/**
 * The endpoints, as a group of the vendor's API. The results come as a stream, which the client reads through the engine of
 * `@effect-sse/core`.
 */
export const Group = HttpApiGroup.make("analysisBatches").add(
  HttpApiEndpoint.post("create", path, {
    payload: AnalysisBatchBody,
    success: CreatedBatch.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", path, {
    query: Schema.Struct({ ...Wire.listQuery, status: words, mode: words }).pipe(
      Schema.encodeKeys({ ...Wire.listKeys, mode: "analysis_mode" })
    ),
    success: Wire.page(AnalysisBatch)
  }),
  HttpApiEndpoint.get("get", "/analyze/batches/:id", { params, success: AnalysisBatch }),
  HttpApiEndpoint.delete("delete", "/analyze/batches/:id", { params, success: HttpApiSchema.NoContent }),
  HttpApiEndpoint.post("cancel", "/analyze/batches/:id/cancel", {
    params,
    success: AnalysisBatch.pipe(HttpApiSchema.status(202))
  }),
  HttpApiEndpoint.get("results", "/analyze/batches/:id/results", {
    params,
    success: HttpApiSchema.StreamNdjson({ schema: ResultLine })
  })
)

/**
 * What can be done with batches of analyses.
 */
export interface AnalysisBatches {
  /** Makes a batch; an item that is wrong refuses all of it. An account has at most five that are not done. */
  readonly create: (
    request: AnalysisBatchRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<CreatedBatch, RequestError>
  /** The batches of the account, page by page. */
  readonly list: (options?: BatchListOptions | undefined) => Stream.Stream<AnalysisBatch, RequestError>
  /** A batch, with the counts of its items as they are now. */
  readonly get: (id: BatchId, options?: CallOptions | undefined) => Effect.Effect<AnalysisBatch, RequestError>
  /** Deletes a batch that is done. */
  readonly delete: (id: BatchId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** Cancels what is queued of a batch; items that are being processed are finished. */
  readonly cancel: (id: BatchId, options?: CallOptions | undefined) => Effect.Effect<AnalysisBatch, RequestError>
  /**
   * Waits until a batch is completed: look at its counts, or its `results`, for items that failed. `deadline` (default 24 hours,
   * after which a batch expires) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working;
   * - `ProcessingError`: the batch was canceled, or has expired.
   */
  readonly awaitCompleted: (
    id: BatchId,
    options?: CompletedOptions | undefined
  ) => Effect.Effect<AnalysisBatch, RequestError | Polling.NotReadyError | ProcessingError>
  /**
   * How each item stands, at any time and in no order, for 30 days. With the option `onMalformed: "emit"`, lines that cannot be
   * read are elements of the stream and not its end.
   *
   * The vendor marks no end: a line that is cut is a `ParseError`, but lines that are missing show only by their number. See
   * {@link complete}.
   *
   * **Example** (All results of a batch, and nothing less)
   *
   * ```ts
   * import { AnalysisBatches, type BatchId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Stream } from "effect"
   *
   * const show = (id: BatchId) =>
   *   Effect.gen(function*() {
   *     const { analysisBatches } = yield* TwelveLabs
   *     const { totalItems = 0 } = yield* analysisBatches.awaitCompleted(id)
   *     yield* analysisBatches.results(id).pipe(
   *       AnalysisBatches.complete(totalItems),
   *       Stream.runForEach((item) =>
   *         item._tag === "Ready" ? Console.log(item.customId, item.analysis.text) : Console.log(item.customId, item._tag)
   *       )
   *     )
   *   })
   * ```
   */
  readonly results: <const O extends EventStream.Options = {}>(
    id: BatchId,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<BatchResult | EventStream.Extra<O>, StreamError>
}

/**
 * Fails with an `IncompleteResultsError` when results end before as many items came as there are. What comes twice counts once.
 *
 * @param totalItems how many there are, as the batch says
 */
export const complete =
  (totalItems: number) =>
  <A extends BatchResult | EventStream.Malformed, E, R>(
    self: Stream.Stream<A, E, R>
  ): Stream.Stream<A, E | IncompleteResultsError, R> =>
    Stream.suspend(() => {
      const seen = new Set<string>()
      const note = (item: BatchResult | EventStream.Malformed) => {
        if (item._tag !== "Malformed") seen.add(item.taskId)
      }
      return self.pipe(
        Stream.tap((item) => Effect.sync(() => note(item))),
        Stream.concat(
          Stream.suspend(() =>
            seen.size < totalItems
              ? Stream.fail(new IncompleteResultsError({ expected: totalItems, received: seen.size }))
              : Stream.empty
          )
        )
      )
    })

/** As long as the vendor takes at most. */
const batchDeadline = "24 hours"

/**
 * Makes the batches of a connection. `TwelveLabs` has them as its member `analysisBatches`.
 */
export const make = (connection: Connection): Effect.Effect<AnalysisBatches> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: AnalysisBatches["get"] = (id, options) =>
      call(({ analysisBatches }) => analysisBatches.get({ params: { id } }), options)

    return {
      create: (request, options) =>
        Effect.flatMap(
          Effect.suspend(() => valid(connection, path, toBody(request))),
          (body) =>
            call(
              ({ analysisBatches }) => analysisBatches.create({ payload: body as typeof AnalysisBatchBody.Type }),
              options
            )
        ),
      list: ({ mode, status, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(({ analysisBatches }) => analysisBatches.list({ query: { ...query, mode, status } }), options)
        ),
      get,
      delete: (id, options) => call(({ analysisBatches }) => analysisBatches.delete({ params: { id } }), options),
      cancel: (id, options) => call(({ analysisBatches }) => analysisBatches.cancel({ params: { id } }), options),
      awaitCompleted: (id, { deadline = batchDeadline, onProgress, schedule, ...options } = {}) =>
        untilReady(
          { subject: "analysis batch", id, poll: get(id, options), statusOf: ({ status }) => status },
          { deadline, onProgress, schedule }
        ),
      results: (id, options) => Core.openGet(connection, resultsPath(id), protocol, options)
    }
  })

const resultsPath = (id: BatchId): Result.Result<string, string> =>
  Result.mapBoth(checkId(id), {
    onSuccess: () => `${path}/${encodeURIComponent(id)}/results`,
    onFailure: () => "not what the API takes; wrong or missing: id"
  })

const checkId = Schema.decodeUnknownResult(params.id)
