import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { ByteSource } from "./byteSource.ts"

/** Time limits in milliseconds, each by what passing it is called; `Infinity` turns one off. */
export interface Limits {
  /** Without a byte, while bytes are waited for. */
  readonly IdleTimeout: number
  /** Without an event, while an event is waited for. */
  readonly StallTimeout: number
  /** For all of it. */
  readonly Deadline: number
  /** The time on the clock at which all must be over. */
  readonly deadlineAt: number
}

/** Which limit was passed. */
export type Expiry = Exclude<keyof Limits, "deadlineAt">

/**
 * Watches one connection, so that nothing is started or stopped for a chunk. Once a limit is passed, it hangs up: that ends the
 * read that waits, and the reader then asks {@link Watchdog.expired} why.
 */
export class Watchdog {
  readonly #clock: Clock.Clock
  readonly #limits: Limits
  readonly #source: Pick<ByteSource, "hangUp">
  // Since when it is waited; at the end of time for what is not waited for.
  #bytesSince = Infinity
  #eventSince = Infinity
  #expired: Expiry | undefined

  constructor(clock: Clock.Clock, limits: Limits, source: Pick<ByteSource, "hangUp">) {
    this.#clock = clock
    this.#limits = limits
    this.#source = source
  }

  /** The limit that was passed, if one was. */
  get expired(): Expiry | undefined {
    return this.#expired
  }

  /** Bytes are asked for, because a consumer waits for an event. */
  bytesWanted(): void {
    this.#bytesSince = this.#clock.currentTimeMillisUnsafe()
    if (this.#eventSince === Infinity) this.#eventSince = this.#bytesSince
  }

  /** The consumer got its events, or waits no more; what it does now is not the server's fault. */
  nothingWanted(): void {
    this.#bytesSince = Infinity
    this.#eventSince = Infinity
  }

  /** Begins to watch. Who starts it stops it. */
  start(): void {
    let watch = watches.get(this.#clock)
    if (watch === undefined) watches.set(this.#clock, (watch = new Watch(this.#clock)))
    watch.add(this)
  }

  /** Watches no longer. */
  stop(): void {
    watches.get(this.#clock)?.remove(this)
  }

  /** When it is to be looked at next: no limit is passed before. Notes the one that is passed now. */
  look(now: number): number {
    const { deadlineAt, IdleTimeout, StallTimeout } = this.#limits
    const idleAt = Math.min(this.#bytesSince, now) + IdleTimeout
    const stallAt = Math.min(this.#eventSince, now) + StallTimeout
    const at = Math.min(deadlineAt, idleAt, stallAt)
    if (at <= now) this.#expired = at === deadlineAt ? "Deadline" : at === idleAt ? "IdleTimeout" : "StallTimeout"
    return at
  }

  /** Closes the connection. */
  hangUp(): Effect.Effect<void> {
    return this.#source.hangUp()
  }
}

/**
 * All watchdogs by one clock. One fiber with one timer does for them: one for each stream would be the largest part of what a
 * silent stream holds. It ends with the last of them.
 */
class Watch {
  readonly #clock: Clock.Clock
  readonly #watchdogs = new Set<Watchdog>()
  #fiber: Fiber.Fiber<void> | undefined
  #wakesAt = Infinity

  constructor(clock: Clock.Clock) {
    this.#clock = clock
  }

  add(watchdog: Watchdog): void {
    const at = watchdog.look(this.#clock.currentTimeMillisUnsafe())
    if (at === Infinity) return
    this.#watchdogs.add(watchdog)
    if (at >= this.#wakesAt) return
    this.#wakesAt = at
    this.#fiber?.interruptUnsafe()
    // By itself, and not in the context of the stream that happens to be the first.
    this.#fiber = Effect.runFork(Effect.andThen(Effect.yieldNow, this.#sleep()))
  }

  remove(watchdog: Watchdog): void {
    this.#watchdogs.delete(watchdog)
    if (this.#watchdogs.size > 0) return
    this.#wakesAt = Infinity
    this.#fiber?.interruptUnsafe()
    this.#fiber = undefined
  }

  /** Sleeps until a limit may be passed. */
  #sleep(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#wakesAt === Infinity) return Effect.void
      const wait = this.#wakesAt - this.#clock.currentTimeMillisUnsafe()
      return wait > 0 ? Effect.andThen(this.#clock.sleep(Duration.millis(wait)), this.#look()) : this.#look()
    })
  }

  /** Looks at all of them and hangs up where a limit is passed. Also when it is early: the clock may have been put back. */
  #look(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const now = this.#clock.currentTimeMillisUnsafe()
      this.#wakesAt = Infinity
      const expired: Array<Watchdog> = []
      for (const watchdog of this.#watchdogs) {
        const at = watchdog.look(now)
        if (at <= now) expired.push(watchdog)
        else if (at < this.#wakesAt) this.#wakesAt = at
      }
      for (const watchdog of expired) {
        this.#watchdogs.delete(watchdog)
        // None waits for another.
        Effect.runFork(watchdog.hangUp())
      }
      return this.#sleep()
    })
  }
}

const watches = new WeakMap<Clock.Clock, Watch>()
