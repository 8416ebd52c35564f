import { Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import {
  AssetId,
  type EmbeddingInput,
  EmbeddingTaskId,
  type EmbeddingTasks,
  ProcessingError,
  TwelveLabs
} from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live, soon } from "./Live.ts"

/** The emulator has these from the start: a video of two minutes, and an image. */
const videoId = AssetId.make("66e000000000000000000001")
const imageId = AssetId.make("66e000000000000000000003")
const taskId = EmbeddingTaskId.make("66dd00000000000000000001")

const video = (more: Partial<EmbeddingInput.TaskVideo> = {}): EmbeddingInput.TaskVideo => ({
  type: "video",
  source: { assetId: videoId },
  ...more
})

const older = (input: EmbeddingInput.TaskInput): EmbeddingTasks.CreateRequest => ({ model: "marengo3.0", input })
const newer = (input: EmbeddingInput.TaskInput): EmbeddingTasks.CreateRequest => ({ model: "marengo3.5", input })

describe("embedding tasks", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are begun, awaited, found and listed, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { embeddingTasks } = yield* TwelveLabs
          const begun = yield* embeddingTasks.create(
            newer(video({ segmentation: { strategy: "fixed", seconds: 10 }, options: ["visual"] }))
          )
          assert.deepStrictEqual([begun.status, begun.vectors], ["processing", undefined])
          const seen: Array<string> = []
          const result = yield* embeddingTasks.awaitReady(begun.id, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.strictEqual(seen.at(-1), "ready")
          assert.lengthOf(result.vectors, 12 + 1)
          assert.deepStrictEqual(
            result.vectors
              .slice(-2)
              .map(({ embedding, endSeconds, option, scope, startSeconds }) => [
                embedding.length,
                option,
                scope,
                startSeconds,
                endSeconds
              ]),
            [
              [512, "visual", "clip", 110, 120],
              [512, "visual", "asset", 0, 120]
            ]
          )
          assert.deepStrictEqual(result.usage, { inputTokens: { video: 1200 }, truncated: false })
          const task = yield* embeddingTasks.get(begun.id)
          assert.deepStrictEqual(task.vectors, result.vectors)
          assert.deepStrictEqual(task.metadata?.filename, "kite-workshop.mp4")
          assert.isTrue(DateTime.isGreaterThan(task.updatedAt!, task.createdAt!))
          const [listed, ...others] = yield* Stream.runCollect(embeddingTasks.list())
          assert.lengthOf(others, 0)
          assert.deepStrictEqual([listed!.id, listed!.model, listed!.status], [begun.id, "marengo3.5", "ready"])
          assert.deepStrictEqual<unknown>(listed!.video?.metadata?.["video_embedding_option"], ["visual"])
          assert.isUndefined(listed!.audio)
        }),
      { http }
    )
  }

  live("are of audio, documents and images too", () =>
    Effect.gen(function* () {
      const { embeddingTasks } = yield* TwelveLabs
      const tagsOf = (request: EmbeddingTasks.CreateRequest) =>
        Effect.gen(function* () {
          const { id } = yield* embeddingTasks.create(request)
          const { vectors } = yield* embeddingTasks.awaitReady(id, soon)
          return vectors.map(({ option, scope, startPage, startSeconds }) => [option, scope, startPage ?? startSeconds])
        })
      const audio = { type: "audio", source: { url: "https://example.com/talk.mp3" }, endSeconds: 12 } as const
      assert.deepStrictEqual(yield* tagsOf(older(audio)), [
        ["audio", "clip", 0],
        ["transcription", "clip", 0],
        ["audio", "clip", 6],
        ["transcription", "clip", 6],
        ["audio", "asset", 0],
        ["transcription", "asset", 0]
      ])
      const source = { url: "https://example.com/book.pdf" }
      assert.deepStrictEqual(yield* tagsOf(newer({ type: "document", source })), [
        ["visual", "page", 1],
        ["visual", "page", 2],
        ["visual", "page", 3]
      ])
      assert.deepStrictEqual(yield* tagsOf(newer({ type: "image", source: { assetId: imageId } })), [
        ["visual", undefined, undefined]
      ])
      const listed = yield* Stream.runCollect(embeddingTasks.list())
      assert.deepStrictEqual(
        listed.map(({ audio, document, image }) => [image, document, audio].map((kind) => kind !== undefined)),
        [
          [true, false, false],
          [false, true, false],
          [false, false, true]
        ]
      )
    })
  )

  live("can be of all options together, with what is known of the parts, and say how sure the model is", () =>
    Effect.gen(function* () {
      const { embeddingTasks } = yield* TwelveLabs
      const { id } = yield* embeddingTasks.create({
        ...newer(
          video({
            endSeconds: 10,
            segmentation: { strategy: "fixed", seconds: 5 },
            scopes: ["local"],
            types: ["fused_embedding"],
            timedTexts: [{ startSeconds: 0, endSeconds: 5, text: "the kite rises" }]
          })
        ),
        uncertainty: true
      })
      const { vectors } = yield* embeddingTasks.awaitReady(id, soon)
      assert.deepStrictEqual(
        vectors.map(({ option, scope, uncertainty }) => [option, scope, uncertainty?.length]),
        [
          ["fused", "clip", 512],
          ["fused", "clip", 512]
        ]
      )
    })
  )

  live("are listed page by page, by status and by time", () =>
    Effect.gen(function* () {
      const { embeddingTasks } = yield* TwelveLabs
      const ids: Array<EmbeddingTaskId> = []
      for (let count = 0; count < 11; count++) {
        // The third is of no video, and fails.
        const { id } = yield* embeddingTasks.create(newer(video(count === 2 ? { source: { assetId: imageId } } : {})))
        ids.unshift(id)
      }
      yield* embeddingTasks.awaitReady(ids[0]!, soon)
      const listed = (options: EmbeddingTasks.TaskListOptions) =>
        Effect.map(Stream.runCollect(embeddingTasks.list(options)), (tasks) => tasks.map(({ id }) => id))
      assert.deepStrictEqual(yield* listed({}), ids)
      assert.deepStrictEqual(yield* listed({ pageSize: 3 }), ids)
      assert.deepStrictEqual(yield* listed({ status: "failed" }), [ids[8]!])
      assert.deepStrictEqual(
        yield* listed({ status: "ready", pageSize: 3 }),
        ids.filter((_, index) => index !== 8)
      )
      assert.deepStrictEqual(yield* listed({ status: "processing" }), [])
      const { createdAt } = yield* embeddingTasks.get(ids[4]!)
      const since = yield* listed({ startedAt: createdAt })
      const until = yield* listed({ endedAt: createdAt })
      assert.includeMembers(since, ids.slice(0, 5))
      assert.includeMembers(until, ids.slice(4))
      assert.deepStrictEqual(yield* listed({ startedAt: DateTime.add(createdAt!, { hours: 1 }) }), [])
      assert.deepStrictEqual(yield* listed({ endedAt: DateTime.subtract(createdAt!, { hours: 1 }) }), [])
      const refused = (yield* Effect.flip(listed({ status: "sleeping" }))) as StreamError.ApiError
      assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
    })
  )

  live("are refused as the vendor refuses them", () =>
    Effect.gen(function* () {
      const { embeddingTasks } = yield* TwelveLabs
      const timedTexts = [{ startSeconds: 0, endSeconds: 5, text: "the kite rises" }]
      const source = { url: "https://example.com/book.pdf" }
      const requests: ReadonlyArray<readonly [request: EmbeddingTasks.CreateRequest, word: string]> = [
        [{ model: "marengo9", input: video() }, "model_name"],
        [older({ type: "document", source }), "input_type"],
        [older({ type: "image", source }), "input_type"],
        [newer(video({ options: ["transcription"] })), "embedding_option"],
        [older(video({ scopes: ["local"] })), "embedding_scope"],
        [newer(video({ scopes: ["page"] })), "embedding_scope"],
        [{ ...older(video()), uncertainty: true }, "embedding_uncertainty"],
        [{ ...newer(video({ scopes: ["clip", "asset"] })), uncertainty: true }, "embedding_scope"],
        [older(video({ timedTexts, types: ["fused_embedding"] })), "time_based_metadata"],
        [newer(video({ timedTexts })), "time_based_metadata"],
        [
          newer(video({ timedTexts: [{ startSeconds: 5, endSeconds: 5, text: "" }], types: ["fused_embedding"] })),
          "time_based_metadata"
        ],
        [newer(video({ segmentation: { strategy: "fixed", seconds: 1 } })), "duration_sec"],
        [newer(video({ endSeconds: 121 })), "end_sec"]
      ]
      for (const [request, word] of requests) {
        const refused = (yield* Effect.flip(embeddingTasks.create(request))) as StreamError.ApiError
        assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400], word)
        assert.include(refused.message, word)
      }
      const gone = (yield* Effect.flip(embeddingTasks.get(taskId))) as StreamError.ApiError
      assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
    })
  )

  live("are refused with the other model's form of segmentation", () =>
    Effect.gen(function* () {
      const { twelvelabs, url } = yield* Emulator
      const flat = { strategy: "fixed", fixed: { duration_sec: 5 } }
      const post = (model_name: string, segmentation: unknown) =>
        HttpClientRequest.post(`${twelvelabs.url()}/embed-v2/tasks`).pipe(
          HttpClientRequest.setHeader("x-api-key", Redacted.value(twelvelabs.apiKey)),
          HttpClientRequest.bodyJsonUnsafe({
            input_type: "video",
            model_name,
            video: { media_source: { asset_id: videoId }, segmentation }
          }),
          HttpClient.execute
        )
      const statusOf = (model: string, segmentation: unknown) =>
        Effect.map(post(model, segmentation), ({ status }) => status)
      assert.deepStrictEqual(
        [yield* statusOf("marengo3.0", flat), yield* statusOf("marengo3.0", { temporal: flat })],
        [202, 400]
      )
      assert.deepStrictEqual(
        [yield* statusOf("marengo3.5", flat), yield* statusOf("marengo3.5", { temporal: flat })],
        [400, 202]
      )
      const { headers, json } = yield* post("marengo3.0", flat)
      const { _id } = (yield* json) as { readonly _id: string }
      assert.strictEqual(headers["location"], `${url}/twelvelabs/v1.3/embed-v2/tasks/${_id}`)
    })
  )

  it.effect("are begun as the vendor spells it, with the segmentation in the form of the model", () =>
    Effect.gen(function* () {
      const input = video({
        startSeconds: 2,
        segmentation: { strategy: "dynamic", minSeconds: 3 },
        timedTexts: [{ startSeconds: 0, endSeconds: 5, text: "the kite rises" }]
      })
      const { sent } = yield* answering(
        () => ({ status: 202, json: { _id: taskId, status: "processing", data: null } }),
        ({ embeddingTasks }) =>
          Effect.forEach(["marengo3.0", "marengo3.5", "marengo9"], (model) =>
            Effect.andThen(
              embeddingTasks.create({ model, input }),
              embeddingTasks.create({
                model,
                uncertainty: true,
                input: { type: "document", source: { url: "https://example.com/a.pdf" }, options: ["visual"] }
              })
            )
          )
      )
      const flat = { strategy: "dynamic", dynamic: { min_duration_sec: 3 } }
      const forms = { "marengo3.0": flat, "marengo3.5": { temporal: flat }, marengo9: { temporal: flat } }
      assert.deepStrictEqual(
        sent.map(({ body }) => body),
        Object.entries(forms).flatMap(([model_name, segmentation]) => [
          {
            input_type: "video",
            model_name,
            video: {
              media_source: { asset_id: videoId },
              start_sec: 2,
              segmentation,
              time_based_metadata: [{ start: 0, end: 5, text: "the kite rises" }]
            }
          },
          {
            input_type: "document",
            model_name,
            embedding_uncertainty: true,
            document: { media_source: { url: "https://example.com/a.pdf" }, embedding_option: ["visual"] }
          }
        ])
      )
    })
  )

  it.effect("are listed whatever they lack and whatever they are of, and asked for by times in UTC", () =>
    Effect.gen(function* () {
      const startedAt = DateTime.makeUnsafe("2026-09-01T10:00:00+02:00")
      const { sent, value } = yield* answering(
        () => ({
          json: {
            data: [
              { _id: "1" },
              { _id: "2", model_name: null, status: null, video_embedding: null, created_at: "soon", updated_at: null },
              {
                _id: "3",
                model_name: "marengo9",
                status: "resting",
                audio_embedding: { metadata: { audio_embedding_options: ["smell"], duration: null } },
                smell_embedding: {}
              },
              { _id: "4", image_embedding: {}, document_embedding: { metadata: null } }
            ]
          }
        }),
        ({ embeddingTasks }) =>
          Stream.runCollect(
            Stream.take(embeddingTasks.list({ startedAt: DateTime.toUtc(startedAt), status: "ready", pageSize: 50 }), 4)
          )
      )
      assert.strictEqual(
        sent[0]!.query.toString(),
        new URLSearchParams([
          ["page", "1"],
          ["page_limit", "50"],
          ["started_at", "2026-09-01T08:00:00.000Z"],
          ["status", "ready"]
        ]).toString()
      )
      const [bare, nulls, unknown, empty] = value
      const nothing = {
        model: undefined,
        status: undefined,
        video: undefined,
        audio: undefined,
        document: undefined,
        image: undefined,
        createdAt: undefined,
        updatedAt: undefined
      }
      assert.deepStrictEqual<unknown>(bare, { id: "1", ...nothing })
      assert.deepStrictEqual<unknown>(nulls, { id: "2", ...nothing })
      assert.deepStrictEqual<unknown>(unknown, {
        ...nothing,
        id: "3",
        model: "marengo9",
        status: "resting",
        audio: { metadata: { audio_embedding_options: ["smell"], duration: null } }
      })
      assert.deepStrictEqual([empty!.image, empty!.document], [{ metadata: undefined }, { metadata: undefined }])
    })
  )
})

describe("waiting for an embedding task", () => {
  live("ends with a ProcessingError that says why it failed", () =>
    Effect.gen(function* () {
      const { embeddingTasks } = yield* TwelveLabs
      const { id } = yield* embeddingTasks.create(newer({ type: "audio", source: { assetId: imageId } }))
      const error = yield* Effect.flip(embeddingTasks.awaitReady(id, soon))
      assert.instanceOf(error, ProcessingError)
      assert.deepStrictEqual([error.subject, error.id, error.status], ["embedding task", id, "failed"])
      assert.include(error.message, "of the kind image, not audio")
      assert.isFalse(error.isRetryable)
    })
  )

  live(
    "ends with a ProcessingError when the vendor cannot read what is at an address",
    () =>
      Effect.gen(function* () {
        const { embeddingTasks } = yield* TwelveLabs
        const { id } = yield* embeddingTasks.create(newer(video({ source: { url: "https://example.com/a.mp4" } })))
        const error = yield* Effect.flip(embeddingTasks.awaitReady(id, soon))
        assert.strictEqual((error as ProcessingError).detail, "The media could not be decoded.")
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "ends with a NotReadyError when the time is up",
    () =>
      Effect.gen(function* () {
        const { embeddingTasks } = yield* TwelveLabs
        const { id } = yield* embeddingTasks.create(newer(video()))
        const error = yield* Effect.flip(embeddingTasks.awaitReady(id, { ...soon, deadline: "200 millis" }))
        assert.instanceOf(error, Polling.NotReadyError)
        assert.deepStrictEqual([error.subject, error.state], [`embedding task ${id}`, "processing"])
      }),
    { play: { sync: "never" } }
  )

  it.live("takes a status that it does not know for one on the way, and gives nothing where nothing is kept", () =>
    Effect.gen(function* () {
      const states = ["resting", "processing", "ready"]
      const { sent, value } = yield* answering(
        (_, index) => ({ json: { _id: taskId, status: states[index], data: null, usage: null, error: null } }),
        ({ embeddingTasks }) => embeddingTasks.awaitReady(taskId, soon)
      )
      assert.deepStrictEqual(
        sent.map(({ path }) => path),
        states.map(() => `/embed-v2/tasks/${taskId}`)
      )
      assert.deepStrictEqual(value, { vectors: [], usage: undefined, metadata: undefined })
    })
  )

  it.effect("ends with a ProcessingError where the vendor says nothing of why", () =>
    Effect.gen(function* () {
      for (const error of [undefined, null, {}, { message: null }]) {
        const failed = yield* Effect.flip(
          answering(
            () => ({ json: { _id: taskId, status: "failed", error } }),
            ({ embeddingTasks }) => embeddingTasks.awaitReady(taskId)
          )
        )
        assert.deepStrictEqual<unknown>(
          failed,
          new ProcessingError({ subject: "embedding task", id: taskId, status: "failed" })
        )
      }
    })
  )
})
