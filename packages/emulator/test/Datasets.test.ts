import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { data, datasource, type Json, read, refusal } from "./Api.ts"

layer(Emulator.layer({ powerdrill: { syncMillis: 0 } }))("Powerdrill's datasets", (it) => {
  it.effect("are made, listed newest first, and found by name or description", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /datasets", { name: "Loans", description: "From the harbour" })
      assert.match(id, /^dset-/)
      const bare = yield* data(emulator, "POST /datasets", { name: "Bare" })
      const list = (query: Record<string, unknown>) => data(emulator, "GET /datasets", query)
      const all = yield* list({ page_size: 2 })
      assert.deepStrictEqual(all.records, [
        { id: bare.id, name: "Bare", description: "" },
        { id, name: "Loans", description: "From the harbour" }
      ])
      for (const search of ["loan", "HARBOUR"]) {
        assert.deepStrictEqual(
          (yield* list({ search })).records.map((dataset: Json) => dataset.id),
          [id]
        )
      }
      assert.strictEqual((yield* list({ search: "no such" })).total_items, 0)
      assert.deepStrictEqual(yield* refusal(emulator, "POST /datasets", { description: "no name" }), [400, 300001])
    })
  )

  it.effect("are changed in what is given, and not to something blank", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /datasets", { name: "Old", description: "old" })
      const now = () =>
        Effect.map(data(emulator, `GET /datasets/${id}/overview`), ({ description, name }) => [name, description])
      assert.deepStrictEqual(yield* data(emulator, `POST /datasets/${id}`, { name: "x".repeat(200) }), {})
      assert.deepStrictEqual(yield* now(), ["x".repeat(128), "old"])
      yield* data(emulator, `POST /datasets/${id}`, { name: "", description: "new" })
      assert.deepStrictEqual(yield* now(), ["x".repeat(128), "new"])
      for (const body of [{}, { name: " " }, { name: "", description: "" }]) {
        assert.deepStrictEqual(yield* refusal(emulator, `POST /datasets/${id}`, body), [400, 300001])
      }
      assert.deepStrictEqual(yield* refusal(emulator, "POST /datasets/dset-none", { name: "x" }), [200, 300003])
    })
  )

  it.effect("go with their data sources and files, by the hand of who made them", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const source = yield* datasource(emulator)
      const place = `/datasets/${source.dataset_id}` as const
      const link = yield* data(emulator, `POST ${place}/datasources/${source.id}/presign`)
      const other = { user: "tmm-b" }
      assert.deepStrictEqual(yield* refusal(emulator, `DELETE ${place}`, {}, other), [200, 300002])
      assert.strictEqual((yield* read(link.presigned_url)).status, 200)
      assert.deepStrictEqual(yield* data(emulator, `DELETE ${place}`), {})
      for (const line of [
        `GET ${place}/overview`,
        `GET ${place}/status`,
        `GET ${place}/datasources`,
        `GET ${place}/datasources/${source.id}`,
        `DELETE ${place}`
      ] as const) {
        assert.deepStrictEqual(yield* refusal(emulator, line), [200, 300003])
      }
      assert.strictEqual((yield* read(link.presigned_url)).status, 404)
    })
  )

  it.effect("have an overview that asks other questions each time, once there is something to ask about", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /datasets", { name: "Empty" })
      const empty = yield* data(emulator, `GET /datasets/${id}/overview`)
      assert.deepStrictEqual(empty, {
        id,
        name: "Empty",
        description: "",
        summary: "",
        exploration_questions: [],
        keywords: []
      })
      yield* datasource(emulator, "a\n1\n", id)
      const first = yield* data(emulator, `GET /datasets/${id}/overview`)
      const second = yield* data(emulator, `GET /datasets/${id}/overview`)
      assert.include(first.summary, "sales.csv")
      assert.deepStrictEqual(first.keywords, ["sales"])
      const questions = new Set([...first.exploration_questions, ...second.exploration_questions])
      assert.strictEqual(questions.size, 6)
    })
  )

  it.effect("count their data sources by status", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /datasets", { name: "Counted" })
      const status = data(emulator, `GET /datasets/${id}/status`)
      assert.deepStrictEqual(yield* status, { synched_count: 0, invalid_count: 0, synching_count: 0 })
      yield* datasource(emulator, "a", id)
      yield* datasource(emulator, "b", id)
      yield* datasource(emulator, "c", id, { play: { sync: "invalid" } })
      yield* datasource(emulator, "d", id, { play: { sync: "never" } })
      assert.deepStrictEqual(yield* status, { synched_count: 2, invalid_count: 1, synching_count: 1 })
    })
  )
})
