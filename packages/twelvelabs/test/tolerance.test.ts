/** What the vendor leaves open, spelt in the ways that it may come. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { IndexId } from "../src/index.ts"
import { answering } from "./Answering.ts"

describe("lists", () => {
  it.effect("that say nothing of their pages end with one that is not full, without another request", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 23 }, (_, index) => ({ _id: `ks_${index}`, name: null }))
      const { sent, value } = yield* answering(
        ({ query }) => {
          const page = Number(query.get("page"))
          return { json: { data: all.slice((page - 1) * 10, page * 10) } }
        },
        ({ knowledgeStores }) => Stream.runCollect(knowledgeStores.list())
      )
      assert.lengthOf(value, 23)
      assert.lengthOf(sent, 3)
    })
  )

  it.effect("of no assets ask for none, where an empty filter would ask for all", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        () => ({ json: { data: [{ _id: "66bb00000000000000000001" }] } }),
        ({ assets }) => Stream.runCollect(assets.list({ assetIds: [] }))
      )
      assert.deepStrictEqual([value.length, sent.length], [0, 0])
    })
  )
})

describe("hits of a search", () => {
  const found = (hit: unknown) =>
    answering(
      () => ({ json: { data: [hit] } }),
      ({ search }) =>
        Stream.runCollect(
          search.query({ indexId: IndexId.make("66cc00000000000000000001"), text: "salt", searchOptions: ["visual"] })
        )
    ).pipe(
      Effect.map(({ value }) =>
        value.map(({ startSeconds, videoId }): ReadonlyArray<unknown> => [videoId, startSeconds])
      )
    )

  it.effect("are moments also where the fields of a video are there and say nothing", () =>
    Effect.gen(function* () {
      for (const nothing of [{ id: null, clips: null }, { clips: [] }, {}]) {
        assert.deepStrictEqual(yield* found({ start: 1, end: 2, video_id: "v", rank: 1, ...nothing }), [["v", 1]])
      }
    })
  )

  it.effect("are those of a video where it has some, also when the moments' own fields are there", () =>
    Effect.gen(function* () {
      const clips = [{ start: 3, end: 4 }]
      for (const nothing of [{ video_id: null, start: null }, { video_id: "v" }, {}]) {
        assert.deepStrictEqual(yield* found({ id: "v", clips, ...nothing }), [["v", 3]])
      }
    })
  )
})
