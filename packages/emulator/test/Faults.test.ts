import { assert, layer } from "@effect/vitest"
import { Emulator, Fault } from "@effect-sse/emulator"
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import type { PowerdrillPlay, Received, TwelveLabsPlay } from "./Wire.ts"
import { blocks, events, job, respond } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
type Json = ReturnType<typeof JSON.parse>
type Play = PowerdrillPlay & TwelveLabsPlay

interface Vendor {
  readonly name: "powerdrill" | "twelvelabs"
  readonly ask: (
    emulator: EmulatorService,
    play: Play,
    asked?: { readonly stopAfter?: number; readonly stream?: boolean }
  ) => Effect.Effect<Received>
  readonly mark: string
  readonly errorName: string
  readonly delta: string
}

/** Sends nothing clever, and tells how TCP itself ended: only RST is an error there. */
const endOfSocket = (url: string, headers: ReadonlyArray<string>, body: string): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const { hostname, pathname, port } = new URL(url)
    const socket = Net.connect(Number(port), hostname)
    const end = (how: string) => {
      socket.destroy()
      resume(Effect.succeed(how))
    }
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.on("end", () => end("FIN"))
    socket.resume()
    const lines = [`POST ${pathname} HTTP/1.1`, "host: x", "connection: close", ...headers]
    socket.write([...lines, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"))
    return Effect.sync(() => socket.destroy())
  })

const vendors: ReadonlyArray<Vendor> = [
  { name: "powerdrill", ask: job, mark: "event:END_MARK\ndata:[DONE]", errorName: "ERROR", delta: "MESSAGE" },
  { name: "twelvelabs", ask: respond, mark: "data: [DONE]", errorName: "error", delta: "response.output_text.delta" }
]

/** How the last request ended, as the emulator saw it. */
const lastEnd = (emulator: EmulatorService) => Effect.map(emulator.requests, (requests) => requests.at(-1)?.ended)

layer(Emulator.layer())("faults", (it) => {
  for (const { ask, delta, errorName, mark, name } of vendors) {
    const good = (received: Received) => {
      assert.strictEqual(received.ended, "complete")
      assert.isTrue(received.text.endsWith(`${mark}\n\n`), "ends with the mark")
    }
    const fixed = (emulator: EmulatorService) => Effect.map(ask(emulator, {}), ({ text }) => events(text))
    const test = (title: string, run: (emulator: EmulatorService) => Effect.Effect<void>) =>
      it.effect(`${name}: ${title}`, () => Effect.flatMap(Emulator, run))

    for (const after of [0, 2, 5]) {
      test(`cut sends exactly ${after} whole events and ends the body cleanly`, (emulator) =>
        Effect.gen(function* () {
          const received = yield* ask(emulator, { fault: "cut", after })
          assert.strictEqual(received.ended, "complete")
          assert.strictEqual(events(received.text).length, after)
          assert.strictEqual(yield* lastEnd(emulator), "cut")
        }))
    }

    test("a fault behind the last event strikes before the mark", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "cut", after: 100_000 })
        assert.strictEqual(events(received.text).length, (yield* fixed(emulator)).length - 1)
        assert.notInclude(received.text, mark)
      }))

    test("cut-mid-event ends cleanly inside the next event", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "cut-mid-event", after: 2 })
        assert.strictEqual(received.ended, "complete")
        assert.throws(() => blocks(received.text))
        const whole = received.text.slice(0, received.text.lastIndexOf("\n\n") + 2)
        assert.strictEqual(events(whole).length, 2)
        assert.isAbove(received.text.length, whole.length)
      }))

    test("cut-mid-character ends cleanly inside a character", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "cut-mid-character" })
        assert.strictEqual(received.ended, "complete")
        assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(received.body))
        assert.strictEqual(received.body.at(-2), 0xf0)
      }))

    test("reset is RST after the events have arrived", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "reset", after: 4 })
        assert.strictEqual(received.ended, "ECONNRESET")
        assert.strictEqual(events(received.text).length, 4)
        assert.strictEqual(yield* lastEnd(emulator), "reset")
      }))

    test("reset-mid-event is RST behind half an event", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "reset-mid-event", after: 4 })
        assert.strictEqual(received.ended, "ECONNRESET")
        assert.throws(() => blocks(received.text))
        assert.strictEqual(events(received.text.slice(0, received.text.lastIndexOf("\n\n") + 2)).length, 4)
      }))

    test("silence keeps the connection open and says nothing", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "silence", after: 2 }, { stopAfter: 300 })
        assert.strictEqual(received.ended, "stopped")
        assert.strictEqual(events(received.text).length, 2)
      }))

    test("heartbeats are comments only", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "heartbeats", after: 2, interval: 20 }, { stopAfter: 300 })
        assert.strictEqual(received.ended, "stopped")
        assert.strictEqual(events(received.text).length, 2)
        assert.isAbove(blocks(received.text).filter(({ comment }) => comment === "keep-alive").length, 4)
      }))

    test("malformed is one event of broken JSON among good ones", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "malformed", after: 3 })
        good(received)
        const all = events(received.text)
        assert.throws(() => JSON.parse(all[3]?.data ?? ""))
        assert.strictEqual(all.length, (yield* fixed(emulator)).length + 1)
      }))

    test("wrong-shape is one known event with the wrong content", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "wrong-shape", after: 3 })
        good(received)
        const odd = events(received.text)[3]
        assert.strictEqual(odd?.event, delta)
        assert.include(odd?.data, '{"unexpected":["not","a","text"]}')
      }))

    test("stream-error is the vendor's error event, and the end", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "stream-error", after: 3 })
        assert.strictEqual(received.ended, "complete")
        assert.strictEqual(events(received.text)[3]?.event, errorName)
        assert.notInclude(received.text, "[DONE]")
        assert.strictEqual(received.text.endsWith("event:END_MARK\ndata:[ERROR]\n\n"), name === "powerdrill")
      }))

    test("error-mark is the vendor's mark of failure alone", (emulator) =>
      Effect.gen(function* () {
        const all = events((yield* ask(emulator, { fault: "error-mark", after: 3 })).text)
        if (name === "powerdrill") {
          assert.deepStrictEqual(all[3], { event: "END_MARK", data: "[ERROR]" })
          assert.strictEqual(all.length, 4)
        } else {
          assert.strictEqual(all[3]?.event, "response.failed")
          assert.strictEqual(JSON.parse(all[3]?.data ?? "").response.status, "failed")
          assert.deepStrictEqual(all.slice(4), [{ data: "[DONE]" }])
        }
      }))

    test("no-final-newline drops what ends the mark", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "no-final-newline" })
        assert.strictEqual(received.ended, "complete")
        assert.isTrue(received.text.endsWith(mark))
        assert.strictEqual(events(`${received.text}\n\n`).length, (yield* fixed(emulator)).length)
      }))

    for (const fault of ["done-only", "no-terminal"] as const) {
      test(`${fault} sends the mark without what should precede it`, (emulator) =>
        Effect.gen(function* () {
          const received = yield* ask(emulator, { fault, after: 5 })
          good(received)
          assert.notInclude(received.text, "response.completed")
          const all = events(received.text)
          assert.strictEqual(all.length, name === "powerdrill" ? 6 : (yield* fixed(emulator)).length - 1)
        }))
    }

    test("no-done sends everything but the mark", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "no-done" })
        assert.strictEqual(received.ended, "complete")
        assert.notInclude(received.text, mark)
        assert.strictEqual(events(received.text).length, (yield* fixed(emulator)).length - 1)
        assert.strictEqual(received.text.includes("response.completed"), name === "twelvelabs")
      }))

    test("open-after-done keeps the socket open and sends more events", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "open-after-done", interval: 20 }, { stopAfter: 300 })
        assert.strictEqual(received.ended, "stopped")
        const all = events(received.text)
        const at = all.findIndex(({ data }) => data === "[DONE]")
        assert.strictEqual(at, (yield* fixed(emulator)).length - 1)
        assert.isAbove(all.length, at + 3)
        assert.strictEqual(all.at(-1)?.event, delta)
      }))

    test("huge-event is one event of the size that was asked for, then the rest", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "huge-event", bytes: 1_000_000 })
        good(received)
        const all = events(received.text)
        const sizes = all.map(({ data }) => data?.length ?? 0)
        assert.approximately(Math.max(...sizes), 1_000_000, 200)
        assert.doesNotThrow(() => JSON.parse(all[sizes.indexOf(Math.max(...sizes))]?.data ?? ""))
        assert.strictEqual(all.length, (yield* fixed(emulator)).length + 1)
      }))

    test("retry-line puts retry: and id: among the events", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "retry-line", after: 3 })
        good(received)
        const all = events(received.text)
        assert.deepStrictEqual(all[3], { retry: "1000" })
        assert.strictEqual(all[4]?.retry, "2500")
        assert.strictEqual(all[4]?.id, "42")
        assert.isDefined(all[4]?.data)
      }))

    test("bad-chunk breaks HTTP's framing after whole events", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "bad-chunk", after: 3 })
        assert.strictEqual(received.ended, "HPE_INVALID_CHUNK_SIZE")
        assert.strictEqual(events(received.text).length, 3)
      }))

    test("wrong-length promises more than it sends", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { fault: "wrong-length", after: 3 })
        assert.strictEqual(received.ended, "ECONNRESET")
        assert.isAbove(Number(received.headers["content-length"]), received.body.length)
        assert.strictEqual(events(received.text).length, 3)
        assert.strictEqual(yield* lastEnd(emulator), "cut")
      }))

    test("crlf and bom change the wire, not the events", (emulator) =>
      Effect.gen(function* () {
        const names = (list: ReadonlyArray<Readonly<Record<string, string>>>) => list.map(({ event }) => event)
        const crlf = yield* ask(emulator, { fault: "crlf" })
        assert.isTrue(crlf.text.endsWith(`${mark.replace("\n", "\r\n")}\r\n\r\n`))
        assert.notMatch(crlf.text, /[^\r]\n/)
        assert.deepStrictEqual(names(events(crlf.text.replaceAll("\r\n", "\n"))), names(yield* fixed(emulator)))
        const bom = yield* ask(emulator, { fault: "bom" })
        assert.deepStrictEqual([...bom.body.subarray(0, 3)], [0xef, 0xbb, 0xbf])
        assert.deepStrictEqual(names(events(bom.text.slice(1))), names(yield* fixed(emulator)))
      }))

    test("gzip and brotli are the good stream, decodable as it comes", (emulator) =>
      Effect.gen(function* () {
        const gzip = yield* ask(emulator, { fault: "gzip" })
        assert.strictEqual(gzip.headers["content-encoding"], "gzip")
        assert.isTrue(Zlib.gunzipSync(gzip.body).toString().endsWith(`${mark}\n\n`))
        const brotli = yield* ask(emulator, { fault: "brotli" })
        assert.strictEqual(brotli.headers["content-encoding"], "br")
        assert.isTrue(Zlib.brotliDecompressSync(brotli.body).toString().endsWith(`${mark}\n\n`))
        const first = gzip.pieces[0] ?? Buffer.alloc(0)
        const beginning = Zlib.gunzipSync(first, { finishFlush: Zlib.constants.Z_SYNC_FLUSH }).toString()
        assert.isAtLeast(blocks(beginning).length, 1)
      }))

    test("bad-gzip turns corrupt after whole events", (emulator) =>
      Effect.gen(function* () {
        const { body } = yield* ask(emulator, { fault: "bad-gzip", after: 3 })
        assert.throws(() => Zlib.gunzipSync(body), /invalid block type/)
      }))

    test("statuses come with the vendor's error", (emulator) =>
      Effect.gen(function* () {
        const expected: ReadonlyArray<readonly [Fault.Fault, number, string | number, string | number]> = [
          ["unauthorized", 401, 1003, "api_key_invalid"],
          ["forbidden", 403, 1002, "api_not_allowed"],
          ["not-found", 404, 300003, "resource_not_exist"],
          ["rate-limited", 429, 201, "too_many_requests"],
          ["quota", name === "powerdrill" ? 400 : 429, 210021, "plan_limit_exceeded"],
          ["server-error", 500, 9999, "generic_error"],
          ["unavailable", 503, 9999, "generic_error"],
          ["overloaded", 529, 9999, "generic_error"],
          ["json-error", 200, 300002, "generic_error"],
          ["json-no-type", 200, 300002, "generic_error"]
        ]
        for (const [fault, status, powerdrill, twelvelabs] of expected) {
          for (const stream of [true, false]) {
            const received = yield* ask(emulator, { fault }, { stream })
            const body: Json = JSON.parse(received.text)
            assert.strictEqual(received.status, status, fault)
            assert.strictEqual(body.code, name === "powerdrill" ? powerdrill : twelvelabs, fault)
            assert.isString(name === "powerdrill" ? body.msg : body.message)
            assert.strictEqual(
              received.headers["content-type"],
              fault === "json-no-type" ? undefined : "application/json"
            )
            if (name === "powerdrill") assert.isString(received.headers["x-pd-trace-id"])
          }
        }
      }))

    test("Retry-After, status, code and the spelling of the body are as the play wants them", (emulator) =>
      Effect.gen(function* () {
        const date = "Wed, 21 Oct 2026 07:28:00 GMT"
        for (const fault of ["rate-limited", "unavailable", "overloaded"] as const) {
          assert.isUndefined((yield* ask(emulator, { fault })).headers["retry-after"])
          assert.strictEqual((yield* ask(emulator, { fault, retryAfter: 7 })).headers["retry-after"], "7")
          assert.strictEqual((yield* ask(emulator, { fault, retryAfter: date })).headers["retry-after"], date)
        }
        const empty = yield* ask(emulator, { fault: "rate-limited", body: "empty", retryAfter: 1 })
        assert.deepStrictEqual([empty.status, empty.text, empty.headers["retry-after"]], [429, "", "1"])
        const page = yield* ask(emulator, { fault: "server-error", status: 502, body: "html" })
        assert.strictEqual(page.status, 502)
        assert.match(page.text, /^<!doctype html>/)
        const nested = yield* ask(emulator, { fault: "server-error", body: "nested" })
        assert.isString(JSON.parse(nested.text).error.message)
        const code = yield* ask(emulator, { fault: "quota", code: "210025" })
        assert.strictEqual(String(JSON.parse(code.text).code), "210025")
      }))

    test("html and redirect are no answers of the API", (emulator) =>
      Effect.gen(function* () {
        const html = yield* ask(emulator, { fault: "html" })
        assert.strictEqual(html.status, 200)
        assert.match(String(html.headers["content-type"]), /^text\/html/)
        const redirect = yield* ask(emulator, { fault: "redirect" })
        assert.deepStrictEqual([redirect.status, redirect.headers.location], [307, "/elsewhere"])
        const location = "http://localhost:1/x?y=z"
        const away = yield* ask(emulator, { fault: "redirect", location, status: 308 })
        assert.deepStrictEqual([away.status, away.headers.location], [308, location])
      }))

    test("slow-headers never answers, reset-before-headers resets", (emulator) =>
      Effect.gen(function* () {
        const slow = yield* ask(emulator, { fault: "slow-headers" }, { stopAfter: 200 })
        assert.deepStrictEqual([slow.status, slow.ended], [0, "stopped"])
        const reset = yield* ask(emulator, { fault: "reset-before-headers" })
        assert.deepStrictEqual([reset.status, reset.ended], [0, "ECONNRESET"])
        const late = yield* ask(emulator, { delay: 150 })
        assert.strictEqual(late.status, 200)
      }))

    test("a fault with times strikes so often and then no more, play by play", (emulator) =>
      Effect.gen(function* () {
        const statuses = (id: string) =>
          Effect.all(
            [1, 2, 3, 4].map(() =>
              Effect.map(ask(emulator, { fault: "unavailable", times: 2, id: `${name} ${id}` }), ({ status }) => status)
            )
          )
        assert.deepStrictEqual(yield* statuses("a"), [503, 503, 200, 200])
        assert.deepStrictEqual(yield* statuses("b"), [503, 503, 200, 200])
      }))

    test("a body that is no stream is struck too", (emulator) =>
      Effect.gen(function* () {
        const whole = (yield* ask(emulator, {}, { stream: false })).body.length
        const cut = yield* ask(emulator, { fault: "cut" }, { stream: false })
        assert.strictEqual(cut.ended, "complete")
        assert.isBelow(cut.body.length, whole)
        assert.throws(() => JSON.parse(cut.text))
        assert.strictEqual((yield* ask(emulator, { fault: "reset" }, { stream: false })).ended, "ECONNRESET")
        const malformed = yield* ask(emulator, { fault: "malformed" }, { stream: false })
        assert.throws(() => JSON.parse(malformed.text))
        const gzip = yield* ask(emulator, { fault: "gzip" }, { stream: false })
        assert.doesNotThrow(() => JSON.parse(Zlib.gunzipSync(gzip.body).toString()))
      }))

    test("chunk sets the size of each write, and nothing is lost", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, { chunk: 7, fault: "cut", after: 2 })
        assert.strictEqual(events(received.text).length, 2)
        assert.isAbove(received.pieces.length, 5)
        const single = yield* ask(emulator, { chunk: 1, fault: "cut", after: 2 })
        assert.strictEqual(events(single.text).length, 2)
        const large = yield* ask(emulator, { chunk: 5000 })
        good(large)
      }))

    test("a play that cannot be played is answered with what exists", (emulator) =>
      Effect.gen(function* () {
        const received = yield* ask(emulator, JSON.parse('{"fault":"explode"}'))
        assert.strictEqual(received.status, 400)
        const { message, msg }: Json = JSON.parse(received.text)
        assert.include(message ?? msg, "explode")
        assert.include(message ?? msg, "cut-mid-event")
        assert.include(message ?? msg, name === "powerdrill" ? "travel-prices" : "videos")
      }))
  }

  it.effect("resets are RST on TCP, everything else ends with FIN", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const key = `x-pd-api-key: ${Redacted.value(emulator.powerdrill.apiKey)}`
      const body = JSON.stringify({
        session_id: emulator.powerdrill.sessionId,
        user_id: "u",
        question: "q",
        stream: true
      })
      for (const fault of ["reset", "reset-mid-event", "reset-before-headers"] as const) {
        const url = `${emulator.powerdrill.url({ fault })}/v2/team/jobs`
        assert.strictEqual(yield* endOfSocket(url, [key], body), "ECONNRESET", fault)
      }
      for (const fault of ["cut", "cut-mid-event", "wrong-length", "bad-chunk", "no-done", "server-error"] as const) {
        const url = `${emulator.powerdrill.url({ fault })}/v2/team/jobs`
        assert.strictEqual(yield* endOfSocket(url, [key], body), "FIN", fault)
      }
    })
  )

  it.effect("every fault of the table does something", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const timeless = ({ body, ended, headers, status }: Received) =>
        JSON.stringify([status, ended, headers["content-length"], headers["content-encoding"], body.length])
      for (const { ask, name } of vendors) {
        // Scenarios without links: all in them has a fixed width, so that the length tells good answers from others.
        const scenario: Json = name === "powerdrill" ? "sources-only" : "done-in-text"
        const usual = timeless(yield* ask(emulator, { scenario }))
        assert.strictEqual(timeless(yield* ask(emulator, { scenario })), usual)
        for (const fault of Fault.names) {
          const play = { scenario, fault, bytes: 1000, interval: 20 }
          assert.notStrictEqual(timeless(yield* ask(emulator, play, { stopAfter: 150 })), usual, `${name} ${fault}`)
        }
      }
    })
  )
})
