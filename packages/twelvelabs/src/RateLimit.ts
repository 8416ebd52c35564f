/**
 * Keeps all requests of a program, or of several, below the limits of a plan: a request waits for its turn rather than be
 * refused.
 *
 * The vendor's limits hold for an organization, all its keys together, and for categories of endpoints. They are in its
 * dashboard and move, so none is known here: give those that are to be kept, and leave the others out.
 *
 * - In no stretch of time as long as the `window` are more than so many `requests` sent, wherever the vendor's own windows
 *   begin. Attempts that a `RetryPolicy` repeats count too.
 * - When the vendor says that nothing remains, or answers 429, the category waits until the time that it gives, if that is
 *   within two minutes: other programs may use up the limit too. A quota of a day is not waited for; the vendor refuses, and
 *   says until when.
 * - Waiting does not count as waiting for headers (`connectTimeout`). A `deadline` bounds it, and none does by itself, so give
 *   one where a limit has a window of hours. Who stops waiting uses no turn.
 *
 * **Example** (Two responses in a minute, however many ask)
 *
 * ```ts
 * import { RateLimit, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * const layer = Layer.unwrap(
 *   Effect.map(
 *     RateLimit.make({
 *       responses: { requests: 2, window: "1 minute" },
 *       analyze: [{ requests: 60, window: "1 minute" }, { requests: 1000, window: "1 day" }]
 *     }),
 *     (transformClient) => TwelveLabs.layer({ apiKey: Redacted.make("tlk_…"), transformClient })
 *   )
 * ).pipe(Layer.provide(RateLimit.layerMemory))
 * ```
 */
import type { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import * as Setting from "@effect-sse/core/Setting"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { type Category, categoryOf } from "./internal/category.ts"
import { allowances } from "./internal/rateLimitHeaders.ts"
import { vendor } from "./Vendor.ts"

export { type Category, categoryOf } from "./internal/category.ts"

/**
 * So many requests in each stretch of time as long as the window.
 */
export interface Limit {
  /** A whole number from 1 on. */
  readonly requests: number
  readonly window: Duration.Input
}

/**
 * The limits to keep. Of several for a category all are kept. Categories that are left out are not limited.
 */
export type Limits = {
  readonly [C in Category]?: Limit | ReadonlyArray<Limit> | undefined
}

/**
 * Options of {@link make}.
 */
export interface Options {
  /** What to count under, where one store counts for several organizations. */
  readonly key?: string | undefined
}

/**
 * Makes what keeps the limits, as a `transformClient` for the options of clients: all clients that are given the same one
 * share its limits. It counts in the current `RateLimiter`, so with a store that several programs share, they share the limits
 * too, if they give the same ones.
 *
 * Fails with a `ConfigurationError` when a limit is none. Requests fail with a `TransportError`, unsent, when the store does.
 */
export const make = (
  limits: Limits,
  options?: Options | undefined
): Effect.Effect<
  (client: HttpClient.HttpClient) => HttpClient.HttpClient,
  ConfigurationError,
  RateLimiter.RateLimiter
> =>
  Effect.gen(function* () {
    const limiter = yield* RateLimiter.RateLimiter
    const lines = new Map<Category, Line>()
    for (const category of Object.keys(limits) as Array<Category>) {
      // By key, as a limit that is given twice would wait for itself.
      const gates = new Map<string, Gate>()
      for (const limit of [limits[category] ?? []].flat()) {
        const gate = yield* Effect.fromResult(gateOf(limit, category, options?.key ?? ""))
        gates.set(gate.key, gate)
      }
      if (gates.size === 0) continue
      // What is taken in vain, as another program took part of the rest, is then of the shortest window.
      lines.set(
        category,
        makeLine(
          limiter,
          [...gates.values()].sort((a, b) => a.windowMillis - b.windowMillis)
        )
      )
    }
    const lineOf = (request: HttpClientRequest.HttpClientRequest): Line | undefined => {
      const category = categoryOf(request)
      return category === undefined ? undefined : lines.get(category)
    }
    return (client) =>
      client.pipe(
        HttpClient.mapRequestEffect((request) => {
          const line = lineOf(request)
          return line === undefined ? Effect.succeed(request) : Effect.as(turn(line, request), request)
        }),
        HttpClient.transform((send, request) => {
          const line = lineOf(request)
          return line === undefined ? send : Effect.tap(send, (response) => observe(line, response))
        })
      )
  })

/**
 * A `RateLimiter` that counts in memory: for one program alone.
 */
export const layerMemory: Layer.Layer<RateLimiter.RateLimiter> = Layer.provide(
  RateLimiter.layer,
  RateLimiter.layerStoreMemory
)

/** A limit, as slots: each lets one request through in a window, so all of them no more than their number in any window. */
interface Gate {
  readonly key: string
  readonly windowMillis: number
  /** When each slot is free at the earliest, as far as is known here. */
  readonly freeAt: Array<number>
}

const maxRequests = 1_000_000

const gateOf = (limit: Limit, category: Category, key: string): Result.Result<Gate, ConfigurationError> => {
  const { requests } = limit
  const windowMillis = Option.match(Duration.fromInput(limit.window), { onNone: () => 0, onSome: Duration.toMillis })
  if (!Number.isInteger(requests) || requests < 1 || requests > maxRequests) {
    return refuse(category, `allows ${requests} requests: give a whole number from 1 to ${maxRequests}`)
  }
  if (!(windowMillis >= 1 && windowMillis < Infinity)) {
    return refuse(category, "has no window: give a duration of a millisecond or more")
  }
  return Result.succeed({
    key: ["@effect-sse/twelvelabs", key, category, requests, windowMillis].join("/"),
    windowMillis,
    freeAt: Array.from({ length: requests }, () => 0)
  })
}

const refuse = (category: Category, issue: string) =>
  Setting.refuse({ vendor: vendor.name, setting: `${category} limit` }, issue)

/** Those who wait for a category. Only the first of them looks at the gates, so turns come in the order of asking. */
interface Line {
  readonly turn: Effect.Effect<void, RateLimiter.RateLimiterError>
  /** Until when the vendor takes nothing. */
  heldUntil: number
}

/** How far away a time may be that is waited for because the vendor gives it. */
const maxHoldMillis = 120_000

/** Longer ones are slept in pieces, as timers cannot have any length, and clocks are set. */
const maxSleepMillis = 3_600_000

const makeLine = (limiter: RateLimiter.RateLimiter, gates: ReadonlyArray<Gate>): Line => {
  const first = Semaphore.makeUnsafe(1)

  const pass = Effect.gen(function* () {
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const slots = gates.map(({ freeAt }) => earliest(freeAt))
      const until = Math.max(line.heldUntil, ...gates.map(({ freeAt }, index) => freeAt[slots[index]!]!))
      if (until > now) yield* Effect.sleep(Math.min(until - now, maxSleepMillis))
      else if (yield* takeAll(slots)) return
    }
  })

  /** Whether all gates had room by the store's count as well, in which others may have taken part. */
  const takeAll = Effect.fnUntraced(function* (slots: ReadonlyArray<number>) {
    for (const [index, gate] of gates.entries()) {
      const slot = slots[index]!
      const wait = yield* take(limiter, gate, slot)
      gate.freeAt[slot] = (yield* Clock.currentTimeMillis) + (wait ?? gate.windowMillis)
      if (wait !== undefined) return false
    }
    return true
  })

  const line: Line = { turn: first.withPermit(pass), heldUntil: 0 }
  return line
}

const earliest = (freeAt: ReadonlyArray<number>): number => {
  let slot = 0
  for (let i = 1; i < freeAt.length; i++) if (freeAt[i]! < freeAt[slot]!) slot = i
  return slot
}

/** Takes a slot, or says in how many milliseconds it may be free. */
const take = (
  limiter: RateLimiter.RateLimiter,
  { key, windowMillis }: Gate,
  slot: number
): Effect.Effect<number | undefined, RateLimiter.RateLimiterError> =>
  limiter
    .consume({
      algorithm: "fixed-window",
      onExceeded: "fail",
      key: `${key}/${slot}`,
      limit: 1,
      window: Duration.millis(windowMillis)
    })
    .pipe(
      Effect.as(undefined),
      Effect.catch((error) =>
        error.reason._tag === "RateLimitExceeded"
          ? Effect.succeed(Math.max(1, Math.ceil(Duration.toMillis(error.reason.retryAfter))))
          : Effect.fail(error)
      )
    )

const turn = (
  line: Line,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<void, HttpClientError.HttpClientError> =>
  Effect.mapError(
    line.turn,
    (cause) =>
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request, cause, description: "the rate limiter's store failed" })
      })
  )

const observe = (line: Line, { headers, status }: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const waits = allowances(headers, now).flatMap(({ remaining, resetMillis }) =>
      resetMillis !== undefined && remaining !== undefined && remaining <= 0 ? [resetMillis] : []
    )
    if (status === 429) {
      const retryAfter = Result.map(Headers.parseRetryAfter(headers["retry-after"] ?? ""), (retryAfter) =>
        Duration.toMillis(Headers.retryAfterDelay(retryAfter, now))
      )
      if (Result.isSuccess(retryAfter)) waits.push(retryAfter.success)
    }
    for (const wait of waits) {
      if (wait <= maxHoldMillis) line.heldUntil = Math.max(line.heldUntil, now + wait)
    }
  })
