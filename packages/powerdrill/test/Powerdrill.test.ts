/** The client on real sockets: every fault that the emulator knows, and what becomes of the connection. */
import { type Connection, RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator, Fault, type Play, type Scenario } from "@effect-sse/emulator"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { type JobEvent, type JobReport, Powerdrill, SessionId } from "../src/index.ts"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici } as const

/** A client of the emulator under a play; without retries, which have their own test. */
const under = (
  play: Play.Play<Scenario.PowerdrillScenario>,
  options: Partial<Connection.Options> & { readonly http?: keyof typeof clients } = {}
) =>
  Layer.unwrap(
    Effect.map(Emulator, ({ powerdrill }) =>
      Powerdrill.layer({
        apiKey: powerdrill.apiKey,
        userId: powerdrill.userId,
        baseUrl: powerdrill.url(play),
        stream: { retry: RetryPolicy.none },
        call: { retry: RetryPolicy.none },
        ...options
      }).pipe(Layer.provide(clients[options.http ?? "fetch"]))
    )
  )

const request = Effect.map(Emulator, ({ powerdrill }) => ({
  sessionId: SessionId.make(powerdrill.sessionId),
  question: "Which agency is the dearest?"
}))

/** The events that came, and the error that ended them, if one did. */
const watch = (play: Parameters<typeof under>[0], options: Parameters<typeof under>[1] = {}) =>
  Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    const seen: Array<JobEvent.JobEvent> = []
    const error = yield* jobs.stream(yield* request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
      Effect.match({ onSuccess: () => undefined, onFailure: (error: StreamError.StreamError) => error })
    )
    return { seen, error }
  }).pipe(Effect.provide(under(play, options)))

const whole = Effect.map(watch({}), ({ seen }) => seen.map(({ _tag }) => _tag))

const idle = Effect.flatMap(Emulator, ({ awaitIdle }) => Effect.timeout(awaitIdle, "1 second"))

/** What each fault must become: nothing (a whole answer), or an error with these fields after this many events. */
type Expected = readonly [events: number | "all", error: Readonly<Record<string, unknown>> | undefined]

const expected: Readonly<Record<Fault.Fault, Expected>> = {
  cut: [3, { _tag: "MissingDoneError", events: 3, lastEvent: "TASK", terminalSeen: false }],
  "cut-mid-event": [3, { _tag: "MissingDoneError", events: 3 }],
  "cut-mid-character": [3, { _tag: "MissingDoneError", events: 3 }],
  reset: [3, { _tag: "TransportError", reason: "Reset", phase: "streaming" }],
  "reset-mid-event": [3, { _tag: "TransportError", reason: "Reset", phase: "streaming" }],
  silence: [3, { _tag: "TransportError", reason: "IdleTimeout", phase: "streaming" }],
  heartbeats: [3, { _tag: "TransportError", reason: "StallTimeout", phase: "streaming" }],
  malformed: [3, { _tag: "ParseError", stage: "json", eventNumber: 4, eventName: "MESSAGE" }],
  "wrong-shape": [3, { _tag: "ParseError", stage: "schema", eventNumber: 4, eventName: "MESSAGE" }],
  "stream-error": [3, { _tag: "ApiError", channel: "stream", kind: "Failed", detail: "Job execution failed" }],
  "error-mark": [3, { _tag: "ApiError", channel: "stream", kind: "Failed" }],
  "no-final-newline": ["all", undefined],
  "done-only": [3, undefined],
  "no-terminal": [3, undefined],
  "no-done": ["all", { _tag: "MissingDoneError", lastEvent: "SOURCES" }],
  "open-after-done": ["all", undefined],
  "huge-event": [3, { _tag: "ParseError", stage: "limit", eventNumber: 4 }],
  "retry-line": ["all", undefined],
  "bad-chunk": [3, { _tag: "TransportError", reason: "Framing", phase: "streaming" }],
  "wrong-length": [3, { _tag: "TransportError", phase: "streaming" }],
  crlf: ["all", undefined],
  bom: ["all", undefined],
  gzip: ["all", undefined],
  brotli: ["all", undefined],
  "bad-gzip": [3, { _tag: "TransportError", reason: "Encoding", phase: "streaming" }],
  unauthorized: [0, { _tag: "ApiError", kind: "Authentication", status: 401, code: "1003", channel: "status" }],
  forbidden: [0, { _tag: "ApiError", kind: "Authentication", status: 403, code: "1002", channel: "status" }],
  "not-found": [0, { _tag: "ApiError", kind: "NotFound", status: 404, code: "300003", channel: "status" }],
  "rate-limited": [0, { _tag: "ApiError", kind: "RateLimited", status: 429, code: "201", channel: "status" }],
  quota: [0, { _tag: "ApiError", kind: "QuotaExceeded", status: 400, code: "210021", channel: "status" }],
  "server-error": [0, { _tag: "ApiError", kind: "Server", status: 500, code: "9999", channel: "status" }],
  unavailable: [0, { _tag: "ApiError", kind: "Overloaded", status: 503, channel: "status" }],
  overloaded: [0, { _tag: "ApiError", kind: "Overloaded", status: 529, channel: "status" }],
  html: [0, { _tag: "ParseError", stage: "content" }],
  "json-error": [0, { _tag: "ApiError", kind: "PermissionDenied", status: 200, code: "300002", channel: "envelope" }],
  "json-no-type": [0, { _tag: "ApiError", kind: "PermissionDenied", status: 200, code: "300002", channel: "envelope" }],
  redirect: [0, { _tag: "TransportError", reason: "Redirect", phase: "connect" }],
  "slow-headers": [0, { _tag: "TransportError", reason: "ConnectTimeout", phase: "connect" }],
  "reset-before-headers": [0, { _tag: "TransportError", reason: "Reset", phase: "connect" }]
}

/** Each limit only where its fault needs it, so that none of them can save another one's test. */
const limits = (fault: Fault.Fault): Connection.StreamDefaults => {
  switch (fault) {
    case "silence":
      return { idleTimeout: "300 millis" }
    case "heartbeats":
      return { stallTimeout: "300 millis" }
    case "slow-headers":
      return { connectTimeout: "300 millis" }
    default:
      return {}
  }
}

for (const http of ["fetch", "undici"] as const) {
  layer(Emulator.layer(), { excludeTestServices: true })(`over ${http}`, (it) => {
    for (const fault of Fault.names) {
      const [events, error] = expected[fault]
      const what = error === undefined ? "a good end" : (error["_tag"] as string)
      it.effect(`${fault}: ${what} after ${events} events, and the connection is closed`, () =>
        Effect.gen(function* () {
          const all = yield* whole
          const result = yield* watch(
            { fault, after: 3, interval: 50 },
            { http, stream: { retry: RetryPolicy.none, ...limits(fault) } }
          )
          // Node's decompression drops what it has ready when it fails; fetch brings its own, which does not.
          const came = http === "undici" && fault === "bad-gzip" ? result.seen.length : events
          assert.deepStrictEqual(
            result.seen.map(({ _tag }) => _tag),
            came === "all" ? all : all.slice(0, came)
          )
          if (error === undefined) assert.isUndefined(result.error)
          else {
            assert.include(result.error as unknown as Record<string, unknown>, error)
            if (result.error?._tag === "MissingDoneError") {
              assert.match(result.error.ids["job"] ?? "", /^job-/)
              assert.isDefined(result.error.ids["trace"])
            }
            if (result.error?._tag === "ApiError") assert.isDefined(result.error.requestId)
          }
          yield* idle
        })
      )
    }
  })
}

layer(Emulator.layer(), { excludeTestServices: true })("a job", (it) => {
  for (const scenario of ["travel-prices", "chinese", "charts", "older", "sources-only"] as const) {
    it.effect(`${scenario}: the folded stream is the answer that is not streamed`, () =>
      Effect.gen(function* () {
        const { jobs } = yield* Powerdrill
        const streamed = yield* jobs.run(yield* request)
        const asked = yield* jobs.ask(yield* request)
        const essence = (report: JobReport.JobReport) =>
          report.blocks.map((block) => {
            switch (block._tag) {
              case "Message":
                return [block._tag, block.groupId, block.text]
              case "Code":
                return [block._tag, block.groupId, block.code]
              case "Table":
              case "Image":
              case "ChartInfo":
                return [block._tag, block.groupId, block.name, block.url.replace(/\?.*/, "")]
              case "Sources":
                return [block._tag, block.sources]
              case "Questions":
                return [block._tag, block.questions]
              case "Unknown":
                return [block._tag, block.name]
            }
          })
        assert.deepStrictEqual(essence(streamed), essence(asked))
        assert.isAbove(streamed.blocks.length, 0)
        assert.strictEqual(streamed.answer, asked.answer)
        assert.deepStrictEqual(
          [...streamed.tables, ...streamed.images].map(({ name }) => name),
          [...asked.tables, ...asked.images].map(({ name }) => name)
        )
      }).pipe(Effect.provide(under({ scenario })))
    )
  }

  it.effect("with hostile names, links and texts is data like any other, and ends at its mark", () =>
    Effect.gen(function* () {
      const report = yield* Powerdrill.use(({ jobs }) => Effect.flatMap(request, (request) => jobs.run(request)))
      assert.deepStrictEqual(
        report.groups.map(({ blocks, id }) => [id === "__proto__", blocks.length]),
        [
          [false, 16],
          [false, 1],
          [true, 1]
        ]
      )
      assert.include(report.answer, "[DONE]event:END_MARK\ndata:[DONE]\n\n")
      assert.include(
        report.images.map(({ url }) => url),
        "javascript:alert(1)"
      )
      assert.notProperty({}, "blocks")
    }).pipe(Effect.provide(under({ scenario: "hostile" })))
  )

  it.effect("is the same however its bytes are cut", () =>
    Effect.gen(function* () {
      const { seen } = yield* watch({ scenario: "chinese" })
      for (const chunk of [1, 7, 1024]) {
        const cut = yield* watch({ scenario: "chinese", chunk })
        const text = (events: ReadonlyArray<JobEvent.JobEvent>) =>
          events.map((event) => (event._tag === "Message" ? event.text : event._tag))
        assert.deepStrictEqual(text(cut.seen), text(seen))
      }
    })
  )

  it.effect("is asked for in a session that was created before", () =>
    Effect.gen(function* () {
      const { jobs, sessions } = yield* Powerdrill
      const sessionId = yield* sessions.create({ name: "Loans" })
      const report = yield* jobs.run({ sessionId, question: "Which?" })
      assert.isDefined(report.jobId)
      const error = yield* jobs.run({ sessionId: SessionId.make("none"), question: "Which?" }).pipe(Effect.flip)
      assert.include(error, { _tag: "ApiError", kind: "NotFound", channel: "envelope" })
    }).pipe(Effect.provide(under({})))
  )

  it.effect("with a question that is too long is refused by the vendor, before anything is charged", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const question = "x".repeat(6001)
      for (const effect of [jobs.run, jobs.ask]) {
        const error = yield* effect({ ...(yield* request), question }).pipe(Effect.flip)
        assert.include(error, { _tag: "ApiError", kind: "InvalidRequest", code: "210022" })
      }
    }).pipe(Effect.provide(under({})))
  )

  it.effect("that is not streamed fails as typed as a stream", () =>
    Effect.gen(function* () {
      for (const [fault, error] of [
        ["cut", { _tag: "ParseError" }],
        ["wrong-shape", { _tag: "ParseError", stage: "schema" }],
        ["reset", { _tag: "TransportError", reason: "Reset", phase: "body" }],
        ["silence", { _tag: "TransportError", reason: "IdleTimeout", phase: "body" }],
        ["quota", { _tag: "ApiError", kind: "QuotaExceeded", code: "210021" }],
        ["stream-error", { _tag: "ApiError", kind: "Failed", code: "210020", status: 500 }],
        ["json-error", { _tag: "ApiError", kind: "PermissionDenied", channel: "envelope" }],
        ["html", { _tag: "ParseError", stage: "content" }],
        ["slow-headers", { _tag: "TransportError", reason: "ConnectTimeout" }]
      ] as const) {
        const failure = yield* Powerdrill.use(({ jobs }) =>
          Effect.flatMap(request, (request) => Effect.flip(jobs.ask(request)))
        ).pipe(
          Effect.provide(
            under(
              { fault },
              { call: { retry: RetryPolicy.none, connectTimeout: "300 millis", idleTimeout: "300 millis" } }
            )
          )
        )
        assert.include(failure as unknown as Record<string, unknown>, error, fault)
        yield* idle
      }
    })
  )
})

layer(Emulator.layer(), { excludeTestServices: true })("a connection", (it) => {
  const ended = Effect.map(
    Effect.flatMap(Emulator, ({ requests }) => requests),
    (all) => all.at(-1)?.ended
  )

  it.effect("is closed when the consumer has enough", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const first = yield* jobs.stream(yield* request).pipe(Stream.take(2), Stream.runCollect)
      assert.strictEqual(first.length, 2)
      yield* idle
      assert.strictEqual(yield* ended, "closed by the client")
    }).pipe(Effect.provide(under({ fault: "silence", after: 5 })))
  )

  it.effect("is closed when the consumer fails or dies", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      for (const end of [Effect.fail("enough"), Effect.die("broken")]) {
        const exit = yield* Effect.exit(Stream.runForEach(jobs.stream(yield* request), () => end))
        assert.isTrue(Exit.isFailure(exit))
        yield* idle
        assert.strictEqual(yield* ended, "closed by the client")
      }
    }).pipe(Effect.provide(under({ fault: "silence", after: 5 })))
  )

  it.effect("holds 100 MB back while its consumer stalls", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const emulator = yield* Emulator
      const taken = Effect.map(emulator.requests, (all) => all.at(-1)?.bytesWritten ?? 0)
      const stalled = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(jobs.stream(yield* request), () =>
          Effect.andThen(Deferred.succeed(stalled, undefined), Effect.never)
        )
      )
      yield* Deferred.await(stalled)
      yield* Effect.sleep("500 millis")
      const before = yield* taken
      yield* Effect.sleep("500 millis")
      assert.strictEqual(yield* taken, before)
      assert.isBelow(before, 16_000_000)
      yield* Fiber.interrupt(fiber)
      yield* idle
      assert.strictEqual(yield* ended, "closed by the client")
    }).pipe(Effect.provide(under({ scenario: "flood" })))
  )

  it.effect("is closed when the consumer is interrupted, streaming or not", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { jobs } = yield* Powerdrill
      for (const effect of [jobs.run(yield* request), jobs.ask(yield* request)]) {
        const fiber = yield* Effect.forkChild(effect as Effect.Effect<unknown, unknown>)
        yield* Effect.repeat(Effect.sleep("10 millis"), {
          while: () => Effect.map(emulator.openConnections, (open) => open === 0)
        })
        yield* Fiber.interrupt(fiber)
        yield* idle
        assert.strictEqual(yield* ended, "closed by the client")
      }
    }).pipe(Effect.provide(under({ fault: "silence", after: 5 })))
  )

  it.effect("is not asked for again after the first event, and again before it only if nothing was accepted", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const count = Effect.map(emulator.requests, (all) => all.length)
      const attempts = (play: Parameters<typeof under>[0]) =>
        Effect.gen(function* () {
          const before = yield* count
          const base = Duration.millis(5)
          const { error } = yield* watch(play, { stream: { retry: RetryPolicy.make({ base }) } })
          return [(yield* count) - before, error?._tag]
        })
      assert.deepStrictEqual(yield* attempts({ fault: "reset", times: 1, id: "a" }), [1, "TransportError"])
      assert.deepStrictEqual(yield* attempts({ fault: "cut", after: 0, times: 1, id: "b" }), [1, "MissingDoneError"])
      assert.deepStrictEqual(yield* attempts({ fault: "server-error", times: 1, id: "c" }), [1, "ApiError"])
      assert.deepStrictEqual(yield* attempts({ fault: "quota", times: 1, id: "d" }), [1, "ApiError"])
      assert.deepStrictEqual(yield* attempts({ fault: "rate-limited", times: 2, id: "e" }), [3, undefined])
      assert.deepStrictEqual(yield* attempts({ fault: "unavailable", times: 1, id: "f" }), [2, undefined])
    })
  )
})

describe("options", () => {
  it.live("onOpen sees the response before its first event, with the id that errors carry", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const opened: Array<readonly [number, string | undefined]> = []
      const error = yield* jobs
        .run(yield* request, {
          onOpen: ({ headers, status }) => Effect.sync(() => opened.push([status, headers["x-pd-trace-id"]]))
        })
        .pipe(Effect.flip)
      assert.strictEqual(error._tag, "MissingDoneError")
      assert.deepStrictEqual(opened, [[200, error._tag === "MissingDoneError" ? error.ids["trace"] : "another error"]])
    }).pipe(Effect.provide(under({ fault: "cut" })), Effect.provide(Emulator.layer()))
  )

  it.live("of a call stand over the client's, and undefined in a call says nothing", () =>
    Effect.gen(function* () {
      const { jobs } = yield* Powerdrill
      const error = yield* jobs.run(yield* request, { stallTimeout: undefined }).pipe(Effect.flip)
      assert.include(error, { _tag: "TransportError", reason: "StallTimeout" })
      const other = yield* jobs
        .run(yield* request, { stallTimeout: "10 seconds", deadline: "200 millis" })
        .pipe(Effect.flip)
      assert.include(other, { _tag: "TransportError", reason: "Deadline" })
    }).pipe(
      Effect.provide(under({ fault: "heartbeats", interval: 20 }, { stream: { stallTimeout: "200 millis" } })),
      Effect.provide(Emulator.layer())
    )
  )
})
