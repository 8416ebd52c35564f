/** On real sockets, against the emulator. */
import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { Duration, Effect, Exit, Layer, Redacted, Result, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Emulator, Fault, type Play } from "@effect-sse/emulator"
import { RetryPolicy, type StreamError } from "@effect-sse/core"
import {
  type Connection,
  KnowledgeStoreId,
  Response,
  type ResponseEvent,
  ResponseFold,
  type ResponseRequest,
  TwelveLabs
} from "@effect-sse/twelvelabs"

type Options = Partial<Connection.Options>
type Use<A, E> = (client: TwelveLabs["Service"], request: ResponseRequest.ResponseRequest) => Effect.Effect<A, E>

const transports = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici }

/** Runs a program against an emulator of its own, and checks that nothing stays open. */
const withPlay = <A, E>(
  play: Play.Play<never> | { readonly scenario: string },
  use: Use<A, E>,
  options: Options & { readonly transport?: keyof typeof transports } = {}
) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const { transport = "fetch", ...rest } = options
    const client = TwelveLabs.layer({
      apiKey: emulator.twelvelabs.apiKey,
      baseUrl: emulator.twelvelabs.url(play as Play.Play<never>),
      ...rest
    }).pipe(Layer.provide(transports[transport]), Layer.orDie)
    const result = yield* TwelveLabs.use((client) =>
      use(client, {
        knowledgeStoreId: KnowledgeStoreId.make(emulator.twelvelabs.knowledgeStoreId),
        input: "How are kites built?",
        include: ["intermediate_outputs"]
      })
    ).pipe(Effect.provide(client))
    yield* emulator.awaitIdle.pipe(Effect.timeout("1 second"))
    return { result, requests: yield* emulator.requests }
  }).pipe(Effect.provide(Emulator.layer()))

/** The events up to the end, and how it ended. */
const watch: Use<
  { readonly seen: ReadonlyArray<ResponseEvent.ResponseEvent>; readonly error: StreamError.StreamError | undefined },
  never
> = (client, request) =>
  Effect.gen(function* () {
    const seen: Array<ResponseEvent.ResponseEvent> = []
    const end = yield* client.responses.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
      Effect.result
    )
    return { seen, error: Result.isFailure(end) ? end.failure : undefined }
  })

const tags = (events: ReadonlyArray<{ readonly _tag: string }>) => events.map((event) => event._tag)

const good = Effect.map(withPlay({}, watch), ({ result }) => tags(result.seen))

/** What a fault must lead to, in a word or two; `"good"` where it must not be noticed. */
const outcomes: Record<Fault.Fault, string> = {
  cut: "MissingDoneError",
  "cut-mid-event": "MissingDoneError",
  "cut-mid-character": "MissingDoneError",
  reset: "TransportError Reset streaming",
  "reset-mid-event": "TransportError Reset streaming",
  silence: "TransportError IdleTimeout streaming",
  heartbeats: "TransportError StallTimeout streaming",
  malformed: "ParseError json",
  "wrong-shape": "ParseError schema",
  "stream-error": "ApiError Failed stream",
  "error-mark": "ApiError Failed stream",
  "no-final-newline": "good",
  "done-only": "ParseError schema",
  "no-terminal": "ParseError schema",
  "no-done": "MissingDoneError",
  "open-after-done": "good",
  "huge-event": "ParseError limit",
  "retry-line": "good",
  "bad-chunk": "TransportError Framing streaming",
  "wrong-length": "TransportError Reset streaming",
  crlf: "good",
  bom: "good",
  gzip: "good",
  brotli: "good",
  "bad-gzip": "TransportError Encoding streaming",
  unauthorized: "ApiError Authentication status",
  forbidden: "ApiError PermissionDenied status",
  "not-found": "ApiError NotFound status",
  "rate-limited": "ApiError RateLimited status",
  quota: "ApiError QuotaExceeded status",
  "server-error": "ApiError Server status",
  unavailable: "ApiError Overloaded status",
  overloaded: "ApiError Overloaded status",
  html: "ParseError content",
  "json-error": "ApiError Unknown envelope",
  "json-no-type": "ApiError Unknown envelope",
  redirect: "TransportError Redirect connect",
  "slow-headers": "TransportError ConnectTimeout connect",
  "reset-before-headers": "TransportError Reset connect"
}

const inAWord = (error: StreamError.StreamError | undefined): string => {
  switch (error?._tag) {
    case undefined:
      return "good"
    case "MissingDoneError":
      return error._tag
    case "ParseError":
      return `${error._tag} ${error.stage}`
    case "ApiError":
      return `${error._tag} ${error.kind} ${error.channel}`
    case "TransportError":
      return `${error._tag} ${error.reason} ${error.phase}`
  }
}

/** How many events come whole before a fault strikes after four; `undefined` for all of them. */
const eventsBefore = (fault: Fault.Fault): number | undefined => {
  if (fault === "done-only" || fault === "no-terminal") return -1
  if (outcomes[fault] === "good" || fault === "no-done") return undefined
  return Fault.placeOf(fault) === "answer" ? 0 : 4
}

const limits = {
  connectTimeout: "500 millis",
  idleTimeout: "500 millis",
  stallTimeout: "500 millis",
  maxEventSize: 1_000_000,
  retry: RetryPolicy.none
} as const

describe("every fault becomes its outcome, after exactly the events that came whole", () => {
  for (const transport of ["fetch", "undici"] as const) {
    for (const fault of Fault.names) {
      it.live(`${fault} (${transport})`, () =>
        Effect.gen(function* () {
          const play = { fault, after: 4, interval: 50, bytes: 4_000_000 }
          const { result } = yield* withPlay(play, watch, { transport, stream: limits })
          assert.strictEqual(inAWord(result.error), outcomes[fault], result.error?.message)
          const expected = (yield* good).slice(0, eventsBefore(fault))
          // A decompressor that fails drops what it had decompressed and nobody had read yet.
          const lost = fault === "bad-gzip" ? Math.max(0, expected.length - result.seen.length) : 0
          assert.deepStrictEqual(tags(result.seen), expected.slice(0, expected.length - lost))
          if (result.error?._tag === "MissingDoneError") {
            assert.strictEqual(result.error.terminalSeen, fault === "no-done")
            assert.strictEqual(result.error.events, result.seen.length)
            assert.match(result.error.ids["response"]!, /^resp_/)
            assert.match(result.error.ids["session"]!, /^sess_/)
          }
        })
      )
    }
  }
})

describe("scenarios", () => {
  const folded: Use<Response.Response | undefined, StreamError.StreamError> = (client, request) =>
    client.responses.stream(request).pipe(
      ResponseFold.run,
      Effect.map((fold) => fold.response())
    )

  /** What differs between two requests for the same. */
  const comparable = ({ output, status, usage, incompleteDetails, ...response }: Response.Response) => ({
    output: JSON.parse(
      JSON.stringify(output)
        .replaceAll(/sess_[0-9a-f-]+/g, "sess")
        .replaceAll(/https?:[^"]+/g, "url")
    ),
    status,
    usage,
    incompleteDetails,
    knowledgeStoreId: response.knowledgeStoreId,
    text: Response.text({ output })
  })

  for (const scenario of [
    "videos",
    "structured",
    "incomplete",
    "unknown-events",
    "no-event-lines",
    "done-in-text",
    "long"
  ]) {
    it.live(`the fold, run and create agree (${scenario})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay({ scenario }, (client, request) =>
          Effect.all([folded(client, request), client.responses.run(request), client.responses.create(request)])
        )
        const [fold, run, create] = result
        assert.deepStrictEqual(comparable(fold!), comparable(create))
        assert.deepStrictEqual(comparable(run), comparable(create))
        assert.strictEqual(run.status, scenario === "incomplete" ? "incomplete" : "completed")
        for (const { annotation, marker } of Response.citations(run)) {
          assert.match(marker, /^\[\d\]$/, JSON.stringify(annotation))
        }
      })
    )
  }

  for (const scenario of ["failed", "error-event", "nested-error-event"]) {
    it.live(`stream, run and create fail alike (${scenario})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay({ scenario }, (client, request) =>
          Effect.all([
            Effect.flip(folded(client, request)),
            Effect.flip(client.responses.run(request)),
            Effect.flip(client.responses.create(request))
          ])
        )
        for (const error of result) {
          assert(error._tag === "ApiError")
          assert.strictEqual(error.code?.toLowerCase(), "generic_error")
        }
        assert.strictEqual(result[0]._tag === "ApiError" && result[0].kind, "Failed")
      })
    )
  }

  it.live("a conversation goes on in its session", () =>
    Effect.gen(function* () {
      const { result, requests } = yield* withPlay({}, (client, request) =>
        Effect.gen(function* () {
          const first = yield* client.responses.run(request)
          const second = yield* client.responses.run({ ...request, sessionId: first.sessionId })
          return [first.sessionId, second.sessionId]
        })
      )
      assert.strictEqual(result[0], result[1])
      assert.strictEqual(JSON.parse(requests[1]!.body).session_id, result[0])
    })
  )
})

describe("create", () => {
  for (const [fault, outcome] of Object.entries(outcomes) as ReadonlyArray<[Fault.Fault, string]>) {
    if (Fault.placeOf(fault) !== "answer" || fault === "slow-headers") continue
    it.live(`fails in the same way as a stream (${fault})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay(
          { fault },
          (client, request) => Effect.flip(client.responses.create(request)),
          {
            call: { retry: RetryPolicy.none }
          }
        )
        assert.strictEqual(inAWord(result), outcome, result.message)
      })
    )
  }

  for (const body of ["vendor", "nested", "old", "empty", "html"] as const) {
    it.live(`understands a refusal's body, or does without (${body})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay({ fault: "unauthorized", body }, (client, request) =>
          Effect.all([Effect.flip(client.responses.create(request)), Effect.flip(client.responses.run(request))])
        )
        for (const error of result) {
          assert(error._tag === "ApiError")
          assert.strictEqual(error.kind, "Authentication")
          assert.strictEqual(error.status, 401)
        }
      })
    )
  }
})

describe("retry and options", () => {
  it.live("waits as long as the vendor says, then tries again", () =>
    Effect.gen(function* () {
      const play = { fault: "rate-limited", times: 1, retryAfter: 1, id: "retry" } as const
      const { requests } = yield* withPlay(play, (client, request) => client.responses.run(request))
      assert.strictEqual(requests.length, 2)
      assert.isAtLeast(requests[1]!.receivedAt - requests[0]!.receivedAt, 900)
    })
  )

  it.live("does not repeat what may have been charged", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({ fault: "server-error", times: 1 }, watch)
      assert.strictEqual(requests.length, 1)
    })
  )

  it.live("returns a quota that is used up at once, with the time of its reset", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* withPlay({ fault: "quota" }, watch)
      assert.strictEqual(requests.length, 1)
      assert(result.error?.retryAfter !== undefined)
      assert.isAbove(Duration.toHours(result.error.retryAfter), 23)
    })
  )

  it.live("lets a call's options win over the client's, and undefined mean nothing", () =>
    Effect.gen(function* () {
      const ask =
        (idleTimeout: Duration.Input | undefined): Use<StreamError.StreamError, unknown> =>
        (client, request) =>
          Effect.flip(client.responses.run(request, { idleTimeout }))
      const options = { stream: { idleTimeout: "200 millis" } } as const
      const own = yield* withPlay({ fault: "silence" }, ask("400 millis"), options)
      assert.include(own.result.message, "400ms")
      const defaults = yield* withPlay({ fault: "silence" }, ask(undefined), options)
      assert.include(defaults.result.message, "200ms")
    })
  )

  it.live("sends nothing before it is run, and anew each time", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* withPlay({}, (client, request) =>
        Effect.gen(function* () {
          const stream = client.responses.stream(request)
          const [first, second] = yield* Effect.all([Stream.runCount(stream), Stream.runCount(stream)], {
            concurrency: "unbounded"
          })
          return [first, second]
        })
      )
      assert.strictEqual(requests.length, 2)
      assert.strictEqual(result[0], result[1])
    })
  )
})

describe("closing", () => {
  const longOne = { scenario: "long", pace: "realistic" } as const

  it.live("take closes the connection", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* withPlay(longOne, (client, request) =>
        client.responses.stream(request).pipe(Stream.take(3), Stream.runCollect)
      )
      assert.strictEqual(result.length, 3)
      assert.deepStrictEqual(
        requests.map(({ ended }) => ended),
        ["closed by the client"]
      )
    })
  )

  it.live("a consumer that fails or dies closes the connection", () =>
    Effect.gen(function* () {
      for (const end of [Effect.fail("enough"), Effect.die("broken")]) {
        const { requests, result } = yield* withPlay(longOne, (client, request) =>
          Effect.exit(Stream.runForEach(client.responses.stream(request), () => end))
        )
        assert.isTrue(Exit.isFailure(result))
        assert.strictEqual(requests[0]?.ended, "closed by the client")
      }
    })
  )

  it.live("a consumer that stalls holds 100 MB back", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({ scenario: "flood" }, (client, request) =>
        client.responses.stream(request).pipe(
          Stream.runForEach(() => Effect.never),
          Effect.timeoutOption("1 second")
        )
      )
      assert.strictEqual(requests[0]?.ended, "closed by the client")
      assert.isBelow(requests[0]?.bytesWritten ?? Infinity, 16_000_000)
    })
  )

  for (const method of ["run", "create"] as const) {
    it.live(`interruption closes the connection (${method})`, () =>
      Effect.gen(function* () {
        const play = method === "run" ? longOne : ({ fault: "slow-headers" } as const)
        const { requests } = yield* withPlay(play, (client, request) =>
          client.responses[method](request).pipe(Effect.timeoutOption("300 millis"))
        )
        assert.deepStrictEqual(
          requests.map(({ ended }) => ended),
          ["closed by the client"]
        )
      })
    )
  }
})

describe("a wrong key", () => {
  it.live("is refused and not repeated, though the vendor repeats it", () =>
    Effect.gen(function* () {
      const { result } = yield* withPlay({}, watch, { apiKey: Redacted.make("tlk_WRONG0000") })
      assert.strictEqual(inAWord(result.error), "ApiError Authentication status")
      assert.notInclude(JSON.stringify(result.error), "tlk_WRONG0000")
    })
  )
})
