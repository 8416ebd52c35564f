import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import type { EmulatorService, Fault } from "@effect-sse/emulator"
import { Effect, Exit } from "effect"
import * as Crypto from "node:crypto"
import { data, type Json, read, refusal, until, uploaded } from "./Api.ts"
import { codeOf, complete, landed, md5, put, start } from "./Parts.ts"
import { type PowerdrillPlay, send } from "./Wire.ts"

describe("faults on parts", () => {
  const size = 400_000
  const file = Crypto.randomBytes(size)
  const emulatorWithParts = Emulator.make({ powerdrill: { partSize: size } })

  const putWith = (emulator: EmulatorService, play: PowerdrillPlay, stopAfter?: number) =>
    Effect.gen(function* () {
      const upload = yield* start(emulator, size, play)
      const url: string = upload.part_items[0].upload_url
      const ask = Effect.suspend(() =>
        send({
          url,
          method: "PUT",
          headers: { "content-length": String(size) },
          body: file,
          ...(stopAfter === undefined ? {} : { stopAfter })
        })
      )
      return { upload, ask, received: yield* ask, request: (yield* emulator.requests).at(-1) }
    })

  it.effect("answer with errors of S3 after the whole body", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      const expected: ReadonlyArray<readonly [Fault.Fault, number, string]> = [
        ["server-error", 500, "InternalError"],
        ["unavailable", 503, "SlowDown"],
        ["rate-limited", 429, "SlowDown"],
        ["forbidden", 403, "AccessDenied"]
      ]
      for (const [store, status, code] of expected) {
        const { received, request } = yield* putWith(emulator, { store })
        assert.deepStrictEqual([received.status, codeOf(received.text)], [status, code])
        assert.deepStrictEqual([request?.bytesReceived, request?.play], [size, { fault: store }])
      }
    })
  )

  it.effect("reset the connection in mid-body", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      for (const store of ["reset", "cut"] as const) {
        const { received, request } = yield* putWith(emulator, { store })
        assert.oneOf(received.ended, ["ECONNRESET", "EPIPE"])
        assert.strictEqual(request?.ended, "reset")
        // How much more than half the system had brought by then is its own affair.
        assert.isAtLeast(request?.bytesReceived ?? 0, size / 2)
      }
    })
  )

  it.effect("keep the part for nobody, and say nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      const { received, upload } = yield* putWith(emulator, { store: "silence" }, 200)
      assert.deepStrictEqual([received.status, received.ended], [0, "stopped"])
      yield* until(emulator.openConnections, (open) => open === 0)
      const parts = [{ number: 1, etag: md5(file) }]
      assert.deepStrictEqual(yield* refusal(emulator, ...complete(upload, parts)), [400, 300001])
    })
  )

  it.effect("lose the answer to a part that has landed", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      for (const store of ["reset-before-headers", "slow-headers"] as const) {
        const { received, upload } = yield* putWith(emulator, { store }, 400)
        assert.strictEqual(received.status, 0)
        yield* data(emulator, ...complete(upload, [{ number: 1, etag: md5(file) }]))
      }
    })
  )

  it.effect("give no etag, or an answer that is not the store's", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      const shapeless = (yield* putWith(emulator, { store: "wrong-shape" })).received
      assert.deepStrictEqual([shapeless.status, shapeless.headers.etag], [200, undefined])
      const html = (yield* putWith(emulator, { store: "html" })).received
      assert.match(String(html.headers["content-type"]), /^text\/html/)
      const redirect = (yield* putWith(emulator, { store: "redirect" })).received
      assert.strictEqual(redirect.status, 307)
    })
  )

  it.effect("strike so often as the play says, each part by itself, and then no more", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { partSize: 10 } })
      const { part_items } = yield* start(emulator, 20, { store: "unavailable", times: 2 })
      for (const part of part_items) {
        const statuses: Array<number> = []
        for (let attempt = 0; attempt < 4; attempt++) {
          statuses.push((yield* put(part, Buffer.alloc(20), 10)).status)
        }
        assert.deepStrictEqual(statuses, [503, 503, 200, 200])
      }
    })
  )

  it.effect("strike at random, and the same way again when everything is repeated", () =>
    Effect.gen(function* () {
      const run = (play: PowerdrillPlay) =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.make({ powerdrill: { partSize: 1 } })
          const { part_items } = yield* start(emulator, 100, { store: "unavailable", ...play })
          return yield* Effect.forEach(
            part_items as ReadonlyArray<Json>,
            (part) => Effect.map(put(part, Buffer.alloc(100), 1), ({ status }) => (status === 503 ? 1 : 0)),
            { concurrency: 5 }
          )
        })
      const some = yield* run({ chance: 30 })
      const struck = some.filter((each) => each === 1).length
      assert.isTrue(struck >= 15 && struck <= 45, `${struck} of 100`)
      assert.deepStrictEqual(yield* run({ chance: 30 }), some)
      assert.notDeepEqual(yield* run({ chance: 30, id: "other luck" }), some)
      // A part that was struck once is not struck for ever.
      const lucky = yield* Emulator.make({ powerdrill: { partSize: 1 } })
      const [part] = (yield* start(lucky, 1, { store: "unavailable", chance: 50 })).part_items
      const statuses = yield* Effect.forEach(Array(20), () => put(part, Buffer.alloc(1), 1))
      assert.deepStrictEqual(new Set(statuses.map(({ status }) => status)), new Set([200, 503]))
      assert.notInclude(yield* run({ chance: 0 }), 1)
      assert.notInclude(yield* run({ chance: 100 }), 0)
      assert.notInclude(yield* run({ chance: 100, times: 0 }), 1)
    })
  )

  it.effect("can be a wait alone", () =>
    Effect.gen(function* () {
      const emulator = yield* emulatorWithParts
      const { received, request } = yield* putWith(emulator, { delay: 100 })
      assert.deepStrictEqual([received.status, request?.play], [200, { delay: 100 }])
    })
  )

  it.effect("break off what is read back, and go on from there", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const key = yield* uploaded(emulator, new Uint8Array(file))
      const cut = yield* Effect.exit(landed(emulator, key, { play: { store: "wrong-length" } }))
      assert.isTrue(Exit.isFailure(cut))
      const half = (yield* emulator.requests).at(-1)?.bytesWritten ?? 0
      assert.strictEqual(half, size / 2)
      const { url } = yield* landed(emulator, key)
      const rest = yield* read(url, { headers: { range: `bytes=${half}-` } })
      assert.isTrue(rest.body.equals(file.subarray(half)))
    })
  )
})
