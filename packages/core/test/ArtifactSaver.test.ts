import { ArtifactSaver, RetryPolicy } from "@effect-sse/core"
import { assert, describe } from "@effect/vitest"
import { DateTime, Deferred, Effect, Exit, Queue, Result, Scope, Stream } from "effect"
import type * as Http from "node:http"
import { artifact, expired, folder, list, live, reachable, readText, table, tableText } from "./ArtifactFixture.ts"
import { serve } from "./LoopbackServer.ts"

const inMinutes = (minutes: number) => DateTime.makeUnsafe(Date.now() + minutes * 60_000)
const quick = { ...reachable, retry: RetryPolicy.none } as const

/** A server that holds every answer back until it is told to go on. */
const holding = (handler: Http.RequestListener) =>
  Effect.gen(function* () {
    const waiting: Array<() => void> = []
    const arrivals = yield* Queue.unbounded<string>()
    const server = yield* serve((request, response) => {
      waiting.push(() => handler(request, response))
      Queue.offerUnsafe(arrivals, request.url ?? "")
    })
    const release = Effect.sync(() => waiting.splice(0).forEach((answer) => answer()))
    return { ...server, arrived: Queue.take(arrivals), release }
  })

describe("ArtifactSaver", () => {
  live("starts a save at once and tells the results in the order of adding, failures among them", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) =>
        request.url === "/missing" ? response.writeHead(404).end() : table(request, response)
      )
      const directory = yield* folder
      const saver = yield* ArtifactSaver.make({ ...quick, directory })
      for (const name of ["/a", "/missing", "/b"]) {
        yield* saver.add(artifact(server.url + name, { name: `${name.slice(1)}.csv` }))
      }
      const outcomes = yield* saver.results
      assert.deepStrictEqual(
        outcomes.map(({ artifact, result }) => [
          artifact.name,
          Result.isSuccess(result) ? result.success.path : result.failure._tag
        ]),
        [
          ["a.csv", `${directory}/a.csv`],
          ["missing.csv", "ApiError"],
          ["b.csv", `${directory}/b.csv`]
        ]
      )
      assert.deepStrictEqual(yield* list(directory), ["a.csv", "b.csv"])
      yield* server.allClosed
    })
  )

  live("passes a stream's elements through while files are still being saved", () =>
    Effect.gen(function* () {
      const server = yield* holding(table)
      const directory = yield* folder
      const saver = yield* ArtifactSaver.make({ ...quick, directory })
      const numbers = yield* Stream.range(1, 5).pipe(
        saver.tap((n) => (n % 2 === 0 ? [artifact(`${server.url}/${n}`, { name: `${n}.csv` })] : [])),
        Stream.runCollect
      )
      // The stream is through, and nothing is saved yet.
      assert.deepStrictEqual(numbers, [1, 2, 3, 4, 5])
      yield* Effect.all([server.arrived, server.arrived])
      yield* server.release
      const outcomes = yield* saver.results
      assert.isTrue(outcomes.every(({ result }) => Result.isSuccess(result)))
      assert.deepStrictEqual(yield* list(directory), ["2.csv", "4.csv"])
      for (const name of yield* list(directory)) assert.strictEqual(yield* readText(`${directory}/${name}`), tableText)
    })
  )

  live("does not fail the stream when a save fails", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(500).end())
      const saver = yield* ArtifactSaver.make({ ...quick, directory: yield* folder })
      const came = yield* Stream.make(1, 2).pipe(
        saver.tap(() => [artifact(server.url)]),
        Stream.runCollect
      )
      assert.deepStrictEqual(came, [1, 2])
      const [outcome, ...others] = yield* saver.results
      assert.lengthOf(others, 0)
      assert.isTrue(outcome !== undefined && Result.isFailure(outcome.result))
    })
  )

  live("fetches as many files at once as allowed, and no more", () =>
    Effect.gen(function* () {
      const server = yield* holding(table)
      const saver = yield* ArtifactSaver.make({ ...quick, directory: yield* folder, concurrency: 2 })
      for (let n = 0; n < 5; n++) yield* saver.add(artifact(`${server.url}/${n}`))
      for (const [arriving, soFar] of [
        [2, 2],
        [2, 4],
        [1, 5]
      ] as const) {
        for (let n = 0; n < arriving; n++) yield* server.arrived
        // Time for one too many to arrive.
        yield* Effect.sleep("50 millis")
        assert.lengthOf(server.requests, soFar)
        yield* server.release
      }
      assert.lengthOf(yield* saver.results, 5)
    })
  )

  live("saves the same file once, by the link that lives longest", () =>
    Effect.gen(function* () {
      const server = yield* holding(table)
      const directory = yield* folder
      const saver = yield* ArtifactSaver.make({ ...quick, directory, concurrency: 1 })
      // While this one is under way, the others wait.
      yield* saver.add(artifact(`${server.url}/first`, { name: "first.csv" }))
      yield* server.arrived
      const link = (query: string, minutes: number) =>
        artifact(`${server.url}/table?${query}`, { expiresAt: inMinutes(minutes) })
      yield* saver.add(link("old", 5))
      yield* saver.add(link("new", 10))
      yield* saver.add(link("older", 1))
      yield* server.release
      assert.strictEqual(yield* server.arrived, "/table?new")
      yield* server.release
      const [, outcome, ...others] = yield* saver.results
      assert.lengthOf(others, 0)
      assert.strictEqual(outcome?.artifact.url, `${server.url}/table?new`)
      yield* saver.add(link("newest", 20))
      assert.lengthOf(yield* saver.results, 2)
      assert.lengthOf(server.requests, 2)
      assert.deepStrictEqual(yield* list(directory), ["first.csv", "prices.csv"])
    })
  )

  live("tries a file again whose save failed, when its link comes again", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) =>
        request.url === "/table?new" ? table(request, response) : expired(request, response)
      )
      const directory = yield* folder
      const saver = yield* ArtifactSaver.make({ ...quick, directory })
      yield* saver.add(artifact(`${server.url}/table?old`))
      const [before] = yield* saver.results
      assert.isTrue(before !== undefined && Result.isFailure(before.result))
      yield* saver.add(artifact(`${server.url}/table?new`))
      const [after, ...others] = yield* saver.results
      assert.lengthOf(others, 0)
      assert.isTrue(after !== undefined && Result.isSuccess(after.result))
      assert.deepStrictEqual(yield* list(directory), ["prices.csv"])
    })
  )

  live("goes on with the newer link where the older one failed under way", () =>
    Effect.gen(function* () {
      const server = yield* holding((request, response) =>
        request.url === "/table?new" ? table(request, response) : expired(request, response)
      )
      const saver = yield* ArtifactSaver.make({ ...quick, directory: yield* folder })
      yield* saver.add(artifact(`${server.url}/table?old`, { expiresAt: inMinutes(1) }))
      assert.strictEqual(yield* server.arrived, "/table?old")
      yield* saver.add(artifact(`${server.url}/table?new`, { expiresAt: inMinutes(9) }))
      yield* server.release
      assert.strictEqual(yield* server.arrived, "/table?new")
      yield* server.release
      const [outcome] = yield* saver.results
      assert.isTrue(outcome !== undefined && Result.isSuccess(outcome.result))
    })
  )

  live("refreshes expired links, and tells the errors of refreshing in the results", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const saver = yield* ArtifactSaver.make({
        ...quick,
        directory: yield* folder,
        refresh: (old) =>
          old.name === "lost.csv"
            ? Effect.fail({ _tag: "Lost" as const })
            : Effect.succeed({ ...old, expiresAt: undefined })
      })
      const expiresAt = DateTime.makeUnsafe("2020-01-01T00:00:00Z")
      yield* saver.add(artifact(`${server.url}/found`, { expiresAt }))
      yield* saver.add(artifact(`${server.url}/lost`, { expiresAt, name: "lost.csv" }))
      const [found, lost] = yield* saver.results
      assert.isTrue(found !== undefined && Result.isSuccess(found.result))
      assert.strictEqual(lost !== undefined && Result.isFailure(lost.result) && lost.result.failure._tag, "Lost")
      assert.lengthOf(server.requests, 1)
    })
  )

  live("stops every save when its scope closes, and leaves no partial file", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(200, { "content-length": "8" }).write("a,b"))
      const directory = yield* folder
      const scope = yield* Scope.make()
      const saver = yield* ArtifactSaver.make({ ...quick, directory, concurrency: 3 }).pipe(Scope.provide(scope))
      for (let n = 0; n < 9; n++) yield* saver.add(artifact(`${server.url}/${n}`))
      yield* Effect.sleep("200 millis")
      assert.lengthOf(yield* list(directory), 3)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* list(directory), [])
      yield* server.allClosed
      yield* saver.add(artifact(`${server.url}/late`))
      assert.lengthOf(server.requests, 3)
      // Nobody waits for ever for what will not come.
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(saver.results)))
    })
  )

  live("lets a defect of refreshing through in the results", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const saver = yield* ArtifactSaver.make({
        ...quick,
        directory: yield* folder,
        refresh: () => Effect.andThen(Deferred.succeed(reached, undefined), Effect.die("broken"))
      })
      yield* saver.add(artifact("https://example.com/x", { expiresAt: DateTime.makeUnsafe("2020-01-01T00:00:00Z") }))
      yield* Deferred.await(reached)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(saver.results)))
    })
  )
})
