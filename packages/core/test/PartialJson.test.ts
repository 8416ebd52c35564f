import { PartialJson } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"

const feed = (fragments: Iterable<string>, options?: PartialJson.Options) => {
  const json = PartialJson.make(options)
  for (const fragment of fragments) json.add(fragment)
  return json
}

const prefixes = (text: string) => Array.from({ length: text.length + 1 }, (_, end) => text.slice(0, end))

const valueOf = (text: string): unknown => Result.getOrThrow(PartialJson.parse(text))

/** A JSON document before it is written: what is hard about texts, keys and numbers, and little else. */
type Document =
  | { readonly kind: "text"; readonly pieces: ReadonlyArray<string> }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "array"; readonly elements: ReadonlyArray<Document> }
  | { readonly kind: "object"; readonly members: ReadonlyArray<readonly [ReadonlyArray<string>, Document]> }

const Pieces = Schema.Array(
  Schema.Literals(["a", "é", "🪁", "\ud83d", "\udc00", '"', "\\", "\n", "\u0001", "\u2028", "}", ":", "__proto__", "7"])
)
const tokens = ["0", "-0", "12", "-1.5e+3", "0.10", "1E2", "1e999", "123456789012345678901", "true", "false", "null"]

const Document: Schema.Codec<Document> = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("text"), pieces: Pieces }),
  Schema.Struct({ kind: Schema.Literal("token"), token: Schema.Literals(tokens) }),
  Schema.Struct({ kind: Schema.Literal("array"), elements: Schema.Array(Schema.suspend(() => Document)) }),
  Schema.Struct({
    kind: Schema.Literal("object"),
    members: Schema.Array(Schema.Tuple([Pieces, Schema.suspend(() => Document)]))
  })
])

/** Writes a document as JSON text; `style` picks where white space stands and which characters are escaped. */
const write = (document: Document, style: number): string => {
  let seed = Math.abs(style) % 2_147_483_647
  const pick = (count: number) => (seed = (seed * 48_271 + 11) % 2_147_483_647) % count
  const space = () => ["", "", "", " ", "\n\t", "\r"][pick(6)]!
  const text = (pieces: ReadonlyArray<string>) =>
    `"${pieces
      .join("")
      .split("")
      .map((unit) => {
        if (/[\ud800-\udfff]/.test(unit) && pick(2) === 0) return unit
        if (unit === "a" && pick(3) > 0) return unit
        if (pick(2) === 0) return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`
        return JSON.stringify(unit).slice(1, -1)
      })
      .join("")}"`
  const write = (document: Document): string => {
    const inner = ((): string => {
      switch (document.kind) {
        case "text":
          return text(document.pieces)
        case "token":
          return document.token
        case "array":
          return `[${space()}${document.elements.map(write).join(",")}]`
        case "object":
          return `{${space()}${document.members
            .map(([key, value]) => `${space()}${text(key)}${space()}:${write(value)}`)
            .join(",")}}`
      }
    })()
    return space() + inner + space()
  }
  return write(document)
}

/** Whether a later value is an earlier one with more in it. */
const grows = (earlier: unknown, later: unknown): boolean => {
  if (earlier === undefined) return true
  if (typeof earlier === "string") return typeof later === "string" && later.startsWith(earlier)
  if (!isMembers(earlier)) return Object.is(earlier, later)
  return (
    isMembers(later) &&
    Array.isArray(earlier) === Array.isArray(later) &&
    Object.keys(earlier).every((key) => Object.hasOwn(later, key) && grows(earlier[key], later[key]))
  )
}

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** A document whose every object has each key once, and that is no bare number. */
const settles = (document: Document): boolean => {
  const plain = (document: Document): boolean => {
    if (document.kind === "array") return document.elements.every(plain)
    if (document.kind !== "object") return true
    const keys = document.members.map(([key]) => key.join(""))
    return new Set(keys).size === keys.length && document.members.every(([, value]) => plain(value))
  }
  return plain(document) && !(document.kind === "token" && /\d/.test(document.token))
}

describe("PartialJson", () => {
  it.prop(
    "the last value is what JSON.parse gives, however the text is cut",
    [Document, Schema.Int],
    ([document, style]) => {
      const text = write(document, style)
      const expected: unknown = JSON.parse(text)
      assert.deepStrictEqual(valueOf(text), expected)
      assert.deepStrictEqual(Result.getOrThrow(feed([text]).end()), expected)
      assert.deepStrictEqual(Result.getOrThrow(feed(text.split("")).end()), expected)
    }
  )

  it.prop(
    "every prefix has a value, and cutting makes no difference to it",
    [Document, Schema.Int],
    ([document, style]) => {
      const text = write(document, style)
      const json = PartialJson.make()
      for (const prefix of prefixes(text)) {
        if (prefix !== "") json.add(prefix.slice(-1))
        assert.strictEqual(json.problem(), undefined)
        assert.deepStrictEqual(json.value(), valueOf(prefix))
      }
    }
  )

  it.prop("values only grow, and none is changed after it was given", [Document, Schema.Int], ([document, style]) => {
    if (!settles(document)) return
    const json = PartialJson.make()
    const given: Array<{ readonly value: unknown; readonly copy: unknown }> = []
    for (const unit of write(document, style)) {
      const value = json.add(unit).value()
      assert.isTrue(grows(given.at(-1)?.value, value))
      given.push({ value, copy: structuredClone(value) })
    }
    for (const { copy, value } of given) assert.deepStrictEqual(value, copy)
  })

  it.prop(
    "agrees with JSON.parse on what is no JSON, and never throws",
    [Schema.Array(Pieces), Document, Schema.Int],
    ([noise, document, style]) => {
      const good = write(document, style)
      const at = Math.abs(style) % (good.length + 1)
      const text = good.slice(0, at) + noise.flat().join("") + good.slice(at + (style % 2 === 0 ? 1 : 0))
      const expected = Result.try(() => JSON.parse(text) as unknown)
      const end = feed(text.split("")).end()
      assert.strictEqual(Result.isSuccess(end), Result.isSuccess(expected))
      if (Result.isSuccess(expected)) assert.deepStrictEqual(Result.getOrThrow(end), expected.success)
    }
  )

  it("leaves out what is in doubt, and closes what is open", () => {
    const cases: ReadonlyArray<readonly [string, unknown]> = [
      ["", undefined],
      [" \n\t", undefined],
      ["{", {}],
      ['{"ti', {}],
      ['{"title"', {}],
      ['{"title" : ', {}],
      ['{"title": "', { title: "" }],
      ['{"title": "A ki', { title: "A ki" }],
      ['{"title": "A \\', { title: "A " }],
      ['{"title": "A \\u00e', { title: "A " }],
      ['{"title": "A \\u00e9', { title: "A é" }],
      ['{"title": "A \\ud83e', { title: "A " }],
      ['{"title": "A \\ud83e\\ude81', { title: "A 🪁" }],
      ['{"title": "A \ud83e', { title: "A " }],
      ['{"title": "A \\ud83ex', { title: "A \ud83ex" }],
      ['{"title": "A \\ud83e"', { title: "A \ud83e" }],
      ["[1", []],
      ["[1.", []],
      ["[12 ", [12]],
      ["[12,", [12]],
      ["[tr", []],
      ["[true", [true]],
      ["[nul", []],
      ["[null", [null]],
      ['[[1, {"a": [2, 3', [[1, { a: [2] }]]],
      ["1", 1],
      ["-", undefined],
      ["12.", 12],
      ["12.5e", 12.5]
    ]
    for (const [text, value] of cases) assert.deepStrictEqual(valueOf(text), value, text)
  })

  it("takes __proto__ for a key like any other", () => {
    for (const prefix of prefixes('{"__proto__": {"admin": true}, "constructor": {"prototype": {"b": "yes"}}}')) {
      const value = valueOf(prefix) as { readonly admin?: unknown } | undefined
      assert.strictEqual(value?.admin, undefined)
      if (value !== undefined) assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
    }
    assert.strictEqual(({} as { readonly admin?: unknown }).admin, undefined)
    const value = valueOf('{"__proto__": {"admin": true}') as object
    assert.deepStrictEqual(Object.entries(value), [["__proto__", { admin: true }]])
  })

  it("shares what is finished, and gives the same value while nothing new came", () => {
    const json = feed(['{"scenes": [{"a": 1}, '])
    const first = json.value() as { readonly scenes: ReadonlyArray<unknown> }
    assert.strictEqual(json.add("  ").value(), first)
    const closing = feed(['[{"a": "x'])
    const open = closing.value()
    assert.strictEqual(closing.add('"').add(" }").add("]").value(), open)
    const second = json.add('{"a": 2').value() as { readonly scenes: ReadonlyArray<unknown> }
    assert.notStrictEqual(second, first)
    assert.strictEqual(second.scenes[0], first.scenes[0])
  })

  it("says why and where a text is no JSON, and keeps the value before it", () => {
    const cases: ReadonlyArray<readonly [text: string, reason: PartialJson.Problem["reason"], offset: number]> = [
      ["Here is the JSON", "Syntax", 0],
      ["```json", "Syntax", 0],
      ["{title", "Syntax", 1],
      ['{"a" 1', "Syntax", 5],
      ["[1 2", "Syntax", 3],
      ["[1,]", "Syntax", 3],
      ['{"a": 1,}', "Syntax", 8],
      ["[01]", "Syntax", 3],
      ["[1.]", "Syntax", 3],
      ["trie", "Syntax", 2],
      ['"\\x', "Syntax", 2],
      ['"\\u12g', "Syntax", 5],
      ['"a\nb"', "Syntax", 2],
      ["{}{", "Syntax", 2],
      ["\ufeff{}", "Syntax", 0]
    ]
    for (const [text, reason, offset] of cases) {
      for (const fragments of [[text], text.split("")]) {
        const problem = feed(fragments).problem()
        assert.strictEqual(problem?.reason, reason, text)
        assert.strictEqual(problem?.offset, offset, text)
        assert.isTrue(Result.isFailure(PartialJson.parse(text)))
      }
    }
    const json = feed(['{"a": ["xy', '\u0001"]}'])
    assert.deepStrictEqual(json.value(), { a: ["xy"] })
    assert.deepStrictEqual(json.add('"b": 1}').value(), { a: ["xy"] })
  })

  it("tells a text that ended early from one that is no JSON", () => {
    for (const text of ["", '{"a": 1', '["', "tru", "[1"]) {
      const end = feed([text]).end()
      assert.strictEqual(Result.isFailure(end) ? end.failure.reason : "", "Incomplete", text)
    }
    const end = feed(["-"]).end()
    assert.strictEqual(Result.isFailure(end) ? end.failure.reason : "", "Syntax")
  })

  it("bounds the depth, and needs no stack for it", () => {
    const deep = "[".repeat(PartialJson.defaultMaxDepth)
    assert.strictEqual(feed([deep]).problem(), undefined)
    assert.strictEqual(feed([deep, '{"a"']).problem()?.reason, "Depth")
    const json = feed(["[".repeat(50_000), "]".repeat(50_000)], { maxDepth: 50_000 })
    assert.isTrue(Result.isSuccess(json.end()))
  })

  it("stays linear: a text and an array that come a character at a time, with a value at each", () => {
    const text = PartialJson.make().add('{"a": "')
    for (let i = 0; i < 400_000; i++) text.add("x").value()
    assert.strictEqual((text.value() as { readonly a: string }).a.length, 400_000)
    const array = PartialJson.make().add("[[")
    for (let i = 0; i < 400_000; i++) array.add("1,")
    assert.strictEqual(array.openMembers(), 400_000)
    array.add("1]")
    assert.strictEqual(array.openMembers(), 1)
    for (let i = 0; i < 100_000; i++) array.add(" ").value()
  })
})
