import { assert, describe, it } from "@effect/vitest"
import type { StreamError } from "@effect-sse/core"
import { Effect, Schema, Stream } from "effect"
import { readdirSync } from "node:fs"
import { AnalyzeFold } from "@effect-sse/twelvelabs"
import { answered, outcome, request } from "./AnalyzeFixture.ts"
import { bytesOf, textOf } from "./Fixture.ts"

const id = "7d0c1f5e-1111-4222-8333-444455556666"

const started = { _tag: "Started", id }
const text = (delta: string) => ({ _tag: "Text", delta })
const cooks = text("Three cooks prepare ")
const pasta = text("fresh pasta at 0:1")

const complete = [
  started,
  cooks,
  pasta,
  text("2.\nThen they eat 🍝."),
  {
    _tag: "Ended",
    id,
    finishReason: "stop",
    usage: { outputTokens: 19, inputTokens: 2310 },
    warning: undefined,
    raw: JSON.parse(textOf("analyze-complete.ndjson").trim().split("\n").at(-1)!)
  }
]

describe("a stream of lines", () => {
  for (const name of ["complete", "no-newline", "crlf", "after-end"]) {
    it.effect(`is read up to its end, and no further (${name})`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* outcome(bytesOf(`analyze-${name}.ndjson`))
        assert.isUndefined(error)
        assert.deepStrictEqual(seen as unknown, complete)
      })
    )
  }

  for (const type of ["", "application/json", "text/plain; charset=utf-8", "text/event-stream", "application/jsonl"]) {
    it.effect(`is one whatever it is labelled (${type || "no type"})`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* outcome(bytesOf("analyze-complete.ndjson"), type)
        assert.isUndefined(error)
        assert.deepStrictEqual(seen as unknown, complete)
      })
    )
  }

  it.effect("that was cut at the limit of tokens ends well and says so", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* outcome(bytesOf("analyze-length.ndjson"))
      assert.isUndefined(error)
      const { raw, ...last } = seen.at(-1) as unknown as Record<string, unknown>
      assert.deepStrictEqual(last, {
        _tag: "Ended",
        id,
        finishReason: "length",
        usage: { outputTokens: 4096, inputTokens: undefined },
        warning: "The maximum response length was reached."
      })
      assert.strictEqual((raw as { readonly finish_reason: string }).finish_reason, "length")
    })
  )

  it.effect("may leave out what it has no value for, or say null", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* outcome(bytesOf("analyze-nulls.ndjson"))
      assert.isUndefined(error)
      const { raw: _, ...last } = seen.at(-1) as unknown as Record<string, unknown>
      assert.deepStrictEqual(seen.slice(0, -1) as unknown, [
        { _tag: "Started", id: undefined },
        text(""),
        text(""),
        cooks,
        text("and eat")
      ])
      assert.deepStrictEqual(last, {
        _tag: "Ended",
        id: "g-2",
        finishReason: undefined,
        usage: undefined,
        warning: undefined
      })
    })
  )

  it.effect("may have events, fields and words that nobody knows", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* outcome(bytesOf("analyze-unknown.ndjson"))
      assert.isUndefined(error)
      assert.deepStrictEqual(seen.slice(1, -1) as unknown, [
        { _tag: "Unknown", type: "frame_sampled", raw: { event_type: "frame_sampled", frame: { at: 1.5 } } },
        cooks,
        { _tag: "Unknown", type: undefined, raw: { note: "without a type" } },
        { _tag: "Unknown", type: undefined, raw: ["a", "list"] },
        { _tag: "Unknown", type: undefined, raw: 7 },
        { _tag: "Unknown", type: undefined, raw: { event_type: 7 } }
      ])
      const last = seen.at(-1)
      assert(last?._tag === "Ended")
      assert.strictEqual(last.finishReason, "bored")
      assert.deepStrictEqual((last.raw as { readonly cost: unknown }).cost, { cents: 3 })
    })
  )
})

const errors: ReadonlyArray<readonly [name: string, before: number, error: object]> = [
  ["error-line", 2, { kind: "InvalidRequest", channel: "stream", code: "token_limit_exceeded", requestId: id }],
  ["stream-error-line", 2, { kind: "Server", channel: "stream", code: "INTERNAL_SERVER_ERROR", requestId: id }],
  ["error-body", 2, { kind: "Failed", channel: "stream", code: "generic_error", requestId: id }],
  ["error-nested", 2, { kind: "RateLimited", channel: "stream", code: "RATE_LIMIT_EXCEEDED", requestId: id }],
  ["error-old", 2, { kind: "Failed", channel: "stream", code: "500", requestId: id }],
  ["error-only", 0, { kind: "InvalidRequest", channel: "stream", code: "parameter_invalid" }],
  ["error-document", 0, { kind: "InvalidRequest", channel: "envelope", code: "VALIDATION_ERROR" }]
]

describe("an error under a good status", () => {
  for (const [name, before, expected] of errors) {
    for (const type of ["application/json", "text/plain"]) {
      it.effect(`is an ApiError and no event (${name}, ${type})`, () =>
        Effect.gen(function* () {
          const { error, seen } = yield* outcome(bytesOf(`analyze-${name}.ndjson`), type)
          assert.lengthOf(seen, before)
          assert(error?._tag === "ApiError", error?.message)
          assert.include({ ...error }, expected)
          assert.isAbove(error.detail.length, 0)
        })
      )
    }
  }

  for (const type of ["text/html", "text/plain", ""]) {
    it.effect(`is a ParseError of the content when it is a page (${type || "no type"})`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* outcome(bytesOf("analyze-html.ndjson"), type)
        assert.lengthOf(seen, 0)
        assert(error?._tag === "ParseError")
        assert.strictEqual(error.stage, "content")
        assert.include(error.excerpt, "Bad gateway")
      })
    )
  }
})

describe("a stream that is not what it should be", () => {
  for (const [name, stage, fragment] of [
    ["bad-json", "json", "half"],
    ["bad-shape", "schema", '"text"'],
    ["bad-end", "schema", '"finish_reason"']
  ] as const) {
    it.effect(`fails with where and what (${name})`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* outcome(bytesOf(`analyze-${name}.ndjson`))
        assert.deepStrictEqual(seen as unknown, [started, cooks])
        assert(error?._tag === "ParseError")
        assert.deepStrictEqual([error.stage, error.eventNumber], [stage, 3])
        const lines = textOf(`analyze-${name}.ndjson`).split("\n")
        assert.strictEqual(error.offset, new TextEncoder().encode(`${lines.slice(0, 3).join("\n")}\n`).length)
        assert.include(error.message, fragment)
      })
    )
  }

  it.effect("that ends with an end which cannot be read had announced it", () =>
    Effect.gen(function* () {
      const analyze = yield* answered(bytesOf("analyze-bad-end.ndjson"))
      const error = yield* Effect.flip(Stream.runDrain(analyze.stream(request, { onMalformed: "emit" })))
      assert(error._tag === "MissingDoneError")
      assert.isTrue(error.terminalSeen)
    })
  )

  for (const [name, expected, lastEvent] of [
    ["cut", [started, cooks, pasta], "text_generation"],
    ["cut-line", [started, cooks], "text_generation"],
    ["whole-line", [started, cooks, pasta], "text_generation"],
    ["empty", [], undefined]
  ] as const) {
    it.effect(`misses its end, after all lines that came whole (${name})`, () =>
      Effect.gen(function* () {
        const bytes = bytesOf(`analyze-${name}.ndjson`)
        const { error, seen } = yield* outcome(bytes)
        assert.deepStrictEqual(seen as unknown, expected)
        assert(error?._tag === "MissingDoneError", error?.message)
        assert.deepStrictEqual(
          [error.events, error.bytes, error.lastEvent, error.terminalSeen, error.ids],
          [expected.length, bytes.length, lastEvent, false, expected.length === 0 ? {} : { generation: id }]
        )
      })
    )
  }
})

describe("the fold", () => {
  it.effect("has the analysis at the end, and its text all the way", () =>
    Effect.gen(function* () {
      const { seen } = yield* outcome(bytesOf("analyze-complete.ndjson"))
      const fold = AnalyzeFold.make()
      const texts = seen.map((event) => fold.add(event).text().length)
      assert.deepStrictEqual(texts, [0, 20, 38, 58, 58])
      assert.deepStrictEqual(fold.analysis(), {
        id,
        text: "Three cooks prepare fresh pasta at 0:12.\nThen they eat 🍝.",
        finishReason: "stop",
        usage: { outputTokens: 19, inputTokens: 2310 },
        warning: undefined,
        raw: (complete.at(-1) as { readonly raw: unknown }).raw
      })
    })
  )

  it("forgets what came before a restart", () => {
    const error = {} as StreamError.StreamError
    const fold = AnalyzeFold.make()
      .add({ _tag: "Started", id: "one" })
      .add({ _tag: "Text", delta: "lost" })
      .add({ _tag: "Restarted", attempt: 1, error })
    assert.deepStrictEqual([fold.id(), fold.text()], [undefined, ""])
    fold.add({ _tag: "Text", delta: "kept" })
    assert.strictEqual(fold.text(), "kept")
  })
})

const document = {
  id,
  data: "Three cooks.",
  finish_reason: "length",
  usage: { output_tokens: 4 },
  error: { message: "Cut." },
  novelty: true
}

const created = (json: unknown) =>
  Effect.flatMap(answered(JSON.stringify(json), "application/json"), ({ create }) => create(request))

describe("a document", () => {
  it.effect("is an analysis, with the fields that are not known in raw", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* created(document), {
        id,
        text: "Three cooks.",
        finishReason: "length",
        usage: { inputTokens: undefined, outputTokens: 4 },
        warning: "Cut.",
        raw: document
      })
      const bare = { id: null, data: "", finish_reason: null, usage: null, error: null }
      assert.deepStrictEqual(yield* created(bare), {
        id: undefined,
        text: "",
        finishReason: undefined,
        usage: undefined,
        warning: undefined,
        raw: bare
      })
    })
  )

  it.effect("that is something else is a ParseError, and an error in it an ApiError", () =>
    Effect.gen(function* () {
      for (const json of [{}, { data: 7 }, { id: "x" }, [], { finish_reason: "stop", usage: 5 }]) {
        assert.strictEqual((yield* Effect.flip(created(json)))._tag, "ParseError")
      }
      for (const json of [{ error: { message: "No." } }, { code: "generic_error", message: "No." }]) {
        assert.strictEqual((yield* Effect.flip(created(json)))._tag, "ApiError")
      }
    })
  )
})

const chunked = (chunks: ReadonlyArray<Uint8Array<ArrayBuffer>>) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    }
  })

describe("any cut gives the same events and the same end", () => {
  const names = readdirSync(new URL("fixtures/", import.meta.url)).filter((name) => /^analyze-.*\.ndjson$/.test(name))
  for (const name of names) {
    const bytes = bytesOf(name)
    const place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: bytes.length }))
    it.effect.prop(`of ${name}`, [Schema.Array(place), Schema.Boolean], ([cuts, labelled]) =>
      Effect.gen(function* () {
        const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
        const chunks = places.slice(1).map((end, i) => bytes.slice(places[i], end))
        const type = labelled ? "application/x-ndjson" : "application/json"
        const [cut, whole] = [yield* outcome(chunked(chunks), type), yield* outcome(chunked([bytes]), type)]
        assert.deepStrictEqual(cut.seen, whole.seen)
        assert.deepStrictEqual(cut.error?.message, whole.error?.message)
      })
    )
  }
})
