import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { AssetId, CollectionId, ItemId, KnowledgeStoreId, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live } from "./Live.ts"

const knowledgeStoreId = KnowledgeStoreId.make("ks_0aa11111-0000-7000-8000-000000000001")
const collectionId = CollectionId.make("ksic_0aa11111-0000-7000-8000-000000000001")
const place = { knowledgeStoreId, collectionId }

/** A knowledge store of one's own with some items in it. */
const storeWith = (count: number) =>
  Effect.gen(function* () {
    const { items, knowledgeStores } = yield* TwelveLabs
    const { twelvelabs } = yield* Emulator
    const { id } = yield* knowledgeStores.create({ name: "Workshop" })
    const assetId = AssetId.make(twelvelabs.assetId)
    const made = yield* Effect.forEach(Array.from({ length: count }), () => items.create(id, { assetId }), {
      concurrency: 8
    })
    return { knowledgeStoreId: id, itemIds: made.map((item) => item.id) }
  })

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ItemId.make(`ksi_${index}`))

describe("item collections", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, filled, emptied, changed, found, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { itemCollections, items } = yield* TwelveLabs
          const { itemIds, knowledgeStoreId } = yield* storeWith(3)
          const made = yield* itemCollections.create(knowledgeStoreId, {
            name: "Frames",
            description: "How frames are built",
            metadata: { season: "autumn" }
          })
          assert.deepStrictEqual(
            [made.name, made.description, made.metadata, made.memberCount, made.knowledgeStoreId],
            ["Frames", "How frames are built", { season: "autumn" }, 0, knowledgeStoreId]
          )
          const place = { knowledgeStoreId, collectionId: made.id }
          const members = Effect.map(Stream.runCollect(itemCollections.items(place)), (all) => all.map(({ id }) => id))
          const filled = yield* itemCollections.add(place, itemIds)
          assert.strictEqual(filled.memberCount, 3)
          assert.deepStrictEqual(yield* members, itemIds)
          assert.deepStrictEqual(yield* itemCollections.add(place, itemIds.slice(0, 2)), filled)
          const nowhere = ItemId.make("ksi_nowhere")
          assert.isUndefined(yield* itemCollections.remove(place, [itemIds[1]!, nowhere]))
          assert.deepStrictEqual(yield* members, [itemIds[0], itemIds[2]])
          const refused = (yield* Effect.flip(itemCollections.add(place, [nowhere]))) as StreamError.ApiError
          assert.strictEqual(refused.kind, "NotFound")
          const changed = yield* itemCollections.update(place, { name: "Sails", metadata: {} })
          assert.deepStrictEqual(
            [changed.name, changed.description, changed.metadata, changed.memberCount],
            ["Sails", "How frames are built", {}, 2]
          )
          assert.deepStrictEqual(yield* itemCollections.get(place), changed)
          assert.deepStrictEqual(yield* Stream.runCollect(itemCollections.list(knowledgeStoreId)), [changed])
          yield* items.delete({ knowledgeStoreId, itemId: itemIds[0]! })
          assert.deepStrictEqual(yield* members, [itemIds[2]])
          yield* itemCollections.delete(place)
          const gone = (yield* Effect.flip(itemCollections.get(place))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
          assert.lengthOf(yield* Stream.runCollect(items.list(knowledgeStoreId)), 2)
        }),
      { http }
    )
  }

  live("have names of their own within a knowledge store", () =>
    Effect.gen(function* () {
      const { itemCollections, knowledgeStores } = yield* TwelveLabs
      const { id } = yield* knowledgeStores.create({ name: "One" })
      const other = yield* knowledgeStores.create({ name: "Two" })
      const frames = yield* itemCollections.create(id, { name: "Frames" })
      const sails = yield* itemCollections.create(id, { name: "Sails" })
      yield* itemCollections.create(other.id, { name: "Frames" })
      const kind = <A>(effect: Effect.Effect<A, StreamError.RequestError>) =>
        Effect.map(Effect.flip(effect), (error) => (error as StreamError.ApiError).kind)
      assert.strictEqual(yield* kind(itemCollections.create(id, { name: "Frames" })), "Conflict")
      const sailsPlace = { knowledgeStoreId: id, collectionId: sails.id }
      assert.strictEqual(yield* kind(itemCollections.update(sailsPlace, { name: "Frames" })), "Conflict")
      yield* itemCollections.update({ knowledgeStoreId: id, collectionId: frames.id }, { name: "Frames" })
      const elsewhere = { knowledgeStoreId: other.id, collectionId: frames.id }
      assert.strictEqual(yield* kind(itemCollections.get(elsewhere)), "NotFound")
    })
  )

  live("are listed page by page, 0, 1, 10 and 11 of them, also by name", () =>
    Effect.gen(function* () {
      const { itemCollections, knowledgeStores } = yield* TwelveLabs
      const { id } = yield* knowledgeStores.create({ name: "One" })
      const names = Array.from({ length: 11 }, (_, index) => `c${(index * 7) % 11}`)
      let made = 0
      for (const count of [0, 1, 10, 11]) {
        for (; made < count; made++) yield* itemCollections.create(id, { name: names[made]! })
        const listed = yield* Stream.runCollect(itemCollections.list(id))
        assert.deepStrictEqual(
          listed.map(({ name }) => name),
          names.slice(0, count).toReversed()
        )
      }
      const byName = yield* Stream.runCollect(
        itemCollections.list(id, { sortBy: "name", sortOption: "asc", pageSize: 4 })
      )
      assert.deepStrictEqual(
        byName.map(({ name }) => name),
        names.toSorted()
      )
    })
  )

  live("take any number of items, in requests of at most five hundred", () =>
    Effect.gen(function* () {
      const { itemCollections } = yield* TwelveLabs
      const emulator = yield* Emulator
      const { itemIds, knowledgeStoreId } = yield* storeWith(1201)
      const { id } = yield* itemCollections.create(knowledgeStoreId, { name: "All" })
      const place = { knowledgeStoreId, collectionId: id }
      const posts = (end: string) =>
        Effect.map(emulator.requests, (all) => all.filter(({ path }) => path.endsWith(`/items/${end}`)).length)
      assert.strictEqual((yield* itemCollections.add(place, itemIds)).memberCount, 1201)
      assert.strictEqual(yield* posts("add"), 3)
      const members = yield* Stream.runCollect(itemCollections.items(place, { pageSize: 50 }))
      assert.deepStrictEqual(
        members.map((item) => item.id),
        itemIds
      )
      yield* itemCollections.remove(place, itemIds.slice(0, 501))
      assert.strictEqual(yield* posts("remove"), 2)
      assert.strictEqual((yield* itemCollections.get(place)).memberCount, 700)
    })
  )

  it.effect("are sent lists in their order, five hundred ids at a time, and nothing for an empty one", () =>
    Effect.gen(function* () {
      const json = { _id: collectionId, name: "All", member_count: 3 }
      const program = (count: number) =>
        answering(
          ({ path }, index) =>
            path.endsWith("/remove") ? { status: 204 } : { json: { ...json, member_count: index } },
          ({ itemCollections }) =>
            Effect.andThen(itemCollections.remove(place, numbered(count)), itemCollections.add(place, numbered(count)))
        )
      for (const [count, sizes] of [
        [1, [1]],
        [500, [500]],
        [501, [500, 1]],
        [1201, [500, 500, 201]]
      ] as const) {
        const { sent, value } = yield* program(count)
        const lists = sent.map(({ body }) => (body as { item_ids: ReadonlyArray<string> }).item_ids)
        assert.deepStrictEqual(
          lists.map((ids) => ids.length),
          [...sizes, ...sizes]
        )
        assert.deepStrictEqual(lists.slice(sizes.length).flat(), numbered(count))
        assert.deepStrictEqual(lists.slice(0, sizes.length).flat(), numbered(count))
        assert.strictEqual(value.memberCount, 2 * sizes.length - 1, "the last answer counts")
      }
      const { sent, value } = yield* program(0)
      assert.deepStrictEqual(
        sent.map(({ method, path }) => `${method} ${path}`),
        [`GET /knowledge-stores/${knowledgeStoreId}/item-collections/${collectionId}`]
      )
      assert.strictEqual(value.id, collectionId)
    })
  )

  it.live("are filled and emptied again after a fault, as that does no more than once, but not made again", () =>
    Effect.gen(function* () {
      const json = { _id: collectionId }
      const { sent } = yield* answering(
        (_, index) => (index % 2 === 0 ? { status: 500, json: { code: "generic_error", message: "oh" } } : { json }),
        ({ itemCollections }) =>
          Effect.andThen(
            itemCollections.add(place, numbered(1)),
            Effect.andThen(
              itemCollections.remove(place, numbered(1)),
              Effect.flip(itemCollections.create(knowledgeStoreId, { name: "All" }))
            )
          )
      )
      assert.deepStrictEqual(
        sent.map(({ path }) => path.split("/").at(-1)),
        ["add", "add", "remove", "remove", "item-collections"]
      )
    })
  )

  it.effect("are read whatever they lack", () =>
    Effect.gen(function* () {
      const nulls = {
        _id: collectionId,
        knowledge_store_id: null,
        name: null,
        description: null,
        metadata: null,
        member_count: null,
        created_at: null,
        updated_at: ""
      }
      const { value } = yield* answering(
        () => ({ json: { data: [{ _id: collectionId }, nulls], page_info: { page: 1, total_page: 1 } } }),
        ({ itemCollections }) => Stream.runCollect(itemCollections.list(knowledgeStoreId))
      )
      const nothing = {
        id: collectionId,
        knowledgeStoreId: undefined,
        name: undefined,
        description: undefined,
        metadata: undefined,
        memberCount: undefined,
        createdAt: undefined,
        updatedAt: undefined
      }
      assert.deepStrictEqual<unknown>(value, [nothing, nothing])
    })
  )
})
