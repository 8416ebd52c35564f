import { EventStream, RetryPolicy, Telemetry } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Metric, References, Stream, Tracer } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { fedStream, turn } from "./FedStream.ts"
import { serve, sse } from "./LoopbackServer.ts"
import { numbers } from "./NumbersProtocol.ts"

/** Runs an effect and gives the spans that were made. */
const traced = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    yield* Effect.provideService(effect, Tracer.Tracer, tracer)
    return spans
  })

const open = (url: string) =>
  EventStream.open(HttpClientRequest.post(`${url}/answers?token=secret`), numbers).pipe(
    Stream.provide(FetchHttpClient.layer)
  )

describe("Telemetry", () => {
  const ends: ReadonlyArray<readonly [endedBy: string, end: string, events: number]> = [
    ["Done", "data: [DONE]\n\n", 2],
    ["MissingDoneError", "", 2],
    ["ParseError", "data: x\n\n", 2],
    ["ApiError", "event: error\ndata: no\n\n", 2]
  ]
  for (const [endedBy, end, events] of ends) {
    it.live(`makes one client span that says: ended by ${endedBy}`, () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          sse(response, "data: 1\n\ndata: 2\n\n", end)
          response.end()
        })
        const spans = yield* traced(Effect.exit(Stream.runDrain(open(server.url))))
        assert.lengthOf(spans, 1)
        const attributes = Object.fromEntries(spans[0]!.attributes)
        assert.strictEqual(spans[0]!.kind, "client")
        assert.strictEqual(spans[0]!.status._tag, "Ended")
        assert.deepInclude(attributes, {
          "gen_ai.provider.name": "numbers",
          "url.full": `${server.url}/answers`,
          "effect_sse.ended_by": endedBy,
          "effect_sse.events": events,
          "effect_sse.bytes": 18 + end.length
        })
        assert.isAtLeast(attributes["effect_sse.time_to_first_event_ms"] as number, 0)
        // Trace headers are for those who asked for them.
        for (const name of Object.keys(server.requests[0]!.headers)) assert.notMatch(name, /trace|b3/)
      })
    )
  }

  it.live("says that a stream was abandoned when its consumer stops", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: 2\n\n"))
      const spans = yield* traced(Stream.runDrain(Stream.take(open(server.url), 1)))
      assert.strictEqual(spans[0]!.attributes.get("effect_sse.ended_by"), "Abandoned")
    })
  )

  it.live("counts streams by how they ended, and their events", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => sse(response, "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"))
      const done = Metric.withAttributes(Telemetry.streams, { vendor: "numbers", ended_by: "Done" })
      const events = Metric.withAttributes(Telemetry.events, { vendor: "numbers" })
      const before = [(yield* Metric.value(done)).count, (yield* Metric.value(events)).count] as const
      yield* Stream.runDrain(open(server.url))
      assert.strictEqual((yield* Metric.value(done)).count, before[0] + 1)
      assert.strictEqual((yield* Metric.value(events)).count, before[1] + 2)
    })
  )

  it.live("tells of the attempt that counts, and how it ended", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        sse(response, ...(server.requests.length > 1 ? ["data: 1\n\ndata: [DONE]\n\n"] : []))
        response.end()
      })
      const retry = RetryPolicy.make({ retries: () => true, base: 1 })
      const stream = EventStream.open(HttpClientRequest.post(server.url), numbers, { retry })
      const [span] = yield* traced(Stream.runDrain(stream))
      const attributes = Object.fromEntries(span!.attributes)
      assert.deepInclude(attributes, { "effect_sse.ended_by": "Done", "effect_sse.attempts": 2 })
      assert.isTrue(span!.status._tag === "Ended" && Exit.isSuccess(span!.status.exit))
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.live("tells of a stream that was refused before it began", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => void response.writeHead(401).end())
      const [span] = yield* traced(Effect.exit(Stream.runDrain(open(server.url))))
      assert.strictEqual(span!.attributes.get("effect_sse.ended_by"), "ApiError")
      assert.isTrue(span!.status._tag === "Ended" && Exit.isFailure(span!.status.exit))
    })
  )

  it.live("takes no times where tracing shall take none", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        sse(response, "data: [DONE]\n\n")
        response.end()
      })
      const [span] = yield* traced(Stream.runDrain(open(server.url))).pipe(
        Effect.provideService(References.TracerTimingEnabled, false)
      )
      assert.isTrue(span!.status._tag === "Ended" && span!.status.endTime === 0n)
    })
  )

  it.effect("counts the time to the first event, and the bytes, and ends when all is closed", () =>
    Effect.gen(function* () {
      const tagged = { vendor: "numbers" }
      const times = Metric.withAttributes(Telemetry.timeToFirstEvent, tagged)
      const bytes = Metric.withAttributes(Telemetry.bytes, tagged)
      const counts = Effect.all([Metric.value(times), Metric.value(bytes)]).pipe(
        Effect.map((states) => states.map(({ count }) => Number(count)))
      )
      const [timesBefore = 0, bytesBefore = 0] = yield* counts
      const { open, say, seen } = fedStream()
      let atEnd: ReadonlyArray<boolean | undefined> = []
      class Span extends Tracer.NativeSpan {
        override end(...args: Parameters<Tracer.NativeSpan["end"]>): void {
          atEnd = [seen.isCancelled, seen.signal?.aborted]
          super.end(...args)
        }
      }
      let span: Tracer.Span | undefined
      const tracer = Tracer.make({ span: (options) => (span = new Span(options)) })
      const fiber = yield* Effect.forkChild(Effect.provideService(Stream.runDrain(open()), Tracer.Tracer, tracer))
      yield* turn
      for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
        yield* TestClock.adjust("1 second")
        yield* say(text)
      }
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(span?.attributes.get("effect_sse.time_to_first_event_ms"), 1000)
      assert.deepStrictEqual(atEnd, [true, true])
      assert.deepStrictEqual(yield* counts, [timesBefore + 1, bytesBefore + 18])
    })
  )
})
