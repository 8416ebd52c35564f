import { Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema, Stream } from "effect"
import {
  AssetId,
  IndexedAssetId,
  type IndexedAssets,
  IndexId,
  ProcessingError,
  TwelveLabs,
  VideoId
} from "../src/index.ts"
import { answering } from "./Answering.ts"
import { textOf } from "./Fixture.ts"
import { live, soon } from "./Live.ts"

const fixture = (name: string) => ({ json: JSON.parse(textOf(`index/${name}.json`)) as unknown })

const indexId = IndexId.make("66aa00000000000000000001")
const place = { indexId, indexedAssetId: IndexedAssetId.make("66bb00000000000000000001") }

/** An index of one's own, and the asset that exists. */
const prepared = Effect.gen(function* () {
  const { indexes } = yield* TwelveLabs
  const { twelvelabs } = yield* Emulator
  const indexId = yield* indexes.create({
    name: "workshop",
    models: [{ name: "marengo3.0", options: ["visual", "audio"] }]
  })
  return { indexId, assetId: AssetId.make(twelvelabs.assetId) }
})

const atOnce = { emulator: { twelvelabs: { processMillis: 0 } } } as const

describe("indexed assets", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, awaited, found, changed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { indexedAssets } = yield* TwelveLabs
          const { assetId, indexId } = yield* prepared
          const made = yield* indexedAssets.create(indexId, {
            assetId,
            enableVideoStream: true,
            userMetadata: { season: "autumn", rating: 9.3, good: true }
          })
          assert.strictEqual(made.assetId, assetId)
          const place = { indexId, indexedAssetId: made.id }
          const seen: Array<string | undefined> = []
          const ready = yield* indexedAssets.awaitReady(place, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          const stages = ["pending", "queued", "indexing", "ready"]
          assert.strictEqual(seen.at(-1), "ready")
          assert.deepStrictEqual(
            seen,
            seen.toSorted((a, b) => stages.indexOf(a!) - stages.indexOf(b!))
          )
          assert.deepStrictEqual(
            [ready.assetId, ready.hls?.status, ready.hls?.thumbnailUrls?.length],
            [assetId, "COMPLETE", 1]
          )
          assert.deepStrictEqual(
            [ready.systemMetadata?.filename, ready.systemMetadata?.durationSeconds],
            ["kite-workshop.mp4", 120]
          )
          assert.isDefined(ready.indexedAt)
          yield* indexedAssets.update(place, { season: null, rating: 10, new: "yes" })
          assert.deepStrictEqual((yield* indexedAssets.get(place)).userMetadata, { rating: 10, good: true, new: "yes" })
          yield* indexedAssets.delete(place)
          const gone = (yield* Effect.flip(indexedAssets.get(place))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status, gone.code], ["NotFound", 404, "resource_not_exist"])
        }),
      { http }
    )
  }

  live(
    "tell vectors and words where they are asked for, and nowhere else",
    () =>
      Effect.gen(function* () {
        const { indexedAssets } = yield* TwelveLabs
        const emulator = yield* Emulator
        const { assetId, indexId } = yield* prepared
        const { id } = yield* indexedAssets.create(indexId, { assetId })
        const place = { indexId, indexedAssetId: id }
        const plain = yield* indexedAssets.get(place)
        assert.deepStrictEqual([plain.embedding, plain.transcription, plain.hls], [undefined, undefined, undefined])
        const detail = yield* indexedAssets.get(place, { embeddingOptions: ["visual", "audio"], transcription: true })
        assert.strictEqual(
          (yield* emulator.requests).at(-1)!.query,
          "embedding_option=visual&embedding_option=audio&transcription=true"
        )
        const segments = detail.embedding?.videoEmbedding?.segments ?? []
        assert.lengthOf(segments, 26)
        assert.isTrue(segments.every(({ embedding }) => embedding?.length === 512))
        assert.deepStrictEqual([...new Set(segments.map(({ option }) => option))], ["visual", "audio"])
        const again = yield* indexedAssets.get(place, { embeddingOptions: ["audio"] })
        assert.deepStrictEqual(
          again.embedding?.videoEmbedding?.segments,
          segments.filter(({ option }) => option === "audio")
        )
        assert.isUndefined(again.transcription)
        assert.lengthOf(detail.transcription ?? [], 12)
        assert.deepStrictEqual(
          [detail.transcription?.[1]?.startSeconds, detail.transcription?.[1]?.endSeconds],
          [10, 20]
        )
      }),
    atOnce
  )

  live(
    "are narrowed down as documented, and really are",
    () =>
      Effect.gen(function* () {
        const { indexedAssets, tasks } = yield* TwelveLabs
        const emulator = yield* Emulator
        const { assetId, indexId } = yield* prepared
        const { id: long } = yield* indexedAssets.create(indexId, {
          assetId,
          userMetadata: { category: "news & more", rating: 9.3, good: true }
        })
        const url = "https://example.com/short.mp4"
        const { videoId } = yield* tasks.create({ indexId, video: { url }, userMetadata: { category: "kites" } })
        const short = IndexedAssetId.make(videoId!)
        const now = yield* DateTime.now
        const list = (options: IndexedAssets.IndexedAssetsListOptions) =>
          Effect.gen(function* () {
            const all = yield* Stream.runCollect(indexedAssets.list(indexId, { ...options, sortOption: "asc" }))
            const query = new URLSearchParams((yield* emulator.requests).at(-1)!.query)
            assert.strictEqual(query.get("page"), "1")
            query.delete("page")
            query.delete("sort_option")
            return [all.map(({ id }) => id), [...query].map(([name, value]) => `${name}=${value}`).sort()]
          })
        assert.deepStrictEqual(yield* list({}), [[long, short], []])
        assert.deepStrictEqual(yield* list({ status: ["ready", "failed"], pageSize: 7 }), [
          [long, short],
          ["page_limit=7", "status=failed", "status=ready"]
        ])
        assert.deepStrictEqual(yield* list({ status: ["failed"] }), [[], ["status=failed"]])
        assert.deepStrictEqual(yield* list({ durationSeconds: { gte: 60, lte: 119.5 } }), [
          [short],
          ["duration[gte]=60", "duration[lte]=119.5"]
        ])
        assert.deepStrictEqual(yield* list({ durationSeconds: { gte: 60.5 } }), [[long], ["duration[gte]=60.5"]])
        assert.deepStrictEqual(yield* list({ fps: { lte: 24 } }), [[], ["fps[lte]=24"]])
        assert.deepStrictEqual(yield* list({ width: { gte: 1920 }, height: { lte: 1080 } }), [
          [long, short],
          ["height[lte]=1080", "width[gte]=1920"]
        ])
        assert.deepStrictEqual(yield* list({ sizeBytes: { gte: 1, lte: 2 } }), [[], ["size[gte]=1", "size[lte]=2"]])
        assert.deepStrictEqual(yield* list({ filename: "short.mp4" }), [[short], ["filename=short.mp4"]])
        assert.deepStrictEqual(yield* list({ userMetadata: { category: "news & more", rating: 9.3, good: true } }), [
          [long],
          ["category=news & more", "good=true", "rating=9.3"]
        ])
        assert.deepStrictEqual(yield* list({ userMetadata: { category: "kites", rating: 9.3 } }), [
          [],
          ["category=kites", "rating=9.3"]
        ])
        const strange = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>
        assert.deepStrictEqual(yield* list({ userMetadata: strange }), [[], ["__proto__=x", "constructor=y"]])
        const later = DateTime.add(now, { hours: 1 })
        assert.deepStrictEqual(yield* list({ createdSince: later }), [[], [`created_at=${DateTime.formatIso(later)}`]])
        const morning = DateTime.startOf(now, "day")
        assert.deepStrictEqual(yield* list({ updatedSince: morning }), [
          [long, short],
          [`updated_at=${DateTime.formatIso(morning)}`]
        ])
      }),
    atOnce
  )

  live("are not asked for by metadata that would be taken for something else: nothing is sent", () =>
    Effect.gen(function* () {
      const { indexedAssets, videos } = yield* TwelveLabs
      const emulator = yield* Emulator
      const keys = ["filename", "page_limit", "status", "duration[gte]", "duration", "fps[foo]", "sort_by", ""]
      for (const key of keys) {
        const list = indexedAssets.list(indexId, { userMetadata: { season: "autumn", [key]: "x" } })
        const error = (yield* Effect.flip(Stream.runCollect(list))) as StreamError.TransportError
        assert.deepStrictEqual([error._tag, error.reason], ["TransportError", "InvalidRequest"], key)
        assert.include(error.message, "userMetadata")
      }
      assert.deepStrictEqual(yield* emulator.requests, [])
      // A video is ready always, so that its list has no such parameter.
      const none = yield* Effect.flip(Stream.runCollect(videos.list(indexId, { userMetadata: { status: "x" } })))
      assert.strictEqual(none._tag, "ApiError")
    })
  )

  it.effect.prop(
    "are asked for by any metadata: each key is a parameter with its value as a text",
    [Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))],
    ([metadata]) =>
      Effect.gen(function* () {
        // Two halves of different characters make none, and no URL can carry them.
        const sendable = Object.entries(metadata).filter(
          ([key, value]) => `x_${key}`.isWellFormed() && String(value).isWellFormed()
        )
        const userMetadata = Object.fromEntries(sendable.map(([key, value]) => [`x_${key}`, value]))
        const { sent } = yield* answering(
          () => ({ json: { data: [] } }),
          ({ indexedAssets }) => Stream.runDrain(indexedAssets.list(indexId, { userMetadata }))
        )
        const query = [...sent[0]!.query].filter(([name]) => name !== "page")
        assert.deepStrictEqual(
          new Map(query),
          new Map(Object.entries(userMetadata).map(([key, value]) => [key, String(value)]))
        )
      }),
    { arbitrary: { runs: 30 } }
  )

  live(
    "that cannot be indexed are an error that says which",
    () =>
      Effect.gen(function* () {
        const { indexedAssets } = yield* TwelveLabs
        const { assetId, indexId } = yield* prepared
        const { id } = yield* indexedAssets.create(indexId, { assetId })
        const error = yield* Effect.flip(indexedAssets.awaitReady({ indexId, indexedAssetId: id }, soon))
        assert.instanceOf(error, ProcessingError)
        assert.deepStrictEqual([error.subject, error.id, error.status], ["indexed asset", id, "failed"])
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "that are never ready are given up when the time is up",
    () =>
      Effect.gen(function* () {
        const { indexedAssets } = yield* TwelveLabs
        const { assetId, indexId } = yield* prepared
        const { id } = yield* indexedAssets.create(indexId, { assetId, enableVideoStream: true })
        const place = { indexId, indexedAssetId: id }
        const error = yield* Effect.flip(indexedAssets.awaitReady(place, { ...soon, deadline: "100 millis" }))
        assert.instanceOf(error, Polling.NotReadyError)
        const { embedding, hls, indexedAt } = yield* indexedAssets.get(place, { embeddingOptions: ["visual"] })
        assert.deepStrictEqual([hls?.status, hls?.videoUrl], ["PROCESSING", undefined])
        assert.deepStrictEqual([embedding, indexedAt], [undefined, undefined])
      }),
    { play: { sync: "never" } }
  )

  live(
    "are made only of assets that exist and are ready, in indexes that exist",
    () =>
      Effect.gen(function* () {
        const { indexedAssets, tasks } = yield* TwelveLabs
        const { assetId, indexId } = yield* prepared
        const statusOf = (indexId: IndexId, assetId: AssetId) =>
          Effect.map(
            Effect.flip(indexedAssets.create(indexId, { assetId })),
            (error) => (error as StreamError.ApiError).status
          )
        assert.strictEqual(yield* statusOf(indexId, AssetId.make("66cc00000000000000000009")), 404)
        assert.strictEqual(yield* statusOf(IndexId.make("66aa00000000000000000009"), assetId), 404)
        yield* tasks.create({ indexId, video: { url: "https://example.com/a.mp4" } })
        const [begun] = yield* Stream.runCollect(indexedAssets.list(indexId))
        assert.strictEqual(yield* statusOf(indexId, begun!.assetId!), 400)
      }),
    { play: { sync: "never" } }
  )

  live("tell which indexes an asset is in, page by page", () =>
    Effect.gen(function* () {
      const { indexedAssets, indexes } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const assetId = AssetId.make(twelvelabs.assetId)
      const expected: Array<unknown> = []
      for (let number = 1; number <= 11; number++) {
        const name = `index ${number}`
        const indexId = yield* indexes.create({ name, models: [{ name: "marengo3.0", options: ["visual"] }] })
        const { id } = yield* indexedAssets.create(indexId, { assetId })
        expected.push({ id, index: { id: indexId, name } })
      }
      assert.deepStrictEqual(yield* Stream.runCollect(indexedAssets.ofAsset(assetId, { pageSize: 4 })), expected)
    })
  )

  live("keep their asset from being deleted, and go with it when that is forced", () =>
    Effect.gen(function* () {
      const { assets, indexedAssets } = yield* TwelveLabs
      const { assetId, indexId } = yield* prepared
      yield* indexedAssets.create(indexId, { assetId })
      const error = (yield* Effect.flip(assets.delete(assetId))) as StreamError.ApiError
      assert.deepStrictEqual([error.kind, error.status], ["Conflict", 409])
      yield* assets.delete(assetId, { force: true })
      assert.deepStrictEqual(yield* Stream.runCollect(indexedAssets.list(indexId)), [])
    })
  )

  it.effect("are read with fields that are missing, null or new, and without page info", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        ({ query }) => (query.get("page") === "1" ? fixture("indexed-assets") : { json: { data: [] } }),
        ({ indexedAssets }) => Stream.runCollect(indexedAssets.list(indexId))
      )
      assert.deepStrictEqual(
        value.map(({ createdAt, indexedAt, status }) => [
          status,
          createdAt && DateTime.formatIso(createdAt),
          indexedAt
        ]),
        [
          [undefined, undefined, undefined],
          ["polishing", undefined, undefined],
          ["ready", "2026-01-02T03:04:05.000Z", undefined]
        ]
      )
      assert.isUndefined(value[1]!.systemMetadata)
      assert.deepStrictEqual(value[2]!.systemMetadata, {
        filename: "a.mp4",
        durationSeconds: 12,
        fps: 29.97,
        width: undefined,
        height: undefined,
        sizeBytes: 4096
      })
      // Without totals a page that is not full is the end.
      assert.deepStrictEqual(
        sent.map(({ query }) => query.get("page")),
        ["1"]
      )
    })
  )

  it.effect("are read in all detail with words that are new", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        () => fixture("indexed-asset"),
        ({ indexedAssets }) => indexedAssets.get(place)
      )
      assert.deepStrictEqual(value.userMetadata, { season: "autumn", rating: 9.3, good: true, odd: ["x"] })
      assert.deepStrictEqual([value.hls?.status, value.hls?.updatedAt], ["REHEARSING", undefined])
      assert.deepStrictEqual(value.embedding?.videoEmbedding?.segments?.[0], {
        embedding: [0.5, -1, 2],
        startSeconds: 0,
        endSeconds: 6.5,
        option: "smell",
        scope: "frame"
      })
      assert.isUndefined(value.embedding?.videoEmbedding?.segments?.[1]?.embedding)
      assert.deepStrictEqual(value.transcription, [
        { startSeconds: 0, endSeconds: 1.5, text: "Hello." },
        { startSeconds: undefined, endSeconds: undefined, text: undefined }
      ])
      const { value: bare } = yield* answering(
        () => fixture("nulls"),
        ({ indexedAssets }) => indexedAssets.get(place)
      )
      assert.deepStrictEqual(
        [bare.userMetadata, bare.hls, bare.embedding?.videoEmbedding, bare.transcription],
        [undefined, undefined, undefined, undefined]
      )
    })
  )

  it.effect("are made with what is given: what is undefined is not sent", () =>
    Effect.gen(function* () {
      const assetId = AssetId.make("66cc00000000000000000003")
      const { sent, value } = yield* answering(
        () => ({ status: 202, json: { _id: "66bb00000000000000000001", asset_id: null } }),
        ({ indexedAssets }) =>
          Effect.all([
            indexedAssets.create(indexId, { assetId, enableVideoStream: undefined, userMetadata: undefined }),
            indexedAssets.create(indexId, { assetId, enableVideoStream: true, userMetadata: { rating: 9.3 } })
          ])
      )
      assert.deepStrictEqual(
        sent.map(({ body }) => body),
        [{ asset_id: assetId }, { asset_id: assetId, enable_video_stream: true, user_metadata: { rating: 9.3 } }]
      )
      assert.deepStrictEqual(value[0], { id: place.indexedAssetId, assetId: undefined })
    })
  )

  it.effect("are changed with null for what is to go", () =>
    Effect.gen(function* () {
      const { sent } = yield* answering(
        () => ({ status: 200 }),
        ({ indexedAssets, videos }) =>
          Effect.all([
            indexedAssets.update(place, { season: null, good: true }),
            videos.update({ indexId, videoId: VideoId.make("66bb00000000000000000001") }, { rating: 1 })
          ])
      )
      assert.deepStrictEqual(
        sent.map(({ body, method, path }) => [method, path.split("/").at(-2), body]),
        [
          ["PATCH", "indexed-assets", { user_metadata: { season: null, good: true } }],
          ["PATCH", "videos", { user_metadata: { rating: 1 } }]
        ]
      )
    })
  )

  it.effect("are not asked for by an id that would lead elsewhere", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        () => ({ json: {} }),
        ({ indexedAssets }) =>
          Effect.forEach(["", ".", ".."], (id) =>
            Effect.flip(indexedAssets.delete({ indexId, indexedAssetId: IndexedAssetId.make(id) }))
          )
      )
      assert.deepStrictEqual(
        value.map((error) => (error as StreamError.TransportError).reason),
        ["InvalidRequest", "InvalidRequest", "InvalidRequest"]
      )
      assert.deepStrictEqual(sent, [])
    })
  )
})
