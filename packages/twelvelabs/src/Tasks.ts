/**
 * Tasks that upload a video and index it in one, of the older kind. New programs make an asset (`Assets`), and then an indexed asset
 * of it (`IndexedAssets`): an upload of an asset can be large, and is in memory only in parts.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import { FileSourceError } from "@effect-sse/core/FileSource"
import type * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Multipart from "effect/http/Multipart"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions, SortOptions } from "./Connection.ts"
import { IndexId, TaskId, VideoId } from "./Ids.ts"
import { Hls, SystemMetadata } from "./IndexedVideo.ts"
import { appendFile, formOf } from "./internal/form.ts"
import { listing } from "./internal/listing.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { MediaFile } from "./MediaSource.ts"
import type { ProcessingError } from "./ProcessingError.ts"
import type { UserMetadata } from "./UserMetadata.ts"

/**
 * How far the vendor is with a task. Why one has failed is not told.
 */
export const Status = WireSchema.openEnum("uploading", "validating", "pending", "queued", "indexing", "ready", "failed")

/** How far the vendor is with a task. */
export type Status = typeof Status.Type

/**
 * A task.
 */
export const Task = Schema.Struct({
  id: TaskId,
  indexId: WireSchema.maybe(IndexId),
  videoId: WireSchema.maybe(VideoId),
  status: WireSchema.maybe(Status),
  systemMetadata: WireSchema.maybe(SystemMetadata),
  /** Where streaming was enabled. */
  hls: WireSchema.maybe(Hls),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    indexId: "index_id",
    videoId: "video_id",
    systemMetadata: "system_metadata",
    createdAt: "created_at",
    updatedAt: "updated_at"
  })
)

/** A task. */
export type Task = typeof Task.Type

/**
 * A task that was begun, and the video that will be there when it is ready.
 */
export const Created = Schema.Struct({ id: TaskId, videoId: WireSchema.maybe(VideoId) }).pipe(
  Schema.encodeKeys({ id: "_id", videoId: "video_id" })
)

/** A task that was begun. */
export type Created = typeof Created.Type

/**
 * What a task is made with.
 */
export interface CreateRequest {
  /** Where the video is to be. */
  readonly indexId: IndexId
  /** Up to 2 GB. */
  readonly video: MediaFile
  /** Makes a stream of it that can be played (`hls`). The vendor's own way: yes. */
  readonly enableVideoStream?: boolean | undefined
  readonly userMetadata?: UserMetadata | undefined
}

/**
 * Options of making a task.
 */
export interface CreateOptions extends CallOptions {
  /** The largest file that is sent, in bytes; all of it is in memory until it is sent. Default 200 MB. */
  readonly maxSize?: number | undefined
}

/**
 * Options of a list. All conditions must hold.
 */
export interface TasksListOptions extends ListOptions, SortOptions<"created_at" | "updated_at"> {
  /** Those of this index. Default: of any. */
  readonly indexId?: IndexId | undefined
  /** Those in one of these. Default: in any. */
  readonly status?: ReadonlyArray<Status> | undefined
  /** The video file's name. */
  readonly filename?: string | undefined
  /** Exactly so long. */
  readonly durationSeconds?: number | undefined
  /** In pixels. */
  readonly width?: number | undefined
  /** In pixels. */
  readonly height?: number | undefined
  /** Made on this day, at this time or later. */
  readonly createdSince?: DateTime.Utc | undefined
  /** Changed on this day, at this time or later. */
  readonly updatedSince?: DateTime.Utc | undefined
}

const params = { id: WireSchema.inPath(TaskId) } as const

const form = {
  indexId: IndexId,
  videoUrl: Schema.optional(Schema.String),
  enableVideoStream: Schema.optional(WireSchema.BooleanText),
  userMetadata: Schema.optional(Schema.fromJsonString(Wire.OwnMetadata))
} as const

const formKeys = {
  indexId: "index_id",
  videoUrl: "video_url",
  enableVideoStream: "enable_video_stream",
  userMetadata: "user_metadata"
} as const

const encodeForm = Schema.encodeEffect(Schema.Struct(form).pipe(Schema.encodeKeys(formKeys)))

const number = Schema.optional(Schema.Finite)

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("tasks").add(
  HttpApiEndpoint.post("create", "/tasks", {
    payload: Schema.Struct({ ...form, videoFile: Schema.optional(Multipart.SingleFileSchema) }).pipe(
      Schema.encodeKeys({ ...formKeys, videoFile: "video_file" }),
      HttpApiSchema.asMultipart()
    ),
    success: Created
  }),
  HttpApiEndpoint.get("list", "/tasks", {
    query: Schema.Struct({
      ...Wire.listQuery,
      ...Wire.sortQuery,
      ...Wire.sinceQuery,
      indexId: Schema.optional(IndexId),
      status: Schema.optional(Schema.Array(Schema.String)),
      filename: Schema.optional(Schema.String),
      durationSeconds: number,
      width: number,
      height: number
    }).pipe(
      Schema.encodeKeys({
        ...Wire.listKeys,
        ...Wire.sortKeys,
        ...Wire.sinceKeys,
        indexId: "index_id",
        durationSeconds: "duration"
      })
    ),
    success: Wire.page(Task)
  }),
  HttpApiEndpoint.get("get", "/tasks/:id", { params, success: Task }),
  HttpApiEndpoint.delete("delete", "/tasks/:id", { params, success: HttpApiSchema.NoContent })
)

/**
 * What can be done with tasks.
 */
export interface Tasks {
  /**
   * Uploads a video and begins to index it. A `FileSourceError` is about a file that cannot be read here, or is larger than
   * `maxSize`.
   *
   * **Example** (Index a file, and wait)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { type IndexId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const index = (indexId: IndexId, path: string) =>
   *   Effect.gen(function*() {
   *     const { tasks } = yield* TwelveLabs
   *     const file = yield* FileSource.fromPath(path)
   *     const { id } = yield* tasks.create({ indexId, video: { file } })
   *     return yield* tasks.awaitReady(id, { deadline: "3 hours" })
   *   })
   * ```
   */
  readonly create: (
    request: CreateRequest,
    options?: CreateOptions | undefined
  ) => Effect.Effect<Created, RequestError | FileSourceError>
  /** The tasks of the account, page by page. */
  readonly list: (options?: TasksListOptions | undefined) => Stream.Stream<Task, RequestError>
  /** A task, and how far the vendor is with it. */
  readonly get: (id: TaskId, options?: CallOptions | undefined) => Effect.Effect<Task, RequestError>
  /** Deletes a task that is ready or has failed. Of one that is ready, delete the video first. */
  readonly delete: (id: TaskId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /**
   * Waits until the video is indexed. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be at it;
   * - `ProcessingError`: it could not be indexed, and never will be.
   */
  readonly awaitReady: (
    id: TaskId,
    options?: (CallOptions & Polling.Options<Task>) | undefined
  ) => Effect.Effect<Task, RequestError | Polling.NotReadyError | ProcessingError>
}

const defaultMaxSize = 200_000_000

/**
 * Makes the tasks of a connection. `TwelveLabs` has them as its member `tasks`.
 */
export const make = (connection: Connection): Effect.Effect<Tasks> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const get: Tasks["get"] = (id, options) => call(({ tasks }) => tasks.get({ params: { id } }), options)
    return {
      create: ({ video, ...request }, { maxSize = defaultMaxSize, ...options } = {}) =>
        Effect.gen(function* () {
          const { file } = video
          if (file !== undefined && file.size > maxSize) {
            return yield* new FileSourceError({ name: file.name, reason: "TooLarge" })
          }
          const payload = formOf(yield* call(() => encodeForm({ ...request, videoUrl: video.url }), options))
          if (file !== undefined) yield* appendFile(payload, "video_file", file)
          return yield* call(({ tasks }) => tasks.create({ payload }), options)
        }),
      list: ({
        createdSince,
        durationSeconds,
        filename,
        height,
        indexId,
        sortBy,
        sortOption,
        status,
        updatedSince,
        width,
        ...options
      } = {}) => {
        const filters = { createdSince, durationSeconds, filename, height, indexId, status, updatedSince, width }
        return listing(connection, options, (query) =>
          call(({ tasks }) => tasks.list({ query: { ...query, ...filters, sortBy, sortOption } }), options)
        )
      },
      get,
      delete: (id, options) => call(({ tasks }) => tasks.delete({ params: { id } }), options),
      awaitReady: (id, { deadline, onProgress, schedule, ...options } = {}) =>
        untilReady(
          { subject: "indexing task", id, poll: get(id, options), statusOf: ({ status }) => status },
          { deadline, onProgress, schedule }
        )
    }
  })
