import { ApiClient, Connection, type JsonCall, RetryPolicy, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema, type Scope } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import type * as Http from "node:http"
import { serve } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

const Note = Schema.Struct({ noteId: Schema.String, text: Schema.String }).pipe(
  Schema.encodeKeys({ noteId: "note_id" })
)

const Notes = HttpApi.make("notes").add(
  HttpApiGroup.make("notes").add(
    HttpApiEndpoint.get("get", "/notes/:id", {
      params: { id: Schema.String.check(Schema.isPattern(/^(?!\.{1,2}$)[^]+$/)) },
      query: { page: Schema.optional(Schema.Int) },
      success: Note
    }),
    HttpApiEndpoint.post("add", "/notes", {
      payload: Schema.Struct({ noteText: Schema.String.check(Schema.isMaxLength(10)) }).pipe(
        Schema.encodeKeys({ noteText: "note_text" })
      ),
      success: Note
    }),
    HttpApiEndpoint.delete("delete", "/notes/:id", {
      params: { id: Schema.String },
      payload: Schema.Struct({ why: Schema.String }),
      success: Schema.Struct({})
    }),
    HttpApiEndpoint.delete("forget", "/memory/:id", {
      params: { id: Schema.String },
      success: HttpApiSchema.NoContent
    }),
    HttpApiEndpoint.post("make", "/made", { success: Note.pipe(HttpApiSchema.status(201)) }),
    HttpApiEndpoint.patch("change", "/notes/:id", {
      params: { id: Schema.String },
      payload: Schema.Struct({
        text: Schema.optional(Schema.String),
        tags: Schema.optional(Schema.Record(Schema.String, Schema.NullOr(Schema.String))),
        place: Schema.optional(Schema.Struct({ shelf: Schema.optional(Schema.Int) }))
      }),
      success: Note
    }),
    HttpApiEndpoint.post("search", "/search", { success: Note }).annotate(ApiClient.Idempotent, true)
  )
)

const key = Redacted.make("key-1234567890")

const clientOf = (url: string, call?: JsonCall.Options) =>
  Connection.make({ vendor: numbers.vendor, baseUrl: `${url}/v1`, headers: { "x-key": key }, call }).pipe(
    Effect.flatMap((connection) => ApiClient.make(Notes, connection))
  )

const note = { note_id: "n1", text: "hello", more: "ignored" }

const json =
  (status: number, body: unknown): Http.RequestListener =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))

/** Keeps what came, and answers with the note. */
const recorder = () => {
  const bodies: Array<string> = []
  const listener: Http.RequestListener = (request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => (body += text))
    request.on("end", () => {
      bodies.push(body)
      json(200, note)(request, response)
    })
  }
  return { bodies, listener }
}

const live = (promise: string, test: () => Effect.Effect<void, unknown, HttpClient.HttpClient | Scope.Scope>) =>
  it.live(promise, () => Effect.provide(test(), FetchHttpClient.layer))

describe("ApiClient", () => {
  live("sends what the declaration says, below the base URL's path and with the key, and decodes the answer", () =>
    Effect.gen(function* () {
      const { bodies, listener } = recorder()
      const server = yield* serve(listener)
      const client = yield* clientOf(server.url)
      const read = yield* client.call(({ notes }) => notes.get({ params: { id: "a/b ?" }, query: { page: 2 } }))
      assert.deepStrictEqual(read, { noteId: "n1", text: "hello" })
      yield* client.call(({ notes }) => notes.add({ payload: { noteText: "hi" } }))
      yield* client.call(({ notes }) => notes.delete({ params: { id: "n1" }, payload: { why: "old" } }))
      const [first, second, third] = server.requests
      assert.deepStrictEqual([first!.method, first!.url], ["GET", "/v1/notes/a%2Fb%20%3F?page=2"])
      assert.deepStrictEqual([second!.method, second!.url, bodies[1]], ["POST", "/v1/notes", '{"note_text":"hi"}'])
      assert.deepStrictEqual([third!.method, third!.url, bodies[2]], ["DELETE", "/v1/notes/n1", '{"why":"old"}'])
      for (const request of server.requests) assert.strictEqual(request.headers["x-key"], Redacted.value(key))
      assert.notProperty(first!.headers, "traceparent")
      assert.notProperty(first!.headers, "b3")
      yield* server.allClosed
    })
  )

  live("fails with ApiError at a refusal, by status or under HTTP 200", () =>
    Effect.gen(function* () {
      for (const [status, channel] of [
        [404, "status"],
        [200, "envelope"]
      ] as const) {
        const server = yield* serve(json(status, { error: "no such note" }))
        const client = yield* clientOf(server.url)
        const error = yield* Effect.flip(client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} })))
        assert.strictEqual(error._tag, "ApiError")
        const { channel: came, detail, method, url } = error as StreamError.ApiError
        assert.deepStrictEqual([came, detail], [channel, "no such note"])
        assert.deepStrictEqual([method, url], ["GET", `${server.url}/v1/notes/n`])
      }
    })
  )

  live("fails with ParseError when the answer is another one than declared, and shows it without the key", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(200, { note_id: 7, text: Redacted.value(key) }))
      const client = yield* clientOf(server.url)
      const error = yield* Effect.flip(client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} })))
      assert.strictEqual(error._tag, "ParseError")
      const { excerpt, issue, stage } = error as StreamError.ParseError
      assert.strictEqual(stage, "schema")
      assert.include(issue, "note_id")
      assert.include(excerpt, "<redacted>")
      assert.notInclude(JSON.stringify(error) + error.message, Redacted.value(key))
    })
  )

  live("sends nothing when the request is not what the API takes, and names the place without its value", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(200, note))
      const client = yield* clientOf(server.url)
      const long = yield* Effect.flip(
        client.call(({ notes }) => notes.add({ payload: { noteText: "a secret that is too long" } }))
      )
      assert.strictEqual(long._tag, "TransportError")
      assert.strictEqual((long as StreamError.TransportError).reason, "InvalidRequest")
      assert.include(long.message, "noteText")
      assert.notInclude(JSON.stringify(long) + long.message, "secret")
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(client.call(({ notes }) => notes.get({ params: { id }, query: {} })))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
      assert.lengthOf(server.requests, 0)
    })
  )

  live("tries a GET again after a fault, and a POST only when it was surely not accepted", () =>
    Effect.gen(function* () {
      let faults = 2
      const server = yield* serve((request, response) =>
        faults-- > 0 ? json(500, { down: true })(request, response) : json(200, note)(request, response)
      )
      const retry = RetryPolicy.make({ retries: RetryPolicy.isTransient, base: "1 millis" })
      const client = yield* clientOf(server.url)
      yield* client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }))
      assert.lengthOf(server.requests, 3)
      faults = 1
      const error = yield* Effect.flip(client.call(({ notes }) => notes.add({ payload: { noteText: "hi" } })))
      assert.strictEqual((error as StreamError.ApiError).status, 500)
      assert.lengthOf(server.requests, 4)
      faults = 1
      yield* client.call(({ notes }) => notes.add({ payload: { noteText: "hi" } }), { retry })
      assert.lengthOf(server.requests, 6)
    })
  )

  live("tries again what may be asked twice: a DELETE, and a POST that is declared so", () =>
    Effect.gen(function* () {
      let faults = 1
      const server = yield* serve((request, response) =>
        faults-- > 0 ? json(500, { down: true })(request, response) : json(200, note)(request, response)
      )
      const client = yield* clientOf(server.url)
      yield* client.call(({ notes }) => notes.search())
      assert.lengthOf(server.requests, 2)
      faults = 1
      yield* client.call(({ notes }) => notes.forget({ params: { id: "n" } }))
      assert.lengthOf(server.requests, 4)
    })
  )

  live("takes any good status for the declared one", () =>
    Effect.gen(function* () {
      for (const status of [200, 201, 202]) {
        const server = yield* serve(json(status, note))
        const client = yield* clientOf(server.url)
        assert.strictEqual((yield* client.call(({ notes }) => notes.make())).noteId, "n1")
        const read = yield* client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }))
        assert.strictEqual(read.noteId, "n1")
      }
    })
  )

  live("takes any good answer where none is declared, with a body or without, but not a page from elsewhere", () =>
    Effect.gen(function* () {
      const forget = (listener: Http.RequestListener) =>
        Effect.gen(function* () {
          const server = yield* serve(listener)
          const client = yield* clientOf(server.url)
          return yield* client.call(({ notes }) => notes.forget({ params: { id: "n" } }))
        })
      yield* forget((_, response) => response.writeHead(204).end())
      yield* forget((_, response) => response.writeHead(200).end())
      yield* forget((_, response) => response.writeHead(202, { "content-type": "application/json" }).end(" \n"))
      yield* forget(json(200, { deleted: true }))
      yield* forget(json(200, { error: "none, it is gone" }))
      yield* forget((_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("OK"))
      const error = yield* Effect.flip(
        forget((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"))
      )
      assert.strictEqual((error as StreamError.ParseError).stage, "content")
    })
  )

  live("fails with ParseError when a declared answer has no body", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(200).end())
      const client = yield* clientOf(server.url)
      const error = yield* Effect.flip(client.call(({ notes }) => notes.make()))
      assert.strictEqual((error as StreamError.ParseError).stage, "content")
    })
  )

  live("leaves out what is undefined, and sends null where it is given", () =>
    Effect.gen(function* () {
      const { bodies, listener } = recorder()
      const server = yield* serve(listener)
      const client = yield* clientOf(server.url)
      const payload = { text: undefined, tags: { old: null }, place: { shelf: undefined } }
      yield* client.call(({ notes }) => notes.change({ params: { id: "n" }, payload }))
      assert.deepStrictEqual(bodies, ['{"tags":{"old":null},"place":{}}'])
    })
  )

  live("shows each good answer as it came, with the fields that the declaration does not know", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(200, note))
      const client = yield* clientOf(server.url)
      const seen: Array<unknown> = []
      const onAnswer: JsonCall.Options["onAnswer"] = ({ json, status }) => Effect.sync(() => seen.push([status, json]))
      yield* client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }), { onAnswer })
      assert.deepStrictEqual(seen, [[200, note]])
    })
  )

  live("keeps its own defaults where the client's say nothing", () =>
    Effect.gen(function* () {
      let faults = 1
      const server = yield* serve((request, response) =>
        faults-- > 0 ? json(500, { down: true })(request, response) : json(200, note)(request, response)
      )
      const client = yield* clientOf(server.url, { retry: undefined })
      yield* client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }))
      assert.lengthOf(server.requests, 2)
    })
  )

  live("fails with TransportError where the base URL is none", () =>
    Effect.gen(function* () {
      const client = yield* clientOf("no url")
      const error = yield* Effect.flip(client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} })))
      assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
    })
  )

  live("takes the client's defaults, and a call's options before them", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(500, { down: true }))
      const client = yield* clientOf(server.url, { retry: RetryPolicy.none })
      const get = (options?: JsonCall.Options) =>
        Effect.flip(client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }), options))
      yield* get()
      assert.lengthOf(server.requests, 1)
      yield* get({ retry: RetryPolicy.make({ retries: () => true, times: 1, base: "1 millis" }) })
      assert.lengthOf(server.requests, 3)
    })
  )

  live("bounds the answer, and closes the connection of one that is too large", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(200, { ...note, text: "x".repeat(5000) }))
      const client = yield* clientOf(server.url)
      const error = yield* Effect.flip(
        client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }), { maxBodySize: 1000 })
      )
      assert.strictEqual((error as StreamError.ParseError).limit?.option, "maxBodySize")
      yield* server.allClosed
    })
  )

  live("runs two calls of one client at once without mixing up their options", () =>
    Effect.gen(function* () {
      const server = yield* serve(json(200, { ...note, text: "x".repeat(5000) }))
      const client = yield* clientOf(server.url)
      const get = client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }))
      const small = client.call(({ notes }) => notes.get({ params: { id: "n" }, query: {} }), { maxBodySize: 10 })
      const [whole, error] = yield* Effect.all([get, Effect.flip(small)], { concurrency: 2 })
      assert.lengthOf(whole.text, 5000)
      assert.strictEqual(error._tag, "ParseError")
    })
  )
})
