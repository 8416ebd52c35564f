import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { call, data, datasource, type Json, refusal } from "./Api.ts"

describe("jobs on data", () => {
  it.effect("need data that is there and has been read", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { syncMillis: 0 } })
      const { id } = yield* data(emulator, "POST /datasets", { name: "Asked" })
      const session_id = emulator.powerdrill.sessionId
      const ask = (body: Record<string, unknown>) =>
        Effect.map(
          call(emulator, "POST /jobs", { session_id, question: "Why?", dataset_id: id, ...body }),
          (answer) => [answer.status, answer.json.code]
        )
      assert.deepStrictEqual(yield* ask({ dataset_id: "dset-none" }), [200, 300003])
      // An empty dataset is no mistake, nor is one with files that cannot be read among others.
      assert.deepStrictEqual(yield* ask({}), [200, 0])
      const good = yield* datasource(emulator, "a", id)
      const bad = yield* datasource(emulator, "b", id, { play: { sync: "invalid" } })
      assert.deepStrictEqual(yield* ask({}), [200, 0])
      assert.deepStrictEqual(yield* ask({ datasource_ids: [good.id] }), [200, 0])
      assert.deepStrictEqual(yield* ask({ datasource_ids: [good.id, bad.id] }), [400, 210023])
      assert.deepStrictEqual(yield* ask({ datasource_ids: [good.id, "ds-none"] }), [200, 300003])
      yield* datasource(emulator, "c", id, { play: { sync: "never" } })
      assert.deepStrictEqual(yield* ask({}), [400, 210023])
      assert.deepStrictEqual(yield* ask({ stream: true }), [400, 210023])
      assert.deepStrictEqual(yield* ask({ datasource_ids: [good.id] }), [200, 0])
      const many = Array.from({ length: 1001 }, (_, index) => `ds-${index}`)
      assert.deepStrictEqual(yield* ask({ datasource_ids: many }), [400, 210025])
      // Without a dataset the list has no effect.
      assert.deepStrictEqual(yield* ask({ dataset_id: undefined, datasource_ids: many }), [200, 0])
      const lone = yield* datasource(emulator, "d", undefined, { play: { sync: "invalid" } })
      assert.deepStrictEqual(yield* ask({ dataset_id: lone.dataset_id }), [400, 210023])
    })
  )

  it.effect("cite the files that they were asked about, later in the history too", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { syncMillis: 0 } })
      const source = yield* datasource(emulator)
      const { id } = yield* data(emulator, "POST /sessions", { name: "x" })
      const { blocks } = yield* data(emulator, "POST /jobs", {
        session_id: id,
        question: "Why?",
        dataset_id: source.dataset_id
      })
      const cited = (blocks: Json) => blocks.find(({ type }: Json) => type === "SOURCES").content[0]
      assert.deepInclude(cited(blocks), {
        source: "sales.csv",
        datasource_id: source.id,
        dataset_id: source.dataset_id,
        file_type: "csv"
      })
      const history = yield* data(emulator, `GET /sessions/${id}/history`)
      assert.deepStrictEqual(cited(history.records[0].answer.blocks), cited(blocks))
    })
  )

  it.effect("come to an end with the user's quota; refused ones cost nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { jobQuota: 2 } })
      const job = { session_id: emulator.powerdrill.sessionId, question: "Why?" }
      yield* refusal(emulator, "POST /jobs", { ...job, question: "x".repeat(6001) })
      const { job_id } = yield* data(emulator, "POST /jobs", job)
      assert.match(job_id, /^job-/)
      assert.strictEqual((yield* call(emulator, "POST /jobs", { ...job, stream: true })).status, 200)
      for (const stream of [true, false]) {
        assert.deepStrictEqual(yield* refusal(emulator, "POST /jobs", { ...job, stream }), [400, 210021])
      }
      yield* data(emulator, "POST /jobs", job, { user: "tmm-another" })
    })
  )
})
