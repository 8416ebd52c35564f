import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { ApiError, ParseError } from "../StreamError.ts"
import { type Answer, kindOfStatus, type Refusal, type Vendor } from "../Vendor.ts"
import { bareUrl, excerpt } from "./excerpt.ts"
import type { Told } from "./exchange.ts"

/** The time that reading an error body may take: the refusal is known by then, only its wording is not. */
const errorBodyTimeout = Duration.seconds(10)

/** Reads a body that should be short, as far as it comes and fits; the rest is not worth another error. */
export const readBounded = (body: Stream.Stream<Uint8Array, unknown>, maxBytes: number): Effect.Effect<string> =>
  Effect.suspend(() => {
    const utf8 = new TextDecoder()
    let text = ""
    let size = 0
    return body.pipe(
      Stream.takeUntil((chunk) => {
        text += utf8.decode(chunk.subarray(0, maxBytes - size), { stream: true })
        size += chunk.length
        return size >= maxBytes
      }),
      Stream.runDrain,
      Effect.timeout(errorBodyTimeout),
      // Not `Effect.ignore`, which brings Effect's loggers.
      Effect.catch(() => Effect.void),
      Effect.map(() => text + utf8.decode())
    )
  })

/** Looks at an answer that was read whole. */
export const answerOf = (response: HttpClientResponse.HttpClientResponse, text: string): Effect.Effect<Answer> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    status: response.status,
    headers: response.headers,
    text,
    json: Result.getOrUndefined(parseJson(text)),
    now
  }))

/** `JSON.parse` as a value. */
export const parseJson = (text: string): Result.Result<unknown, string> =>
  Result.try({
    try: () => JSON.parse(text) as unknown,
    catch: (error) => (error instanceof Error ? error.message : "not JSON")
  })

/** The error that a bad status stands for, in the vendor's words where it has any. */
export const statusError = (exchange: Told, answer: Answer): ApiError =>
  apiError(
    exchange,
    "status",
    answer,
    exchange.vendor.refusal(answer) ?? { kind: kindOfStatus(answer.status), detail: "" }
  )

/** A refusal as an error. */
export const apiError = (exchange: Told, channel: ApiError["channel"], answer: Answer, refusal: Refusal): ApiError => {
  const retryAfterMillis = retryAfterHeader(answer) ?? refusal.retryAfterMillis
  return new ApiError({
    vendor: exchange.vendor.name,
    kind: refusal.kind,
    channel,
    status: answer.status,
    ...(refusal.code === undefined ? {} : { code: excerpt(refusal.code, exchange.secrets) }),
    detail: excerpt(refusal.detail, exchange.secrets),
    ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
    ...(refusal.requestId === undefined ? {} : { requestId: excerpt(refusal.requestId, exchange.secrets) }),
    method: exchange.request.method,
    url: bareUrl(exchange.request.url),
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
    headers: telling(exchange, answer.headers),
    excerpt: excerpt(answer.text, exchange.secrets)
  })
}

const retryAfterHeader = (answer: Answer): number | undefined => {
  const header = answer.headers["retry-after"]
  if (header === undefined) return undefined
  return Result.getOrUndefined(
    Result.map(Headers.parseRetryAfter(header), (retryAfter) =>
      Duration.toMillis(Headers.retryAfterDelay(retryAfter, answer.now))
    )
  )
}

/** The headers that help to understand a refusal. */
const telling = (exchange: Told, headers: Headers.Headers): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const name of Object.keys(headers)) {
    if (tellingName.test(name)) kept[name] = excerpt(headers[name]!, exchange.secrets)
  }
  return kept
}

const tellingName = /^(x-.+|retry-after|date|content-type|request-id|server|via|cf-ray)$/

/** The media type of a response, in lower case and without parameters; `""` when it has none. */
export const mediaType = (headers: Headers.Headers): string =>
  (headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase()

/** An answer with a good status that is neither what was asked for nor a refusal. */
export const contentError = (exchange: Told, answer: Answer, expected: string): ParseError =>
  new ParseError({
    vendor: exchange.vendor.name,
    stage: "content",
    issue: `expected ${expected}, got HTTP ${answer.status} with ${excerpt(
      answer.headers["content-type"] ?? "no content type",
      exchange.secrets
    )}`,
    excerpt: excerpt(answer.text, exchange.secrets)
  })

/** An answer that is not JSON, or JSON of another shape. */
export const parseError = (
  vendor: Vendor,
  secrets: ReadonlyArray<Redacted.Redacted> | undefined,
  stage: "json" | "schema",
  issue: string,
  text: string
): ParseError =>
  new ParseError({
    vendor: vendor.name,
    stage,
    issue: excerpt(issue, secrets),
    excerpt: excerpt(text, secrets)
  })
