/** The limits of time of many streams that are open at once. */
import { EventStream } from "@effect-sse/core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, type Duration, Effect, Fiber, Layer, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { fedStream, interrupted, turn } from "./FedStream.ts"
import { serve, sse } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

const encoder = new TextEncoder()

/** A client that answers each request with one event and then silence, until it is told to go on. */
const silent = () => {
  const bodies: Array<ReadableStreamDefaultController<Uint8Array>> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          bodies.push(controller)
          controller.enqueue(encoder.encode("data: 1\n\n"))
        }
      })
      return HttpClientResponse.fromWeb(
        request,
        new Response(body, { headers: { "content-type": "text/event-stream" } })
      )
    })
  )
  const beat = (index: number) => Effect.sync(() => bodies[index]!.enqueue(encoder.encode(":\n\n")))
  return { layer: Layer.succeed(HttpClient.HttpClient, client), beat }
}

/** Reads a stream, and notes under a name why it failed. */
const watched = (name: string, ended: Array<string>, options: EventStream.Options) =>
  EventStream.open(HttpClientRequest.post("http://example.com"), numbers, options).pipe(
    Stream.runDrain,
    Effect.catchTag("TransportError", ({ reason }) => Effect.sync(() => ended.push(`${name}: ${reason}`)))
  )

/** The clock of this machine, whose timers are counted. */
const countedClock = Effect.map(Clock.Clock, (live) => {
  let timers = 0
  const clock: Clock.Clock = Object.assign(Object.create(live), {
    sleep: (duration: Duration.Duration) =>
      Effect.suspend(() => {
        timers++
        return Effect.onExit(live.sleep(duration), () => Effect.sync(() => timers--))
      })
  })
  return { clock, timers: () => timers }
})

describe("Many open streams", () => {
  it.effect("end each at its own limit, in whatever order they were opened, and not those that get bytes", () => {
    const { beat, layer } = silent()
    return Effect.gen(function* () {
      const ended: Array<string> = []
      const open = (name: string, options: EventStream.Options) => Effect.forkChild(watched(name, ended, options))
      const fibers = [
        yield* open("patient", { idleTimeout: "100 seconds" }),
        yield* open("hasty", { idleTimeout: "10 seconds" }),
        yield* open("endless", { idleTimeout: "Infinity" }),
        yield* open("beating", { idleTimeout: "20 seconds", stallTimeout: "60 seconds" }),
        yield* open("bounded", { deadline: "30 seconds" }),
        yield* open("also hasty", { idleTimeout: "10 seconds" })
      ]
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(ended, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(ended, ["hasty: IdleTimeout", "also hasty: IdleTimeout"])
      yield* beat(3)
      // One that comes later with a nearer limit.
      fibers.push(yield* open("late", { idleTimeout: "5 seconds" }))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(ended.splice(0, 3).slice(2), ["late: IdleTimeout"])
      yield* TestClock.adjust("10 seconds")
      yield* beat(3)
      yield* TestClock.adjust("15 seconds")
      yield* beat(3)
      assert.deepStrictEqual(ended.splice(0), ["bounded: Deadline"])
      yield* TestClock.adjust("15 seconds")
      yield* beat(3)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(ended.splice(0), ["beating: StallTimeout"])
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(ended.splice(0), ["patient: IdleTimeout"])
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(ended, [])
      yield* Fiber.interruptAll(fibers)
    }).pipe(Effect.provide(layer))
  })

  it.live("share one timer, which ends with the last of them, and comes back with the next", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => sse(response, "data: 1\n\n"))
      const { clock, timers } = yield* countedClock
      const open = EventStream.open(HttpClientRequest.post(server.url), numbers, { connectTimeout: "Infinity" }).pipe(
        Stream.provide(FetchHttpClient.layer)
      )
      yield* Effect.gen(function* () {
        for (let round = 0; round < 2; round++) {
          let read = 0
          const run = Stream.runForEach(open, () => Effect.sync(() => read++))
          const fibers = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.forkChild(run))
          while (read < 20) yield* turn
          assert.strictEqual(timers(), 1)
          yield* Fiber.interruptAll(fibers.slice(1))
          assert.strictEqual(timers(), 1)
          yield* Fiber.interruptAll(fibers)
          assert.strictEqual(timers(), 0)
        }
      }).pipe(Effect.provideService(Clock.Clock, clock))
      yield* server.allClosed
    })
  )

  it.effect("are watched for the next limit when one was passed", () =>
    Effect.gen(function* () {
      const ended: Array<number> = []
      for (const seconds of [10, 20, 100]) {
        const { open, say } = fedStream()
        yield* Effect.forkChild(
          Stream.runDrain(open({ idleTimeout: `${seconds} seconds` })).pipe(
            Effect.ensuring(Effect.sync(() => ended.push(seconds)))
          )
        )
        yield* say("data: 1\n\n")
      }
      for (let i = 0; i < 2; i++) {
        yield* TestClock.adjust("10 seconds")
        yield* turn
      }
      assert.deepStrictEqual(ended, [10, 20])
    })
  )

  it.live("without limits take no timer, and one with a nearer limit takes the place of the timer", () =>
    Effect.gen(function* () {
      const { clock, timers } = yield* countedClock
      const run = (idleTimeout: Duration.Input) => {
        const { open, say } = fedStream()
        return Effect.forkChild(Stream.runDrain(open({ idleTimeout, connectTimeout: "Infinity" }))).pipe(
          Effect.tap(() => say("data: 1\n\n"))
        )
      }
      yield* Effect.gen(function* () {
        const endless = yield* run("Infinity")
        assert.strictEqual(timers(), 0)
        const far = yield* run("30 seconds")
        const near = yield* run("10 seconds")
        assert.strictEqual(timers(), 1)
        yield* Fiber.interruptAll([far, near])
        yield* turn
        assert.strictEqual(timers(), 0)
        yield* Fiber.interrupt(endless)
      }).pipe(Effect.provideService(Clock.Clock, clock))
    })
  )

  it.live("are watched as before when the clock is put back", () =>
    Effect.gen(function* () {
      const live = yield* Clock.Clock
      let offset = 0
      const clock: Clock.Clock = Object.assign(Object.create(live), {
        currentTimeMillisUnsafe: () => live.currentTimeMillisUnsafe() + offset
      })
      const { open, say } = fedStream()
      const fiber = yield* Effect.forkChild(
        Effect.flip(Stream.runDrain(open({ idleTimeout: 300 }))).pipe(Effect.provideService(Clock.Clock, clock))
      )
      yield* say("data: 1\n\n")
      offset = -60_000
      yield* say("data: 2\n\n")
      assert.propertyVal(yield* Effect.timeout(Fiber.join(fiber), "10 seconds"), "reason", "IdleTimeout")
    })
  )
})

describe("A pull that was interrupted", () => {
  it.effect("is waited for no longer, and its read is the next pull's", () =>
    Effect.gen(function* () {
      const { open, say, seen } = fedStream()
      const pull = yield* Stream.toPull(open({ idleTimeout: "10 seconds" }))
      yield* say("data: 1\n\n")
      yield* pull
      yield* interrupted(pull)
      yield* interrupted(pull)
      assert.strictEqual(seen.reads, 2)
      // Nobody wants more.
      yield* say(":\n\n")
      assert.strictEqual(seen.reads, 2)
      yield* TestClock.adjust("1 minute")
      yield* turn
      assert.isFalse(seen.isCancelled)
      const waiting = yield* Effect.forkChild(pull)
      yield* turn
      yield* say(":\n\n")
      assert.strictEqual(seen.reads, 4)
      yield* Fiber.interrupt(waiting)
      yield* interrupted(pull)
      assert.strictEqual(seen.reads, 4)
    })
  )

  it.live("leaves the connection open, over node:http too", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => sse(response, "data: 1\n\n"))
      const pull = yield* Stream.toPull(
        EventStream.open(HttpClientRequest.post(server.url), numbers, { idleTimeout: 100 })
      )
      yield* pull
      yield* interrupted(pull)
      yield* Effect.sleep(300)
      assert.strictEqual(yield* server.openSockets, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp))
  )
})
