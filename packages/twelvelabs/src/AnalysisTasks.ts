/**
 * Analyses that take a while: of up to two hours of video, and for segments with their times.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type * as Polling from "@effect-sse/core/Polling"
import { ParseError, type RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { type AnalysisTaskRequest, toBody } from "./AnalysisTaskRequest.ts"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { AnalysisTaskId, AssetId } from "./Ids.ts"
import { AnalysisTaskBody } from "./internal/analysisBody.ts"
import * as TaskWire from "./internal/analysisTaskWire.ts"
import { valid } from "./internal/invalidRequest.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { ProcessingError } from "./ProcessingError.ts"
import { vendor } from "./Vendor.ts"

export type { AnalysisTaskRequest } from "./AnalysisTaskRequest.ts"

/**
 * How far a task is.
 */
export const AnalysisTaskStatus = WireSchema.openEnum("queued", "pending", "processing", "ready", "failed", "canceled")

/** How far a task is. */
export type AnalysisTaskStatus = typeof AnalysisTaskStatus.Type

/**
 * What a task has found: what `Analysis` is for an analysis at once. With `finishReason` of `"length"` the text was cut, and JSON
 * in it is not whole. See `Segments` and `StructuredAnalyses.fromAnalysis` for reading it as values.
 */
export const AnalysisResult = TaskWire.AnalysisResult

/** What a task has found. */
export type AnalysisResult = typeof AnalysisResult.Type

/**
 * How the vendor's notices to a webhook fare.
 */
export const WebhookInfo = TaskWire.WebhookInfo

/** How the vendor's notices to a webhook fare. */
export type WebhookInfo = typeof WebhookInfo.Type

const VideoSource = Schema.Struct({
  type: WireSchema.maybe(WireSchema.openEnum("url", "asset_id", "base64_string")),
  url: WireSchema.maybe(Schema.String),
  assetId: WireSchema.maybe(AssetId),
  systemMetadata: WireSchema.maybe(
    Schema.Struct({ durationSeconds: WireSchema.maybe(Schema.Finite) }).pipe(
      Schema.encodeKeys({ durationSeconds: "duration" })
    )
  )
}).pipe(Schema.encodeKeys({ assetId: "asset_id", systemMetadata: "system_metadata" }))

/**
 * A task.
 */
export const AnalysisTask = Schema.Struct({
  id: AnalysisTaskId,
  customId: WireSchema.maybe(Schema.String),
  status: AnalysisTaskStatus,
  /** Where the video is, and how long. */
  video: WireSchema.maybe(VideoSource),
  /** What was asked for, in the vendor's words. */
  requestParams: WireSchema.maybe(Schema.Record(Schema.String, Schema.Unknown)),
  /** There when the task is ready. */
  result: WireSchema.maybe(TaskWire.AnalysisResult),
  /** Why a task failed, or what the vendor says about a text that was cut. */
  error: WireSchema.maybe(Schema.Struct({ message: WireSchema.maybe(Schema.String) })),
  webhooks: WireSchema.maybe(Schema.Array(TaskWire.WebhookInfo)),
  createdAt: WireSchema.maybeTime,
  completedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "task_id",
    customId: "custom_id",
    video: "video_source",
    requestParams: "request_params",
    createdAt: "created_at",
    completedAt: "completed_at"
  })
)

/** A task. */
export type AnalysisTask = typeof AnalysisTask.Type

const TaskState = Schema.Struct({ id: AnalysisTaskId, status: AnalysisTaskStatus }).pipe(
  Schema.encodeKeys({ id: "task_id" })
)

/**
 * Where a task stands.
 */
export type TaskState = typeof TaskState.Type

/**
 * Options of making a task.
 */
export interface CreateOptions extends CallOptions {
  /**
   * A text of yours that stands for this task (header `Idempotency-Key`): the vendor makes no second one for it. So with a key, the
   * request is tried again after any transient fault, and not only when the vendor surely did not accept it.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * Which tasks a list has; the newest come first.
 */
export interface TaskListOptions extends ListOptions {
  /** Those in this status. Default: in any. */
  readonly status?: AnalysisTaskStatus | undefined
  /** Those that answer a prompt (`general`), or those that find segments. Default: both. */
  readonly mode?: "general" | "time_based_metadata" | (string & {}) | undefined
  /** Tasks of this asset. */
  readonly assetId?: AssetId | undefined
  /** Tasks of exactly this URL. */
  readonly videoUrl?: string | undefined
}

/**
 * Options of waiting for a task.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<AnalysisTask> {}

/**
 * Options of making a task and waiting for it. `deadline` (default 1 hour) is for the wait.
 */
export interface RunOptions extends ReadyOptions, CreateOptions {
  readonly deadline?: Polling.Options["deadline"]
}

const params = { id: WireSchema.inPath(AnalysisTaskId) } as const

const path = "/analyze/tasks"

const create = HttpApiEndpoint.post("create", path, {
  headers: Schema.Struct({ idempotencyKey: Schema.optional(Schema.String) }).pipe(
    Schema.encodeKeys({ idempotencyKey: "idempotency-key" })
  ),
  payload: AnalysisTaskBody,
  success: TaskState.pipe(HttpApiSchema.status(202))
})

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("analysisTasks").add(
  create,
  HttpApiEndpoint.get("list", path, {
    query: Schema.Struct({
      ...Wire.listQuery,
      status: Schema.optional(Schema.String),
      mode: Schema.optional(Schema.String),
      assetId: Schema.optional(AssetId),
      videoUrl: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ ...Wire.listKeys, mode: "analysis_mode", assetId: "asset_id", videoUrl: "video_url" })),
    success: Wire.page(AnalysisTask)
  }),
  HttpApiEndpoint.get("get", "/analyze/tasks/:id", { params, success: AnalysisTask }),
  HttpApiEndpoint.delete("delete", "/analyze/tasks/:id", { params, success: HttpApiSchema.NoContent }),
  HttpApiEndpoint.post("cancel", "/analyze/tasks/:id/cancel", { params, success: TaskState })
)

/** The same creation, for requests that have a key. */
const KeyedGroup = HttpApiGroup.make("analysisTasks").add(create.annotate(ApiClient.Idempotent, true))

/**
 * What can be done with tasks that analyze videos.
 */
export interface AnalysisTasks {
  /** Begins a task. */
  readonly create: (
    request: AnalysisTaskRequest,
    options?: CreateOptions | undefined
  ) => Effect.Effect<TaskState, RequestError>
  /** The tasks of the account, page by page. */
  readonly list: (options?: TaskListOptions | undefined) => Stream.Stream<AnalysisTask, RequestError>
  /** A task, with its `result` when it is ready. */
  readonly get: (id: AnalysisTaskId, options?: CallOptions | undefined) => Effect.Effect<AnalysisTask, RequestError>
  /** Deletes a task, unless it is being processed. */
  readonly delete: (id: AnalysisTaskId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** Cancels a task that is not done. */
  readonly cancel: (id: AnalysisTaskId, options?: CallOptions | undefined) => Effect.Effect<TaskState, RequestError>
  /**
   * Waits until a task is done, and gives it with its `result`. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working;
   * - `ProcessingError`: the task failed or was canceled; its `detail` says why.
   */
  readonly awaitReady: (
    id: AnalysisTaskId,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<ReadyTask, RequestError | Polling.NotReadyError | ProcessingError>
  /**
   * `create` and `awaitReady` in one, for what the task found. When it is interrupted, the task goes on at the vendor.
   *
   * **Example** (A summary of a long video)
   *
   * ```ts
   * import { type AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const summary = (assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { analysisTasks } = yield* TwelveLabs
   *     const { text } = yield* analysisTasks.run(
   *       { video: { assetId }, prompt: "Sum up the talk in five sentences." },
   *       { deadline: "3 hours" }
   *     )
   *     return text
   *   })
   * ```
   */
  readonly run: (
    request: AnalysisTaskRequest,
    options?: RunOptions | undefined
  ) => Effect.Effect<AnalysisResult, RequestError | Polling.NotReadyError | ProcessingError>
}

/**
 * A task that is ready.
 */
export type ReadyTask = AnalysisTask & { readonly result: AnalysisResult }

/**
 * Makes the analysis tasks of a connection. `TwelveLabs` has them as its member `analysisTasks`.
 */
export const make = (connection: Connection): Effect.Effect<AnalysisTasks> =>
  Effect.gen(function* () {
    const { call } = yield* ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection)
    const keyed = yield* ApiClient.make(HttpApi.make("twelvelabs").add(KeyedGroup), connection)

    const create: AnalysisTasks["create"] = (request, { idempotencyKey, ...options } = {}) =>
      Effect.flatMap(
        Effect.suspend(() => valid(connection, path, toBody(request))),
        (body) => {
          const payload = body as typeof AnalysisTaskBody.Type
          return idempotencyKey === undefined
            ? call(({ analysisTasks }) => analysisTasks.create({ headers: {}, payload }), options)
            : keyed.call(({ analysisTasks }) => analysisTasks.create({ headers: { idempotencyKey }, payload }), options)
        }
      )

    const get: AnalysisTasks["get"] = (id, options) =>
      call(({ analysisTasks }) => analysisTasks.get({ params: { id } }), options)

    const awaitReady: AnalysisTasks["awaitReady"] = (id, { deadline, onProgress, schedule, ...options } = {}) =>
      untilReady(
        {
          subject: "analysis task",
          id,
          poll: get(id, options),
          statusOf: ({ status }) => status,
          detailOf: ({ error }) => error?.message
        },
        { deadline, onProgress, schedule }
      ).pipe(
        Effect.flatMap((task) =>
          task.result === undefined ? Effect.fail(noResult(id)) : Effect.succeed({ ...task, result: task.result })
        )
      )

    return {
      create,
      list: ({ assetId, mode, status, videoUrl, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(
            ({ analysisTasks }) => analysisTasks.list({ query: { ...query, assetId, mode, status, videoUrl } }),
            options
          )
        ),
      get,
      delete: (id, options) => call(({ analysisTasks }) => analysisTasks.delete({ params: { id } }), options),
      cancel: (id, options) => call(({ analysisTasks }) => analysisTasks.cancel({ params: { id } }), options),
      awaitReady,
      run: (request, { deadline, idempotencyKey, onProgress, schedule, ...options } = {}) =>
        create(request, { ...options, idempotencyKey }).pipe(
          Effect.flatMap(({ id }) => awaitReady(id, { ...options, deadline, onProgress, schedule })),
          Effect.map(({ result }) => result)
        )
    }
  })

const noResult = (id: AnalysisTaskId) =>
  new ParseError({
    vendor: vendor.name,
    stage: "schema",
    issue: `the analysis task ${id} is ready and has no result`,
    excerpt: ""
  })
