/** The limits of time of many streams that are open at once. */
import { EventStream } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
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
      const live = yield* Clock.Clock
      let timers = 0
      // All by one clock, whose timers are counted.
      const clock: Clock.Clock = Object.assign(Object.create(live), {
        sleep: (duration: Duration.Duration) =>
          Effect.suspend(() => {
            timers++
            return Effect.onExit(live.sleep(duration), () => Effect.sync(() => timers--))
          })
      })
      const open = EventStream.open(HttpClientRequest.post(server.url), numbers, { connectTimeout: "Infinity" }).pipe(
        Stream.provide(FetchHttpClient.layer)
      )
      yield* Effect.gen(function* () {
        for (let round = 0; round < 2; round++) {
          let read = 0
          const run = Stream.runForEach(open, () => Effect.sync(() => read++))
          const fibers = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.forkChild(run))
          while (read < 20) yield* live.sleep(Duration.millis(5))
          assert.strictEqual(timers, 1)
          yield* Fiber.interruptAll(fibers.slice(1))
          assert.strictEqual(timers, 1)
          yield* Fiber.interruptAll(fibers)
          assert.strictEqual(timers, 0)
        }
      }).pipe(Effect.provideService(Clock.Clock, clock))
      yield* server.allClosed
    })
  )
})
