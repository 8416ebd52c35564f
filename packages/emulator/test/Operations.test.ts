/** What holds for each of Powerdrill's operations: its path, its key, its user, and the plays of its base URL. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import type { EmulatorService } from "@effect-sse/emulator"
import { PowerdrillApi } from "@effect-sse/powerdrill"
import { Effect, Redacted } from "effect"
import { call, data, datasource, formOf, type Json, type Line } from "./Api.ts"
import { type PowerdrillPlay, send } from "./Wire.ts"

interface Operation {
  readonly line: Line
  readonly body?: Record<string, unknown> | (() => FormData)
}

/** All 22, each with what makes it succeed, whatever succeeded before. */
const operations = (emulator: EmulatorService): Effect.Effect<ReadonlyArray<Operation>> =>
  Effect.gen(function* () {
    const { id: session } = yield* data(emulator, "POST /sessions", { name: "s" })
    const { id: gone } = yield* data(emulator, "POST /sessions", { name: "s" })
    const { id: empty } = yield* data(emulator, "POST /datasets", { name: "d" })
    const source = yield* datasource(emulator)
    const spare = yield* datasource(emulator, "b", source.dataset_id)
    const upload = yield* data(emulator, "POST /file/init-multipart-upload", { file_name: "a.csv", file_size: 1 })
    const [{ upload_url }] = upload.part_items
    const { headers } = yield* Effect.promise(() => fetch(upload_url, { method: "PUT", body: "a" }))
    const etag = headers.get("etag")?.replaceAll('"', "")
    const url = "https://example.com/a.csv"
    const datasources = `/datasets/${source.dataset_id}/datasources`
    return [
      { line: "POST /sessions", body: { name: "s" } },
      { line: "GET /sessions" },
      { line: `GET /sessions/${session}` },
      { line: `POST /sessions/${session}`, body: { name: "s" } },
      { line: `DELETE /sessions/${gone}` },
      { line: `GET /sessions/${session}/history` },
      { line: "POST /datasets", body: { name: "d" } },
      { line: "GET /datasets" },
      { line: `POST /datasets/${empty}`, body: { name: "d" } },
      { line: `DELETE /datasets/${empty}` },
      { line: `GET /datasets/${source.dataset_id}/overview` },
      { line: `GET /datasets/${source.dataset_id}/status` },
      { line: `POST ${datasources}`, body: { name: "a.csv", type: "FILE", url } },
      { line: "POST /datasources", body: { name: "a.csv", type: "FILE", url } },
      { line: `GET ${datasources}` },
      { line: `GET ${datasources}/${source.id}` },
      { line: `DELETE ${datasources}/${spare.id}` },
      { line: `POST ${datasources}/${source.id}/presign` },
      { line: "POST /file/upload-datasource", body: () => formOf("a.csv", "a") },
      { line: "POST /file/init-multipart-upload", body: { file_name: "a.csv", file_size: 1 } },
      {
        line: "POST /file/complete-multipart-upload",
        body: {
          upload_id: upload.upload_id,
          file_object_key: upload.file_object_key,
          part_etags: [{ number: 1, etag }]
        }
      },
      { line: "POST /jobs", body: { session_id: session, question: "Why?" } }
    ]
  })

const ask = (emulator: EmulatorService, { body, line }: Operation, options: Parameters<typeof call>[3] = {}) =>
  call(emulator, line, typeof body === "function" ? body() : body, options)

layer(Emulator.layer({ powerdrill: { syncMillis: 0 } }))("each of Powerdrill's operations", (it) => {
  it.effect("is one of those that the SDK declares, and none of them is missing", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const pattern = ({ line }: Operation) =>
        line.replaceAll(/\/(?:5e551000|dset-|ds-)[^/]*/g, "/:id").replace(" ", " /v2/team")
      const declared = Object.values(PowerdrillApi.PowerdrillApi.groups).flatMap((group) =>
        Object.values(group.endpoints).map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ":id")}`)
      )
      assert.strictEqual(declared.length, 22)
      assert.deepStrictEqual((yield* operations(emulator)).map(pattern).toSorted(), declared.toSorted())
    })
  )

  it.effect("answers in the vendor's envelope, in the vendor's spelling, with a trace id", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const traces = new Set<string>()
      for (const operation of yield* operations(emulator)) {
        const { headers, json, status, text } = yield* ask(emulator, operation)
        assert.deepStrictEqual([status, json?.code], [200, 0], `${operation.line} ${text}`)
        assert.strictEqual(headers.get("content-type"), "application/json")
        const trace = headers.get("x-pd-trace-id") ?? ""
        assert.match(trace, /^[0-9a-f]{32}$/)
        traces.add(trace)
        for (const [, name] of text.matchAll(/[{,]"([^"\\]+)":/g)) assert.match(name ?? "", /^[a-z_]+$/, operation.line)
      }
      assert.strictEqual(traces.size, 22)
    })
  )

  it.effect("wants the key before anything else, and the user", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const operation of yield* operations(emulator)) {
        const wrong = yield* ask(emulator, operation, { key: "wrong", user: null })
        assert.deepStrictEqual(
          [wrong.status, wrong.json],
          [403, { code: 1004, msg: "bad.credentials" }],
          operation.line
        )
        assert.isNotNull(wrong.headers.get("x-pd-trace-id"))
        for (const user of [null, ""]) {
          const nobody = yield* ask(emulator, operation, { user })
          assert.deepStrictEqual([nobody.status, nobody.json.code], [400, 300001], operation.line)
          assert.match(nobody.json.msg, /^Invalid parameter: .*user_id|^Invalid parameter: Expected object/)
        }
      }
    })
  )

  it.effect("is refused by a fault without being carried out", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const operation of yield* operations(emulator)) {
        const refused = yield* ask(emulator, operation, { play: { fault: "unavailable", retryAfter: 3 } })
        assert.deepStrictEqual([refused.status, refused.json.code], [503, 9999], operation.line)
        assert.strictEqual(refused.headers.get("retry-after"), "3")
        const ok = yield* ask(emulator, operation, { play: { fault: "json-error" } })
        assert.deepStrictEqual([ok.status, ok.json.code], [200, 300002], operation.line)
        const spelt = yield* ask(emulator, operation, {
          play: { fault: "server-error", body: "nested", code: "210020" }
        })
        assert.deepStrictEqual([spelt.status, spelt.json.error.code], [500, 210020], operation.line)
        // It was not carried out: what could be done once can still be done.
        assert.strictEqual((yield* ask(emulator, operation)).json.code, 0, operation.line)
      }
    })
  )

  it.effect("is carried out although its answer breaks", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const broken = (operation: Operation, play: PowerdrillPlay) =>
        Effect.exit(Effect.timeout(ask(emulator, operation, { play }), "5 seconds"))
      for (const fault of ["cut", "malformed", "wrong-shape", "reset"] as const) {
        for (const operation of yield* operations(emulator)) {
          const exit = yield* broken(operation, { fault })
          const ended = (yield* emulator.requests).at(-1)
          switch (fault) {
            case "cut":
            case "malformed":
              assert.isTrue(exit._tag === "Success" && exit.value.json === undefined && exit.value.text.length > 0)
              break
            case "wrong-shape":
              assert.deepStrictEqual(exit._tag === "Success" && exit.value.json.data, {
                unexpected: ["not", "a", "text"]
              })
              break
            case "reset":
              assert.deepStrictEqual([exit._tag, ended?.ended], ["Failure", "reset"], operation.line)
          }
          if (operation.line.startsWith("DELETE")) {
            assert.strictEqual((yield* ask(emulator, operation)).json.code, 300003, operation.line)
          }
        }
      }
    })
  )

  it.effect("is struck so often as the play says", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const operation of yield* operations(emulator)) {
        const play: PowerdrillPlay = { fault: "rate-limited", times: 1, id: operation.line }
        assert.strictEqual((yield* ask(emulator, operation, { play })).status, 429, operation.line)
        assert.strictEqual((yield* ask(emulator, operation, { play })).status, 200, operation.line)
      }
    })
  )
})

layer(Emulator.layer())("Powerdrill's side", (it) => {
  it.effect("keeps one emulator's things from another, and counts its ids again", () =>
    Effect.gen(function* () {
      const one = yield* Emulator
      const two = yield* Emulator.make()
      const made = [
        yield* data(one, "POST /sessions", { name: "x" }),
        yield* data(two, "POST /sessions", { name: "x" })
      ]
      assert.deepStrictEqual(made[0], made[1])
      const source = yield* datasource(one)
      const other: Json = (yield* call(two, `GET /datasets/${source.dataset_id}/status`)).json
      assert.strictEqual(other.code, 300003)
    })
  )

  it.effect("wants bodies in JSON, of a size that fits a log", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const sent = (body: string, type: string) =>
        Effect.map(
          send({
            url: `${emulator.powerdrill.url()}/v2/team/sessions`,
            headers: { "x-pd-api-key": Redacted.value(emulator.powerdrill.apiKey), "content-type": type },
            body
          }),
          ({ status, text }) => [status, JSON.parse(text).code]
        )
      const body = JSON.stringify({ user_id: "u", name: "x" })
      assert.deepStrictEqual(yield* sent(body, "application/json; charset=utf-8"), [200, 0])
      assert.deepStrictEqual(yield* sent(body, "application/x-www-form-urlencoded"), [415, 300001])
      assert.deepStrictEqual(yield* sent("[", "application/json"), [400, 300001])
      assert.deepStrictEqual(yield* sent(" ".repeat(65 * 1024 * 1024), "application/json"), [413, 300001])
    })
  )
})
