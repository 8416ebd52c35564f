import { StructuredOutput } from "@effect-sse/twelvelabs"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Schema, SchemaGetter, Stream } from "effect"

const Words = Schema.Struct({ words: Schema.Array(Schema.String), note: Schema.optionalKey(Schema.String) })

describe("StructuredOutput.fromText", () => {
  const Fragments = Schema.Array(Schema.Array(Schema.String))

  it.effect.prop(
    "gives the same value however the text is cut, at most one element for each array",
    [Words, Fragments],
    ([words, seeds]) =>
      Effect.gen(function* () {
        const text = JSON.stringify(words)
        const size = 1 + (seeds.flat().join("").length % 7)
        const fragments = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size)
        )
        const arrays = Math.ceil(fragments.length / 3)
        const elements = yield* Stream.fromIterable(fragments).pipe(
          Stream.rechunk(3),
          (fragments) => StructuredOutput.fromText(Words, fragments),
          Stream.runCollect
        )
        assert.isAtMost(elements.length, arrays + 1)
        const final = elements.at(-1)
        assert(final?._tag === "Final")
        assert.deepStrictEqual(final.value, words)
        assert.strictEqual(final.text, text)
      })
  )

  it.effect("says nothing where nothing is new", () =>
    Effect.gen(function* () {
      const elements = yield* Stream.make("{", " ", "", '"words"', ": ", "[", "\n", "]", "}", " ").pipe(
        Stream.rechunk(1),
        (fragments) => StructuredOutput.fromText(Words, fragments),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        elements.map(({ _tag, value }) => [_tag, value]),
        [
          ["Partial", {}],
          ["Partial", { words: [] }],
          ["Final", { words: [] }]
        ]
      )
    })
  )

  it.effect("stays linear: a long list that comes a character at a time", () =>
    Effect.gen(function* () {
      const count = 100_000
      let members = 0
      let partials = 0
      const fragments = Stream.fromIterable(
        (function* () {
          yield '{"words":['
          for (let i = 0; i < count; i++) yield `${i === 0 ? "" : ","}""`
          yield "]}"
        })()
      ).pipe(Stream.rechunk(1))
      yield* StructuredOutput.fromText(Words, fragments).pipe(
        Stream.runForEach((element) =>
          Effect.sync(() => {
            if (element._tag !== "Partial") return
            partials += 1
            members += element.value.words?.length ?? 0
          })
        )
      )
      assert.isAbove(partials, 500)
      assert.isBelow(members, count * 3 * 64 * 2)
    })
  )
})

describe("StructuredOutput.decode", () => {
  const failed = (text: string, schema: Schema.Constraint = Words) =>
    Effect.flip(StructuredOutput.decode(schema as Schema.Codec<unknown>, { text }))

  it.effect("takes null for absent, in what may be absent and is not nullable itself", () =>
    Effect.gen(function* () {
      const Notes = Schema.Struct({
        a: Schema.optionalKey(Schema.String),
        b: Schema.optionalKey(Schema.NullOr(Schema.String)),
        c: Schema.optional(Schema.String),
        d: Schema.Array(Schema.Struct({ e: Schema.optionalKey(Schema.Date) }))
      })
      const value = yield* StructuredOutput.decode(Notes, { text: '{"a":null,"b":null,"c":null,"d":[{"e":null},{}]}' })
      assert.deepStrictEqual(value, { b: null, c: undefined, d: [{}, {}] })
      const required = yield* Effect.exit(
        StructuredOutput.decode(Schema.Struct({ a: Schema.String }), { text: '{"a":null}' })
      )
      assert.isTrue(Exit.isFailure(required))
    })
  )

  it.effect("decodes schemas that hold themselves, with null for what may be absent at any depth", () =>
    Effect.gen(function* () {
      interface Chain {
        readonly name: string
        readonly next?: Chain
      }
      const Chain: Schema.Codec<Chain> = Schema.Struct({
        name: Schema.String,
        next: Schema.optionalKey(Schema.suspend((): Schema.Codec<Chain> => Chain))
      })
      const text = '{"name":"a","next":{"name":"b","next":null}}'
      assert.deepStrictEqual(yield* StructuredOutput.decode(Chain, { text }), { name: "a", next: { name: "b" } })
    })
  )

  it.effect("says that there is no text, and where a text is no JSON", () =>
    Effect.gen(function* () {
      for (const [text, issue] of [
        ["", /^there is no text$/],
        ["  ", /value was due/],
        ['{"words": ["a"', /at character 14/],
        ["```json\n{}\n```", /at character 0/],
        [`{"words":${"[".repeat(300)}${"]".repeat(300)}}`, /256/]
      ] as const) {
        const error = yield* failed(text)
        assert.strictEqual(error.reason, "NotJson")
        assert.match(error.issue, issue)
      }
    })
  )

  it.effect("bounds what its error carries, and tells how long the text was", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({ words: Array.from({ length: 50_000 }, (_, i) => i) })
      const error = yield* failed(text)
      assert.strictEqual(error.reason, "WrongShape")
      assert.strictEqual(error.text, text.slice(0, 65_536))
      assert.strictEqual(error.textLength, text.length)
      assert.isAtMost(error.message.length, 1200)
      assert.notMatch(error.message, /\n/)
    })
  )

  it.effect("lets a schema need services", () =>
    Effect.gen(function* () {
      class Shout extends Context.Service<Shout, (text: string) => string>()("test/Shout") {}
      const Loud = Schema.Struct({
        text: Schema.String.pipe(
          Schema.decodeTo(Schema.String, {
            decode: SchemaGetter.transformEffect((text: string) => Shout.use((shout) => Effect.succeed(shout(text)))),
            encode: SchemaGetter.passthrough()
          })
        )
      })
      const value = yield* StructuredOutput.decode(Loud, { text: '{"text":"hey"}' }).pipe(
        Effect.provideService(Shout, (text) => text.toUpperCase())
      )
      assert.deepStrictEqual(value, { text: "HEY" })
    })
  )
})

describe("StructuredOutput.decode", () => {
  interface Chain {
    readonly v: number
    readonly next?: Chain
  }
  const Chain = Schema.Struct({
    v: Schema.Int,
    next: Schema.optionalKey(Schema.suspend((): Schema.Codec<Chain> => Chain))
  }) as unknown as Schema.Codec<Chain>

  it.effect("takes a deep value of optional fields in time, and null for a field that is left out", () =>
    Effect.gen(function* () {
      const depth = 200
      const text = `${'{"v":1,"next":'.repeat(depth)}null${"}".repeat(depth)}`
      let chain: Chain | undefined = yield* StructuredOutput.decode(Chain, { text })
      let links = 0
      for (; chain !== undefined; chain = chain.next) links++
      assert.strictEqual(links, depth)
    })
  )
})
