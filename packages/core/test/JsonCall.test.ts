import { JsonCall, RetryPolicy, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema, type Scope } from "effect"
import { FetchHttpClient, type HttpClient, HttpClientRequest } from "effect/http"
import type * as Http from "node:http"
import { serve } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

const Value = Schema.Struct({ value: Schema.Number })
const call = (url: string, options?: Parameters<typeof JsonCall.execute>[3]) =>
  JsonCall.execute(HttpClientRequest.post(url), numbers.vendor, Value, options)
const json =
  (body: unknown): Http.RequestListener =>
  (_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))

const live = (promise: string, test: () => Effect.Effect<void, unknown, HttpClient.HttpClient | Scope.Scope>) =>
  it.live(promise, () => Effect.provide(test(), FetchHttpClient.layer))

describe("JsonCall.execute", () => {
  live("decodes the answer", () =>
    Effect.gen(function* () {
      const server = yield* serve(json({ value: 7, more: "ignored" }))
      assert.deepStrictEqual(yield* call(server.url), { value: 7 })
    })
  )

  live("fails with ApiError at a refusal, by status or under HTTP 200", () =>
    Effect.gen(function* () {
      const byStatus = yield* serve((_, response) => response.writeHead(404).end('{"error":"gone"}'))
      const error = (yield* Effect.flip(call(byStatus.url))) as StreamError.ApiError
      assert.deepStrictEqual([error._tag, error.channel, error.detail], ["ApiError", "status", "gone"])
      const byBody = yield* serve(json({ error: "no" }))
      const envelope = (yield* Effect.flip(call(byBody.url))) as StreamError.ApiError
      assert.deepStrictEqual([envelope._tag, envelope.channel, envelope.detail], ["ApiError", "envelope", "no"])
    })
  )

  live("fails with ParseError on what is not JSON, or not of the shape", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [Http.RequestListener, stage: StreamError.ParseError["stage"]]> = [
        [(_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"), "content"],
        [(_, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"value":'), "json"],
        [json({ value: "seven" }), "schema"]
      ]
      for (const [handler, stage] of cases) {
        const server = yield* serve(handler)
        const error = yield* Effect.flip(call(server.url))
        assert.strictEqual(error._tag === "ParseError" && error.stage, stage)
      }
    })
  )

  live("bounds size and time", () =>
    Effect.gen(function* () {
      const large = yield* serve(json({ value: 1, padding: "x".repeat(10_000) }))
      const error = yield* Effect.flip(call(large.url, { maxBodySize: 1000 }))
      assert.deepStrictEqual(error._tag === "ParseError" && error.limit, { option: "maxBodySize", value: 1000 })
      const silent = yield* serve(() => {})
      const late = yield* Effect.flip(call(silent.url, { connectTimeout: 100 }))
      assert.strictEqual(late._tag === "TransportError" && late.reason, "ConnectTimeout")
      const over = yield* Effect.flip(call(silent.url, { deadline: 100 }))
      assert.strictEqual(over._tag === "TransportError" && over.reason, "Deadline")
      const stuck = yield* serve((_, response) =>
        response.writeHead(200, { "content-type": "application/json" }).write("{")
      )
      const idle = yield* Effect.flip(call(stuck.url, { idleTimeout: 100 }))
      assert.strictEqual(idle._tag === "TransportError" && idle.reason, "IdleTimeout")
      for (const server of [silent, stuck]) yield* server.allClosed
    })
  )

  live("tries again by policy, and shows no secret", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) =>
        server.requests.length === 1 ? response.writeHead(503).end() : json({ value: 1 })(request, response)
      )
      assert.deepStrictEqual(yield* call(server.url, { retry: RetryPolicy.make({ base: 1 }) }), { value: 1 })
      const echo = yield* serve(json({ value: "key-123" }))
      const error = yield* Effect.flip(call(echo.url, { secrets: [Redacted.make("key-123")] }))
      assert.notInclude(JSON.stringify(error) + error.message, "key-123")
    })
  )
})
