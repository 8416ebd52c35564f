/**
 * How Powerdrill refuses, and what its refusals mean.
 *
 * Its errors come in three ways: by an HTTP status, under HTTP 200 with a `code` that is not 0 (also in answer to a
 * streaming request), and as an event inside a stream. All three become an `ApiError` whose `kind` follows the vendor's
 * code, or its words, before the HTTP status.
 */
import type { ApiErrorKind } from "@effect-sse/core/StreamError"
import * as Vendor from "@effect-sse/core/Vendor"

/** The response header with the id that the vendor's support asks for; it is an error's `requestId`. */
export const traceIdHeader = "x-pd-trace-id"

/** The codes of the vendor's error page, and those that older pages mention in passing. */
const kinds: ReadonlyMap<number, ApiErrorKind> = new Map<number, ApiErrorKind>([
  [100, "InvalidRequest"],
  [201, "RateLimited"],
  [1002, "Authentication"],
  [1003, "Authentication"],
  [1004, "Authentication"],
  [9999, "Server"],
  [100001, "InvalidRequest"],
  [100105, "InvalidRequest"],
  [100106, "InvalidRequest"],
  [100112, "InvalidRequest"],
  [204001, "InvalidRequest"],
  // The job was accepted and did not work out: a new one may, and costs again.
  [210020, "Failed"],
  [210021, "QuotaExceeded"],
  [210022, "InvalidRequest"],
  // Files that are still being read: the same request is good later.
  [210023, "Conflict"],
  [210024, "InvalidRequest"],
  [210025, "InvalidRequest"],
  [210026, "Failed"],
  [211001, "QuotaExceeded"],
  [214002, "PermissionDenied"],
  [300001, "InvalidRequest"],
  [300002, "PermissionDenied"],
  [300003, "NotFound"],
  [300004, "InvalidRequest"],
  [300005, "InvalidRequest"],
  [300006, "QuotaExceeded"],
  [300007, "Server"],
  [300008, "Server"],
  [300009, "QuotaExceeded"],
  [300011, "Server"]
])

/**
 * The kind of error that one of the vendor's codes stands for; `undefined` for codes that no document lists.
 *
 * @param code as in the field `code` of an answer
 */
export const kindOfCode = (code: number): ApiErrorKind | undefined => kinds.get(code)

/** For errors inside a stream, which come with words in place of a code. */
const kindsOfWords: ReadonlyArray<readonly [RegExp, ApiErrorKind]> = [
  [/quota|subscription/i, "QuotaExceeded"],
  [/rate limit|too many requests/i, "RateLimited"],
  [/credential|authenticat|api key/i, "Authentication"],
  [/permission/i, "PermissionDenied"],
  [/not found/i, "NotFound"],
  [/synchroni[sz]|synching/i, "Conflict"],
  [/too long|too many files|(?:invalid|missing) param/i, "InvalidRequest"],
  [/internal (?:server )?error/i, "Server"]
]

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

/** A code as a number, also where it is a numeric text or, in old documents, wrapped in an object of its own. */
const numberOf = (value: unknown): number | undefined => {
  const inner = fieldsOf(value)?.["code"] ?? value
  if (typeof inner === "number") return inner
  return typeof inner === "string" && /^\s*-?\d{1,9}\s*$/.test(inner) ? Number(inner) : undefined
}

interface Said {
  /** The code as a number, where it is one. */
  readonly number: number | undefined
  readonly code: string | undefined
  readonly words: string | undefined
}

/**
 * What an error body says. The documented field for its text is `msg`; `message` and `error` occur, and a text in `code`
 * is the message where there is no other.
 */
const said = (value: unknown): Said => {
  const fields = fieldsOf(value)
  if (fields === undefined) return { number: undefined, code: undefined, words: textOf(value) }
  const nested = fieldsOf(fields["error"]) ?? fields
  const number = numberOf(nested["code"])
  const words = textOf(nested["msg"]) ?? textOf(nested["message"]) ?? textOf(nested["error"])
  const textCode = number === undefined ? textOf(nested["code"]) : undefined
  return {
    number,
    code: number === undefined ? (words === undefined ? undefined : textCode) : String(number),
    words: words ?? textCode
  }
}

/** By code first and by status second. The code for an internal error says less than a status that asks to come back. */
const kindOf = (code: number | undefined, status: number): ApiErrorKind => {
  const ofStatus = status < 400 ? "Unknown" : Vendor.kindOfStatus(status)
  const ofCode = code === undefined ? undefined : kinds.get(code)
  return ofCode === "Server" && ofStatus === "Overloaded" ? ofStatus : (ofCode ?? ofStatus)
}

/**
 * Powerdrill, to the engine.
 */
export const vendor: Vendor.Vendor = {
  name: "powerdrill",
  refusal: ({ headers, json, status }) => {
    const { code, number, words } = said(json)
    // `code: 0` is the only success, whatever else there is; under a good status a body without any code is no refusal.
    if (number === 0 || (status < 300 ? !hasCode(json) : code === undefined && words === undefined)) return undefined
    return { kind: kindOf(number, status), code, detail: words ?? "", requestId: headers[traceIdHeader] }
  }
}

const hasCode = (json: unknown): boolean => {
  const fields = fieldsOf(json)
  return (fields?.["code"] ?? fieldsOf(fields?.["error"]) ?? undefined) !== undefined
}

const noReason = "the job failed, and the vendor gave no reason"

/**
 * Reads the error of a stream. No document shows one: it may be the usual envelope, an object, or a plain text.
 *
 * @param json the event's data, parsed; `undefined` when it is not JSON
 */
export const refusalOfEvent = (data: string, json: unknown, requestId: string | undefined): Vendor.Refusal => {
  const bare = isMark(data) ? undefined : data
  const { code, number, words } = said(json === undefined ? bare : contentOf(json))
  const ofWords = kindsOfWords.find(([pattern]) => words !== undefined && pattern.test(words))?.[1]
  return {
    kind: (number === undefined ? undefined : kinds.get(number)) ?? ofWords ?? "Failed",
    code: number === 0 ? undefined : code,
    detail: words ?? bare ?? noReason,
    requestId
  }
}

/** The content of the envelope, or whatever there is in its place. */
const contentOf = (json: unknown): unknown => {
  const fields = fieldsOf(json)
  const choices = fields?.["choices"]
  const choice = fieldsOf(Array.isArray(choices) ? choices[0] : undefined)
  return fieldsOf(choice?.["delta"])?.["content"] ?? fields?.["content"] ?? json
}

const isMark = (data: string): boolean => /^(?:\[ERROR\])?$/.test(data.trim())
