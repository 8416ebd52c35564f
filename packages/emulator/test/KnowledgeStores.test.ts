import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import { type Json, until } from "./Api.ts"
import { send, type TwelveLabsPlay } from "./Wire.ts"

type Line = `${"GET" | "POST" | "PATCH" | "DELETE"} ${string}`

/** Sends a request below the base URL; `:ks` is the knowledge store that exists. */
const call = (line: Line, body?: unknown, play?: TwelveLabsPlay) =>
  Effect.gen(function* () {
    const { twelvelabs } = yield* Emulator
    const [method, path] = line.replace(":ks", twelvelabs.knowledgeStoreId).split(" ") as [string, string]
    const { status, text } = yield* send({
      url: `${twelvelabs.url(play)}${path}`,
      method,
      headers: { "x-api-key": Redacted.value(twelvelabs.apiKey), "content-type": "application/json" },
      ...(body === undefined ? {} : { body })
    })
    return { status, json: (text === "" ? undefined : JSON.parse(text)) as Json }
  })

/** Asks until the item has come to its end. */
const ended = (path: string, onSeen: (item: Json) => void = () => {}) =>
  Effect.flatMap(Emulator, (emulator) =>
    until(Effect.provideService(call(`GET ${path}`), Emulator, emulator), ({ json }) => {
      onSeen(json)
      return json.status === "ready" || json.status === "failed"
    })
  )

const statusOf = (...request: Parameters<typeof call>) => Effect.map(call(...request), ({ status }) => status)

const number = (index: number) => `01999999-0000-7000-8000-${String(index).padStart(12, "0")}`

layer(Emulator.layer({ twelvelabs: { processMillis: 150 } }))("TwelveLabs' knowledge stores", (it) => {
  it.effect("begin with three items and a collection of them, whose assets exist", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const items = yield* call("GET /knowledge-stores/:ks/items?sort_option=asc")
      assert.deepStrictEqual(
        items.json.data.map((item: Json) => [item._id, item.asset_type, item.status, item.system_metadata.asset_type]),
        [
          [`ksi_${number(1)}`, "video", "ready", "video"],
          [`ksi_${number(2)}`, "video", "ready", "video"],
          [`ksi_${number(3)}`, "image", "ready", "image"]
        ]
      )
      assert.strictEqual(items.json.data[0].asset_id, twelvelabs.assetId)
      assert.strictEqual((yield* call("GET /knowledge-stores/:ks")).json.item_count, 3)
      const path = `/knowledge-stores/:ks/item-collections/ksic_${number(1)}` as const
      assert.strictEqual((yield* call(`GET ${path}`)).json.member_count, 3)
      assert.lengthOf((yield* call(`GET ${path}/items`)).json.data, 3)
    })
  )

  it.effect("queue an item that is added, work on it, and count it; what cannot be read fails", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const store = (yield* call("POST /knowledge-stores", { name: "Workshop" })).json
      const items = `/knowledge-stores/${store._id}/items` as const
      const body = { asset_id: twelvelabs.assetId }
      const seen = new Set<string>()
      const good = yield* call(`POST ${items}`, body)
      assert.deepStrictEqual([good.status, good.json.status, good.json.system_metadata], [202, "queued", undefined])
      assert.match(good.json._id, /^ksi_/)
      const ready = (yield* ended(`${items}/${good.json._id}`, ({ status }) => seen.add(status))).json
      assert.deepStrictEqual(
        [ready.status, ready.system_metadata.duration, ready.system_metadata.size],
        ["ready", 120, 12_345_678]
      )
      assert.isTrue(ready.updated_at > ready.created_at)
      assert.deepStrictEqual([...seen].slice(-2), ["processing", "ready"])
      const bad = yield* call(`POST ${items}`, body, { sync: "invalid" })
      const failed = (yield* ended(`${items}/${bad.json._id}`)).json
      assert.deepStrictEqual([failed.status, failed.system_metadata], ["failed", undefined])
      const listed = (yield* call(`GET ${items}?status=failed&status=queued`)).json
      assert.deepStrictEqual(listed.page_info, { page: 1, limit_per_page: 10, total_page: 1, total_results: 1 })
      assert.strictEqual((yield* call(`GET /knowledge-stores/${store._id}`)).json.item_count, 2)
      assert.strictEqual(yield* statusOf(`DELETE ${items}/${failed._id}`), 204)
      const after = (yield* call(`GET /knowledge-stores/${store._id}`)).json
      assert.strictEqual(after.item_count, 1)
      assert.isTrue(after.updated_at > store.updated_at)
      assert.strictEqual(yield* statusOf(`DELETE /knowledge-stores/${store._id}`), 204)
      assert.strictEqual(yield* statusOf(`GET ${items}/${ready._id}`), 404)
    })
  )

  it.effect("refuse items that are no asset of theirs to take, and lists that are none", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const asset_id = twelvelabs.assetId
      for (const body of [{}, { asset_id: "66e0" }, { asset_id, asset_type: "image" }, { asset_id, metadata: "x" }]) {
        assert.strictEqual(yield* statusOf("POST /knowledge-stores/:ks/items", body), 400)
      }
      assert.strictEqual(yield* statusOf("POST /knowledge-stores/ks_none/items", { asset_id }), 404)
      for (const query of ["status=done", "page_limit=51", "page=0", "sort_by=name", "sort_option=up"]) {
        assert.strictEqual(yield* statusOf(`GET /knowledge-stores/:ks/items?${query}`), 400, query)
      }
    })
  )

  it.effect("have collections with names of their own, of items that exist, up to 500 in a request", () =>
    Effect.gen(function* () {
      const collections = "/knowledge-stores/:ks/item-collections" as const
      const made = yield* call(`POST ${collections}`, { name: "Sails", metadata: { a: null } })
      assert.deepStrictEqual([made.status, made.json.member_count, made.json.metadata], [201, 0, { a: "" }])
      assert.strictEqual(yield* statusOf(`POST ${collections}`, { name: "Sails" }), 409)
      assert.strictEqual(yield* statusOf(`POST ${collections}`, { name: " " }), 400)
      const path = `${collections}/${made.json._id}` as const
      assert.strictEqual(yield* statusOf(`PATCH ${path}`, { name: "Workshop series" }), 409)
      const add = (item_ids: ReadonlyArray<string>) => call(`POST ${path}/items/add`, { item_ids })
      const remove = (item_ids: ReadonlyArray<string>) => call(`POST ${path}/items/remove`, { item_ids })
      const one = `ksi_${number(1)}`
      assert.strictEqual((yield* add([one, `ksi_${number(2)}`])).json.member_count, 2)
      assert.strictEqual((yield* add([one])).json.member_count, 2)
      assert.strictEqual((yield* add([one, "ksi_none"])).status, 404)
      assert.strictEqual((yield* add([])).status, 400)
      const many = Array.from({ length: 501 }, (_, index) => `ksi_none_${index}`)
      assert.strictEqual((yield* add(many)).status, 400)
      assert.strictEqual((yield* remove(many)).status, 400)
      const removed = yield* remove([...many.slice(0, 499), one])
      assert.deepStrictEqual([removed.status, removed.json], [204, undefined])
      assert.deepStrictEqual(
        (yield* call(`GET ${path}/items`)).json.data.map((item: Json) => item._id),
        [`ksi_${number(2)}`]
      )
      assert.strictEqual(yield* statusOf(`DELETE ${path}`), 204)
      assert.strictEqual(yield* statusOf(`GET ${path}`), 404)
      assert.strictEqual(yield* statusOf(`GET /knowledge-stores/:ks/items/ksi_${number(2)}`), 200)
    })
  )

  it.effect("take an enrichment in their own dialect only", () =>
    Effect.gen(function* () {
      const create = (enrichment_config: unknown) =>
        statusOf("POST /knowledge-stores", { name: "Workshop", ingestion_config: { enrichment_config } })
      const text = { type: "string", description: "a word" }
      const schema = (json_schema: unknown) => create({ type: "json_schema", json_schema })
      const withText = (more: Record<string, unknown>) =>
        schema({ type: "object", properties: { a: { ...text, ...more } } })
      assert.strictEqual(yield* create({ type: "description", description: "who speaks" }), 201)
      assert.strictEqual(
        yield* schema({
          type: "object",
          title: "All that there is",
          properties: {
            words: {
              type: "array",
              description: "words",
              items: { type: "string", enum: ["a", "b"] },
              minItems: 1,
              maxItems: 2
            },
            pair: { type: "array", description: "two", prefixItems: [{ type: "number", minimum: 0, maximum: 1 }] },
            deep: { type: "object", description: "deep", properties: { at: { ...text, format: "date" } } }
          },
          required: ["words"],
          additionalProperties: false
        }),
        201
      )
      for (const config of [undefined, { type: "description" }, { type: "json_schema" }, { type: "poem" }]) {
        assert.strictEqual(yield* create(config), 400, JSON.stringify(config))
      }
      const unfit: ReadonlyArray<Record<string, unknown>> = [
        { anyOf: [text] },
        { allOf: [text] },
        { oneOf: [text] },
        { not: text },
        { if: text },
        { $ref: "#/$defs/a" },
        { const: "a" },
        { pattern: "a" },
        { minLength: 1 },
        { exclusiveMinimum: 1 },
        { multipleOf: 2 },
        { nullable: true },
        { type: ["string", "null"] },
        { default: "a" },
        { examples: ["a"] },
        { readOnly: true },
        { additionalProperties: text },
        { description: undefined },
        { description: " " },
        { items: { type: "object", properties: { b: { type: "string" } } } },
        { prefixItems: [{ ...text, pattern: "a" }] },
        { properties: { b: { ...text, properties: { c: { type: "string" } } } } }
      ]
      for (const more of unfit) assert.strictEqual(yield* withText(more), 422, JSON.stringify(more))
      assert.strictEqual(yield* schema({ type: "array", items: text }), 422)
      assert.strictEqual(yield* schema({ type: "object" }), 422)
      assert.strictEqual(yield* schema({ type: "object", properties: { a: text }, $defs: {} }), 422)
    })
  )

  it.effect("are searched page by page, with tokens that belong to one search and do not last", () =>
    Effect.gen(function* () {
      const search = (body: Record<string, unknown>, play?: TwelveLabsPlay) =>
        call("POST /knowledge-stores/:ks/search", { query: { text: "a knot" }, ...body }, play)
      const all = (yield* search({ page_size: 50 })).json
      assert.deepStrictEqual(Object.keys(all).toSorted(), ["data", "effective_search_options"])
      assert.deepStrictEqual(
        all.data.map((hit: Json) => hit.rank),
        Array.from({ length: 10 }, (_, index) => index + 1)
      )
      assert.isTrue(all.data.every((hit: Json) => hit.metadata === undefined))
      const first = (yield* search({ page_size: 4 })).json
      const second = (yield* search({ page_size: 6, page_token: first.next_page_token })).json
      assert.deepStrictEqual([...first.data, ...second.data], all.data)
      assert.isUndefined(second.next_page_token)
      const other = (yield* search({ query: { text: "a tail" }, page_size: 50 })).json
      assert.notDeepEqual(other.data, all.data)
      const refused: ReadonlyArray<Record<string, unknown>> = [
        { page_token: "nonsense" },
        { page_token: first.next_page_token, group_by: "item" },
        { page_size: 0 },
        { page_size: 51 },
        { query: { text: "" } },
        { group_by: "asset" },
        { filter: { asset_type: { eq: "audio" } } },
        { filter: { asset_type: { in: ["image", "audio"] } } },
        { search_options: { video: { modalities: [] } } },
        { search_options: { video: { modalities: ["smell"] } } }
      ]
      for (const body of refused) assert.strictEqual((yield* search(body)).status, 400, JSON.stringify(body))
      const { next_page_token: page_token } = (yield* search({ page_size: 4 }, { ttl: 0 })).json
      assert.strictEqual((yield* search({ page_token })).status, 410)
      assert.strictEqual(yield* statusOf("POST /knowledge-stores/ks_none/search", { query: { text: "a" } }), 404)
    })
  )

  it.effect("find only what is ready", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const store = (yield* call("POST /knowledge-stores", { name: "Workshop" })).json._id
      const items = `/knowledge-stores/${store}/items` as const
      const body = { asset_id: twelvelabs.assetId, metadata: { season: "autumn" } }
      yield* call(`POST ${items}`, body, { sync: "never" })
      const { _id } = (yield* call(`POST ${items}`, body)).json
      const search = call(`POST /knowledge-stores/${store}/search`, {
        query: { text: "a knot" },
        group_by: "item",
        include_metadata: true
      })
      yield* ended(`${items}/${_id}`)
      const { data } = (yield* search).json
      assert.lengthOf(data, 1)
      const [{ matches, ...hit }] = data
      assert.deepStrictEqual(hit, {
        asset_type: "video",
        rank: 1,
        item_id: _id,
        metadata: {
          system: { duration: 120, width: 1920, height: 1080, size: 12_345_678 },
          user: { season: "autumn" }
        }
      })
      assert.lengthOf(matches, 5)
      assert.deepStrictEqual(matches[0], { start_sec: 0, end_sec: 12, modalities: ["visual"] })
    })
  )
})
