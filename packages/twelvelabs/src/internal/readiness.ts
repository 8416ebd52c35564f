/**
 * Waiting until something is ready, whatever it is: most of the vendor's resources have a status with much the same words.
 */
import * as Excerpt from "@effect-sse/core/Excerpt"
import * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ProcessingError } from "../ProcessingError.ts"

/** What a status means: one that is not known, or not there, is taken for "not ready yet". */
export const stateOf = (status: string | undefined): "Ready" | "Failed" | "Pending" => {
  switch (status) {
    case "ready":
    case "completed":
      return "Ready"
    case "failed":
    case "canceled":
    case "expired":
    // Of what is made of an asset.
    case "error":
      return "Failed"
    default:
      return "Pending"
  }
}

/** How long a wait is, where its caller says nothing else: long enough for large videos. */
export const defaultDeadline: Duration.Input = "1 hour"

/** What is waited for. */
export interface Awaited<A> {
  /** What it is, such as `asset`. */
  readonly subject: string
  readonly id: string
  readonly poll: Effect.Effect<A, RequestError>
  readonly statusOf: (state: A) => string | undefined
  /** The vendor's reason, where it gives one. */
  readonly detailOf?: ((state: A) => string | undefined) | undefined
}

/** Polls until the vendor says that it is ready, and fails when it says that it never will be. */
export const untilReady = <A>(
  { detailOf, id, poll, statusOf, subject }: Awaited<A>,
  { deadline = defaultDeadline, onProgress, schedule }: Polling.Options<A>
): Effect.Effect<A, RequestError | Polling.NotReadyError | ProcessingError> =>
  Effect.gen(function* () {
    const last = yield* Polling.until(
      {
        subject: `${subject} ${id}`,
        poll,
        isReady: (state) => stateOf(statusOf(state)) !== "Pending",
        describe: (state) => statusOf(state) ?? "unknown"
      },
      { deadline, onProgress, schedule }
    )
    const status = statusOf(last)
    if (status === undefined || stateOf(status) === "Ready") return last
    const words = detailOf?.(last)
    const detail = words === undefined ? {} : { detail: Excerpt.of(words, { max: 1000 }) }
    return yield* new ProcessingError({ subject, id, status: Excerpt.of(status), ...detail })
  })
