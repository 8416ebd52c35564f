import { Ndjson } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const utf8 = new TextEncoder()
const line = (data: string): Ndjson.Line => ({ _tag: "Line", data })

const decodeAll = (chunks: Iterable<Uint8Array>, options?: Ndjson.DecoderOptions) => {
  const decoder = Ndjson.makeDecoder(options)
  const frames: Array<Ndjson.Frame> = []
  for (const chunk of chunks) for (const frame of decoder.push(chunk)) frames.push(frame)
  return { frames, left: decoder.end() }
}

describe("Ndjson.makeDecoder", () => {
  it("finds lines, skips blank ones, and takes CR before LF for a part of the line end", () => {
    const { frames, left } = decodeAll([utf8.encode('{"a":1}\n\n{"a":2}\r\n  \r\n{"a":3}\n')])
    assert.deepStrictEqual(frames, [line('{"a":1}'), line('{"a":2}'), line('{"a":3}')])
    assert.strictEqual(left, undefined)
  })

  it("hands over a last line without its line end", () => {
    assert.deepStrictEqual(decodeAll([utf8.encode("1\n2")]), { frames: [line("1")], left: line("2") })
  })

  it("ends with Overflow once a line passes the limit, however it is cut", () => {
    const bytes = utf8.encode("1234\n12345\n1\n")
    for (const size of [1, 5, 100]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size)
      )
      assert.deepStrictEqual(decodeAll(chunks, { maxEventSize: 4 }).frames, [
        line("1234"),
        { _tag: "Overflow", limit: 4 }
      ])
    }
  })

  it("tells the byte offset behind a line", () => {
    const decoder = Ndjson.makeDecoder()
    decoder.push(utf8.encode('"🍝'))
    decoder.push(utf8.encode('"\n1\n'))
    assert.deepStrictEqual(
      [0, 1].map((index) => decoder.offsetAfter(index)),
      [7, 9]
    )
  })

  it("stays linear: 10 MB in one line, and 50,000 chunks of one byte", () => {
    const chunk = utf8.encode("x".repeat(16_384))
    const [first] = decodeAll([...Array.from({ length: 640 }, () => chunk), utf8.encode("\n")]).frames
    assert.strictEqual((first as Ndjson.Line).data.length, 640 * 16_384)
    const bytes = Array.from({ length: 50_000 }, () => utf8.encode("x"))
    assert.strictEqual(decodeAll(bytes).left?.data.length, 50_000)
  })

  it.effect.prop("undoes encode, however it is cut", [Schema.Array(Schema.String), Schema.Int], ([values, seed]) =>
    Effect.sync(() => {
      const bytes = utf8.encode(values.map(Ndjson.encode).join(""))
      const cut = Math.abs(seed) % (bytes.length + 1)
      const { frames } = decodeAll([bytes.subarray(0, cut), bytes.subarray(cut)])
      assert.deepStrictEqual(
        frames.map((frame) => JSON.parse((frame as Ndjson.Line).data) as string),
        [...values]
      )
    })
  )

  it("keeps no chunk's memory, which may be used again", () => {
    const decoder = Ndjson.makeDecoder()
    const pool = Buffer.from([0x61, 0xe2, 0x82])
    decoder.push(pool)
    pool.fill(0)
    assert.deepStrictEqual(decoder.push(Uint8Array.of(0xac, 0x0a)), [line("a€")])
  })

  it("holds no line back for bytes that are no character", () => {
    assert.deepStrictEqual(Ndjson.makeDecoder().push(Uint8Array.of(0x61, 0xe2, 0x0a)), [line("a\uFFFD")])
  })

  it("ends once", () => {
    const decoder = Ndjson.makeDecoder()
    decoder.push(Uint8Array.of(0xe2))
    assert.deepStrictEqual([decoder.end(), decoder.end()], [line("\uFFFD"), undefined])
  })

  it("tells where the lines of the latest push end", () => {
    const decoder = Ndjson.makeDecoder()
    decoder.push(utf8.encode("1\n"))
    decoder.push(utf8.encode("2\n3\n"))
    assert.deepStrictEqual([decoder.offsetAfter(0), decoder.offsetAfter(1)], [4, 6])
  })
})
