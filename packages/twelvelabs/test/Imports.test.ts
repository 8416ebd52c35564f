import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import type { Polling, StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { AssetId, ConnectionId, ImportId, Imports, TwelveLabs } from "../src/index.ts"
import { connected, withdraw } from "./Consent.ts"
import { answeredWith, type Sent } from "./Fixture.ts"
import { live, soon } from "./Live.ts"

const refusal = <A, R>(effect: Effect.Effect<A, StreamError.RequestError, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error._tag, "ApiError", error.message)
    const { code, kind, status } = error as StreamError.ApiError
    return [kind, status, code]
  })

/** The client of another play, on the same emulator. */
const playing = (play: Play.Play<Scenario.TwelveLabsScenario>) =>
  Effect.gen(function* () {
    const { twelvelabs } = yield* Emulator
    return yield* TwelveLabs.pipe(
      Effect.provide(TwelveLabs.layer({ apiKey: twelvelabs.apiKey, baseUrl: twelvelabs.url(play) }))
    )
  })

const actions = ({ items }: { readonly items: ReadonlyArray<Imports.ImportItem> | undefined }) =>
  items?.map(({ action, status }) => [action, status])

describe("imports", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `make assets of files, and tell which of them could not be had, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { imports } = yield* TwelveLabs
          const connectionId = yield* connected({ customId: "project-7" })
          const started = yield* imports.create(connectionId, {
            sourceIds: ["1AbCdef", "missing-1", "kite.png", "notes.docx"]
          })
          assert.isTrue(started.hasFailures)
          assert.deepStrictEqual(actions(started), [
            ["created", "processing"],
            ["rejected", undefined],
            ["created", "processing"],
            ["rejected", undefined]
          ])
          const place = { connectionId, importId: started.id }
          const done = yield* imports.awaitDone(place, soon)
          assert.deepStrictEqual(
            done.ready.map(({ assetId, sourceId, status }) => [sourceId, assetId, status]),
            [
              ["1AbCdef", started.items?.[0]?.assetId, "ready"],
              ["kite.png", started.items?.[2]?.assetId, "ready"]
            ]
          )
          assert.deepStrictEqual(
            done.failed.map(({ assetId, error, sourceId }) => [sourceId, assetId, error?.code]),
            [
              ["missing-1", undefined, "file_not_found"],
              ["notes.docx", undefined, "file_type_not_supported"]
            ]
          )
          assert.deepStrictEqual(yield* imports.get(place), done.import)
          const { connectionId: of, createdAt, customId, itemCount, provider } = done.import
          assert.deepStrictEqual([of, customId, itemCount, provider], [connectionId, "project-7", 4, "google_drive"])
          assert.isDefined(createdAt)
        }),
      { http }
    )
  }

  live("do not fetch a file again, unless that had failed", () =>
    Effect.gen(function* () {
      const { imports } = yield* TwelveLabs
      const connectionId = yield* connected()
      const failing = yield* playing({ sync: "invalid" })
      const first = yield* failing.imports.create(connectionId, { sourceIds: ["good-later"] })
      const { failed, ready } = yield* imports.awaitDone({ connectionId, importId: first.id }, soon)
      assert.deepStrictEqual([actions({ items: failed }), ready], [[["created", "failed"]], []])
      // Through another connection, to the same account.
      const other = yield* connected()
      const second = yield* imports.create(other, { sourceIds: ["good-later"] })
      assert.deepStrictEqual(actions(second), [["retried", "processing"]])
      yield* imports.awaitDone({ connectionId: other, importId: second.id }, soon)
      const third = yield* imports.create(connectionId, { sourceIds: ["good-later"] })
      assert.deepStrictEqual(actions(third), [["skipped", "ready"]])
      assert.isFalse(third.hasFailures)
      assert.deepStrictEqual(
        [second, third].map(({ items }) => items?.[0]?.assetId),
        [failed[0]?.assetId, failed[0]?.assetId]
      )
      // The first import tells how its asset is now, and what it did about it then.
      const now = yield* imports.get({ connectionId, importId: first.id })
      assert.deepStrictEqual(actions(now), [["created", "ready"]])
    })
  )

  live("are listed with their connection, page by page, newest first", () =>
    Effect.gen(function* () {
      const { imports } = yield* TwelveLabs
      const [one, two] = [yield* connected(), yield* connected()]
      const made: Array<ImportId> = []
      for (let index = 0; index < 11; index++) {
        made.push((yield* imports.create(one, { sourceIds: [`file-${index}`] })).id)
      }
      const listed = yield* Stream.runCollect(imports.list(one, { pageSize: 3 }))
      assert.deepStrictEqual(
        listed.map(({ id }) => id),
        made.toReversed()
      )
      assert.lengthOf(yield* Stream.runCollect(imports.list(two)), 0)
      const elsewhere = imports.get({ connectionId: two, importId: made[0]! })
      assert.deepStrictEqual(yield* refusal(elsewhere), ["NotFound", 404, "resource_not_exist"])
    })
  )

  live("are refused by a connection that does not work, or is not there", () =>
    Effect.gen(function* () {
      const { imports } = yield* TwelveLabs
      const connectionId = yield* connected()
      yield* withdraw(connectionId)
      const create = imports.create(connectionId, { sourceIds: ["a"] })
      assert.deepStrictEqual(yield* refusal(create), ["Conflict", 409, "connection_not_active"])
      const nowhere = { connectionId: ConnectionId.make("66e0none"), importId: ImportId.make("i") }
      for (const effect of [
        imports.create(nowhere.connectionId, { sourceIds: ["a"] }),
        imports.get(nowhere),
        Stream.runDrain(imports.list(nowhere.connectionId))
      ]) {
        assert.deepStrictEqual(yield* refusal<unknown, never>(effect), ["NotFound", 404, "resource_not_exist"])
      }
    })
  )

  live("take one to a hundred files, each once, and are not sent with others", () =>
    Effect.gen(function* () {
      const { imports } = yield* TwelveLabs
      const connectionId = yield* connected()
      const { requests, twelvelabs } = yield* Emulator
      const ids = Array.from({ length: 101 }, (_, index) => `file-${index}`)
      const before = (yield* requests).length
      for (const sourceIds of [[], ids, ["a", "b", "a"]]) {
        const error = yield* Effect.flip(imports.create(connectionId, { sourceIds }))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
        // The vendor would refuse them, too.
        const status = yield* Effect.promise(async () => {
          const headers = { "x-api-key": Redacted.value(twelvelabs.apiKey), "content-type": "application/json" }
          const body = JSON.stringify({ items: sourceIds.map((id) => ({ source_id: id })) })
          const url = `${twelvelabs.url()}/connections/${connectionId}/imports`
          return (await fetch(url, { method: "POST", headers, body })).status
        })
        assert.strictEqual(status, 400)
      }
      assert.strictEqual((yield* requests).length, before + 3)
      const started = yield* imports.create(connectionId, { sourceIds: ids.slice(1) })
      assert.lengthOf(started.items ?? [], 100)
      for (const id of ["", ".", ".."]) {
        const place = { connectionId, importId: ImportId.make(id) }
        const error = yield* Effect.flip(imports.get(place))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
    })
  )

  live("are waited for until the deadline, and told about on the way", () =>
    Effect.gen(function* () {
      const connectionId = yield* connected()
      const { imports } = yield* playing({ sync: "never" })
      const { id: importId } = yield* imports.create(connectionId, { sourceIds: ["a", "missing", "b"] })
      const seen: Array<unknown> = []
      const error = yield* Effect.flip(
        imports.awaitDone(
          { connectionId, importId },
          { ...soon, deadline: "200 millis", onProgress: (state) => Effect.sync(() => seen.push(actions(state))) }
        )
      )
      assert.strictEqual(error._tag, "NotReadyError")
      const { state, subject } = error as Polling.NotReadyError
      assert.deepStrictEqual([subject, state], [`import ${importId}`, "2 of 3 pending"])
      assert.deepStrictEqual(seen[0], [
        ["created", "processing"],
        ["rejected", undefined],
        ["created", "processing"]
      ])
    })
  )

  it.effect("are asked for in the vendor's spelling", () =>
    Effect.gen(function* () {
      const sent: Array<Sent> = []
      const started = yield* TwelveLabs.use(({ imports }) =>
        imports.create(ConnectionId.make("c/1"), { sourceIds: ["a", "b"] })
      ).pipe(Effect.provide(answeredWith('{"_id":"i1"}', { headers: { "content-type": "application/json" }, sent })))
      assert.deepStrictEqual(started, { id: ImportId.make("i1"), hasFailures: undefined, items: undefined })
      assert.deepStrictEqual(
        sent.map(({ body, method, url }) => [method, url, body]),
        [
          [
            "POST",
            "https://api.twelvelabs.io/v1.3/connections/c%2F1/imports",
            { items: [{ source_id: "a" }, { source_id: "b" }] }
          ]
        ]
      )
    })
  )

  it.effect("are read whatever the vendor leaves out or adds, and what is not known is pending", () =>
    Effect.gen(function* () {
      const place = { connectionId: ConnectionId.make("c1"), importId: ImportId.make("i1") }
      const done = (items: unknown, options: Parameters<Imports.Imports["awaitDone"]>[1] = {}) =>
        TwelveLabs.use(({ imports }) => imports.awaitDone(place, options)).pipe(
          Effect.provide(
            answeredWith(JSON.stringify({ _id: "i1", provider: null, created_at: "soon", items }), {
              headers: { "content-type": "application/json" }
            })
          )
        )
      for (const none of [undefined, null, []]) {
        const { failed, ready } = yield* done(none)
        assert.deepStrictEqual([ready, failed], [[], []])
      }
      const { failed, ready } = yield* done([
        { source_id: "a", asset_id: "66aa", status: "ready", action: null, error: null },
        { source_id: "b", asset_id: "66ab", status: "failed", action: "retried" },
        { source_id: "c", error: { code: "NEW", message: null, more: 1 } },
        { action: "rejected" },
        { source_id: "e", status: "ready" }
      ])
      assert.deepStrictEqual(
        ready.map(({ action, assetId }) => [action, assetId]),
        [[undefined, AssetId.make("66aa")]]
      )
      assert.deepStrictEqual(failed.map(Imports.outcomeOf), ["Failed", "Rejected", "Rejected", "Ready"])
      for (const pending of [{ status: "resting" }, { action: "created" }, {}]) {
        const error = yield* Effect.flip(done([pending], { deadline: "0 millis" }))
        assert.strictEqual(error._tag, "NotReadyError")
      }
    })
  )
})
