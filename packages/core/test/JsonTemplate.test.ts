import { JsonTemplate } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

type Json = Readonly<Record<string, unknown>>

const make = () =>
  JsonTemplate.make<Json>({ text: "delta", number: "n" }, (example, delta, n) => ({ ...example, delta, n }))

const learn = (template: JsonTemplate.JsonTemplate<Json>, json: string): void => {
  const value = JSON.parse(json) as { readonly delta: string; readonly n: number }
  template.learn(json, { value, text: value.delta, number: value.n })
}

/** A template that has learned from a text; it was given twice, as the first of all is only noted. */
const learned = (json: string) => {
  const template = make()
  learn(template, json)
  learn(template, json)
  return template
}

const example = '{"type":"delta-of-text","n":7,"item":{"id":"a"},"delta":"one","last":null}'

/** Mostly something usual, sometimes anything. */
const mostly = <A extends Schema.Top, B extends Schema.Top>(usual: A, odd: B) =>
  Schema.Union([usual, usual, usual, usual, odd])

/** What else stands in an object, and what of it looks like a field that is none. */
const member = mostly(
  Schema.Literals(['"type":"delta-of-text"', '"item":{"id":"é釉🏺","n2":[1,"x"]}', '"last":null']),
  Schema.Literals([
    '"note":"say \\"delta\\":\\"no\\""',
    '"note":"delta"',
    '"nested":{"delta":"no"}',
    '"nested":{"n":8}',
    '"d\\u0065lta":"hidden"',
    '"\\u006e":3',
    '"delta":"again"',
    '"n":5'
  ])
)
const number = mostly(
  Schema.Literals(["0", "7", "12345", "9".repeat(15)]),
  Schema.Literals(["00", "07", "-1", "1.5", "1.0", "1e5", "0e5", "9".repeat(16), "", '"4"'])
)
const piece = mostly(
  Schema.Literals(["a", " bowl", "é", "釉", "🏺", "\\n", '\\"', "\\u00e9", "\\ud83c"]),
  Schema.Literals(['"', "\\", "\n", "\0"])
)
const mutation = Schema.Struct({
  at: Schema.Int,
  put: Schema.Literals(["", " ", '"', "\\", "{", "}", "[", ",", ":", "0", "7", ".", "e", "-", "\n", "x"]),
  isReplaced: Schema.Boolean
})
const Event = Schema.Struct({
  number,
  text: Schema.Array(piece),
  isLongText: Schema.Boolean,
  mutations: mostly(Schema.Tuple([]), Schema.Tuple([mutation]))
})
const Texts = Schema.Struct({
  before: Schema.Union([Schema.Tuple([]), Schema.Tuple([member])]),
  between: Schema.Union([Schema.Tuple([]), Schema.Tuple([member])]),
  after: Schema.Union([Schema.Tuple([]), Schema.Tuple([member])]),
  space: Schema.Literals(["", "", " ", "\n\t"]),
  events: Schema.Tuple([Event, Event, Event, Event, Event, Event])
})

const write = ({ after, before, between, space }: typeof Texts.Type, event: typeof Event.Type): string => {
  const text = event.text.join("") + (event.isLongText ? "a text of more than a dozen" : "")
  const members = [...before, `"n":${space}${event.number}`, ...between, `"delta":${space}"${text}"`, ...after]
  let json = `{${space}${members.join(`,${space}`)}${space}}`
  for (const { at, isReplaced, put } of event.mutations) {
    const index = Math.abs(at) % (json.length + 1)
    json = json.slice(0, index) + put + json.slice(index + (isReplaced ? 1 : 0))
  }
  return json
}

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

describe("JsonTemplate", () => {
  let reads = 0
  it.prop(
    "reads what it reads exactly as JSON.parse does, whatever it learned from",
    [Texts],
    ([texts]) => {
      const template = make()
      for (const event of texts.events) {
        const json = write(texts, event)
        const value = parsed(json)
        const alike = template.read(json)
        if (alike !== undefined) {
          reads++
          assert.deepStrictEqual(alike, value)
        } else if (typeof value === "object" && value !== null) {
          const { delta, n } = value as { readonly delta?: unknown; readonly n?: unknown }
          if (typeof delta === "string" && typeof n === "number") learn(template, json)
        }
      }
    },
    { arbitrary: { runs: 5000 } }
  )
  it("has read some of them", () => {
    assert.isAbove(reads, 1000)
  })

  it.prop(
    "reads every text that differs from the one learned in its number and its text alone",
    [Schema.Int, Schema.String],
    ([integer, text]) => {
      const n = Math.abs(integer) % 1e15
      const next = { ...JSON.parse(example), n, delta: text }
      assert.deepStrictEqual(learned(example).read(JSON.stringify(next)), next)
    }
  )

  it("reads texts without a number among the fields", () => {
    const template = JsonTemplate.make<string>({ text: "delta" }, (_, delta, n) => `${delta} ${n}`)
    const json = '{"n":1,"of":{"delta":"one"}}'
    template.learn(json, { value: "one", text: "one" })
    template.learn(json, { value: "one", text: "one" })
    assert.strictEqual(template.read('{"n":1,"of":{"delta":"two"}}'), "two undefined")
    assert.isUndefined(template.read('{"n":2,"of":{"delta":"two"}}'))
  })

  it("learns nothing from a single text", () => {
    const template = make()
    assert.isUndefined(template.read(example))
    learn(template, example)
    assert.isUndefined(template.read(example))
    learn(template, example)
    assert.deepStrictEqual(template.read(example), JSON.parse(example))
  })

  it("gives up on a text that differs anywhere else", () => {
    const template = learned(example)
    const start = example.indexOf("one")
    for (let at = 0; at < example.length; at++) {
      const cut = example.slice(0, at)
      assert.isUndefined(template.read(cut), cut)
      const other = `${cut} ${example.slice(at)}`
      assert.strictEqual(template.read(other) !== undefined, at >= start && at <= start + "one".length, other)
    }
    for (const other of [
      "",
      "{}",
      "[DONE]",
      example + example,
      `${example} `,
      example.replace("null", "true"),
      example.replace('one"', "")
    ]) {
      assert.isUndefined(template.read(other), other)
    }
  })

  it("gives up on numbers that are not whole, are no JSON, or are too large to be exact", () => {
    const template = learned(example)
    for (const number of ["", "-1", "1.5", "1.0", "1e3", "07", "00", "9".repeat(16), "null", '"7"', " 7"]) {
      assert.isUndefined(template.read(example.replace("7", number)), number)
    }
    for (const number of ["0", "10", "9".repeat(15)]) {
      assert.strictEqual(template.read(example.replace("7", number))?.["n"], Number(number))
    }
  })

  it("reads escapes, and gives up on texts that are no JSON", () => {
    const template = learned(example)
    const read = (literal: string) => template.read(example.replace("one", literal))?.["delta"]
    assert.strictEqual(read("\\n\\u00e9\\\\"), "\né\\")
    assert.strictEqual(read('\\"a longer text, in quotes\\"'), '"a longer text, in quotes"')
    for (const literal of ["\n", "\\", "\\x", '"', '","delta":"', "a longer text that breaks\nits line"]) {
      assert.isUndefined(read(literal), literal)
    }
  })

  it("learns nothing where it is not certain which field is meant", () => {
    for (const json of [
      '{"n":1,"delta":"a","of":{"delta":"a"}}',
      '{"n":1,"of":{"delta":"a"},"d\\u0065lta":"a"}',
      '{"n":1,"of":{"n":1},"delta":"a"}',
      '{"n":1,"type":"delta","delta":"a"}',
      '{"delta":"a","n":1}',
      '{"n":1.5,"delta":"a"}'
    ]) {
      assert.isUndefined(learned(json).read(json), json)
    }
    for (const [json, next] of [
      ['{"\\u006e":7,"q\\"n":7,"delta":"a"}', '{"\\u006e":7,"q\\"n":8,"delta":"a"}'],
      ['{"n":3,"\\u006e":3,"delta":"a"}', '{"n":4,"\\u006e":3,"delta":"a"}'],
      ['{"n":3,"delta":"a","d\\u0065lta":"a"}', '{"n":3,"delta":"b","d\\u0065lta":"a"}'],
      ['{"delta":"a","n":1}', '{"delta":"a","n":1","n":1}'],
      ['{"n":3.0,"delta":"a"}', '{"n":4.0,"delta":"a"}'],
      ['{"n":0.0,"delta":"a"}', '{"n":5.0,"delta":"a"}'],
      ['{"n":0e5,"delta":"a"}', '{"n":3e5,"delta":"a"}'],
      ['{"n":0E1,"delta":"a"}', '{"n":4E1,"delta":"a"}']
    ] as const) {
      assert.isUndefined(learned(json).read(next), next)
    }
  })

  it("learns wherever spaces stand, and from every kind of number and text", () => {
    for (const json of [
      '{ "n" :\t7 ,\r\n"delta"\n: "a" }',
      '{"n":123456789012345,"delta":"a"}',
      '{"n":0,"delta":""}',
      '{"n":7,"delta":"\\"\\\\"}'
    ]) {
      assert.deepStrictEqual(learned(json).read(json), JSON.parse(json))
    }
  })

  it("throws at no valid JSON, whatever the fields are called", () => {
    const template = JsonTemplate.make<string>({ text: "," }, (_, text) => text)
    const json = '{"a":null,"\\u002c":"x",":":\n"y"}'
    for (let i = 0; i < 2; i++) template.learn(json, { value: "", text: "x" })
    assert.isUndefined(template.read(json))
  })

  it("learns nothing from a text whose fields are not what was read of it", () => {
    for (const wrong of [{ text: "two", number: 7 }, { text: "one", number: 8 }, { text: "one" }]) {
      const template = make()
      for (let i = 0; i < 2; i++) template.learn(example, { value: {}, ...wrong })
      assert.isUndefined(template.read(example))
    }
  })

  const withId = (id: number) => example.replace('"a"', `"${id}"`)

  /** Decodes a text as a stream's decoder would, and says whether it was read. */
  const isRead = (template: JsonTemplate.JsonTemplate<Json>, json: string): boolean => {
    const alike = template.read(json)
    if (alike === undefined) learn(template, json)
    else assert.deepStrictEqual(alike, JSON.parse(json))
    return alike !== undefined
  }

  /** How many of some texts are read, of which always so many are alike. */
  const readOf = (template: JsonTemplate.JsonTemplate<Json>, texts: number, alike: number): number =>
    Array.from({ length: texts }, (_, index) => isRead(template, withId(Math.floor(index / alike)))).filter(Boolean)
      .length

  it("follows texts that change from time to time", () => {
    assert.strictEqual(readOf(make(), 1000, 20), 949)
  })

  it("does not go on with learning where it does not pay, nor with comparing", () => {
    const template = make()
    assert.strictEqual(readOf(template, 5000, 5000), 4998)
    assert.isBelow(readOf(template, 10_000, 2), 250)
    const learned = Array.from({ length: 5000 }, (_, id) => template.read(withId(id))).filter(
      (read) => read !== undefined
    )
    assert.lengthOf(learned, 0)
  })

  it("counts what is no JSON for nothing that was read", () => {
    const template = make()
    for (let id = 0; id < 6; id++) {
      learn(template, withId(id))
      for (let i = 0; i < 50; i++) assert.isUndefined(template.read(withId(id).replace("one", "\\x")))
    }
    assert.isUndefined(template.read(withId(5)))
  })

  it("comes back when texts are alike again", () => {
    const template = make()
    assert.strictEqual(readOf(template, 500, 500), 498)
    // Two answers that come at the same time.
    for (let i = 0; i < 100; i++) isRead(template, withId(i % 2))
    assert.isAbove(readOf(template, 500, 500), 400)
  })

  it("learns from texts of up to 1024 code units, reads longer ones, and forgets nothing for them", () => {
    const ofLength = (length: number) => example.replace("one", "o".repeat(length - example.length + "one".length))
    assert.isDefined(learned(ofLength(1024)).read(example))
    assert.isUndefined(learned(ofLength(1025)).read(example))
    assert.strictEqual(learned(example).read(ofLength(5000))?.["delta"], JSON.parse(ofLength(5000)).delta)
    const template = learned(example)
    for (let i = 0; i < 100; i++) learn(template, ofLength(1025))
    assert.isDefined(template.read(example))
    learn(template, withId(1))
    assert.isDefined(template.read(withId(1)))
  })
})
