import { assert, describe, it, vi } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
import { Headers } from "effect/http"
import { protocol } from "../src/ResponsesProtocol.ts"
import { guardTextDelta, readers, textDeltaType } from "../src/internal/eventWire.ts"

const bySchema = readers.get(textDeltaType)!

// Mostly what the vendor sends, sometimes something near it, sometimes anything. `undefined` stands for an absent field.
const field = (likely: Schema.Codec<unknown>) =>
  Schema.Union([likely, likely, likely, Schema.Undefined, Schema.Null, Schema.Json])

const Near = Schema.Struct({
  type: Schema.Union([Schema.Literal(textDeltaType), Schema.Literal(textDeltaType), Schema.Json]),
  sequence_number: field(Schema.Number),
  item_id: field(Schema.String),
  output_index: field(Schema.Int),
  content_index: field(Schema.Int),
  delta: field(Schema.String),
  extra: field(Schema.Json)
})

const onTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("the guard of text deltas", () => {
  it.prop(
    "takes nothing that the schema refuses, and reads what it takes as the schema does",
    [Near],
    ([near]) => {
      const json = onTheWire(near)
      const guarded = guardTextDelta(json)
      if (guarded === undefined) return
      assert.deepStrictEqual(Option.some(guarded), Result.getSuccess(bySchema(json)) as Option.Option<unknown>)
    },
    { arbitrary: { runs: 2000 } }
  )

  it.prop(
    "takes every delta with all of its fields",
    [
      Schema.Struct({
        type: Schema.Literal(textDeltaType),
        sequence_number: Schema.Int,
        item_id: Schema.String,
        output_index: Schema.Int,
        content_index: Schema.Int,
        delta: Schema.String
      })
    ],
    ([delta]) => {
      assert.strictEqual(guardTextDelta(onTheWire(delta))?.delta, delta.delta)
    }
  )

  it("gives up on what is no delta", () => {
    for (const json of [null, undefined, 1, "text", [], {}, { type: "keepalive" }, { type: textDeltaType }]) {
      assert.isUndefined(guardTextDelta(json))
    }
  })
})

describe("the text deltas of a stream", () => {
  const opened = { status: 200, headers: Headers.empty, attempt: 1 }
  const usual = Schema.Struct({
    type: Schema.Literal(textDeltaType),
    sequence_number: Schema.Literals([1, 20, 300, -1]),
    item_id: Schema.Literals(["msg_1", "msg_2"]),
    output_index: Schema.Literals([0]),
    content_index: Schema.Literals([3]),
    delta: Schema.String
  })
  const event = Schema.Union([usual, usual, usual, Near, Schema.Struct({ type: Schema.Literal("keepalive") })])

  it.prop(
    "are read as they would be one by one, whatever came before",
    [Schema.Tuple([event, event, event, event, event, event]), Schema.Literals([0, 1])],
    ([events, space]) => {
      const session = protocol.session(opened)
      for (const event of events) {
        const data = JSON.stringify(event, undefined, space)
        const alone = protocol.session(opened)
        assert.deepStrictEqual(session.decode(data, textDeltaType), alone.decode(data, textDeltaType))
        assert.strictEqual(session.summary().lastEvent, alone.summary().lastEvent)
      }
    },
    { arbitrary: { runs: 1000 } }
  )

  it("are not parsed when they are like those before", () => {
    const session = protocol.session(opened)
    const read = (number: number, delta: string) =>
      session.decode(JSON.stringify({ type: textDeltaType, sequence_number: number, item_id: "m", delta }), "")
    read(1, "a")
    read(2, "b")
    const parse = vi.spyOn(JSON, "parse")
    read(3, "c")
    const calls = parse.mock.calls.length
    parse.mockRestore()
    assert.strictEqual(calls, 0)
  })
})
