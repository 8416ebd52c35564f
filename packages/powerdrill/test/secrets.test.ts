/** The key is in the header of a request and nowhere else: not in an error, a log, a span, or what `inspect` shows. */
import { RetryPolicy } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Formatter, Layer, Logger, Redacted, References, Stream, Tracer } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { inspect } from "node:util"
import { Connection, Jobs, Powerdrill } from "../src/index.ts"
import { bytesOf, request } from "./Fixture.ts"

const key = "proj-very-secret-7f3a"
const user = "tmm-very-secret-user"

/** Everything that is said of a value, in every way that a program has of saying it. */
const allOf = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    String(value),
    Formatter.format(value),
    value instanceof Error ? `${value.message} ${value.stack}` : "",
    Exit.isExit(value) && Exit.isFailure(value) ? Cause.pretty(value.cause) : "",
    (() => {
      try {
        return JSON.stringify(value) ?? ""
      } catch {
        return ""
      }
    })()
  ].join("\n")

/** A service that says the key back, in a header, a body and an event, and a client whose user logs all requests. */
const echoing = (body: string | Uint8Array<ArrayBuffer>, status = 200, contentType = "text/event-stream") =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.as(
        Effect.logInfo("sending", request, request.headers),
        HttpClientResponse.fromWeb(
          request,
          new Response(body, { status, headers: { "content-type": contentType, "x-pd-trace-id": `trace ${key}` } })
        )
      )
    )
  )

const options: Connection.Options = {
  apiKey: Redacted.make(key),
  userId: Redacted.make(user),
  stream: { retry: RetryPolicy.none },
  call: { retry: RetryPolicy.none }
}

/** Runs both ways of asking and hands back all that was observed. */
const observed = (http: Layer.Layer<HttpClient.HttpClient>) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const loggers = [
      Logger.make(({ message }) => said.push(allOf(message), Formatter.format(message))),
      Logger.map(Logger.formatLogFmt, (line) => said.push(line)),
      Logger.map(Logger.formatJson, (line) => said.push(line)),
      Logger.map(Logger.formatStructured, (entry) => said.push(inspect(entry, { depth: 12 })))
    ]
    const exits = yield* Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const runs = [
        Stream.runCollect(jobs.stream(request, { onMalformed: "emit" })),
        jobs.run(request),
        jobs.ask(request)
      ]
      return yield* Effect.forEach(runs, (run) =>
        Effect.exit(
          Effect.tapCause(run as Effect.Effect<unknown, unknown>, (cause) => Effect.logError("failed", cause))
        )
      )
    }).pipe(
      Effect.provide(Powerdrill.layer(options).pipe(Layer.provide(http))),
      Effect.provide(Logger.layer(loggers)),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.withTracer(tracer)
    )
    for (const span of spans) said.push(span.name, inspect(span.attributes), inspect(span.status, { depth: 8 }))
    return { exits, said: said.join("\n"), spans }
  })

describe("the key", () => {
  const streamOf = (text: string) => `event:JOB_ID\ndata:job-1\n\n${text}`
  const cases: ReadonlyArray<readonly [string, Layer.Layer<HttpClient.HttpClient>]> = [
    ["a refusal", echoing(JSON.stringify({ code: 1004, msg: `bad key ${key} of ${user}` }), 403, "application/json")],
    ["a refusal under HTTP 200", echoing(JSON.stringify({ code: `x${key}`, msg: user }), 200, "application/json")],
    ["a page", echoing(`<html>${key} ${user}</html>`, 200, "text/html")],
    ["an error in the stream", echoing(streamOf(`event:ERROR\ndata:no ${key} for ${user}\n\n`))],
    ["broken JSON", echoing(streamOf(`event:MESSAGE\ndata:{"${key}" ${user}\n\n`))],
    ["a wrong shape", echoing(streamOf(`event:MESSAGE\ndata:{"choices":"${key} ${user}"}\n\n`))],
    ["a stream that is cut", echoing(streamOf("event:MESSAGE\n"))],
    ["a good answer", echoing(bytesOf("library-loans.sse"))]
  ]

  for (const [name, http] of cases) {
    it.effect(`is not shown by ${name}: not by errors, logs or spans`, () =>
      Effect.gen(function* () {
        const { exits, said, spans } = yield* observed(http)
        assert.include(said, "x-pd-api-key", "the user's log shows the request's headers")
        assert.isAbove(spans.length, 0)
        for (const text of [said, ...exits.map(allOf)]) assert.notInclude(text, key)
        // The user's own log of a request has its body in it.
        for (const text of exits.map(allOf)) assert.notInclude(text, user)
      })
    )
  }

  it.effect("is not shown by the service, its parts, or a stream that was not run", () =>
    Effect.gen(function* () {
      const http = echoing(bytesOf("library-loans.sse"))
      const service = yield* Effect.service(Powerdrill).pipe(
        Effect.provide(Powerdrill.layer(options).pipe(Layer.provide(http)))
      )
      const connection = yield* Connection.make(options).pipe(Effect.provide(http))
      const layer = Powerdrill.layer(options)
      const parts = [service, connection, Jobs.make(connection), service.jobs.stream(request), options, layer]
      for (const part of parts) {
        const text = allOf(part)
        assert.notInclude(text, key)
        assert.notInclude(text, user)
      }
    })
  )
})
