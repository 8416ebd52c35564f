/**
 * Waiting until something is ready, whatever it is: most of the vendor's resources have a status with much the same words.
 */
import * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
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
  { deadline, onProgress, schedule }: Polling.Options<A>
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
    // Words from outside: bounded, with nothing in them that moves a terminal's cursor, and without the signature of a link.
    const detail = detailOf?.(last)
      ?.slice(0, 1000)
      .replaceAll(/\p{Cc}+/gu, " ")
      .replaceAll(/(https?:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/gi, "$1?<redacted>")
    return yield* new ProcessingError({ subject, id, status, ...(detail === undefined ? {} : { detail }) })
  })
