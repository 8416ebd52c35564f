/**
 * Tasks that embed a video, of the older kind. New programs use `EmbeddingTasks`.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { FileSourceError } from "@effect-sse/core/FileSource"
import type * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Multipart from "effect/http/Multipart"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection } from "./Connection.ts"
import * as Embedding from "./Embedding.ts"
import { EmbeddingTaskStatus, type TaskListOptions } from "./EmbeddingTasks.ts"
import { EmbeddingTaskId } from "./Ids.ts"
import * as EmbeddingList from "./internal/embeddingList.ts"
import { appendFile, formOf } from "./internal/form.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { MediaFile } from "./MediaSource.ts"
import type { ProcessingError } from "./ProcessingError.ts"

const ofVideo = {
  /** As it came. */
  metadata: WireSchema.maybe(Wire.Metadata),
  segments: WireSchema.maybe(Schema.Array(Embedding.Segment))
} as const

/**
 * A task. Only `get` and `awaitReady` bring segments, and only `list`, `get` and `awaitReady` times.
 */
export const EmbedTask = Schema.Struct({
  id: EmbeddingTaskId,
  status: WireSchema.maybe(EmbeddingTaskStatus),
  model: WireSchema.maybe(Embedding.Model),
  video: WireSchema.maybe(Schema.Struct(ofVideo)),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    model: "model_name",
    video: "video_embedding",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** A task. */
export type EmbedTask = typeof EmbedTask.Type

/**
 * What a task is made with.
 */
export interface CreateRequest {
  readonly model: Embedding.Model
  /** Up to 2 GB. */
  readonly video: MediaFile
  /** Where in the video to begin; goes with an end. */
  readonly part?: { readonly startSeconds: number; readonly endSeconds: number } | undefined
  /** How long a segment is, 2 to 10; the vendor's own number is 6. */
  readonly clipSeconds?: number | undefined
  /** Vectors of segments, of the whole video, or both. */
  readonly scopes?: ReadonlyArray<"clip" | "video" | (string & {})> | undefined
}

/**
 * Options of reading a task.
 */
export interface GetOptions extends CallOptions {
  /** The vectors that are wanted. Default: all that there are. */
  readonly embeddingOptions?: ReadonlyArray<"visual" | "audio" | "transcription" | (string & {})> | undefined
}

/**
 * Options of waiting for a task.
 */
export interface ReadyOptions extends GetOptions, Polling.Options<EmbedTask> {}

const params = { id: WireSchema.inPath(EmbeddingTaskId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("embedTasksV1").add(
  HttpApiEndpoint.post("create", "/embed/tasks", {
    payload: Schema.Struct({
      model: Schema.String,
      videoUrl: Schema.optional(Schema.String),
      videoFile: Schema.optional(Multipart.SingleFileSchema),
      startSeconds: Schema.optional(Schema.FiniteFromString),
      endSeconds: Schema.optional(Schema.FiniteFromString),
      clipSeconds: Schema.optional(Schema.FiniteFromString),
      scopes: Schema.optional(Schema.Union([Schema.String, Schema.Array(Schema.String)]))
    }).pipe(
      Schema.encodeKeys({
        model: "model_name",
        videoUrl: "video_url",
        videoFile: "video_file",
        startSeconds: "video_start_offset_sec",
        endSeconds: "video_end_offset_sec",
        clipSeconds: "video_clip_length",
        scopes: "video_embedding_scope"
      }),
      HttpApiSchema.asMultipart()
    ),
    success: Schema.Struct({ id: EmbeddingTaskId }).pipe(Schema.encodeKeys({ id: "_id" }))
  }),
  HttpApiEndpoint.get("list", "/embed/tasks", { query: EmbeddingList.Query, success: Wire.page(EmbedTask) }),
  HttpApiEndpoint.get("get", "/embed/tasks/:id", {
    params,
    query: Schema.Struct({ embeddingOptions: Schema.optional(Schema.Array(Schema.String)) }).pipe(
      Schema.encodeKeys({ embeddingOptions: "embedding_option" })
    ),
    success: EmbedTask
  }),
  HttpApiEndpoint.get("status", "/embed/tasks/:id/status", { params, success: EmbedTask })
)

/**
 * What can be done with tasks of the older kind.
 */
export interface EmbedTasksV1 {
  /** Begins a task and gives its id. A video that is sent, not linked to, is in memory as a whole. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<EmbeddingTaskId, RequestError | FileSourceError>
  /** Tasks without their vectors, page by page. */
  readonly list: (options?: TaskListOptions | undefined) => Stream.Stream<EmbedTask, RequestError>
  /** A task with its vectors, when they are there. */
  readonly get: (id: EmbeddingTaskId, options?: GetOptions | undefined) => Effect.Effect<EmbedTask, RequestError>
  /** How far a task is. */
  readonly status: (id: EmbeddingTaskId, options?: CallOptions | undefined) => Effect.Effect<EmbedTask, RequestError>
  /**
   * Waits until a task is done, and gets it with its vectors. `deadline` (default 1 hour) is for the wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working;
   * - `ProcessingError`: the task failed; the vendor does not say why.
   */
  readonly awaitReady: (
    id: EmbeddingTaskId,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<EmbedTask, RequestError | Polling.NotReadyError | ProcessingError>
}

/**
 * Makes the embedding tasks of the older kind, of a connection. `TwelveLabs` has them as its member `embedTasksV1`.
 */
export const make = (connection: Connection): Effect.Effect<EmbedTasksV1> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: EmbedTasksV1["get"] = (id, { embeddingOptions, ...options } = {}) =>
      call(({ embedTasksV1 }) => embedTasksV1.get({ params: { id }, query: { embeddingOptions } }), options)

    const status: EmbedTasksV1["status"] = (id, options) =>
      call(({ embedTasksV1 }) => embedTasksV1.status({ params: { id } }), options)

    return {
      create: ({ clipSeconds, model, part, scopes, video }, options) =>
        Effect.gen(function* () {
          const form = formOf({
            model_name: model,
            video_url: video.url,
            video_start_offset_sec: part?.startSeconds,
            video_end_offset_sec: part?.endSeconds,
            video_clip_length: clipSeconds,
            video_embedding_scope: scopes
          })
          if (video.file !== undefined) yield* appendFile(form, "video_file", video.file)
          const { id } = yield* call(({ embedTasksV1 }) => embedTasksV1.create({ payload: form }), options)
          return id
        }),
      list: ({ endedAt, startedAt, status, ...options } = {}) =>
        listing(connection, options, (query) =>
          call(({ embedTasksV1 }) => embedTasksV1.list({ query: { ...query, startedAt, endedAt, status } }), options)
        ),
      get,
      status,
      awaitReady: (id, { deadline, embeddingOptions, onProgress, schedule, ...options } = {}) =>
        untilReady(
          { subject: "embedding task", id, poll: status(id, options), statusOf: (task) => task.status },
          { deadline, onProgress, schedule }
        ).pipe(Effect.andThen(get(id, { ...options, embeddingOptions })))
    }
  })
