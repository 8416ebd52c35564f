/** On real sockets, against the emulator, with a clock that stands still until it is set. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Result, type Scope, Stream } from "effect"
import { FetchHttpClient, type HttpClient, HttpClientRequest } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { Emulator, type Play } from "@effect-sse/emulator"
import { RetryPolicy } from "@effect-sse/core"
import { type Connection, KnowledgeStoreId, RateLimit, type ResponseRequest, TwelveLabs } from "@effect-sse/twelvelabs"

type Transform = (client: HttpClient.HttpClient) => HttpClient.HttpClient

const request: Effect.Effect<ResponseRequest.ResponseRequest, never, Emulator> = Effect.map(
  Emulator,
  ({ twelvelabs }) => ({
    knowledgeStoreId: KnowledgeStoreId.make(twelvelabs.knowledgeStoreId),
    input: "How are kites built?"
  })
)

/** A client of the emulator. */
const clientOf = (
  transformClient: Transform,
  options: Partial<Connection.Options> & { readonly play?: Play.Play<never> } = {}
) =>
  Effect.gen(function* () {
    const { twelvelabs } = yield* Emulator
    const { play, ...rest } = options
    const layer = TwelveLabs.layer({
      apiKey: twelvelabs.apiKey,
      baseUrl: twelvelabs.url(play),
      transformClient,
      ...rest
    })
    const context = yield* Layer.build(Layer.provide(layer, FetchHttpClient.layer))
    return yield* Effect.provide(TwelveLabs, context)
  })

const count = Effect.flatMap(Emulator, ({ requests }) => Effect.map(requests, ({ length }) => length))

/** Waits until the server has had so many requests and answered them, and sees that no more come. */
const reaches = (expected: number) =>
  TestClock.withLive(
    Effect.gen(function* () {
      const emulator = yield* Emulator
      while ((yield* count) < expected) yield* Effect.sleep("5 millis")
      yield* Effect.sleep("60 millis")
      yield* emulator.awaitIdle
      assert.strictEqual(yield* count, expected)
    })
  )

const reachesAfter = (duration: Duration.Input, expected: number) =>
  Effect.andThen(TestClock.adjust(duration), reaches(expected))

/** A test with an emulator and a store in memory of its own. */
const limited = (
  promise: string,
  test: () => Effect.Effect<void, unknown, Emulator | RateLimiter.RateLimiter | Scope.Scope>
) => it.effect(promise, () => test().pipe(Effect.provide([Emulator.layer(), RateLimit.layerMemory]), Effect.scoped))

describe("a limit", () => {
  limited("lets no more requests through in a window, streams and calls together", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 3, window: "1 second" } })
      const { responses } = yield* clientOf(transform)
      const asked = yield* request
      const fibers = yield* Effect.forEach(Array.from({ length: 10 }), (_, index) =>
        Effect.forkChild(index % 2 === 0 ? Stream.runDrain(responses.stream(asked)) : responses.create(asked))
      )
      yield* reaches(3)
      yield* reachesAfter("999 millis", 3)
      yield* reachesAfter("1 millis", 6)
      yield* reachesAfter("1 second", 9)
      yield* reachesAfter("1 second", 10)
      yield* Effect.forEach(fibers, Fiber.join)
    })
  )

  limited("holds in any stretch of time, wherever a window begins", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 3, window: "1 second" } })
      const { responses } = yield* clientOf(transform)
      const ask = Effect.forkChild(Effect.flatMap(request, responses.create))
      yield* ask
      yield* reaches(1)
      yield* TestClock.adjust("900 millis")
      yield* Effect.replicateEffect(ask, 5)
      yield* reaches(3)
      yield* reachesAfter("100 millis", 4)
      yield* reachesAfter("799 millis", 4)
      yield* reachesAfter("1 millis", 4)
      yield* reachesAfter("100 millis", 6)
    })
  )

  limited("may be one of several, which are all kept", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({
        responses: [
          { requests: 3, window: "1 hour" },
          { requests: 2, window: "1 second" },
          { requests: 2, window: 1000 }
        ]
      })
      const { responses } = yield* clientOf(transform)
      yield* Effect.replicateEffect(Effect.forkChild(Effect.flatMap(request, responses.create)), 5)
      yield* reaches(2)
      yield* reachesAfter("1 second", 3)
      yield* reachesAfter("59 minutes", 3)
      yield* reachesAfter("59 seconds", 5)
    })
  )

  limited("is not that of another category", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ analyze: { requests: 1, window: "1 hour" }, search: undefined })
      const { responses } = yield* clientOf(transform)
      yield* Effect.replicateEffect(Effect.flatMap(request, responses.create), 5)
      assert.strictEqual(yield* count, 5)
    })
  )

  limited("is shared by all clients that are given it", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 2, window: "1 minute" } })
      const one = yield* clientOf(transform)
      const other = yield* clientOf(transform)
      for (const { responses } of [one, other, one]) {
        yield* Effect.forkChild(Effect.flatMap(request, responses.create))
      }
      yield* reaches(2)
      yield* reachesAfter("1 minute", 3)
    })
  )

  limited("is shared by all programs that count in one store, unless they count under another key", () =>
    Effect.gen(function* () {
      const limits = { responses: { requests: 3, window: "1 minute" } } as const
      const ask = Effect.fnUntraced(function* (options?: RateLimit.Options) {
        const { responses } = yield* clientOf(yield* RateLimit.make(limits, options))
        return Effect.forkChild(Effect.flatMap(request, responses.create))
      })
      const programs = yield* Effect.all([ask(), ask()])
      for (const askOne of [programs[0], programs[1], programs[0], programs[1], programs[1]]) yield* askOne
      yield* reaches(3)
      yield* yield* ask({ key: "another organization" })
      yield* reaches(4)
      yield* reachesAfter("1 minute", 6)
    })
  )

  limited("of a long window is not used up by waits for a short one that others have used", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const transform = yield* RateLimit.make({
          responses: [
            { requests: 4, window: "1 hour" },
            { requests: 1, window: "1 second" }
          ]
        })
        const { responses } = yield* clientOf(transform)
        return Effect.forkChild(Effect.flatMap(request, responses.create))
      })
      const [askOne, askOther] = yield* Effect.all([program, program])
      yield* askOne
      yield* reaches(1)
      yield* Effect.replicateEffect(askOther, 4)
      yield* reaches(1)
      yield* Effect.replicateEffect(TestClock.adjust("1 second"), 20)
      yield* reaches(4)
    })
  )

  limited("is asked of the store once for each request, however many wait", () => {
    let asked = 0
    const counting = Effect.map(RateLimiter.RateLimiter, (limiter): RateLimiter.RateLimiter => ({
      ...limiter,
      consume: (options) => {
        asked++
        return Effect.andThen(Effect.yieldNow, limiter.consume(options))
      }
    }))
    return Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 3, window: "1 second" } }).pipe(
        Effect.provideServiceEffect(RateLimiter.RateLimiter, counting)
      )
      const { responses } = yield* clientOf(transform)
      yield* Effect.replicateEffect(Effect.forkChild(Effect.flatMap(request, responses.create)), 10)
      yield* reaches(3)
      for (const sent of [6, 9, 10]) yield* reachesAfter("1 second", sent)
      assert.strictEqual(asked, 10)
    })
  })

  limited("counts what is tried again", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 1, window: "1 minute" } })
      const retry = RetryPolicy.make({ retries: () => true, times: 2, base: "1 millis" })
      const { responses } = yield* clientOf(transform, { play: { fault: "server-error" }, call: { retry } })
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.flatMap(request, responses.create)))
      yield* reaches(1)
      yield* reachesAfter("1 minute", 2)
      yield* reachesAfter("1 minute", 3)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "ApiError")
    })
  )

  it.effect("must be one", () =>
    Effect.gen(function* () {
      const bad: ReadonlyArray<RateLimit.Limit> = [
        { requests: 0, window: "1 minute" },
        { requests: 1.5, window: "1 minute" },
        { requests: Number.NaN, window: "1 minute" },
        { requests: Number.POSITIVE_INFINITY, window: "1 minute" },
        { requests: 1e12, window: "1 minute" },
        { requests: 1, window: 0 },
        { requests: 1, window: "Infinity" },
        { requests: 1, window: "a while" as never }
      ]
      for (const limit of bad) {
        const error = yield* Effect.flip(RateLimit.make({ upload: [{ requests: 1, window: "1 minute" }, limit] }))
        assert.strictEqual(error._tag, "ConfigurationError")
        assert.include(error.message, "upload limit")
      }
    }).pipe(Effect.provide(RateLimit.layerMemory))
  )
})

describe("a request that waits", () => {
  limited("is not taken for one without an answer, however long it waits", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 1, window: "1 hour" } })
      const { responses } = yield* clientOf(transform, { stream: { connectTimeout: "1 second" } })
      const ask = Effect.forkChild(Effect.flatMap(request, (asked) => responses.run(asked)))
      yield* ask
      yield* reaches(1)
      const second = yield* ask
      yield* reachesAfter("59 minutes", 1)
      yield* reachesAfter("1 minute", 2)
      assert.strictEqual((yield* Fiber.join(second)).status, "completed")
    })
  )

  limited("waits no longer than its deadline", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 1, window: "1 hour" } })
      const { responses } = yield* clientOf(transform)
      const asked = yield* request
      yield* responses.create(asked)
      const options = { deadline: "1 minute" } as const
      const waiting = yield* Effect.forEach(
        [responses.create(asked, options), Stream.runDrain(responses.stream(asked, options))],
        (effect) => Effect.forkChild(Effect.flip(effect))
      )
      yield* reaches(1)
      yield* TestClock.adjust("1 minute")
      for (const fiber of waiting) {
        const error = yield* Fiber.join(fiber)
        assert(error._tag === "TransportError")
        assert.deepStrictEqual([error.reason, error.phase], ["Deadline", "connect"])
      }
      assert.strictEqual(yield* count, 1)
    })
  )

  limited("uses no turn when it stops waiting", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 2, window: "1 minute" } })
      const { responses } = yield* clientOf(transform)
      const ask = Effect.forkChild(Effect.flatMap(request, responses.create))
      const fibers = yield* Effect.replicateEffect(ask, 10)
      yield* reaches(2)
      yield* Fiber.interruptAll(fibers.slice(2, 9))
      yield* ask
      yield* reachesAfter("1 minute", 4)
    })
  )

  limited("has its turn before those that came later", () =>
    Effect.gen(function* () {
      const transform = yield* RateLimit.make({ responses: { requests: 1, window: "1 second" } })
      const { responses } = yield* clientOf(transform)
      const asked = yield* request
      for (let number = 0; number < 5; number++) {
        yield* Effect.forkChild(responses.create({ ...asked, input: String(number) }))
        yield* reaches(1)
      }
      for (let sent = 2; sent <= 5; sent++) yield* reachesAfter("1 second", sent)
      const inputs = (yield* (yield* Emulator).requests).map(
        ({ body }) => (JSON.parse(body) as { input: ReadonlyArray<{ content: string }> }).input[0]!.content
      )
      assert.deepStrictEqual(inputs, ["0", "1", "2", "3", "4"])
    })
  )
})

describe("the vendor's word", () => {
  const many = { responses: { requests: 100, window: "1 second" } } as const

  const refusals: ReadonlyArray<readonly [how: string, play: Play.Play<never>, before: Duration.Input]> = [
    ["Retry-After", { fault: "overloaded", status: 429, retryAfter: 30, times: 1 }, "29 seconds"],
    ["a limit's reset", { fault: "rate-limited", times: 1 }, "900 millis"]
  ]
  for (const [how, play, before] of refusals) {
    limited(`that it takes nothing for a while, by ${how}, holds all that would ask`, () =>
      Effect.gen(function* () {
        yield* TestClock.adjust("1 hour")
        const { responses } = yield* clientOf(yield* RateLimit.make(many), { play, call: { retry: RetryPolicy.none } })
        const asked = yield* request
        const error = yield* Effect.flip(responses.create(asked))
        assert(error._tag === "ApiError")
        assert.strictEqual(error.status, 429)
        yield* Effect.replicateEffect(Effect.forkChild(responses.create(asked)), 3)
        yield* reaches(1)
        yield* reachesAfter(before, 1)
        yield* reachesAfter("2 seconds", 4)
      })
    )
  }

  limited("is heard by a request that waits for its turn already", () =>
    Effect.gen(function* () {
      const play = { fault: "rate-limited", retryAfter: 30, times: 1, delay: 300 } as const
      const transform = yield* RateLimit.make({ responses: { requests: 1, window: "10 seconds" } })
      const { responses } = yield* clientOf(transform, { play, call: { retry: RetryPolicy.none } })
      const asked = yield* request
      const first = yield* Effect.forkChild(Effect.flip(responses.create(asked)))
      yield* Effect.forkChild(responses.create(asked))
      yield* Fiber.join(first)
      yield* reachesAfter("20 seconds", 1)
      yield* reachesAfter("11 seconds", 2)
    })
  )

  limited("that a quota of a day is spent is said to all that ask, at once", () =>
    Effect.gen(function* () {
      const { responses } = yield* clientOf(yield* RateLimit.make(many), { play: { fault: "quota" } })
      const asked = yield* request
      for (let times = 1; times <= 2; times++) {
        const error = yield* Effect.flip(responses.create(asked))
        assert(error._tag === "ApiError")
        assert.strictEqual(error.kind, "QuotaExceeded")
        assert.isTrue(Duration.isGreaterThan(error.retryAfter!, Duration.hours(23)))
        assert.strictEqual(yield* count, times)
      }
    })
  )
})

describe("a store that fails", () => {
  const reason = new RateLimiter.RateLimitStoreError({ message: "the store is away" })
  const fail = () => Effect.fail(new RateLimiter.RateLimiterError({ reason }))
  const store = Layer.succeed(RateLimiter.RateLimiterStore, {
    fixedWindow: fail,
    tokenBucket: fail,
    adaptiveConsume: fail,
    adaptiveFeedback: fail
  })

  it.effect("lets nothing through, and is a TransportError", () =>
    Effect.gen(function* () {
      const { responses } = yield* clientOf(yield* RateLimit.make({ responses: { requests: 1, window: "1 minute" } }))
      const asked = yield* request
      for (const effect of [responses.create(asked), responses.run(asked)]) {
        const result = yield* Effect.result(effect)
        assert(Result.isFailure(result) && result.failure._tag === "TransportError")
        assert.strictEqual(result.failure.phase, "connect")
        assert.include(result.failure.message, "the store is away")
      }
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide([Emulator.layer(), Layer.provide(RateLimiter.layer, store)]), Effect.scoped)
  )
})

describe("the category of a request", () => {
  const base = "https://proxy.example.com/responses/v1.3"
  const post = HttpClientRequest.post
  const embed = (body: object, path = "/embed-v2") => HttpClientRequest.bodyJsonUnsafe(post(base + path), body)
  const form = (path: string, fields: Readonly<Record<string, string>>) =>
    HttpClientRequest.bodyFormDataRecord(post(base + path), fields)
  const image = { media_source: { base64_string: "A".repeat(1_000_000) } }

  const cases: ReadonlyArray<readonly [HttpClientRequest.HttpClientRequest, RateLimit.Category | undefined]> = [
    [post(`${base}/responses`), "responses"],
    [post(`${base}/responses?x=/search`), "responses"],
    [HttpClientRequest.get(`${base}/responses`), undefined],
    [post(`${base}/search`), "search"],
    [post(`${base}/knowledge-stores/ks_1/search`), "search"],
    [HttpClientRequest.get(`${base}/search/token`), undefined],
    [post(`${base}/analyze`), "analyze"],
    [post(`${base}/analyze/tasks`), "analyze"],
    [HttpClientRequest.get(`${base}/analyze/tasks`), undefined],
    [post(`${base}/analyze/tasks/1/cancel`), undefined],
    [post(`${base}/analyze/batches`), "analyze"],
    [post(`${base}/batches`), undefined],
    [post(`${base}/tasks`), "index"],
    [post(`${base}/indexes/1/indexed-assets`), "index"],
    [post(`${base}/indexes`), undefined],
    [post(`${base}/assets`), "upload"],
    [post(`${base}/assets/multipart-uploads`), "upload"],
    [post(`${base}/assets/multipart-uploads/1`), undefined],
    [post(`${base}/entity-collections/1/entities/2/assets`), undefined],
    [post(`${base}/knowledge-stores`), undefined],
    [embed({ input_type: "text", text: { input_text: '"input_type":"video"' } }), "embedText"],
    [embed({ text: { input_text: '"input_type":"video"' }, input_type: "text" }), "embedText"],
    [embed({ input_type: "image", image }), "embedText"],
    [embed({ image, input_type: "image" }), "embedText"],
    [embed({ input_type: "text_image" }), "embedText"],
    [embed({ input_type: "audio" }), "embedMedia"],
    [embed({ input_type: "video" }), "embedMedia"],
    [embed({ input_type: "smell" }), "embedMedia"],
    [embed({}), "embedMedia"],
    [post(`${base}/embed-v2`), "embedMedia"],
    [embed({ input_type: "multi_input", multi_input: { media_sources: [{ media_type: "image" }] } }), "embedText"],
    [embed({ input_type: "multi_input", multi_input: { media_sources: [{ media_type: "video" }] } }), "embedMedia"],
    [embed({ input_type: "video" }, "/embed-v2/tasks"), "embedMedia"],
    [embed({ input_type: "image" }, "/embed-v2/tasks"), "embedText"],
    [form("/embed", { model_name: "m", text: "kite" }), "embedText"],
    [form("/embed", { model_name: "m", image_url: "x" }), "embedText"],
    [form("/embed", { model_name: "m", text: "kite", audio_url: "x" }), "embedMedia"],
    [form("/embed/tasks", { model_name: "m", video_url: "x" }), "embedMedia"],
    [form("/embed", {}), "embedMedia"]
  ]
  for (const [request, category] of cases) {
    it(`is ${category}: ${request.method} ${request.url.slice(base.length)}`, () => {
      assert.strictEqual(RateLimit.categoryOf(request), category)
    })
  }
})
