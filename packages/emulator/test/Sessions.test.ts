import { assert, describe, it, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { call, data, type Json, refusal } from "./Api.ts"

const unknown = "5e551000-0000-4000-8000-00000000ffff"

layer(Emulator.layer())("Powerdrill's sessions", (it) => {
  it.effect("are made with the vendor's defaults, and keep what they are given", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const plain = yield* data(emulator, "POST /sessions", { name: "plain" })
      assert.deepStrictEqual(Object.keys(plain), ["id"])
      assert.match(plain.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.deepStrictEqual(yield* data(emulator, `GET /sessions/${plain.id}`), {
        id: plain.id,
        name: "plain",
        output_language: "AUTO",
        job_mode: "AUTO",
        max_contextual_job_history: 10
      })
      const settings = {
        name: "full",
        output_language: "ZH-CN",
        job_mode: "DATA_ANALYTICS",
        max_contextual_job_history: 0,
        agent_id: "DATA_ANALYSIS_AGENT"
      }
      const { id } = yield* data(emulator, "POST /sessions", settings)
      assert.deepStrictEqual(yield* data(emulator, `GET /sessions/${id}`), { id, ...settings })
    })
  )

  it.effect("are listed newest first, page by page, and found by a part of their name", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const asked = { user: "tmm-lists" }
      for (let index = 1; index <= 12; index++) {
        yield* data(emulator, "POST /sessions", { name: `Talk ${index}` }, asked)
      }
      const list = (query: Record<string, unknown>) => data(emulator, "GET /sessions", query, asked)
      const names = (page: Json) => page.records.map(({ name }: Json) => name)
      const first = yield* list({})
      assert.deepStrictEqual({ ...first, records: undefined }, {
        records: undefined,
        page_number: 1,
        page_size: 10,
        total_items: 12
      } as Json)
      assert.deepStrictEqual([names(first).length, names(first)[0]], [10, "Talk 12"])
      assert.deepStrictEqual(names(yield* list({ page_number: 2 })), ["Talk 2", "Talk 1"])
      assert.deepStrictEqual(names(yield* list({ page_number: 2, page_size: 5 }))[0], "Talk 7")
      assert.deepStrictEqual(names(yield* list({ page_number: 9 })), [])
      const found = yield* list({ search: "tALK 1" })
      assert.deepStrictEqual([found.total_items, names(found)], [4, ["Talk 12", "Talk 11", "Talk 10", "Talk 1"]])
      for (const query of [{ page_number: 0 }, { page_size: 0 }, { page_number: "two" }]) {
        assert.deepStrictEqual(yield* refusal(emulator, "GET /sessions", query, asked), [400, 300001])
      }
    })
  )

  it.effect("are in the list of their own user only", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /sessions", { name: "mine" }, { user: "tmm-me" })
      const mine = yield* data(emulator, "GET /sessions", {}, { user: "tmm-me" })
      assert.deepStrictEqual(
        mine.records.map((session: Json) => session.id),
        [id]
      )
      assert.strictEqual((yield* data(emulator, "GET /sessions", {}, { user: "tmm-you" })).total_items, 0)
    })
  )

  it.effect("are changed where the change says so", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /sessions", { name: "old", output_language: "DE" })
      assert.deepStrictEqual(yield* data(emulator, `POST /sessions/${id}`, { name: "new", job_mode: "AUTO" }), {})
      const changed = yield* data(emulator, `GET /sessions/${id}`)
      assert.deepInclude(changed, { name: "new", output_language: "DE" })
      assert.deepStrictEqual(yield* refusal(emulator, `POST /sessions/${id}`, { job_mode: "AUTO" }), [400, 300001])
      assert.deepStrictEqual(yield* refusal(emulator, `POST /sessions/${id}`, { name: " " }), [400, 300001])
    })
  )

  it.effect("have names of 128 characters, which are cut without a word", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /sessions", { name: "🧳".repeat(200) })
      assert.strictEqual((yield* data(emulator, `GET /sessions/${id}`)).name, "🧳".repeat(128))
      yield* data(emulator, `POST /sessions/${id}`, { name: "x".repeat(129) })
      assert.strictEqual((yield* data(emulator, `GET /sessions/${id}`)).name, "x".repeat(128))
    })
  )

  it.effect("are deleted for good, with their history", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /sessions", { name: "short" })
      yield* data(emulator, "POST /jobs", { session_id: id, question: "Why?" })
      assert.strictEqual((yield* data(emulator, `GET /sessions/${id}/history`)).total_items, 1)
      assert.deepStrictEqual(yield* data(emulator, `DELETE /sessions/${id}`), {})
      for (const line of [`GET /sessions/${id}`, `GET /sessions/${id}/history`, `DELETE /sessions/${id}`] as const) {
        assert.deepStrictEqual(yield* refusal(emulator, line), [200, 300003])
      }
      const job = { session_id: id, question: "Why?" }
      assert.deepStrictEqual(yield* refusal(emulator, "POST /jobs", job), [200, 300003])
    })
  )

  it.effect("have a history in pages, newest first", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /sessions", { name: "long" })
      for (const question of ["one", "two", "three"]) yield* data(emulator, "POST /jobs", { session_id: id, question })
      const history = yield* data(emulator, `GET /sessions/${id}/history`, { page_size: 2 })
      assert.deepStrictEqual([history.total_items, history.page_size], [3, 2])
      assert.deepStrictEqual(
        history.records.map(({ question }: Json) => question.blocks),
        ["three", "two"].map((content) => [{ type: "MESSAGE", content }])
      )
      assert.deepStrictEqual(Object.keys(history.records[0]).toSorted(), ["answer", "job_id", "question"])
      const types = new Set(history.records[0].answer.blocks.map(({ type }: Json) => type))
      assert.includeMembers([...types], ["MESSAGE", "CODE", "TABLE", "IMAGE", "SOURCES", "QUESTIONS"])
    })
  )

  it.effect("are refused when something is missing, blank or unknown", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const body of [{}, { name: "" }, { name: 3 }, { name: "x", max_contextual_job_history: 11 }]) {
        assert.deepStrictEqual(yield* refusal(emulator, "POST /sessions", body), [400, 300001])
      }
      for (const user of [null, ""]) {
        assert.deepStrictEqual(yield* refusal(emulator, "POST /sessions", { name: "x" }, { user }), [400, 300001])
        assert.deepStrictEqual(yield* refusal(emulator, "GET /sessions", {}, { user }), [400, 300001])
        assert.deepStrictEqual(yield* refusal(emulator, `DELETE /sessions/${unknown}`, {}, { user }), [400, 300001])
      }
      const { json } = yield* call(emulator, "POST /sessions", {})
      assert.strictEqual(json.msg, "Invalid parameter: name: Missing key")
      assert.deepStrictEqual(yield* refusal(emulator, `GET /sessions/${unknown}`), [200, 300003])
      assert.deepStrictEqual(yield* refusal(emulator, `POST /sessions/${unknown}`, { name: "x" }), [200, 300003])
    })
  )
})

describe("limits of Powerdrill's sessions", () => {
  it.effect("a user may have 150 of them, or as many as the option says", () =>
    Effect.gen(function* () {
      const usual = yield* Emulator.make()
      for (let index = 0; index < 150; index++) yield* data(usual, "POST /sessions", { name: "x" })
      assert.deepStrictEqual(yield* refusal(usual, "POST /sessions", { name: "x" }), [200, 300009])
      const small = yield* Emulator.make({ powerdrill: { sessionLimit: 1 } })
      const { id } = yield* data(small, "POST /sessions", { name: "x" })
      assert.deepStrictEqual(yield* refusal(small, "POST /sessions", { name: "x" }), [200, 300009])
      yield* data(small, "POST /sessions", { name: "x" }, { user: "tmm-another" })
      yield* data(small, `DELETE /sessions/${id}`)
      yield* data(small, "POST /sessions", { name: "x" })
    })
  )
})
