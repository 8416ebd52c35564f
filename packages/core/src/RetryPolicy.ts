/**
 * Retry policies: plain values that say which errors are worth a new attempt, and when.
 *
 * A policy only ever sees errors from before the first event of a stream; what comes later is never repeated behind
 * the consumer's back (see `EventStream.restarting` for doing it in the open).
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { StreamError } from "./StreamError.ts"

/**
 * A retry policy. Make one with {@link make}, or take {@link safe}, {@link idempotent} or {@link none}.
 */
export interface RetryPolicy {
  /** Whether this error is worth a new attempt, and safe to have one. */
  readonly retries: (error: StreamError) => boolean
  /** When to try again: steps on the error, ends when no attempt is left. */
  readonly schedule: Schedule.Schedule<unknown, StreamError>
}

/**
 * Options of {@link make}.
 */
export interface Options {
  /** Which errors to retry. Default {@link isSafe}. */
  readonly retries?: ((error: StreamError) => boolean) | undefined
  /** How many attempts may follow the first one. Default 3. */
  readonly times?: number | undefined
  /** The wait before the first retry; it doubles with each, with a jitter of 20 %. Default 500 ms. */
  readonly base?: Duration.Input | undefined
  /**
   * The longest single wait. A vendor that asks for more than this is not waited for: the error is returned at once,
   * with the time in `retryAfter`. Default 60 s.
   */
  readonly maxDelay?: Duration.Input | undefined
  /** No retry starts when this much time has passed since the first failure. Default 5 minutes. */
  readonly budget?: Duration.Input | undefined
}

/**
 * Whether the vendor surely did not accept the request: no connection was made, or it answered 429, 503 or 529. A quota
 * that is used up is not worth a retry.
 */
export const isSafe = (error: StreamError): boolean => {
  switch (error._tag) {
    case "TransportError":
      return error.neverSent
    case "ApiError":
      return error.channel === "status" && error.isRetryable && refusals.has(error.status)
    case "ParseError":
    case "MissingDoneError":
      return false
  }
}

const refusals: ReadonlySet<number> = new Set([429, 503, 529])

/**
 * Whether a request that may be repeated without harm is worth repeating: all of {@link isSafe}, and broken
 * connections, timeouts, 408, 5xx and other transient faults besides.
 */
export const isTransient = (error: StreamError): boolean => error.isRetryable

/**
 * Makes a policy: exponential waits with jitter, at least as long as the vendor asks for, bounded in number and time.
 *
 * **Example** (Two more attempts, quickly)
 *
 * ```ts
 * import { RetryPolicy } from "@effect-sse/core"
 *
 * const policy = RetryPolicy.make({ times: 2, base: "100 millis", maxDelay: "5 seconds" })
 * ```
 */
export const make = (options?: Options): RetryPolicy => {
  const maxDelay = Duration.fromInputUnsafe(options?.maxDelay ?? "60 seconds")
  const tooLong = (error: StreamError) =>
    error.retryAfter !== undefined && Duration.isGreaterThan(error.retryAfter, maxDelay)
  return {
    retries: options?.retries ?? isSafe,
    schedule: Schedule.exponential(options?.base ?? "500 millis").pipe(
      Schedule.jittered,
      Schedule.setInputType<StreamError>(),
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.succeed(Duration.max(Duration.min(duration, maxDelay), input.retryAfter ?? Duration.zero))
      ),
      Schedule.while(({ input }) => Effect.succeed(!tooLong(input))),
      Schedule.upTo({ times: options?.times ?? 3, duration: options?.budget ?? "5 minutes" })
    )
  }
}

/**
 * The default for what creates something or costs money: retries only what the vendor surely did not accept.
 */
export const safe: RetryPolicy = make()

/**
 * For requests that may be repeated without harm, and for streams whose user accepts that a job may run twice: also
 * resets and timeouts before the first event, 408 and 5xx.
 */
export const idempotent: RetryPolicy = make({ retries: isTransient })

/**
 * No retry at all.
 */
export const none: RetryPolicy = make({ retries: () => false, times: 0 })

/**
 * Runs an effect under a policy: tries again while the policy wants to, else fails with the last error. An error that is
 * not a `StreamError`, such as a full disk's, is no matter for a policy and fails at once.
 */
export const retry =
  (policy: RetryPolicy) =>
  <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(self, {
      schedule: policy.schedule as Schedule.Schedule<unknown, unknown>,
      while: (error) => isStreamError(error) && policy.retries(error)
    })

const tags: Record<StreamError["_tag"], true> = {
  TransportError: true,
  ApiError: true,
  ParseError: true,
  MissingDoneError: true
}

const isStreamError = (error: { readonly _tag: string }): error is StreamError => Object.hasOwn(tags, error._tag)
