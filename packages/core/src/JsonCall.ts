/**
 * One request with one JSON answer, under the same rules as a stream: typed errors, no redirects, bounded sizes and
 * times, retries by policy, and no secret in an error.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import {
  answerOf,
  apiError,
  contentError,
  mediaType,
  parseError,
  parseJson,
  readBounded,
  statusError
} from "./internal/answer.ts"
import { decompressed } from "./internal/contentEncoding.ts"
import { bareUrl } from "./internal/excerpt.ts"
import type { Exchange } from "./internal/exchange.ts"
import { send } from "./internal/send.ts"
import { fromHttpClientError, transportError } from "./internal/transportError.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { ParseError, type RequestError } from "./StreamError.ts"
import type { Answer, Vendor } from "./Vendor.ts"

/**
 * Options of a call. Durations take Effect's inputs; `"Infinity"` turns a limit off.
 */
export interface Options {
  /** The longest wait for the response's headers, in each attempt: the vendor thinks before it sends any. Default 10 minutes. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The longest time for all of it, attempts and waits included. Default: none. */
  readonly deadline?: Duration.Input | undefined
  /** The longest wait for the next byte of the body. Default 120 s. */
  readonly idleTimeout?: Duration.Input | undefined
  /** What to try again. Default `RetryPolicy.safe`. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /** The largest answer, in bytes. Default 64 MiB. */
  readonly maxBodySize?: number | undefined
  /** How much of an error's body is read, in bytes. Default 64 KiB. */
  readonly maxErrorBodySize?: number | undefined
  /** Run with each good answer as it came, before it is decoded: for fields and headers that this version does not know. */
  readonly onAnswer?: ((answer: Answer) => Effect.Effect<void>) | undefined
}

/**
 * Options with what belongs to a client: values that no error may show, such as the API key.
 */
type Confidential = Options & { readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined }

/**
 * Options with what belongs to an endpoint: whether its answer has no body, or one that says nothing.
 */
type Answered = Confidential & { readonly isEmpty?: boolean | undefined }

const exchangeOf = (
  request: HttpClientRequest.HttpClientRequest,
  vendor: Vendor,
  options: Confidential | undefined
): Exchange => ({
  vendor,
  request,
  secrets: options?.secrets ?? [],
  connectTimeout: Duration.fromInputUnsafe(options?.connectTimeout ?? "10 minutes"),
  maxErrorBodySize: options?.maxErrorBodySize ?? 64 * 1024
})

/**
 * Sends `request` and reads its answer whole: JSON, under a good status, and no refusal.
 *
 * Fails with `TransportError`, `ApiError` (also for a refusal under HTTP 200), or `ParseError` when the answer is no JSON or
 * too large.
 *
 * @param options besides those of a call: `secrets` are values that no error may show, such as the API key; `isEmpty` says
 *   that the answer has no body: one that comes all the same is not looked at, unless it is a page of HTML
 */
export const answer = (
  request: HttpClientRequest.HttpClientRequest,
  vendor: Vendor,
  options?: Answered | undefined
): Effect.Effect<Answer, RequestError, HttpClient.HttpClient> => {
  const exchange = exchangeOf(request, vendor, options)
  const maxBodySize = options?.maxBodySize ?? 64 * 1024 * 1024
  const idleTimeout = Duration.fromInputUnsafe(options?.idleTimeout ?? "120 seconds")
  const deadline = Duration.fromInputUnsafe(options?.deadline ?? Duration.infinity)

  const once = Effect.gen(function* () {
    const response = yield* send(exchange)
    const bytes = decompressed(response)
    if (response.status < 200 || response.status > 299) {
      const text = yield* readBounded(bytes, exchange.maxErrorBodySize)
      return yield* Effect.fail(statusError(exchange, yield* answerOf(response, text)))
    }
    const text = yield* readAll(exchange, bytes, maxBodySize, idleTimeout)
    const answer = yield* answerOf(response, text)
    // Where nothing is awaited, a body under a good status says nothing; but a page is from someone in between.
    if (options?.isEmpty === true && mediaType(response.headers) !== "text/html") {
      yield* options.onAnswer?.(answer) ?? Effect.void
      return answer
    }
    const refusal = vendor.refusal(answer)
    if (refusal !== undefined) return yield* Effect.fail(apiError(exchange, "envelope", answer, refusal))
    if (answer.json === undefined) {
      const type = response.headers["content-type"] ?? ""
      if (!type.includes("json")) return yield* Effect.fail(contentError(exchange, answer, "JSON"))
      const issue = Result.merge(Result.map(parseJson(text), () => ""))
      return yield* Effect.fail(parseError(vendor, exchange.secrets, "json", issue, text))
    }
    yield* options?.onAnswer?.(answer) ?? Effect.void
    return answer
  })

  return Effect.scoped(once).pipe(
    RetryPolicy.retry(options?.retry ?? RetryPolicy.safe),
    Effect.timeoutOrElse({
      duration: deadline,
      orElse: () => Effect.fail(transportError(exchange, "connect", "Deadline", `limit ${Duration.format(deadline)}`))
    }),
    Effect.withSpan(`${vendor.name} ${request.method}`, {
      kind: "client",
      attributes: {
        "gen_ai.provider.name": vendor.name,
        "http.request.method": request.method,
        "url.full": bareUrl(request.url)
      }
    })
  )
}

/**
 * Sends `request` and decodes the JSON answer with `schema`.
 *
 * Fails as {@link answer} does, and with `ParseError` when the answer is not what the schema says.
 *
 * @param secrets values that no error may show, such as the API key
 */
export const execute = <A, I>(
  request: HttpClientRequest.HttpClientRequest,
  vendor: Vendor,
  schema: Schema.Codec<A, I>,
  options?: Confidential | undefined
): Effect.Effect<A, RequestError, HttpClient.HttpClient> => {
  const decode = Schema.decodeUnknownResult(schema)
  return Effect.flatMap(answer(request, vendor, options), ({ json, text }) =>
    Effect.fromResult(
      Result.mapError(decode(json), (error) => parseError(vendor, options?.secrets, "schema", error.message, text))
    )
  )
}

const readAll = (
  exchange: Exchange,
  bytes: ReturnType<typeof decompressed>,
  maxBodySize: number,
  idleTimeout: Duration.Duration
): Effect.Effect<string, RequestError> =>
  Effect.suspend(() => {
    const utf8 = new TextDecoder()
    const pieces: Array<string> = []
    let size = 0
    return bytes.pipe(
      Stream.mapError((error) => fromHttpClientError(exchange, "body", error)),
      Stream.timeoutOrElse({
        duration: idleTimeout,
        orElse: () =>
          Stream.fail(transportError(exchange, "body", "IdleTimeout", `limit ${Duration.format(idleTimeout)}`))
      }),
      Stream.runForEach((chunk) => {
        size += chunk.length
        if (size > maxBodySize) {
          return Effect.fail(
            ParseError.overflow({ vendor: exchange.vendor.name, option: "maxBodySize", limit: maxBodySize })
          )
        }
        pieces.push(utf8.decode(chunk, { stream: true }))
        return Effect.void
      }),
      Effect.map(() => pieces.join("") + utf8.decode())
    )
  })
