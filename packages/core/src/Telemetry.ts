/**
 * What can be observed of a stream: one client span with the names of the GenAI semantic conventions, and metrics.
 *
 * Nothing of a question or an answer is in them, and no URL query.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import { bareUrl } from "./internal/excerpt.ts"
import type { StreamError } from "./StreamError.ts"

/** How a stream ended: with its mark, by an error, or because its consumer stopped. */
export type EndedBy = "Done" | "Abandoned" | StreamError["_tag"]

/** Counts streams, by `vendor` and `ended_by`. */
export const streams: Metric.Counter<number> = Metric.counter("effect_sse.streams", {
  description: "Streams that ended, by vendor and by how they ended",
  incremental: true
})

/** Counts events delivered, by `vendor`. */
export const events: Metric.Counter<number> = Metric.counter("effect_sse.events", {
  description: "Events delivered, by vendor",
  incremental: true
})

/** Counts body bytes received after decompression, by `vendor`. */
export const bytes: Metric.Counter<number> = Metric.counter("effect_sse.bytes", {
  description: "Bytes received, by vendor",
  incremental: true
})

/** Time from the request to the first event, by `vendor`. */
export const timeToFirstEvent: Metric.Metric<Duration.Duration, Metric.HistogramState> = Metric.timer(
  "effect_sse.time_to_first_event",
  { description: "Time from the request to the first event, by vendor" }
)

/** What a stream has brought so far. */
export interface Totals {
  /** Events delivered. */
  readonly events: () => number
  /** Bytes received, after decompression. */
  readonly bytes: () => number
}

/** What the engine tells as a stream goes on. */
export interface Report {
  /** An attempt begins; 1 is the first. What an earlier one ended by is forgotten. */
  readonly attempt: (attempt: number) => void
  /** Events came; only the first call counts. */
  readonly firstEvent: () => void
  /** Where the totals of the attempt are to be asked for at the end. */
  readonly reading: (totals: Totals) => void
  /** How the attempt ended; only its first call counts. */
  readonly ended: (how: EndedBy) => void
}

/**
 * Opens the span of a stream and records its metrics when the scope closes.
 *
 * @param vendor the vendor's name, as `gen_ai.provider.name`
 */
export const watch = (
  scope: Scope.Scope,
  vendor: string,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Report> =>
  Effect.gen(function* () {
    const span = yield* Effect.makeSpanScoped(`${vendor} stream`, {
      kind: "client",
      attributes: {
        "gen_ai.provider.name": vendor,
        "http.request.method": request.method,
        "url.full": bareUrl(request.url)
      }
    })
    const clock = yield* Clock.Clock
    const startedAt = clock.currentTimeMillisUnsafe()
    let firstEventAt: number | undefined
    let endedBy: EndedBy | undefined
    let totals: Totals | undefined
    yield* Scope.addFinalizer(
      scope,
      Effect.suspend(() => {
        const how = endedBy ?? "Abandoned"
        const totalEvents = totals?.events() ?? 0
        const totalBytes = totals?.bytes() ?? 0
        span.attribute("effect_sse.ended_by", how)
        span.attribute("effect_sse.events", totalEvents)
        span.attribute("effect_sse.bytes", totalBytes)
        const tagged = { vendor }
        const updates = [
          Metric.update(Metric.withAttributes(streams, { ...tagged, ended_by: how }), 1),
          Metric.update(Metric.withAttributes(events, tagged), totalEvents),
          Metric.update(Metric.withAttributes(bytes, tagged), totalBytes)
        ]
        if (firstEventAt !== undefined) {
          const millis = firstEventAt - startedAt
          span.attribute("effect_sse.time_to_first_event_ms", millis)
          updates.push(Metric.update(Metric.withAttributes(timeToFirstEvent, tagged), Duration.millis(millis)))
        }
        return Effect.all(updates, { discard: true })
      })
    )
    return {
      attempt: (attempt) => {
        endedBy = undefined
        if (attempt > 1) span.attribute("effect_sse.attempts", attempt)
      },
      firstEvent: () => {
        firstEventAt ??= clock.currentTimeMillisUnsafe()
      },
      reading: (source) => {
        totals = source
      },
      ended: (how) => {
        endedBy ??= how
      }
    } satisfies Report
  }).pipe(Scope.provide(scope))
