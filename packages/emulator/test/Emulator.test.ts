import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import type { EmulatorService, ReceivedRequest } from "@effect-sse/emulator"
import { Effect, Exit, Redacted, Scope } from "effect"
import * as Http from "node:http"
import * as Net from "node:net"
import { job, respond } from "./Wire.ts"

const wait = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))

/** Waits, in real time, until something holds; fails the test when that takes longer than `limit` milliseconds. */
const eventually = (what: Effect.Effect<boolean>, limit = 10_000): Effect.Effect<void> =>
  Effect.gen(function* () {
    const before = performance.now()
    while (!(yield* what)) {
      assert.isBelow(performance.now() - before, limit)
      yield* wait(5)
    }
  })

/** A client that reads the headers and nothing else. */
const unread = (emulator: EmulatorService, url: string): Effect.Effect<Net.Socket> =>
  Effect.callback((resume) => {
    const { hostname, pathname, port } = new URL(url)
    const body = JSON.stringify({
      knowledge_store_id: emulator.twelvelabs.knowledgeStoreId,
      input: [{ type: "message", role: "user", content: "x" }],
      session_id: emulator.powerdrill.sessionId,
      user_id: "u",
      question: "q",
      stream: true
    })
    const socket = Net.connect(Number(port), hostname)
    socket.on("error", () => {})
    socket.once("readable", () => resume(Effect.succeed(socket)))
    socket.write(
      [
        `POST ${pathname} HTTP/1.1`,
        "host: emulator",
        `x-pd-api-key: ${Redacted.value(emulator.powerdrill.apiKey)}`,
        `x-api-key: ${Redacted.value(emulator.twelvelabs.apiKey)}`,
        `content-length: ${Buffer.byteLength(body)}`,
        "",
        body
      ].join("\r\n")
    )
  })

describe("Emulator", () => {
  it.effect("listens on loopback, on ports of its own", () =>
    Effect.gen(function* () {
      const one = yield* Emulator.make()
      const two = yield* Emulator.make()
      assert.match(one.url, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.notStrictEqual(one.url, two.url)
      assert.strictEqual(one.powerdrill.url(), `${one.url}/powerdrill`)
      assert.strictEqual(one.powerdrill.url({ fault: "cut", after: 3 }), `${one.url}/powerdrill/~fault=cut,after=3`)
      assert.strictEqual(one.twelvelabs.url({ pace: "instant" }), `${one.url}/twelvelabs/~pace=instant/v1.3`)
      const six = yield* Emulator.make({ host: "::1" })
      assert.strictEqual((yield* job(six)).status, 200)
    })
  )

  it.effect("a port that is taken is an error", () =>
    Effect.gen(function* () {
      const { url } = yield* Emulator.make()
      const error = yield* Effect.flip(Emulator.make({ port: Number(new URL(url).port) }))
      assert.strictEqual(error._tag, "ServeError")
    })
  )

  for (const vendor of ["powerdrill", "twelvelabs"] as const) {
    it.effect(`${vendor}: a flood waits for its reader`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const play = { scenario: "flood" } as const
        const base =
          vendor === "powerdrill"
            ? `${emulator.powerdrill.url(play)}/v2/team/jobs`
            : `${emulator.twelvelabs.url(play)}/responses`
        const memory = process.memoryUsage().rss
        const socket = yield* unread(emulator, base)
        const written = Effect.map(emulator.requests, ([request]) => request?.bytesWritten ?? 0)
        yield* wait(400)
        const first = yield* written
        yield* wait(400)
        // What the kernel's buffers took, and no more: the sender stands still.
        assert.strictEqual(yield* written, first)
        assert.isAbove(first, 10_000)
        assert.isBelow(first, 20_000_000)
        assert.isBelow(process.memoryUsage().rss - memory, 80_000_000)
        // And goes on when somebody reads.
        socket.resume()
        yield* eventually(
          Effect.map(written, (bytes) => bytes > first + 5_000_000),
          5000
        )
        socket.destroy()
        yield* emulator.awaitIdle
      })
    )

    it.effect(`${vendor}: a flood of a given size arrives whole`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const play = { scenario: "flood", bytes: 20_000_000 } as const
        const received = yield* vendor === "powerdrill" ? job(emulator, play) : respond(emulator, play)
        assert.approximately(received.body.length, 20_000_000, 10_000)
        assert.strictEqual((yield* emulator.requests)[0]?.bytesWritten, received.body.length)
      })
    )
  }

  for (const fault of ["silence", "heartbeats", "slow-headers", "open-after-done"] as const) {
    it.effect(`notices within a second that the client went away (${fault})`, () =>
      Effect.gen(function* () {
        const ended: Array<ReceivedRequest> = []
        const emulator = yield* Emulator.make({ onRequestEnd: (request) => ended.push(request) })
        yield* job(emulator, { fault }, { stopAfter: 150 })
        yield* eventually(Effect.map(emulator.openConnections, (count) => count === 0))
        yield* eventually(Effect.map(emulator.openSockets, (count) => count === 0))
        assert.strictEqual((yield* emulator.requests)[0]?.ended, "closed by the client")
        assert.deepStrictEqual(
          ended.map((request) => request.ended),
          ["closed by the client"]
        )
      })
    )
  }

  it.effect("counts answers in flight and open sockets, and tells when it is idle", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.awaitIdle
      const agent = new Http.Agent({ keepAlive: true })
      const ask = () =>
        Effect.callback<void>((resume) => {
          const request = Http.get(`${emulator.url}/elsewhere`, { agent }, (response) => {
            response.resume().on("end", () => resume(Effect.void))
          })
          return Effect.sync(() => request.destroy())
        })
      yield* ask()
      // The agent takes its socket back a moment after the answer's end.
      yield* wait(5)
      yield* ask()
      assert.strictEqual(yield* emulator.openConnections, 0)
      assert.strictEqual(yield* emulator.openSockets, 1)
      // The connection was used again.
      assert.deepStrictEqual(
        (yield* emulator.requests).map(({ connection }) => connection),
        [1, 1]
      )
      agent.destroy()
      yield* eventually(Effect.map(emulator.openSockets, (count) => count === 0))
    })
  )

  it.effect("stops at once, though answers are open", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const ended: Array<string> = []
      const emulator = yield* Emulator.make({ onRequestEnd: (request) => ended.push(request.ended) }).pipe(
        Scope.provide(scope)
      )
      const silent = yield* unread(emulator, `${emulator.powerdrill.url({ fault: "silence" })}/v2/team/jobs`)
      const flooded = yield* unread(emulator, `${emulator.twelvelabs.url({ scenario: "flood" })}/responses`)
      assert.strictEqual(yield* emulator.openConnections, 2)
      // Node would wait for open answers for ever.
      yield* Scope.close(scope, Exit.void)
      yield* eventually(Effect.sync(() => ended.length === 2))
      assert.deepStrictEqual(ended, ["cut", "cut"])
      yield* eventually(
        Effect.sync(() => {
          silent.resume()
          flooded.resume()
          return silent.closed && flooded.closed
        })
      )
      assert.strictEqual((yield* job(emulator)).ended, "ECONNREFUSED")
    })
  )

  it.effect("forgets the oldest requests", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ keepRequests: 2 })
      for (const after of [0, 1, 2]) yield* job(emulator, { fault: "cut", after })
      assert.deepStrictEqual(
        (yield* emulator.requests).map(({ play }) => play.after),
        [1, 2]
      )
    })
  )

  it.effect("lives in real time, also where the test's clock stands still", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ pace: "realistic" })
      const received = yield* job(emulator, { fault: "cut", after: 3 })
      assert.strictEqual(received.ended, "complete")
      const request = (yield* emulator.requests)[0]
      assert.approximately(request?.receivedAt ?? 0, Date.now(), 5000)
      assert.isAbove((request?.endedAt ?? 0) - (request?.receivedAt ?? 0), 300)
    })
  )
})
