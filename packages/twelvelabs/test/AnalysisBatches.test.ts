import { RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Result, Schedule, Schema, Stream } from "effect"
import { AnalysisBatches, AssetId, BatchId, type ProcessingError, Segments, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { answeredWith } from "./Fixture.ts"
import { client, live, soon } from "./Live.ts"

const asset = Effect.map(Emulator, ({ twelvelabs }) => AssetId.make(twelvelabs.assetId))

const apiError = (error: unknown): StreamError.ApiError => {
  assert.strictEqual((error as StreamError.ApiError)._tag, "ApiError")
  return error as StreamError.ApiError
}

/** Makes a batch of items `i-0`, `i-1` … */
const make = (count: number) =>
  Effect.gen(function* () {
    const { analysisBatches } = yield* TwelveLabs
    const assetId = yield* asset
    return yield* analysisBatches.create({
      model: "pegasus1.5",
      defaults: { prompt: "What is cooked?" },
      requests: Array.from({ length: count }, (_, index) => ({ assetId, customId: `i-${index}` }))
    })
  })

const counts = ({
  canceledItems,
  failedItems,
  processingItems,
  queuedItems,
  readyItems,
  totalItems
}: AnalysisBatches.AnalysisBatch) => [totalItems, queuedItems, processingItems, readyItems, failedItems, canceledItems]

const quick = { emulator: { twelvelabs: { processMillis: 60 } } } as const

describe("analysis batches", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, watched, read, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { analysisBatches, analysisTasks } = yield* TwelveLabs
          const made = yield* make(5)
          assert.deepStrictEqual([made.status, made.totalItems], ["pending", 5])
          assert.deepStrictEqual(
            made.items?.map(({ customId }) => customId),
            ["i-0", "i-1", "i-2", "i-3", "i-4"]
          )
          assert.strictEqual(Duration.toHours(DateTime.distance(made.createdAt!, made.expiresAt!)), 24)
          const early = apiError(yield* Effect.flip(analysisBatches.delete(made.id)))
          assert.deepStrictEqual([early.status, early.code], [409, "batch_not_terminal"])
          const seen: Array<string> = []
          const done = yield* analysisBatches.awaitCompleted(made.id, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.isTrue(seen.slice(0, -1).every((status) => status === "pending" || status === "processing"))
          assert.deepStrictEqual(counts(done), [5, 0, 0, 5, 0, 0])
          assert.deepStrictEqual([done.mode, done.model], ["general", "pegasus1.5"])
          assert.isDefined(done.completedAt)
          const items = yield* analysisBatches
            .results(made.id)
            .pipe(AnalysisBatches.complete(done.totalItems!), Stream.runCollect)
          assert.deepStrictEqual(
            items.map(({ _tag, customId }) => [_tag, customId]),
            [4, 3, 2, 1, 0].map((index) => ["Ready", `i-${index}`])
          )
          const [last] = items
          assert(last?._tag === "Ready")
          assert.include(last.analysis.text, "Three cooks")
          // Each item is a task as well.
          assert.deepStrictEqual((yield* analysisTasks.get(last.taskId)).result, last.analysis)
          assert.deepStrictEqual(yield* Stream.runCollect(analysisBatches.list()), [done])
          assert.strictEqual(apiError(yield* Effect.flip(analysisBatches.cancel(made.id))).code, "batch_completed")
          yield* analysisBatches.delete(made.id)
          assert.strictEqual(apiError(yield* Effect.flip(analysisBatches.get(made.id))).kind, "NotFound")
          assert.strictEqual(
            apiError(yield* Effect.flip(Stream.runDrain(analysisBatches.results(made.id)))).kind,
            "NotFound"
          )
        }),
      { http, ...quick }
    )
  }

  live("give segments as typed values, each item by its own settings or the defaults", () =>
    Effect.gen(function* () {
      const { analysisBatches } = yield* TwelveLabs
      const assetId = yield* asset
      const define = <const Id extends string>(id: Id) =>
        Result.getOrThrow(
          Segments.define({
            id,
            description: "A scene",
            fields: Schema.Struct({ place: Schema.String.annotate({ description: "Where" }) })
          })
        )
      const [scenes, places] = [define("scenes"), define("places")]
      const { id } = yield* analysisBatches.create({
        model: "pegasus1.5",
        mode: "time_based_metadata",
        defaults: { segments: [scenes], timeFormat: "hh:mm:ss" },
        requests: [
          { assetId, customId: "a" },
          { assetId, customId: "b", segments: [places] }
        ]
      })
      yield* analysisBatches.awaitCompleted(id, soon)
      const found = yield* analysisBatches.results(id).pipe(
        Stream.mapEffect((item) =>
          item._tag === "Ready" ? Segments.decode([scenes, places], item.analysis) : Effect.die(item)
        ),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        found.map(({ places, scenes }) => [scenes.length, places.length]),
        [
          [0, 2],
          [2, 0]
        ]
      )
    })
  )

  live("are listed page by page, newest first, by several statuses and modes", () =>
    Effect.gen(function* () {
      const { analysisBatches } = yield* TwelveLabs
      const ids: Array<BatchId> = []
      for (let index = 0; index < 7; index++) {
        const { id } = yield* make(1)
        ids.push(id)
        yield* analysisBatches.awaitCompleted(id, soon)
      }
      const { id: open } = yield* make(20)
      const list = (options: Parameters<typeof analysisBatches.list>[0]) =>
        Effect.map(Stream.runCollect(analysisBatches.list(options)), (batches) => batches.map(({ id }) => id))
      const newest = [open, ...ids.toReversed()]
      assert.deepStrictEqual(yield* list({ pageSize: 3 }), newest)
      assert.deepStrictEqual(yield* list({ status: ["completed"] }), ids.toReversed())
      assert.deepStrictEqual(yield* list({ status: ["pending", "processing", "completed"] }), newest)
      assert.deepStrictEqual(yield* list({ mode: ["time_based_metadata"] }), [])
      assert.deepStrictEqual(yield* list({ mode: ["time_based_metadata", "general"] }), newest)
    })
  )

  live(
    "that are completed may have items that failed",
    () =>
      Effect.gen(function* () {
        const { analysisBatches } = yield* TwelveLabs
        const { id } = yield* make(3)
        assert.deepStrictEqual(counts(yield* analysisBatches.awaitCompleted(id, soon)), [3, 0, 0, 1, 2, 0])
        const items = yield* Stream.runCollect(analysisBatches.results(id))
        assert.deepStrictEqual(
          items.map((item) => (item._tag === "Failed" ? [item.customId, item.code, item.detail] : item._tag)),
          [
            ["i-2", "asset_unavailable", "The video could not be decoded."],
            "Ready",
            ["i-0", "asset_unavailable", "The video could not be decoded."]
          ]
        )
      }),
    { play: { sync: "invalid" }, ...quick }
  )

  live(
    "that are canceled finish what was begun, and are not waited for",
    () =>
      Effect.gen(function* () {
        const { analysisBatches } = yield* TwelveLabs
        const { id } = yield* make(4)
        yield* analysisBatches.get(id).pipe(
          Effect.repeat({
            schedule: Schedule.spaced("5 millis"),
            until: ({ processingItems }) => processingItems === 2
          })
        )
        const canceling = yield* analysisBatches.cancel(id)
        assert.strictEqual(canceling.status, "canceling")
        assert.deepStrictEqual(counts(canceling), [4, 0, 2, 0, 0, 2])
        const seen: Array<string> = []
        const error = (yield* Effect.flip(
          analysisBatches.awaitCompleted(id, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
        )) as ProcessingError
        assert.deepStrictEqual(
          [error._tag, error.subject, error.status],
          ["ProcessingError", "analysis batch", "canceled"]
        )
        assert.strictEqual(seen[0], "canceling")
        assert.deepStrictEqual(counts(yield* analysisBatches.get(id)), [4, 0, 0, 2, 0, 2])
        const items = yield* Stream.runCollect(analysisBatches.results(id))
        assert.deepStrictEqual(
          items.map(({ _tag }) => _tag),
          ["Canceled", "Canceled", "Ready", "Ready"]
        )
        assert.strictEqual(apiError(yield* Effect.flip(analysisBatches.cancel(id))).code, "batch_canceled")
        yield* analysisBatches.delete(id)
      }),
    { emulator: { twelvelabs: { processMillis: 700 } } }
  )

  live(
    "that take too long expire",
    () =>
      Effect.gen(function* () {
        const { analysisBatches } = yield* TwelveLabs
        const { id } = yield* make(3)
        const open = yield* Stream.runCollect(analysisBatches.results(id))
        assert.isTrue(open.every(({ _tag }) => _tag === "Pending"))
        const error = (yield* Effect.flip(analysisBatches.awaitCompleted(id, soon))) as ProcessingError
        assert.deepStrictEqual([error._tag, error.status], ["ProcessingError", "expired"])
        assert.strictEqual(apiError(yield* Effect.flip(analysisBatches.cancel(id))).code, "batch_expired")
      }),
    { play: { sync: "never", ttl: 1 } }
  )

  live(
    "are at most five at a time",
    () =>
      Effect.gen(function* () {
        const { analysisBatches } = yield* TwelveLabs
        const ids = yield* Effect.forEach([1, 2, 3, 4, 5], () => make(1))
        const error = apiError(yield* Effect.flip(make(1)))
        assert.deepStrictEqual([error.status, error.kind], [429, "RateLimited"])
        yield* analysisBatches.cancel(ids[0]!.id)
        yield* analysisBatches.get(ids[0]!.id)
      }),
    { play: { sync: "never" }, call: { retry: RetryPolicy.none } }
  )

  live("are refused as a whole for one item that is wrong", () =>
    Effect.gen(function* () {
      const { analysisBatches } = yield* TwelveLabs
      const assetId = yield* asset
      const nobody = AssetId.make("66ff00000000000000000000")
      const error = apiError(
        yield* Effect.flip(
          analysisBatches.create({
            model: "pegasus1.5",
            requests: [
              { assetId, prompt: "x" },
              { assetId: nobody, prompt: "x" }
            ]
          })
        )
      )
      assert.deepStrictEqual([error.status, error.kind], [404, "NotFound"])
      assert.deepStrictEqual(yield* Stream.runCollect(analysisBatches.list()), [])
    })
  )

  live("are not asked for by an id that would lead elsewhere", () =>
    Effect.gen(function* () {
      const { analysisBatches } = yield* TwelveLabs
      const { requests } = yield* Emulator
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(Stream.runDrain(analysisBatches.results(BatchId.make(id))))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
      yield* Effect.flip(Stream.runDrain(analysisBatches.results(BatchId.make("a/b?c"))))
      assert.deepStrictEqual(
        (yield* requests).map(({ path, query }) => [path, query]),
        [["/twelvelabs/v1.3/analyze/batches/a%2Fb%3Fc/results", ""]]
      )
    })
  )
})

/** A batch that is completed, made by a client that meets no faults. */
const completed = (count: number) =>
  Effect.gen(function* () {
    const { analysisBatches } = yield* TwelveLabs
    const { id } = yield* make(count)
    return yield* analysisBatches.awaitCompleted(id, soon)
  }).pipe(Effect.provide(client()))

/** Results as they are while faults strike after two lines. */
const broken: ReadonlyArray<readonly [fault: string, outcome: string]> = [
  ["cut", "IncompleteResultsError"],
  ["cut-mid-event", "ParseError"],
  ["cut-mid-character", "ParseError"],
  ["reset", "TransportError"],
  ["silence", "TransportError"],
  ["heartbeats", "TransportError"],
  ["malformed", "ParseError"],
  ["wrong-shape", "ParseError"],
  ["stream-error", "ApiError"],
  ["error-mark", "ApiError"],
  ["huge-event", "ParseError"],
  ["bad-chunk", "TransportError"],
  ["wrong-length", "TransportError"],
  ["no-done", "IncompleteResultsError"],
  ["no-final-newline", "good"],
  ["crlf", "good"],
  ["bom", "good"],
  ["gzip", "good"],
  ["retry-line", "good"]
]

describe("results of a batch", () => {
  for (const [fault, outcome] of broken) {
    live(
      `come up to a fault, and then what it is (${fault})`,
      () =>
        Effect.gen(function* () {
          const { analysisBatches } = yield* TwelveLabs
          const { id } = yield* completed(5)
          const seen: Array<string> = []
          const end = yield* analysisBatches
            .results(id, { idleTimeout: "500 millis", stallTimeout: "500 millis", maxEventSize: 100_000 })
            .pipe(
              AnalysisBatches.complete(5),
              Stream.runForEach((item) => Effect.sync(() => seen.push(item._tag))),
              Effect.result
            )
          assert.strictEqual(Result.isFailure(end) ? end.failure._tag : "good", outcome)
          assert.deepStrictEqual(seen, Array(outcome === "good" ? 5 : fault === "no-done" ? 4 : 2).fill("Ready"))
          if (Result.isFailure(end) && end.failure._tag === "IncompleteResultsError") {
            assert.deepStrictEqual([end.failure.expected, end.failure.received], [5, seen.length])
          }
        }),
      { play: { fault: fault as never, after: 2, bytes: 1_000_000 }, ...quick }
    )
  }

  live(
    "are asked for again when nothing of them had come",
    () =>
      Effect.gen(function* () {
        const { analysisBatches } = yield* TwelveLabs
        const { id } = yield* completed(2)
        assert.lengthOf(yield* Stream.runCollect(analysisBatches.results(id)), 2)
      }),
    { play: { fault: "unavailable", times: 1 }, ...quick }
  )
})

const lines = [
  '{"task_id":"66bb00000000000000000001","custom_id":"a-1","status":"ready","data":{"generation_id":"g1","data":"A short summary.","finish_reason":"stop","usage":{"output_tokens":5,"input_tokens":900}}}',
  '{"task_id":"66bb00000000000000000002","custom_id":null,"status":"failed","error":{"message":"The asset could not be decoded."}}',
  '{"task_id":"66bb00000000000000000003","custom_id":"a-3","status":"queued"}',
  '{"task_id":"66bb00000000000000000004","status":"canceled","data":null,"error":null}',
  '{"task_id":"66bb00000000000000000005","custom_id":"a-5","status":"paused","novelty":1}'
]

const read = (text: string, type = "application/jsonl") =>
  TwelveLabs.use(({ analysisBatches }) => Effect.succeed(analysisBatches.results(BatchId.make("b")))).pipe(
    Effect.provide(answeredWith(text, { headers: { "content-type": type } }))
  )

describe("results on the wire", () => {
  it.effect("are typed items, with or without a last line end", () =>
    Effect.gen(function* () {
      for (const text of [lines.join("\n"), `${lines.join("\r\n")}\r\n\r\n`]) {
        assert.deepStrictEqual((yield* Stream.runCollect(yield* read(text))) as unknown, [
          {
            _tag: "Ready",
            taskId: "66bb00000000000000000001",
            customId: "a-1",
            analysis: {
              id: "g1",
              text: "A short summary.",
              finishReason: "stop",
              usage: { outputTokens: 5, inputTokens: 900 }
            }
          },
          {
            _tag: "Failed",
            taskId: "66bb00000000000000000002",
            customId: undefined,
            code: undefined,
            detail: "The asset could not be decoded."
          },
          { _tag: "Pending", taskId: "66bb00000000000000000003", customId: "a-3", status: "queued" },
          { _tag: "Canceled", taskId: "66bb00000000000000000004", customId: undefined },
          {
            _tag: "Unknown",
            taskId: "66bb00000000000000000005",
            customId: "a-5",
            status: "paused",
            raw: JSON.parse(lines[4]!)
          }
        ])
      }
    })
  )

  it.effect("of which the last line is cut are a ParseError, after those before it", () =>
    Effect.gen(function* () {
      const text = lines.slice(0, 2).join("\n").slice(0, -10)
      const seen: Array<string> = []
      const error = yield* (yield* read(text)).pipe(
        Stream.runForEach(({ _tag }) => Effect.sync(() => seen.push(_tag))),
        Effect.flip
      )
      assert.deepStrictEqual(seen, ["Ready"])
      assert(error._tag === "ParseError")
      assert.deepStrictEqual([error.stage, error.eventNumber], ["json", 2])
    })
  )

  it.effect("that are an error are an ApiError, and that are a page a ParseError", () =>
    Effect.gen(function* () {
      for (const [text, tag] of [
        ['{"code":"generic_error","message":"No."}', "ApiError"],
        ['{\n"error":{"code":"x","message":"No."}}', "ApiError"],
        ["<html></html>", "ParseError"],
        ['{"task_id":"x","status":"ready"}', "ParseError"]
      ] as const) {
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(yield* read(text, "application/json"))))._tag, tag)
      }
    })
  )

  it.effect("are complete when each item came, and an item that comes twice counts once", () =>
    Effect.gen(function* () {
      const results = yield* read(`${lines.join("\n")}\n${lines[0]}`)
      assert.lengthOf(yield* results.pipe(AnalysisBatches.complete(5), Stream.runCollect), 6)
      const error = yield* results.pipe(AnalysisBatches.complete(6), Stream.runDrain, Effect.flip)
      assert(error._tag === "IncompleteResultsError")
      assert.deepStrictEqual([error.expected, error.received], [6, 5])
      assert.isTrue(error.isRetryable)
    })
  )
})

describe("a batch on the wire", () => {
  it.effect("says of which model it is, and may leave out all that is not needed", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        (_, index) => ({
          json: { batch_id: "b", status: "pondering", ...(index === 0 ? { model_name: "pegasus1.5" } : {}) }
        }),
        ({ analysisBatches }) => Effect.replicateEffect(analysisBatches.get(BatchId.make("b")), 2)
      )
      assert.deepStrictEqual(
        value.map(({ createdAt, model, status }) => [status, model, createdAt]),
        [
          ["pondering", "pegasus1.5", undefined],
          ["pondering", undefined, undefined]
        ]
      )
    })
  )
})
