/**
 * What can be observed of a stream: one client span with the names of the GenAI semantic conventions, and metrics.
 *
 * Nothing of a question or an answer is in them, and no URL query.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
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
  events(): number
  /** Bytes received, after decompression. */
  bytes(): number
}

/** What the engine tells as a stream goes on. */
export interface Report {
  /** An attempt begins; 1 is the first. What an earlier one ended by is forgotten. */
  attempt(attempt: number): void
  /** Events came; only the first call counts. */
  firstEvent(): void
  /** Where the totals of the attempt are to be asked for at the end. */
  reading(totals: Totals): void
  /** How the attempt ended; only its first call counts. */
  ended(how: EndedBy): void
}

/**
 * Opens the span of a stream and records its metrics when the scope closes.
 *
 * @param vendor the vendor's name, as `gen_ai.provider.name`
 * @param closing what is to end before the report does
 */
export const watch = (
  scope: Scope.Scope,
  vendor: string,
  request: Pick<HttpClientRequest.HttpClientRequest, "method" | "url">,
  closing?: { readonly close: () => Effect.Effect<void> } | undefined
): Effect.Effect<Report> =>
  Effect.gen(function* () {
    const span = yield* Effect.makeSpan(`${vendor} stream`, {
      kind: "client",
      attributes: {
        "gen_ai.provider.name": vendor,
        "http.request.method": request.method,
        "url.full": bareUrl(request.url)
      }
    })
    const report = new StreamReport(vendor, span, yield* Clock.Clock, yield* References.TracerTimingEnabled)
    yield* report.endWith(scope, closing)
    return report
  }).pipe(Effect.uninterruptible)

/** A class and not closures, so that each of thousands of open streams holds one small object. */
class StreamReport implements Report {
  readonly #vendor: string
  readonly #span: Tracer.Span
  readonly #clock: Clock.Clock
  readonly #isTimed: boolean
  readonly #startedAt: number
  #firstEventAt: number | undefined
  #endedBy: EndedBy | undefined
  #totals: Totals | undefined

  constructor(vendor: string, span: Tracer.Span, clock: Clock.Clock, isTimed: boolean) {
    this.#vendor = vendor
    this.#span = span
    this.#clock = clock
    this.#isTimed = isTimed
    this.#startedAt = clock.currentTimeMillisUnsafe()
  }

  attempt(attempt: number): void {
    this.#endedBy = undefined
    if (attempt > 1) this.#span.attribute("effect_sse.attempts", attempt)
  }

  firstEvent(): void {
    this.#firstEventAt ??= this.#clock.currentTimeMillisUnsafe()
  }

  reading(totals: Totals): void {
    this.#totals = totals
  }

  ended(how: EndedBy): void {
    this.#endedBy ??= how
  }

  /** Lets the report end with a scope. A method, since a function made above would hold the request. */
  endWith(scope: Scope.Scope, closing: Parameters<typeof watch>[3]): Effect.Effect<void> {
    return Scope.addFinalizerExit(scope, (exit) => Effect.ensuring(closing?.close() ?? Effect.void, this.#finish(exit)))
  }

  /** Ends the span and records the metrics. */
  #finish(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const how = this.#endedBy ?? "Abandoned"
      const totalEvents = this.#totals?.events() ?? 0
      const totalBytes = this.#totals?.bytes() ?? 0
      const span = this.#span
      span.attribute("effect_sse.ended_by", how)
      span.attribute("effect_sse.events", totalEvents)
      span.attribute("effect_sse.bytes", totalBytes)
      const tagged = { vendor: this.#vendor }
      const updates = [
        Metric.update(Metric.withAttributes(streams, { ...tagged, ended_by: how }), 1),
        Metric.update(Metric.withAttributes(events, tagged), totalEvents),
        Metric.update(Metric.withAttributes(bytes, tagged), totalBytes)
      ]
      if (this.#firstEventAt !== undefined) {
        const millis = this.#firstEventAt - this.#startedAt
        span.attribute("effect_sse.time_to_first_event_ms", millis)
        updates.push(Metric.update(Metric.withAttributes(timeToFirstEvent, tagged), Duration.millis(millis)))
      }
      span.end(this.#isTimed ? this.#clock.currentTimeNanosUnsafe() : 0n, exit)
      return updates.reduce((all, update) => Effect.andThen(all, update))
    })
  }
}
