import type { StreamError } from "@effect-sse/core"
import { EventStream, RetryPolicy } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import {
  KnowledgeStoreId,
  Response,
  ResponseEvent,
  StructuredOutputError,
  StructuredResponses,
  TwelveLabs,
  UnsupportedSchemaError
} from "@effect-sse/twelvelabs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema, Stream } from "effect"
import { live } from "./Live.ts"

const Scenes = Schema.Struct({
  title: Schema.String,
  scenes: Schema.Array(
    Schema.Struct({
      what: Schema.String,
      mood: Schema.Literals(["calm", "tense"]),
      at: Schema.optionalKey(Schema.Number)
    })
  ),
  filmedAt: Schema.optional(Schema.DateTimeUtcFromString),
  indoors: Schema.Boolean
}).annotate({ identifier: "Scenes", description: "what is to be seen" })

/** Fits what is asked for, and not what is checked: a pattern without the flag u is not in the JSON Schema. */
const Strict = Schema.Struct({ title: Schema.String.check(Schema.isPattern(/^Kite/)) })

const ask = Effect.gen(function* () {
  const { twelvelabs } = yield* Emulator
  const { responses } = yield* TwelveLabs
  const request: StructuredResponses.Request = {
    knowledgeStoreId: KnowledgeStoreId.make(twelvelabs.knowledgeStoreId),
    input: "PRIVATE-QUESTION",
    include: ["intermediate_outputs"]
  }
  return { responses, request, structured: StructuredResponses.make(responses) }
})

/** The elements up to the end, and how it ended. */
const watch = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const seen: Array<A> = []
    const end = yield* stream.pipe(
      Stream.runForEach((element) => Effect.sync(() => seen.push(element))),
      Effect.result
    )
    return { seen, error: Result.isFailure(end) ? end.failure : undefined }
  })

const isPartial = <E>(element: StructuredResponses.PartialValue<E> | { readonly _tag: "Final" }) =>
  element._tag === "Partial"

/** Whether a later value is an earlier one with more in it. */
const grows = (earlier: unknown, later: unknown): boolean => {
  if (typeof earlier === "string") return typeof later === "string" && later.startsWith(earlier)
  if (typeof earlier !== "object" || earlier === null) return Object.is(earlier, later)
  return (
    typeof later === "object" &&
    later !== null &&
    Object.entries(earlier).every(([key, value]) => grows(value, (later as Readonly<Record<string, unknown>>)[key]))
  )
}

const structuredError = (error: unknown): StructuredOutputError => {
  assert.instanceOf(error, StructuredOutputError)
  return error as StructuredOutputError
}

describe("a value out of responses", () => {
  live(
    "streams what is there of it, growing, and then exactly one final value",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const { error, seen } = yield* watch(structured.stream(Scenes, request))
        assert.strictEqual(error, undefined)
        const partials = seen.slice(0, -1)
        assert.isAbove(partials.length, 5)
        assert.isTrue(partials.every(isPartial))
        for (const [index, partial] of partials.slice(1).entries()) {
          assert.isTrue(grows(partials[index]!.value, partial.value))
        }
        const final = seen.at(-1)!
        assert(final._tag === "Final")
        assert.isTrue(grows(partials.at(-1)!.value, JSON.parse(Response.text(final.response))))
        assert.strictEqual(final.value.scenes[0]?.mood, "calm")
        assert.strictEqual(final.response.status, "completed")
      }),
    // At this pace, the fragments come one by one.
    { play: { pace: "realistic" } }
  )

  live("run, create and stream give the same value, and read what is streamed as the final answer only", () =>
    Effect.gen(function* () {
      const { request, structured } = yield* ask
      const ran = yield* structured.run(Scenes, request)
      const created = yield* structured.create(Scenes, request)
      const { seen } = yield* watch(structured.stream(Scenes, request))
      const final = seen.at(-1)!
      assert(final._tag === "Final")
      assert.deepStrictEqual(ran.value, created.value)
      assert.deepStrictEqual([ran.response.status, created.response.status], ["completed", "completed"])
      assert.deepStrictEqual(ran.value, final.value)
      // The narration holds JSON too, and comes first.
      const narration = ran.response.output.find((item) => item._tag === "Message" && item.phase === "commentary")
      assert.isDefined(narration)
      for (const element of seen) assert.notDeepEqual(element.value, { title: "a draft" })
    })
  )

  live("asks for the derived schema, by its name and description", () =>
    Effect.gen(function* () {
      const { request, responses, structured } = yield* ask
      yield* structured.run(Scenes, request)
      yield* structured.create(Schema.Struct({ a: Schema.String }), request)
      yield* Stream.runDrain(structured.stream(Scenes, request, { name: "my-scenes_2", description: "other words" }))
      yield* StructuredResponses.run(responses, Scenes.annotate({ identifier: "@app/Scenes (v2)" }), request)
      const { requests } = yield* Emulator
      const formats = (yield* requests).map(({ body }) => JSON.parse(body).text.format)
      const named = formats.map(({ description, name, type }) => ({ description, name, type }))
      assert.deepStrictEqual(named, [
        { type: "json_schema", name: "Scenes", description: "what is to be seen" },
        { type: "json_schema", name: "output", description: undefined },
        { type: "json_schema", name: "my-scenes_2", description: "other words" },
        { type: "json_schema", name: "_app_Scenes_v2_", description: "what is to be seen" }
      ])
      assert.deepStrictEqual(Object.keys(formats[0].schema.properties), ["title", "scenes", "filmedAt", "indoors"])
      assert.deepStrictEqual(formats[1].schema, {
        type: "object",
        properties: { a: { type: "string" } },
        required: ["a"],
        additionalProperties: false
      })
    })
  )

  live("sends nothing for a schema that cannot be asked for, nor for a name that the vendor would refuse", () =>
    Effect.gen(function* () {
      const { request, structured } = yield* ask
      const Counts = Schema.Struct({ counts: Schema.Record(Schema.String, Schema.Int) })
      const errors = [
        yield* Effect.flip(structured.run(Counts, request)),
        yield* Effect.flip(structured.create(Counts, request)),
        yield* Effect.flip(Stream.runDrain(structured.stream(Counts, request)))
      ]
      for (const error of errors) {
        assert.instanceOf(error, UnsupportedSchemaError)
        assert.deepInclude(error, { path: "/properties/counts", keyword: "additionalProperties" })
      }
      for (const name of ["", "my scenes", "s".repeat(65)]) {
        const error = yield* Effect.flip(structured.run(Scenes, request, { name }))
        assert(error._tag === "UnsupportedSchemaError")
        assert.strictEqual(error.keyword, "name")
      }
      assert.deepStrictEqual(yield* Effect.flatMap(Emulator, ({ requests }) => requests), [])
    })
  )

  live(
    "delivers what came before the stream was cut, then fails with MissingDoneError, and gives no final value",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const { error, seen } = yield* watch(structured.stream(Scenes, request))
        assert.strictEqual(error?._tag, "MissingDoneError")
        assert.isAbove(seen.length, 0)
        assert.isTrue(seen.every(isPartial))
      }),
    { http: "undici", play: { fault: "cut", after: 24 } }
  )

  live(
    "gives no final value when all came but the end mark",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const { error, seen } = yield* watch(structured.stream(Scenes, request))
        assert(error?._tag === "MissingDoneError")
        assert.isTrue(error.terminalSeen)
        assert.isTrue(seen.every(isPartial))
      }),
    { play: { fault: "no-done" } }
  )

  live(
    "an answer that was cut short is Incomplete, with its text and why",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const { error, seen } = yield* watch(structured.stream(Scenes, request))
        assert.isAbove(seen.length, 0)
        assert.isTrue(seen.every(isPartial))
        const errors = [
          error,
          yield* Effect.flip(structured.run(Scenes, request)),
          yield* Effect.flip(structured.create(Scenes, request))
        ].map(structuredError)
        for (const { ids, isRetryable, issue, reason, retryAfter, text, textLength } of errors) {
          assert.deepStrictEqual(
            [reason, issue, isRetryable, retryAfter],
            ["Incomplete", "max_output_tokens", false, undefined]
          )
          assert.match(text, /^\{"title":/)
          assert.strictEqual(textLength, text.length)
          assert.hasAllKeys(ids, ["response", "session"])
        }
      }),
    { play: { scenario: "structured-incomplete" } }
  )

  live(
    "an answer in prose is NotJson",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const { error, seen } = yield* watch(structured.stream(Scenes, request))
        assert.deepStrictEqual(seen, [])
        for (const each of [error, yield* Effect.flip(structured.run(Scenes, request))]) {
          const { isRetryable, message, reason, text } = structuredError(each)
          assert.deepStrictEqual([reason, isRetryable], ["NotJson", true])
          assert.match(text, /^Three videos show/)
          assert.notInclude(message, "videos show")
        }
      }),
    { play: { scenario: "videos" } }
  )

  live("an answer that the schema refuses is WrongShape, and no message repeats it", () =>
    Effect.gen(function* () {
      const { request, structured } = yield* ask
      const { error, seen } = yield* watch(structured.stream(Strict, request))
      assert.isTrue(seen.length > 0 && seen.every(isPartial))
      for (const each of [error, yield* Effect.flip(structured.create(Strict, request))]) {
        const { issue, message, reason, text } = structuredError(each)
        assert.strictEqual(reason, "WrongShape")
        assert.include(issue, "title")
        assert.deepStrictEqual(JSON.parse(text), { title: "a title 🎬" })
        assert.notInclude(message, "a title")
      }
    })
  )

  live(
    "fails as the stream does when the vendor refuses",
    () =>
      Effect.gen(function* () {
        const { request, structured } = yield* ask
        const error = yield* Effect.flip(
          Stream.runDrain(structured.stream(Scenes, request, { retry: RetryPolicy.none }))
        )
        assert.strictEqual(error._tag, "ApiError")
      }),
    { play: { fault: "quota" } }
  )

  live("is a value: each run of it asks anew, and it stops when the consumer does", () =>
    Effect.gen(function* () {
      const { request, structured } = yield* ask
      const stream = structured.stream(Scenes, request)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(stream, 1)), 1)
      assert.strictEqual((yield* Stream.runCollect(stream)).at(-1)?._tag, "Final")
      const emulator = yield* Emulator
      assert.lengthOf(yield* emulator.requests, 2)
      yield* emulator.awaitIdle
    })
  )
})

const event = (delta: string): ResponseEvent.ResponseEvent => ({
  _tag: "TextDelta",
  sequenceNumber: undefined,
  itemId: undefined,
  outputIndex: undefined,
  contentIndex: undefined,
  delta
})

const response = (text: string, status: Response.Status | undefined): Response.Response => ({
  id: undefined,
  status,
  incompleteDetails: undefined,
  knowledgeStoreId: undefined,
  sessionId: undefined,
  output: [
    {
      _tag: "Message",
      id: undefined,
      status: undefined,
      role: "assistant",
      phase: undefined,
      content: [{ _tag: "OutputText", text, annotations: [] }]
    }
  ],
  usage: undefined,
  createdAt: undefined,
  model: undefined,
  metadata: undefined,
  raw: {}
})

const Words = Schema.Struct({ words: Schema.Array(Schema.String), note: Schema.optionalKey(Schema.String) })

describe("StructuredResponses.fromResponseEvents", () => {
  it.effect("begins anew when the stream did", () =>
    Effect.gen(function* () {
      const broken = { _tag: "TransportError" } as StreamError.StreamError
      const restarted: EventStream.Restarted = { _tag: "Restarted", attempt: 1, error: broken }
      const text = '{"words":["b"]}'
      const elements = yield* Stream.make(event('{"words":["a"'), restarted, event('{"wor'), event('ds":["b"]}'), {
        _tag: "Completed",
        sequenceNumber: undefined,
        response: response(text, "completed")
      } as const).pipe(
        Stream.rechunk(1),
        (events) => StructuredResponses.fromResponseEvents(Words, events),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        elements.map(({ value }) => value),
        [{ words: ["a"] }, {}, { words: ["b"] }, { words: ["b"] }]
      )
    })
  )

  it.effect("takes the response for the answer where its fragments do not add up to it", () =>
    Effect.gen(function* () {
      const elements = yield* Stream.make(event('{"words":["a"'), {
        _tag: "Completed",
        sequenceNumber: undefined,
        response: response('{"words":["z"]}', undefined)
      } as const).pipe((events) => StructuredResponses.fromResponseEvents(Words, events), Stream.runCollect)
      assert.deepStrictEqual(elements.at(-1)?.value, { words: ["z"] })
    })
  )

  it.effect("is Incomplete without a response, and with one of any other status than completed", () =>
    Effect.gen(function* () {
      const text = '{"words":[]}'
      const ends = [
        [],
        [{ _tag: "Completed", sequenceNumber: undefined, response: response(text, "paused") } as const],
        [{ _tag: "Incomplete", sequenceNumber: undefined, response: response(text, "incomplete") } as const]
      ]
      for (const end of ends) {
        const error = yield* Stream.make(event(text), ...end).pipe(
          (events) => StructuredResponses.fromResponseEvents(Words, events),
          Stream.runDrain,
          Effect.flip
        )
        assert.deepStrictEqual([error.reason, error.text], ["Incomplete", text])
      }
    })
  )
})
