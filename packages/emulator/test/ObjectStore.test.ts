import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect } from "effect"
import * as Zlib from "node:zlib"
import type { PowerdrillPlay } from "./Wire.ts"
import { events, job, respond, send } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
type Json = ReturnType<typeof JSON.parse>

const files = (emulator: EmulatorService, play: PowerdrillPlay, kind: "TABLE" | "IMAGE" = "TABLE") =>
  Effect.map(job(emulator, play), ({ text }) =>
    events(text)
      .filter(({ event }) => event === kind)
      .map(({ data }): Json => JSON.parse(data ?? "").choices[0].delta.content)
  )

const get = (url: string, headers: Record<string, string> = {}, stopAfter?: number) =>
  send({ url, method: "GET", headers, ...(stopAfter === undefined ? {} : { stopAfter }) })

const codeOf = (xml: string) => /<Code>(.*)<\/Code><Message>(.*)<\/Message>/.exec(xml)?.slice(1)

layer(Emulator.layer())("object store", (it) => {
  it.effect("serves tables as CSV with a header", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [file] = yield* files(emulator, {})
      assert.match(file.url, /^http:\/\/127\.0\.0\.1:\d+\/store\/[^/]+\/average_price_by_agency\.csv\?X-Amz-/)
      const received = yield* get(file.url)
      assert.strictEqual(received.status, 200)
      assert.match(String(received.headers["content-type"]), /^text\/csv/)
      assert.strictEqual(Number(received.headers["content-length"]), received.body.length)
      assert.isDefined(received.headers.date)
      const lines = received.text.split("\r\n")
      assert.strictEqual(lines[0], "agency,bookings,average_price")
      assert.include(received.text, '"Azul, Sol y Mar",6,')
      assert.include(received.text, '"Kestrel ""Express"" Tours"')
      assert.include(received.text, "漫游假期,6,")
    })
  )

  it.effect("serves names that are not ASCII", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [file] = yield* files(emulator, { scenario: "chinese" })
      assert.strictEqual(file.name, "各社均价.csv")
      assert.match((yield* get(file.url)).text, /^旅行社,订单数,平均价格\r\n/)
    })
  )

  it.effect("serves images as PNG", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [file] = yield* files(emulator, {}, "IMAGE")
      const { body, headers } = yield* get(file.url)
      assert.strictEqual(headers["content-type"], "image/png")
      assert.strictEqual(body.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n")
      let at = 8
      const names: Array<string> = []
      const pixels: Array<Buffer> = []
      while (at < body.length) {
        const length = body.readUInt32BE(at)
        const typed = body.subarray(at + 4, at + 8 + length)
        assert.strictEqual(Zlib.crc32(typed), body.readUInt32BE(at + 8 + length))
        names.push(typed.subarray(0, 4).toString())
        if (names.at(-1) === "IDAT") pixels.push(typed.subarray(4))
        at += 12 + length
      }
      assert.deepStrictEqual(names, ["IHDR", "PLTE", "IDAT", "IEND"])
      const raw = Zlib.inflateSync(Buffer.concat(pixels))
      assert.strictEqual(raw.length, (480 + 1) * 300)
      assert.isAbove(new Set(raw).size, 4)
    })
  )

  it.effect("links expire: at once with ttl=0, after a second with ttl=1", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [dead] = yield* files(emulator, { ttl: 0 })
      const refused = yield* get(dead.url)
      assert.strictEqual(refused.status, 403)
      assert.deepStrictEqual(codeOf(refused.text), ["AccessDenied", "Request has expired"])
      const [brief] = yield* files(emulator, { ttl: 1 })
      assert.strictEqual((yield* get(brief.url)).status, 200)
      const left = Date.parse(brief.expires_at) - Date.now()
      assert.isAtMost(left, 1000)
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, left + 20)))
      assert.strictEqual((yield* get(brief.url)).status, 403)
      const [usual] = yield* files(emulator, {})
      assert.approximately(Date.parse(usual.expires_at) - Date.now(), 600_000, 2000)
    })
  )

  it.effect("links without a signature, with another's, or for what is not there, are refused", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [file, other] = yield* files(emulator, {})
      const bare = yield* get(file.url.split("?")[0])
      assert.deepStrictEqual([bare.status, codeOf(bare.text)?.[0]], [403, "AccessDenied"])
      const swapped = yield* get(`${file.url.split("?")[0]}?${other.url.split("?")[1]}`)
      assert.deepStrictEqual([swapped.status, codeOf(swapped.text)?.[0]], [403, "SignatureDoesNotMatch"])
      const later = yield* get(file.url.replace(/Security-Token=([^&-]+)-[^&]+/, "Security-Token=$1-zzzzzzzzzz"))
      assert.strictEqual(codeOf(later.text)?.[0], "SignatureDoesNotMatch")
    })
  )

  it.effect("continues a download from a byte", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const [file] = yield* files(emulator, {})
      const whole = (yield* get(file.url)).body
      const rest = yield* get(file.url, { range: "bytes=10-" })
      assert.strictEqual(rest.status, 206)
      assert.strictEqual(rest.headers["content-range"], `bytes 10-${whole.length - 1}/${whole.length}`)
      assert.deepStrictEqual(rest.body, whole.subarray(10))
      assert.strictEqual((yield* get(file.url, { range: "bytes=100000-" })).status, 416)
    })
  )

  it.effect("plays faults that the play asks for with `store`", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const fetched = (store: NonNullable<PowerdrillPlay>["store"], more: PowerdrillPlay = {}) =>
        Effect.flatMap(files(emulator, { ...more, store }), ([file]) => get(file.url, {}, 300))
      const cut = yield* fetched("wrong-length")
      assert.strictEqual(cut.ended, "ECONNRESET")
      assert.strictEqual((yield* fetched("reset")).ended, "ECONNRESET")
      assert.strictEqual((yield* fetched("silence")).ended, "stopped")
      const busy = yield* fetched("unavailable")
      assert.deepStrictEqual([busy.status, codeOf(busy.text)?.[0]], [503, "SlowDown"])
      assert.strictEqual((yield* fetched("huge-event", { bytes: 3_000_000 })).body.length, 3_000_000)
      const [file] = yield* files(emulator, { store: "server-error", times: 1, id: "store once" })
      assert.deepStrictEqual([(yield* get(file.url)).status, (yield* get(file.url)).status], [500, 200])
    })
  )

  it.effect("serves the thumbnails and playlists of citations, and logs who fetched with what", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { text } = yield* respond(emulator)
      for (const [, url] of text.matchAll(/"(?:thumbnail|hls)_url":"([^"]*)"/g)) {
        assert.strictEqual((yield* get(url ?? "")).status, 200)
      }
      const entry = (yield* emulator.requests).at(-1)
      assert.strictEqual(entry?.service, "store")
      assert.include(entry?.query, "X-Amz-Signature=")
      assert.notProperty(entry?.headers, "x-api-key")
    })
  )
})
