import { FileSource, Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  AssetId,
  CollectionId,
  ItemId,
  type Items,
  ItemsFailedError,
  KnowledgeStoreId,
  ProcessingError,
  TwelveLabs
} from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live, soon } from "./Live.ts"

const knowledgeStoreId = KnowledgeStoreId.make("ks_0aa11111-0000-7000-8000-000000000001")
const itemId = ItemId.make("ksi_0aa11111-0000-7000-8000-000000000001")

/** A knowledge store of one's own, and the asset that exists. */
const place = Effect.gen(function* () {
  const { knowledgeStores } = yield* TwelveLabs
  const { twelvelabs } = yield* Emulator
  const { id } = yield* knowledgeStores.create({ name: "Workshop" })
  return { knowledgeStoreId: id, assetId: AssetId.make(twelvelabs.assetId) }
})

describe("items", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made of assets, awaited, found, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { items, knowledgeStores } = yield* TwelveLabs
          const { assetId, knowledgeStoreId } = yield* place
          const before = yield* knowledgeStores.get(knowledgeStoreId)
          const made = yield* items.create(knowledgeStoreId, {
            assetId,
            assetType: "video",
            metadata: { season: "autumn" }
          })
          assert.deepStrictEqual(
            [made.status, made.assetId, made.assetType, made.metadata, made.systemMetadata],
            ["queued", assetId, "video", { season: "autumn" }, undefined]
          )
          const seen: Array<string | undefined> = []
          const itemPlace = { knowledgeStoreId, itemId: made.id }
          const ready = yield* items.awaitReady(itemPlace, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.strictEqual(seen.at(-1), "ready")
          assert.isTrue(seen.length > 1 && seen.slice(0, -1).every((status) => status !== "ready"))
          assert.deepStrictEqual(ready.systemMetadata, {
            _tag: "VideoMetadata",
            filename: "kite-workshop.mp4",
            width: 1920,
            height: 1080,
            codecName: "h264",
            sizeBytes: 12_345_678,
            durationSeconds: 120,
            fps: 29.97
          })
          assert.isTrue(DateTime.isGreaterThan(ready.updatedAt!, made.updatedAt!))
          assert.deepStrictEqual(yield* items.get(itemPlace), ready)
          assert.deepStrictEqual(yield* Stream.runCollect(items.list(knowledgeStoreId)), [ready])
          const store = yield* knowledgeStores.get(knowledgeStoreId)
          assert.strictEqual(store.itemCount, 1)
          assert.isTrue(DateTime.isGreaterThanOrEqualTo(store.updatedAt!, before.updatedAt!))
          yield* items.delete(itemPlace)
          const gone = (yield* Effect.flip(items.get(itemPlace))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
          assert.strictEqual((yield* knowledgeStores.get(knowledgeStoreId)).itemCount, 0)
        }),
      { http }
    )
  }

  live("are listed page by page, 0, 1, 10 and 11 of them", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { assetId, knowledgeStoreId } = yield* place
      let made = 0
      for (const count of [0, 1, 10, 11]) {
        for (; made < count; made++) yield* items.create(knowledgeStoreId, { assetId, metadata: { n: String(made) } })
        const listed = yield* Stream.runCollect(items.list(knowledgeStoreId, { sortOption: "asc" }))
        assert.deepStrictEqual(
          listed.map(({ metadata }) => metadata?.["n"]),
          Array.from({ length: count }, (_, index) => String(index))
        )
      }
      const newestFirst = yield* Stream.runCollect(items.list(knowledgeStoreId, { pageSize: 3, sortBy: "created_at" }))
      assert.strictEqual(newestFirst[0]!.metadata?.["n"], "10")
    })
  )

  live("are listed by one status, or by several", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const id = KnowledgeStoreId.make(twelvelabs.knowledgeStoreId)
      const count = (...status: Array<Items.ItemStatus>) =>
        Effect.map(Stream.runCollect(items.list(id, { status })), (listed) => listed.length)
      assert.deepStrictEqual(
        [yield* count("ready"), yield* count("failed", "queued"), yield* count("failed", "ready")],
        [3, 0, 3]
      )
      const refused = (yield* Effect.flip(count("sleeping"))) as StreamError.ApiError
      assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
    })
  )

  live("that answers cite are there, ready, with their collection and their assets", () =>
    Effect.gen(function* () {
      const { itemCollections, items, responses } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const storeId = KnowledgeStoreId.make(twelvelabs.knowledgeStoreId)
      const response = yield* responses.run({ knowledgeStoreId: storeId, input: "How is a kite built?" })
      const annotations = response.output.flatMap((item) =>
        item._tag === "Message"
          ? item.content.flatMap((part) => (part._tag === "OutputText" ? part.annotations : []))
          : []
      )
      const cited = annotations.flatMap((citation) =>
        citation._tag === "VideoCitation" || citation._tag === "ImageCitation" ? [citation] : []
      )
      assert.lengthOf(cited, 4)
      for (const { _tag, itemId } of cited) {
        const item = yield* items.get({ knowledgeStoreId: storeId, itemId: itemId! })
        assert.deepStrictEqual(
          [item.status, item.systemMetadata?._tag],
          ["ready", _tag === "VideoCitation" ? "VideoMetadata" : "ImageMetadata"]
        )
      }
      const collection = annotations.flatMap((citation) =>
        citation._tag === "CollectionCitation" ? [CollectionId.make(citation.collectionId!)] : []
      )
      const members = yield* Stream.runCollect(
        itemCollections.items({ knowledgeStoreId: storeId, collectionId: collection[0]! })
      )
      assert.deepStrictEqual(
        members.map(({ id }) => id),
        [...new Set(cited.map(({ itemId }) => itemId))]
      )
    })
  )

  live("are not made of what is no asset, or not of the type that is said", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { assetId, knowledgeStoreId } = yield* place
      const requests: ReadonlyArray<Items.CreateRequest> = [
        { assetId: AssetId.make("66e0ffffffffffffffffffff") },
        { assetId, assetType: "image" },
        { assetId, assetType: "hologram" }
      ]
      for (const request of requests) {
        const refused = (yield* Effect.flip(items.create(knowledgeStoreId, request))) as StreamError.ApiError
        assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
      }
    })
  )

  live("are made of an upload as soon as it is ready, if it is a video or an image", () =>
    Effect.gen(function* () {
      const { assets, items, knowledgeStores } = yield* TwelveLabs
      const { knowledgeStoreId } = yield* place
      const upload = (name: string) =>
        Effect.flatMap(FileSource.fromBytes(new Uint8Array(9), { name }), (file) => assets.create({ file }))
      const picture = yield* upload("kite.png")
      const early = (yield* Effect.flip(
        items.create(knowledgeStoreId, { assetId: picture.id })
      )) as StreamError.ApiError
      assert.strictEqual(early.status, 400)
      assert.include(early.message, "not ready")
      yield* assets.awaitReady(picture.id, soon)
      const { id: itemId } = yield* items.create(knowledgeStoreId, { assetId: picture.id })
      const item = yield* items.awaitReady({ knowledgeStoreId, itemId }, soon)
      assert.strictEqual(item.systemMetadata?._tag, "ImageMetadata")
      const hits = yield* Stream.runCollect(knowledgeStores.search(knowledgeStoreId, { query: "a kite" }))
      assert.deepStrictEqual<unknown>(hits, [{ _tag: "ImageHit", rank: 1, itemId, metadata: undefined }])
      const sound = yield* Effect.flatMap(upload("wind.mp3"), ({ id }) => assets.awaitReady(id, soon))
      const refused = (yield* Effect.flip(
        items.create(knowledgeStoreId, { assetId: sound.id })
      )) as StreamError.ApiError
      assert.strictEqual(refused.status, 400)
      assert.include(refused.message, "must be a video or an image")
    })
  )

  live("are not found through another knowledge store, and go with their own", () =>
    Effect.gen(function* () {
      const { items, knowledgeStores } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const { assetId, knowledgeStoreId } = yield* place
      const { id: itemId } = yield* items.create(knowledgeStoreId, { assetId })
      const elsewhere = { knowledgeStoreId: KnowledgeStoreId.make(twelvelabs.knowledgeStoreId), itemId }
      assert.strictEqual(((yield* Effect.flip(items.get(elsewhere))) as StreamError.ApiError).status, 404)
      assert.strictEqual(((yield* Effect.flip(items.delete(elsewhere))) as StreamError.ApiError).status, 404)
      yield* knowledgeStores.delete(knowledgeStoreId)
      const gone = (yield* Effect.flip(items.get({ knowledgeStoreId, itemId }))) as StreamError.ApiError
      assert.strictEqual(gone.status, 404)
    })
  )

  it.effect("are read whatever they lack, and whatever they are", () =>
    Effect.gen(function* () {
      const data = [
        { _id: itemId, asset_type: "video" },
        {
          _id: itemId,
          asset_type: "image",
          asset_id: null,
          status: null,
          system_metadata: null,
          metadata: null,
          created_at: "",
          updated_at: null
        },
        {
          _id: itemId,
          asset_type: "hologram",
          asset_id: "66e000000000000000000001",
          status: "resting",
          system_metadata: { asset_type: "hologram", sides: 7 },
          metadata: { note: null },
          created_at: "2026-08-01T10:00:00.123456789Z",
          new_field: [1]
        },
        {
          _id: itemId,
          asset_type: "image",
          system_metadata: { asset_type: "image", filename: "a.png", width: 3, height: null, size: 10.5 }
        },
        { _id: itemId, asset_type: "video", system_metadata: { asset_type: "video", duration: 3, fps: 29.97 } },
        { _id: itemId, asset_type: "video", system_metadata: { filename: "untyped.mp4" } }
      ]
      const { sent, value } = yield* answering(
        () => ({ json: { data, page_info: { page: 1, total_page: 1 } } }),
        ({ items }) => Stream.runCollect(items.list(knowledgeStoreId))
      )
      assert.deepStrictEqual(
        [sent[0]!.path, sent[0]!.query.toString()],
        [`/knowledge-stores/${knowledgeStoreId}/items`, "page=1"]
      )
      const [bare, nulls, unknown, image, video, untyped] = value
      const nothing = {
        id: itemId,
        assetId: undefined,
        status: undefined,
        systemMetadata: undefined,
        metadata: undefined,
        createdAt: undefined,
        updatedAt: undefined
      }
      assert.deepStrictEqual<unknown>(bare, { ...nothing, assetType: "video" })
      assert.deepStrictEqual<unknown>(nulls, { ...nothing, assetType: "image" })
      assert.deepStrictEqual([unknown!.assetType, unknown!.status], ["hologram", "resting"])
      assert.deepStrictEqual(unknown!.metadata, { note: null })
      assert.deepStrictEqual<unknown>(unknown!.systemMetadata, {
        _tag: "UnknownMetadata",
        assetType: "hologram",
        raw: { asset_type: "hologram", sides: 7 }
      })
      assert.isDefined(unknown!.createdAt)
      const file = {
        filename: undefined,
        width: undefined,
        height: undefined,
        codecName: undefined,
        sizeBytes: undefined
      }
      assert.deepStrictEqual<unknown>(image!.systemMetadata, {
        ...file,
        _tag: "ImageMetadata",
        filename: "a.png",
        width: 3,
        sizeBytes: 10.5
      })
      assert.deepStrictEqual<unknown>(video!.systemMetadata, {
        ...file,
        _tag: "VideoMetadata",
        durationSeconds: 3,
        fps: 29.97
      })
      assert.deepStrictEqual<unknown>(untyped!.systemMetadata, {
        _tag: "UnknownMetadata",
        assetType: undefined,
        raw: { filename: "untyped.mp4" }
      })
    })
  )

  it.effect("are a ParseError when what is known of them has a wrong shape", () =>
    Effect.gen(function* () {
      const json = { _id: itemId, asset_type: "video", system_metadata: { asset_type: "video", duration: "long" } }
      const error = yield* Effect.flip(
        answering(
          () => ({ json }),
          ({ items }) => items.get({ knowledgeStoreId, itemId })
        )
      )
      assert.strictEqual(error._tag, "ParseError")
      assert.include((error as StreamError.ParseError).issue, "duration")
    })
  )

  it.effect("are listed to the end where pages say nothing of themselves, also where there is no list at all", () =>
    Effect.gen(function* () {
      const item = { _id: itemId, asset_type: "video" }
      const pages = [{ data: [item, item] }, { data: [item], page_info: null }, { data: [] }]
      const { sent, value } = yield* answering(
        (_, index) => ({ json: pages[index] }),
        ({ items }) => Stream.runCollect(items.list(knowledgeStoreId, { pageSize: 2, status: ["ready", "a b"] }))
      )
      assert.lengthOf(value, 3)
      assert.deepStrictEqual(
        sent.map(({ query }) => query.toString()),
        [1, 2].map((page) => `page=${page}&page_limit=2&status=ready&status=a+b`)
      )
      const none = yield* answering(
        () => ({ json: { data: null } }),
        ({ items }) => Stream.runCollect(items.list(knowledgeStoreId))
      )
      assert.deepStrictEqual(none.value, [])
    })
  )

  it.effect("are sent as the vendor spells them, and only what is said", () =>
    Effect.gen(function* () {
      const assetId = AssetId.make("66e000000000000000000001")
      const { sent } = yield* answering(
        () => ({ status: 201, json: { _id: itemId, asset_type: "image", status: "queued" } }),
        ({ items }) =>
          Effect.andThen(
            items.create(knowledgeStoreId, { assetId, assetType: undefined, metadata: undefined }),
            items.create(knowledgeStoreId, { assetId, assetType: "image", metadata: { a: "b" } })
          )
      )
      assert.deepStrictEqual(
        sent.map(({ body, method }) => [method, body]),
        [
          ["POST", { asset_id: assetId }],
          ["POST", { asset_id: assetId, asset_type: "image", metadata: { a: "b" } }]
        ]
      )
    })
  )
})

describe("waiting for an item", () => {
  live(
    "ends with a ProcessingError when it failed",
    () =>
      Effect.gen(function* () {
        const { items } = yield* TwelveLabs
        const { assetId, knowledgeStoreId } = yield* place
        const { id } = yield* items.create(knowledgeStoreId, { assetId })
        const error = yield* Effect.flip(items.awaitReady({ knowledgeStoreId, itemId: id }, soon))
        assert.instanceOf(error, ProcessingError)
        assert.deepStrictEqual([error.subject, error.id, error.status], ["knowledge store item", id, "failed"])
        assert.isFalse(error.isRetryable)
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "ends with a NotReadyError when the deadline passes",
    () =>
      Effect.gen(function* () {
        const { items } = yield* TwelveLabs
        const { assetId, knowledgeStoreId } = yield* place
        const { id } = yield* items.create(knowledgeStoreId, { assetId })
        const error = yield* Effect.flip(
          items.awaitReady({ knowledgeStoreId, itemId: id }, { ...soon, deadline: "200 millis" })
        )
        assert.instanceOf(error, Polling.NotReadyError)
        assert.include(error.subject, id)
        assert.include(["queued", "pending", "processing"], error.state)
      }),
    { play: { sync: "never" } }
  )

  it.effect("asks every ten seconds for an hour, and takes a status that it does not know for one on the way", () =>
    Effect.gen(function* () {
      let asked = 0
      const times: Array<number> = []
      const onProgress = () => Effect.map(Clock.currentTimeMillis, (time) => void times.push(time))
      const waiting = yield* answering(
        () => {
          asked += 1
          return { json: { _id: itemId, asset_type: "video", status: asked % 2 === 0 ? "dreaming" : null } }
        },
        ({ items }) => Effect.flip(items.awaitReady({ knowledgeStoreId, itemId }, { onProgress }))
      ).pipe(Effect.forkChild({ startImmediately: true }))
      for (let seconds = 0; seconds < 3600; seconds += 5) {
        yield* until(() => times.length === asked)
        assert.isUndefined(waiting.pollUnsafe())
        yield* TestClock.adjust("5 seconds")
      }
      const { value: error } = yield* Fiber.join(waiting)
      assert.instanceOf(error, Polling.NotReadyError)
      assert.strictEqual(error.waitedMillis, 3_600_000)
      assert.deepStrictEqual(
        times,
        Array.from({ length: 360 }, (_, index) => index * 10_000)
      )
    })
  )
})

/** Lets go on what is on its way in real time, such as the body of an answer, until something is so. */
const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.promise(async () => {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
  })

describe("waiting for many items", () => {
  live("gives all of them in the end, also those that it has to ask for page by page", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { assetId, knowledgeStoreId } = yield* place
      assert.deepStrictEqual(yield* items.awaitAllReady(knowledgeStoreId, soon), [])
      const made = yield* Effect.forEach(
        Array.from({ length: 53 }),
        () => items.create(knowledgeStoreId, { assetId }),
        {
          concurrency: 8
        }
      )
      const ready = yield* items.awaitAllReady(knowledgeStoreId, soon)
      assert.deepStrictEqual(ready.map(({ id }) => id).toSorted(), made.map(({ id }) => id).toSorted())
      assert.isTrue(ready.every(({ status }) => status === "ready"))
      const [first] = made
      const some = yield* items.awaitAllReady(knowledgeStoreId, { ...soon, itemIds: [first!.id, first!.id] })
      assert.deepStrictEqual(
        some.map(({ id }) => id),
        [first!.id]
      )
    })
  )

  live("names every item that failed, after all have come to their end", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { assetId, knowledgeStoreId } = yield* place
      const { apiKey, url } = (yield* Emulator).twelvelabs
      const failing = TwelveLabs.layer({ apiKey, baseUrl: url({ sync: "invalid" }) })
      const good = yield* items.create(knowledgeStoreId, { assetId })
      const bad = yield* TwelveLabs.use((client) =>
        Effect.forEach(Array.from({ length: 12 }), () => client.items.create(knowledgeStoreId, { assetId }))
      ).pipe(Effect.provide(failing))
      const error = yield* Effect.flip(items.awaitAllReady(knowledgeStoreId, soon))
      assert.instanceOf(error, ItemsFailedError)
      assert.deepStrictEqual(error.failedIds.toSorted(), bad.map(({ id }) => id).toSorted())
      assert.deepStrictEqual([error.readyCount, error.isRetryable], [1, false])
      assert.include(error.message, "12 of 13 items")
      assert.include(error.message, "and 2 more")
      const ids = { itemIds: [good.id] }
      assert.lengthOf(yield* items.awaitAllReady(knowledgeStoreId, { ...soon, ...ids }), 1)
    })
  )

  live(
    "ends with a NotReadyError that counts them when the deadline passes",
    () =>
      Effect.gen(function* () {
        const { items } = yield* TwelveLabs
        const { assetId, knowledgeStoreId } = yield* place
        yield* items.create(knowledgeStoreId, { assetId })
        const error = yield* Effect.flip(items.awaitAllReady(knowledgeStoreId, { ...soon, deadline: "200 millis" }))
        assert.instanceOf(error, Polling.NotReadyError)
        assert.strictEqual(error.state, "0 ready, 0 failed, 1 on the way")
      }),
    { play: { sync: "never" } }
  )

  live("fails when one of them is not there", () =>
    Effect.gen(function* () {
      const { items } = yield* TwelveLabs
      const { knowledgeStoreId } = yield* place
      const error = yield* Effect.flip(items.awaitAllReady(knowledgeStoreId, { ...soon, itemIds: [itemId] }))
      assert.deepStrictEqual([error._tag, (error as StreamError.ApiError).kind], ["ApiError", "NotFound"])
    })
  )

  it.effect("asks for what it is told to wait for, each once, and for nothing when that is nothing", () =>
    Effect.gen(function* () {
      const other = ItemId.make("ksi_other")
      const program = (itemIds: ReadonlyArray<ItemId>) =>
        answering(
          ({ path }) => ({ json: { _id: path.split("/").at(-1), asset_type: "video", status: "ready" } }),
          ({ items }) => items.awaitAllReady(knowledgeStoreId, { itemIds })
        )
      const { sent, value } = yield* program([itemId, other, itemId])
      assert.deepStrictEqual(
        value.map(({ id }) => id),
        [itemId, other]
      )
      assert.lengthOf(sent, 2)
      assert.deepStrictEqual(yield* program([]), { value: [], sent: [] })
    })
  )

  it.effect("asks for pages of those on the way and for each that has left them, and for unknown words too", () =>
    Effect.gen(function* () {
      const id = (index: number) => ItemId.make(`ksi_${String(index).padStart(2, "0")}`)
      const status = new Map(Array.from({ length: 20 }, (_, index) => [id(index), "queued"]))
      const rows = (wanted: ReadonlyArray<string>) => ({
        data: [...status]
          .filter(([, word]) => wanted.length === 0 || wanted.includes(word))
          .map(([_id, word]) => ({ _id, asset_type: "video", status: word })),
        page_info: { page: 1, total_page: 1 }
      })
      const log: Array<string> = []
      let round = 0
      let seen = 0
      const waiting = yield* answering(
        ({ path, query }) => {
          log.push(`${round} ${path.split("/").at(-1)!} ${query.getAll("status").join()}`)
          if (path.endsWith("/items")) return { json: rows(query.getAll("status")) }
          const _id = ItemId.make(path.split("/").at(-1)!)
          return { json: { _id, asset_type: "video", status: status.get(_id) } }
        },
        ({ items }) => items.awaitAllReady(knowledgeStoreId, { onProgress: () => Effect.sync(() => void (seen += 1)) })
      ).pipe(Effect.forkChild({ startImmediately: true }))
      const next = (change: () => void) =>
        Effect.suspend(() => {
          round += 1
          change()
          return TestClock.adjust("10 seconds")
        }).pipe(Effect.andThen(until(() => seen > round)))
      yield* until(() => seen === 1)
      yield* next(() => status.set(id(0), "ready").set(id(1), "dreaming"))
      yield* next(() => status.set(id(2), "processing"))
      yield* next(() => {
        for (const key of status.keys()) if (key !== id(1)) status.set(key, "ready")
      })
      yield* next(() => status.set(id(1), "ready"))
      const { value } = yield* Fiber.join(waiting)
      assert.deepStrictEqual(
        value.map((item) => [item.id, item.status]),
        [...status.keys()].map((key) => [key, "ready"])
      )
      const known = "queued,pending,processing"
      assert.deepStrictEqual(
        log.filter((line) => !line.startsWith("3 ksi")),
        [
          "0 items ",
          `1 items ${known}`,
          "1 ksi_00 ",
          "1 ksi_01 ",
          `2 items ${known},dreaming`,
          `3 items ${known},dreaming`,
          "4 ksi_01 "
        ]
      )
      assert.lengthOf(
        log.filter((line) => line.startsWith("3 ksi")),
        18
      )
    })
  )
})
