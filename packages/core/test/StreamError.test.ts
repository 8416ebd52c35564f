import { StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"

const errors = [
  new StreamError.TransportError({
    vendor: "v",
    reason: "Reset",
    phase: "streaming",
    method: "POST",
    url: "https://a.b/c",
    detail: "ECONNRESET"
  }),
  new StreamError.ApiError({
    vendor: "v",
    kind: "RateLimited",
    channel: "status",
    status: 429,
    code: "201",
    detail: "too many",
    requestId: "r-1",
    retryAfterMillis: 1500,
    headers: { "retry-after": "2" },
    excerpt: "{}"
  }),
  new StreamError.ParseError({
    vendor: "v",
    stage: "limit",
    issue: "larger",
    limit: { option: "maxEventSize", value: 10 },
    eventNumber: 3,
    eventName: "x",
    offset: 99,
    excerpt: "data"
  }),
  new StreamError.MissingDoneError({
    vendor: "v",
    events: 3,
    bytes: 99,
    lastEvent: "x",
    ids: { job: "job-1" },
    terminalSeen: false
  }),
  new StreamError.ExpiredArtifactError({
    name: "a.csv",
    url: "https://a.b/a.csv",
    expiresAt: DateTime.makeUnsafe(1_760_000_000_000),
    detectedBy: "store"
  })
]

const schemas = {
  TransportError: StreamError.TransportError,
  ApiError: StreamError.ApiError,
  ParseError: StreamError.ParseError,
  MissingDoneError: StreamError.MissingDoneError,
  ExpiredArtifactError: StreamError.ExpiredArtifactError
}

describe("StreamError", () => {
  for (const error of errors) {
    it.effect(`${error._tag} crosses a process border as JSON`, () =>
      Effect.gen(function* () {
        const codec = Schema.toCodecJson(schemas[error._tag] as unknown as Schema.Codec<typeof error>)
        const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(error))) as Schema.Json
        const back = yield* Schema.decodeEffect(codec)(json)
        assert.isTrue(back instanceof schemas[error._tag])
        assert.strictEqual(back.message, error.message)
        assert.deepStrictEqual({ ...back }, { ...error })
      })
    )
  }

  it("says what happened, where, and what to do", () => {
    const [transport, api, parse, missing, expired] = errors.map((error) => error.message)
    assert.include(transport, "the connection broke (Reset, streaming, POST https://a.b/c)")
    assert.include(api, "RateLimited (HTTP 429, code 201, request r-1): too many; try again in 1s 500ms")
    assert.include(parse, "in event 3 (x) before byte 99")
    assert.include(missing, "after 3 events and 99 bytes, the last one x, job job-1")
    assert.include(expired, "a.csv expired on 2025-10-09T")
  })

  it("knows whether a new attempt may succeed, and when", () => {
    assert.deepStrictEqual(
      errors.map((error) => error.isRetryable),
      [true, true, false, true, false]
    )
    assert.deepStrictEqual(
      errors.map((error) => error.retryAfter && Duration.toMillis(error.retryAfter)),
      [undefined, 1500, undefined, undefined, undefined]
    )
  })

  it.effect("is caught by its tag", () =>
    Effect.gen(function* () {
      const failing: Effect.Effect<string, StreamError.StreamError> = Effect.fail(
        errors[3] as StreamError.MissingDoneError
      )
      const caught = yield* failing.pipe(
        Effect.catchTag("MissingDoneError", (error) => Effect.succeed(error.ids["job"]))
      )
      assert.strictEqual(caught, "job-1")
    })
  )
})
