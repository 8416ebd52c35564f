/** Options for `fetch` that a program sets, on real sockets. */
import { FileSource } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Powerdrill, SessionId } from "../src/index.ts"

/** The runtime's `fetch`, and what it is called with. */
const watchedFetch = () => {
  const inits: Array<RequestInit | undefined> = []
  const watched: typeof fetch = (input, init) => {
    inits.push(init)
    return fetch(input, init)
  }
  return { inits, watched }
}

describe("a RequestInit", () => {
  it.live("holds for all requests of a client that it is provided to, except that redirects stay refused", () =>
    Effect.gen(function* () {
      const { powerdrill } = yield* Emulator
      const { inits, watched } = watchedFetch()
      const client = Powerdrill.layer({
        apiKey: powerdrill.apiKey,
        userId: powerdrill.userId,
        baseUrl: powerdrill.url()
      }).pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, watched)),
        Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { credentials: "omit", redirect: "follow" }))
      )
      yield* Effect.gen(function* () {
        const { files, jobs, sessions } = yield* Powerdrill
        const source = yield* FileSource.fromBytes(new Uint8Array(200_000), { name: "loans.csv" })
        yield* files.upload(source, { singlePieceLimit: 1000, parts: { allowPrivateHosts: undefined } })
        yield* Stream.runDrain(sessions.list())
        yield* Stream.runDrain(jobs.stream({ sessionId: SessionId.make(powerdrill.sessionId), question: "Why?" }))
      }).pipe(Effect.provide(client))
      assert.isAbove(inits.length, 5)
      for (const init of inits) assert.deepInclude(init, { credentials: "omit", redirect: "manual" })
    }).pipe(Effect.provide(Emulator.layer({ powerdrill: { partSize: 64 * 1024 } })))
  )

  it.live("of a single call holds for it, except that redirects stay refused", () =>
    Effect.gen(function* () {
      const { powerdrill } = yield* Emulator
      const { inits, watched } = watchedFetch()
      const { jobs } = yield* Powerdrill.use(Effect.succeed).pipe(
        Effect.provide(
          Powerdrill.layer({
            apiKey: powerdrill.apiKey,
            userId: powerdrill.userId,
            baseUrl: powerdrill.url()
          })
        ),
        Effect.provide(FetchHttpClient.layer)
      )
      yield* Stream.runDrain(jobs.stream({ sessionId: SessionId.make(powerdrill.sessionId), question: "Why?" })).pipe(
        Effect.provideService(FetchHttpClient.Fetch, watched),
        Effect.provideService(FetchHttpClient.RequestInit, { credentials: "omit", redirect: "follow" })
      )
      assert.lengthOf(inits, 1)
      assert.deepInclude(inits[0], { credentials: "omit", redirect: "manual" })
    }).pipe(Effect.provide(Emulator.layer()))
  )
})
