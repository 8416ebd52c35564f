import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Result, Schema } from "effect"
import { Segments, Timestamp } from "@effect-sse/twelvelabs"

const described = (description: string) => ({ description })

const Step = Schema.Struct({
  tool: Schema.Literals(["knife", "bottle"]).annotate(described("With what")),
  note: Schema.String.annotate(described("What is said")).check(Schema.isMaxLength(40)),
  isLast: Schema.Boolean.annotate(described("Whether it ends the work")),
  people: Schema.Int.annotate(described("How many")),
  share: Schema.optionalKey(Schema.Finite.annotate(described("Of the whole"))),
  peak: Timestamp.clock.annotate(described("When it is best seen")),
  names: Schema.Array(Schema.String).annotate(described("Who")),
  moods: Schema.Array(Schema.Literals(["calm", "tense"])).annotate(described("How it feels"))
}).pipe(Schema.encodeKeys({ isLast: "is_last" }))

const define = <const Id extends string>(id: Id) =>
  Result.getOrThrow(Segments.define({ id, description: "A step of the work", fields: Step }))

const steps = define("steps")

describe("a definition of a schema", () => {
  it("tells the vendor what to fill, in the words that it has", () => {
    const { fields, schema, ...rest } = steps
    assert.deepStrictEqual(rest, { id: "steps", description: "A step of the work" })
    assert.strictEqual(schema, Step)
    assert.deepStrictEqual(fields, [
      { name: "tool", type: "string", description: "With what", enum: ["knife", "bottle"] },
      { name: "note", type: "string", description: "What is said (at most 40 characters)" },
      { name: "is_last", type: "boolean", description: "Whether it ends the work" },
      { name: "people", type: "integer", description: "How many" },
      { name: "share", type: "number", description: "Of the whole" },
      { name: "peak", type: "timestamp", description: "When it is best seen", format: "hh:mm:ss" },
      { name: "names", type: "array", description: "Who", items: "string" },
      { name: "moods", type: "array", description: "How it feels (one of calm, tense)", items: "string" }
    ])
  })

  const unfit: ReadonlyArray<readonly [string, Schema.Constraint, string]> = [
    ["a field without a description", Schema.Struct({ a: Schema.String }), "/properties/a"],
    [
      "a reserved name",
      Schema.Struct({ start_time: Schema.String.annotate(described("x")) }),
      "/properties/start_time"
    ],
    ["an object", Schema.Struct({ a: Schema.Struct({ b: Schema.String }).annotate(described("x")) }), "/properties/a"],
    [
      "a list of objects",
      Schema.Struct({ a: Schema.Array(Schema.Struct({ b: Schema.String })).annotate(described("x")) }),
      "/properties/a"
    ],
    [
      "alternatives",
      Schema.Struct({ a: Schema.Union([Schema.String, Schema.Boolean]).annotate(described("x")) }),
      "/properties/a"
    ],
    ["null", Schema.Struct({ a: Schema.NullOr(Schema.String).annotate(described("x")) }), "/properties/a"],
    [
      "101 words",
      Schema.Struct({
        a: Schema.Literals(Array.from({ length: 101 }, (_, index) => `w${index}`)).annotate(described("x"))
      }),
      "/properties/a"
    ],
    ["no struct", Schema.String, ""]
  ]
  for (const [name, fields, path] of unfit) {
    it(`cannot have ${name}`, () => {
      const made = Segments.define({ id: "x", description: "y", fields })
      assert(Result.isFailure(made))
      assert.strictEqual(made.failure._tag, "UnsupportedSchemaError")
      assert.strictEqual(made.failure.path, path)
    })
  }
})

const metadata = {
  tool: "knife",
  note: "cut it 🔪",
  is_last: false,
  people: 2,
  share: null,
  peak: "00:00:05",
  names: ["Ada"],
  moods: []
}

const found = (value: unknown, finishReason = "stop") => ({
  id: "gen-1",
  text: typeof value === "string" ? value : JSON.stringify(value),
  finishReason
})

const decoded: typeof Step.Type = {
  tool: "knife",
  note: "cut it 🔪",
  isLast: false,
  people: 2,
  peak: Duration.seconds(5),
  names: ["Ada"],
  moods: []
}

describe("what was found", () => {
  it.effect("decodes by the schemas of the definitions, whatever way times are written", () =>
    Effect.gen(function* () {
      const others = define("others")
      for (const [start, end] of [
        [3.25, 3725],
        ["00:00:03.250", "01:02:05"],
        ["0:03.25", "62:05.000"]
      ]) {
        const result = found({ steps: [{ start_time: start, end_time: end, metadata }], more: [7] })
        const all = yield* Segments.decode([steps, others], result)
        assert.deepStrictEqual(all, {
          steps: [{ startSeconds: 3.25, endSeconds: 3725, metadata: decoded }],
          others: []
        })
        const [first] = all.steps
        // The types follow the definitions.
        const tool: "knife" | "bottle" | undefined = first?.metadata.tool
        assert.strictEqual(tool, "knife")
      }
    })
  )

  it.effect("may be nothing", () =>
    Effect.gen(function* () {
      for (const value of [{}, { steps: null }, { steps: [] }]) {
        assert.deepStrictEqual(yield* Segments.decode([steps], found(value)), { steps: [] })
      }
    })
  )

  it.effect("can be read without schemas", () =>
    Effect.gen(function* () {
      const value = {
        steps: [{ start_time: "00:01:00", end_time: 61.5, metadata: { tool: "knife", x: [1] } }],
        cuts: [{ start_time: 0, end_time: 2 }],
        none: null
      }
      assert.deepStrictEqual(yield* Segments.read(found(value)), {
        steps: [{ startSeconds: 60, endSeconds: 61.5, metadata: { tool: "knife", x: [1] } }],
        cuts: [{ startSeconds: 0, endSeconds: 2, metadata: {} }],
        none: []
      })
    })
  )

  const broken: ReadonlyArray<readonly [string, ReturnType<typeof found>, string]> = [
    ["that was cut", found('{"steps":[{"start_ti', "length"), "Incomplete"],
    ["that was cut where it could be whole", found({ steps: [] }, "length"), "Incomplete"],
    ["that is no JSON", found("Here are the steps"), "NotJson"],
    ["without a time", found({ steps: [{ end_time: 1, metadata }] }), "WrongShape"],
    ["with a time that is none", found({ steps: [{ start_time: "soon", end_time: 1, metadata }] }), "WrongShape"],
    ["with a time before the video", found({ steps: [{ start_time: -1, end_time: 1, metadata }] }), "WrongShape"],
    [
      "with another word",
      found({ steps: [{ start_time: 0, end_time: 1, metadata: { ...metadata, tool: "saw" } }] }),
      "WrongShape"
    ]
  ]
  for (const [name, result, reason] of broken) {
    it.effect(`${name} is a typed error with the text`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Segments.decode([steps], result))
        assert.deepStrictEqual([error._tag, error.reason], ["StructuredOutputError", reason])
        assert.strictEqual(error.text, result.text)
        assert.deepStrictEqual(error.ids, { generation: "gen-1" })
        assert.notInclude(error.message, "saw")
      })
    )
  }
})
