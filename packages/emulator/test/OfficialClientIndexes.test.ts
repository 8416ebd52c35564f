/** The vendor's own client: indexes, and the search of them. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { createReadStream } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { TwelvelabsApi } from "twelvelabs-js"
import { all, ask, assertKnown, codeOf, official, once, refusal, until } from "./Official.ts"

const bytesOf = (size: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: size }, (_, index) => index % 251)

/** A file on the disk, as long as its test goes. */
const fileOf = (name: string, size: number) =>
  Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "official-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  ).pipe(
    Effect.map((folder) => join(folder, name)),
    Effect.tap((path) => Effect.promise(() => writeFile(path, bytesOf(size))))
  )

const ready = <A extends { readonly status?: string }>(call: () => PromiseLike<A>): Effect.Effect<A> =>
  until(call, ({ status }) => status === "ready")

layer(Emulator.layer({ twelvelabs: { processMillis: 40 } }))("the vendor's own client", (it) => {
  it.effect("uploads a file from the disk, of which it says nothing but the name", () =>
    Effect.gen(function* () {
      const { assets } = yield* official()
      const path = yield* fileOf("kite.mp4", 2000)
      const made = yield* ask(() => assets.create({ method: "direct", file: createReadStream(path) }, once))
      const asset = yield* ready(() => assets.retrieve(made.id ?? ""))
      assert.deepStrictEqual([asset.filename, asset.fileType, asset.size], ["kite.mp4", "video/mp4", 2000])
    })
  )

  it.effect("indexes an asset, waits for it, and searches what is in it", () =>
    Effect.gen(function* () {
      const { assetId } = (yield* Emulator).twelvelabs
      const { assets, indexes, search } = yield* official()
      const { indexedAssets } = indexes
      const { id: index = "" } = yield* ask(() =>
        indexes.create({
          indexName: "Kites",
          models: [{ modelName: "marengo3.0", modelOptions: ["visual", "audio"] }],
          addons: ["thumbnail"]
        })
      )
      const twice = yield* refusal(() =>
        indexes.create({ indexName: "Kites", models: [{ modelName: "marengo3.0", modelOptions: ["visual"] }] }, once)
      )
      assert.strictEqual(codeOf(twice), "index_name_already_exists")
      yield* ask(() => indexes.update(index, { indexName: "All kites" }))
      const { id: indexed = "", ...made } = yield* ask(() =>
        indexedAssets.create(index, {
          assetId,
          enableVideoStream: true,
          userMetadata: { season: "autumn", rating: 9 }
        })
      )
      assert.deepStrictEqual(made, { assetId })
      yield* ready(() => indexedAssets.retrieve(index, indexed))
      const detail = yield* ask(() =>
        indexedAssets.retrieve(index, indexed, { embeddingOption: ["visual", "audio"], transcription: true })
      )
      assert.deepStrictEqual(detail.userMetadata, { season: "autumn", rating: 9 })
      assert.strictEqual(detail.systemMetadata?.filename, "kite-workshop.mp4")
      assert.isAbove(detail.embedding?.videoEmbedding?.segments?.length ?? 0, 0)
      assert.isAbove(detail.transcription?.length ?? 0, 0)
      const found = yield* all(() =>
        indexedAssets.list(index, {
          status: ["ready"],
          duration: { gte: 1, lte: 10_000 },
          filename: "kite-workshop.mp4"
        })
      )
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        [indexed]
      )
      assert.deepStrictEqual(yield* all(() => indexedAssets.list(index, { duration: { gte: 100_000 } })), [])
      yield* ask(() => indexedAssets.update(index, indexed, { userMetadata: { season: "fall" } }))
      assert.deepStrictEqual(
        (yield* all(() => indexedAssets.listByAsset(assetId))).map((each) => [each.id, each.index]),
        [[indexed, { id: index, name: "All kites" }]]
      )
      const held = yield* refusal(() => assets.delete(assetId, {}, once))
      assert.instanceOf(held, TwelvelabsApi.ConflictError)

      const listed = yield* all(() => indexes.list({ modelFamily: "marengo", modelOptions: "visual,audio" }))
      assert.deepStrictEqual(listed, [yield* ask(() => indexes.retrieve(index))])
      assert.deepStrictEqual([listed[0]?.videoCount, listed[0]?.addons], [1, ["thumbnail"]])

      const pages: Array<number> = []
      const hits: Array<TwelvelabsApi.SearchItem> = []
      yield* Effect.promise(async () => {
        let page = await search.query({
          indexId: index,
          searchOptions: ["visual", "audio"],
          queryText: "a red kite",
          pageLimit: 2,
          filter: JSON.stringify({ season: "fall", duration: { gte: 1 } }),
          includeUserMetadata: true
        })
        for (;;) {
          pages.push(page.data.length)
          hits.push(...page.data)
          if (!page.hasNextPage()) break
          page = await page.getNextPage()
        }
      })
      assertKnown(hits)
      assert.isAbove(pages.length, 1)
      assert.isTrue(pages.slice(0, -1).every((size) => size === 2))
      assert.deepStrictEqual(
        hits.map(({ rank }) => rank),
        hits.map((_, place) => place + 1)
      )
      assert.deepStrictEqual(hits[0]?.userMetadata, { season: "fall", rating: 9 })
      const whole = yield* ask(() =>
        search.create({ indexId: index, searchOptions: ["visual"], queryText: "kite", groupBy: "video" })
      )
      assert.deepStrictEqual([whole.data?.length, whole.searchPool?.indexId], [1, index])
      assert.isAbove(whole.data?.[0]?.clips?.length ?? 0, 0)
      const picture = yield* fileOf("b.jpg", 90)
      const pictures = yield* all(() =>
        search.query(
          {
            indexId: index,
            searchOptions: ["visual"],
            queryMediaType: "image",
            queryMediaFiles: [new File([bytesOf(100)], "a.jpg", { type: "image/jpeg" }), createReadStream(picture)]
          },
          once
        )
      )
      assert.isAbove(pictures.length, 0)
      const mute = yield* refusal(() => search.query({ indexId: index, searchOptions: ["visual"] }, once))
      assert.instanceOf(mute, TwelvelabsApi.BadRequestError)
      yield* ask(() => indexedAssets.delete(index, indexed))
      yield* ask(() => indexes.delete(index))
      assert.strictEqual((yield* refusal(() => indexes.retrieve(index, once))).statusCode, 404)
    })
  )

  it.effect("uploads and indexes in one, in the older way", () =>
    Effect.gen(function* () {
      const { indexes, tasks } = yield* official()
      const { id: index = "" } = yield* ask(() =>
        indexes.create({ indexName: "Older", models: [{ modelName: "marengo3.0", modelOptions: ["visual"] }] })
      )
      const made = yield* ask(() =>
        tasks.create({
          indexId: index,
          videoFile: new File([bytesOf(2000)], "kite.mp4", { type: "video/mp4" }),
          userMetadata: JSON.stringify({ season: "autumn" })
        })
      )
      const seen: Array<string | undefined> = []
      const done = yield* ask(() =>
        tasks.waitForDone(made.id ?? "", { sleepInterval: 0.005, callback: ({ status }) => void seen.push(status) })
      )
      assert.deepStrictEqual([done.status, done.videoId, done.indexId], ["ready", made.videoId, index])
      assert.strictEqual(seen.at(-1), "ready")
      assert.deepStrictEqual(
        (yield* all(() => tasks.list({ indexId: index, status: ["ready", "failed"] }))).map(({ id }) => id),
        [made.id]
      )
      const { videos } = indexes
      const video = made.videoId ?? ""
      assert.deepStrictEqual(
        (yield* all(() => videos.list(index, { userMetadata: { season: "autumn" }, duration: { gte: 0.1 } }))).map(
          ({ id }) => id
        ),
        [video]
      )
      assert.deepStrictEqual(yield* all(() => videos.list(index, { userMetadata: { season: "spring" } })), [])
      yield* ask(() => videos.update(index, video, { userMetadata: { season: "fall" } }))
      const detail = yield* ask(() => videos.retrieve(index, video, { embeddingOption: "visual", transcription: true }))
      assert.deepStrictEqual([detail.userMetadata, detail.systemMetadata?.filename], [{ season: "fall" }, "kite.mp4"])
      assert.isDefined(detail.embedding?.videoEmbedding?.segments)
      yield* ask(() => videos.delete(index, video))
      yield* ask(() => tasks.delete(made.id ?? ""))
      assert.strictEqual((yield* refusal(() => tasks.retrieve(made.id ?? "", once))).statusCode, 404)
    })
  )
})
