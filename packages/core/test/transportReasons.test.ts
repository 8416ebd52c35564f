import { JsonCall, RetryPolicy, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { numbers } from "./NumbersProtocol.ts"

/** What becomes of a request that the runtime fails with a code, and how often it was sent. */
const failedWith = (cause: object) =>
  Effect.gen(function* () {
    let sent = 0
    const client = HttpClient.make((request) => {
      sent++
      return Effect.fail(
        new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
      )
    })
    const retry = RetryPolicy.make({ retries: RetryPolicy.safe.retries, base: "1 millis", times: 1 })
    const call = JsonCall.execute(HttpClientRequest.post("http://127.0.0.1/"), numbers.vendor, Schema.Unknown, {
      retry
    })
    const error = (yield* Effect.flip(
      Effect.provideService(call, HttpClient.HttpClient, client)
    )) as StreamError.TransportError
    return [error.reason, error.neverSent, sent]
  })

describe("an error code of the runtime", () => {
  for (const code of ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]) {
    it.live(
      `${code} means that nothing was sent where there was no connection, and may mean that it was elsewhere`,
      () =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* failedWith({ code, syscall: "connect" }), ["Refused", true, 2])
          assert.deepStrictEqual(yield* failedWith({ cause: { code, syscall: "read" } }), ["Reset", false, 1])
          assert.deepStrictEqual(yield* failedWith({ code, syscall: "write" }), ["Reset", false, 1])
        })
    )
  }
})
