import { assert, describe, it, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { data, datasource, type Json, read, refusal, until, uploaded } from "./Api.ts"

layer(Emulator.layer({ powerdrill: { syncMillis: 0 } }))("Powerdrill's data sources", (it) => {
  it.effect("are made of an uploaded file, in a dataset or with one", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const key = yield* uploaded(emulator, "a,b\n1,2\n")
      const body = { name: "sales.csv", type: "FILE", file_object_key: key }
      const { id } = yield* data(emulator, "POST /datasets", { name: "Mine" })
      const inside = yield* data(emulator, `POST /datasets/${id}/datasources`, body)
      assert.match(inside.id, /^ds-/)
      assert.deepStrictEqual(inside, {
        id: inside.id,
        dataset_id: id,
        name: "sales.csv",
        type: "FILE",
        status: "synched"
      })
      const alone = yield* data(emulator, "POST /datasources", body)
      assert.notStrictEqual(alone.dataset_id, id)
      assert.deepInclude(yield* data(emulator, `GET /datasets/${alone.dataset_id}/overview`), { name: "sales.csv" })
      const one = yield* data(emulator, `GET /datasets/${id}/datasources/${inside.id}`)
      assert.deepStrictEqual(one, { ...inside, size: 8 })
    })
  )

  it.effect("are made of an address, which nobody visits", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const url = `${emulator.url}/elsewhere/sales.csv`
      const made = yield* data(emulator, "POST /datasources", { name: "sales.csv", type: "FILE", url })
      const link = yield* data(emulator, `POST /datasets/${made.dataset_id}/datasources/${made.id}/presign`)
      assert.include((yield* read(link.presigned_url)).body.toString(), url)
      assert.notInclude(
        (yield* emulator.requests).map(({ service }) => service),
        "elsewhere"
      )
    })
  )

  it.effect("are refused unless they say one thing, and that is there", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const key = yield* uploaded(emulator, "a")
      const url = "https://example.com/a.csv"
      const cases: ReadonlyArray<readonly [Record<string, unknown>, readonly [number, number]]> = [
        [{ file_object_key: key, url }, [400, 300001]],
        [{ file_object_key: undefined }, [400, 300001]],
        [{ file_object_key: undefined, url: "ftp://example.com/a.csv" }, [400, 300001]],
        [{ file_object_key: undefined, url: "a.csv" }, [400, 300001]],
        [{ type: "TABLE" }, [400, 300001]],
        [{ name: "" }, [400, 300001]],
        [{ file_object_key: "uploads/none.csv" }, [200, 300003]],
        [{ name: "sales.exe" }, [200, 300004]],
        [{ name: "sales" }, [200, 300004]]
      ]
      const before = (yield* data(emulator, "GET /datasets")).total_items
      for (const [change, expected] of cases) {
        const body = { name: "sales.csv", type: "FILE", file_object_key: key, ...change }
        assert.deepStrictEqual(yield* refusal(emulator, "POST /datasources", body), expected, JSON.stringify(change))
      }
      assert.strictEqual((yield* data(emulator, "GET /datasets")).total_items, before)
      const body = { name: "sales.csv", type: "FILE", file_object_key: key }
      assert.deepStrictEqual(yield* refusal(emulator, "POST /datasets/dset-none/datasources", body), [200, 300003])
    })
  )

  it.effect("are listed newest first, by status where one asks for some", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { id } = yield* data(emulator, "POST /datasets", { name: "Listed" })
      const ids: Record<string, string> = {}
      for (const [name, play] of [
        ["good", {}],
        ["bad", { sync: "invalid" }],
        ["slow", { sync: "never" }]
      ] as const) {
        ids[name] = (yield* datasource(emulator, "abc", id, { play })).id
      }
      const list = (query: Record<string, unknown>) =>
        Effect.map(data(emulator, `GET /datasets/${id}/datasources`, query), ({ records }) =>
          records.map((source: Json) => [source.id, source.status, source.size])
        )
      const rows = [
        [ids["slow"], "synching", 3],
        [ids["bad"], "invalid", 3],
        [ids["good"], "synched", 3]
      ]
      assert.deepStrictEqual(yield* list({}), rows)
      assert.deepStrictEqual(yield* list({ status: "invalid" }), [rows[1]])
      assert.deepStrictEqual(yield* list({ status: "synched, synching" }), [rows[0], rows[2]])
      assert.deepStrictEqual(yield* list({ page_size: 1, page_number: 2 }), [rows[1]])
    })
  )

  it.effect("are deleted by who made their dataset, and their file with them unless another one needs it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const key = yield* uploaded(emulator, "shared")
      const body = { name: "sales.csv", type: "FILE", file_object_key: key }
      const one = yield* data(emulator, "POST /datasources", body)
      const two = yield* data(emulator, "POST /datasources", body)
      const place = (source: Json) => `/datasets/${source.dataset_id}/datasources/${source.id}`
      const link = yield* data(emulator, `POST ${place(two)}/presign`)
      assert.deepStrictEqual(yield* refusal(emulator, `DELETE ${place(one)}`, {}, { user: "tmm-b" }), [200, 300002])
      assert.deepStrictEqual(yield* data(emulator, `DELETE ${place(one)}`), {})
      assert.deepStrictEqual(yield* refusal(emulator, `GET ${place(one)}`), [200, 300003])
      assert.strictEqual((yield* read(link.presigned_url)).body.toString(), "shared")
      yield* data(emulator, `DELETE ${place(two)}`)
      assert.strictEqual((yield* read(link.presigned_url)).status, 404)
      assert.deepStrictEqual(yield* refusal(emulator, "POST /datasources", body), [200, 300003])
    })
  )

  it.effect("are read back by a link that lives as long as was asked", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const source = yield* datasource(emulator, "价格,1\n")
      const line = `POST /datasets/${source.dataset_id}/datasources/${source.id}/presign` as const
      for (const [body, seconds] of [
        [{}, 600],
        [{ expires_in: 60 }, 60],
        [{ expires_in: 7200 }, 7200]
      ] as const) {
        const link = yield* data(emulator, line, body)
        assert.match(link.expires_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
        assert.approximately(Date.parse(link.expires_at) - Date.now(), seconds * 1000, 5000)
        assert.strictEqual((yield* read(link.presigned_url)).body.toString(), "价格,1\n")
      }
      assert.deepStrictEqual(yield* refusal(emulator, line, { expires_in: 59 }), [400, 300001])
      const dead = yield* data(emulator, line, {}, { play: { ttl: 0 } })
      const refused = yield* read(dead.presigned_url)
      assert.strictEqual(refused.status, 403)
      assert.include(refused.body.toString(), "Request has expired")
    })
  )
})

describe("reading Powerdrill's data sources", () => {
  it.effect("takes a moment, or no time, as the option says", () =>
    Effect.gen(function* () {
      const usual = yield* Emulator.make()
      const source = yield* datasource(usual)
      assert.strictEqual(source.status, "synching")
      const get = data(usual, `GET /datasets/${source.dataset_id}/datasources/${source.id}`)
      assert.strictEqual((yield* get).status, "synching")
      yield* until(get, ({ status }) => status === "synched")
      const quick = yield* Emulator.make({ powerdrill: { syncMillis: 0 } })
      assert.strictEqual((yield* datasource(quick)).status, "synched")
    })
  )

  it.effect("ends badly or never where a play wants it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { syncMillis: 20 } })
      const bad = yield* datasource(emulator, "a", undefined, { play: { sync: "invalid" } })
      const slow = yield* datasource(emulator, "a", undefined, { play: { sync: "never" } })
      assert.deepStrictEqual([bad.status, slow.status], ["synching", "synching"])
      const statusOf = (source: Json) =>
        Effect.map(
          data(emulator, `GET /datasets/${source.dataset_id}/datasources/${source.id}`),
          ({ status }) => status
        )
      yield* until(statusOf(bad), (status) => status === "invalid")
      assert.strictEqual(yield* statusOf(slow), "synching")
    })
  )
})
