/** What a stream has open is closed, in whatever way and at whatever time it ends. */
import { EventStream, RetryPolicy, Telemetry } from "@effect-sse/core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Metric, Scope, Stream, Tracer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { fedStream, turn } from "./FedStream.ts"
import { serve, sse } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

const always = (base: number) => RetryPolicy.make({ retries: () => true, base })

const clients = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] as const

for (const [name, client] of clients) {
  describe(`A stream over ${name}`, () => {
    for (const when of ["waits to try again", "waits for headers"] as const) {
      it.live(`asks no more when its scope is closed from outside while it ${when}`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response) => {
            if (server.requests.length > 1) return sse(response, "data: 1\n\n")
            if (when === "waits to try again") response.writeHead(503).end()
          })
          const scope = yield* Scope.make()
          const connect = EventStream.connect(HttpClientRequest.post(server.url), numbers, { retry: always(100) })
          const fiber = yield* Effect.forkChild(Scope.provide(connect, scope))
          while (server.requests.length === 0) yield* turn
          yield* Effect.sleep(20)
          yield* Scope.close(scope, Exit.void)
          assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
          yield* server.allClosed
          assert.lengthOf(server.requests, 1)
        }).pipe(Effect.provide(client))
      )
    }

    it.live("ends a pull that waits when its scope is closed from outside", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => sse(response, "data: 1\n\n"))
        const scope = yield* Scope.make()
        const stream = EventStream.open(HttpClientRequest.post(server.url), numbers)
        const pull = yield* Scope.provide(Stream.toPull(stream), scope)
        yield* pull
        const waiting = yield* Effect.forkChild(pull)
        yield* turn
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(Exit.isFailure(yield* Fiber.await(waiting)))
        yield* server.allClosed
      }).pipe(Effect.provide(client))
    )

    it.live("has closed an attempt before the next one begins", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          if (server.requests.length > 1) sse(response, "data: 1\n\n")
        })
        const stream = EventStream.open(HttpClientRequest.post(server.url), numbers, {
          connectTimeout: 100,
          retry: always(1)
        })
        const pull = yield* Stream.toPull(stream)
        yield* pull
        yield* Effect.sleep(20)
        assert.strictEqual(yield* server.openSockets, 1)
      }).pipe(Effect.scoped, Effect.provide(client))
    )
  })
}

describe("A stream", () => {
  it.live("tells of the attempt that a deadline has ended, and not of one before", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        if (server.requests.length > 1) return
        sse(response, ":\n\n")
        response.end()
      })
      const error = yield* Effect.flip(
        Stream.runDrain(
          EventStream.open(HttpClientRequest.post(server.url), numbers, { deadline: 400, retry: always(1) })
        )
      )
      assert.deepInclude(error, { _tag: "TransportError", reason: "Deadline", phase: "connect" })
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.live("cancels the body when onOpen dies", () =>
    Effect.gen(function* () {
      const { open, seen } = fedStream()
      const exit = yield* Effect.exit(Stream.runDrain(open({ onOpen: () => Effect.die("no") })))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.isTrue(seen.isCancelled)
    })
  )

  /** A client whose body is a stream of Effect's, with a finalizer. */
  const clientOf = (finalizer: Effect.Effect<void>, onSignal: (signal: AbortSignal) => void) =>
    HttpClient.make((request, _, signal) =>
      Effect.sync(() => {
        onSignal(signal)
        const bytes = Stream.concat(Stream.make(new TextEncoder().encode("data: 1\n\n")), Stream.never)
        return new Proxy(HttpClientResponse.fromWeb(request, new Response(null)), {
          get: (response, property) =>
            property === "stream" ? Stream.ensuring(bytes, finalizer) : Reflect.get(response, property, response)
        })
      })
    )

  const firstOver = (client: HttpClient.HttpClient) =>
    EventStream.open(HttpClientRequest.post("http://example.com"), numbers).pipe(
      Stream.take(1),
      Stream.runDrain,
      Effect.provideService(HttpClient.HttpClient, client)
    )

  it.live("releases the body and aborts the request once its consumer has enough", () =>
    Effect.gen(function* () {
      let isReleased = false
      let signal: AbortSignal | undefined
      const release = Effect.sync(() => void (isReleased = true))
      yield* firstOver(clientOf(release, (given) => (signal = given)))
      assert.deepStrictEqual([isReleased, signal?.aborted], [true, true])
    })
  )

  it.live("ends its span, counts, and aborts the request also when releasing the body dies", () =>
    Effect.gen(function* () {
      const abandoned = Metric.withAttributes(Telemetry.streams, { vendor: "numbers", ended_by: "Abandoned" })
      const before = (yield* Metric.value(abandoned)).count
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      let signal: AbortSignal | undefined
      const exit = yield* firstOver(clientOf(Effect.die("no"), (given) => (signal = given))).pipe(
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(
        spans.map(({ status }) => status._tag),
        ["Ended"]
      )
      assert.strictEqual((yield* Metric.value(abandoned)).count, Number(before) + 1)
      assert.isTrue(signal?.aborted)
    })
  )

  it.live("lets others have their turn while only comments come", () =>
    Effect.gen(function* () {
      let left = 200_000
      let turns = 0
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new TextEncoder().encode(left-- > 0 ? ":\n" : "data: [DONE]\n\n"))
      })
      const response = new Response(body, { headers: { "content-type": "text/event-stream" } })
      const client = HttpClient.make((request) => Effect.succeed(HttpClientResponse.fromWeb(request, response)))
      const timer = setInterval(() => turns++, 1)
      yield* Stream.runDrain(EventStream.open(HttpClientRequest.post("http://example.com"), numbers)).pipe(
        Effect.provideService(HttpClient.HttpClient, client)
      )
      clearInterval(timer)
      assert.isAbove(turns, 2)
    })
  )
})
