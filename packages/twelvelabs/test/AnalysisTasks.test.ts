import { type Polling, RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result, Schema, Schedule, Stream } from "effect"
import {
  AnalysisTaskId,
  AssetId,
  JsonSchemaDialect,
  type ProcessingError,
  Segments,
  StructuredAnalyses,
  Timestamp,
  TwelveLabs
} from "../src/index.ts"
import { answeredWith } from "./Fixture.ts"
import { live, soon } from "./Live.ts"

const asset = Effect.map(Emulator, ({ twelvelabs }) => ({ assetId: AssetId.make(twelvelabs.assetId) }))

const apiError = (error: unknown): StreamError.ApiError => {
  assert.strictEqual((error as StreamError.ApiError)._tag, "ApiError")
  return error as StreamError.ApiError
}

const scenes = Result.getOrThrow(
  Segments.define({
    id: "scenes",
    description: "A stretch of the video in one place",
    fields: Schema.Struct({
      place: Schema.String.annotate({ description: "Where it is" }),
      mood: Schema.Literals(["calm", "tense"]).annotate({ description: "How it feels" }),
      peak: Timestamp.clockMillis.annotate({ description: "The best moment" })
    })
  })
)

describe("analysis tasks", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, watched, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { analysisTasks } = yield* TwelveLabs
          const video = yield* asset
          const made = yield* analysisTasks.create({
            video,
            prompt: "What is cooked?",
            customId: "a-1",
            temperature: 0.5,
            maxTokens: 600
          })
          assert.strictEqual(made.status, "queued")
          const seen: Array<string> = []
          const task = yield* analysisTasks.awaitReady(made.id, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.strictEqual(seen.at(-1), "ready")
          assert.isTrue(seen.every((status) => ["queued", "pending", "processing", "ready"].includes(status)))
          assert.deepStrictEqual([task.customId, task.status, task.result.finishReason], ["a-1", "ready", "stop"])
          assert.include(task.result.text, "Three cooks")
          assert.isAbove(task.result.usage?.outputTokens ?? 0, 0)
          assert.deepStrictEqual([task.video?.type, task.video?.assetId], ["asset_id", video.assetId])
          assert.strictEqual(task.video?.systemMetadata?.durationSeconds, 120)
          assert.deepInclude(task.requestParams, { analysis_mode: "general", temperature: 0.5, max_tokens: 600 })
          assert.isTrue(DateTime.isLessThanOrEqualTo(task.createdAt!, task.completedAt!))
          assert.deepStrictEqual(yield* analysisTasks.get(made.id), task)
          assert.deepStrictEqual(yield* Stream.runCollect(analysisTasks.list({ status: "ready" })), [task])
          yield* analysisTasks.delete(made.id)
          assert.strictEqual(apiError(yield* Effect.flip(analysisTasks.get(made.id))).kind, "NotFound")
        }),
      { http }
    )
  }

  live("are listed page by page, newest first, by what is asked for", () =>
    Effect.gen(function* () {
      const { analysisTasks } = yield* TwelveLabs
      const video = yield* asset
      const url = "https://example.com/pasta.mp4?x=1&y=2"
      for (let index = 0; index < 11; index++) {
        yield* analysisTasks.create({ video, prompt: "x", customId: `t-${index}` })
      }
      yield* analysisTasks.create({ video: { url }, prompt: "x", customId: "by-url" })
      yield* analysisTasks.create({
        mode: "time_based_metadata",
        video,
        segments: [scenes],
        customId: "segments"
      })
      const names = (options: Parameters<typeof analysisTasks.list>[0]) =>
        Effect.map(Stream.runCollect(analysisTasks.list(options)), (tasks) => tasks.map(({ customId }) => customId))
      const all = yield* names({ pageSize: 5 })
      assert.lengthOf(all, 13)
      assert.deepStrictEqual(all.slice(0, 3), ["segments", "by-url", "t-10"])
      assert.deepStrictEqual(yield* names({ videoUrl: url }), ["by-url"])
      assert.deepStrictEqual(yield* names({ mode: "time_based_metadata" }), ["segments"])
      assert.lengthOf(yield* names({ assetId: video.assetId }), 12)
    })
  )

  live("give what they found, as typed values", () =>
    Effect.gen(function* () {
      const { analysisTasks } = yield* TwelveLabs
      const video = yield* asset
      for (const timeFormat of ["seconds", "hh:mm:ss", "hh:mm:ss.fff", undefined] as const) {
        const result = yield* analysisTasks.run(
          { mode: "time_based_metadata", video, segments: [scenes], timeFormat, minSegmentSeconds: 2 },
          soon
        )
        const found = yield* Segments.decode([scenes], result)
        assert.deepStrictEqual(
          found.scenes.map(({ endSeconds, metadata, startSeconds }) => [startSeconds, endSeconds, metadata.mood]),
          [
            [0, 2, "calm"],
            [10, 12, "tense"]
          ]
        )
      }
      const Shape = Schema.Struct({ dish: Schema.String, at: Timestamp.seconds })
      const jsonSchema = Result.getOrThrow(JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, Shape))
      const result = yield* analysisTasks.run({ video, prompt: "What is cooked?", jsonSchema }, soon)
      const { analysis, value } = yield* StructuredAnalyses.fromAnalysis(Shape, result)
      assert.strictEqual(analysis, result)
      assert.strictEqual(value.dish, "a dish 🎬")
    })
  )

  live(
    "that were cut are ready, with a warning, and their JSON is not read",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { id } = yield* analysisTasks.create({
          mode: "time_based_metadata",
          video: yield* asset,
          segments: [scenes]
        })
        const { error, result } = yield* analysisTasks.awaitReady(id, soon)
        assert.deepStrictEqual(
          [result.finishReason, error?.message],
          ["length", "The maximum response length was reached."]
        )
        const failure = yield* Effect.flip(Segments.decode([scenes], result))
        assert.strictEqual(failure.reason, "Incomplete")
      }),
    { play: { scenario: "incomplete" } }
  )

  live(
    "that fail say why",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const error = yield* Effect.flip(analysisTasks.run({ video: yield* asset, prompt: "x" }, soon))
        assert.strictEqual(error._tag, "ProcessingError")
        assert.include(
          { ...(error as ProcessingError) },
          {
            subject: "analysis task",
            status: "failed",
            detail: "The video could not be decoded."
          }
        )
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "can be canceled until they are done, and are not waited for then",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { id } = yield* analysisTasks.create({ video: yield* asset, prompt: "x" })
        const late = (yield* Effect.flip(
          analysisTasks.awaitReady(id, { schedule: Schedule.recurs(2) })
        )) as Polling.NotReadyError
        assert.deepStrictEqual([late._tag, late.subject], ["NotReadyError", `analysis task ${id}`])
        assert.deepStrictEqual(yield* analysisTasks.cancel(id), { id, status: "canceled" })
        const canceled = (yield* Effect.flip(analysisTasks.awaitReady(id, soon))) as ProcessingError
        assert.deepStrictEqual([canceled._tag, canceled.status], ["ProcessingError", "canceled"])
        assert.strictEqual(apiError(yield* Effect.flip(analysisTasks.cancel(id))).kind, "Conflict")
        yield* analysisTasks.delete(id)
      }),
    { play: { sync: "never" } }
  )

  live(
    "cannot be deleted while they are processed",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { id } = yield* analysisTasks.create({ video: yield* asset, prompt: "x" })
        yield* analysisTasks
          .get(id)
          .pipe(
            Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: ({ status }) => status === "processing" })
          )
        const error = apiError(yield* Effect.flip(analysisTasks.delete(id)))
        assert.deepStrictEqual([error.status, error.kind], [409, "Conflict"])
      }),
    { play: { sync: "never" } }
  )

  live("of bytes need no asset", () =>
    Effect.gen(function* () {
      const { analysisTasks } = yield* TwelveLabs
      const { id } = yield* analysisTasks.create({ video: { bytes: new Uint8Array(1000) }, prompt: "x" })
      const { video } = yield* analysisTasks.awaitReady(id, soon)
      assert.strictEqual(video?.type, "base64_string")
    })
  )

  const base = { ...RetryPolicy.make({ retries: RetryPolicy.isTransient, base: "10 millis" }) }
  live(
    "with a key are made once, and asked for again when the answer was lost",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { requests } = yield* Emulator
        const request = { video: yield* asset, prompt: "x" }
        const first = yield* analysisTasks.create(request, { idempotencyKey: "k-1" })
        const again = yield* analysisTasks.create(request, { idempotencyKey: "k-1" })
        const other = yield* analysisTasks.create(request, { idempotencyKey: "k-2" })
        assert.strictEqual(again.id, first.id)
        assert.notStrictEqual(other.id, first.id)
        assert.deepStrictEqual(
          (yield* requests).map(({ headers }) => headers["idempotency-key"]),
          ["k-1", "k-1", "k-1", "k-2"]
        )
      }),
    { play: { fault: "server-error", times: 1 } }
  )

  live(
    "without a key are not asked for again",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { requests } = yield* Emulator
        const request = { video: yield* asset, prompt: "x" }
        assert.strictEqual(apiError(yield* Effect.flip(analysisTasks.create(request))).status, 500)
        assert.lengthOf(yield* requests, 1)
        assert.notProperty((yield* requests)[0]!.headers, "idempotency-key")
      }),
    { play: { fault: "server-error", times: 1 } }
  )

  live(
    "with a key keep the client's own policy",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { requests } = yield* Emulator
        yield* Effect.flip(analysisTasks.create({ video: yield* asset, prompt: "x" }, { idempotencyKey: "k" }))
        assert.lengthOf(yield* requests, 1)
      }),
    { play: { fault: "server-error", times: 1 }, call: { retry: RetryPolicy.none } }
  )

  live(
    "survive faults while they are waited for",
    () =>
      Effect.gen(function* () {
        const { analysisTasks } = yield* TwelveLabs
        const { id } = yield* analysisTasks.create(
          { video: yield* asset, prompt: "x" },
          { idempotencyKey: "k", retry: base }
        )
        assert.strictEqual((yield* analysisTasks.awaitReady(id, { ...soon, retry: base })).status, "ready")
      }),
    { play: { fault: "reset-before-headers", times: 1 } }
  )

  live("are not asked for by an id that would lead elsewhere", () =>
    Effect.gen(function* () {
      const { analysisTasks } = yield* TwelveLabs
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(analysisTasks.cancel(AnalysisTaskId.make(id)))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
    })
  )
})

const wire = {
  task_id: "66bb00000000000000000001",
  custom_id: null,
  video_source: { type: "hologram", url: null, asset_id: null, system_metadata: {} },
  request_params: { analysis_mode: "general", prompt: null, novelty: 1 },
  status: "pondering",
  created_at: "2026-09-01T10:00:00Z",
  completed_at: "",
  result: null,
  error: null,
  webhooks: [{ url: "https://example.com", delivered: false, attempts: 2, last_error: "timeout" }],
  novelty: true
}

const got = (json: unknown) =>
  TwelveLabs.use(({ analysisTasks }) => analysisTasks.get(AnalysisTaskId.make("x"))).pipe(
    Effect.provide(answeredWith(JSON.stringify(json), { headers: { "content-type": "application/json" } }))
  )

describe("a task on the wire", () => {
  it.effect("may leave out what it has no value for, say null, and use words that nobody knows", () =>
    Effect.gen(function* () {
      const task = yield* got(wire)
      assert.strictEqual(task.status, "pondering")
      assert.deepStrictEqual([task.customId, task.result, task.error, task.completedAt], Array(4).fill(undefined))
      assert.strictEqual(task.video?.type, "hologram")
      assert.strictEqual(task.webhooks?.[0]?.lastError, "timeout")
      assert.strictEqual((yield* got({ task_id: "x", status: "queued" })).createdAt, undefined)
    })
  )

  it.effect("says how long the video is", () =>
    Effect.gen(function* () {
      const { video } = yield* got({ ...wire, video_source: { type: "url", system_metadata: { duration: 12.5 } } })
      assert.deepStrictEqual(video?.systemMetadata, { durationSeconds: 12.5 })
    })
  )

  it.effect("that failed is a task, and not a refusal", () =>
    Effect.gen(function* () {
      const failed = yield* got({ ...wire, status: "failed", error: { message: "No sound." } })
      assert.deepStrictEqual([failed.status, failed.error?.message], ["failed", "No sound."])
    })
  )

  it.effect("that is ready without a result is a ParseError", () =>
    Effect.gen(function* () {
      const error = yield* TwelveLabs.use(({ analysisTasks }) =>
        Effect.flip(analysisTasks.awaitReady(AnalysisTaskId.make("x")))
      ).pipe(
        Effect.provide(
          answeredWith(JSON.stringify({ ...wire, status: "ready" }), {
            headers: { "content-type": "application/json" }
          })
        )
      )
      assert.strictEqual(error._tag, "ParseError")
    })
  )
})
