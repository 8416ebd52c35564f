import { EventStream, Telemetry } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Stream, Tracer } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
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
})
