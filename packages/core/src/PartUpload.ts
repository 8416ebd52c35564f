/**
 * Uploading a file in parts to an object store, each part by a link that the vendor signed for it.
 *
 * A link is a secret and comes from outside: nothing goes to it but the part's bytes and the headers that the vendor wants
 * with them, no API key, only to public https hosts unless allowed otherwise, and no error shows its query.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { type FileSource, FileSourceError } from "./FileSource.ts"
import { answerOf, readBounded, statusError } from "./internal/answer.ts"
import { decompressed } from "./internal/contentEncoding.ts"
import { bareUrl } from "./internal/excerpt.ts"
import type { Exchange } from "./internal/exchange.ts"
import { linkSecrets } from "./internal/linkSecrets.ts"
import { objectStore, saysExpired } from "./internal/objectStore.ts"
import { headerSecrets, refusalOfHeaders } from "./internal/partHeaders.ts"
import { refusalOfUrl } from "./internal/publicUrl.ts"
import { PartMemory } from "./internal/partMemory.ts"
import * as Internal from "./internal/send.ts"
import { transportError } from "./internal/transportError.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { ExpiredArtifactError, ParseError, type RequestError } from "./StreamError.ts"

/**
 * A part of a file.
 */
export interface Part {
  /** The vendor's number for it, from 1 on. */
  readonly number: number
  /** Where it begins in the file, in bytes. */
  readonly offset: number
  /** How many bytes it has. */
  readonly size: number
}

/**
 * A part that the store has.
 */
export interface SentPart {
  /** The part's number. */
  readonly number: number
  /** The store's proof of what it has; without the quotes around it, unless `etags` is `"asSent"`. */
  readonly etag: string
}

/**
 * How far an upload has come. Parts that were sent before count as sent.
 */
export interface Progress {
  readonly sentParts: number
  readonly parts: number
  readonly sentBytes: number
  /** The bytes of all parts. */
  readonly bytes: number
}

/**
 * What sending parts can fail with. An `ExpiredArtifactError` says that a link had expired, and so had the fresh one.
 */
export type PartUploadError = RequestError | ExpiredArtifactError | FileSourceError

const defaultMaxPartSize = 256 * 1024 * 1024

/**
 * Options of {@link layout}.
 */
export interface LayoutOptions {
  /** Who gave the sizes, for the error. Default "object store". */
  readonly vendor?: string | undefined
  /** The largest part, in bytes. Default 256 MiB. */
  readonly maxPartSize?: number | undefined
}

/**
 * Says which bytes of a file each part has, from the sizes that the vendor gave: in the order of their numbers, each
 * beginning where the one before ends.
 *
 * Fails with `ParseError` of stage `"schema"` when the sizes cannot be right, so that no wrong bytes are sent: a number
 * that is no positive integer or comes twice, a size that is no positive integer, or a sum that is not `total`. A part of
 * more than `maxPartSize`, which would be in memory as a whole, fails with the stage `"limit"`.
 *
 * **Example** (Two parts)
 *
 * ```ts
 * import { PartUpload } from "@effect-sse/core"
 *
 * const parts = PartUpload.layout([{ number: 2, size: 3 }, { number: 1, size: 5 }], 8)
 * // Result.succeed([{ number: 1, offset: 0, size: 5 }, { number: 2, offset: 5, size: 3 }])
 * ```
 *
 * @param total the size of the file in bytes
 */
export const layout = (
  sizes: ReadonlyArray<{ readonly number: number; readonly size: number }>,
  total: number,
  options?: LayoutOptions
): Result.Result<ReadonlyArray<Part>, ParseError> => {
  const vendor = options?.vendor ?? objectStore.name
  const maxPartSize = options?.maxPartSize ?? defaultMaxPartSize
  const wrong = (issue: string) => Result.fail(new ParseError({ vendor, stage: "schema", issue, excerpt: "" }))
  const parts: Array<Part> = []
  let offset = 0
  for (const { number, size } of sizes.toSorted((a, b) => a.number - b.number)) {
    if (!isPositiveInteger(number)) return wrong(`${number} is no number of a part`)
    if (number === parts.at(-1)?.number) return wrong(`part ${number} is there twice`)
    if (!isPositiveInteger(size)) return wrong(`part ${number} has the size ${size}`)
    if (size > maxPartSize) {
      return Result.fail(ParseError.overflow({ vendor, option: "maxPartSize", limit: maxPartSize }))
    }
    parts.push({ number, offset, size })
    offset += size
  }
  return offset === total
    ? Result.succeed(parts)
    : wrong(`the parts have ${offset} bytes together, the file has ${total}`)
}

const isPositiveInteger = (value: number): boolean => Number.isSafeInteger(value) && value > 0

/**
 * Options for sending parts.
 */
export interface Options<E = never, R = never> {
  /**
   * Gives the link to send a part to. Asked just before the part is sent, and once more, with `again`, when the store
   * says that the link has expired. See also `singleUse`.
   */
  readonly locate: (part: Part, options: { readonly again: boolean }) => Effect.Effect<string, E, R>
  /**
   * Links are good for one attempt: `locate` is asked for each, from the second one on with `again`; and once more after any
   * 403, since a store need not say that a link was used. Default false.
   */
  readonly singleUse?: boolean | undefined
  /**
   * Headers to send with each part, as the vendor wants them; they may replace the `content-type`, which is
   * `application/octet-stream` by itself. A name that says who asks or how bytes are framed (`authorization`, `cookie`, `host`,
   * `content-length`, an API key …), or a name or a value that no header can have, fails as a link does that is not one to send to.
   * No error shows their values.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The ETags without what is around them, or as the store sent them, for vendors that want them so. Default `"bare"`. */
  readonly etags?: "bare" | "asSent" | undefined
  /** Parts that the store has from an earlier run: not sent again, and given back with the others. */
  readonly sent?: ReadonlyArray<SentPart> | undefined
  /** How many parts are sent at once; as many are in memory. Default 4. */
  readonly concurrency?: number | undefined
  /** What to try again, for each part. Sending a part twice does no harm. Default `RetryPolicy.idempotent`. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /** The longest wait for the store's answer to one part, sending it included, in each attempt. Default 5 minutes. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The largest part, in bytes. Default 256 MiB. */
  readonly maxPartSize?: number | undefined
  /** Lets links lead to plain http and to private and loopback addresses, as an emulator's do. Default false. */
  readonly allowPrivateHosts?: boolean | undefined
  /** Told of each part that the store has taken, one after the other: to show progress, or to note it for a new run. */
  readonly onSent?: ((part: SentPart, progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * Sends the parts of a file and gives the store's proofs, in the order of the parts' numbers.
 *
 * **Details**
 *
 * Each attempt reads its part from the source anew. A part that fails for good, or an interruption, stops all others at
 * once and closes their connections; what the store took stays there, and `onSent` has told of it.
 *
 * The memory of a part that the store has taken serves for a later one: an `HttpClient` that keeps requests past their answer,
 * or sends them again by itself, has to copy their bytes. Node's `fetch` itself copies each part three times; for large files on Node, the clients of
 * `@effect/platform-node` over undici and `node:http` are more than twice as fast.
 *
 * Fails with `FileSourceError` when the file cannot be read or has changed; with `ExpiredArtifactError` when a link has
 * expired and a fresh one has too; with `ApiError` for the store's other refusals; with `TransportError` when a link is not
 * one to send to or the connection broke; with `ParseError` when the store gives no proof (`ETag`), or past `maxPartSize`;
 * and with what `locate` fails with.
 *
 * **Example** (Sending a file, and going on after a failure)
 *
 * ```ts
 * import { FileSource, PartUpload } from "@effect-sse/core"
 * import { Effect } from "effect"
 *
 * interface Slot {
 *   readonly number: number
 *   readonly size: number
 *   readonly link: string
 * }
 *
 * declare const slots: ReadonlyArray<Slot>
 * declare const refresh: (number: number) => Effect.Effect<string>
 *
 * const upload = Effect.fnUntraced(function*(path: string, sent: Array<PartUpload.SentPart>) {
 *   const source = yield* FileSource.fromPath(path)
 *   const parts = yield* Effect.fromResult(PartUpload.layout(slots, source.size))
 *   const links = new Map(slots.map((slot) => [slot.number, slot.link]))
 *   return yield* PartUpload.send(source, parts, {
 *     locate: ({ number }, { again }) => again ? refresh(number) : Effect.succeed(links.get(number) ?? ""),
 *     sent: [...sent],
 *     onSent: (part, { bytes, sentBytes }) => {
 *       sent.push(part)
 *       return Effect.log(`${Math.floor(100 * sentBytes / bytes)} %`)
 *     }
 *   })
 * })
 * ```
 */
export const send = <E = never, R = never>(
  source: FileSource,
  parts: ReadonlyArray<Part>,
  options: Options<E, R>
): Effect.Effect<ReadonlyArray<SentPart>, PartUploadError | E, HttpClient.HttpClient | R> =>
  Effect.gen(function* () {
    const maxPartSize = options.maxPartSize ?? defaultMaxPartSize
    if (parts.some(({ size }) => size > maxPartSize)) {
      return yield* ParseError.overflow({ vendor: objectStore.name, option: "maxPartSize", limit: maxPartSize })
    }
    const known = new Map(options.sent?.map((part) => [part.number, part]))
    const sentBefore = parts.filter(({ number }) => known.has(number))
    let sentParts = sentBefore.length
    let sentBytes = bytesOf(sentBefore)
    const bytes = bytesOf(parts)
    const oneByOne = yield* Semaphore.make(1)
    const memory = new PartMemory()

    const singleUse = options.singleUse ?? false

    // What `locate` fails with is carried as a value: it may have the tags of this module's errors, and is neither to be tried
    // again nor a reason to ask for another link.
    const attempts = (part: Part, again: boolean) => {
      let located: Result.Result<string, E> | undefined
      const attempt = Effect.gen(function* () {
        if (located === undefined || singleUse) {
          located = yield* Effect.result(options.locate(part, { again: again || located !== undefined }))
        }
        return Result.isFailure(located)
          ? Result.fail(located.failure)
          : Result.succeed(yield* put(source, part, located.success, memory, options))
      })
      return attempt.pipe(RetryPolicy.retry(options.retry ?? RetryPolicy.idempotent), Effect.result)
    }

    const sendOne = (part: Part) =>
      Effect.gen(function* () {
        let result = yield* attempts(part, false)
        if (Result.isFailure(result) && wantsFreshLink(result.failure, singleUse)) result = yield* attempts(part, true)
        const etag = yield* Effect.fromResult(yield* Effect.fromResult(result))
        const sent: SentPart = { number: part.number, etag }
        yield* Semaphore.withPermit(
          oneByOne,
          Effect.suspend(() => {
            sentParts++
            sentBytes += part.size
            return options.onSent?.(sent, { sentParts, parts: parts.length, sentBytes, bytes }) ?? Effect.void
          })
        )
        return sent
      })

    return yield* Effect.forEach(
      parts.toSorted((a, b) => a.number - b.number),
      (part) => {
        const sent = known.get(part.number)
        return sent === undefined ? sendOne(part) : Effect.succeed(sent)
      },
      { concurrency: options.concurrency ?? 4 }
    )
  })

const wantsFreshLink = (error: PartUploadError, singleUse: boolean): boolean =>
  error._tag === "ExpiredArtifactError" || (singleUse && error._tag === "ApiError" && error.status === 403)

const bytesOf = (parts: ReadonlyArray<Part>): number => parts.reduce((sum, { size }) => sum + size, 0)

/** One attempt to send one part: gives its ETag. */
const put = (
  source: FileSource,
  part: Part,
  link: string,
  memory: PartMemory,
  options: Pick<Options, "allowPrivateHosts" | "connectTimeout" | "etags" | "headers">
): Effect.Effect<string, PartUploadError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const exchange: Exchange = {
      vendor: objectStore,
      request: HttpClientRequest.put(link),
      secrets: [...linkSecrets(link), ...headerSecrets(options.headers)],
      connectTimeout: Duration.fromInputUnsafe(options.connectTimeout ?? "5 minutes"),
      maxErrorBodySize: 16 * 1024
    }
    const refusal = refusalOfUrl(link, options.allowPrivateHosts ?? false) ?? refusalOfHeaders(options.headers)
    if (refusal !== undefined) return yield* transportError(exchange, "connect", "InvalidRequest", refusal)
    const bytes = yield* source.read(part.offset, part.size, memory.allocate)
    if (bytes.length !== part.size) return yield* new FileSourceError({ name: source.name, reason: "Changed" })
    // In one piece: the length of a body that is a stream is not known, so that it would be sent in chunks, which object
    // stores refuse.
    const request = HttpClientRequest.bodyUint8Array(exchange.request, bytes, "application/octet-stream").pipe(
      HttpClientRequest.setHeaders(options.headers ?? {})
    )
    const etag = yield* Effect.scoped(etagOfPut(source, part, { ...exchange, request }, options))
    // The store says that it has the part, and its connection is done with.
    memory.giveBack(bytes)
    return etag
  })

/** Sends a part, and gives the ETag that the store answers with. */
const etagOfPut = (
  source: FileSource,
  part: Part,
  exchange: Exchange,
  options: Pick<Options, "etags">
): Effect.Effect<string, PartUploadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const response = yield* Internal.send(exchange)
    // A good answer is read to its end as well: then its connection can take the next part.
    const text = yield* readBounded(decompressed(response), exchange.maxErrorBodySize)
    if (response.status >= 200 && response.status < 300) return yield* etagOf(response, part, options.etags ?? "bare")
    const answer = yield* answerOf(response, text)
    return yield* saysExpired(answer, undefined)
      ? new ExpiredArtifactError({
          name: `part ${part.number} of ${source.name}`,
          url: bareUrl(exchange.request.url),
          detectedBy: "store"
        })
      : statusError(exchange, answer)
  })

const etagOf = (
  response: HttpClientResponse.HttpClientResponse,
  part: Part,
  form: "bare" | "asSent"
): Effect.Effect<string, ParseError> => {
  const [asSent, bare] = /^(?:W\/)?"?([\x21\x23-\x7e]{1,256})"?$/.exec(response.headers["etag"] ?? "") ?? []
  const etag = form === "bare" ? bare : asSent
  return etag === undefined
    ? Effect.fail(
        new ParseError({
          vendor: objectStore.name,
          stage: "content",
          issue: `no usable ETag header in the answer to part ${part.number}; in a browser the store must expose it (CORS)`,
          excerpt: ""
        })
      )
    : Effect.succeed(etag)
}
