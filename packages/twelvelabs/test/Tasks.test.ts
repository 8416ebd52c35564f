import { FileSource, Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import { IndexId, ProcessingError, TaskId, type Tasks, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { textOf } from "./Fixture.ts"
import { live, soon } from "./Live.ts"
import { formOf } from "./SentForm.ts"

const url = "https://example.com/films/kite.mp4"

const anIndex = Effect.flatMap(TwelveLabs, ({ indexes }) =>
  indexes.create({ name: "workshop", models: [{ name: "marengo3.0", options: ["visual", "audio"] }] })
)

const aFile = (size: number) =>
  FileSource.fromBytes(new Uint8Array(size).fill(7), { name: "kite flight.mp4", contentType: "video/mp4" })

describe("tasks", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `upload a file, index it, and are deleted after their video, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { tasks, videos } = yield* TwelveLabs
          const emulator = yield* Emulator
          const indexId = yield* anIndex
          const file = yield* aFile(100_000)
          const made = yield* tasks.create({
            indexId,
            video: { file },
            enableVideoStream: false,
            userMetadata: { season: "autumn", rating: 9.3, good: true }
          })
          const upload = (yield* emulator.requests).at(-1)!
          assert.match(upload.headers["content-type"]!, /^multipart\/form-data; boundary=/)
          assert.isAbove(upload.bytesReceived, 100_000)
          const seen: Array<string | undefined> = []
          const ready = yield* tasks.awaitReady(made.id, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.strictEqual(seen.at(-1), "ready")
          assert.isTrue(seen.slice(0, -1).every((status) => status !== "ready" && status !== "failed"))
          assert.deepStrictEqual(
            [ready.indexId, ready.videoId, ready.hls, ready.systemMetadata?.filename],
            [indexId, made.videoId, undefined, "kite flight.mp4"]
          )
          const place = { indexId, videoId: made.videoId! }
          const video = yield* videos.get(place)
          assert.deepStrictEqual(
            [video.userMetadata, video.systemMetadata?.sizeBytes],
            [{ season: "autumn", rating: 9.3, good: true }, 100_000]
          )
          const early = (yield* Effect.flip(tasks.delete(made.id))) as StreamError.ApiError
          assert.strictEqual(early.status, 400)
          yield* videos.delete(place)
          yield* tasks.delete(made.id)
          const gone = (yield* Effect.flip(tasks.get(made.id))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
        }),
      { http }
    )
  }

  live("take a video by its address, with a stream of it unless it is not wanted", () =>
    Effect.gen(function* () {
      const { indexedAssets, tasks } = yield* TwelveLabs
      const indexId = yield* anIndex
      const { id } = yield* tasks.create({ indexId, video: { url } })
      const task = yield* tasks.awaitReady(id, soon)
      assert.deepStrictEqual([task.hls?.status, task.systemMetadata?.filename], ["COMPLETE", "kite.mp4"])
      const [made] = yield* Stream.runCollect(indexedAssets.list(indexId))
      assert.deepStrictEqual([made?.id, made?.status], [task.videoId, "ready"])
    })
  )

  it.effect("are sent as the form that is documented, metadata as JSON", () =>
    Effect.gen(function* () {
      const indexId = IndexId.make("66aa00000000000000000001")
      const file = yield* aFile(3)
      const fields = yield* formOf(({ tasks }) =>
        tasks.create({
          indexId,
          video: { file },
          enableVideoStream: false,
          userMetadata: { season: "autumn", rating: 9.3, good: true }
        })
      )
      assert.deepStrictEqual(fields, [
        ["index_id", indexId],
        ["enable_video_stream", "false"],
        ["user_metadata", '{"season":"autumn","rating":9.3,"good":true}'],
        ["video_file", "kite flight.mp4 video/mp4 3"]
      ])
      assert.deepStrictEqual(yield* formOf(({ tasks }) => tasks.create({ indexId, video: { url } })), [
        ["index_id", indexId],
        ["video_url", url]
      ])
    })
  )

  live("do not read a file that is too large, and send nothing", () =>
    Effect.gen(function* () {
      const { tasks } = yield* TwelveLabs
      const emulator = yield* Emulator
      let reads = 0
      const source = yield* aFile(1001)
      const file = {
        ...source,
        read: (offset: number, length: number) => Effect.suspend(() => (reads++, source.read(offset, length)))
      }
      const create = (maxSize?: number) =>
        tasks.create({ indexId: IndexId.make("x"), video: { file } }, maxSize === undefined ? {} : { maxSize })
      const error = (yield* Effect.flip(create(1000))) as FileSource.FileSourceError
      assert.deepStrictEqual([error._tag, error.reason], ["FileSourceError", "TooLarge"])
      assert.deepStrictEqual([reads, yield* emulator.requests], [0, []])
      assert.strictEqual((yield* Effect.flip(create()))._tag, "ApiError")
      assert.deepStrictEqual([reads, (yield* emulator.requests).length], [1, 1])
    })
  )

  live(
    "that fail are an error that says which",
    () =>
      Effect.gen(function* () {
        const { tasks } = yield* TwelveLabs
        const indexId = yield* anIndex
        const { id } = yield* tasks.create({ indexId, video: { url } })
        const error = yield* Effect.flip(tasks.awaitReady(id, soon))
        assert.instanceOf(error, ProcessingError)
        assert.deepStrictEqual([error.id, error.status], [id, "failed"])
        yield* tasks.delete(id)
        assert.deepStrictEqual(yield* Stream.runCollect(tasks.list()), [])
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "that never end are given up when the time is up, and are not deleted meanwhile",
    () =>
      Effect.gen(function* () {
        const { tasks } = yield* TwelveLabs
        const indexId = yield* anIndex
        const { id } = yield* tasks.create({ indexId, video: { url } })
        const error = yield* Effect.flip(tasks.awaitReady(id, { ...soon, deadline: "100 millis" }))
        assert.instanceOf(error, Polling.NotReadyError)
        assert.strictEqual(((yield* Effect.flip(tasks.delete(id))) as StreamError.ApiError).status, 400)
      }),
    { play: { sync: "never" } }
  )

  live(
    "are listed page by page, and narrowed down as documented",
    () =>
      Effect.gen(function* () {
        const { tasks } = yield* TwelveLabs
        const emulator = yield* Emulator
        const indexId = yield* anIndex
        const ids: Array<TaskId> = []
        for (let number = 1; number <= 11; number++) {
          const { id } = yield* tasks.create({ indexId, video: { url: `https://example.com/${number}.mp4` } })
          ids.push(id)
        }
        const list = (options: Tasks.TasksListOptions) =>
          Effect.gen(function* () {
            const all = yield* Stream.runCollect(tasks.list({ ...options, sortOption: "asc" }))
            const query = new URLSearchParams((yield* emulator.requests).at(-1)!.query)
            query.delete("page")
            query.delete("sort_option")
            return [all.map(({ id }) => id), [...query].map(([name, value]) => `${name}=${value}`).sort()]
          })
        assert.deepStrictEqual(yield* list({ pageSize: 5, indexId }), [ids, [`index_id=${indexId}`, "page_limit=5"]])
        assert.deepStrictEqual(yield* list({ status: ["indexing", "failed"] }), [
          [],
          ["status=failed", "status=indexing"]
        ])
        assert.deepStrictEqual(yield* list({ filename: "3.mp4", width: 1920, height: 1080 }), [
          [ids[2]],
          ["filename=3.mp4", "height=1080", "width=1920"]
        ])
        assert.deepStrictEqual(yield* list({ durationSeconds: 61.5 }), [[], ["duration=61.5"]])
        assert.deepStrictEqual(yield* list({ indexId: IndexId.make("other") }), [[], ["index_id=other"]])
        const later = DateTime.add(yield* DateTime.now, { hours: 1 })
        assert.deepStrictEqual(yield* list({ createdSince: later, updatedSince: later }), [
          [],
          [`created_at=${DateTime.formatIso(later)}`, `updated_at=${DateTime.formatIso(later)}`]
        ])
      }),
    { emulator: { twelvelabs: { processMillis: 0 } } }
  )

  live("are refused by an address that is none, and fail with a file that is no video", () =>
    Effect.gen(function* () {
      const { tasks } = yield* TwelveLabs
      const indexId = yield* anIndex
      const refused = yield* Effect.flip(tasks.create({ indexId, video: { url: "not an address" } }))
      const { kind, status } = refused as StreamError.ApiError
      assert.deepStrictEqual([kind, status], ["InvalidRequest", 400])
      const file = yield* FileSource.fromBytes(new Uint8Array(3), { name: "a.txt", contentType: "text/plain" })
      const { id } = yield* tasks.create({ indexId, video: { file } })
      const error = yield* Effect.flip(tasks.awaitReady(id, soon))
      assert.strictEqual(error._tag, "ProcessingError")
    })
  )

  it.effect("are read with fields that are missing, null or new, and without page info", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        ({ query }) => ({
          json: query.get("page") === "1" ? (JSON.parse(textOf("index/tasks.json")) as unknown) : { data: [] }
        }),
        ({ tasks }) => Stream.runCollect(tasks.list())
      )
      assert.deepStrictEqual(
        value.map(({ hls, status, systemMetadata, updatedAt }) => [
          status,
          hls?.status,
          systemMetadata?.filename,
          updatedAt && DateTime.formatIso(updatedAt)
        ]),
        [
          [undefined, undefined, undefined, undefined],
          ["dreaming", "CANCELED", "b.mp4", "2026-01-02T03:04:05.000Z"]
        ]
      )
    })
  )

  it.live("with a status that is new are waited for", () =>
    Effect.gen(function* () {
      const id = TaskId.make("66ee00000000000000000001")
      const statuses = [undefined, "dreaming", "indexing", "ready"]
      const { value } = yield* answering(
        (_, index) => ({ json: { _id: id, status: statuses[index] } }),
        ({ tasks }) => tasks.awaitReady(id, soon)
      )
      assert.strictEqual(value.status, "ready")
    })
  )
})
