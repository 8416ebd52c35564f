/** Analyses at once, on real sockets, against the emulator. */
import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Result, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Emulator, Fault, type Play } from "@effect-sse/emulator"
import { RetryPolicy, type StreamError } from "@effect-sse/core"
import {
  type Analysis,
  type AnalyzeEvent,
  AnalyzeFold,
  type AnalyzeRequest,
  AssetId,
  type Connection,
  TwelveLabs
} from "@effect-sse/twelvelabs"

type Options = Partial<Connection.Options>
type Use<A, E> = (client: TwelveLabs["Service"], request: AnalyzeRequest.AnalyzeRequest) => Effect.Effect<A, E>

const transports = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici }

/** Runs a program against an emulator of its own, and checks that nothing stays open. */
const withPlay = <A, E>(
  play: Play.Play<never> | { readonly scenario: string; readonly bytes?: number; readonly count?: number },
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
      use(client, { video: { assetId: AssetId.make(emulator.twelvelabs.assetId) }, prompt: "What is cooked?" })
    ).pipe(Effect.provide(client))
    yield* emulator.awaitIdle.pipe(Effect.timeout("1 second"))
    return { result, requests: yield* emulator.requests }
  }).pipe(Effect.provide(Emulator.layer()))

/** The events up to the end, and how it ended. */
const watch: Use<
  { readonly seen: ReadonlyArray<AnalyzeEvent.AnalyzeEvent>; readonly error: StreamError.StreamError | undefined },
  never
> = (client, request) =>
  Effect.gen(function* () {
    const seen: Array<AnalyzeEvent.AnalyzeEvent> = []
    const end = yield* client.analyze.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
      Effect.result
    )
    return { seen, error: Result.isFailure(end) ? end.failure : undefined }
  })

/** Events without what differs between two requests for the same. */
const plain = (events: ReadonlyArray<AnalyzeEvent.AnalyzeEvent>) =>
  events.map((event) => (event._tag === "Text" ? event.delta : event._tag))

const good = Effect.map(withPlay({}, watch), ({ result }) => plain(result.seen))

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
  "done-only": "good",
  "no-terminal": "good",
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
  "json-error": "ApiError Failed stream",
  "json-no-type": "ApiError Failed stream",
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

const after = 4

/** The events that come whole before a fault strikes, and what comes of the rest. */
const eventsOf = (fault: Fault.Fault, all: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (fault === "done-only" || fault === "no-terminal") return [...all.slice(0, after), "Ended"]
  if (fault === "no-done") return all.slice(0, -1)
  if (outcomes[fault] === "good") return all
  return all.slice(0, Fault.placeOf(fault) === "answer" ? 0 : after)
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
          const play = { fault, after, interval: 50, bytes: 4_000_000 }
          const { result } = yield* withPlay(play, watch, { transport, stream: limits })
          assert.strictEqual(inAWord(result.error), outcomes[fault], result.error?.message)
          const expected = eventsOf(fault, yield* good)
          // A decompressor that fails drops what it had decompressed and nobody had read yet.
          const lost = fault === "bad-gzip" ? Math.max(0, expected.length - result.seen.length) : 0
          assert.deepStrictEqual(plain(result.seen), expected.slice(0, expected.length - lost))
          if (result.error?._tag === "MissingDoneError") {
            assert.isFalse(result.error.terminalSeen)
            assert.strictEqual(result.error.events, result.seen.length)
            assert.match(result.error.ids["generation"]!, /^[0-9a-f-]{36}$/)
          }
        })
      )
    }
  }
})

describe("a line that cannot be read", () => {
  for (const [fault, stage] of [
    ["malformed", "json"],
    ["wrong-shape", "schema"]
  ] as const) {
    it.live(`is an element of the stream where that is asked for (${fault})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay({ fault, after }, (client, request) =>
          Stream.runCollect(client.analyze.stream(request, { onMalformed: "emit" }))
        )
        const all = yield* good
        assert.strictEqual(result.length, all.length + 1)
        const element = result[after]
        assert(element?._tag === "Malformed")
        assert.strictEqual(element.error.stage, stage)
        assert.strictEqual(element.error.eventNumber, after + 1)
        assert.strictEqual(result.at(-1)?._tag, "Ended")
      })
    )
  }
})

/** What differs between two requests for the same, and between a stream and a document. */
const comparable = ({ id: _, raw: __, ...analysis }: Analysis) => analysis

describe("scenarios", () => {
  const folded: Use<Analysis | undefined, StreamError.StreamError> = (client, request) =>
    client.analyze.stream(request).pipe(
      AnalyzeFold.run,
      Effect.map((fold) => fold.analysis())
    )

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
        const { requests, result } = yield* withPlay({ scenario }, (client, request) =>
          Effect.all([folded(client, request), client.analyze.run(request), client.analyze.create(request)])
        )
        const [fold, run, create] = result
        assert.deepStrictEqual(comparable(fold!), comparable(create))
        assert.deepStrictEqual(comparable(run), comparable(create))
        assert.isAbove(run.text.length, 0)
        assert.deepStrictEqual(
          [run.finishReason, run.warning !== undefined],
          scenario === "incomplete" ? ["length", true] : [scenario === "unknown-events" ? "satisfied" : "stop", false]
        )
        assert.strictEqual(run.id === undefined, scenario === "no-event-lines")
        // The vendor streams unless it is told not to, so it is always told.
        assert.deepStrictEqual(
          requests.map(({ body }) => JSON.parse(body).stream),
          [true, true, false]
        )
      })
    )
  }

  it.live("events that are not known come as they are", () =>
    Effect.gen(function* () {
      const { result } = yield* withPlay({ scenario: "unknown-events" }, watch)
      const unknown = result.seen.flatMap((event) => (event._tag === "Unknown" ? [event] : []))
      assert.deepStrictEqual(
        unknown.map(({ type }) => type),
        ["mood_changed", undefined, undefined, undefined]
      )
      assert.deepStrictEqual(unknown[2]?.raw, [1, 2, 3])
    })
  )

  for (const scenario of ["failed", "error-event", "nested-error-event"]) {
    it.live(`stream, run and create fail alike, and the fold keeps the text so far (${scenario})`, () =>
      Effect.gen(function* () {
        const fold = AnalyzeFold.make()
        const { result } = yield* withPlay({ scenario }, (client, request) =>
          Effect.all([
            Effect.flip(
              Stream.runForEach(client.analyze.stream(request), (event) => Effect.sync(() => fold.add(event)))
            ),
            Effect.flip(client.analyze.run(request)),
            Effect.flip(client.analyze.create(request))
          ])
        )
        for (const error of result) {
          assert(error._tag === "ApiError")
          assert.strictEqual(error.code, "generic_error")
        }
        assert.deepStrictEqual(
          result.map((error) => error._tag === "ApiError" && [error.kind, error.channel]),
          [
            ["Failed", "stream"],
            ["Failed", "stream"],
            ["Server", "status"]
          ]
        )
        assert.strictEqual(fold.text(), "Three cooks prepare fresh ")
        assert.isUndefined(fold.analysis())
      })
    )
  }
})

describe("create", () => {
  for (const [fault, outcome] of Object.entries(outcomes) as ReadonlyArray<[Fault.Fault, string]>) {
    if (Fault.placeOf(fault) !== "answer" || fault === "slow-headers") continue
    it.live(`fails in the same way as a stream (${fault})`, () =>
      Effect.gen(function* () {
        const { result } = yield* withPlay(
          { fault },
          (client, request) => Effect.flip(client.analyze.create(request)),
          {
            call: { retry: RetryPolicy.none }
          }
        )
        const expected = outcome === "ApiError Failed stream" ? "ApiError Unknown envelope" : outcome
        assert.strictEqual(inAWord(result), expected, result.message)
      })
    )
  }

  it.live("does not take a warning for a refusal", () =>
    Effect.gen(function* () {
      const { result } = yield* withPlay({ scenario: "incomplete" }, ({ analyze }, request) => analyze.create(request))
      assert.strictEqual(result.warning, "The maximum response length was reached.")
    })
  )
})

describe("requests", () => {
  it.live("carry bytes, images, a window and a schema, as the vendor wants them", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({}, ({ analyze }, request) =>
        Effect.all([
          analyze.run({
            video: { bytes: new TextEncoder().encode("a video 🎬") },
            prompt: {
              text: "Is <@logo> on <@sign>?",
              images: [
                { name: "logo", url: "https://example.com/logo.png" },
                { name: "sign", bytes: new Uint8Array([1, 2, 3]) }
              ]
            },
            model: "pegasus1.5",
            temperature: 0,
            maxTokens: 100,
            startSeconds: 10,
            endSeconds: 20.5,
            jsonSchema: { type: "object", properties: { at: { type: "timestamp", format: "seconds" } } },
            extraBody: { seed: 7, stream: false, temperature: 1 }
          }),
          analyze.run({ ...request, video: { url: "https://example.com/pasta.mp4" } })
        ])
      )
      assert.deepStrictEqual(JSON.parse(requests[0]!.body), {
        seed: 7,
        video: { type: "base64_string", base64_string: "YSB2aWRlbyDwn46s" },
        prompt_v2: {
          input_text: "Is <@logo> on <@sign>?",
          media_sources: [
            { name: "logo", media_type: "image", url: "https://example.com/logo.png" },
            { name: "sign", media_type: "image", base64_string: "AQID" }
          ]
        },
        model_name: "pegasus1.5",
        temperature: 0,
        max_tokens: 100,
        start_time: 10,
        end_time: 20.5,
        response_format: {
          type: "json_schema",
          json_schema: { type: "object", properties: { at: { type: "timestamp", format: "seconds" } } }
        },
        stream: true
      })
      assert.deepStrictEqual(JSON.parse(requests[1]!.body), {
        video: { type: "url", url: "https://example.com/pasta.mp4" },
        prompt: "What is cooked?",
        stream: true
      })
    })
  )
})

describe("retry and closing", () => {
  it.live("tries again what the vendor did not accept", () =>
    Effect.gen(function* () {
      const play = { fault: "rate-limited", times: 1, id: "retry" } as const
      const { requests } = yield* withPlay(play, ({ analyze }, request) => analyze.run(request))
      assert.strictEqual(requests.length, 2)
    })
  )

  it.live("does not repeat what may have been charged", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({ fault: "server-error", times: 1 }, ({ analyze }, request) =>
        Effect.flip(analyze.create(request))
      )
      assert.strictEqual(requests.length, 1)
    })
  )

  it.live("take closes the connection", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({ scenario: "flood" }, ({ analyze }, request) =>
        analyze.stream(request).pipe(Stream.take(3), Stream.runDrain)
      )
      assert.strictEqual(requests[0]?.ended, "closed by the client")
    })
  )

  it.live("a consumer that stalls holds 100 MB back", () =>
    Effect.gen(function* () {
      const { requests } = yield* withPlay({ scenario: "flood" }, ({ analyze }, request) =>
        analyze.stream(request).pipe(
          Stream.runForEach(() => Effect.never),
          Effect.timeoutOption("1 second")
        )
      )
      assert.strictEqual(requests[0]?.ended, "closed by the client")
      assert.isBelow(requests[0]?.bytesWritten ?? Infinity, 16_000_000)
    })
  )

  it.live("folds 20 MB in one go", () =>
    Effect.gen(function* () {
      const { result } = yield* withPlay({ scenario: "flood", bytes: 20_000_000 }, ({ analyze }, request) =>
        analyze.run(request)
      )
      assert.isAbove(result.text.length, 19_000_000)
    })
  )
})
