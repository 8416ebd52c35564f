import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { AssetId, IndexId, TwelveLabs, VideoId, type Videos } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { textOf } from "./Fixture.ts"
import { live, soon } from "./Live.ts"

const fixture = (name: string) => ({ json: JSON.parse(textOf(`index/${name}.json`)) as unknown })

/** An index of one's own with a video in it, which is not ready yet. */
const prepared = Effect.gen(function* () {
  const { indexedAssets, indexes } = yield* TwelveLabs
  const { twelvelabs } = yield* Emulator
  const indexId = yield* indexes.create({
    name: "workshop",
    models: [{ name: "marengo3.0", options: ["visual", "audio"] }]
  })
  const { id } = yield* indexedAssets.create(indexId, {
    assetId: AssetId.make(twelvelabs.assetId),
    userMetadata: { season: "autumn" }
  })
  return { indexId, indexedAssetId: id, videoId: VideoId.make(id) }
})

describe("videos", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are there once they are indexed, are changed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { indexedAssets, videos } = yield* TwelveLabs
          const { indexedAssetId, ...place } = yield* prepared
          const indexed = yield* indexedAssets.awaitReady({ ...place, indexedAssetId }, soon)
          const [listed] = yield* Stream.runCollect(videos.list(place.indexId))
          assert.deepStrictEqual(
            [listed?.id, listed?.assetId, listed?.systemMetadata],
            [place.videoId, indexed.assetId, indexed.systemMetadata]
          )
          yield* videos.update(place, { season: null, rating: 3 })
          const detail = yield* videos.get(place, { embeddingOptions: ["visual"], transcription: true })
          assert.deepStrictEqual(detail.userMetadata, { rating: 3 })
          assert.deepStrictEqual(
            [detail.embedding?.videoEmbedding?.segments?.length, detail.transcription?.length],
            [13, 12]
          )
          assert.deepStrictEqual((yield* indexedAssets.get({ ...place, indexedAssetId })).userMetadata, { rating: 3 })
          yield* videos.delete(place)
          const gone = (yield* Effect.flip(videos.get(place))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
          assert.deepStrictEqual(yield* Stream.runCollect(indexedAssets.list(place.indexId)), [])
        }),
      { http }
    )
  }

  live(
    "are not there before they are indexed",
    () =>
      Effect.gen(function* () {
        const { indexedAssets, videos } = yield* TwelveLabs
        const { indexId, videoId } = yield* prepared
        assert.lengthOf(yield* Stream.runCollect(indexedAssets.list(indexId)), 1)
        assert.deepStrictEqual(yield* Stream.runCollect(videos.list(indexId)), [])
        const error = (yield* Effect.flip(videos.get({ indexId, videoId }))) as StreamError.ApiError
        assert.strictEqual(error.kind, "NotFound")
      }),
    { play: { sync: "never" } }
  )

  live(
    "are narrowed down by ranges and by metadata",
    () =>
      Effect.gen(function* () {
        const { videos } = yield* TwelveLabs
        const emulator = yield* Emulator
        const { indexId, videoId } = yield* prepared
        const list = (options: Videos.VideosListOptions) =>
          Effect.gen(function* () {
            const all = yield* Stream.runCollect(videos.list(indexId, options))
            const query = new URLSearchParams((yield* emulator.requests).at(-1)!.query)
            query.delete("page")
            return [all.map(({ id }) => id), [...query].map(([name, value]) => `${name}=${value}`).sort()]
          })
        assert.deepStrictEqual(yield* list({ durationSeconds: { gte: 120 }, userMetadata: { season: "autumn" } }), [
          [videoId],
          ["duration[gte]=120", "season=autumn"]
        ])
        assert.deepStrictEqual(yield* list({ sizeBytes: { gte: 0, lte: 1000 }, sortBy: "updated_at" }), [
          [],
          ["size[gte]=0", "size[lte]=1000", "sort_by=updated_at"]
        ])
        assert.deepStrictEqual(yield* list({ filename: "other.mp4" }), [[], ["filename=other.mp4"]])
      }),
    { emulator: { twelvelabs: { processMillis: 0 } } }
  )

  it.effect("are read with fields that are missing, null or new", () =>
    Effect.gen(function* () {
      const indexId = IndexId.make("66aa00000000000000000001")
      const { value } = yield* answering(
        ({ query }) => (query.get("page") === "1" ? fixture("indexed-assets") : { json: { data: null } }),
        ({ videos }) => Stream.runCollect(videos.list(indexId))
      )
      assert.deepStrictEqual(
        value.map(({ assetId }) => assetId),
        [undefined, undefined, "66cc00000000000000000003"]
      )
      const { value: detail } = yield* answering(
        () => fixture("indexed-asset"),
        ({ videos }) => videos.get({ indexId, videoId: VideoId.make("66bb00000000000000000004") })
      )
      assert.deepStrictEqual([detail.embedding?.model, detail.assetId], ["marengo2.7", undefined])
    })
  )
})
