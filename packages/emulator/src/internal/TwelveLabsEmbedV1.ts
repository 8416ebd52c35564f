/**
 * TwelveLabs' embeddings of the older kind, at once and in tasks.
 */
import type { EmbedTask } from "@effect-sse/twelvelabs/EmbedTasksV1"
import type { Segment } from "@effect-sse/twelvelabs/Embedding"
import { EmbeddingTaskId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Multipart from "effect/http/Multipart"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import * as Exchange from "./Exchange.ts"
import { extensionOf } from "./FileStore.ts"
import * as Rules from "./TwelveLabsEmbeddingRules.ts"
import * as Tasks from "./TwelveLabsEmbeddingTasks.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as Vectors from "./TwelveLabsVectors.ts"

/** The endpoints of the groups `embedV1` and `embedTasksV1`. */
export const layer = (state: State.TwelveLabsState) => Layer.merge(atOnce, inTasks(state))

type Kind = "image" | "audio" | "video"

const extensions: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  image: [".jpg", ".jpeg", ".png", ".webp", ".gif"],
  audio: [".mp3", ".wav", ".flac", ".m4a", ".ogg"],
  video: [".mp4", ".mov", ".webm", ".mkv", ".avi"]
}

/** A file in a form, or an address. The address wins. */
const mediaOf = (kind: Kind, url: string | undefined, file: Multipart.PersistedFile | undefined) =>
  Effect.gen(function* () {
    if (url !== undefined) {
      yield* Rules.requireUrl(`${kind}_url`, url)
      return { key: `url ${url}`, metadata: { input_url: url }, isReadable: true }
    }
    if (file === undefined) return undefined
    const disk = yield* FileSystem.FileSystem
    const bytes = yield* Effect.orDie(disk.readFile(file.path))
    return {
      key: `bytes ${Vectors.hashOf(bytes).toString("hex")}`,
      metadata: { input_filename: file.name },
      isReadable: file.contentType.startsWith(`${kind}/`) || extensions[kind].includes(extensionOf(file.name))
    }
  })

const segment = (seed: string, fields: Partial<Segment> = {}): Segment => ({
  startSeconds: undefined,
  endSeconds: undefined,
  option: undefined,
  scope: undefined,
  ...fields,
  embedding: Vectors.vectorOf(seed)
})

/** In seconds; the vendor's own lengths of segments. */
const defaultClip = 6

const whole: Vectors.Span = { start: 0, end: Rules.durationElsewhere }

const atOnce = HttpApiBuilder.group(Api, "embedV1", (handlers) =>
  handlers.handleAll({
    create: ({ payload: { audioFile, audioStartSeconds = 0, audioUrl, imageFile, imageUrl, model, text } }) =>
      Effect.gen(function* () {
        const { play } = yield* Exchange.Exchange
        yield* Rules.requireModel(model)
        const image = yield* mediaOf("image", imageUrl, imageFile)
        const audio = yield* mediaOf("audio", audioUrl, audioFile)
        if (text === undefined && image === undefined && audio === undefined) {
          return yield* invalid("one of text, image_url, image_file, audio_url, audio_file is required")
        }
        if (audioStartSeconds < 0) return yield* invalid("audio_start_offset_sec: must not be negative")
        // One that cannot be read is no reason to refuse the others.
        const outcome = (
          kind: Kind,
          {
            isReadable,
            metadata
          }: { readonly isReadable: boolean; readonly metadata: Readonly<Record<string, unknown>> },
          segments: () => ReadonlyArray<Segment>
        ) =>
          isReadable && play.sync !== "invalid"
            ? { segments: segments(), errorMessage: undefined, metadata }
            : { segments: undefined, errorMessage: `The ${kind} could not be decoded.`, metadata }
        return {
          model,
          text:
            text === undefined
              ? undefined
              : { segments: [segment(`${model} text ${text}`)], errorMessage: undefined, metadata: undefined },
          image: image && outcome("image", image, () => [segment(`${model} ${image.key}`)]),
          audio:
            audio &&
            outcome("audio", audio, () =>
              Vectors.segmentsOf(
                audio.key,
                { ...whole, start: audioStartSeconds },
                { strategy: "fixed", seconds: defaultClip }
              ).map(({ end, start }) =>
                segment(`${model} ${audio.key} audio ${start}-${end}`, { startSeconds: start, endSeconds: end })
              )
            )
        }
      })
  })
)

interface OwnEmbedTask extends Tasks.OwnTask {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly segments: (options: ReadonlyArray<string>) => ReadonlyArray<Segment>
}

const options = ["visual", "audio", "transcription"]

/** What can be asked for: the last one is of models of old. */
const readable = [...options, "visual-text"]

const inTasks = (state: State.TwelveLabsState) => {
  const tasks = new Map<string, OwnEmbedTask>()
  const find = (id: string) => State.find(tasks, id, "embedding task")
  const taskOf = (task: OwnEmbedTask): EmbedTask => ({
    id: task.id,
    status: Tasks.statusOf(state, task),
    model: task.model,
    video: { metadata: task.metadata, segments: undefined },
    createdAt: undefined,
    updatedAt: undefined
  })

  return HttpApiBuilder.group(Api, "embedTasksV1", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { clipSeconds = defaultClip, endSeconds, model, startSeconds } = payload
          yield* Rules.requireModel(model)
          const video = yield* mediaOf("video", payload.videoUrl, payload.videoFile)
          if (video === undefined) return yield* invalid("one of video_url, video_file is required")
          if ((startSeconds === undefined) !== (endSeconds === undefined)) {
            return yield* invalid("video_start_offset_sec: goes with video_end_offset_sec")
          }
          const part = { start: startSeconds ?? whole.start, end: endSeconds ?? whole.end }
          if (part.start < 0 || part.end <= part.start || part.end > whole.end) {
            return yield* invalid(`video_end_offset_sec: must be after the start and at most ${whole.end}`)
          }
          if (clipSeconds < 2 || clipSeconds > 10) return yield* invalid("video_clip_length: must be 2 to 10")
          const sent = payload.scopes === undefined ? undefined : [payload.scopes].flat()
          const scopes = yield* Rules.wordsOf("video_embedding_scope", sent, ["clip", "video"], ["clip"])
          const { play } = yield* Exchange.Exchange
          const work = State.begin(state, play)
          const id = EmbeddingTaskId.make(state.nextHexId("embedding task"))
          tasks.set(id, {
            id,
            model,
            work: { ...work, succeeds: work.succeeds && video.isReadable },
            metadata: {
              ...video.metadata,
              duration: whole.end,
              video_clip_length: clipSeconds,
              video_embedding_scope: scopes
            },
            segments: (options) => {
              const cut = { strategy: "fixed", seconds: clipSeconds } as const
              const spans = [
                ...(scopes.includes("clip") ? Vectors.segmentsOf(video.key, part, cut) : []).map((span) => ({
                  ...span,
                  scope: "clip"
                })),
                ...(scopes.includes("video") ? [{ ...part, scope: "video" }] : [])
              ]
              return spans.flatMap(({ end, scope, start }) =>
                options.map((option) =>
                  segment(`${model} ${video.key} ${option} ${scope} ${start}-${end}`, {
                    startSeconds: start,
                    endSeconds: end,
                    option,
                    scope
                  })
                )
              )
            }
          })
          return { id }
        }),
      list: ({ query }) =>
        Tasks.listOf(state, tasks, query).pipe(
          Effect.flatMap((found) => State.pageOf(found, query)),
          Effect.map(({ info, items }) => ({
            info,
            items: items.map((task) => ({ ...taskOf(task), ...Tasks.timesOf(state, task) }))
          }))
        ),
      get: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          const task = yield* find(id)
          const wanted = yield* Rules.wordsOf("embedding_option", query.embeddingOptions, readable, options)
          const isThere = Tasks.statusOf(state, task) === "ready" && Tasks.areKept(state, task)
          return {
            ...taskOf(task),
            ...Tasks.timesOf(state, task),
            video: { metadata: task.metadata, segments: isThere ? task.segments(wanted) : undefined }
          }
        }),
      status: ({ params: { id } }) => Effect.map(find(id), taskOf)
    })
  )
}
