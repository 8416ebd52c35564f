import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ItemId, KnowledgeStoreId, type KnowledgeStoreSearch, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live } from "./Live.ts"

const storeId = KnowledgeStoreId.make("ks_0aa11111-0000-7000-8000-000000000001")
const itemId = (number: number) => ItemId.make(`ksi_01999999-0000-7000-8000-${String(number).padStart(12, "0")}`)

/** Searches the knowledge store that exists. */
const search = (request: Partial<KnowledgeStoreSearch.SearchRequest> = {}, options?: { readonly pageSize?: number }) =>
  Effect.gen(function* () {
    const { knowledgeStores } = yield* TwelveLabs
    const { twelvelabs } = yield* Emulator
    const id = KnowledgeStoreId.make(twelvelabs.knowledgeStoreId)
    return yield* Stream.runCollect(knowledgeStores.search(id, { query: "a knot", ...request }, options))
  })

const itemsOf = (hits: ReadonlyArray<KnowledgeStoreSearch.Hit>) =>
  [...new Set(hits.flatMap((hit) => (hit._tag === "UnknownHit" ? [] : [hit.itemId])))].toSorted()

describe("a search of a knowledge store", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `finds moments and images, best first, whatever the size of its pages, over ${http}`,
      () =>
        Effect.gen(function* () {
          const hits = yield* search()
          assert.lengthOf(hits, 10)
          for (const [index, hit] of hits.entries()) {
            assert.isTrue(hit._tag !== "UnknownHit" && hit.rank === index + 1)
            if (hit._tag !== "VideoHit") continue
            assert.lengthOf(hit.matches, 1)
            const [{ endSeconds, modalities, startSeconds, transcription }] = hit.matches as [
              KnowledgeStoreSearch.Match
            ]
            assert.isTrue(startSeconds >= 0 && endSeconds > startSeconds)
            assert.deepStrictEqual([modalities, transcription, hit.metadata], [["visual"], undefined, undefined])
          }
          assert.deepStrictEqual(itemsOf(hits), [itemId(1), itemId(2), itemId(3)])
          for (const pageSize of [1, 3, 9, 10, 50]) assert.deepStrictEqual(yield* search({}, { pageSize }), hits)
          const page = yield* Effect.map(Emulator, (emulator) => emulator.requests).pipe(Effect.flatten)
          assert.lengthOf(page, 1 + 10 + 4 + 2 + 1 + 1)
        }),
      { http }
    )
  }

  live("groups by item, looks where it is told, and tells about items", () =>
    Effect.gen(function* () {
      const hits = yield* search({ groupBy: "item", videoModalities: ["visual", "audio"], includeMetadata: true })
      assert.lengthOf(hits, 3)
      const found = new Map(hits.flatMap((hit) => (hit._tag === "UnknownHit" ? [] : [[hit.itemId, hit] as const])))
      const video = found.get(itemId(1))
      const image = found.get(itemId(3))
      if (video?._tag !== "VideoHit" || image?._tag !== "ImageHit") return assert.fail("not what is in the store")
      assert.lengthOf(video.matches, 5)
      assert.deepStrictEqual(
        video.matches.slice(0, 3).map(({ modalities }) => modalities),
        [["visual"], ["audio"], ["visual", "audio"]]
      )
      assert.deepStrictEqual(
        video.matches.map(({ transcription }) => transcription !== undefined),
        [false, true, true, false, true]
      )
      assert.deepStrictEqual(video.metadata, {
        system: { durationSeconds: 120, width: 1920, height: 1080, sizeBytes: 12_345_678 },
        user: { series: "workshop" }
      })
      assert.deepStrictEqual(image.metadata?.system, { width: 1600, height: 1200, sizeBytes: 345_678 })
    })
  )

  live("leaves out what its filter says: one value, or one of several, and all of the conditions", () =>
    Effect.gen(function* () {
      const found = (filter: KnowledgeStoreSearch.SearchFilter) => Effect.map(search({ filter }), itemsOf)
      assert.deepStrictEqual(yield* found({ assetType: "image" }), [itemId(3)])
      assert.deepStrictEqual(yield* found({ assetType: ["video", "image"] }), [itemId(1), itemId(2), itemId(3)])
      assert.deepStrictEqual(yield* found({ itemId: itemId(2) }), [itemId(2)])
      assert.deepStrictEqual(yield* found({ itemId: [itemId(2), itemId(3)], assetType: "video" }), [itemId(2)])
      assert.deepStrictEqual(yield* found({ itemId: [itemId(9)] }), [])
    })
  )

  live("gives one page with the options that the vendor searched with, and the token of the next", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const id = KnowledgeStoreId.make(twelvelabs.knowledgeStoreId)
      const request = { query: "a knot" }
      const first = yield* knowledgeStores.searchPage(id, request, { pageSize: 7 })
      assert.lengthOf(first.hits, 7)
      assert.deepStrictEqual(first.effectiveSearchOptions, { video: { modalities: ["visual"] } })
      const next = { pageSize: 7, pageToken: first.nextPageToken }
      const second = yield* knowledgeStores.searchPage(id, request, next)
      assert.lengthOf(second.hits, 3)
      assert.isUndefined(second.nextPageToken)
      assert.deepStrictEqual([...first.hits, ...second.hits], yield* search())
      const refusal = (query: string, pageToken: string | undefined) =>
        Effect.map(
          Effect.flip(knowledgeStores.searchPage(id, { query }, { pageToken })),
          (error) => (error as StreamError.ApiError).kind
        )
      assert.strictEqual(yield* refusal("a knot", "no token"), "InvalidRequest")
      assert.strictEqual(yield* refusal("another knot", first.nextPageToken), "InvalidRequest")
      assert.strictEqual(yield* refusal(" ", undefined), "InvalidRequest")
    })
  )

  live(
    "fails with an ApiError of kind Gone, after the hits that came, when its token has expired",
    () =>
      Effect.gen(function* () {
        const { knowledgeStores } = yield* TwelveLabs
        const { twelvelabs } = yield* Emulator
        const seen: Array<KnowledgeStoreSearch.Hit> = []
        const error = yield* knowledgeStores
          .search(KnowledgeStoreId.make(twelvelabs.knowledgeStoreId), { query: "a knot" }, { pageSize: 4 })
          .pipe(
            Stream.runForEach((hit) => Effect.sync(() => seen.push(hit))),
            Effect.flip
          )
        assert.lengthOf(seen, 4)
        const { isRetryable, kind, status } = error as StreamError.ApiError
        assert.deepStrictEqual([kind, status, isRetryable], ["Gone", 410, false])
      }),
    { play: { ttl: 0 } }
  )

  live("asks for no more pages than hits are wanted from", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const emulator = yield* Emulator
      const id = KnowledgeStoreId.make(emulator.twelvelabs.knowledgeStoreId)
      const hits = knowledgeStores.search(id, { query: "a knot" }, { pageSize: 3 })
      assert.lengthOf(yield* emulator.requests, 0)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(hits, 3)), 3)
      assert.lengthOf(yield* emulator.requests, 1)
    })
  )

  it.effect("is sent as the vendor spells it, and only what is said", () =>
    Effect.gen(function* () {
      const pages = [{ data: [], next_page_token: "two" }, { data: null, next_page_token: "" }, {}]
      const { sent } = yield* answering(
        (_, index) => ({ json: pages[index] }),
        ({ knowledgeStores }) =>
          Effect.andThen(
            Stream.runCollect(knowledgeStores.search(storeId, { query: "a knot" })),
            knowledgeStores.searchPage(
              storeId,
              {
                query: "a knot",
                filter: { assetType: "video", itemId: [itemId(1), itemId(2)] },
                videoModalities: ["visual", "audio"],
                groupBy: "item",
                includeMetadata: true
              },
              { pageSize: 50, pageToken: "three" }
            )
          )
      )
      assert.deepStrictEqual(
        sent.map(({ body }) => body),
        [
          { query: { text: "a knot" } },
          { query: { text: "a knot" }, page_token: "two" },
          {
            query: { text: "a knot" },
            filter: { asset_type: { eq: "video" }, item_id: { in: [itemId(1), itemId(2)] } },
            search_options: { video: { modalities: ["visual", "audio"] } },
            group_by: "item",
            page_size: 50,
            page_token: "three",
            include_metadata: true
          }
        ]
      )
      assert.deepStrictEqual([sent[0]!.method, sent[0]!.path], ["POST", `/knowledge-stores/${storeId}/search`])
    })
  )

  it.effect("is read whatever its hits lack, and whatever they are", () =>
    Effect.gen(function* () {
      const data = [
        { asset_type: "video", rank: 1, item_id: "ksi_1", matches: [{ start_sec: 0, end_sec: 1.5, modalities: null }] },
        { asset_type: "video", rank: 2, item_id: "ksi_2", matches: null, metadata: { system: null, user: null } },
        {
          asset_type: "image",
          rank: 3,
          item_id: "ksi_3",
          metadata: { system: { width: 1 }, user: { n: 1, ok: true } }
        },
        { asset_type: "smell", rank: 4, strength: 0.5 },
        { rank: 5 }
      ]
      const { value } = yield* answering(
        () => ({ json: { data, next_page_token: null, effective_search_options: { video: null, image: {} } } }),
        ({ knowledgeStores }) => knowledgeStores.searchPage(storeId, { query: "a knot" })
      )
      assert.deepStrictEqual<unknown>(value, {
        hits: [
          {
            _tag: "VideoHit",
            rank: 1,
            itemId: "ksi_1",
            matches: [{ startSeconds: 0, endSeconds: 1.5, modalities: [], transcription: undefined }],
            metadata: undefined
          },
          { _tag: "VideoHit", rank: 2, itemId: "ksi_2", matches: [], metadata: { system: undefined, user: undefined } },
          {
            _tag: "ImageHit",
            rank: 3,
            itemId: "ksi_3",
            metadata: { system: { width: 1, height: undefined, sizeBytes: undefined }, user: { n: 1, ok: true } }
          },
          { _tag: "UnknownHit", assetType: "smell", raw: { asset_type: "smell", rank: 4, strength: 0.5 } },
          { _tag: "UnknownHit", assetType: undefined, raw: { rank: 5 } }
        ],
        nextPageToken: undefined,
        effectiveSearchOptions: { video: undefined }
      })
    })
  )

  it.live("is asked again after a fault, as that does no harm", () =>
    Effect.gen(function* () {
      const { sent } = yield* answering(
        (_, index) => (index === 0 ? { status: 502, json: {} } : { json: { data: [] } }),
        ({ knowledgeStores }) => Stream.runCollect(knowledgeStores.search(storeId, { query: "a knot" }))
      )
      assert.lengthOf(sent, 2)
    })
  )
})
