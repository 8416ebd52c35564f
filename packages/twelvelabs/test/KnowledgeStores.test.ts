import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { KnowledgeStoreId, type KnowledgeStores, TwelveLabs } from "../src/index.ts"
import { UnsupportedSchemaError } from "../src/UnsupportedSchemaError.ts"
import { answering } from "./Answering.ts"
import { live } from "./Live.ts"

describe("knowledge stores", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, found, changed, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { knowledgeStores } = yield* TwelveLabs
          const made = yield* knowledgeStores.create({
            name: "Workshop",
            description: "How kites are built",
            metadata: { season: "autumn" },
            enrichment: { description: "who speaks, and about which tool" }
          })
          assert.deepStrictEqual([made.name, made.itemCount, made.metadata], ["Workshop", 0, { season: "autumn" }])
          assert.strictEqual(made.ingestionConfig?.enrichmentConfig?.description, "who speaks, and about which tool")
          assert.isDefined(made.createdAt)
          const changed = yield* knowledgeStores.update(made.id, { name: "Atelier", metadata: {} })
          assert.deepStrictEqual([changed.name, changed.description], ["Atelier", "How kites are built"])
          assert.deepStrictEqual((yield* knowledgeStores.get(made.id)).metadata, {})
          yield* knowledgeStores.delete(made.id)
          const gone = (yield* Effect.flip(knowledgeStores.get(made.id))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status, gone.code], ["NotFound", 404, "resource_not_exist"])
        }),
      { http }
    )
  }

  live("are listed page by page, in the order that is asked for", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      for (let index = 1; index <= 11; index++) yield* knowledgeStores.create({ name: `store ${index}` })
      const names = (options: Parameters<typeof knowledgeStores.list>[0]) =>
        Effect.map(Stream.runCollect(knowledgeStores.list(options)), (stores) => stores.map(({ name }) => name))
      const oldestFirst = yield* names({ pageSize: 5, sortOption: "asc" })
      assert.lengthOf(oldestFirst, 12)
      assert.deepStrictEqual(oldestFirst.slice(1, 3), ["store 1", "store 2"])
      assert.deepStrictEqual(yield* names({}), oldestFirst.toReversed())
    })
  )

  live("are not asked for by an id that would lead elsewhere", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(knowledgeStores.delete(KnowledgeStoreId.make(id)))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
    })
  )
})

describe("a knowledge store that is made or changed", () => {
  it.effect("is sent nothing for what is undefined", () =>
    Effect.gen(function* () {
      const id = KnowledgeStoreId.make("ks_1")
      const { sent } = yield* answering(
        () => ({ json: { _id: id } }),
        ({ knowledgeStores }) =>
          Effect.andThen(
            knowledgeStores.create({ name: "Workshop", description: undefined, enrichment: undefined }),
            knowledgeStores.update(id, { name: undefined, description: undefined, metadata: {} })
          )
      )
      assert.deepStrictEqual(
        sent.map(({ body, method }) => [method, body]),
        [
          ["POST", { name: "Workshop" }],
          ["PATCH", { metadata: {} }]
        ]
      )
    })
  )
})

describe("the enrichment of a knowledge store", () => {
  const speaker = { type: "string", description: "who speaks most" }

  live("can be an Effect Schema, of which the vendor is sent what its dialect has", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const schema = Schema.Struct({
        speaker: Schema.String.annotate({ description: "who speaks most" }),
        tools: Schema.Array(
          Schema.Struct({
            name: Schema.NonEmptyString.annotate({ description: "as it is called" }),
            danger: Schema.optionalKey(
              Schema.Finite.annotate({ description: "from 0 to 1" }).check(Schema.isBetween({ minimum: 0, maximum: 1 }))
            )
          })
        ).annotate({ description: "the tools that are used" })
      })
      const { ingestionConfig } = yield* knowledgeStores.create({ name: "Workshop", enrichment: { schema } })
      const config = ingestionConfig?.enrichmentConfig
      assert.strictEqual(config?.type, "json_schema")
      const properties = config?.jsonSchema?.["properties"] as Record<string, { readonly description?: string }>
      assert.deepStrictEqual(Object.keys(properties), ["speaker", "tools"])
      assert.include(properties["speaker"]!.description, "who speaks most")
    })
  )

  live("can be a JSON Schema, which is sent as it is", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const jsonSchema = { type: "object", properties: { speaker }, required: ["speaker"], additionalProperties: false }
      const { id } = yield* knowledgeStores.create({ name: "Workshop", enrichment: { jsonSchema } })
      const { ingestionConfig } = yield* knowledgeStores.get(id)
      assert.deepStrictEqual(ingestionConfig?.enrichmentConfig, {
        type: "json_schema",
        jsonSchema,
        description: undefined
      })
    })
  )

  live("is refused before anything is sent when the vendor would refuse it", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const emulator = yield* Emulator
      const unfit: ReadonlyArray<readonly [keyword: string, enrichment: KnowledgeStores.Enrichment]> = [
        ["description", { schema: Schema.Struct({ speaker: Schema.String }) }],
        ["description", { jsonSchema: { type: "object", properties: { speaker: { type: "string" } } } }],
        ["pattern", { jsonSchema: { type: "object", properties: { speaker: { ...speaker, pattern: "a" } } } }],
        ["type", { jsonSchema: { type: "array", items: speaker } }]
      ]
      for (const [keyword, enrichment] of unfit) {
        const error = yield* Effect.flip(knowledgeStores.create({ name: "Workshop", enrichment }))
        assert.instanceOf(error, UnsupportedSchemaError)
        assert.deepStrictEqual([error.dialect, error.keyword], ["enrichment", keyword])
      }
      assert.lengthOf(yield* emulator.requests, 0)
    })
  )
})
