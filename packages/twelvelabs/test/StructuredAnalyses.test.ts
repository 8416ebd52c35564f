import { EventStream, RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema, Stream } from "effect"
import {
  type AnalyzeEvent,
  AssetId,
  JsonSchemaDialect,
  StructuredAnalyses,
  Timestamp,
  TwelveLabs,
  UnsupportedSchemaError
} from "../src/index.ts"
import { live } from "./Live.ts"

const Goals = Schema.Struct({
  title: Schema.String,
  goals: Schema.Array(
    Schema.Struct({ at: Timestamp.clockMillis, by: Schema.String, foot: Schema.Literals(["l", "r"]) })
  )
})

const ask = Effect.gen(function* () {
  const { twelvelabs } = yield* Emulator
  const { analyze, structured } = yield* TwelveLabs
  const request = { video: { assetId: AssetId.make(twelvelabs.assetId) }, prompt: "Who scores, and when?" }
  return { analyze, request, structured: structured.analyze }
})

describe("a value out of analyses", () => {
  live("streams what is there of it and then the value, with its analysis; run and create give the same", () =>
    Effect.gen(function* () {
      const { analyze, request, structured } = yield* ask
      const elements = yield* Stream.runCollect(StructuredAnalyses.stream(analyze, Goals, request))
      const ran = yield* structured.run(Goals, request)
      const created = yield* structured.create(Goals, request)
      assert.isAbove(elements.length, 1)
      for (const element of elements.slice(0, -1)) assert.strictEqual(element._tag, "Partial")
      const last = elements.at(-1)
      assert(last?._tag === "Final")
      assert.strictEqual(last.value.goals.length, 2)
      assert.strictEqual(Schema.encodeSync(Timestamp.clockMillis)(last.value.goals[0]!.at), "00:00:12.500")
      for (const { analysis, value } of [last, ran, created]) {
        assert.deepStrictEqual(value, last.value)
        assert.strictEqual(analysis.finishReason, "stop")
        assert.deepStrictEqual(JSON.parse(analysis.text), Schema.encodeSync(Goals)(value))
      }
    })
  )

  live(
    "an answer that was cut short is Incomplete, with its text",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const errors = [
          yield* Effect.flip(structured.run(Goals, request)),
          yield* Effect.flip(structured.create(Goals, request)),
          yield* Effect.flip(Stream.runDrain(structured.stream(Goals, request)))
        ]
        for (const error of errors) {
          assert(error._tag === "StructuredOutputError")
          assert.deepStrictEqual([error.reason, error.issue], ["Incomplete", "length"])
          assert.match(error.text, /^\{"title"/)
          assert.match(error.ids["generation"]!, /^[0-9a-f-]{36}$/)
        }
      }),
    { play: { scenario: "structured-incomplete" } }
  )

  live("sends nothing for a schema that cannot be asked for", () =>
    Effect.gen(function* () {
      const { request, structured } = yield* ask
      const Any = Schema.Struct({ any: Schema.Record(Schema.String, Schema.String) })
      const errors = [
        yield* Effect.flip(structured.run(Any, request)),
        yield* Effect.flip(structured.create(Any, request)),
        yield* Effect.flip(Stream.runDrain(structured.stream(Any, request)))
      ]
      for (const error of errors) assert.instanceOf(error, UnsupportedSchemaError)
      assert.deepStrictEqual(yield* Effect.flatMap(Emulator, ({ requests }) => requests), [])
    })
  )
})

describe("StructuredAnalyses.fromAnalyzeEvents", () => {
  live(
    "reads the answer that came after a restart",
    () =>
      Effect.gen(function* () {
        const { analyze, request } = yield* ask
        const jsonSchema = Result.getOrThrow(JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, Goals))
        const again = RetryPolicy.make({ retries: ({ _tag }) => _tag === "MissingDoneError", times: 1 })
        const events = analyze.stream({ ...request, jsonSchema }).pipe(EventStream.restarting(again))
        const last = yield* Stream.runLast(StructuredAnalyses.fromAnalyzeEvents(Goals, events))
        assert(last._tag === "Some" && last.value._tag === "Final")
        assert.strictEqual(last.value.value.goals.length, 2)
      }),
    { play: { fault: "cut", after: 5, times: 1, id: "restart" } }
  )

  it.effect("shows nothing of what came before a restart after it", () =>
    Effect.gen(function* () {
      const broken = { _tag: "TransportError" } as StreamError.StreamError
      const elements = yield* Stream.make<ReadonlyArray<AnalyzeEvent.AnalyzeEvent | EventStream.Restarted>>(
        { _tag: "Text", delta: '{"title":"a"' },
        { _tag: "Restarted", attempt: 1, error: broken },
        { _tag: "Text", delta: '{"tit' },
        { _tag: "Text", delta: 'le":"b"}' },
        { _tag: "Ended", id: undefined, finishReason: "stop", usage: undefined, warning: undefined, raw: {} }
      ).pipe(
        Stream.rechunk(1),
        (events) => StructuredAnalyses.fromAnalyzeEvents(Schema.Struct({ title: Schema.String }), events),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        elements.map(({ value }) => value),
        [{ title: "a" }, {}, { title: "b" }, { title: "b" }]
      )
    })
  )

  it.effect("is Incomplete when the events end without an analysis", () =>
    Effect.gen(function* () {
      const events = Stream.make<ReadonlyArray<AnalyzeEvent.AnalyzeEvent>>({ _tag: "Text", delta: '{"title":"a"}' })
      const error = yield* StructuredAnalyses.fromAnalyzeEvents(Schema.Struct({ title: Schema.String }), events).pipe(
        Stream.runDrain,
        Effect.flip
      )
      assert.deepStrictEqual([error.reason, error.text], ["Incomplete", '{"title":"a"}'])
    })
  )
})
