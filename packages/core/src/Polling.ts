/**
 * Waiting until something at a vendor is ready, by asking again and again.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { excerpt } from "./internal/excerpt.ts"

/**
 * It was not ready in time: the deadline passed, or the schedule came to its end. Waiting again is harmless.
 *
 * `subject` is what was waited for, `state` what it was last seen in (`"unknown"` if never), `waitedMillis` how long.
 */
export class NotReadyError extends Schema.TaggedError<NotReadyError>()("NotReadyError", {
  subject: Schema.String,
  state: Schema.String,
  waitedMillis: Schema.Number
}) {
  /** It may become ready yet. */
  get isRetryable(): boolean {
    return true
  }
  /** The vendor does not say how long it takes. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const waited = Duration.format(Duration.millis(Math.round(this.waitedMillis)))
    return `${this.subject} is not ready after ${waited}, its state is: ${this.state}; wait longer (options deadline, schedule) or look into it`
  }
}

/**
 * Options of waiting.
 */
export interface Options<in A = unknown> {
  /** When to ask again. Default: after 1 s at first, then in growing steps of up to 10 s. */
  readonly schedule?: Schedule.Schedule<unknown> | undefined
  /** How long to wait in all. Default 10 minutes, unless what waits says otherwise. */
  readonly deadline?: Duration.Input | undefined
  /** Run with each state that is seen, also with the last one. */
  readonly onProgress?: ((state: A) => Effect.Effect<void>) | undefined
}

/**
 * What is waited for.
 */
export interface Subject<A, E, R> {
  /** Its name, for the error. */
  readonly subject: string
  /** Asks for its state. Fails when it will never be ready, or when it cannot be asked. */
  readonly poll: Effect.Effect<A, E, R>
  readonly isReady: (state: A) => boolean
  /** A state in few words, for the error. */
  readonly describe: (state: A) => string
}

const defaultSchedule = Schedule.min([Schedule.exponential("1 second", 1.5), Schedule.spaced("10 seconds")])

/**
 * Polls until the subject is ready, and gives its last state. Asks at once, and then by the schedule.
 *
 * Fails as `poll` does, and with `NotReadyError` when the deadline passes or the schedule ends first. An error that is
 * `isRetryable` does not end the wait: it is asked again by the schedule, and such an error is what the wait fails with only when
 * the time is up and it was the last that came.
 *
 * **Example** (Every five seconds, for an hour)
 *
 * ```ts
 * import { Polling } from "@effect-sse/core"
 * import { type Effect, Schedule } from "effect"
 *
 * declare const poll: Effect.Effect<"running" | "done">
 *
 * const done = Polling.until(
 *   { subject: "the export", poll, isReady: (state) => state === "done", describe: (state) => state },
 *   { schedule: Schedule.spaced("5 seconds"), deadline: "1 hour" }
 * )
 * ```
 */
export const until = <A, E, R>(
  { describe, isReady, poll, subject }: Subject<A, E, R>,
  options?: Options<A> | undefined
): Effect.Effect<A, E | NotReadyError, R> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    let last = Option.none<A>()
    let trouble = Option.none<E>()
    const notReady = Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<never, E | NotReadyError> =>
      Option.isSome(trouble)
        ? Effect.fail(trouble.value)
        : Effect.fail(
            new NotReadyError({
              subject,
              state: excerpt(Option.match(last, { onNone: () => "unknown", onSome: describe })),
              waitedMillis: now - started
            })
          )
    )
    const look = poll.pipe(
      Effect.tap((state) => {
        last = Option.some(state)
        trouble = Option.none()
        return options?.onProgress?.(state) ?? Effect.void
      }),
      Effect.map(isReady),
      Effect.catchIf(mayPass, (error) => {
        trouble = Option.some(error)
        return Effect.succeed(false)
      })
    )
    return yield* look.pipe(
      Effect.repeat({ schedule: options?.schedule ?? defaultSchedule, until: (ready) => ready }),
      Effect.flatMap(() =>
        Option.isNone(trouble)
          ? Option.match(Option.filter(last, isReady), { onNone: () => notReady, onSome: Effect.succeed })
          : notReady
      ),
      Effect.timeoutOrElse({
        duration: Duration.fromInputUnsafe(options?.deadline ?? "10 minutes"),
        orElse: () => notReady
      })
    )
  })

/** Whether an error says of itself that another attempt may succeed. */
const mayPass = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "isRetryable" in error && error.isRetryable === true
