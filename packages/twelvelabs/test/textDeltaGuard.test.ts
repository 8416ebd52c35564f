import { assert, describe, it } from "@effect/vitest"
import { Option, Result, Schema } from "effect"
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
