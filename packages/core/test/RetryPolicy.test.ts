import { RetryPolicy, StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

const api = (
  kind: StreamError.ApiErrorKind,
  status: number,
  fields?: { retryAfterMillis?: number; channel?: "stream" }
) =>
  new StreamError.ApiError({
    vendor: "v",
    kind,
    channel: "status",
    status,
    detail: "",
    headers: {},
    excerpt: "",
    ...fields
  })

const transport = (reason: StreamError.TransportReason, phase: StreamError.Phase = "connect") =>
  new StreamError.TransportError({ vendor: "v", reason, phase, method: "POST", url: "u", detail: "" })

const missing = new StreamError.MissingDoneError({ vendor: "v", events: 0, bytes: 0, ids: {}, terminalSeen: false })

/** The times of the attempts, in milliseconds from the first, when every attempt fails with `error`. */
const attempts = (policy: RetryPolicy.RetryPolicy, error: StreamError.StreamError) =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const fiber = yield* Effect.flatMap(Clock.currentTimeMillis, (now) => {
      times.push(now)
      return Effect.fail(error)
    }).pipe(RetryPolicy.retry(policy), Effect.flip, Effect.forkChild)
    yield* TestClock.adjust("1 hour")
    assert.strictEqual(yield* Fiber.join(fiber), error)
    return times.map((time) => time - times[0]!)
  })

describe("RetryPolicy", () => {
  it.effect("safe retries only what the vendor surely did not accept", () =>
    Effect.gen(function* () {
      const retried = [
        api("RateLimited", 429),
        api("Overloaded", 503),
        api("Overloaded", 529),
        transport("Refused"),
        transport("Dns"),
        transport("Tls")
      ]
      const left = [
        api("QuotaExceeded", 429),
        api("Server", 500),
        api("Server", 408),
        api("Server", 504),
        api("Authentication", 401),
        api("RateLimited", 200, { channel: "stream" }),
        transport("Reset"),
        transport("ConnectTimeout"),
        transport("Redirect"),
        transport("Reset", "first-event"),
        missing
      ]
      for (const error of retried) assert.lengthOf(yield* attempts(RetryPolicy.safe, error), 4, error.message)
      for (const error of left) assert.lengthOf(yield* attempts(RetryPolicy.safe, error), 1, error.message)
    })
  )

  it.effect("idempotent retries transient faults too, and nothing that cannot get better", () =>
    Effect.gen(function* () {
      const retried = [
        api("Server", 500),
        api("Server", 408),
        transport("Reset"),
        transport("IdleTimeout", "first-event"),
        missing
      ]
      const left = [api("QuotaExceeded", 429), api("InvalidRequest", 400), transport("Redirect"), transport("Deadline")]
      for (const error of retried) assert.lengthOf(yield* attempts(RetryPolicy.idempotent, error), 4, error.message)
      for (const error of left) assert.lengthOf(yield* attempts(RetryPolicy.idempotent, error), 1, error.message)
    })
  )

  it.effect("none retries nothing", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* attempts(RetryPolicy.none, api("RateLimited", 429)), 1)
    })
  )

  it.effect("waits exponentially, with jitter", () =>
    Effect.gen(function* () {
      const [, ...times] = yield* attempts(RetryPolicy.make({ times: 4, base: 1000 }), transport("Refused"))
      const waits = times.map((time, i) => time - (times[i - 1] ?? 0))
      waits.forEach((wait, i) => {
        assert.isAtLeast(wait, 1000 * 2 ** i * 0.8 - 1)
        assert.isAtMost(wait, 1000 * 2 ** i * 1.2 + 1)
      })
    })
  )

  it.effect("waits at least as long as the vendor asks, and never longer than the cap by itself", () =>
    Effect.gen(function* () {
      const policy = RetryPolicy.make({ times: 2, base: "50 seconds", maxDelay: "55 seconds" })
      assert.deepStrictEqual(
        yield* attempts(policy, api("RateLimited", 429, { retryAfterMillis: 55_000 })),
        [0, 55_000, 110_000]
      )
      const [, first = 0, second = 0] = yield* attempts(policy, api("RateLimited", 429))
      assert.isAtMost(first, 55_000)
      assert.isAtMost(second - first, 55_000)
    })
  )

  it.effect("gives up at once when the vendor asks for more than the cap", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* attempts(RetryPolicy.safe, api("RateLimited", 429, { retryAfterMillis: 60_001 })), 1)
    })
  )

  it.effect("keeps to its budget of time", () =>
    Effect.gen(function* () {
      const policy = RetryPolicy.make({ times: 1000, budget: "100 seconds" })
      const times = yield* attempts(policy, api("RateLimited", 429, { retryAfterMillis: 30_000 }))
      assert.isBelow(times.length, 6)
    })
  )

  it.effect("leaves errors of other kinds alone", () =>
    Effect.gen(function* () {
      let tries = 0
      const error = { _tag: "DiskFull" } as const
      yield* Effect.suspend(() => (tries++, Effect.fail(error))).pipe(
        RetryPolicy.retry(RetryPolicy.idempotent),
        Effect.flip
      )
      assert.strictEqual(tries, 1)
    })
  )
})
