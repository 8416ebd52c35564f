/**
 * The five ways in which an exchange with a vendor can fail.
 *
 * They are flat, so that `Effect.catchTag("MissingDoneError", …)` is all that a program needs; they are schemas, so that
 * they cross process borders; and they carry no secret: no API key, no header that holds one, no query of a URL.
 * `isRetryable` says whether a new attempt may succeed at all. Whether one is *safe* (a job may have been started and
 * charged) is for a `RetryPolicy` to say.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

export { ExpiredArtifactError } from "./ExpiredArtifactError.ts"

/**
 * How far an exchange had come: `"connect"` until the response's headers are there, `"first-event"` until the first
 * event was decoded, `"streaming"` after it. The body of an answer that is no stream is read in `"body"`.
 */
export const Phase = Schema.Literals(["connect", "first-event", "streaming", "body"])

/** How far an exchange had come. */
export type Phase = typeof Phase.Type

/**
 * Why the transport failed.
 *
 * - `Refused`, `Dns`, `Tls`: no connection was made, so the vendor cannot have seen the request.
 * - `Reset`: the connection broke.
 * - `Framing`: the response's HTTP framing was cut or invalid. `Encoding`: its gzip, deflate or br data was.
 * - `ConnectTimeout`: no headers in time. `IdleTimeout`: no byte in time. `StallTimeout`: no event in time, though
 *   bytes came. `Deadline`: the whole exchange took too long.
 * - `Redirect`: the server pointed elsewhere; following would hand over the key and the request.
 * - `InvalidRequest`: the request could not be sent at all (URL, body).
 * - `Unknown`: none of these could be told.
 */
export const TransportReason = Schema.Literals([
  "Refused",
  "Dns",
  "Tls",
  "Reset",
  "Framing",
  "Encoding",
  "ConnectTimeout",
  "IdleTimeout",
  "StallTimeout",
  "Deadline",
  "Redirect",
  "InvalidRequest",
  "Unknown"
])

/** Why the transport failed. */
export type TransportReason = typeof TransportReason.Type

const whatToDo: Record<TransportReason, string> = {
  Refused: "no connection could be made",
  Dns: "the host's name could not be resolved; check the base URL",
  Tls: "no secure connection could be made",
  Reset: "the connection broke",
  Framing: "the response's HTTP framing was cut or invalid",
  Encoding: "the response's compressed data was cut or invalid",
  ConnectTimeout: "no response headers came in time (option connectTimeout)",
  IdleTimeout: "no byte came in time (option idleTimeout)",
  StallTimeout: "no event came in time, only heartbeats (option stallTimeout)",
  Deadline: "the exchange took longer than allowed (option deadline)",
  Redirect:
    "the server redirected; redirects are refused because they would carry the key elsewhere; check the base URL",
  InvalidRequest: "the request could not be sent",
  Unknown: "the transport failed"
}

/**
 * The network, or the HTTP layer on it, failed. `url` is without query, `detail` is the runtime's own word on it.
 */
export class TransportError extends Schema.TaggedError<TransportError>()("TransportError", {
  vendor: Schema.String,
  reason: TransportReason,
  phase: Phase,
  method: Schema.String,
  url: Schema.String,
  detail: Schema.String
}) {
  /** Whether a new attempt may succeed: not after a redirect, an invalid request, or the caller's own deadline. */
  get isRetryable(): boolean {
    return this.reason !== "Redirect" && this.reason !== "InvalidRequest" && this.reason !== "Deadline"
  }
  /** The transport never knows how long to wait. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  /** Whether the request surely never reached the vendor, so that sending it again cannot repeat anything. */
  get neverSent(): boolean {
    return this.phase === "connect" && (this.reason === "Refused" || this.reason === "Dns" || this.reason === "Tls")
  }
  override get message(): string {
    const detail = this.detail === "" ? "" : `: ${this.detail}`
    return `${this.vendor}: ${whatToDo[this.reason]} (${this.reason}, ${this.phase}, ${this.method} ${this.url})${detail}`
  }
}

/**
 * What kind of refusal an `ApiError` is, across vendors. Vendors' own codes stand in `code`.
 */
export const ApiErrorKind = Schema.Literals([
  "Authentication",
  "PermissionDenied",
  "InvalidRequest",
  "NotFound",
  "Conflict",
  "Gone",
  "RateLimited",
  "QuotaExceeded",
  "Overloaded",
  "Server",
  "Failed",
  "Unknown"
])

/** What kind of refusal an `ApiError` is. */
export type ApiErrorKind = typeof ApiErrorKind.Type

const retryableKinds: ReadonlySet<ApiErrorKind> = new Set(["RateLimited", "Overloaded", "Server"])

/**
 * The vendor said no.
 *
 * `channel` is how it said so: `"status"` by an HTTP status, `"envelope"` by an error body under a good status,
 * `"stream"` by an event inside the stream. `code` and `detail` are the vendor's own, `hint` says in our words what to do
 * where that is known, `requestId` is what its support asks for, `excerpt` is the beginning of what it sent. `method` and `url`
 * (without query) say which request it refused. `headers` holds
 * those of the response that help to understand a refusal (rate limits, request ids); never cookies.
 */
export class ApiError extends Schema.TaggedError<ApiError>()("ApiError", {
  vendor: Schema.String,
  kind: ApiErrorKind,
  channel: Schema.Literals(["status", "envelope", "stream"]),
  status: Schema.Number,
  code: Schema.optionalKey(Schema.String),
  detail: Schema.String,
  hint: Schema.optionalKey(Schema.String),
  requestId: Schema.optionalKey(Schema.String),
  method: Schema.optionalKey(Schema.String),
  url: Schema.optionalKey(Schema.String),
  retryAfterMillis: Schema.optionalKey(Schema.Number),
  headers: Schema.Record(Schema.String, Schema.String),
  excerpt: Schema.String
}) {
  /** Whether a new attempt may succeed: after rate limits, overload and faults of the vendor. */
  get isRetryable(): boolean {
    return retryableKinds.has(this.kind)
  }
  /** How long the vendor asks to wait, as far as it said. */
  get retryAfter(): Duration.Duration | undefined {
    return this.retryAfterMillis === undefined ? undefined : Duration.millis(this.retryAfterMillis)
  }
  override get message(): string {
    const code = this.code === undefined ? "" : `, code ${this.code}`
    const request = this.requestId === undefined ? "" : `, request ${this.requestId}`
    const wait =
      this.retryAfterMillis === undefined
        ? ""
        : `; try again in ${Duration.format(Duration.millis(this.retryAfterMillis))}`
    const detail = this.detail === "" ? "" : `: ${this.detail}`
    const hint = this.hint === undefined ? "" : `; ${this.hint}`
    const where = this.channel === "stream" ? "inside the stream" : `HTTP ${this.status}`
    return `${this.vendor}: ${this.kind} (${where}${code}${request})${detail}${hint}${wait}`
  }
}

/**
 * The bytes are not what the vendor documents, or went past a limit of ours.
 *
 * `stage` is where reading gave up: `"content"` (not a stream, or no JSON body at all), `"json"`, `"schema"` (JSON of the
 * wrong shape), `"limit"` (see `limit`, the option's name and value). `eventNumber` counts from 1, `offset` is the number of bytes
 * up to the end of the offending event, `excerpt` is the beginning of what came.
 */
export class ParseError extends Schema.TaggedError<ParseError>()("ParseError", {
  vendor: Schema.String,
  stage: Schema.Literals(["content", "json", "schema", "limit"]),
  issue: Schema.String,
  limit: Schema.optionalKey(Schema.Struct({ option: Schema.String, value: Schema.Number })),
  eventNumber: Schema.optionalKey(Schema.Number),
  eventName: Schema.optionalKey(Schema.String),
  offset: Schema.optionalKey(Schema.Number),
  excerpt: Schema.String
}) {
  /** The same request would bring the same bytes. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const name = this.eventName === undefined ? "" : ` (${this.eventName})`
    const where = this.eventNumber === undefined ? "" : ` in event ${this.eventNumber}${name}`
    const offset = this.offset === undefined ? "" : ` before byte ${this.offset}`
    const excerpt = this.excerpt === "" ? "" : `; it reads: ${this.excerpt}`
    return `${this.vendor}: unreadable ${this.stage}${where}${offset}: ${this.issue}${excerpt}`
  }
  /** A limit was passed: `limit` is the value of the option called `option`. */
  static overflow(options: {
    readonly vendor: string
    readonly option: string
    readonly limit: number
    readonly eventNumber?: number | undefined
    readonly offset?: number | undefined
  }): ParseError {
    return new ParseError({
      vendor: options.vendor,
      stage: "limit",
      issue: `larger than the limit of ${options.limit}; raise the option ${options.option} if that is wanted`,
      limit: { option: options.option, value: options.limit },
      ...(options.eventNumber === undefined ? {} : { eventNumber: options.eventNumber }),
      ...(options.offset === undefined ? {} : { offset: options.offset }),
      excerpt: ""
    })
  }
}

/**
 * The body ended without the vendor's end mark, so the answer must be taken as cut short.
 *
 * `events` and `bytes` count what came, `lastEvent` names the last event, `ids` holds the vendor's ids for looking the
 * answer up (a job, a session, a response). `terminalSeen` says whether an event had announced the answer's
 * completion before: then everything came but the mark.
 */
export class MissingDoneError extends Schema.TaggedError<MissingDoneError>()("MissingDoneError", {
  vendor: Schema.String,
  events: Schema.Number,
  bytes: Schema.Number,
  lastEvent: Schema.optionalKey(Schema.String),
  ids: Schema.Record(Schema.String, Schema.String),
  terminalSeen: Schema.Boolean
}) {
  /** A new request may be answered in full; it is a new request, though, and neither vendor can resume. */
  get isRetryable(): boolean {
    return true
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const last = this.lastEvent === undefined ? "" : `, the last one ${this.lastEvent}`
    const ids = Object.entries(this.ids)
      .map(([name, id]) => `, ${name} ${id}`)
      .join("")
    const terminal = this.terminalSeen ? "; the answer had been announced as complete" : "; the answer is incomplete"
    return `${this.vendor}: the stream ended without its end mark after ${this.events} events and ${this.bytes} bytes${last}${ids}${terminal}`
  }
}

/**
 * What a stream can fail with.
 */
export type StreamError = TransportError | ApiError | ParseError | MissingDoneError

/**
 * What a request with one answer can fail with.
 */
export type RequestError = TransportError | ApiError | ParseError
