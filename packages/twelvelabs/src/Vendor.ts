/**
 * How TwelveLabs words its refusals, and what they mean.
 *
 * Three error bodies exist: flat `{ code, message }` (the normal one), nested `{ error: { code, message, details } }` and an
 * old `{ error_code, message }`. A body may also be empty (documented for 429) or a gateway's HTML: then the status says it
 * all. From the vendor's API reference, "Error codes" and "Rate limits".
 */
import { type Answer, kindOfStatus, type Refusal, type Vendor } from "@effect-sse/core/Vendor"
import type { ApiErrorKind } from "@effect-sse/core/StreamError"
import { allowances } from "./internal/rateLimitHeaders.ts"

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const kinds: ReadonlyMap<string, ApiErrorKind> = new Map<string, ApiErrorKind>([
  ["api_key_invalid", "Authentication"],
  ["unauthorized", "Authentication"],
  ["unauthorized_request", "Authentication"],
  ["api_not_allowed", "PermissionDenied"],
  ["api_allowed_for_paid_plan", "PermissionDenied"],
  ["api_upgrade_required", "PermissionDenied"],
  ["region_not_allowed", "PermissionDenied"],
  ["insufficient_funds", "QuotaExceeded"],
  ["plan_limit_exceeded", "QuotaExceeded"],
  ["too_many_requests", "RateLimited"],
  ["rate_limit_exceeded", "RateLimited"],
  ["resource_not_exist", "NotFound"],
  ["not_found", "NotFound"],
  ["invalid_request", "InvalidRequest"],
  ["validation_error", "InvalidRequest"],
  ["parameter_invalid", "InvalidRequest"],
  ["parameter_not_provided", "InvalidRequest"],
  ["parameter_unknown", "InvalidRequest"],
  ["tags_not_allowed", "InvalidRequest"],
  ["token_limit_exceeded", "InvalidRequest"],
  ["asset_unavailable", "InvalidRequest"],
  ["index_option_cannot_be_changed", "InvalidRequest"],
  ["index_engine_cannot_be_changed", "InvalidRequest"],
  ["video_resolution_too_low", "InvalidRequest"],
  ["redirect_uri_invalid", "InvalidRequest"],
  ["redirect_uri_limit_exceeded", "QuotaExceeded"],
  ["index_name_already_exists", "Conflict"],
  ["batch_not_terminal", "Conflict"],
  ["batch_completed", "Conflict"],
  ["batch_canceled", "Conflict"],
  ["batch_expired", "Conflict"],
  ["request_canceled_or_timed_out", "Server"],
  ["internal_server_error", "Server"]
])

/**
 * The kind of refusal that one of the vendor's codes stands for; `undefined` for codes that are not known and for
 * `generic_error`, which means nothing by itself. It comes before the status: `insufficient_funds` has status 400.
 */
export const kindOfCode = (code: string | undefined): ApiErrorKind | undefined =>
  code === undefined ? undefined : kinds.get(code.toLowerCase())

/** A code comes before the status, but for the general ones, which say no more than that something is wrong. */
const kindOfAnswer = (code: string | undefined, byStatus: ApiErrorKind): ApiErrorKind => {
  const byCode = kindOfCode(code) ?? byStatus
  return byCode === "InvalidRequest" && byStatus !== "Unknown" ? byStatus : byCode
}

interface Wording {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly details?: Json | undefined
}

/** Reads the first of the three error bodies that fits. */
const wordingOf = (json: unknown): Wording | undefined => {
  const body = object(json)
  if (body === undefined) return undefined
  const code = text(body["code"])
  const message = text(body["message"])
  if (code !== undefined) return { code, message, details: object(body["details"]) }
  const error = object(body["error"])
  const nested = { code: text(error?.["code"]), message: text(error?.["message"]), details: object(error?.["details"]) }
  if (nested.code !== undefined || nested.message !== undefined) return nested
  const old = body["error_code"]
  if (typeof old === "number" || typeof old === "string") return { code: String(old), message }
  return message === undefined ? undefined : { message }
}

/** What may stand beside a nested error; anything else is a resource that tells of an error of its own, such as a failed task. */
const besideError: ReadonlySet<string> = new Set(["error", "code", "message", "docs_url", "request_id", "requestId"])

/**
 * Whether JSON under a good status is an error all the same. It must look like one in full: a message alone may be an answer.
 */
export const isError = (json: unknown): boolean => {
  const body = object(json)
  if (body === undefined) return false
  if (object(body["error"]) !== undefined) return Object.keys(body).every((key) => besideError.has(key))
  return wordingOf(body)?.code !== undefined
}

const isResponse = (json: unknown): boolean => {
  const body = object(json)
  return body !== undefined && (body["object"] === "response" || body["type"] === "response")
}

/**
 * The refusal that a response that failed, or an `error` event inside a stream, stands for.
 *
 * @param json what holds the error, flat or nested, or none: the vendor need not give a reason
 * @param responseId the id of the response
 */
export const failure = (json: unknown, responseId: string | undefined): Refusal => {
  const wording = wordingOf(json)
  const kind = kindOfCode(wording?.code) ?? "Failed"
  return { kind, code: wording?.code, detail: wording?.message ?? "", requestId: responseId }
}

/**
 * TwelveLabs, as core needs to know it.
 */
export const vendor: Vendor = {
  name: "twelvelabs",
  refusal: (answer) => {
    const good = answer.status >= 200 && answer.status < 300
    if (good && isResponse(answer.json)) {
      const { id, status } = answer.json as Json
      return status === "failed" ? failure(answer.json, text(id)) : undefined
    }
    if (good && !isError(answer.json)) return undefined
    const wording = wordingOf(answer.json)
    const { code, details, message } = wording ?? {}
    const kind = kindOfAnswer(code, good ? "Unknown" : kindOfStatus(answer.status))
    const retryAfterMillis =
      kind === "RateLimited" || kind === "QuotaExceeded"
        ? (resetFromHeaders(answer) ?? resetFromDetails(details) ?? resetFromMessage(answer, message))
        : undefined
    if (wording === undefined && retryAfterMillis === undefined) return undefined
    return { kind, code, detail: message ?? "", requestId: requestIdOf(answer, details), retryAfterMillis }
  }
}

const requestIdOf = (answer: Answer, details: Json | undefined): string | undefined =>
  text(details?.["request_id"]) ?? text(details?.["requestId"]) ?? answer.headers["x-request-id"]

/** The vendor's time of the answer, as its reset times are by its clock; ours where it sends none. */
const timeOf = (answer: Answer): number => {
  const date = Date.parse(answer.headers["date"] ?? "")
  return Number.isNaN(date) ? answer.now : date
}

/** How long to wait by the headers; of several limits those count that have nothing remaining. */
const resetFromHeaders = (answer: Answer): number | undefined => {
  const waits = allowances(answer.headers, answer.now).flatMap(({ remaining, resetMillis }) =>
    resetMillis === undefined || (remaining ?? 0) > 0 ? [] : [resetMillis]
  )
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/** How long to wait by `details.retryAfter`, seconds as a number or as text. */
const resetFromDetails = (details: Json | undefined): number | undefined => {
  const value = details?.["retryAfter"] ?? details?.["retry_after"]
  const seconds = typeof value === "string" ? Number.parseFloat(value) : value
  return typeof seconds === "number" && seconds >= 0 && seconds < 1e9 ? seconds * 1000 : undefined
}

const timeAtEnd = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d))["'.)\s]{0,4}$/i

/** How long to wait by the time at the end of "… try again later after <RFC 3339 time>". */
const resetFromMessage = (answer: Answer, message: string | undefined): number | undefined => {
  const time = Date.parse(timeAtEnd.exec(message?.slice(-80) ?? "")?.[1] ?? "")
  return Number.isNaN(time) ? undefined : Math.max(0, time - timeOf(answer))
}
