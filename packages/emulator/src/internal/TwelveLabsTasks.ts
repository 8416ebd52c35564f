/**
 * TwelveLabs' tasks that upload and index in one, of the older kind: each makes an asset and a video.
 */
import { AssetId, TaskId, VideoId } from "@effect-sse/twelvelabs/Ids"
import type { Task } from "@effect-sse/twelvelabs/Tasks"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PersistedFile } from "effect/http/Multipart"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import * as Indexing from "./TwelveLabsIndexing.ts"
import * as Media from "./TwelveLabsMedia.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

const stages = ["uploading", "validating", "pending", "queued", "indexing"] as const
const statuses: ReadonlyArray<string> = [...stages, "ready", "failed"]

/** Bytes of a video that is elsewhere, which nobody fetches here. */
const sizeElsewhere = 15_000_000

/** The endpoints of the group `tasks`. */
export const layer = (indexing: Indexing.Indexing, linker: (play: Play) => Linker) => {
  const { indexed, state, tasks } = indexing

  const statusOf = ({ made }: Indexing.OwnTask) => State.statusOf(state, made.work, [...stages])

  /** The asset's part that depends on where the video comes from. */
  const sourceOf = (file: PersistedFile | undefined, url: string | undefined) =>
    Effect.gen(function* () {
      // The address comes first where both are there.
      if (url !== undefined) {
        if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
          return yield* invalid("video_url: not a URL")
        }
        const filename = new URL(url).pathname.split("/").at(-1) ?? ""
        return { method: "url", filename, size: sizeElsewhere } as const
      }
      if (file === undefined) return yield* invalid("video_file: a file or video_url is required")
      const disk = yield* FileSystem.FileSystem
      const piece = yield* Effect.orDie(state.files.write(disk.stream(file.path)))
      if (piece.size === 0) {
        yield* state.files.discard([piece])
        return yield* invalid("video_file: must not be empty")
      }
      const content = state.files.add(file.name, "video/mp4", piece)
      return { method: "direct", filename: file.name, size: piece.size, content } as const
    })

  const taskOf = (task: Indexing.OwnTask, linkOf: Indexing.MakeLink): Task => {
    const { id, made } = task
    const { durationSeconds, filename, height, width } = Indexing.systemMetadataOf(made)
    return {
      id,
      indexId: made.indexId,
      videoId: VideoId.make(made.id),
      status: statusOf(task),
      systemMetadata: { durationSeconds, filename, height, width, fps: undefined, sizeBytes: undefined },
      hls: Indexing.hlsOf(indexing, made, linkOf),
      createdAt: State.timeOf(made.createdAt),
      updatedAt: State.timeOf(Math.min(state.now(), made.work.doneAt))
    }
  }

  const reader = Effect.map(Exchange.Exchange, ({ now, play }) => {
    const link = linker(play)
    return (task: Indexing.OwnTask) => taskOf(task, (name) => link("twelvelabs", name, now()))
  })

  return HttpApiBuilder.group(Api, "tasks", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { enableVideoStream = true, indexId, userMetadata, videoFile, videoUrl } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const index = yield* Indexing.findIndex(indexing, indexId)
          const source = yield* sourceOf(videoFile, videoUrl)
          // What the file is, is seen when it is looked at.
          const isVideo = Media.mediaOf(source.filename)?.kind === "video"
          const begun = State.begin(state, play)
          const work = { ...begun, succeeds: begun.succeeds && isVideo }
          const asset: State.OwnAsset = {
            id: AssetId.make(state.nextHexId("asset")),
            kind: "video",
            fileType: "video/mp4",
            duration: Media.durationOf("video", source.size),
            userMetadata: undefined,
            createdAt: work.begunAt,
            work,
            hls: false,
            thumbnail: false,
            source: undefined,
            ...source
          }
          state.assets.set(asset.id, asset)
          const made = Indexing.add(indexing, {
            indexId: index.id,
            asset,
            hls: enableVideoStream,
            userMetadata,
            work
          })
          const id = TaskId.make(state.nextHexId("task"))
          tasks.set(id, { id, made })
          return { id, videoId: VideoId.make(made.id) }
        }),
      list: ({ query }) =>
        Effect.gen(function* () {
          const unknown = query.status?.find((status) => !statuses.includes(status))
          if (unknown !== undefined) return yield* invalid(`status: ${unknown} is none of ${statuses.join(", ")}`)
          const found = [...tasks.values()].filter((task) => {
            const { made } = task
            const { durationSeconds, filename, height, width } = Indexing.systemMetadataOf(made)
            return (
              (query.indexId ?? made.indexId) === made.indexId &&
              (query.status?.includes(statusOf(task)) ?? true) &&
              (query.filename ?? filename) === filename &&
              (query.durationSeconds ?? durationSeconds) === durationSeconds &&
              (query.width ?? width) === width &&
              (query.height ?? height) === height &&
              Indexing.isSince(made.createdAt, query.createdSince) &&
              Indexing.isSince(made.updatedAt, query.updatedSince)
            )
          })
          const read = yield* reader
          const { info, items } = yield* Indexing.listed(
            found.map((task) => ({ task, updatedAt: task.made.updatedAt })),
            query
          )
          // Where it can be played is told of one task, and not in lists.
          return { info, items: items.map(({ task }) => ({ ...read(task), hls: undefined })) }
        }),
      get: ({ params: { id } }) =>
        Effect.flatMap(State.find(tasks, id, "task"), (task) => Effect.map(reader, (read) => read(task))),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          const task = yield* State.find(tasks, id, "task")
          const status = statusOf(task)
          if (status !== "ready" && status !== "failed") {
            return yield* invalid(`task_id: the task is ${status}; only one that is ready or failed can be deleted`)
          }
          if (status === "ready" && indexed.has(task.made.id)) {
            return yield* invalid("task_id: the video of the task must be deleted first")
          }
          indexed.delete(task.made.id)
          tasks.delete(id)
        })
    })
  )
}
