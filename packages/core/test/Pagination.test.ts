import { Pagination, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"

/** A list on a server that counts how often it is asked. */
const list = (items: ReadonlyArray<number>, options: { readonly pageSize: number; readonly total?: number }) => {
  const asked: Array<number> = []
  const page = (pageNumber: number) =>
    Effect.sync(() => {
      asked.push(pageNumber)
      const start = (pageNumber - 1) * options.pageSize
      return {
        items: items.slice(start, start + options.pageSize),
        pageNumber,
        pageSize: options.pageSize,
        total: options.total ?? items.length
      }
    })
  return { asked, stream: Pagination.numbered("acme", page) }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("Pagination.numbered", () => {
  it.effect.prop(
    "gives every item once and in order, and asks for no page that cannot have one",
    [
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
    ],
    ([count, pageSize]) =>
      Effect.gen(function* () {
        const { asked, stream } = list(numbers(count), { pageSize })
        assert.deepStrictEqual(yield* Stream.runCollect(stream), numbers(count))
        assert.deepStrictEqual(
          asked,
          numbers(Math.max(1, Math.ceil(count / pageSize))).map((index) => index + 1)
        )
      })
  )

  it.effect("asks for a page only when its first item is wanted", () =>
    Effect.gen(function* () {
      const { asked, stream } = list(numbers(100), { pageSize: 10 })
      assert.lengthOf(yield* Stream.runCollect(Stream.take(stream, 10)), 10)
      assert.deepStrictEqual(asked, [1])
      yield* Stream.runDrain(Stream.take(stream, 11))
      assert.deepStrictEqual(asked, [1, 1, 2])
    })
  )

  it.effect("ends with an empty page when the total promises more than there is", () =>
    Effect.gen(function* () {
      const { asked, stream } = list(numbers(15), { pageSize: 10, total: 1000 })
      assert.lengthOf(yield* Stream.runCollect(stream), 15)
      assert.deepStrictEqual(asked, [1, 2, 3])
    })
  )

  it.effect("fails when a server gives the same page again and again", () =>
    Effect.gen(function* () {
      const page = () => Effect.succeed({ items: [1], pageNumber: 1, pageSize: 1, total: 5 })
      const error = yield* Effect.flip(Stream.runDrain(Pagination.numbered("acme", page)))
      assert.strictEqual((error as StreamError.ParseError).issue, "page 2 of a list was asked for, and page 1 came")
    })
  )

  it.effect("gives the items before a page that fails", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const page = (pageNumber: number) =>
        pageNumber === 3
          ? Effect.fail("down")
          : Effect.succeed({ items: [pageNumber], pageNumber, pageSize: 1, total: 5 })
      const error = yield* Pagination.numbered("acme", page).pipe(
        Stream.runForEach((item) => Effect.sync(() => seen.push(item))),
        Effect.flip
      )
      assert.deepStrictEqual([error, seen], ["down", [1, 2]])
    })
  )

  it.effect("ends with a page that is not full where the server names no total", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const page = (pageNumber: number) =>
        Effect.sync(() => {
          asked.push(pageNumber)
          return { items: numbers(25).slice((pageNumber - 1) * 10, pageNumber * 10), pageSize: 10 }
        })
      assert.lengthOf(yield* Stream.runCollect(Pagination.numbered("acme", page)), 25)
      assert.deepStrictEqual(asked, [1, 2, 3])
    })
  )

  it.effect("goes by the number of pages before the total", () =>
    Effect.gen(function* () {
      const page = (pageNumber: number) =>
        Effect.succeed({ items: [pageNumber], pageNumber, pageSize: 10, total: 3, totalPages: 3 })
      assert.deepStrictEqual(yield* Stream.runCollect(Pagination.numbered("acme", page)), [1, 2, 3])
    })
  )
})

describe("Pagination.byToken", () => {
  it.effect("asks with each page's token for the next, until there is none", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const pages = new Map<string | undefined, Pagination.TokenPage<number>>([
        [undefined, { items: [1, 2], next: "b" }],
        ["b", { items: [], next: "c" }],
        ["c", { items: [3], next: "" }]
      ])
      const page = (token: string | undefined) =>
        Effect.sync(() => {
          asked.push(token)
          return pages.get(token)!
        })
      const stream = Pagination.byToken("acme", page)
      assert.deepStrictEqual(yield* Stream.runCollect(stream), [1, 2, 3])
      assert.deepStrictEqual(asked, [undefined, "b", "c"])
      asked.length = 0
      yield* Stream.runDrain(Stream.take(stream, 2))
      assert.deepStrictEqual(asked, [undefined])
    })
  )

  it.effect("fails when a page names itself as the next one", () =>
    Effect.gen(function* () {
      const page = () => Effect.succeed({ items: [1], next: "again" })
      const error = yield* Effect.flip(Stream.runDrain(Pagination.byToken("acme", page)))
      assert.strictEqual((error as StreamError.ParseError).stage, "schema")
    })
  )
})
