import { Signal } from "@effect-sse/core/Protocol"
import { assert, describe, it, vi } from "@effect/vitest"
import { Schema } from "effect"
import { Headers } from "effect/http"
import { protocol } from "../src/JobProtocol.ts"
import { readJson } from "../src/internal/jobFrames.ts"
import { messageOf } from "../src/internal/messageGuard.ts"

/** A field that is mostly right, sometimes odd, sometimes absent. */
const mostly = <S extends Schema.Codec<unknown, unknown>>(right: S) =>
  Schema.Union([
    ...Array<S>(40).fill(right),
    Schema.Undefined,
    Schema.Null,
    Schema.Boolean,
    Schema.String,
    Schema.Number,
    Schema.Array(Schema.String),
    Schema.Struct({})
  ])

const Delta = Schema.Struct({ role: mostly(Schema.Null), content: mostly(Schema.String) })
const Choice = Schema.Struct({ delta: mostly(Delta), index: mostly(Schema.Number), finish_reason: mostly(Schema.Null) })

const group = Schema.Literals(["", "-1", "10a75000-0000-4000-8000-000000000001", "__proto__"])

const Wire = mostly(
  Schema.Struct({
    choices: mostly(Schema.Tuple([mostly(Choice), mostly(Choice)])),
    created: mostly(Schema.Int),
    group_id: mostly(group),
    group_name: mostly(Schema.String),
    stage: mostly(Schema.Literals(["Analyze", "Respond", ""])),
    other: mostly(Schema.String)
  })
)

const Good = Schema.Struct({
  choices: Schema.Tuple([Schema.Struct({ delta: Schema.Struct({ content: Schema.String }), index: Schema.Number })]),
  created: Schema.Int,
  group_id: Schema.Union([group, Schema.String]),
  group_name: Schema.String,
  stage: Schema.String
})

/** As it comes off the wire: JSON knows neither `undefined` nor `NaN`. */
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null")

describe("the guard of MESSAGE", () => {
  let recognised = 0
  it.prop(
    "builds exactly what the schema builds, or gives up",
    [Wire],
    ([value]) => {
      const json = overTheWire(value)
      const guarded = messageOf(json)
      if (guarded === undefined) return
      recognised++
      assert.deepStrictEqual(guarded, readJson("MESSAGE", json))
    },
    { arbitrary: { runs: 5000 } }
  )

  it.prop(
    "recognises whatever is complete, exactly as the schema reads it",
    [Good],
    ([value]) => {
      const json = overTheWire(value)
      assert.isDefined(messageOf(json))
      assert.deepStrictEqual(messageOf(json), readJson("MESSAGE", json))
    },
    { arbitrary: { runs: 1000 } }
  )

  it("gives up on what the schema refuses", () => {
    for (const content of [null, 1, {}, ["x"], true]) {
      const json = { choices: [{ delta: { content } }], created: 1, group_id: "g", group_name: "n", stage: "Respond" }
      assert.isUndefined(messageOf(json))
      assert.instanceOf(readJson("MESSAGE", json), Signal)
    }
    assert.isAbove(recognised, 100, "the property was tried on some that the guard takes")
  })
})

describe("the messages of a stream", () => {
  const opened = { status: 200, headers: Headers.empty, attempt: 1 }
  const Usual = Schema.Struct({
    id: Schema.Literal("1"),
    choices: Schema.Tuple([Schema.Struct({ delta: Schema.Struct({ role: Schema.Null, content: Schema.String }) })]),
    created: Schema.Literals([1760000000, 1760000001]),
    group_id: Schema.Literals(["g1", "g2", "content"]),
    group_name: Schema.Literals(["Revenue", "Ertrag – größer"]),
    stage: Schema.Literals(["Analyze", "Respond"])
  })
  const Event = Schema.Union([Usual, Usual, Usual, Wire])

  it.prop(
    "are read as they would be one by one, whatever came before",
    [Schema.Tuple([Event, Event, Event, Event, Event, Event, Event, Event])],
    ([events]) => {
      const session = protocol.session(opened)
      for (const event of events) {
        const data = JSON.stringify(event) ?? "null"
        assert.deepStrictEqual(session.decode(data, "MESSAGE"), protocol.session(opened).decode(data, "MESSAGE"))
      }
    },
    { arbitrary: { runs: 1000 } }
  )

  const message = (text: string) =>
    JSON.stringify({
      choices: [{ delta: { content: text } }],
      created: 1,
      group_id: "g",
      group_name: "n",
      stage: "Respond"
    })

  it("are taken for messages only by their name, which stays the last one", () => {
    const session = protocol.session(opened)
    for (const text of ["a", "b", "c"]) session.decode(message(text), "MESSAGE")
    for (const name of ["CODE", "ERROR", "END_MARK", "STAGE", "JOB_ID", "MESSAGE"]) {
      assert.deepStrictEqual(session.decode(message("d"), name), protocol.session(opened).decode(message("d"), name))
      assert.strictEqual(session.summary().lastEvent, name)
    }
  })

  it("are not parsed when they are like those before", () => {
    const session = protocol.session(opened)
    for (const text of ["a", "b"]) session.decode(message(text), "MESSAGE")
    const parse = vi.spyOn(JSON, "parse")
    session.decode(message("c"), "MESSAGE")
    const calls = parse.mock.calls.length
    parse.mockRestore()
    assert.strictEqual(calls, 0)
  })
})
