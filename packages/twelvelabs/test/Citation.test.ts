import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { Citation } from "@effect-sse/twelvelabs"

/** The vendor's definition, word for word: code points, the end included. */
const byDefinition = (text: string, start: number, end: number): string =>
  Array.from(text)
    .slice(start, end + 1)
    .join("")

const cut = (text: string, range: Citation.TextRange | undefined): string | undefined =>
  range === undefined ? undefined : text.slice(range.start, range.end)

const place = (startIndex: number | undefined, endIndex: number | undefined) => ({ startIndex, endIndex })

// Texts of characters of one and two units, lone surrogates among them.
const Texts = Schema.Array(
  Schema.Literals(["a", "[", "1", "é", "e\u0301", "\u0327", "🏺", "𝟏", "👩🏽‍🎨", "\ud83c", "\udffa", ""])
)
const Places = Schema.Array(
  Schema.Tuple([
    Schema.Int.check(Schema.isBetween({ minimum: -2, maximum: 20 })),
    Schema.Int.check(Schema.isBetween({ minimum: -2, maximum: 20 }))
  ])
)

describe("ranges", () => {
  it.prop(
    "are the vendor's places, counted in UTF-16",
    [Texts, Places],
    ([characters, places]) => {
      const text = characters.join("")
      const points = Array.from(text).length
      const ranges = Citation.ranges(
        text,
        places.map(([start, end]) => place(start, end))
      )
      places.forEach(([start, end], index) => {
        const inText = start >= 0 && start < points && end >= start
        assert.strictEqual(cut(text, ranges[index]), inText ? byDefinition(text, start, end) : undefined)
      })
    },
    { arbitrary: { runs: 1000 } }
  )

  it("has the marker behind an emoji", () => {
    const text = "The bowl 🏺 is dipped [1]."
    const [range] = Citation.ranges(text, [place(21, 23)])
    assert.deepStrictEqual(range, { start: 22, end: 25 })
    assert.strictEqual(cut(text, range), "[1]")
  })

  for (const text of ["short [1]", "🏺 [1]"]) {
    it(`tolerates places that are not in the text (${text})`, () => {
      const nowhere = [
        place(undefined, undefined),
        place(undefined, 3),
        place(2, undefined),
        place(-1, 3),
        place(3, 2),
        place(1000, 1003),
        place(Number.NaN, 3),
        place(2, Number.NaN),
        place(0.5, 2),
        place(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
      ]
      assert.deepStrictEqual(
        Citation.ranges(text, nowhere),
        nowhere.map(() => undefined)
      )
      const [past, endless] = Citation.ranges(text, [place(2, 1e9), place(2, Number.POSITIVE_INFINITY)])
      assert.strictEqual(past?.end, text.length)
      assert.strictEqual(endless?.end, text.length)
    })
  }

  it("stays linear in the text and the citations", () => {
    const text = "🏺a".repeat(500_000)
    const places = Array.from({ length: 300_000 }, (_, index) => place(index * 3, index * 3 + 2))
    const ranges = Citation.ranges(text, places)
    assert.deepStrictEqual(ranges[1], { start: 5, end: 9 })
  })
})

describe("the moment of a citation", () => {
  it("is what its seconds say, or the whole video", () => {
    const inMillis = (startSeconds: number | undefined, endSeconds: number | undefined) => {
      const moment = Citation.moment({ startSeconds, endSeconds })
      return moment && [Duration.toMillis(moment.start), Duration.toMillis(moment.end)]
    }
    assert.deepStrictEqual(inMillis(12.5, 18), [12_500, 18_000])
    assert.deepStrictEqual(inMillis(0, 0), [0, 0])
    for (const [start, end] of [
      [undefined, undefined],
      [1, undefined],
      [undefined, 1],
      [3, 2],
      [-1, 2]
    ] as const) {
      assert.isUndefined(inMillis(start, end))
    }
  })
})
