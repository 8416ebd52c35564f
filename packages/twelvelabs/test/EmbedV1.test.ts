import { FileSource, Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { EmbeddingTaskId, type EmbedTasksV1, type EmbedV1, ProcessingError, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live, soon } from "./Live.ts"

const model = "marengo3.0"
const taskId = EmbeddingTaskId.make("66dd00000000000000000001")
const bytes = (...values: ReadonlyArray<number>) => new Uint8Array(values)
const png = FileSource.fromBytes(bytes(1, 2, 3), { name: "a.png" })
const notes = FileSource.fromBytes(bytes(1, 2, 3), { name: "notes.txt", contentType: "text/plain" })

const segmentsOf = (outcome: EmbedV1.Outcome | undefined) =>
  outcome?.segments.map(({ embedding, endSeconds, startSeconds }) => [embedding?.length, startSeconds, endSeconds])

describe("embeddings of the older kind", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made of texts, images and audio, from addresses and from files, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { embedV1 } = yield* TwelveLabs
          const all = yield* embedV1.create({
            model,
            text: "a kite",
            image: { file: yield* png },
            audio: { url: "https://example.com/a.mp3" },
            audioStartSeconds: 20
          })
          assert.deepStrictEqual([all.model, all.text?._tag, all.image?._tag], [model, "Embedded", "Embedded"])
          assert.deepStrictEqual(segmentsOf(all.text), [[512, undefined, undefined]])
          assert.deepStrictEqual<unknown>(all.image?.metadata, { input_filename: "a.png" })
          assert.deepStrictEqual(segmentsOf(all.audio), [
            [512, 20, 26],
            [512, 26, 30]
          ])
          assert.deepStrictEqual<unknown>(all.audio?.metadata, { input_url: "https://example.com/a.mp3" })
          const file = yield* FileSource.fromBytes(bytes(4), { name: "sound", contentType: "audio/mpeg" })
          const audio = yield* embedV1.create({ model, audio: { file } })
          assert.deepStrictEqual([audio.text, audio.image, audio.audio?._tag], [undefined, undefined, "Embedded"])
          assert.deepStrictEqual((yield* embedV1.create({ model, text: "a kite" })).text, all.text)
        }),
      { http }
    )
  }

  live("are made of all bytes of a large file", () =>
    Effect.gen(function* () {
      const { embedV1 } = yield* TwelveLabs
      const { requests } = yield* Emulator
      const size = 17 * 1024 * 1024
      const vectorOf = (last: number) =>
        Effect.gen(function* () {
          const content = new Uint8Array(size).fill(last, -1)
          const file = yield* FileSource.fromBytes(content, { name: "a.png" })
          return (yield* embedV1.create({ model, image: { file } })).image?.segments[0]?.embedding?.join()
        })
      assert.notStrictEqual(yield* vectorOf(1), yield* vectorOf(2))
      for (const { bytesReceived } of yield* requests) assert.isAbove(bytesReceived, size)
    })
  )

  live("are not asked for with a file that has changed", () =>
    Effect.gen(function* () {
      const { embedTasksV1, embedV1 } = yield* TwelveLabs
      const { requests } = yield* Emulator
      const file: FileSource.FileSource = {
        name: "a.png",
        size: 3,
        read: () => Effect.fail(new FileSource.FileSourceError({ name: "a.png", reason: "Changed" }))
      }
      for (const create of [
        embedV1.create({ model, image: { file } }),
        embedV1.create({ model, audio: { file } }),
        embedTasksV1.create({ model, video: { file } })
      ]) {
        assert.instanceOf(yield* Effect.flip<unknown, unknown, never>(create), FileSource.FileSourceError)
      }
      assert.lengthOf(yield* requests, 0)
    })
  )

  live("of one input are there although another failed, which says why", () =>
    Effect.gen(function* () {
      const { embedV1 } = yield* TwelveLabs
      const { audio, image, text } = yield* embedV1.create({ model, text: "a kite", image: { file: yield* notes } })
      assert.strictEqual(text?._tag, "Embedded")
      assert.deepStrictEqual<unknown>(image, {
        _tag: "Failed",
        message: "The image could not be decoded.",
        segments: [],
        metadata: { input_filename: "notes.txt" }
      })
      assert.isUndefined(audio)
    })
  )

  live("are refused as the vendor refuses them", () =>
    Effect.gen(function* () {
      const { embedV1 } = yield* TwelveLabs
      const requests: ReadonlyArray<EmbedV1.CreateRequest> = [
        { model },
        { model: "marengo9", text: "a" },
        { model, image: { url: "a.png" } },
        { model, audio: { url: "https://example.com/a.mp3" }, audioStartSeconds: -1 }
      ]
      for (const request of requests) {
        const refused = (yield* Effect.flip(embedV1.create(request))) as StreamError.ApiError
        assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
      }
    })
  )

  it.effect("are read whatever they lack, and with what there is of one that failed", () =>
    Effect.gen(function* () {
      const create = (json: unknown) =>
        Effect.map(
          answering(
            () => ({ json }),
            ({ embedV1 }) => embedV1.create({ model, text: "a" })
          ),
          ({ value }) => value
        )
      const nothing = { model: undefined, text: undefined, image: undefined, audio: undefined }
      assert.deepStrictEqual<unknown>(yield* create({}), nothing)
      assert.deepStrictEqual<unknown>(
        yield* create({ model_name: null, text_embedding: null, image_embedding: null, audio_embedding: null }),
        nothing
      )
      const bare = {
        embedding: undefined,
        startSeconds: undefined,
        endSeconds: undefined,
        option: undefined,
        scope: undefined
      }
      const { audio, image, text } = yield* create({
        model_name: "marengo9",
        text_embedding: { segments: [{ float: [1, 2.5] }, {}], error_message: "" },
        image_embedding: { error_message: "blurred", segments: null },
        audio_embedding: {
          error_message: "cut",
          segments: [{ float: null, start_offset_sec: null, embedding_option: "smell" }],
          metadata: null
        }
      })
      assert.deepStrictEqual<unknown>(text, {
        _tag: "Embedded",
        segments: [{ ...bare, embedding: [1, 2.5] }, bare],
        metadata: undefined
      })
      assert.deepStrictEqual<unknown>(image, { _tag: "Failed", message: "blurred", segments: [], metadata: undefined })
      assert.deepStrictEqual<unknown>(audio, {
        _tag: "Failed",
        message: "cut",
        segments: [{ ...bare, option: "smell" }],
        metadata: undefined
      })
    })
  )
})

describe("embedding tasks of the older kind", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are begun, asked for their status, awaited, read and listed, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { embedTasksV1 } = yield* TwelveLabs
          const file = yield* FileSource.fromBytes(bytes(1, 2, 3), { name: "a.mp4" })
          const id = yield* embedTasksV1.create({ model, video: { file }, clipSeconds: 10, scopes: ["clip", "video"] })
          const seen: Array<string | undefined> = []
          const task = yield* embedTasksV1.awaitReady(id, {
            ...soon,
            embeddingOptions: ["visual", "audio"],
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.strictEqual(seen.at(-1), "ready")
          assert.deepStrictEqual(
            task.video?.segments?.map(({ embedding, endSeconds, option, scope, startSeconds }) => [
              embedding?.length,
              option,
              scope,
              startSeconds,
              endSeconds
            ]),
            (
              [
                ["clip", 0, 10],
                ["clip", 10, 20],
                ["clip", 20, 30],
                ["video", 0, 30]
              ] as const
            ).flatMap((span) => ["visual", "audio"].map((option) => [512, option, ...span]))
          )
          const status = yield* embedTasksV1.status(id)
          assert.deepStrictEqual([status.id, status.status, status.model], [id, "ready", model])
          assert.isUndefined(status.video?.segments)
          assert.lengthOf((yield* embedTasksV1.get(id)).video!.segments!, 4 * 3)
          assert.deepStrictEqual(
            (yield* Stream.runCollect(embedTasksV1.list())).map((listed) => [listed.id, listed.status]),
            [[id, "ready"]]
          )
        }),
      { http }
    )
  }

  live("take a part of a video, and one scope or several", () =>
    Effect.gen(function* () {
      const { embedTasksV1 } = yield* TwelveLabs
      const video = { url: "https://example.com/a.mp4" }
      const spans = (request: Partial<EmbedTasksV1.CreateRequest>) =>
        Effect.gen(function* () {
          const id = yield* embedTasksV1.create({ model, video, ...request })
          const task = yield* embedTasksV1.awaitReady(id, { ...soon, embeddingOptions: ["visual"] })
          return task.video?.segments?.map(({ endSeconds, scope, startSeconds }) => [scope, startSeconds, endSeconds])
        })
      assert.deepStrictEqual(yield* spans({ part: { startSeconds: 5, endSeconds: 15 } }), [
        ["clip", 5, 11],
        ["clip", 11, 15]
      ])
      assert.deepStrictEqual(yield* spans({ scopes: ["video"] }), [["video", 0, 30]])
    })
  )

  live("are listed page by page, by status and by time", () =>
    Effect.gen(function* () {
      const { embedTasksV1 } = yield* TwelveLabs
      const file = yield* notes
      const ids: Array<EmbeddingTaskId> = []
      for (let count = 0; count < 5; count++) {
        const video = count === 0 ? { file } : { url: "https://example.com/a.mp4" }
        ids.unshift(yield* embedTasksV1.create({ model, video }))
      }
      yield* embedTasksV1.awaitReady(ids[0]!, soon)
      const listed = (options: Parameters<typeof embedTasksV1.list>[0]) =>
        Effect.map(Stream.runCollect(embedTasksV1.list(options)), (tasks) => tasks.map(({ id }) => id))
      assert.deepStrictEqual(yield* listed({ pageSize: 2 }), ids)
      assert.deepStrictEqual(yield* listed({ status: "failed" }), [ids[4]!])
      const [{ createdAt } = {}] = yield* Stream.runCollect(embedTasksV1.list())
      assert.deepStrictEqual(yield* listed({ startedAt: DateTime.add(createdAt!, { hours: 1 }) }), [])
      assert.deepStrictEqual(yield* listed({ endedAt: DateTime.add(createdAt!, { hours: 1 }) }), ids)
      assert.deepStrictEqual(yield* listed({ endedAt: DateTime.subtract(createdAt!, { hours: 1 }) }), [])
    })
  )

  live(
    "have no vectors before they are ready, and end the wait with a NotReadyError when the time is up",
    () =>
      Effect.gen(function* () {
        const { embedTasksV1 } = yield* TwelveLabs
        const id = yield* embedTasksV1.create({ model, video: { url: "https://example.com/a.mp4" } })
        const early = yield* embedTasksV1.get(id)
        assert.deepStrictEqual([early.status, early.video?.segments], ["processing", undefined])
        const error = yield* Effect.flip(embedTasksV1.awaitReady(id, { ...soon, deadline: "200 millis" }))
        assert.instanceOf(error, Polling.NotReadyError)
        assert.strictEqual(error.state, "processing")
      }),
    { play: { sync: "never" } }
  )

  it.live("are awaited by their status alone, also by one that is not known, and read once", () =>
    Effect.gen(function* () {
      const states = ["resting", null, "processing", "ready", "ready"]
      const { sent } = yield* answering(
        (_, index) => ({ json: { _id: taskId, status: states[index] } }),
        ({ embedTasksV1 }) => embedTasksV1.awaitReady(taskId, { ...soon, embeddingOptions: ["audio"] })
      )
      assert.deepStrictEqual(
        sent.map(({ path, query }) => [path, query.toString()]),
        [
          ...Array.from({ length: 4 }, () => [`/embed/tasks/${taskId}/status`, ""]),
          [`/embed/tasks/${taskId}`, "embedding_option=audio"]
        ]
      )
    })
  )

  live("that failed end the wait with a ProcessingError", () =>
    Effect.gen(function* () {
      const { embedTasksV1 } = yield* TwelveLabs
      const id = yield* embedTasksV1.create({ model, video: { file: yield* notes } })
      const error = yield* Effect.flip(embedTasksV1.awaitReady(id, soon))
      assert.deepStrictEqual<unknown>(error, new ProcessingError({ subject: "embedding task", id, status: "failed" }))
    })
  )

  live("are refused as the vendor refuses them", () =>
    Effect.gen(function* () {
      const { embedTasksV1 } = yield* TwelveLabs
      const video = { url: "https://example.com/a.mp4" }
      const requests: ReadonlyArray<EmbedTasksV1.CreateRequest> = [
        { model: "marengo9", video },
        { model, video: { url: "a.mp4" } },
        { model, video, clipSeconds: 11 },
        { model, video, part: { startSeconds: 9, endSeconds: 9 } },
        { model, video, scopes: ["scene"] }
      ]
      for (const request of requests) {
        const refused = (yield* Effect.flip(embedTasksV1.create(request))) as StreamError.ApiError
        assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
      }
      const id = yield* embedTasksV1.create({ model, video })
      const options = (yield* Effect.flip(
        embedTasksV1.get(id, { embeddingOptions: ["smell"] })
      )) as StreamError.ApiError
      assert.deepStrictEqual([options.kind, options.status], ["InvalidRequest", 400])
      for (const read of [embedTasksV1.get, embedTasksV1.status]) {
        const gone = (yield* Effect.flip(read(taskId))) as StreamError.ApiError
        assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
      }
    })
  )

  live("take neither a beginning without an end, nor nothing at all", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const post = (fields: Readonly<Record<string, string>>) => {
        const form = new FormData()
        for (const [name, value] of Object.entries(fields)) form.append(name, value)
        return HttpClientRequest.post(`${twelvelabs.url()}/embed/tasks`).pipe(
          HttpClientRequest.setHeader("x-api-key", Redacted.value(twelvelabs.apiKey)),
          HttpClientRequest.bodyFormData(form),
          HttpClient.execute,
          Effect.map(({ status }) => status)
        )
      }
      const video = { model_name: model, video_url: "https://example.com/a.mp4" }
      assert.strictEqual(yield* post(video), 200)
      assert.strictEqual(yield* post({ ...video, video_start_offset_sec: "1" }), 400)
      assert.strictEqual(yield* post({ model_name: model }), 400)
    })
  )

  it.effect("are read whatever they lack, with the options that are asked for, each by itself", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        (_, index) => ({
          json:
            index === 0
              ? { _id: taskId }
              : {
                  _id: taskId,
                  status: "resting",
                  model_name: null,
                  video_embedding: {
                    metadata: { video_embedding_options: null },
                    segments: [{ float: [1], embedding_option: "visual-text", embedding_scope: "scene" }]
                  },
                  created_at: null
                }
        }),
        ({ embedTasksV1 }) =>
          Effect.all([embedTasksV1.status(taskId), embedTasksV1.get(taskId, { embeddingOptions: ["visual", "audio"] })])
      )
      assert.deepStrictEqual(
        sent.map(({ path, query }) => [path, query.toString()]),
        [
          [`/embed/tasks/${taskId}/status`, ""],
          [`/embed/tasks/${taskId}`, "embedding_option=visual&embedding_option=audio"]
        ]
      )
      const [bare, full] = value
      assert.deepStrictEqual<unknown>(bare, {
        id: taskId,
        status: undefined,
        model: undefined,
        video: undefined,
        createdAt: undefined,
        updatedAt: undefined
      })
      assert.deepStrictEqual(
        [full.status, full.video?.segments?.[0]?.option, full.video?.segments?.[0]?.scope],
        ["resting", "visual-text", "scene"]
      )
    })
  )
})
