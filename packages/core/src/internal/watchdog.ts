import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TransportReason } from "../StreamError.ts"

/** Time limits in milliseconds; `Infinity` turns one off. */
export interface Limits {
  /** Without a byte, while bytes are waited for. */
  readonly idle: number
  /** Without an event, while an event is waited for. */
  readonly stall: number
  /** For all of it. */
  readonly deadline: number
  /** The time on the clock at which all must be over. */
  readonly deadlineAt: number
}

/** Watches one connection with one timer, so that nothing is started or stopped for a chunk. */
export interface Watchdog {
  /** Bytes are asked for, because a consumer waits for an event. */
  readonly bytesWanted: () => void
  /** The consumer got its events, or waits no more; what it does now is not the server's fault. */
  readonly nothingWanted: () => void
  /** The limit that was passed, if one was. */
  readonly expired: () => Extract<TransportReason, "IdleTimeout" | "StallTimeout" | "Deadline"> | undefined
}

/**
 * Starts a watchdog that runs in `scope` and, once a limit is passed, closes the connection: that ends the read that
 * waits for it, and the reader then asks {@link Watchdog.expired} why.
 */
export const start = (
  scope: Scope.Scope,
  limits: Limits,
  closeConnection: Effect.Effect<void>
): Effect.Effect<Watchdog> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    let waitingForBytes: number | undefined
    let waitingForEvent: number | undefined
    let expired: ReturnType<Watchdog["expired"]>

    const due = (now: number): readonly [at: number, reason: NonNullable<typeof expired>] => {
      const idleAt = (waitingForBytes ?? now) + limits.idle
      const stallAt = (waitingForEvent ?? now) + limits.stall
      return limits.deadlineAt <= idleAt && limits.deadlineAt <= stallAt
        ? [limits.deadlineAt, "Deadline"]
        : idleAt <= stallAt
          ? [idleAt, "IdleTimeout"]
          : [stallAt, "StallTimeout"]
    }

    const watch: Effect.Effect<void> = Effect.suspend(() => {
      const now = clock.currentTimeMillisUnsafe()
      const [at, reason] = due(now)
      if (at > now) return Effect.andThen(Effect.sleep(Duration.millis(at - now)), watch)
      expired = reason
      return closeConnection
    })
    if (limits.idle !== Infinity || limits.stall !== Infinity || limits.deadlineAt !== Infinity) {
      yield* Effect.forkIn(watch, scope)
    }

    return {
      bytesWanted: () => {
        waitingForBytes = clock.currentTimeMillisUnsafe()
        waitingForEvent ??= waitingForBytes
      },
      nothingWanted: () => {
        waitingForBytes = undefined
        waitingForEvent = undefined
      },
      expired: () => expired
    }
  })
