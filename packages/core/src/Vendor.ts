/**
 * What core must know of a vendor to understand its refusals.
 */
import type * as Headers from "effect/http/Headers"
import type { ApiErrorKind } from "./StreamError.ts"

/**
 * An answer that was read whole: a status error, or a body where a stream was expected.
 */
export interface Answer {
  /** The HTTP status. */
  readonly status: number
  /** The response's headers, names in lower case. */
  readonly headers: Headers.Headers
  /** The body as text, bounded. */
  readonly text: string
  /** The body as JSON, `undefined` when it is none. */
  readonly json: unknown
  /** The time of receipt, in milliseconds since the epoch, for times that the vendor gives. */
  readonly now: number
}

/**
 * A refusal as the vendor worded it.
 */
export interface Refusal {
  /** What kind of refusal it is. */
  readonly kind: ApiErrorKind
  /** The vendor's code. */
  readonly code?: string | undefined
  /** The vendor's text. */
  readonly detail: string
  /** What to do about it, in our words, where the vendor's leave that open. */
  readonly hint?: string | undefined
  /** The id that the vendor's support asks for. */
  readonly requestId?: string | undefined
  /** How long to wait, in milliseconds, if the vendor says so elsewhere than in `Retry-After`. */
  readonly retryAfterMillis?: number | undefined
}

/**
 * A vendor.
 */
export interface Vendor {
  /** The name that errors and spans carry. */
  readonly name: string
  /**
   * Reads a refusal from an answer. Under a good status, `undefined` says that the answer is none; under a bad one, that
   * the body says nothing and the status must do.
   */
  readonly refusal: (answer: Answer) => Refusal | undefined
}

/**
 * The kind of refusal that an HTTP status stands for by itself.
 *
 * @param status the HTTP status
 */
export const kindOfStatus = (status: number): ApiErrorKind => {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 414:
    case 415:
    case 422:
      return "InvalidRequest"
    case 401:
      return "Authentication"
    case 402:
      return "QuotaExceeded"
    case 403:
      return "PermissionDenied"
    case 404:
      return "NotFound"
    case 409:
      return "Conflict"
    case 410:
      return "Gone"
    case 429:
      return "RateLimited"
    case 503:
    case 529:
      return "Overloaded"
    default:
      return status === 408 || status >= 500 ? "Server" : "Unknown"
  }
}
