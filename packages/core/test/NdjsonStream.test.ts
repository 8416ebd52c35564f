/** Streams of JSON lines through the engine: with an end mark and without one, labelled well and badly. */
import { Connection, EventStream, Ndjson, Protocol, RetryPolicy } from "@effect-sse/core"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Result, Schema, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { serve } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

/** `{"n":1}` is an event, `{"end":true}` the last one, `{"error":"…"}` a refusal. */
const lines = (endsWith: "mark" | "body"): Protocol.Protocol<unknown> => ({
  vendor: numbers.vendor,
  mediaTypes: ["application/x-ndjson"],
  isStream: Ndjson.looksLikeObjects,
  endsWith,
  makeDecoder: Ndjson.makeDecoder,
  session: () => {
    let lastEvent: string | undefined
    return {
      decode: (data) => {
        let json: Readonly<Record<string, unknown>>
        try {
          json = JSON.parse(data)
        } catch {
          return Protocol.malformed("json", "no JSON")
        }
        if (typeof json.error === "string") return Protocol.refused({ kind: "Failed", detail: json.error })
        lastEvent = Object.keys(json)[0]
        return json.end === true ? Protocol.doneWith(json) : json
      },
      summary: () => ({ lastEvent, ids: {}, terminalSeen: false })
    }
  }
})

interface Body {
  readonly chunks: ReadonlyArray<string | Uint8Array<ArrayBuffer>>
  readonly type?: string
}

const answering = ({ chunks, type = "application/x-ndjson" }: Body) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.sync(() => {
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
          start: (controller) => {
            for (const chunk of chunks) {
              controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk)
            }
            controller.close()
          }
        })
        const headers: Record<string, string> = type === "" ? {} : { "content-type": type }
        return HttpClientResponse.fromWeb(request, new Response(body, { headers }))
      })
    )
  )

const observe = <E>(stream: Stream.Stream<unknown, E, HttpClient.HttpClient>, body: Body) =>
  Effect.gen(function* () {
    const events: Array<unknown> = []
    const end = yield* stream.pipe(
      Stream.runForEach((event) => Effect.sync(() => events.push(event))),
      Effect.result
    )
    return { events, error: Result.isFailure(end) ? end.failure : undefined }
  }).pipe(Effect.provide(answering(body)))

const open = (endsWith: "mark" | "body", options?: EventStream.Options) =>
  EventStream.open(HttpClientRequest.get("http://127.0.0.1/"), lines(endsWith), options)

const one = '{"n":1}\n'
const end = '{"end":true}\n'

describe("a stream of lines with an end mark", () => {
  it.effect("delivers its last event and ends, with a line end behind it or without, and nothing after it", () =>
    Effect.gen(function* () {
      for (const text of [one + end, one + end.trim(), `${one}${end}${one}`, `\n${one}\r\n\r\n${end}`]) {
        const { error, events } = yield* observe(open("mark"), { chunks: [text] })
        assert.isUndefined(error, text)
        assert.deepStrictEqual(events, [{ n: 1 }, { end: true }])
      }
    })
  )

  it.effect("delivers a last line that is whole though its line end is missing, and then misses the mark", () =>
    Effect.gen(function* () {
      const { error, events } = yield* observe(open("mark"), { chunks: [one, '{"n":2}'] })
      assert.deepStrictEqual(events, [{ n: 1 }, { n: 2 }])
      assert(error?._tag === "MissingDoneError")
      assert.deepStrictEqual([error.events, error.bytes, error.lastEvent], [2, 15, "n"])
    })
  )

  it.effect("drops a line that is cut, and misses the mark", () =>
    Effect.gen(function* () {
      for (const onMalformed of ["fail", "emit"] as const) {
        const { error, events } = yield* observe(open("mark", { onMalformed }), { chunks: [one, '{"n":'] })
        assert.deepStrictEqual(events, [{ n: 1 }])
        assert.strictEqual(error?._tag, "MissingDoneError")
      }
    })
  )

  it.effect("fails as the vendor says in a last line without its line end", () =>
    Effect.gen(function* () {
      const { error, events } = yield* observe(open("mark"), { chunks: [one, '{"error":"no"}'] })
      assert.deepStrictEqual(events, [{ n: 1 }])
      assert(error?._tag === "ApiError")
      assert.deepStrictEqual([error.channel, error.detail], ["stream", "no"])
    })
  )
})

describe("a stream of lines without an end mark", () => {
  it.effect("ends with its body, also an empty one", () =>
    Effect.gen(function* () {
      for (const [text, expected] of [
        [`${one}${one}`, 2],
        [`${one}{"n":1}`, 2],
        ["", 0],
        ["\n", 0]
      ] as const) {
        const { error, events } = yield* observe(open("body"), { chunks: [text] })
        assert.isUndefined(error, text)
        assert.lengthOf(events, expected)
      }
    })
  )

  it.effect("fails with where it is when its last line is cut", () =>
    Effect.gen(function* () {
      const { error, events } = yield* observe(open("body"), { chunks: [one, '{"n"', ":"] })
      assert.deepStrictEqual(events, [{ n: 1 }])
      assert(error?._tag === "ParseError")
      assert.deepStrictEqual([error.stage, error.eventNumber, error.offset, error.excerpt], ["json", 2, 13, '{"n":'])
    })
  )

  it.effect("delivers a cut line as Malformed where that is asked for, and ends", () =>
    Effect.gen(function* () {
      const { error, events } = yield* observe(open("body", { onMalformed: "emit" }), { chunks: [one, '{"n":'] })
      assert.isUndefined(error)
      assert.deepStrictEqual(
        events.map((event) => (event as { readonly _tag?: string })._tag),
        [undefined, "Malformed"]
      )
    })
  )
})

describe("a stream that is told by how it begins", () => {
  it.effect("is read whatever its media type is, however it is cut", () =>
    Effect.gen(function* () {
      for (const type of ["", "text/plain", "application/json", "text/event-stream", "text/html"]) {
        for (const size of [1, 3, 100]) {
          const bytes = new TextEncoder().encode(`\ufeff \n${one}${end}`)
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.slice(i * size, (i + 1) * size)
          )
          const { error, events } = yield* observe(open("mark"), { chunks, type })
          assert.isUndefined(error, `${type} ${size}`)
          assert.deepStrictEqual(events, [{ n: 1 }, { end: true }])
        }
      }
    })
  )

  it.effect("is none where it begins as HTML or as a document over several lines do, however that is cut", () =>
    Effect.gen(function* () {
      for (const [text, tag] of [
        ["<html>\n", "ParseError"],
        ['[{"n":1}]', "ParseError"],
        ["Bad gateway", "ParseError"],
        ['{\n  "n": 1\n}', "ParseError"],
        ['{ \r\n  "error": "no"\n}', "ApiError"]
      ] as const) {
        for (const chunks of [[text], [...text]]) {
          const { error, events } = yield* observe(open("mark"), { chunks, type: "application/json" })
          assert.deepStrictEqual(events, [])
          assert(error?._tag === tag, `${text} ${chunks.length} ${error?.message}`)
          if (error._tag === "ParseError") assert.strictEqual(error.stage, "content")
          else assert.deepStrictEqual([error.channel, error.detail], ["envelope", "no"])
        }
      }
    })
  )

  it.effect("is one when it says nothing for long", () =>
    Effect.gen(function* () {
      const { error, events } = yield* observe(open("mark"), { chunks: ["\n".repeat(5000), one + end], type: "" })
      assert.isUndefined(error)
      assert.lengthOf(events, 2)
    })
  )

  it.effect("misses its mark when there is nothing in it, or half a line", () =>
    Effect.gen(function* () {
      for (const text of ["", " ", "{", '{"n'] as const) {
        const { error } = yield* observe(open("mark"), { chunks: [text], type: "" })
        assert.strictEqual(error?._tag, "MissingDoneError", text)
      }
    })
  )

  const utf8 = new TextEncoder()
  const body = utf8.encode(`\r\n${one}{"text":"pasta 🍝"}\r\n\n${end}`)
  const place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: body.length }))
  it.effect.prop("gives the same events for any cut", [Schema.Array(place), Schema.Boolean], ([cuts, labelled]) =>
    Effect.gen(function* () {
      const places = [0, ...[...cuts].sort((a, b) => a - b), body.length]
      const chunks = places.slice(1).map((end, i) => body.slice(places[i], end))
      const type = labelled ? "application/x-ndjson" : "application/octet-stream"
      const { error, events } = yield* observe(open("mark"), { chunks, type })
      assert.isUndefined(error)
      assert.deepStrictEqual(events, [{ n: 1 }, { text: "pasta 🍝" }, { end: true }])
    })
  )
})

for (const [name, client] of [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici]
] as const) {
  describe(`Connection.openGet over ${name}`, () => {
    const connect = (baseUrl: string) =>
      Connection.make({ vendor: numbers.vendor, baseUrl, headers: { "x-key": Redacted.make("KEY") } })

    it.live("sends a GET with the headers of the connection and no body, and again after a transient fault", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(server.requests.length === 1 ? 500 : 200, { "content-type": "application/x-ndjson" })
          response.end(one)
        })
        const connection = yield* connect(server.url)
        const retry = RetryPolicy.make({ retries: RetryPolicy.isTransient, base: "10 millis" })
        const quick = Connection.openGet(connection, Result.succeed("/lines"), lines("body"), { retry })
        assert.deepStrictEqual(yield* Stream.runCollect(quick), [{ n: 1 }])
        assert.deepStrictEqual(
          server.requests.map(({ headers, method, url }) => [method, url, headers["x-key"], headers["content-length"]]),
          [
            ["GET", "/lines", "KEY", undefined],
            ["GET", "/lines", "KEY", undefined]
          ]
        )
      }).pipe(Effect.provide(client))
    )

    it.live("is tried again by itself", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(server.requests.length === 1 ? 502 : 200, { "content-type": "application/x-ndjson" })
          response.end(one)
        })
        const connection = yield* connect(server.url)
        yield* Stream.runDrain(Connection.openGet(connection, Result.succeed("/lines"), lines("body")))
        assert.lengthOf(server.requests, 2)
      }).pipe(Effect.provide(client))
    )

    it.live("takes an answer without a body for one with no lines, and for one without its end mark", () =>
      Effect.gen(function* () {
        for (const status of [200, 204]) {
          const server = yield* serve((_, response) =>
            response.writeHead(status, { "content-type": "application/x-ndjson" }).end()
          )
          const connection = yield* connect(server.url)
          const path = Result.succeed("/lines")
          assert.deepStrictEqual(yield* Stream.runCollect(Connection.openGet(connection, path, lines("body"))), [])
          const retry = RetryPolicy.none
          const error = yield* Effect.flip(
            Stream.runDrain(Connection.openGet(connection, path, lines("mark"), { retry }))
          )
          assert.strictEqual(error._tag, "MissingDoneError")
        }
      }).pipe(Effect.provide(client))
    )

    it.live("sends nothing where there is no path", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => void response.end())
        const connection = yield* connect(server.url)
        const error = yield* Effect.flip(
          Stream.runDrain(Connection.openGet(connection, Result.fail("no id"), lines("body")))
        )
        assert(error._tag === "TransportError")
        assert.deepStrictEqual([error.reason, error.method, error.detail], ["InvalidRequest", "GET", "no id"])
        assert.lengthOf(server.requests, 0)
      }).pipe(Effect.provide(client))
    )
  })
}
