import { FileSource, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import {
  AssetId,
  EntityId,
  IndexId,
  type MediaFile,
  Search,
  type SearchHit,
  TwelveLabs,
  VideoId
} from "../src/index.ts"
import { answering } from "./Answering.ts"
import { formOf } from "./SentForm.ts"
import { textOf } from "./Fixture.ts"
import { live } from "./Live.ts"

const fixture = (name: string) => ({ json: JSON.parse(textOf(`search/${name}.json`)) as unknown })

const someIndex = IndexId.make("66cc00000000000000000001")
const ask = { indexId: someIndex, text: "salt", searchOptions: ["visual"] } as const

const image = (name: string, size = 8) =>
  FileSource.fromBytes(new Uint8Array(size).fill(name.length), { name, contentType: "image/png" })

/** An index of one's own, with a video of two minutes and one of one minute in it. */
const prepared = Effect.gen(function* () {
  const { indexedAssets, indexes, tasks } = yield* TwelveLabs
  const { twelvelabs } = yield* Emulator
  const indexId = yield* indexes.create({
    name: "workshop",
    models: [{ name: "marengo3.0", options: ["visual", "audio"] }],
    addons: ["thumbnail"]
  })
  const { id } = yield* indexedAssets.create(indexId, {
    assetId: AssetId.make(twelvelabs.assetId),
    userMetadata: { season: "autumn", rating: 9.3 }
  })
  const { videoId } = yield* tasks.create({ indexId, video: { url: "https://example.com/short.mp4" } })
  return { indexId, long: VideoId.make(id), short: videoId! }
})

const atOnce = { emulator: { twelvelabs: { processMillis: 0 } } } as const

const placeOf = ({ startSeconds, videoId }: SearchHit.Clip) => `${videoId} ${startSeconds}`

/** Whether all of the first are among the second, and not all of the second among the first. */
const isProperSubset = (some: ReadonlyArray<string>, all: ReadonlyArray<string>) =>
  some.length < all.length && some.every((one) => all.includes(one))

describe("a search", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `brings every hit once, the best first, a page at a time, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { search } = yield* TwelveLabs
          const emulator = yield* Emulator
          const { indexId } = yield* prepared
          const before = (yield* emulator.requests).length
          const request = { indexId, text: "a knot", searchOptions: ["visual", "audio"] } as const
          const found = search.query(request, { pageSize: 4 })
          assert.lengthOf(yield* emulator.requests, before)
          const clips = yield* Stream.runCollect(found)
          assert.deepStrictEqual(
            clips.map(({ rank }) => rank),
            clips.map((_, index) => index + 1)
          )
          assert.strictEqual(new Set(clips.map(placeOf)).size, clips.length)
          assert.isTrue(clips.every(({ _tag, thumbnailUrl }) => _tag === "Clip" && thumbnailUrl !== undefined))
          assert.isTrue(clips.every(({ endSeconds, startSeconds }) => endSeconds! > startSeconds!))
          const pages = (yield* emulator.requests).slice(before)
          assert.deepStrictEqual(
            pages.map(({ method }) => method),
            ["POST", ...Array.from({ length: Math.ceil(clips.length / 4) - 1 }, () => "GET")]
          )
          assert.isAbove(pages.length, 2)
          assert.match(pages[0]!.headers["content-type"]!, /^multipart\/form-data; boundary=/)
          // The token is any text: what means something in a path must not.
          assert.match(pages[1]!.path, /\/v1\.3\/search\/search%2F1%3Fhits%3D4%2B%252F%23$/)
          yield* Stream.runDrain(Stream.take(found, 3))
          assert.lengthOf(yield* emulator.requests, before + pages.length + 1)
        }),
      { http, ...atOnce }
    )
  }

  live(
    "is narrowed by its filter, options and operator",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const { indexId, long, short } = yield* prepared
        const find = (options: Partial<Search.SearchRequest<"clip">> = {}) =>
          Effect.map(
            Stream.runCollect(
              search.query({
                indexId,
                text: "a knot",
                searchOptions: ["visual", "audio"],
                ...options
              } as Search.SearchRequest<"clip">)
            ),
            (clips) => clips.map(placeOf)
          )
        const videosOf = (filter: Search.Filter) =>
          Effect.map(find({ filter }), (places) => [...new Set(places.map((place) => place.split(" ")[0]))].sort())
        const all = yield* find()
        assert.isTrue(isProperSubset(yield* find({ operator: "and" }), all))
        assert.isTrue(isProperSubset(yield* find({ searchOptions: ["visual"] }), all))
        assert.deepStrictEqual(yield* find({ operator: "or" }), all)
        assert.notDeepEqual(yield* find({ text: "a kite" }), all)
        assert.deepStrictEqual(yield* videosOf({}), [long, short])
        assert.deepStrictEqual(yield* videosOf({ ids: [short] }), [short])
        assert.deepStrictEqual(yield* videosOf({ ids: [short, long] }), [long, short])
        assert.deepStrictEqual(yield* videosOf({ durationSeconds: { gte: 60.5 } }), [long])
        assert.deepStrictEqual(yield* videosOf({ durationSeconds: { gte: 1, lte: 60 } }), [short])
        assert.deepStrictEqual(yield* videosOf({ durationSeconds: 120, width: 1920, height: { lte: 1080 } }), [long])
        assert.deepStrictEqual(yield* videosOf({ sizeBytes: { lte: 1 } }), [])
        assert.deepStrictEqual(yield* videosOf({ filename: "short.mp4" }), [short])
        assert.deepStrictEqual(yield* videosOf({ userMetadata: { season: "autumn", rating: { gte: 9, lte: 10 } } }), [
          long
        ])
        assert.deepStrictEqual(yield* videosOf({ userMetadata: { season: "spring" } }), [])
        assert.deepStrictEqual(yield* videosOf({ userMetadata: { rating: 9.3, good: true } }), [])
      }),
    atOnce
  )

  live(
    "groups by video, and each hit is of the type that was asked for",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const { indexId, long, short } = yield* prepared
        const request = { indexId, text: "a knot", searchOptions: ["visual", "audio"] } as const
        const clips = yield* Stream.runCollect(search.query(request))
        const videos = yield* Stream.runCollect(search.query({ ...request, groupBy: "video" }, { pageSize: 1 }))
        expectTypeOf(clips).toEqualTypeOf<Array<SearchHit.Clip>>()
        expectTypeOf(videos).toEqualTypeOf<Array<SearchHit.Video>>()
        assert.deepStrictEqual(new Set(videos.map(({ videoId }) => videoId)), new Set([long, short]))
        assert.deepStrictEqual(videos.flatMap(({ clips }) => clips.map(placeOf)).sort(), clips.map(placeOf).sort())
        const page = yield* search.firstPage({ ...request, groupBy: "video" })
        assert.deepStrictEqual([page.total, page.totalClips], [2, clips.length])
      }),
    atOnce
  )

  live(
    "tells about its pages, there and back",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const { indexId, long } = yield* prepared
        const request = {
          indexId,
          text: "a knot",
          searchOptions: ["visual", "audio"],
          filter: { ids: [long] },
          includeUserMetadata: true
        } as const
        const first = yield* search.firstPage(request, { pageSize: 3 })
        assert.deepStrictEqual(first.pool, { totalCount: 1, totalDurationSeconds: 120, indexId })
        assert.deepStrictEqual([first.pageSize, first.hits.length, first.totalClips], [3, 3, undefined])
        assert.isUndefined(first.previousPageToken)
        assert.isTrue(DateTime.isGreaterThan(first.expiresAt!, yield* DateTime.now))
        assert.deepStrictEqual(first.hits[0]!.userMetadata, { season: "autumn", rating: 9.3 })
        const second = yield* search.page(first.nextPageToken!, { includeUserMetadata: true })
        assert.deepStrictEqual(second.hits[0]!.userMetadata, { season: "autumn", rating: 9.3 })
        assert.deepStrictEqual(second.total, first.total)
        const again = yield* search.page(second.previousPageToken!)
        assert.deepStrictEqual(
          again.hits.map((hit) => hit._tag === "Clip" && placeOf(hit)),
          first.hits.map(placeOf)
        )
        assert.isUndefined(again.hits[0]!.userMetadata)
        const streamed = yield* Stream.runCollect(search.query(request, { pageSize: 3 }))
        assert.isTrue(streamed.every(({ userMetadata }) => userMetadata?.["season"] === "autumn"))
      }),
    atOnce
  )

  live(
    "whose next page has expired delivers the first one, and then fails with what the vendor said",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const { indexId } = yield* prepared
        const request = { indexId, text: "a knot", searchOptions: ["visual"] } as const
        const seen: Array<string> = []
        const error = yield* search.query(request, { pageSize: 2 }).pipe(
          Stream.runForEach((clip) => Effect.sync(() => seen.push(placeOf(clip)))),
          Effect.flip
        )
        assert.lengthOf(seen, 2)
        const { detail, kind, status } = error as StreamError.ApiError
        assert.deepStrictEqual([error._tag, kind, status], ["ApiError", "InvalidRequest", 400])
        assert.include(detail, "expired")
      }),
    { ...atOnce, play: { ttl: 0 } }
  )

  it.effect("is sent as the form that is documented, its filter as JSON", () =>
    Effect.gen(function* () {
      const url = "https://example.com/kite.png"
      const file = yield* image("red.png")
      const fields = yield* formOf(({ search }) =>
        search.firstPage(
          {
            indexId: someIndex,
            text: "a knot",
            images: [{ url }, { file }, { url: `${url}?2` }],
            searchOptions: ["visual", "transcription"],
            transcriptionOptions: ["lexical", "semantic"],
            groupBy: "video",
            operator: "and",
            includeUserMetadata: true,
            filter: {
              ids: [VideoId.make("66cc00000000000000000002")],
              filename: "a.mp4",
              durationSeconds: { gte: 1.5, lte: undefined },
              width: 1920,
              height: { lte: 1080 },
              sizeBytes: { gte: 1, lte: 2 },
              userMetadata: { season: "autumn", rating: { gte: 9 }, good: true, level: 3 }
            }
          },
          { pageSize: 20 }
        )
      )
      const filter = fields.find(([name]) => name === "filter")![1]
      assert.deepStrictEqual(JSON.parse(filter), {
        id: ["66cc00000000000000000002"],
        filename: "a.mp4",
        duration: { gte: 1.5 },
        width: 1920,
        height: { lte: 1080 },
        size: { gte: 1, lte: 2 },
        season: "autumn",
        rating: { gte: 9 },
        good: true,
        level: 3
      })
      assert.deepStrictEqual(
        fields.filter(([name]) => name !== "filter").map(([name, value]) => `${name}=${value}`),
        [
          `index_id=${someIndex}`,
          "search_options=visual",
          "search_options=transcription",
          "query_text=a knot",
          "query_media_type=image",
          `query_media_url=${url}`,
          `query_media_url=${url}?2`,
          "transcription_options=lexical",
          "transcription_options=semantic",
          "group_by=video",
          "operator=and",
          "page_limit=20",
          "include_user_metadata=true",
          "query_media_file=red.png image/png 8"
        ]
      )
      const least = yield* formOf(({ search }) => search.firstPage(ask))
      assert.deepStrictEqual(
        least.map(([name, value]) => `${name}=${value}`),
        [`index_id=${someIndex}`, "search_options=visual", "query_text=salt"]
      )
    })
  )

  live(
    "takes images by their addresses and as files, alone and with words",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const emulator = yield* Emulator
        const { indexId } = yield* prepared
        const find = (query: Search.Query) =>
          Effect.map(
            Stream.runCollect(search.query({ indexId, searchOptions: ["visual"], ...query }, { pageSize: 50 })),
            (clips) => clips.map(placeOf)
          )
        const [red, blue] = [{ file: yield* image("red.png") }, { file: yield* image("blue.png", 100_000) }]
        const url = "https://example.com/kite.png"
        const byRed = yield* find({ images: [red] })
        assert.isNotEmpty(byRed)
        assert.deepStrictEqual(yield* find({ images: [red] }), byRed)
        assert.notDeepEqual(yield* find({ images: [red, blue] }), byRed)
        assert.isAbove((yield* emulator.requests).at(-1)!.bytesReceived, 100_000)
        assert.notDeepEqual(yield* find({ text: "a knot", images: [red] }), byRed)
        assert.notDeepEqual(yield* find({ images: [{ url }] }), byRed)
        assert.notDeepEqual(yield* find({ images: [{ url }, { url: `${url}?2` }] }), yield* find({ images: [{ url }] }))
      }),
    atOnce
  )

  it.effect("that cannot be sent is not sent, and no image is read for it", () =>
    Effect.gen(function* () {
      let reads = 0
      const { size, ...rest } = yield* image("large.png", 1001)
      const file = {
        size,
        ...rest,
        read: (offset: number, length: number) => Effect.suspend(() => (reads++, rest.read(offset, length)))
      }
      const { sent, value } = yield* answering(
        () => fixture("bare"),
        ({ search }) => {
          const errorOf = (request: Search.SearchRequest, options?: Search.QueryOptions) =>
            Effect.flip(Stream.runDrain(search.query(request, options)))
          const many = Array.from({ length: 11 }, () => ({ file }))
          return Effect.all([
            errorOf({ ...ask, images: many }),
            errorOf({ ...ask, filter: { userMetadata: { duration: 3 } } }),
            errorOf({ ...ask, filter: { userMetadata: { id: "x" } } }),
            errorOf({ ...ask, filter: { durationSeconds: Number.NaN } }),
            errorOf({ ...ask, filter: { width: {} } }),
            errorOf({ ...ask, searchOptions: [] as unknown as readonly [string] }),
            errorOf({ ...ask, images: [{ file }] }, { maxSize: 1000 })
          ])
        }
      )
      assert.deepStrictEqual(
        value.map((error) => ("reason" in error ? error.reason : error._tag)),
        [...Array.from({ length: 6 }, () => "InvalidRequest"), "TooLarge"]
      )
      // What was asked for is nobody's business.
      assert.isTrue(value.every((error) => !error.message.includes("salt")))
      assert.deepStrictEqual([sent, reads], [[], 0])
    })
  )

  live(
    "is refused for what the vendor does not take",
    () =>
      Effect.gen(function* () {
        const { indexes, search } = yield* TwelveLabs
        const { indexId } = yield* prepared
        const seen = yield* indexes.create({ name: "seen", models: [{ name: "marengo3.0", options: ["visual"] }] })
        const file = yield* FileSource.fromBytes(new Uint8Array(3), { name: "a.txt", contentType: "text/plain" })
        const request = { indexId, text: "a knot", searchOptions: ["visual"] } as const
        const refused: ReadonlyArray<Search.SearchRequest> = [
          { ...request, text: " " },
          { ...request, text: "word ".repeat(501) },
          { indexId, searchOptions: ["visual"], images: [] as unknown as readonly [MediaFile] },
          { ...request, searchOptions: ["smell"] },
          { ...request, indexId: seen, searchOptions: ["audio"] },
          { ...request, transcriptionOptions: ["lexical"] },
          { ...request, searchOptions: ["transcription"], transcriptionOptions: ["guessed"] },
          { ...request, groupBy: "index" as "clip" },
          { ...request, operator: "xor" as "or" },
          { ...request, images: [{ url: "not an address" }] },
          { ...request, images: [{ file }] }
        ]
        for (const one of refused) {
          const error = (yield* Effect.flip(search.firstPage(one))) as StreamError.ApiError
          assert.deepStrictEqual([error.kind, error.status], ["InvalidRequest", 400], JSON.stringify(one))
        }
        for (const pageSize of [0, 51]) {
          const error = (yield* Effect.flip(search.firstPage(request, { pageSize }))) as StreamError.ApiError
          assert.strictEqual(error.status, 400)
        }
        const nowhere = (yield* Effect.flip(
          search.firstPage({ ...request, indexId: someIndex })
        )) as StreamError.ApiError
        assert.strictEqual(nowhere.kind, "NotFound")
        const unknown = (yield* Effect.flip(search.page(Search.PageToken.make("x/..?")))) as StreamError.ApiError
        assert.strictEqual(unknown._tag, "ApiError")
      }),
    atOnce
  )

  live(
    "is tried again after a fault that passes, files included",
    () =>
      Effect.gen(function* () {
        const { search } = yield* TwelveLabs
        const emulator = yield* Emulator
        const request = { indexId: someIndex, images: [{ file: yield* image("red.png") }] as const }
        const error = yield* Effect.flip(search.firstPage({ ...request, searchOptions: ["visual"] }))
        assert.strictEqual((error as StreamError.ApiError).kind, "NotFound")
        const requests = yield* emulator.requests
        assert.deepStrictEqual(
          requests.map(({ status }) => status),
          [500, 404]
        )
        assert.strictEqual(requests[0]!.bytesReceived, requests[1]!.bytesReceived)
      }),
    { play: { fault: "server-error", times: 1 } }
  )

  it.effect("is read as in the vendor's example", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        () => fixture("clips"),
        ({ search }) => search.firstPage(ask)
      )
      assert.deepStrictEqual(value, {
        hits: [
          {
            _tag: "Clip",
            videoId: VideoId.make("66cc00000000000000000002"),
            startSeconds: 3.2,
            endSeconds: 9.8,
            rank: 1,
            thumbnailUrl: "https://thumb.example.com/1.jpg",
            transcription: "salt the water",
            userMetadata: undefined,
            extra: {}
          }
        ],
        pool: { totalCount: 4, totalDurationSeconds: 1200.5, indexId: someIndex },
        pageSize: 10,
        total: 14,
        totalClips: undefined,
        nextPageToken: Search.PageToken.make("tok-2"),
        previousPageToken: undefined,
        expiresAt: DateTime.makeUnsafe("2026-08-20T10:00:00Z")
      })
    })
  )

  it.effect("keeps what older models told, with the older name of the expiry", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        () => fixture("old-clips"),
        ({ search }) => Effect.all([search.firstPage(ask), Stream.runCollect(search.query(ask))], { concurrency: 1 })
      )
      const [page, clips] = value
      assert.deepStrictEqual(page.hits[0]!.extra, {
        score: 84.37,
        confidence: "high",
        metadata: [{ type: "conversation", text: "salt the water" }]
      })
      assert.deepStrictEqual(page.hits[1], { ...page.hits[1]!, videoId: undefined, rank: undefined, extra: {} })
      assert.strictEqual(DateTime.formatIso(page.expiresAt!), "2024-08-20T10:00:00.000Z")
      // An empty token is none.
      assert.isUndefined(page.nextPageToken)
      assert.deepStrictEqual([clips.length, sent.length], [2, 2])
    })
  )

  it.effect("is read where lists, page info and pool are missing or null", () =>
    Effect.gen(function* () {
      for (const answer of [fixture("bare"), { json: {} }]) {
        const { value } = yield* answering(
          () => answer,
          ({ search }) => Effect.all([search.firstPage(ask), Stream.runCollect(search.query(ask))])
        )
        assert.deepStrictEqual([value[0].hits, value[0].pool, value[0].total, value[1]], [[], undefined, undefined, []])
      }
    })
  )

  it.effect("gives what its type says, however the vendor groups", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        ({ path }) => (path === "/search/clips" ? fixture("clips") : fixture("videos")),
        ({ search }) =>
          Effect.all([
            search.firstPage({ ...ask, groupBy: "video" }),
            search.firstPage(ask),
            search.page(Search.PageToken.make("clips"))
          ])
      )
      const [videos, clips, page] = value
      assert.deepStrictEqual(
        videos.hits.map(({ _tag, clips, videoId }) => [_tag, String(videoId), clips.length]),
        [
          ["Video", "66cc00000000000000000002", 2],
          ["Video", "66cc00000000000000000003", 0],
          ["Video", "66cc00000000000000000004", 0]
        ]
      )
      assert.deepStrictEqual(
        [videos.hits[0]!.extra, videos.hits[0]!.clips[0]!.extra],
        [{ score: 12 }, { shade: "green" }]
      )
      assert.deepStrictEqual(
        clips.hits.map(({ _tag, userMetadata, videoId }) => [_tag, String(videoId), userMetadata?.["season"]]),
        Array.from({ length: 2 }, () => ["Clip", "66cc00000000000000000002", "autumn"])
      )
      assert.deepStrictEqual(
        page.hits.map(({ _tag }) => _tag),
        ["Clip"]
      )
    })
  )

  it.effect("keeps its type over pages that the vendor groups in other ways", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        ({ path }) => fixture(path === "/search/tok-2" ? "videos" : "clips"),
        ({ search }) => Stream.runCollect(search.query(ask))
      )
      assert.deepStrictEqual(
        sent.map(({ method, path }) => `${method} ${path}`),
        ["POST /search", "GET /search/tok-2"]
      )
      assert.deepStrictEqual(
        value.map(({ _tag, startSeconds }) => [_tag, startSeconds]),
        [
          ["Clip", 3.2],
          ["Clip", 1],
          ["Clip", 5]
        ]
      )
    })
  )

  it("mentions an entity as the vendor writes it", () => {
    assert.strictEqual(Search.mention(EntityId.make("66dd00000000000000000001")), "<@66dd00000000000000000001>")
  })
})
