/**
 * Embeddings that take a while: of long audio and video, of documents. The vendor keeps them for seven days.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import * as Embedding from "./Embedding.ts"
import type * as EmbeddingInput from "./EmbeddingInput.ts"
import { EmbeddingTaskId } from "./Ids.ts"
import { EmbeddingTaskBody, taskInputOf } from "./internal/embeddingBody.ts"
import * as EmbeddingList from "./internal/embeddingList.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { ProcessingError } from "./ProcessingError.ts"

/**
 * How far a task is.
 */
export const EmbeddingTaskStatus = WireSchema.openEnum("processing", "ready", "failed")

/** How far a task is. */
export type EmbeddingTaskStatus = typeof EmbeddingTaskStatus.Type

/**
 * A task with its embeddings, when they are there.
 */
export const EmbeddingTask = Schema.Struct({
  id: EmbeddingTaskId,
  status: EmbeddingTaskStatus,
  /** There when it is ready, for seven days. */
  vectors: WireSchema.maybe(Schema.Array(Embedding.Vector)),
  usage: WireSchema.maybe(Embedding.Usage),
  metadata: WireSchema.maybe(Embedding.Metadata),
  /** Why it failed. */
  error: WireSchema.maybe(Schema.Struct({ message: WireSchema.maybe(Schema.String) })),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(Schema.encodeKeys({ id: "_id", vectors: "data", createdAt: "created_at", updatedAt: "updated_at" }))

/** A task with its embeddings, when they are there. */
export type EmbeddingTask = typeof EmbeddingTask.Type

/**
 * A task in a list, without its embeddings. What it is of says which of `video`, `audio`, `document` and `image` is there;
 * their metadata are as they came, since the vendor spells them in more than one way.
 */
export const EmbeddingTaskSummary = Schema.Struct({
  id: EmbeddingTaskId,
  model: WireSchema.maybe(Embedding.Model),
  status: WireSchema.maybe(EmbeddingTaskStatus),
  video: WireSchema.maybe(EmbeddingList.Described),
  audio: WireSchema.maybe(EmbeddingList.Described),
  document: WireSchema.maybe(EmbeddingList.Described),
  image: WireSchema.maybe(EmbeddingList.Described),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    model: "model_name",
    video: "video_embedding",
    audio: "audio_embedding",
    document: "document_embedding",
    image: "image_embedding",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** A task in a list, without its embeddings. */
export type EmbeddingTaskSummary = typeof EmbeddingTaskSummary.Type

/**
 * What a task is made with.
 */
export interface CreateRequest {
  readonly model: Embedding.Model
  /**
   * Models say in two ways how media are cut; `segmentation` is sent in the one of the model: `marengo3.0` has the older one, and
   * any other model, also one that this version does not know, is taken to have the newer one, of `marengo3.5`.
   */
  readonly input: EmbeddingInput.TaskInput
  /** Asks how sure the model is. Only with Marengo 3.5; of audio and video with `scopes` that do without `asset`. */
  readonly uncertainty?: boolean | undefined
}

/**
 * Which tasks a list has. The vendor's own way is those of the last seven days.
 */
export interface TaskListOptions extends ListOptions {
  /** Begun then or later. */
  readonly startedAt?: DateTime.Utc | undefined
  /** Begun then or before. */
  readonly endedAt?: DateTime.Utc | undefined
  /** Those in this status. Default: in any. */
  readonly status?: EmbeddingTaskStatus | undefined
}

/**
 * Options of waiting for a task.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<EmbeddingTask> {}

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("embeddingTasks").add(
  HttpApiEndpoint.post("create", "/embed-v2/tasks", {
    payload: EmbeddingTaskBody,
    success: EmbeddingTask.pipe(HttpApiSchema.status(202))
  }),
  HttpApiEndpoint.get("list", "/embed-v2/tasks", {
    query: EmbeddingList.Query,
    success: Wire.page(EmbeddingTaskSummary)
  }),
  HttpApiEndpoint.get("get", "/embed-v2/tasks/:id", {
    params: { id: WireSchema.inPath(EmbeddingTaskId) },
    success: EmbeddingTask
  })
)

/**
 * What can be done with tasks that make embeddings.
 */
export interface EmbeddingTasks {
  /**
   * Begins a task. Little is checked here: media that cannot be read show when it has failed.
   *
   * **Example** (A long video, in segments of about a scene)
   *
   * ```ts
   * import { type AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const embed = (assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { embeddingTasks } = yield* TwelveLabs
   *     const { id } = yield* embeddingTasks.create({
   *       model: "marengo3.5",
   *       input: {
   *         type: "video",
   *         source: { assetId },
   *         segmentation: { strategy: "dynamic", minSeconds: 4 }
   *       }
   *     })
   *     const { vectors } = yield* embeddingTasks.awaitReady(id, { deadline: "3 hours" })
   *     return vectors
   *   })
   * ```
   */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<EmbeddingTask, RequestError>
  /** Tasks without their embeddings, page by page. */
  readonly list: (options?: TaskListOptions | undefined) => Stream.Stream<EmbeddingTaskSummary, RequestError>
  /** A task with its embeddings. Those of hours of video can be larger than the option `maxBodySize` allows by itself. */
  readonly get: (id: EmbeddingTaskId, options?: CallOptions | undefined) => Effect.Effect<EmbeddingTask, RequestError>
  /**
   * Waits until a task is done, and gives the embeddings; none, where the vendor does not keep them any more. `deadline`
   * (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working;
   * - `ProcessingError`: the task failed; its `detail` says why.
   */
  readonly awaitReady: (
    id: EmbeddingTaskId,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<Embedding.Result, RequestError | Polling.NotReadyError | ProcessingError>
}

/**
 * Makes the embedding tasks of a connection. `TwelveLabs` has them as its member `embeddingTasks`.
 */
export const make = (connection: Connection): Effect.Effect<EmbeddingTasks> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: EmbeddingTasks["get"] = (id, options) =>
      call(({ embeddingTasks }) => embeddingTasks.get({ params: { id } }), options)

    return {
      create: ({ input, ...request }, options) =>
        call(
          ({ embeddingTasks }) =>
            embeddingTasks.create({ payload: { ...request, ...taskInputOf(request.model, input) } }),
          options
        ),
      list: ({ endedAt, startedAt, status, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(
            ({ embeddingTasks }) => embeddingTasks.list({ query: { ...query, startedAt, endedAt, status } }),
            options
          )
        ),
      get,
      awaitReady: (id, { deadline, onProgress, schedule, ...options } = {}) =>
        untilReady(
          {
            subject: "embedding task",
            id,
            poll: get(id, options),
            statusOf: ({ status }) => status,
            detailOf: ({ error }) => error?.message
          },
          { deadline, onProgress, schedule }
        ).pipe(Effect.map(({ metadata, usage, vectors = [] }) => ({ vectors, usage, metadata })))
    }
  })
