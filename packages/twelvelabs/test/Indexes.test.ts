import { assert, describe, it } from "@effect/vitest"
import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { DateTime, Effect, Stream } from "effect"
import { AssetId, IndexId, type Indexes, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { textOf } from "./Fixture.ts"
import { live, soon } from "./Live.ts"

const models = [{ name: "marengo3.0", options: ["visual", "audio"] }] as const

const refusalOf = <A, R>(effect: Effect.Effect<A, unknown, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    const { code, kind, status } = error as StreamError.ApiError
    return [kind, status, code]
  })

describe("indexes", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, found, renamed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { indexes } = yield* TwelveLabs
          const id = yield* indexes.create({ name: "workshop", models, addons: ["thumbnail"] })
          const made = yield* indexes.get(id)
          assert.deepStrictEqual(
            [made.id, made.name, made.models, made.addons, made.videoCount, made.totalDurationSeconds],
            [id, "workshop", models, ["thumbnail"], 0, 0]
          )
          assert.isDefined(made.createdAt)
          assert.isUndefined(made.expiresAt)
          yield* indexes.rename(id, "atelier")
          assert.strictEqual((yield* indexes.get(id)).name, "atelier")
          yield* indexes.delete(id)
          assert.deepStrictEqual(yield* refusalOf(indexes.get(id)), ["NotFound", 404, "resource_not_exist"])
        }),
      { http }
    )
  }

  live("take with them what was indexed in them, and leave the asset", () =>
    Effect.gen(function* () {
      const { indexedAssets, indexes, videos } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const assetId = AssetId.make(twelvelabs.assetId)
      const indexId = yield* indexes.create({ name: "workshop", models })
      const { id } = yield* indexedAssets.create(indexId, { assetId })
      yield* indexedAssets.awaitReady({ indexId, indexedAssetId: id }, soon)
      const { totalDurationSeconds, videoCount } = yield* indexes.get(indexId)
      assert.deepStrictEqual([videoCount, totalDurationSeconds], [1, 120])
      yield* indexes.delete(indexId)
      assert.deepStrictEqual(yield* Stream.runCollect(indexedAssets.ofAsset(assetId)), [])
      assert.deepStrictEqual(yield* refusalOf(Stream.runCollect(videos.list(indexId))), [
        "NotFound",
        404,
        "resource_not_exist"
      ])
    })
  )

  live("are refused by the name of another, and by models that there are none of", () =>
    Effect.gen(function* () {
      const { indexes } = yield* TwelveLabs
      const id = yield* indexes.create({ name: "workshop", models })
      const other = yield* indexes.create({ name: "atelier", models })
      const taken = ["Conflict", 400, "index_name_already_exists"]
      assert.deepStrictEqual(yield* refusalOf(indexes.create({ name: "workshop", models })), taken)
      assert.deepStrictEqual(yield* refusalOf(indexes.rename(other, "workshop")), taken)
      yield* indexes.rename(id, "workshop")
      const invalid = ["InvalidRequest", 400, "parameter_invalid"]
      const make = (model: Indexes.ModelRequest) => indexes.create({ name: "third", models: [model] })
      assert.deepStrictEqual(yield* refusalOf(make({ name: "pegasus1.2", options: ["visual"] })), invalid)
      assert.deepStrictEqual(yield* refusalOf(make({ name: "marengo3.0", options: ["smell"] })), invalid)
      assert.deepStrictEqual(yield* refusalOf(make({ name: "marengo3.0", options: [] })), invalid)
    })
  )

  live("are listed page by page, in the order that is asked for", () =>
    Effect.gen(function* () {
      const { indexes } = yield* TwelveLabs
      const ids: Array<IndexId> = []
      for (let index = 1; index <= 11; index++) ids.push(yield* indexes.create({ name: `index ${index}`, models }))
      yield* Effect.sleep("5 millis")
      yield* indexes.rename(ids[3]!, "the latest")
      const list = (options: Parameters<typeof indexes.list>[0]) =>
        Effect.map(Stream.runCollect(indexes.list(options)), (all) => all.map(({ id }) => id))
      assert.deepStrictEqual(yield* list({ pageSize: 4, sortOption: "asc" }), ids)
      assert.deepStrictEqual(yield* list({}), ids.toReversed())
      assert.strictEqual((yield* list({ sortBy: "updated_at" }))[0], ids[3])
    })
  )

  live("are narrowed down as documented: words that belong together stand in one parameter", () =>
    Effect.gen(function* () {
      const { indexes } = yield* TwelveLabs
      const emulator = yield* Emulator
      const both = yield* indexes.create({ name: "both", models })
      const seen = yield* indexes.create({ name: "seen", models: [{ name: "marengo3.0", options: ["visual"] }] })
      const now = yield* DateTime.now
      const list = (options: Parameters<typeof indexes.list>[0]) =>
        Effect.gen(function* () {
          const all = yield* Stream.runCollect(indexes.list({ ...options, sortOption: "asc" }))
          const query = new URLSearchParams((yield* emulator.requests).at(-1)!.query)
          query.delete("page")
          query.delete("sort_option")
          return [all.map(({ id }) => id), [...query]]
        })
      assert.deepStrictEqual(yield* list({ modelOptions: ["visual", "audio"], modelFamily: "marengo" }), [
        [both],
        [
          ["model_options", "visual,audio"],
          ["model_family", "marengo"]
        ]
      ])
      assert.deepStrictEqual(yield* list({ modelFamily: "pegasus" }), [[], [["model_family", "pegasus"]]])
      assert.deepStrictEqual(yield* list({ name: "seen" }), [[seen], [["index_name", "seen"]]])
      const [earlier, later] = [DateTime.startOf(now, "day"), DateTime.add(now, { hours: 1 })]
      assert.deepStrictEqual(yield* list({ createdSince: earlier }), [
        [both, seen],
        [["created_at", DateTime.formatIso(earlier)]]
      ])
      const dayBefore = DateTime.subtract(earlier, { minutes: 1 })
      assert.deepStrictEqual((yield* list({ createdSince: dayBefore }))[0], [])
      assert.deepStrictEqual(yield* list({ updatedSince: later }), [[], [["updated_at", DateTime.formatIso(later)]]])
    })
  )

  it.effect("are made with what is given, and their id is all that is told", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answering(
        () => ({ status: 201, json: { _id: "66aa00000000000000000001" } }),
        ({ indexes }) =>
          Effect.all([
            indexes.create({ name: "a", models, addons: undefined }),
            indexes.create({ name: "b", models, addons: ["thumbnail"] })
          ])
      )
      const wire = [{ model_name: "marengo3.0", model_options: ["visual", "audio"] }]
      assert.deepStrictEqual(
        sent.map(({ body }) => body),
        [
          { index_name: "a", models: wire },
          { index_name: "b", models: wire, addons: ["thumbnail"] }
        ]
      )
      assert.strictEqual(value[0], IndexId.make("66aa00000000000000000001"))
    })
  )

  it.effect("of old are read with models that are no more, and with fields that are missing, null or new", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        ({ path }) => ({
          json: path === "/indexes/bare" ? { _id: "bare" } : (JSON.parse(textOf("index/old-index.json")) as unknown)
        }),
        ({ indexes }) => Effect.all([indexes.get(IndexId.make("old")), indexes.get(IndexId.make("bare"))])
      )
      const [old, bare] = value
      assert.deepStrictEqual(old.models, [
        { name: "pegasus1.2", options: ["visual", "conversation"] },
        { name: "marengo2.7", options: undefined },
        { name: undefined, options: undefined }
      ])
      assert.deepStrictEqual(
        [old.name, old.totalDurationSeconds, old.videoCount, old.addons, old.createdAt, old.expiresAt],
        ["from before", 90, undefined, undefined, undefined, undefined]
      )
      assert.strictEqual(DateTime.formatIso(old.updatedAt!), "2024-05-01T10:00:00.123Z")
      assert.deepStrictEqual([bare.name, bare.models], [undefined, undefined])
    })
  )
})
