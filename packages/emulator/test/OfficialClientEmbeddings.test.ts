/** The vendor's own client: entities and embeddings. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { TwelvelabsApi } from "twelvelabs-js"
import { all, ask, official, once, refusal, until } from "./Official.ts"

const nobody = "66ff00000000000000000000"

layer(Emulator.layer({ twelvelabs: { processMillis: 40 } }))("the vendor's own client", (it) => {
  it.effect("keeps entities in collections, and adds pictures to them", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { entityCollections } = yield* official()
      const { entities } = entityCollections
      const { id: collection = "" } = yield* ask(() =>
        entityCollections.create({ name: "Kite makers", description: "Who is seen" })
      )
      const renamed = yield* ask(() => entityCollections.update(collection, { name: "Makers" }))
      assert.deepStrictEqual([renamed.name, renamed.description], ["Makers", "Who is seen"])
      assert.instanceOf(renamed.createdAt, Date)
      assert.deepStrictEqual(yield* all(() => entityCollections.list({ name: "makers", sortBy: "name" })), [
        yield* ask(() => entityCollections.retrieve(collection))
      ])
      const assetIds = [twelvelabs.assetId]
      const made = yield* ask(() =>
        entities.create(collection, { name: "Ada", assetIds, metadata: { age: 36, guest: true, craft: "kites" } })
      )
      const entity = made.id ?? ""
      assert.deepStrictEqual(
        [made.status, made.entityCollectionId, made.assetIds],
        ["processing", collection, assetIds]
      )
      const ready = yield* until(
        () => entities.retrieve(collection, entity),
        ({ status }) => status === "ready"
      )
      assert.deepStrictEqual(ready.metadata, { age: 36, guest: true, craft: "kites" })
      const changed = yield* ask(() => entities.update(collection, entity, { name: "Ada L.", metadata: {} }))
      assert.deepStrictEqual([changed.name, changed.metadata], ["Ada L.", {}])
      const last = yield* refusal(() => entities.deleteAssets(collection, entity, { assetIds }, once))
      assert.instanceOf(last, TwelvelabsApi.BadRequestError)
      const again = yield* ask(() => entities.createAssets(collection, entity, { assetIds }))
      assert.strictEqual(again.id, entity)
      const bulk = yield* ask(() =>
        entities.createBulk(collection, {
          entities: [
            { name: "Bea", assetIds },
            { name: "Nobody", assetIds: [nobody] }
          ]
        })
      )
      assert.deepStrictEqual([bulk.successCount, bulk.failedCount], [1, 1])
      assert.deepStrictEqual(
        bulk.errors?.map(({ entityIndex, entityName }) => [entityIndex, entityName]),
        [[1, "Nobody"]]
      )
      assert.deepStrictEqual(
        (yield* all(() => entities.list(collection, { sortBy: "name", sortOption: "asc" }))).map(({ name }) => name),
        ["Ada L.", "Bea"]
      )
      const seen = yield* all(() => entities.listByAsset(twelvelabs.assetId))
      assert.deepStrictEqual(seen.map(({ name }) => name).toSorted(), ["Ada L.", "Bea"])
      yield* ask(() => entities.delete(collection, entity))
      yield* ask(() => entityCollections.delete(collection))
      assert.strictEqual((yield* refusal(() => entityCollections.retrieve(collection, once))).statusCode, 404)
    })
  )

  it.effect("makes embeddings at once", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { embed } = yield* official()
      const text = yield* ask(() =>
        embed.v2.create({ inputType: "text", modelName: "marengo3.0", text: { inputText: "a red kite" } })
      )
      assert.deepStrictEqual([text.data.length, text.data[0]?.embedding.length], [1, 512])
      const video = yield* ask(() =>
        embed.v2.create({
          inputType: "video",
          modelName: "marengo3.0",
          video: {
            mediaSource: { assetId: twelvelabs.assetId },
            endSec: 20,
            segmentation: { strategy: "fixed", fixed: { durationSec: 10 } },
            embeddingOption: ["visual", "audio"],
            embeddingScope: ["clip", "asset"]
          }
        })
      )
      assert.deepStrictEqual(
        video.data.map(({ embeddingOption, embeddingScope, startSec }) => [embeddingOption, embeddingScope, startSec]),
        [
          ["visual", "clip", 0],
          ["audio", "clip", 0],
          ["visual", "clip", 10],
          ["audio", "clip", 10],
          ["visual", "asset", 0],
          ["audio", "asset", 0]
        ]
      )
      const mixed = yield* ask(() =>
        embed.v2.create({
          inputType: "multi_input",
          modelName: "marengo3.5",
          autoTruncate: true,
          multiInput: {
            inputText: "<@it> in the wind",
            mediaSources: [{ name: "it", mediaType: "image", url: "https://example.com/kite.jpg" }]
          }
        })
      )
      assert.deepStrictEqual([mixed.data.length, mixed.usage?.truncated], [1, false])
      const alone = yield* ask(() =>
        embed.v2.create({
          inputType: "multi_input",
          modelName: "marengo3.5",
          embeddingUncertainty: true,
          multiInput: { inputText: "a red kite" }
        })
      )
      assert.isDefined(alone.data[0]?.embeddingUncertainty)
      const wrong = yield* refusal(() => embed.v2.create({ inputType: "text", modelName: "marengo3.0" }, once))
      assert.instanceOf(wrong, TwelvelabsApi.BadRequestError)
    })
  )

  it.effect("makes embeddings of long videos in tasks", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { tasks } = (yield* official()).embed.v2
      const made = yield* ask(() =>
        tasks.create({
          inputType: "video",
          modelName: "marengo3.0",
          video: {
            mediaSource: { assetId: twelvelabs.assetId },
            embeddingOption: ["visual"],
            embeddingScope: ["asset"]
          }
        })
      )
      const id = made.id ?? ""
      assert.strictEqual(made.status, "processing")
      const ready = yield* until(
        () => tasks.retrieve(id),
        ({ status }) => status === "ready"
      )
      assert.deepStrictEqual([ready.data?.length, ready.data?.[0]?.embeddingScope], [1, "asset"])
      assert.deepStrictEqual(
        (yield* all(() => tasks.list({ status: "ready" }))).map((task) => task.id),
        [id]
      )
      assert.instanceOf(yield* refusal(() => tasks.retrieve(nobody, once)), TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("makes embeddings of the older kind", () =>
    Effect.gen(function* () {
      const { embed } = yield* official()
      const { modelName, textEmbedding } = yield* ask(() =>
        embed.create({ modelName: "marengo3.0", text: "a red kite" })
      )
      assert.deepStrictEqual([modelName, textEmbedding?.segments?.[0]?.float?.length], ["marengo3.0", 512])
      const picture = yield* ask(() =>
        embed.create({
          modelName: "marengo3.0",
          imageFile: new File([new Uint8Array(100)], "a.jpg", { type: "image/jpeg" })
        })
      )
      assert.strictEqual(picture.imageEmbedding?.segments?.length, 1)
      const sound = yield* ask(() =>
        embed.create({ modelName: "marengo3.0", audioUrl: "https://example.com/a.mp3", audioStartOffsetSec: 6 })
      )
      assert.strictEqual(sound.audioEmbedding?.segments?.[0]?.startOffsetSec, 6)
      const [task] = yield* ask(() =>
        embed.tasks.createBulk({
          modelName: "marengo3.0",
          videos: [
            {
              videoUrl: "https://example.com/kite.mp4",
              videoStartOffsetSec: 0,
              videoEndOffsetSec: 20,
              videoClipLength: 5,
              videoEmbeddingScope: ["clip", "video"]
            }
          ]
        })
      )
      const id = task?.id ?? ""
      const status = yield* ask(() => embed.tasks.waitForDone(id, { sleepInterval: 0.01 }))
      assert.strictEqual(status.status, "ready")
      const done = yield* ask(() => embed.tasks.retrieve(id, { embeddingOption: ["visual-text"] }))
      const scopes = done.videoEmbedding?.segments?.map(({ embeddingScope }) => embeddingScope) ?? []
      assert.deepStrictEqual([scopes.filter((scope) => scope === "clip").length, scopes.includes("video")], [4, true])
      assert.include(
        (yield* all(() => embed.tasks.list({ status: "ready" }))).map((each) => each.id),
        id
      )
    })
  )
})
