/**
 * The vendor's webhooks: whether a delivery is the vendor's, and what it says.
 *
 * Webhooks are registered in the dashboard, which gives the secret that deliveries are signed with. They tell of indexing and
 * of analysis tasks; fetch the task for its result. An answer with a status other than 2xx counts as not delivered.
 *
 * A delivery may come twice, and whoever saw one can send it again while its signature is fresh: see that an event's `id` is
 * handled once.
 *
 * **Example** (A route)
 *
 * ```ts
 * import { Webhooks } from "@effect-sse/twelvelabs"
 * import { Config, Effect } from "effect"
 * import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
 *
 * const route = HttpRouter.add(
 *   "POST",
 *   "/webhooks/twelvelabs",
 *   Effect.gen(function*() {
 *     const secret = yield* Config.Redacted("TWELVELABS_WEBHOOK_SECRET")
 *     const event = yield* Webhooks.fromRequest(yield* HttpServerRequest.HttpServerRequest, { secret })
 *     if (event._tag === "AnalyzeTaskReady") yield* Effect.log(`analysed: ${event.data.taskId}`)
 *     return HttpServerResponse.empty({ status: 204 })
 *   }).pipe(
 *     Effect.catchTag("WebhookSignatureError", (error) =>
 *       Effect.as(Effect.logWarning(error.message), HttpServerResponse.empty({ status: 400 }))
 *     )
 *   )
 * )
 * ```
 */
import { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import { ParseError } from "@effect-sse/core/StreamError"
import * as Clock from "effect/Clock"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import type { HttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { eventFrom } from "./internal/webhookWire.ts"
import { vendor } from "./Vendor.ts"
import type { WebhookEvent } from "./WebhookEvent.ts"

/**
 * The header that carries the signature, in lower case.
 */
export const signatureHeader = "tl-signature"

/**
 * Why a delivery is not taken for the vendor's.
 *
 * - `MissingHeader`: it is not signed.
 * - `MalformedHeader`: its signature is not of the documented form, `t=<seconds>,v1=<64 hex digits>`, or is too long.
 * - `WrongSignature`: it was signed with another secret, or is not what was signed: also when something between the socket
 *   and here changed the body, as a JSON parser does.
 * - `TooOld`, `InFuture`: it was signed with the secret, and longer ago, or later, than the tolerance allows: it was sent
 *   again, or a clock is wrong.
 */
export const WebhookSignatureReason = Schema.Literals([
  "MissingHeader",
  "MalformedHeader",
  "WrongSignature",
  "TooOld",
  "InFuture"
])

/** Why a delivery is not taken for the vendor's. */
export type WebhookSignatureReason = typeof WebhookSignatureReason.Type

const whatItMeans: Record<WebhookSignatureReason, string> = {
  MissingHeader: "it has no header TL-Signature",
  MalformedHeader: "its header TL-Signature is not of the form t=<seconds>,v1=<hex>",
  WrongSignature: "its signature does not fit: check the secret, and that the body is the one that came, byte for byte",
  TooOld: "it was signed too long ago",
  InFuture: "it was signed in the future; check this machine's clock"
}

/**
 * A delivery is not taken for the vendor's. Nothing of it, and no secret, is in the error.
 */
export class WebhookSignatureError extends Schema.TaggedError<WebhookSignatureError>()("WebhookSignatureError", {
  vendor: Schema.String,
  reason: WebhookSignatureReason
}) {
  /** Checking again brings the same. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    return `${this.vendor}: a webhook was refused (${this.reason}): ${whatItMeans[this.reason]}`
  }
}

/**
 * What deliveries are checked against.
 */
export interface Options {
  /** The webhook's secret, from the dashboard. Of several, one must fit: while one takes the place of another. */
  readonly secret: Redacted.Redacted | ReadonlyArray<Redacted.Redacted>
  /** How far the time of signing may be from now. Default 5 minutes. */
  readonly tolerance?: Duration.Input | undefined
}

/**
 * A delivery.
 */
export interface Delivery {
  /** The body as it came. A text must be that of the very same bytes, read as UTF-8. */
  readonly body: Uint8Array | string
  /** The value of the header `TL-Signature`. */
  readonly header: string | null | undefined
}

/** What a delivery can be refused with. */
export type VerifyError = WebhookSignatureError | ParseError | ConfigurationError

const refused = (reason: WebhookSignatureReason): WebhookSignatureError =>
  new WebhookSignatureError({ vendor: vendor.name, reason })

/**
 * Checks that a delivery is the vendor's and fresh, by the signature and the current `Clock`, and reads it.
 *
 * The body is not looked at before its signature is found good. Fails with
 *
 * - `WebhookSignatureError` when it is not the vendor's: answer 400;
 * - `ParseError` when it is, and is no event;
 * - `ConfigurationError` when there is no secret to check with.
 *
 * **Example** (A `Request` of the web platform)
 *
 * ```ts
 * import { Webhooks } from "@effect-sse/twelvelabs"
 * import { Effect, type Redacted } from "effect"
 *
 * const handle = (request: Request, secret: Redacted.Redacted) =>
 *   Effect.gen(function*() {
 *     const body = new Uint8Array(yield* Effect.promise(() => request.arrayBuffer()))
 *     const event = yield* Webhooks.verify({ body, header: request.headers.get("TL-Signature"), secret })
 *     return event._tag
 *   })
 * ```
 */
export const verify = (options: Options & Delivery): Effect.Effect<WebhookEvent, VerifyError> =>
  Effect.gen(function* () {
    const secrets = yield* usable(Array.isArray(options.secret) ? options.secret : [options.secret])
    if (options.header === undefined || options.header === null) return yield* refused("MissingHeader")
    const signature = readHeader(options.header)
    if (signature === undefined) return yield* refused("MalformedHeader")
    const payload = payloadOf(signature.time, options.body)
    if (!(yield* isSigned(payload, signature.digests, secrets))) return yield* refused("WrongSignature")
    const age = (yield* Clock.currentTimeMillis) - Number(signature.time) * 1000
    const tolerance = Duration.toMillis(Duration.fromInputUnsafe(options.tolerance ?? "5 minutes"))
    if (age > tolerance) return yield* refused("TooOld")
    if (age < -tolerance) return yield* refused("InFuture")
    return yield* eventFrom(typeof options.body === "string" ? options.body : new TextDecoder().decode(options.body))
  })

/**
 * Checks and reads a delivery as `effect/http` servers get it; see {@link verify}. It reads the body itself, so nothing else
 * may have read it before.
 *
 * Fails as `verify` does, with a `ParseError` of stage `"limit"` when the body is too large, and with the server's error when
 * it cannot be read.
 */
export const fromRequest = (
  request: HttpServerRequest,
  options: Options & {
    /** The largest body, in bytes. Default 1 MiB. */
    readonly maxBodySize?: number | undefined
  }
): Effect.Effect<WebhookEvent, VerifyError | HttpServerError> =>
  Effect.flatMap(readBody(request, options.maxBodySize ?? 1024 * 1024), (body) =>
    verify({ ...options, body, header: request.headers[signatureHeader] })
  )

/**
 * Signs a body as the vendor does, for the tests of a program that takes deliveries.
 *
 * @param at when it is signed; default: now, by the current `Clock`
 * @returns the value of the header `TL-Signature`
 */
export const sign = (options: {
  readonly body: Uint8Array | string
  readonly secret: Redacted.Redacted
  readonly at?: DateTime.DateTime | undefined
}): Effect.Effect<string, ConfigurationError> =>
  Effect.gen(function* () {
    const [secret] = yield* usable([options.secret])
    const millis = options.at?.epochMilliseconds ?? (yield* Clock.currentTimeMillis)
    const time = String(Math.floor(millis / 1000))
    const key = yield* importKey(secret!, "sign")
    const digest = yield* Effect.promise(() => crypto.subtle.sign("HMAC", key, payloadOf(time, options.body)))
    return `t=${time},v1=${Hex.encode(new Uint8Array(digest))}`
  })

/** Anyone can sign with an empty secret. */
const usable = (
  secrets: ReadonlyArray<Redacted.Redacted>
): Effect.Effect<ReadonlyArray<Uint8Array<ArrayBuffer>>, ConfigurationError> => {
  const bytes = secrets
    .map((secret) => new TextEncoder().encode(Redacted.value(secret)))
    .filter(({ length }) => length > 0)
  return bytes.length > 0
    ? Effect.succeed(bytes)
    : Effect.fail(
        new ConfigurationError({
          vendor: vendor.name,
          setting: "secret",
          issue: "is missing or empty: set it to the webhook's secret from the TwelveLabs dashboard"
        })
      )
}

interface Signature {
  /** As it was sent, as this is what was signed: seconds since the epoch. */
  readonly time: string
  readonly digests: ReadonlyArray<Uint8Array<ArrayBuffer>>
}

const maxHeaderLength = 2048

/** Each costs the hash of a body, so nobody may ask for many. */
const maxDigests = 8

/** Takes several digests, as while a secret is replaced, and parts that are not known. */
const readHeader = (header: string): Signature | undefined => {
  if (header.length > maxHeaderLength) return undefined
  const parts = header.split(",").map((part) => {
    const at = part.indexOf("=")
    return { name: part.slice(0, Math.max(0, at)).trim(), value: part.slice(at + 1).trim() }
  })
  const times = parts.filter(({ name }) => name === "t")
  const digests = parts.filter(({ name, value }) => name === "v1" && /^[\da-f]{64}$/i.test(value))
  const time = times[0]?.value ?? ""
  if (times.length !== 1 || !/^\d{1,12}$/.test(time)) return undefined
  if (digests.length === 0 || digests.length > maxDigests) return undefined
  return { time, digests: digests.map(({ value }) => new Uint8Array(Result.getOrThrow(Hex.decode(value)))) }
}

const payloadOf = (time: string, body: Uint8Array | string): Uint8Array<ArrayBuffer> => {
  const head = new TextEncoder().encode(`${time}.`)
  const tail = typeof body === "string" ? new TextEncoder().encode(body) : body
  const payload = new Uint8Array(head.length + tail.length)
  payload.set(head)
  payload.set(tail, head.length)
  return payload
}

const importKey = (secret: Uint8Array<ArrayBuffer>, usage: "sign" | "verify"): Effect.Effect<CryptoKey> =>
  Effect.promise(() => crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [usage]))

/** `crypto.subtle.verify` compares in constant time. */
const isSigned = Effect.fnUntraced(function* (
  payload: Uint8Array<ArrayBuffer>,
  digests: ReadonlyArray<Uint8Array<ArrayBuffer>>,
  secrets: ReadonlyArray<Uint8Array<ArrayBuffer>>
) {
  for (const secret of secrets) {
    const key = yield* importKey(secret, "verify")
    for (const digest of digests) {
      if (yield* Effect.promise(() => crypto.subtle.verify("HMAC", key, digest, payload))) return true
    }
  }
  return false
})

const readBody = (
  request: HttpServerRequest,
  maxBodySize: number
): Effect.Effect<Uint8Array, ParseError | HttpServerError> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    return request.stream.pipe(
      Stream.runForEach((chunk) => {
        size += chunk.length
        chunks.push(chunk)
        return size > maxBodySize
          ? Effect.fail(ParseError.overflow({ vendor: vendor.name, option: "maxBodySize", limit: maxBodySize }))
          : Effect.void
      }),
      Effect.map(() => {
        const body = new Uint8Array(size)
        let offset = 0
        for (const chunk of chunks) {
          body.set(chunk, offset)
          offset += chunk.length
        }
        return body
      })
    )
  })
