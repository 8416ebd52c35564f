import { EventStream, RetryPolicy, type StreamError } from "@effect-sse/core"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Pull, Redacted, Ref, type Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import type { ServerResponse } from "node:http"
import * as zlib from "node:zlib"
import { serve, sse } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

const open = <const O extends EventStream.Options = {}>(
  url: string,
  options?: O & EventStream.Options & EventStream.Confidential
) => EventStream.open<number, O>(HttpClientRequest.post(url), numbers, options)

/** What a stream delivered, and the error that ended it if one did. */
const observe = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const events: Array<A> = []
    const error = yield* stream.pipe(
      Stream.runForEach((event) => Effect.sync(() => events.push(event))),
      Effect.as(undefined),
      Effect.catch((error) => Effect.succeed(error))
    )
    return { events, error }
  })

const expectError = <Tag extends StreamError.StreamError["_tag"]>(
  error: StreamError.StreamError | undefined,
  tag: Tag
): Extract<StreamError.StreamError, { readonly _tag: Tag }> => {
  assert.strictEqual(error?._tag, tag)
  return error as Extract<StreamError.StreamError, { readonly _tag: Tag }>
}

const clients = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] as const

for (const [name, client] of clients) {
  describe(`EventStream over ${name}`, () => {
    const live = (promise: string, test: () => Effect.Effect<void, unknown, HttpClient.HttpClient | Scope.Scope>) =>
      it.live(promise, () => Effect.provide(test(), client))

    live("ends well at the end mark, without waiting for the server, and closes the socket", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: 2\n\ndata: [DONE]\n\ndata: 3\n\n"))
        const { error, events } = yield* observe(open(server.url))
        assert.deepStrictEqual(events, [1, 2])
        assert.isUndefined(error)
        yield* server.allClosed
      })
    )

    live("sends nothing until it is run, and a request each time it is", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: [DONE]\n\n"))
        const stream = open(server.url)
        assert.lengthOf(server.requests, 0)
        yield* Stream.runDrain(stream)
        yield* Stream.runDrain(stream)
        assert.lengthOf(server.requests, 2)
      })
    )

    live("runs one value many times at once", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          setTimeout(() => response.write("data: 2\n\ndata: [DONE]\n\n"), 30)
        })
        const stream = open(server.url)
        const runs = yield* Effect.forEach(
          [1, 2, 3, 4, 5],
          (n) => Stream.runCollect(n === 1 ? Stream.take(stream, 1) : stream),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(runs, [[1], [1, 2], [1, 2], [1, 2], [1, 2]])
        yield* server.allClosed
      })
    )

    live("fails with MissingDoneError when the body ends without the mark, in an event, or in a character", () =>
      Effect.gen(function* () {
        const mark = new TextEncoder().encode("data: 🍝")
        for (const end of ["", "data: 2", "data: 2\n", "data: [DON", mark.subarray(0, -2)]) {
          const server = yield* serve((_, response) => {
            sse(response, "data: 1\n\n", end)
            response.end()
          })
          const { error, events } = yield* observe(open(server.url))
          assert.deepStrictEqual(events, [1])
          const missing = expectError(error, "MissingDoneError")
          assert.strictEqual(missing.events, 1)
          assert.strictEqual(missing.bytes, 9 + end.length)
          assert.strictEqual(missing.lastEvent, "message")
          assert.deepStrictEqual(missing.ids, { run: "run-1" })
          assert.isFalse(missing.terminalSeen)
          yield* server.allClosed
        }
      })
    )

    live("says whether the answer had been announced as complete", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "event: last\ndata: 1\n\n")
          response.end()
        })
        const { error, events } = yield* observe(open(server.url))
        assert.deepStrictEqual(events, [1])
        assert.isTrue(expectError(error, "MissingDoneError").terminalSeen)
      })
    )

    live("takes an end mark whose line end is missing", () =>
      Effect.gen(function* () {
        for (const end of ["data: [DONE]", "data: [DONE]\n"]) {
          const server = yield* serve((_, response) => {
            sse(response, "data: 1\n\n", end)
            response.end()
          })
          const { error, events } = yield* observe(open(server.url))
          assert.deepStrictEqual(events, [1])
          assert.isUndefined(error)
        }
      })
    )

    live("fails with TransportError when the connection breaks in an event, after the events before", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\ndata: 2\n\ndata: 3")
          setTimeout(() => response.socket?.resetAndDestroy(), 50)
        })
        const { error, events } = yield* observe(open(server.url))
        assert.deepStrictEqual(events, [1, 2])
        const broken = expectError(error, "TransportError")
        // A parser that sees the end before the reset calls it a framing error.
        assert.include(["Reset", "Framing"], broken.reason)
        assert.strictEqual(broken.phase, "streaming")
        yield* server.allClosed
      })
    )

    live("fails with TransportError when the body's framing is cut", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream", "content-length": "1000" })
          response.write("data: 1\n\n")
          setTimeout(() => response.socket?.end(), 50)
        })
        const { error, events } = yield* observe(open(server.url))
        assert.deepStrictEqual(events, [1])
        assert.include(["Reset", "Framing"], expectError(error, "TransportError").reason)
      })
    )

    live("fails with IdleTimeout in silence, and closes the socket", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => sse(response, "data: 1\n\n"))
        const { error, events } = yield* observe(open(server.url, { idleTimeout: 150 }))
        assert.deepStrictEqual(events, [1])
        assert.strictEqual(expectError(error, "TransportError").reason, "IdleTimeout")
        yield* server.allClosed
      })
    )

    live("fails with StallTimeout when only heartbeats come, and not by idleness", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          const beat = setInterval(() => response.write(":\n\n"), 20)
          response.on("close", () => clearInterval(beat))
        })
        const { error, events } = yield* observe(open(server.url, { idleTimeout: 200, stallTimeout: 500 }))
        assert.deepStrictEqual(events, [1])
        assert.strictEqual(expectError(error, "TransportError").reason, "StallTimeout")
        yield* server.allClosed
      })
    )

    live("fails with Deadline though events come", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response)
          const beat = setInterval(() => response.write("data: 1\n\n"), 20)
          response.on("close", () => clearInterval(beat))
        })
        const { error, events } = yield* observe(open(server.url, { deadline: 200 }))
        assert.isNotEmpty(events)
        assert.strictEqual(expectError(error, "TransportError").reason, "Deadline")
        yield* server.allClosed
      })
    )

    live("fails with Deadline before the headers, and before the first event, and says which", () =>
      Effect.gen(function* () {
        const silent = yield* serve(() => {})
        const early = expectError((yield* observe(open(silent.url, { deadline: 100 }))).error, "TransportError")
        assert.deepStrictEqual([early.reason, early.phase], ["Deadline", "connect"])
        const quiet = yield* serve((_, response) => sse(response, ": nothing yet\n\n"))
        const late = expectError((yield* observe(open(quiet.url, { deadline: 300 }))).error, "TransportError")
        assert.deepStrictEqual([late.reason, late.phase], ["Deadline", "first-event"])
        yield* silent.allClosed
        yield* quiet.allClosed
      })
    )

    live("fails with ConnectTimeout when no headers come", () =>
      Effect.gen(function* () {
        const server = yield* serve(() => {})
        const { error } = yield* observe(open(server.url, { connectTimeout: 100 }))
        const late = expectError(error, "TransportError")
        assert.strictEqual(late.reason, "ConnectTimeout")
        assert.strictEqual(late.phase, "connect")
        yield* server.allClosed
      })
    )

    live("closes the socket when its consumer takes enough, fails, dies, or is interrupted", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: 2\n\n"))
        const stream = open(server.url)
        yield* Stream.runDrain(Stream.take(stream, 1))
        yield* server.allClosed
        yield* stream.pipe(
          Stream.runForEach(() => Effect.fail("enough")),
          Effect.flip
        )
        yield* server.allClosed
        yield* stream.pipe(
          Stream.runForEach(() => Effect.die("broken")),
          Effect.exit
        )
        yield* server.allClosed
        const seen = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(Stream.runForEach(stream, () => Deferred.succeed(seen, undefined)))
        yield* Deferred.await(seen)
        assert.strictEqual(yield* server.openSockets, 1)
        yield* Fiber.interrupt(fiber)
        yield* server.allClosed
      })
    )

    live("closes the socket when interrupted while it waits for headers", () =>
      Effect.gen(function* () {
        const arrived = yield* Deferred.make<void>()
        const server = yield* serve(() => Effect.runFork(Deferred.succeed(arrived, undefined)))
        const fiber = yield* Effect.forkChild(Stream.runDrain(open(server.url)))
        yield* Deferred.await(arrived)
        yield* Fiber.interrupt(fiber)
        yield* server.allClosed
      })
    )

    live("holds the sender back while its consumer does not pull", () =>
      Effect.gen(function* () {
        const size = 100 * 1024 * 1024
        let taken = 0
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          const event = `data: 2\n:${"x".repeat(64 * 1024)}\n\n`
          const fill = () => {
            while (taken < size) {
              taken += event.length
              if (!response.write(event)) return void response.once("drain", fill)
            }
          }
          fill()
        })
        const first = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          open(server.url).pipe(
            Stream.runForEach(() => Effect.andThen(Deferred.succeed(first, undefined), Effect.never))
          )
        )
        yield* Deferred.await(first)
        yield* Effect.sleep("500 millis")
        const before = taken
        yield* Effect.sleep("500 millis")
        assert.strictEqual(taken, before, "the server still writes")
        assert.isBelow(taken, 16 * 1024 * 1024)
        yield* Fiber.interrupt(fiber)
        yield* server.allClosed
      })
    )

    live("does not take a slow consumer for an idle server", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          setTimeout(() => response.write("data: 2\n\ndata: [DONE]\n\n"), 30)
        })
        const events = yield* open(server.url, { idleTimeout: 150, stallTimeout: 150 }).pipe(
          Stream.mapEffect((event) => Effect.as(Effect.sleep(400), event)),
          Stream.runCollect
        )
        assert.deepStrictEqual(events, [1, 2])
      })
    )

    live("closes the socket at the end mark and at an error, while the consumer still holds the last events", () =>
      Effect.gen(function* () {
        const marked = yield* serve((_, response) => sse(response, "data: 1\n\ndata: [DONE]\n\n"))
        yield* Stream.runForEach(open(marked.url), () => marked.allClosed)
        const refusing = yield* serve((_, response) => sse(response, "data: 1\n\nevent: error\ndata: no\n\n"))
        yield* Effect.flip(Stream.runForEach(open(refusing.url), () => refusing.allClosed))
        const later = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          setTimeout(() => response.write("event: error\ndata: no\n\n"), 50)
        })
        const pull = yield* Stream.toPull(open(later.url))
        yield* pull
        yield* Effect.flip(pull)
        // The scope of the pull is open still.
        yield* later.allClosed
      })
    )

    live("loses nothing when a pull is interrupted and another one follows", () =>
      Effect.gen(function* () {
        let write: (text: string) => void = () => {}
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\n")
          write = (text) => void response.write(text)
        })
        const pull = yield* Stream.toPull(open(server.url))
        assert.deepStrictEqual(yield* pull, [1])
        for (const next of [2, 3]) {
          assert.isTrue(Option.isNone(yield* Effect.timeoutOption(pull, 50)))
          write(`data: ${next}\n\n`)
          // Long enough for it to come while nobody waits.
          yield* Effect.sleep(50)
          assert.deepStrictEqual(yield* pull, [next])
        }
        write("data: [DONE]\n\n")
        assert.isTrue(Pull.isDoneCause(yield* Effect.flip(Effect.sandbox(pull))))
        yield* server.allClosed
      })
    )

    live("loses nothing either when the body is compressed, or said to be something else", () =>
      Effect.gen(function* () {
        for (const headers of [{ "content-encoding": "gzip" }, { "content-type": "text/plain" }]) {
          const server = yield* serve((_, response) => {
            response.writeHead(200, { "content-type": "text/event-stream", ...headers })
            const gzip = zlib.createGzip()
            if ("content-encoding" in headers) gzip.pipe(response)
            const out = "content-encoding" in headers ? gzip : response
            const write = (text: string) => {
              out.write(text)
              if (out === gzip) gzip.flush()
            }
            write("data: 0\n\n")
            const timer = setInterval(() => write(`data: ${++sent}\n\n`), 12)
            let sent = 0
            setTimeout(() => {
              clearInterval(timer)
              out.end("data: [DONE]\n\n")
            }, 250)
          })
          const pull = yield* Stream.toPull(open(server.url))
          const seen: Array<number> = []
          let interrupted = 0
          for (;;) {
            const exit = yield* Effect.exit(Effect.timeoutOption(pull, seen.length % 3 === 1 ? 3 : 5000))
            if (Exit.isFailure(exit)) {
              assert.isTrue(Pull.isDoneCause(exit.cause))
              break
            }
            if (Option.isSome(exit.value)) seen.push(...(exit.value.value as ReadonlyArray<number>))
            else interrupted++
          }
          assert.isAbove(interrupted, 0)
          assert.deepStrictEqual(
            seen,
            seen.map((_, index) => index)
          )
          assert.isAbove(seen.length, 5)
        }
      })
    )

    live("refuses redirects before anything of the request reaches their target", () =>
      Effect.gen(function* () {
        const target = yield* serve((_, response) => sse(response, "data: [DONE]\n\n"))
        for (const status of [301, 302, 303, 307, 308]) {
          const server = yield* serve((_, response) => {
            response.writeHead(status, { location: `${target.url}/elsewhere?token=secret` })
            response.end()
          })
          const { error } = yield* observe(open(server.url))
          const refused = expectError(error, "TransportError")
          assert.strictEqual(refused.reason, "Redirect")
          assert.notInclude(JSON.stringify(refused), "secret")
          yield* server.allClosed
        }
        assert.lengthOf(target.requests, 0)
      })
    )

    live("decodes gzip and br, and bounds what comes out of them", () =>
      Effect.gen(function* () {
        const text = "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"
        for (const [encoding, body] of [
          ["gzip", zlib.gzipSync(text)],
          ["br", zlib.brotliCompressSync(text)]
        ] as const) {
          const server = yield* serve((_, response) => {
            response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding })
            response.end(body)
          })
          assert.deepStrictEqual(yield* Stream.runCollect(open(server.url)), [1, 2])
        }
        const bomb = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
          response.end(zlib.gzipSync(`data: 1\n\ndata: ${"0".repeat(5_000_000)}\n\n`))
        })
        const { error, events } = yield* observe(open(bomb.url, { maxEventSize: 1000 }))
        assert.deepStrictEqual(events, [1])
        assert.deepStrictEqual(expectError(error, "ParseError").limit, { option: "maxEventSize", value: 1000 })
      })
    )

    live("fails with TransportError on corrupt gzip", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
          // Comments of noise: what a corrupt block decodes to is no event by any chance.
          const noise = Array.from(
            { length: 500 },
            (_, i) => `:${createHash("sha256").update(`${i}`).digest("hex")}\n\n`
          )
          const body = zlib.gzipSync(noise.join(""))
          const middle = Math.trunc(body.length / 2)
          body.fill(0xff, middle, middle + 100)
          response.end(body)
        })
        const { error } = yield* observe(open(server.url))
        assert.strictEqual(expectError(error, "TransportError").reason, "Encoding")
        yield* server.allClosed
      })
    )

    live("tells a refused connection from a name that does not resolve", () =>
      Effect.gen(function* () {
        const server = yield* serve(() => {})
        const { port } = new URL(server.url)
        const closed = yield* Effect.scoped(
          Effect.map(
            serve(() => {}),
            ({ url }) => url
          )
        )
        const retry = RetryPolicy.none
        const refused = expectError((yield* observe(open(`${closed}/?key=secret`, { retry }))).error, "TransportError")
        assert.strictEqual(refused.reason, "Refused")
        assert.isTrue(refused.neverSent)
        assert.notInclude(refused.message, "secret")
        const unknown = (yield* observe(open(`http://unknown.invalid:${port}`, { retry }))).error
        assert.strictEqual(expectError(unknown, "TransportError").reason, "Dns")
      })
    )

    live("tells a TLS failure", () =>
      Effect.gen(function* () {
        const server = yield* serve(() => {})
        const { error } = yield* observe(open(server.url.replace("http:", "https:"), { retry: RetryPolicy.none }))
        assert.strictEqual(expectError(error, "TransportError").reason, "Tls")
      })
    )
  })
}

describe("EventStream", () => {
  const live = (promise: string, test: () => Effect.Effect<void, unknown, HttpClient.HttpClient | Scope.Scope>) =>
    it.live(promise, () => Effect.provide(test(), FetchHttpClient.layer))

  live("fails with ParseError at a malformed event: where, what, and an excerpt", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        sse(response, "data: 1\n\n: x\n\nevent: é\ndata: seven\n\ndata: 3\n\n")
      )
      const { error, events } = yield* observe(open(server.url))
      assert.deepStrictEqual(events, [1])
      const parse = expectError(error, "ParseError")
      assert.strictEqual(parse.stage, "json")
      assert.strictEqual(parse.eventNumber, 2)
      assert.strictEqual(parse.eventName, "é")
      assert.strictEqual(parse.offset, 9 + 5 + 10 + 12 + 1)
      assert.strictEqual(parse.excerpt, "seven")
      yield* server.allClosed
    })
  )

  live("delivers a Malformed in place of such an event when asked to, and goes on", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: x\n\ndata: 3\n\ndata: [DONE]\n\n"))
      const { error, events } = yield* observe(open(server.url, { onMalformed: "emit" }))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        events.map((event) => (typeof event === "number" ? event : event.error.excerpt)),
        [1, "x", 3]
      )
    })
  )

  live("fails with ApiError at a refusal inside the stream, after the events before", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        sse(response, "data: 1\n\nevent: error\ndata: too bad\n\ndata: [DONE]\n\n")
      )
      const { error, events } = yield* observe(open(server.url))
      assert.deepStrictEqual(events, [1])
      const refusal = expectError(error, "ApiError")
      assert.strictEqual(refusal.channel, "stream")
      assert.strictEqual(refusal.detail, "too bad")
      yield* server.allClosed
    })
  )

  live("fails with ParseError past maxEventSize, long before the event is whole", () =>
    Effect.gen(function* () {
      let sent = 0
      const server = yield* serve((_, response) => {
        sse(response, "data: 1\n\ndata: ")
        const fill = () => {
          while (!response.destroyed && sent < 500e6) {
            sent += 65_536
            if (!response.write("9".repeat(65_536))) return void response.once("drain", fill)
          }
        }
        fill()
      })
      const { error, events } = yield* observe(open(server.url, { maxEventSize: 100_000 }))
      assert.deepStrictEqual(events, [1])
      assert.strictEqual(expectError(error, "ParseError").stage, "limit")
      assert.isBelow(sent, 100e6)
      yield* server.allClosed
    })
  )

  live("reads a status error's body, bounded, and keeps what helps", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(429, {
          "content-type": "application/json",
          "retry-after": "7",
          "x-request-id": "r-1",
          "set-cookie": "a=b"
        })
        response.end(JSON.stringify({ error: "slow down" }))
      })
      const { error } = yield* observe(open(server.url, { retry: RetryPolicy.none }))
      const refusal = expectError(error, "ApiError")
      assert.strictEqual(refusal.kind, "RateLimited")
      assert.strictEqual(refusal.channel, "status")
      assert.strictEqual(refusal.status, 429)
      assert.strictEqual(refusal.detail, "slow down")
      assert.strictEqual(refusal.retryAfterMillis, 7000)
      assert.strictEqual(refusal.headers["x-request-id"], "r-1")
      assert.notProperty(refusal.headers, "set-cookie")
    })
  )

  live("does not read an endless error body to its end", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(500, { "content-type": "text/plain" })
        const fill = () => {
          while (!response.destroyed) if (!response.write("x".repeat(65_536))) return void response.once("drain", fill)
        }
        fill()
      })
      const { error } = yield* observe(open(server.url))
      const refusal = expectError(error, "ApiError")
      assert.strictEqual(refusal.kind, "Server")
      assert.isAtMost(refusal.excerpt.length, 301)
      yield* server.allClosed
    })
  )

  live("takes a JSON body under a good status for the vendor's refusal", () =>
    Effect.gen(function* () {
      for (const headers of [{ "content-type": "application/json; charset=utf-8" }, {}]) {
        const server = yield* serve((_, response) => {
          response.writeHead(200, headers)
          response.end(' {"error":"no"}')
        })
        const refusal = expectError((yield* observe(open(server.url))).error, "ApiError")
        assert.strictEqual(refusal.channel, "envelope")
        assert.strictEqual(refusal.detail, "no")
        yield* server.allClosed
      }
    })
  )

  live("fails with ParseError on content that is neither a stream nor a refusal", () =>
    Effect.gen(function* () {
      for (const [type, body] of [
        ["text/html", "<html>hello"],
        ["", "<html>hello"],
        ["application/json", '{"a":1}']
      ]) {
        const server = yield* serve((_, response) => {
          response.writeHead(200, type === "" ? {} : { "content-type": type })
          response.end(body)
        })
        const parse = expectError((yield* observe(open(server.url))).error, "ParseError")
        assert.strictEqual(parse.stage, "content")
        assert.strictEqual(parse.excerpt, body)
        yield* server.allClosed
      }
    })
  )

  live("takes a stream without a content type", () =>
    Effect.gen(function* () {
      for (const type of [undefined, "text/plain", "application/octet-stream", "Text/Event-Stream;charset=UTF-8"]) {
        const server = yield* serve((_, response) => {
          response.writeHead(200, type === undefined ? {} : { "content-type": type })
          response.end("data: 1\n\ndata: [DONE]\n\n")
        })
        assert.deepStrictEqual(yield* Stream.runCollect(open(server.url)), [1])
      }
    })
  )

  live("shows no secret that the server echoes, and no query of a link", () =>
    Effect.gen(function* () {
      const key = "tlk-very-secret"
      const secrets = [Redacted.make(key)]
      const server = yield* serve((_, response) => {
        response.writeHead(401, { "content-type": "application/json", "x-echo": key })
        response.end(JSON.stringify({ error: `bad key ${key}\u001b[2J, see https://example.com/a?sig=signature` }))
      })
      const refusal = expectError((yield* observe(open(server.url, { secrets }))).error, "ApiError")
      const shown = JSON.stringify(refusal) + refusal.message + String(refusal) + refusal.stack
      for (const hidden of [key, "signature", "\u001b"]) assert.notInclude(shown, hidden)
      assert.include(refusal.detail, "bad key <redacted>")
    })
  )

  live("shows no query of a link that stands in JSON as many servers write it", () =>
    Effect.gen(function* () {
      const json = JSON.stringify({ url: "https://example.com/a/b?X-Amz-Date=20261121&X-Amz-Signature=top&id=7" })
      for (const text of [
        json,
        json.replaceAll("&", "\\u0026"),
        json.replaceAll("/", "\\/").replaceAll("&", "\\u0026")
      ]) {
        const server = yield* serve((_, response) =>
          response.writeHead(400, { "content-type": "application/json" }).end(text)
        )
        const refusal = expectError((yield* observe(open(server.url))).error, "ApiError")
        const shown = JSON.stringify(refusal) + refusal.message
        for (const hidden of ["20261121", "Signature", "top", "id=7"]) assert.notInclude(shown, hidden)
        assert.match(refusal.excerpt, /b\?<redacted>"}$/)
      }
    })
  )

  live("shows no secret in the name of an event", () =>
    Effect.gen(function* () {
      const key = "tlk-very-secret"
      const secrets = [Redacted.make(key)]
      const server = yield* serve((_, response) => {
        sse(response, `event: ${key}\u001b\ndata: ${server.requests.length === 1 ? "x" : "1"}\n\n`)
        response.end()
      })
      const parse = expectError((yield* observe(open(server.url, { secrets }))).error, "ParseError")
      const missing = expectError((yield* observe(open(server.url, { secrets }))).error, "MissingDoneError")
      assert.strictEqual(parse.eventName, "<redacted>\\u001b")
      assert.strictEqual(missing.lastEvent, "<redacted>\\u001b")
    })
  )

  live("tells that it is open, with status, headers and attempt", () =>
    Effect.gen(function* () {
      const opened = yield* Ref.make<ReadonlyArray<EventStream.Opened>>([])
      const server = yield* serve((_, response) => {
        response.setHeader("x-request-id", "r-1")
        sse(response, "data: 1\n\ndata: [DONE]\n\n")
      })
      yield* Stream.runDrain(open(server.url, { onOpen: (value) => Ref.update(opened, (all) => [...all, value]) }))
      const [first, ...more] = yield* Ref.get(opened)
      assert.lengthOf(more, 0)
      assert.strictEqual(first?.attempt, 1)
      assert.strictEqual(first?.headers["x-request-id"], "r-1")
    })
  )

  live("tries again what the vendor surely did not accept, and waits as long as it asks", () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const server = yield* serve((_, response) => {
        times.push(performance.now())
        if (times.length === 1) response.writeHead(429, { "retry-after": "1" }).end()
        else if (times.length === 2) response.writeHead(503).end()
        else sse(response, "data: 1\n\ndata: [DONE]\n\n")
      })
      const events = yield* Stream.runCollect(open(server.url, { retry: RetryPolicy.make({ base: 10 }) }))
      assert.deepStrictEqual(events, [1])
      assert.lengthOf(times, 3)
      // Timers may fire a little early.
      assert.isAtLeast(times[1]! - times[0]!, 990)
    })
  )

  live("does not try again what may have been accepted, unless the caller says so", () =>
    Effect.gen(function* () {
      const outcomes: ReadonlyArray<(response: ServerResponse) => void> = [
        (response) => response.writeHead(500).end(),
        (response) => response.writeHead(502).end(),
        (response) => response.socket?.resetAndDestroy(),
        (response) => {
          sse(response, ": accepted\n\n")
          setTimeout(() => response.socket?.resetAndDestroy(), 20)
        },
        (response) => {
          sse(response)
          response.end()
        }
      ]
      for (const outcome of outcomes) {
        const server = yield* serve((_, response) => {
          if (server.requests.length === 1) outcome(response)
          else sse(response, "data: 1\n\ndata: [DONE]\n\n")
        })
        const { error, events } = yield* observe(open(server.url))
        assert.isDefined(error)
        assert.deepStrictEqual(events, [])
        assert.lengthOf(server.requests, 1)
        server.requests.length = 0
        const retry = RetryPolicy.make({ retries: RetryPolicy.isTransient, base: 10 })
        assert.deepStrictEqual(yield* Stream.runCollect(open(server.url, { retry })), [1])
        assert.lengthOf(server.requests, 2)
        yield* server.allClosed
      }
    })
  )

  live("never tries again after the first event", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        sse(response, "data: 1\n\n")
        setTimeout(() => response.socket?.resetAndDestroy(), 20)
      })
      const { error, events } = yield* observe(
        open(server.url, { retry: RetryPolicy.make({ retries: () => true, base: 1 }) })
      )
      assert.deepStrictEqual(events, [1])
      expectError(error, "TransportError")
      assert.lengthOf(server.requests, 1)
    })
  )

  live("returns the error at once when the vendor asks for a longer wait than the cap", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(429, { "retry-after": "3600" }).end())
      const { error } = yield* observe(open(server.url))
      assert.strictEqual(expectError(error, "ApiError").retryAfterMillis, 3_600_000)
      assert.lengthOf(server.requests, 1)
    })
  )

  live("starts over when asked to, and says so first", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        sse(response, "data: 1\n\n", ...(server.requests.length < 3 ? [] : ["data: 2\n\ndata: [DONE]\n\n"]))
        if (server.requests.length < 3) response.end()
      })
      const policy = RetryPolicy.make({ retries: (error) => error._tag === "MissingDoneError", base: 10 })
      const { error, events } = yield* observe(open(server.url).pipe(EventStream.restarting(policy)))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        events.map((event) => (typeof event === "number" ? event : [event._tag, event.attempt, event.error._tag])),
        [1, ["Restarted", 1, "MissingDoneError"], 1, ["Restarted", 2, "MissingDoneError"], 1, 2]
      )
      for (const request of server.requests) assert.notProperty(request.headers, "last-event-id")
      yield* server.allClosed
    })
  )

  live("starts over no more often than the policy allows", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        sse(response, "data: 1\n\n")
        response.end()
      })
      const policy = RetryPolicy.make({ retries: (error) => error._tag === "MissingDoneError", base: 10, times: 1 })
      const { error, events } = yield* observe(open(server.url).pipe(EventStream.restarting(policy)))
      expectError(error, "MissingDoneError")
      assert.lengthOf(events, 3)
      assert.lengthOf(server.requests, 2)
    })
  )

  it.effect("is idle after 120 seconds by default, on any clock, and cancels the body", () =>
    Effect.gen(function* () {
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
        cancel: () => {
          cancelled = true
        }
      })
      const client = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.succeed(
            HttpClientResponse.fromWeb(
              request,
              new Response(body, { headers: { "content-type": "text/event-stream" } })
            )
          )
        )
      )
      const fiber = yield* observe(open("http://example.com")).pipe(Effect.provide(client), Effect.forkChild)
      yield* TestClock.adjust("119 seconds")
      assert.isFalse(cancelled)
      yield* TestClock.adjust("2 seconds")
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(events, [1])
      assert.strictEqual(expectError(error, "TransportError").reason, "IdleTimeout")
      assert.isTrue(cancelled)
    })
  )
})
