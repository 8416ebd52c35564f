import { Sse } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import * as fs from "node:fs"

const utf8 = new TextEncoder()

const decodeAll = (chunks: Iterable<Uint8Array>, options?: Sse.DecoderOptions) => {
  const decoder = Sse.makeDecoder(options)
  const frames: Array<Sse.Frame> = []
  for (const chunk of chunks) for (const frame of decoder.push(chunk)) frames.push(frame)
  return { frames, left: decoder.end(), lastEventId: decoder.lastEventId() }
}

const decodeText = (text: string) => decodeAll([utf8.encode(text)])
const event = (data: string, event = "message", id?: string): Sse.Event => ({ _tag: "Event", event, data, id })
const pieces = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))

describe("Sse.makeDecoder", () => {
  const cases: ReadonlyArray<readonly [promise: string, text: string, frames: ReadonlyArray<Sse.Frame>]> = [
    ["ends lines in LF", "data: a\n\n", [event("a")]],
    ["ends lines in CR", "data: a\r\r", [event("a")]],
    ["ends lines in CRLF", "data: a\r\n\r\n", [event("a")]],
    ["takes mixed line ends", "data: a\r\ndata: b\rdata: c\n\r\n", [event("a\nb\nc")]],
    ["removes one byte order mark", "\uFEFFdata: a\n\n", [event("a")]],
    ["removes only one byte order mark", "\uFEFF\uFEFFdata: a\n\n", []],
    ["keeps a byte order mark inside the text", "data: \uFEFF\n\n", [event("\uFEFF")]],
    ["removes one space after the colon, and only one", "data:  a\ndata:b\n\n", [event(" a\nb")]],
    ["joins data lines with LF", "data: a\ndata\ndata: b\n\n", [event("a\n\nb")]],
    ["dispatches empty data", "data\n\ndata:\n\n", [event(""), event("")]],
    ["dispatches nothing without data", "event: x\n\nid: 1\n\n\n\n", []],
    ["forgets the name after a block without data", "event: x\n\ndata: a\n\n", [event("a")]],
    ["takes the last name", "event: x\nevent: y\ndata: a\n\n", [event("a", "y")]],
    ["takes an empty name as message", "event:\ndata: a\n\n", [event("a")]],
    ["keeps the id of its own block", "id: 7\ndata: a\n\ndata: b\n\n", [event("a", "message", "7"), event("b")]],
    ["ignores an id with NUL", "id: 1\0\ndata: a\n\n", [event("a")]],
    ["takes an empty id", "id\ndata: a\n\n", [event("a", "message", "")]],
    ["reports retry", "retry: 1500\ndata: a\n\n", [{ _tag: "Retry", millis: 1500 }, event("a")]],
    [
      "ignores retry with anything but digits",
      "retry: 1.5\nretry: -1\nretry: 5s\nretry:\nretry: ٣\ndata: a\n\n",
      [event("a")]
    ],
    ["bounds an absurd retry", `retry: ${"9".repeat(400)}\n\n`, [{ _tag: "Retry", millis: Number.MAX_SAFE_INTEGER }]],
    [
      "reports comments",
      ":keep-alive\n\n: x\n:\ndata: a\n\n",
      [
        { _tag: "Comment", text: "keep-alive" },
        { _tag: "Comment", text: " x" },
        { _tag: "Comment", text: "" },
        event("a")
      ]
    ],
    ["ignores unknown fields and other cases", "Data: x\nfoo: y\nbar\ndata: a\n\n", [event("a")]],
    ["takes a colon inside a value", "data: a:b\n\n", [event("a:b")]],
    [
      "splits nothing at U+2028, U+2029, U+0085, VT or FF",
      "data: a\u2028b\u2029c\u0085d\u000be\u000cf\n\n",
      [event("a\u2028b\u2029c\u0085d\u000be\u000cf")]
    ],
    ["takes a line end of CR LF CR as two", "data: a\r\n\rdata: b\n\n", [event("a"), event("b")]]
  ]
  for (const [promise, text, frames] of cases) {
    it(`${promise}`, () => {
      assert.deepStrictEqual(decodeText(text).frames, frames)
      for (let size = 1; size <= 4; size++) {
        assert.deepStrictEqual(decodeAll(pieces(utf8.encode(text), size)).frames, frames, `in chunks of ${size}`)
      }
    })
  }

  it("replaces invalid bytes by U+FFFD", () => {
    const bytes = Uint8Array.of(...utf8.encode("data: a"), 0xff, 0xc3, 0x28, ...utf8.encode("\n\n"))
    assert.deepStrictEqual(decodeAll([bytes]).frames, [event("a\uFFFD\uFFFD(")])
    assert.deepStrictEqual(decodeAll(pieces(bytes, 1)).frames, [event("a\uFFFD\uFFFD(")])
  })

  it("drops an unterminated event, and hands it over at the end", () => {
    assert.deepStrictEqual(decodeText("data: a\n\ndata: b"), {
      frames: [event("a")],
      left: event("b"),
      lastEventId: ""
    })
    assert.deepStrictEqual(decodeText("event: x\ndata: b\n").left, event("b", "x"))
    assert.deepStrictEqual(decodeText("data: b\r\n").left, event("b"))
    assert.strictEqual(decodeText("data: a\n\n: comment").left, undefined)
    assert.strictEqual(decodeText("event: x\n").left, undefined)
  })

  it("ends a character that the end of the input cut with U+FFFD", () => {
    const bytes = utf8.encode("data: 🍝")
    assert.deepStrictEqual(decodeAll([bytes.subarray(0, -1)]).left, event("\uFFFD"))
  })

  it("keeps the standard's last event ID", () => {
    assert.strictEqual(decodeText("id: 1\ndata: a\n\nid: 2\n\nid: 3\n").lastEventId, "2")
  })

  it("ends with Overflow once a line or an event passes the limit, however it is cut", () => {
    const options = { maxEventSize: 10 }
    const overflow: Sse.Overflow = { _tag: "Overflow", limit: 10 }
    const texts: ReadonlyArray<readonly [string, ReadonlyArray<Sse.Frame>]> = [
      ["data: a\n\ndata: 12345\n\n", [event("a"), overflow]],
      ["data: a\n\ndata:12345\n\n", [event("a"), event("12345")]],
      ["data:12345\ndata:12345\n\ndata: a\n\n", [overflow]],
      [":0123456789\n\n", [overflow]]
    ]
    for (const [text, frames] of texts) {
      for (const size of [1, 3, 100]) {
        const { frames: got, left } = decodeAll(pieces(utf8.encode(text), size), options)
        assert.deepStrictEqual(got, frames)
        assert.strictEqual(left, undefined)
      }
    }
  })

  it("tells the byte offset behind a frame", () => {
    const decoder = Sse.makeDecoder()
    const bytes = utf8.encode("data: 🍝é\n\ndata: b\n\n: x\n")
    decoder.push(bytes.subarray(0, 8))
    assert.strictEqual(decoder.push(bytes.subarray(8)).length, 3)
    assert.deepStrictEqual(
      [0, 1, 2].map((index) => decoder.offsetAfter(index)),
      [14, 23, 27]
    )
  })

  it("stays linear: 10 MB in one line, in 16 kB chunks", () => {
    const chunk = utf8.encode("x".repeat(16_384))
    const chunks = [utf8.encode("data:"), ...Array.from({ length: 640 }, () => chunk), utf8.encode("\n\n")]
    const { frames } = decodeAll(chunks)
    assert.strictEqual(frames.length, 1)
    assert.strictEqual((frames[0] as Sse.Event).data.length, 640 * 16_384)
  })

  it("stays linear: 50,000 chunks of one byte, in one line and in many", () => {
    const line = pieces(utf8.encode(`data:${"x".repeat(50_000)}\n\n`), 1)
    assert.strictEqual((decodeAll(line).frames[0] as Sse.Event).data.length, 50_000)
    const many = pieces(utf8.encode("data:x\r\n\r\n".repeat(5_000)), 1)
    assert.strictEqual(decodeAll(many).frames.length, 5_000)
  })

  it("stays linear: lines that end in CR alone, in one chunk", () => {
    assert.strictEqual(decodeText("data:x\r\r".repeat(200_000)).frames.length, 200_000)
    assert.strictEqual(
      decodeText(`${"data:x\r\r".repeat(100_000)}${"data:y\n\n".repeat(100_000)}`).frames.length,
      200_000
    )
  })

  for (const name of fs.readdirSync(new URL("fixtures/", import.meta.url)).filter((name) => name.endsWith(".sse"))) {
    const bytes = new Uint8Array(fs.readFileSync(new URL(`fixtures/${name}`, import.meta.url)))
    it.effect.prop(
      `gives the same frames on any cut of ${name}`,
      [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: bytes.length })))],
      ([cuts]) =>
        Effect.sync(() => {
          const whole = decodeAll([bytes])
          assert.isAbove(whole.frames.length, 3)
          const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
          const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
          assert.deepStrictEqual(decodeAll(chunks), whole)
        })
    )
  }

  it("tells where the frames of the latest push end, in bytes, and the push itself for others", () => {
    const offsets = (decoder: Sse.Decoder) => [0, 1, 9].map((index) => decoder.offsetAfter(index))
    const decoder = Sse.makeDecoder()
    decoder.push(utf8.encode("\uFEFFdata: é\n\ndata: 2\n\n"))
    assert.deepStrictEqual(offsets(decoder), [13, 22, 22])
    // A character that is cut comes behind all of them.
    decoder.push(Uint8Array.of(...utf8.encode("data: 3\n\n"), 0xc3))
    assert.deepStrictEqual(offsets(decoder), [31, 31, 31])
    const ascii = Sse.makeDecoder()
    ascii.push(utf8.encode("data: 1\n\ndata: 2\n\n"))
    ascii.push(utf8.encode("data: 33333333333333\n\n:"))
    assert.deepStrictEqual(offsets(ascii), [40, 41, 41])
  })

  it("gives the frames of each push apart, also where there are none", () => {
    const decoder = Sse.makeDecoder()
    const frames = ["da", "ta: 1\n", "\n"].map((text) => decoder.push(utf8.encode(text)))
    assert.deepStrictEqual(frames, [[], [], [event("1")]])
  })
})

describe("Sse.decode", () => {
  const bytes = (...texts: ReadonlyArray<string>) => Stream.fromIterable(texts.map((text) => utf8.encode(text)))

  it.effect("decodes chunk by chunk", () =>
    Effect.gen(function* () {
      const frames = bytes("data: a\n\ndata: b\n", "\n: x\n", "data: c\n\n").pipe(Sse.decode())
      const arrays = yield* frames.pipe(Stream.chunks, Stream.runCollect)
      assert.deepStrictEqual(arrays.flat(), [event("a"), event("b"), { _tag: "Comment", text: " x" }, event("c")])
    })
  )

  it.effect("fails past the limit, after what came before", () =>
    Effect.gen(function* () {
      const seen: Array<Sse.Frame> = []
      const error = yield* bytes("data: a\n\n", "data: 0123456789\n\n").pipe(
        Sse.decode({ maxEventSize: 8 }),
        Stream.runForEach((frame) => Effect.sync(() => seen.push(frame))),
        Effect.flip
      )
      assert.deepStrictEqual(seen, [event("a")])
      assert.strictEqual(error.stage, "limit")
      assert.deepStrictEqual(error.limit, { option: "maxEventSize", value: 8 })
      assert.strictEqual(error.eventNumber, 2)
    })
  )
})

describe("Sse.encode", () => {
  const line = Schema.String.check(Schema.isPattern(/^[^\r\n]*$/))
  const Frame = Schema.Union([
    Schema.TaggedStruct("Event", {
      event: line.check(Schema.isMinLength(1)),
      data: Schema.String.check(Schema.isPattern(/^[^\r]*$/)),
      id: Schema.UndefinedOr(line.check(Schema.isPattern(/^[^\0]*$/)))
    }),
    Schema.TaggedStruct("Comment", { text: line }),
    Schema.TaggedStruct("Retry", { millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e15 })) })
  ])

  it.effect.prop("is undone by decoding", [Schema.Array(Frame)], ([frames]) =>
    Effect.sync(() => {
      // Lone surrogates have no UTF-8 form.
      const wellFormed = JSON.parse(JSON.stringify(frames), (_, value) =>
        typeof value === "string" ? value.toWellFormed() : value
      ) as ReadonlyArray<Sse.Frame>
      const expected = wellFormed.map((frame) => (frame._tag === "Event" ? { ...frame, id: frame.id } : frame))
      const text = expected.map(Sse.encode).join("")
      assert.deepStrictEqual(decodeAll([utf8.encode("\n"), utf8.encode(text)]).frames, expected)
    })
  )

  it("lets no value forge a field", () => {
    const forged = Sse.encode({ _tag: "Event", event: "a\ndata: x", data: "b\r\nevent: y\rid: z", id: "1\n\n\0" })
    assert.deepStrictEqual(decodeText(forged).frames, [event("b\nevent: y\nid: z", "a data: x", "1  ")])
    assert.deepStrictEqual(decodeText(Sse.encode({ _tag: "Comment", text: "a\n\ndata: x" })).frames, [
      { _tag: "Comment", text: "a  data: x" }
    ])
  })
})

describe("a byte order mark", () => {
  it("is taken off once, however it is cut, and the one that is text stays", () => {
    const bytes = new TextEncoder().encode("\uFEFFdata: \uFEFF\u04A8\n\n\uFEFFdata: x\n\n")
    for (let first = 1; first < 12; first++) {
      const decoder = Sse.makeDecoder()
      const frames = [...decoder.push(bytes.subarray(0, first)), ...decoder.push(bytes.subarray(first))]
      assert.deepStrictEqual(
        frames.map((frame) => frame._tag === "Event" && frame.data),
        ["\uFEFF\u04A8"]
      )
    }
    const twice = new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf])
    for (const cut of [1, 2, 3, 4, 5]) {
      const decoder = Sse.makeDecoder()
      decoder.push(twice.subarray(0, cut))
      decoder.push(twice.subarray(cut))
      assert.deepStrictEqual(decoder.push(new TextEncoder().encode("data: 1\n\n")), [])
    }
  })
})
