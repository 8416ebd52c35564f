/** A client of the user's in the place of the plain one, on real sockets. */
import { FileSource } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { Powerdrill, SessionId } from "../src/index.ts"

describe("transformClient", () => {
  it.live("changes the client that requests to the API go through, and not the one for object stores", () =>
    Effect.gen(function* () {
      const { powerdrill, requests, url } = yield* Emulator
      const seen: Array<string> = []
      const client = Powerdrill.layer({
        apiKey: powerdrill.apiKey,
        userId: powerdrill.userId,
        baseUrl: powerdrill.url(),
        transformClient: HttpClient.mapRequest((request) => {
          seen.push(`${request.method} ${request.url.slice(url.length)}`)
          return request
        })
      }).pipe(Layer.provide(FetchHttpClient.layer))
      yield* Effect.gen(function* () {
        const { files, jobs } = yield* Powerdrill
        const source = yield* FileSource.fromBytes(new Uint8Array(200_000), { name: "loans.csv" })
        yield* files.upload(source, { singlePieceLimit: 1000, parts: { allowPrivateHosts: undefined } })
        yield* Stream.runDrain(jobs.stream({ sessionId: SessionId.make(powerdrill.sessionId), question: "Why?" }))
      }).pipe(Effect.provide(client))
      const received = yield* requests
      const toApi = received.filter(({ service }) => service === "powerdrill")
      assert.deepStrictEqual(
        seen,
        toApi.map(({ method, path }) => `${method} ${path}`)
      )
      assert.isAbove(toApi.length, 2)
      assert.isAbove(received.filter(({ service }) => service === "store").length, 1)
    }).pipe(Effect.provide(Emulator.layer({ powerdrill: { partSize: 64 * 1024 } })))
  )
})
