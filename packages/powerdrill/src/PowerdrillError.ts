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

/** What a code stands for, and what to do about it where the vendor's words leave that open. */
interface Meaning {
  readonly kind: ApiErrorKind
  readonly hint?: string | undefined
}

const checkTheKey = "check POWERDRILL_API_KEY (option apiKey) in Powerdrill's admin console"
const deleteSessions = "a user can have 150 sessions: delete some (sessions.delete)"
const checkTheFields = "the vendor's reference says which fields it takes"

/** The codes of the vendor's error page, and those that older pages mention in passing. */
const meanings: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [100, { kind: "InvalidRequest" }],
  [201, { kind: "RateLimited", hint: "a team may send 20 requests a second" }],
  [1002, { kind: "Authentication", hint: checkTheKey }],
  [1003, { kind: "Authentication", hint: checkTheKey }],
  [1004, { kind: "Authentication", hint: checkTheKey }],
  [9999, { kind: "Server" }],
  [100001, { kind: "InvalidRequest" }],
  [100105, { kind: "InvalidRequest", hint: checkTheFields }],
  [100106, { kind: "InvalidRequest", hint: checkTheFields }],
  [100112, { kind: "InvalidRequest", hint: checkTheFields }],
  [204001, { kind: "InvalidRequest", hint: checkTheFields }],
  // The job was accepted and did not work out: a new one may, and costs again.
  [210020, { kind: "Failed", hint: "asking again may work, and costs another job" }],
  [210021, { kind: "QuotaExceeded", hint: "the user's jobs are used up, or there is no subscription" }],
  [210022, { kind: "InvalidRequest", hint: "a question may have 6000 characters: shorten it, or upload its data" }],
  // Files that are still being read: the same request is good later.
  [210023, { kind: "Conflict", hint: "wait for the data first (datasets.awaitReady)" }],
  [210024, { kind: "InvalidRequest" }],
  [210025, { kind: "InvalidRequest", hint: "name fewer data sources, or the dataset alone" }],
  [210026, { kind: "Failed", hint: "the vendor suggests to ask again with a stream (jobs.stream, jobs.run)" }],
  [211001, { kind: "QuotaExceeded", hint: deleteSessions }],
  [214002, { kind: "PermissionDenied", hint: "the user is not in the key's project: check userId" }],
  [300001, { kind: "InvalidRequest", hint: checkTheFields }],
  [300002, { kind: "PermissionDenied", hint: "a key sees its own project's resources only" }],
  [300003, { kind: "NotFound" }],
  [
    300004,
    {
      kind: "InvalidRequest",
      hint: "name it with an extension that the vendor reads, such as .csv, .xlsx, .pdf or .txt"
    }
  ],
  [300005, { kind: "InvalidRequest", hint: "the file is empty: check what wrote it" }],
  [300006, { kind: "QuotaExceeded", hint: "the workspace is full: delete data sources (datasources.delete)" }],
  [300007, { kind: "Server" }],
  [300008, { kind: "Server" }],
  [300009, { kind: "QuotaExceeded", hint: deleteSessions }],
  [300011, { kind: "Server" }]
])

/**
 * The kind of error that one of the vendor's codes stands for; `undefined` for codes that no document lists.
 *
 * @param code as in the field `code` of an answer
 */
export const kindOfCode = (code: number): ApiErrorKind | undefined => meanings.get(code)?.kind

const hintOfCode = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : meanings.get(code)?.hint

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
  const ofCode = code === undefined ? undefined : kindOfCode(code)
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
    return {
      kind: kindOf(number, status),
      code,
      detail: words ?? "",
      hint: hintOfCode(number),
      requestId: headers[traceIdHeader]
    }
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
    kind: (number === undefined ? undefined : kindOfCode(number)) ?? ofWords ?? "Failed",
    code: number === 0 ? undefined : code,
    detail: words ?? bare ?? noReason,
    hint: hintOfCode(number),
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
