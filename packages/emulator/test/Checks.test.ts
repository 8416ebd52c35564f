import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import type { Received } from "./Wire.ts"
import { events, job, respond, send } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
type Json = ReturnType<typeof JSON.parse>

const brief = ({ status, text }: Received) => {
  const { code }: Json = JSON.parse(text)
  return [status, code]
}

layer(Emulator.layer())("checks of requests", (it) => {
  it.effect("powerdrill wants its key, a user, a session that exists and a question that is not too long", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const url = `${emulator.powerdrill.url()}/v2/team/jobs`
      assert.deepStrictEqual(brief(yield* send({ url, body: {} })), [403, 1004])
      assert.deepStrictEqual(brief(yield* send({ url, headers: { "x-pd-api-key": "wrong" }, body: {} })), [403, 1004])
      for (const missing of ["user_id", "session_id", "question"]) {
        const received = yield* job(emulator, {}, { body: { [missing]: undefined } })
        assert.deepStrictEqual(brief(received), [400, 300001])
        assert.include(received.text, missing)
      }
      const body = (question: string) => ({ body: { question } })
      assert.deepStrictEqual(brief(yield* job(emulator, {}, body("🧳".repeat(6001)))), [400, 210022])
      assert.strictEqual(
        (yield* job(emulator, {}, body("🧳".repeat(6000)))).headers["content-type"],
        "text/event-stream"
      )
      assert.deepStrictEqual(brief(yield* job(emulator, {}, { body: { session_id: "other" } })), [200, 300003])
      const headers = { "x-pd-api-key": Redacted.value(emulator.powerdrill.apiKey) }
      assert.deepStrictEqual(brief(yield* send({ url, headers, body: "{" })), [400, 300001])
    })
  )

  it.effect("powerdrill's new sessions take jobs, and their history has them with links signed anew", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const headers = { "x-pd-api-key": Redacted.value(emulator.powerdrill.apiKey) }
      const url = `${emulator.powerdrill.url()}/v2/team/sessions`
      assert.deepStrictEqual(brief(yield* send({ url, headers, body: { user_id: "u" } })), [400, 300001])
      const created = yield* send({ url, headers, body: { user_id: "u", name: "mine" } })
      const { data }: Json = JSON.parse(created.text)
      const streamed = yield* job(emulator, {}, { body: { session_id: data.id, question: "First?" } })
      yield* job(emulator, { scenario: "chinese" }, { body: { session_id: data.id, question: "Second?" } })
      const received = yield* send({ url: `${url}/${data.id}/history?user_id=u`, method: "GET", headers })
      const history: Json = JSON.parse(received.text).data
      assert.strictEqual(history.total_items, 2)
      const questions = history.records.map(({ question }: Json) => question.blocks[0].content)
      assert.deepStrictEqual(questions, ["Second?", "First?"])
      assert.strictEqual(history.records[1].job_id, events(streamed.text)[0]?.data)
      const links = (text: string) => [...text.matchAll(/"url":"([^"]*)"/g)].map(([, link]) => new URL(link ?? ""))
      const old = links(streamed.text)[0]
      const fresh = links(JSON.stringify(history.records[1])).find(({ pathname }) => pathname === old?.pathname)
      assert.isDefined(fresh)
      assert.strictEqual((yield* send({ url: fresh?.href ?? "", method: "GET" })).status, 200)
    })
  )

  it.effect("twelvelabs wants its key, and repeats a wrong one as careless servers do", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const url = `${emulator.twelvelabs.url()}/responses`
      assert.deepStrictEqual(brief(yield* send({ url, body: {} })), [401, "api_key_invalid"])
      const wrong = yield* send({ url, headers: { "x-api-key": "tlk_SECRET" }, body: {} })
      assert.deepStrictEqual(brief(wrong), [401, "api_key_invalid"])
      assert.include(wrong.text, "tlk_SECRET")
    })
  )

  it.effect("twelvelabs checks the body", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const long = [{ type: "message", role: "user", content: "x".repeat(10_001) }]
      const parts = [{ type: "message", role: "user", content: [{ type: "text", text: "x" }] }]
      for (const body of [
        { input: undefined },
        { input: [] },
        { input: long },
        { input: parts },
        { knowledge_store_id: undefined },
        { include: ["everything"] },
        { text: { format: { type: "yaml" } } },
        { stream: "true" }
      ]) {
        assert.deepStrictEqual(brief(yield* respond(emulator, {}, { body })), [400, "parameter_invalid"])
      }
      const other = { knowledge_store_id: "ks_other" }
      assert.deepStrictEqual(brief(yield* respond(emulator, {}, { body: other })), [404, "resource_not_exist"])
      const usual = { text: { format: { type: "text" } }, selections: [], tools: null, session_id: null, include: null }
      assert.strictEqual((yield* respond(emulator, {}, { body: usual })).status, 200)
    })
  )

  it.effect("what nothing answers is 404, and is in the log", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const path of ["/", "/powerdrill/v2/team/nothing", "/twelvelabs/v1.3/tasks", "/store/"]) {
        const received = yield* send({ url: `${emulator.url}${path}`, method: "DELETE" })
        assert.strictEqual(received.status, 404, path)
      }
      const last = (yield* emulator.requests).at(-1)
      assert.deepInclude(last, { method: "DELETE", path: "/store/", status: 404, ended: "finished" })
    })
  )

  it.effect("the log has what a test wants to know of a request", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const received = yield* respond(emulator, { fault: "cut", after: 2, id: "log" })
      const entry = (yield* emulator.requests).find(({ play }) => play.id === "log")
      assert.deepInclude(entry, {
        method: "POST",
        service: "twelvelabs",
        path: "/twelvelabs/v1.3/responses",
        query: "",
        play: { fault: "cut", after: 2, id: "log" },
        status: 200,
        bytesWritten: received.body.length,
        ended: "cut"
      })
      assert.strictEqual(entry?.headers["x-api-key"], Redacted.value(emulator.twelvelabs.apiKey))
      assert.strictEqual(JSON.parse(entry?.body ?? "").stream, true)
    })
  )
})
