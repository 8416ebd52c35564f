import { JsonSchemaDialect, Timestamp, UnsupportedSchemaError } from "@effect-sse/twelvelabs"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"

const { analyze, enrichment, responses } = JsonSchemaDialect
const dialects = [responses, enrichment, analyze]

const derived = (dialect: JsonSchemaDialect.Dialect, schema: Schema.Constraint) =>
  Result.getOrThrow(JsonSchemaDialect.fromSchema(dialect, schema))

/** Where and over what a schema fails; `"good"` when it does not. */
const verdict = (result: Result.Result<unknown, UnsupportedSchemaError>): string => {
  if (Result.isSuccess(result)) return "good"
  const { keyword, path } = result.failure
  return `${keyword} ${path}`.trim()
}

const underived = (dialect: JsonSchemaDialect.Dialect, schema: Schema.Constraint) =>
  verdict(JsonSchemaDialect.fromSchema(dialect, schema))

const checked = (dialect: JsonSchemaDialect.Dialect, schema: unknown) =>
  verdict(JsonSchemaDialect.check(dialect, schema))

const said = (description: string) => ({ description })
const text = said("a text")

interface Category {
  readonly name: string
  readonly parts: ReadonlyArray<Category>
}
const Category: Schema.Codec<Category> = Schema.Struct({
  name: Schema.String,
  parts: Schema.Array(Schema.suspend((): Schema.Codec<Category> => Category))
}).annotate({ identifier: "Category" })

describe("check", () => {
  const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more })
  const a = (schema: unknown) => object({ a: schema })

  it("responses: names each keyword that the platform would ignore, and where it is", () => {
    const cases: ReadonlyArray<readonly [schema: unknown, verdict: string]> = [
      [a({ type: ["string", "null"], minLength: 1, pattern: "x", format: "uri" }), "good"],
      [a({ anyOf: [{ type: "string" }, { type: "null" }] }), "good"],
      [a({ type: "array", items: { type: "number", multipleOf: 2 }, uniqueItems: true, minItems: 3 }), "good"],
      [
        object({ a: { $ref: "#/$defs/A" } }, { $defs: { A: a({ $ref: "#/$defs/A" }) }, additionalProperties: false }),
        "good"
      ],
      [{ type: "string" }, "good"],
      [a({ oneOf: [{ type: "string" }] }), "oneOf /properties/a"],
      [a({ type: "string", default: "x" }), "default /properties/a"],
      [a({ type: "string", not: { const: "x" } }), "not /properties/a"],
      [a({ if: {}, else: {} }), "if /properties/a"],
      [object({}, { patternProperties: { "^x": { type: "string" } } }), "patternProperties"],
      [a({ type: "array", contains: { type: "string" } }), "contains /properties/a"],
      [a({ type: "array", prefixItems: [{ type: "string" }] }), "prefixItems /properties/a"],
      [a({ type: "array", items: a({ oneOf: [] }) }), "oneOf /properties/a/items/properties/a"],
      [a({ anyOf: [{ type: "null" }, { type: "string", default: "" }] }), "default /properties/a/anyOf/1"],
      [object({ "a/b~c": { default: 1 } }), "default /properties/a~1b~0c"],
      [a({ $ref: "#/$defs/B" }), "$ref /properties/a"],
      [a({ $ref: "#/properties/b" }), "$ref /properties/a"],
      [a({ $ref: "https://example.com/schema" }), "$ref /properties/a"],
      [a({ $dynamicRef: "#x" }), "$dynamicRef /properties/a"],
      [a({ type: "string", $defs: {} }), "$defs /properties/a"],
      [object({}, { definitions: {} }), "definitions"],
      [object({ a: { $ref: "#/$defs/A" } }, { $defs: { A: { oneOf: [] } } }), "oneOf /$defs/A"],
      [object({}, { $defs: { unused: { oneOf: [] } } }), "oneOf /$defs/unused"],
      [object({}, { additionalProperties: true }), "additionalProperties"],
      [object({}, { additionalProperties: { type: "string" } }), "additionalProperties"],
      [a({ type: "object" }), "properties /properties/a"],
      [a({ type: "timestamp", format: "seconds" }), "type /properties/a"],
      [a({ description: "anything" }), "type /properties/a"],
      [a(true), "type /properties/a"],
      [object({}, { required: "a" }), "required"],
      [a({ enum: [] }), "enum /properties/a"],
      [a({ anyOf: {} }), "anyOf /properties/a"],
      [{ type: "object", properties: [] }, "properties"],
      ["{}", "type"],
      [null, "type"],
      [[], "type"]
    ]
    for (const [schema, expected] of cases)
      assert.strictEqual(checked(responses, schema), expected, JSON.stringify(schema))
  })

  it("enrichment: has its short list of keywords, an object as root, and descriptions of all properties", () => {
    const cases: ReadonlyArray<readonly [schema: unknown, verdict: string]> = [
      [a({ type: "string", enum: ["x"], format: "date", title: "T", ...text }), "good"],
      [
        a({ type: "array", prefixItems: [{ type: "string" }], items: { type: "string" }, maxItems: 2, ...text }),
        "good"
      ],
      [
        object(
          { a: { type: "integer", minimum: 1, maximum: 2, ...text } },
          { additionalProperties: false, required: [] }
        ),
        "good"
      ],
      [{ type: "array", items: { type: "string" } }, "type"],
      [{ properties: {} }, "type"],
      [a({ type: "string" }), "description /properties/a"],
      [a({ type: "string", description: " " }), "description /properties/a"],
      [a({ ...a({ type: "string" }), ...text }), "description /properties/a/properties/a"],
      [a({ type: "array", items: a({ type: "string" }), ...text }), "description /properties/a/items/properties/a"],
      [a({ anyOf: [{ type: "string" }], ...text }), "anyOf /properties/a"],
      [a({ $ref: "#/$defs/A", ...text }), "$ref /properties/a"],
      [object({}, { $defs: {} }), "$defs"],
      [a({ type: ["string", "null"], ...text }), "type /properties/a"],
      [object({}, { additionalProperties: { type: "string" } }), "additionalProperties"],
      ...[
        "const",
        "pattern",
        "minLength",
        "maxLength",
        "exclusiveMinimum",
        "multipleOf",
        "nullable",
        "default",
        "examples",
        "readOnly"
      ].map((keyword) => [a({ type: "string", [keyword]: 1, ...text }), `${keyword} /properties/a`] as const)
    ]
    for (const [schema, expected] of cases)
      assert.strictEqual(checked(enrichment, schema), expected, JSON.stringify(schema))
  })

  it("analyze: has few keywords, each for its types", () => {
    const cases: ReadonlyArray<readonly [schema: unknown, verdict: string]> = [
      [a({ type: "integer", minimum: 1, exclusiveMaximum: 3 }), "good"],
      [a({ type: "string", pattern: "^x", format: "uuid", title: "T", ...text }), "good"],
      [a({ type: "array", items: { type: "boolean" }, minItems: 1 }), "good"],
      [a({ anyOf: [{ type: "string", enum: ["x", null] }, { type: "null" }] }), "good"],
      [object({ a: { $ref: "#/$defs/A" } }, { $defs: { A: { type: "number", const: 1 } }, required: ["a"] }), "good"],
      [a({ type: "number", minimum: 1 }), "minimum /properties/a"],
      [a({ type: "string", minLength: 1 }), "minLength /properties/a"],
      [a({ type: "string", format: "uri" }), "format /properties/a"],
      [a({ type: "array", items: { type: "string" }, minItems: 2 }), "minItems /properties/a"],
      [a({ type: "array", items: { type: "string" }, maxItems: 2 }), "maxItems /properties/a"],
      [a({ type: "array", items: { type: "string" }, uniqueItems: true }), "uniqueItems /properties/a"],
      [object({}, { additionalProperties: false }), "additionalProperties"],
      [a({ type: "integer", enum: [1] }), "enum /properties/a"],
      [a({ enum: [{}] }), "enum /properties/a"],
      [a({ const: [] }), "const /properties/a"],
      [a({ oneOf: [{ type: "string" }] }), "oneOf /properties/a"],
      [a({ allOf: [{ type: "string" }] }), "allOf /properties/a"],
      [a({ type: ["string"] }), "type /properties/a"],
      [a({ type: "string", examples: [] }), "examples /properties/a"]
    ]
    for (const [schema, expected] of cases)
      assert.strictEqual(checked(analyze, schema), expected, JSON.stringify(schema))
  })

  it("analyze: timestamps have a format, and stand where the platform puts them", () => {
    const time = { type: "timestamp", format: "seconds" }
    const cases: ReadonlyArray<readonly [schema: unknown, verdict: string]> = [
      [a(time), "good"],
      [a({ type: "timestamp", format: "hh:mm:ss.fff", ...text }), "good"],
      [a({ type: "array", items: a(time) }), "good"],
      [a(a({ type: "array", items: a(time) })), "good"],
      [{ type: "array", items: a(time) }, "good"],
      [object({ a: { type: "array", items: { $ref: "#/$defs/A" } } }, { $defs: { A: a(time) } }), "good"],
      [a({ type: "timestamp" }), "format /properties/a"],
      [a({ type: "timestamp", format: "date" }), "format /properties/a"],
      [time, "type"],
      [a(a(time)), "type /properties/a/properties/a"],
      [a({ type: "array", items: time }), "type /properties/a/items"],
      [a({ type: "array", items: a(a(time)) }), "type /properties/a/items/properties/a/properties/a"],
      [a({ anyOf: [time, { type: "null" }] }), "type /properties/a/anyOf/0"],
      [object({ a: { $ref: "#/$defs/A" } }, { $defs: { A: a(time) } }), "type /$defs/A/properties/a"],
      [
        object(
          { b: { type: "array", items: { $ref: "#/$defs/A" } }, a: { $ref: "#/$defs/A" } },
          { $defs: { A: a(time) } }
        ),
        "type /$defs/A/properties/a"
      ]
    ]
    for (const [schema, expected] of cases)
      assert.strictEqual(checked(analyze, schema), expected, JSON.stringify(schema))
  })

  it("analyze: start_time and end_time are of a type that the platform can fill, at any depth", () => {
    for (const name of ["start_time", "end_time"]) {
      const at = (schema: object) => a(a({ type: "array", items: object({ [name]: schema }) }))
      const path = `/properties/a/properties/a/items/properties/${name}`
      const cases: ReadonlyArray<readonly [schema: object, verdict: string]> = [
        [{ type: "number" }, "good"],
        [{ type: "integer", minimum: 0 }, "good"],
        [{ type: "string" }, "good"],
        [{ type: "timestamp", format: "hh:mm:ss" }, "good"],
        [{ type: "string", format: "time" }, `format ${path}`],
        [{ type: "boolean" }, `type ${path}`],
        [{ anyOf: [{ type: "number" }, { type: "null" }] }, `type ${path}`],
        [{ enum: ["x"] }, `type ${path}`]
      ]
      for (const [schema, expected] of cases) assert.strictEqual(checked(analyze, at(schema)), expected)
    }
  })

  it("is bounded, for schemas that are deep, hold themselves, or share parts without end", () => {
    let deep: object = { type: "string" }
    for (let i = 0; i < 10_000; i++) deep = { anyOf: [deep] }
    const cyclic: Record<string, unknown> = { type: "object", properties: {} }
    ;(cyclic["properties"] as Record<string, unknown>)["self"] = cyclic
    let shared: object = { type: "string" }
    for (let i = 0; i < 40; i++) shared = { anyOf: [shared, shared] }
    const verdicts = [deep, cyclic, shared].map((schema) => checked(responses, schema).split(" ")[0])
    assert.deepStrictEqual(verdicts, ["depth", "depth", "size"])
  })

  it("gives a good schema as it is, and says in its error what to use instead", () => {
    const schema = a({ type: "string" })
    assert.strictEqual(Result.getOrThrow(JsonSchemaDialect.check(responses, schema)), schema)
    const error = Result.getOrThrow(Result.flip(JsonSchemaDialect.check(responses, a({ oneOf: [] }))))
    assert.instanceOf(error, UnsupportedSchemaError)
    assert.deepInclude(error, { dialect: "responses", path: "/properties/a", keyword: "oneOf", issue: "use anyOf" })
    assert.isFalse(error.isRetryable)
    assert.strictEqual(error.retryAfter, undefined)
    assert.include(error.message, "/properties/a")
    assert.include(error.message, "use anyOf")
  })
})

describe("fromSchema", () => {
  const Scene = Schema.Struct({
    title: Schema.String.annotate(said("the title")).check(Schema.isMaxLength(40)),
    mood: Schema.Literals(["calm", "tense"]).annotate(said("the mood")),
    rating: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })).annotate(said("stars"))),
    note: Schema.optional(Schema.String.annotate(said("a note"))),
    tags: Schema.Array(Schema.String).check(Schema.isMinLength(2)).annotate(said("tags"))
  })

  it("responses: all that decoding knows, with what may be absent as what may be null", () => {
    assert.deepStrictEqual(derived(responses, Scene), {
      type: "object",
      properties: {
        title: { type: "string", description: "the title", maxLength: 40 },
        mood: { type: "string", description: "the mood", enum: ["calm", "tense"] },
        rating: { anyOf: [{ type: "integer", minimum: 1, maximum: 5 }, { type: "null" }], description: "stars" },
        note: { anyOf: [{ type: "string", description: "a note" }, { type: "null" }] },
        tags: { type: "array", description: "tags", items: { type: "string" }, minItems: 2 }
      },
      required: ["title", "mood", "rating", "note", "tags"],
      additionalProperties: false
    })
  })

  it("enrichment: what may be absent is not required, and what cannot be said otherwise is said in words", () => {
    assert.deepStrictEqual(derived(enrichment, Scene), {
      type: "object",
      properties: {
        title: { type: "string", description: "the title (at most 40 characters)" },
        mood: { type: "string", description: "the mood", enum: ["calm", "tense"] },
        rating: { type: "integer", minimum: 1, maximum: 5, description: "stars" },
        note: { type: "string", description: "a note" },
        tags: { type: "array", description: "tags", items: { type: "string" }, minItems: 2 }
      },
      required: ["title", "mood", "tags"]
    })
  })

  it("analyze: the same, within its own keywords", () => {
    assert.deepStrictEqual(derived(analyze, Scene), {
      type: "object",
      properties: {
        title: { type: "string", description: "the title (at most 40 characters)" },
        mood: { type: "string", description: "the mood", enum: ["calm", "tense"] },
        rating: { type: "integer", minimum: 1, maximum: 5, description: "stars" },
        note: { anyOf: [{ type: "string", description: "a note" }, { type: "null" }] },
        tags: { type: "array", description: "tags (at least 2 items)", items: { type: "string" }, minItems: 1 }
      },
      required: ["title", "mood", "tags"]
    })
  })

  it("writes timestamps in the form of the dialect", () => {
    const Times = Schema.Struct({
      at: Timestamp.seconds.annotate(said("when")),
      until: Schema.optional(Timestamp.clock).annotateKey(said("till when")),
      goals: Schema.Array(Schema.Struct({ start_time: Timestamp.clockMillis.annotate(said("when")) })).annotate(
        said("goals")
      )
    })
    assert.deepStrictEqual(derived(analyze, Times), {
      type: "object",
      properties: {
        at: { type: "timestamp", format: "seconds", description: "when" },
        until: { type: "timestamp", format: "hh:mm:ss", description: "till when" },
        goals: {
          type: "array",
          items: {
            type: "object",
            properties: { start_time: { type: "timestamp", format: "hh:mm:ss.fff", description: "when" } },
            required: ["start_time"]
          },
          description: "goals"
        }
      },
      required: ["at", "goals"]
    })
    const { properties } = derived(responses, Times) as { readonly properties: Readonly<Record<string, object>> }
    assert.deepStrictEqual(properties["at"], { type: "number", minimum: 0, description: "when" })
    assert.deepInclude(properties["until"], {
      anyOf: [{ type: "string", pattern: "^\\d{2,6}:[0-5]\\d:[0-5]\\d$" }, { type: "null" }]
    })
    assert.strictEqual(underived(enrichment, Times), "good")
  })

  it("finds timestamps where the platform does not put them, behind names too", () => {
    const Moment = Schema.Struct({ at: Timestamp.seconds }).annotate({ identifier: "Moment" })
    assert.strictEqual(underived(analyze, Schema.Struct({ a: Schema.Array(Moment), at: Timestamp.clock })), "good")
    const misplaced = "type /properties/a/properties/at"
    assert.strictEqual(underived(analyze, Schema.Struct({ a: Moment })), misplaced)
    assert.strictEqual(underived(analyze, Schema.Struct({ b: Schema.Array(Moment), a: Moment })), misplaced)
    assert.strictEqual(underived(analyze, Timestamp.seconds), "type")
    assert.strictEqual(
      underived(analyze, Schema.Struct({ a: Schema.NullOr(Timestamp.clock) })),
      "type /properties/a/anyOf/0"
    )
    assert.strictEqual(underived(analyze, Schema.Struct({ start_time: Schema.Boolean })), "type /properties/start_time")
    const Named = Schema.String.annotate({ identifier: "Named", format: "date" })
    assert.deepStrictEqual(derived(analyze, Schema.Struct({ end_time: Schema.optionalKey(Named) })), {
      type: "object",
      properties: { end_time: { type: "string", description: "in the format date" } }
    })
  })

  it("keeps what was said of keys, of schemas that transform, and of classes", () => {
    class Maker extends Schema.Class<Maker>("Maker")({ name: Schema.String.annotate(said("the name")) }) {}
    const Video = Schema.Struct({
      madeAt: Schema.DateTimeUtcFromString.annotate(said("when")),
      length: Schema.NumberFromString.annotate(said("how long")),
      key: Schema.String.annotateKey(said("of the key")),
      both: Schema.String.annotate(said("of the value")).annotateKey(said("of the key")),
      maker: Maker.annotate(said("who")),
      other: Schema.optionalKey(Maker).annotateKey(said("who else"))
    }).pipe(Schema.encodeKeys({ madeAt: "made_at" }))
    const { properties } = derived(enrichment, Video) as { readonly properties: Readonly<Record<string, object>> }
    const maker = {
      type: "object",
      properties: { name: { type: "string", description: "the name" } },
      required: ["name"]
    }
    assert.deepStrictEqual(properties, {
      made_at: { type: "string", description: "when", format: "date-time" },
      length: { type: "string", description: "how long" },
      key: { type: "string", description: "of the key" },
      both: { type: "string", description: "of the key" },
      maker: { ...maker, description: "who" },
      other: { ...maker, description: "who else" }
    })
  })

  it("says the same in fewer words where it can", () => {
    const cases = {
      number: Schema.Number.check(Schema.isGreaterThan(0)),
      integer: Schema.Int,
      dated: Schema.Date,
      oneKind: Schema.Tuple([Schema.Finite, Schema.Finite]),
      some: Schema.NonEmptyArray(Schema.String),
      enumeration: Schema.Enum({ A: "a", B: "b" }),
      literals: Schema.Union([Schema.Literal("a"), Schema.Literals(["b", "c"])]),
      exclusive: Schema.Union([Schema.String, Schema.Finite], { mode: "oneOf" }),
      annotated: Schema.String.annotate({ title: "T", default: "x", examples: ["x"] })
    }
    const { properties } = derived(responses, Schema.Struct(cases)) as { readonly properties: object }
    assert.deepStrictEqual(properties, {
      number: { type: "number", exclusiveMinimum: 0 },
      integer: { type: "integer" },
      dated: { type: "string", format: "date-time" },
      oneKind: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
      some: { type: "array", items: { type: "string" }, minItems: 1 },
      enumeration: { type: "string", enum: ["a", "b"] },
      literals: { type: "string", enum: ["a", "b", "c"] },
      exclusive: { anyOf: [{ type: "string" }, { type: "number" }] },
      annotated: { type: "string", title: "T" }
    })
  })

  it("folds what checks say apart into one schema, and keeps apart what cannot be one", () => {
    const Word = Schema.String.check(
      Schema.isMaxLength(9, { format: "first" }),
      Schema.isMaxLength(5, { format: "second" }),
      Schema.isMaxLength(7),
      Schema.isMinLength(1, { format: "third" })
    )
    assert.deepStrictEqual(derived(responses, Word), { type: "string", format: "first", maxLength: 5, minLength: 1 })
    const Count = Schema.Finite.check(
      Schema.isGreaterThanOrEqualTo(2, { format: "first" }),
      Schema.isGreaterThanOrEqualTo(1, { format: "second" })
    )
    assert.deepStrictEqual(derived(responses, Count), { type: "number", format: "first", minimum: 2 })
    const toJsonSchema = () => ({ type: "number" as const })
    const Odd = Schema.Struct({ a: Schema.String.check(Schema.makeFilter(() => true, { toJsonSchema })) })
    assert.strictEqual(underived(analyze, Odd), "allOf /properties/a")
  })

  it("keeps a schema that holds itself where there is $ref, and refuses it where there is none", () => {
    const shape = (more: object) => ({
      type: "object",
      properties: { name: { type: "string" }, parts: { type: "array", items: { $ref: "#/$defs/Category" } } },
      required: ["name", "parts"],
      ...more
    })
    const closed = { additionalProperties: false }
    assert.deepStrictEqual(derived(responses, Category), { ...shape(closed), $defs: { Category: shape(closed) } })
    assert.deepStrictEqual(derived(analyze, Category), { ...shape({}), $defs: { Category: shape({}) } })
    const Described = Schema.Struct({ top: Category.annotate(said("the top")) })
    assert.match(underived(enrichment, Described), /^\$ref \/properties\/top\/properties\/parts\/items/)
  })

  it("refuses what has no form in a dialect, and says where", () => {
    const cases: ReadonlyArray<readonly [Schema.Constraint, responses: string, enrichment: string, analyze: string]> = [
      [
        Schema.Record(Schema.String, Schema.Finite),
        "additionalProperties",
        "additionalProperties",
        "additionalProperties"
      ],
      [
        Schema.Record(Schema.String, Schema.Unknown),
        "additionalProperties",
        "additionalProperties",
        "additionalProperties"
      ],
      [Schema.Struct({}), "properties", "properties", "properties"],
      [
        Schema.StructWithRest(Schema.Struct({ a: Schema.String.annotate(text) }), [
          Schema.Record(Schema.String, Schema.String)
        ]),
        "additionalProperties",
        "additionalProperties",
        "additionalProperties"
      ],
      [
        Schema.Struct({ a: Schema.Tuple([Schema.String, Schema.Finite]).annotate(text) }),
        "prefixItems /properties/a",
        "good",
        "prefixItems /properties/a"
      ],
      [
        Schema.Struct({ a: Schema.TupleWithRest(Schema.Tuple([Schema.String]), [Schema.Unknown]).annotate(text) }),
        "prefixItems /properties/a",
        "good",
        "prefixItems /properties/a"
      ],
      [Schema.Struct({ a: Schema.NullOr(Schema.String).annotate(text) }), "good", "anyOf /properties/a", "good"],
      [Schema.Struct({ a: Schema.String.check(Schema.isMaxLength(9)) }), "good", "description /properties/a", "good"],
      [
        Schema.Struct({ a: Schema.Unknown.annotate(text) }),
        "type /properties/a",
        "type /properties/a",
        "type /properties/a"
      ],
      [
        Schema.Struct({ a: Schema.Array(Schema.Json).annotate(text) }),
        "items /properties/a",
        "items /properties/a",
        "items /properties/a"
      ],
      [
        Schema.Struct({ a: Schema.Never.annotate(text) }),
        "not /properties/a",
        "not /properties/a",
        "not /properties/a"
      ],
      [Schema.Struct({ [Symbol.for("a")]: Schema.String }), "type", "type", "type"],
      [Schema.String, "good", "type", "good"]
    ]
    for (const [schema, ...expected] of cases) {
      assert.deepStrictEqual(
        dialects.map((dialect) => underived(dialect, schema)),
        expected
      )
    }
  })

  it("is bounded where parts that share parts are written where they are used", () => {
    let schema: Schema.Codec<unknown> = Schema.Struct({ a: Schema.String.annotate(text) })
    for (let i = 0; i < 30; i++) {
      const part = schema.annotate({ identifier: `Part${i}`, ...text })
      schema = Schema.Struct({ a: part, b: part })
    }
    assert.match(underived(enrichment, schema), /^size /)
    assert.strictEqual(underived(responses, schema), "good")
  })
})

/** What a schema is built of, for schemas that nobody wrote. */
type Plan =
  | { readonly kind: "leaf"; readonly leaf: keyof typeof leaves }
  | { readonly kind: "array" | "some" | "nullable"; readonly of: Plan }
  | { readonly kind: "struct"; readonly fields: ReadonlyArray<readonly [isOptional: boolean, Plan]> }

const leaves = {
  text: Schema.String,
  short: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(9)),
  matching: Schema.String.check(Schema.isPattern(/^a/u), Schema.isPattern(/b$/u)),
  uuid: Schema.String.check(Schema.isUUID()),
  number: Schema.Number,
  bounded: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 2, exclusiveMaximum: true })),
  integer: Schema.Int.check(Schema.isGreaterThan(0), Schema.isMultipleOf(2)),
  yes: Schema.Boolean,
  word: Schema.Literals(["a", "b"]),
  mixed: Schema.Literals([1, 2]),
  date: Schema.Date,
  named: Schema.Struct({ a: Schema.String.annotate(text) }).annotate({ identifier: "Named" })
}

const leafNames = Object.keys(leaves) as ReadonlyArray<keyof typeof leaves>

const Plan: Schema.Codec<Plan> = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("leaf"), leaf: Schema.Literals(leafNames) }),
  Schema.Struct({ kind: Schema.Literals(["array", "some", "nullable"]), of: Schema.suspend(() => Plan) }),
  Schema.Struct({
    kind: Schema.Literal("struct"),
    fields: Schema.Array(Schema.Tuple([Schema.Boolean, Schema.suspend(() => Plan)])).check(Schema.isMinLength(1))
  })
])

const built = (plan: Plan, nullables: boolean): Schema.Codec<unknown, unknown> => {
  switch (plan.kind) {
    case "leaf":
      return leaves[plan.leaf]
    case "array":
      return Schema.Array(built(plan.of, nullables)).check(Schema.isMaxLength(9), Schema.isUnique())
    case "some":
      return Schema.NonEmptyArray(built(plan.of, nullables))
    case "nullable":
      return nullables ? Schema.NullOr(built(plan.of, nullables)) : built(plan.of, nullables)
    case "struct":
      return Schema.Struct(
        Object.fromEntries(
          plan.fields.map(([isOptional, field], index) => {
            const schema = built(field, nullables).annotate(said(`field ${index}`))
            return [`f${index}`, isOptional ? Schema.optionalKey(schema) : schema]
          })
        )
      )
  }
}

describe("any schema of what the dialects share", () => {
  const fields = Schema.Array(Schema.Tuple([Schema.Boolean, Plan])).check(Schema.isMinLength(1))
  for (const dialect of dialects) {
    it.prop(`is derived for ${dialect.name}, and what is derived is checked good`, [fields], ([fields]) => {
      const schema = built({ kind: "struct", fields }, dialect !== enrichment)
      const jsonSchema = derived(dialect, schema)
      assert.strictEqual(checked(dialect, jsonSchema), "good")
      // It is JSON: nothing of it is lost on the way.
      assert.deepStrictEqual(JSON.parse(JSON.stringify(jsonSchema)), jsonSchema)
    })
  }
})
