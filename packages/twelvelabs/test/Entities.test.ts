import { Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { AssetId, type Entities, EntityCollectionId, EntityId, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { client, live, soon } from "./Live.ts"

/** The emulator has these assets from the start. */
const [first, second, third] = [1, 2, 3].map((index) => AssetId.make(`66e00000000000000000000${index}`)) as [
  AssetId,
  AssetId,
  AssetId
]
const nobody = AssetId.make("66e0ffffffffffffffffffff")
const collectionId = EntityCollectionId.make("66ec00000000000000000001")
const entityId = EntityId.make("66ee00000000000000000001")

/** The id of a new collection. */
const collection = TwelveLabs.use(({ entityCollections }) =>
  Effect.map(entityCollections.create({ name: "Workshop" }), ({ id }) => id)
)

const refusedWith = (kind: string, status: number) => (error: unknown) => {
  const refused = error as StreamError.ApiError
  assert.deepStrictEqual([refused._tag, refused.kind, refused.status], ["ApiError", kind, status])
}

describe("entity collections", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, found, changed, listed and deleted with their entities, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { entities, entityCollections } = yield* TwelveLabs
          const made = yield* entityCollections.create({ name: "Workshop", description: "Who builds kites" })
          assert.deepStrictEqual([made.name, made.description], ["Workshop", "Who builds kites"])
          const changed = yield* entityCollections.update(made.id, { name: "Atelier" })
          assert.deepStrictEqual([changed.name, changed.description], ["Atelier", "Who builds kites"])
          assert.deepStrictEqual(yield* entityCollections.get(made.id), changed)
          assert.deepStrictEqual(yield* Stream.runCollect(entityCollections.list()), [changed])
          const entity = yield* entities.create(made.id, { name: "Ida", assetIds: [first] })
          yield* entityCollections.delete(made.id)
          const place = { collectionId: made.id, entityId: entity.id }
          for (const gone of [entityCollections.get(made.id), entityCollections.delete(made.id), entities.get(place)]) {
            refusedWith("NotFound", 404)(yield* Effect.flip<unknown, unknown, never>(gone))
          }
          assert.deepStrictEqual(yield* Stream.runCollect(entities.ofAsset(first)), [])
        }),
      { http }
    )
  }

  live("are listed page by page, by name, in the order that is asked for", () =>
    Effect.gen(function* () {
      const { entityCollections } = yield* TwelveLabs
      for (const name of ["Beech", "Ash", "Cedar", "Red ash"]) yield* entityCollections.create({ name })
      const names = (options: Parameters<typeof entityCollections.list>[0]) =>
        Effect.map(Stream.runCollect(entityCollections.list(options)), (found) => found.map(({ name }) => name))
      assert.deepStrictEqual(yield* names({ pageSize: 3 }), ["Red ash", "Cedar", "Ash", "Beech"])
      assert.deepStrictEqual(yield* names({ sortOption: "asc" }), ["Beech", "Ash", "Cedar", "Red ash"])
      assert.deepStrictEqual(yield* names({ sortBy: "name", sortOption: "asc", pageSize: 1 }), [
        "Ash",
        "Beech",
        "Cedar",
        "Red ash"
      ])
      assert.deepStrictEqual(yield* names({ name: "ash", sortOption: "asc" }), ["Ash", "Red ash"])
      refusedWith("InvalidRequest", 400)(yield* Effect.flip(names({ sortBy: "size" })))
    })
  )

  live("are refused without a name", () =>
    Effect.gen(function* () {
      const { entityCollections } = yield* TwelveLabs
      refusedWith("InvalidRequest", 400)(yield* Effect.flip(entityCollections.create({ name: " " })))
      const id = yield* collection
      refusedWith("InvalidRequest", 400)(yield* Effect.flip(entityCollections.update(id, { name: "" })))
    })
  )

  it.effect("are read whatever they lack", () =>
    Effect.gen(function* () {
      const { value } = yield* answering(
        () => ({
          json: { data: [{ _id: "1" }, { _id: "2", name: null, description: null, created_at: "", size: 3 }] }
        }),
        ({ entityCollections }) => Stream.runCollect(Stream.take(entityCollections.list({ pageSize: 50 }), 2))
      )
      const nothing = { name: undefined, description: undefined, createdAt: undefined, updatedAt: undefined }
      assert.deepStrictEqual<unknown>(value, [
        { id: "1", ...nothing },
        { id: "2", ...nothing }
      ])
    })
  )
})

describe("entities", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, awaited, found, changed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { entities } = yield* TwelveLabs
          const collectionId = yield* collection
          const made = yield* entities.create(collectionId, {
            name: "Ida",
            assetIds: [first],
            description: "the sail maker",
            metadata: { team: "sails", years: 12, lead: true }
          })
          assert.deepStrictEqual(
            [made.status, made.collectionId, made.assetIds, made.description],
            ["processing", collectionId, [first], "the sail maker"]
          )
          const place = { collectionId, entityId: made.id }
          const seen: Array<string | undefined> = []
          const ready = yield* entities.awaitReady(place, {
            ...soon,
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.deepStrictEqual([seen.at(-1), ready.status], ["ready", "ready"])
          assert.deepStrictEqual<unknown>(ready.metadata, { team: "sails", years: 12, lead: true })
          const changed = yield* entities.update(place, { name: "Ida L.", metadata: { team: "lines" } })
          assert.deepStrictEqual<unknown>(
            [changed.name, changed.description, changed.metadata],
            ["Ida L.", "the sail maker", { team: "lines" }]
          )
          assert.deepStrictEqual(yield* entities.get(place), changed)
          assert.deepStrictEqual((yield* entities.update(place, { metadata: {} })).metadata, {})
          yield* entities.delete(place)
          refusedWith("NotFound", 404)(yield* Effect.flip(entities.get(place)))
        }),
      { http }
    )

    live(
      `get assets, are processed again then, and lose all but the last, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { entities } = yield* TwelveLabs
          const { requests } = yield* Emulator
          const collectionId = yield* collection
          const { id } = yield* entities.create(collectionId, { name: "Ida", assetIds: [first] })
          const place = { collectionId, entityId: id }
          yield* entities.awaitReady(place, soon)
          const more = yield* entities.addAssets(place, [second, third, first])
          assert.deepStrictEqual([more.status, more.assetIds], ["processing", [first, second, third]])
          yield* entities.awaitReady(place, soon)
          const less = yield* entities.removeAssets(place, [first, third])
          assert.deepStrictEqual([less.status, less.assetIds], ["ready", [second]])
          const sent = (yield* requests).at(-1)!
          assert.deepStrictEqual(
            [sent.method, sent.path.split("/").slice(3).join("/"), JSON.parse(sent.body)],
            ["DELETE", `entity-collections/${collectionId}/entities/${id}/assets`, { asset_ids: [first, third] }]
          )
          for (const refused of [
            entities.removeAssets(place, [second]),
            entities.removeAssets(place, [first]),
            entities.removeAssets(place, []),
            entities.addAssets(place, [])
          ]) {
            refusedWith("InvalidRequest", 400)(yield* Effect.flip(refused))
          }
          assert.deepStrictEqual((yield* entities.get(place)).assetIds, [second])
        }),
      { http }
    )
  }

  live("are made many at once, those that can be; the others say why not", () =>
    Effect.gen(function* () {
      const { entities } = yield* TwelveLabs
      const collectionId = yield* collection
      const {
        entities: made,
        errors,
        ...counts
      } = yield* entities.createMany(collectionId, [
        { name: "Ida", assetIds: [first] },
        { name: "Nobody", assetIds: [nobody] },
        { name: "Ole", assetIds: [second, third] },
        { name: "Nothing", assetIds: [] }
      ])
      assert.deepStrictEqual(counts, { successCount: 2, failedCount: 2 })
      assert.deepStrictEqual(
        made.map(({ name, status }) => [name, status]),
        [
          ["Ida", "processing"],
          ["Ole", "processing"]
        ]
      )
      assert.deepStrictEqual(
        errors.map(({ index, name }) => [index, name]),
        [
          [1, "Nobody"],
          [3, "Nothing"]
        ]
      )
      assert.include(errors[1]!.reason, "asset_ids")
      const listed = yield* Stream.runCollect(entities.list(collectionId, { sortOption: "asc" }))
      assert.deepStrictEqual(
        listed.map(({ id }) => id),
        made.map(({ id }) => id!)
      )
      refusedWith("InvalidRequest", 400)(yield* Effect.flip(entities.createMany(collectionId, [])))
    })
  )

  live("are listed page by page, by name and by status, and from the side of an asset", () =>
    Effect.gen(function* () {
      const { entities } = yield* TwelveLabs
      const collectionId = yield* collection
      const elsewhere = yield* collection
      for (let index = 1; index <= 11; index++) {
        yield* entities.create(collectionId, { name: `No ${index}`, assetIds: index > 5 ? [first] : [second] })
      }
      const other = yield* entities.create(elsewhere, { name: "Other", assetIds: [first, second] })
      yield* entities.awaitReady({ collectionId: elsewhere, entityId: other.id }, soon)
      yield* TwelveLabs.use((slow) => slow.entities.create(collectionId, { name: "Late", assetIds: [third] })).pipe(
        Effect.provide(client({ play: { sync: "never" } }))
      )
      const names = (options: Entities.EntityListOptions) =>
        Effect.map(Stream.runCollect(entities.list(collectionId, options)), (found) => found.map(({ name }) => name))
      const all = ["Late", ...Array.from({ length: 11 }, (_, index) => `No ${11 - index}`)]
      assert.deepStrictEqual(yield* names({}), all)
      assert.deepStrictEqual(yield* names({ pageSize: 5, sortOption: "asc" }), all.toReversed())
      assert.deepStrictEqual(yield* names({ name: "no 1" }), ["No 11", "No 10", "No 1"])
      assert.deepStrictEqual(yield* names({ status: "processing" }), ["Late"])
      assert.lengthOf(yield* names({ status: "ready" }), 11)
      assert.strictEqual((yield* names({ sortBy: "name", sortOption: "asc" }))[0], "Late")
      refusedWith("InvalidRequest", 400)(yield* Effect.flip(names({ status: "failed" })))
      const ofAsset = (id: AssetId) =>
        Effect.map(Stream.runCollect(entities.ofAsset(id, { pageSize: 2 })), (found) => found.map(({ name }) => name))
      assert.deepStrictEqual(yield* ofAsset(first), ["Other", "No 11", "No 10", "No 9", "No 8", "No 7", "No 6"])
      assert.deepStrictEqual(yield* ofAsset(third), ["Late"])
      refusedWith("NotFound", 404)(yield* Effect.flip(ofAsset(nobody)))
    })
  )

  live("outlive their assets", () =>
    Effect.gen(function* () {
      const { assets, entities } = yield* TwelveLabs
      const collectionId = yield* collection
      const { id } = yield* entities.create(collectionId, { name: "Ida", assetIds: [first, third] })
      yield* assets.delete(third)
      assert.deepStrictEqual((yield* entities.get({ collectionId, entityId: id })).assetIds, [first])
    })
  )

  live("are refused as the vendor refuses them", () =>
    Effect.gen(function* () {
      const { entities } = yield* TwelveLabs
      const { twelvelabs } = yield* Emulator
      const collectionId = yield* collection
      const { id } = yield* entities.create(collectionId, { name: "Ida", assetIds: [first] })
      const refusals = [
        [entities.create(collectionId, { name: "", assetIds: [first] }), 400],
        [entities.create(collectionId, { name: "Ida", assetIds: [] }), 400],
        [entities.create(collectionId, { name: "Ida", assetIds: [nobody] }), 404],
        [entities.create(EntityCollectionId.make("x"), { name: "Ida", assetIds: [first] }), 404],
        [entities.update({ collectionId, entityId: id }, { name: "" }), 400],
        // Of another collection.
        [entities.get({ collectionId: yield* collection, entityId: id }), 404]
      ] as const
      for (const [refused, status] of refusals) {
        refusedWith(status === 400 ? "InvalidRequest" : "NotFound", status)(yield* Effect.flip(refused))
      }
      const answer = yield* HttpClientRequest.post(
        `${twelvelabs.url()}/entity-collections/${collectionId}/entities`
      ).pipe(
        HttpClientRequest.setHeader("x-api-key", Redacted.value(twelvelabs.apiKey)),
        HttpClientRequest.bodyJsonUnsafe({ name: "Ida", asset_ids: [first], metadata: { nested: {} } }),
        HttpClient.execute
      )
      assert.strictEqual(answer.status, 400)
    })
  )

  live(
    "that are never ready end the wait with a NotReadyError",
    () =>
      Effect.gen(function* () {
        const { entities } = yield* TwelveLabs
        const collectionId = yield* collection
        const { id } = yield* entities.create(collectionId, { name: "Ida", assetIds: [first] })
        const error = yield* Effect.flip(
          entities.awaitReady({ collectionId, entityId: id }, { ...soon, deadline: "200 millis" })
        )
        assert.instanceOf(error, Polling.NotReadyError)
        assert.deepStrictEqual([error.subject, error.state], [`entity ${id}`, "processing"])
      }),
    { play: { sync: "never" } }
  )

  live(
    "never fail, whatever becomes of other things",
    () =>
      Effect.gen(function* () {
        const { entities } = yield* TwelveLabs
        const collectionId = yield* collection
        const { id } = yield* entities.create(collectionId, { name: "Ida", assetIds: [first] })
        assert.strictEqual((yield* entities.awaitReady({ collectionId, entityId: id }, soon)).status, "ready")
      }),
    { play: { sync: "invalid" } }
  )

  it.live("are awaited through states that are not known, also one that says failed", () =>
    Effect.gen(function* () {
      const states = ["failed", null, "resting", "ready"]
      const { value } = yield* answering(
        (_, index) => ({ json: { _id: entityId, status: states[index], name: null, asset_ids: null, metadata: null } }),
        ({ entities }) => entities.awaitReady({ collectionId, entityId }, soon)
      )
      assert.deepStrictEqual<unknown>(value, {
        id: entityId,
        collectionId: undefined,
        name: undefined,
        description: undefined,
        metadata: undefined,
        assetIds: undefined,
        status: "ready",
        createdAt: undefined,
        updatedAt: undefined
      })
    })
  )

  it.effect("are counted where the vendor does not, and none of those that were made is lost", () =>
    Effect.gen(function* () {
      const outcome = (json: unknown) =>
        Effect.map(
          answering(
            () => ({ status: 201, json }),
            ({ entities }) => entities.createMany(collectionId, [])
          ),
          ({ value }) => value
        )
      assert.deepStrictEqual<unknown>(yield* outcome({}), {
        successCount: 0,
        failedCount: 0,
        entities: [],
        errors: []
      })
      const bare = { id: undefined, name: undefined, status: undefined }
      assert.deepStrictEqual<unknown>(
        yield* outcome({
          success_count: null,
          entities: [{ _id: entityId, name: null, status: "resting" }, {}],
          errors: [{ entity_index: null, error_reason: "blurred" }]
        }),
        {
          successCount: 2,
          failedCount: 1,
          entities: [{ ...bare, id: entityId, status: "resting" }, bare],
          errors: [{ index: undefined, name: undefined, reason: "blurred" }]
        }
      )
      assert.deepStrictEqual<unknown>(
        yield* outcome({ success_count: 5, failed_count: 1, entities: null, errors: null }),
        {
          successCount: 5,
          failedCount: 1,
          entities: [],
          errors: []
        }
      )
    })
  )

  it.effect("are sent as the vendor spells them, and only what is said", () =>
    Effect.gen(function* () {
      const place = { collectionId, entityId }
      const { sent, value } = yield* answering(
        ({ path }) => ({ json: path.endsWith("bulk") ? {} : { _id: entityId, created_at: "2026-08-01T10:00:00.5Z" } }),
        ({ entities }) =>
          Effect.all([
            entities.create(collectionId, { name: "Ida", assetIds: [first] }),
            entities.createMany(collectionId, [{ name: "Ida", assetIds: [first], metadata: { a: 1 } }]),
            entities.update(place, { description: "d" }),
            entities.addAssets(place, [second]),
            entities.removeAssets(place, [second])
          ])
      )
      const path = `/entity-collections/${collectionId}/entities`
      assert.deepStrictEqual<unknown>(
        sent.map(({ body, method, path }) => [method, path, body]),
        [
          ["POST", path, { name: "Ida", asset_ids: [first] }],
          ["POST", `${path}/bulk`, { entities: [{ name: "Ida", asset_ids: [first], metadata: { a: 1 } }] }],
          ["PATCH", `${path}/${entityId}`, { description: "d" }],
          ["POST", `${path}/${entityId}/assets`, { asset_ids: [second] }],
          ["DELETE", `${path}/${entityId}/assets`, { asset_ids: [second] }]
        ]
      )
      assert.strictEqual(DateTime.formatIso(value[0].createdAt!), "2026-08-01T10:00:00.500Z")
    })
  )

  it.effect("are not asked for by an id that would lead elsewhere", () =>
    Effect.gen(function* () {
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(
          answering(
            () => ({ json: { _id: entityId } }),
            ({ entities }) => entities.get({ collectionId, entityId: EntityId.make(id) })
          )
        )
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
    })
  )
})
