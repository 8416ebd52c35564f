import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"
import type { Artifact, ArtifactError, Options } from "../Artifact.ts"
import { ExpiredArtifactError, ParseError } from "../StreamError.ts"
import { answerOf, readBounded, statusError } from "./answer.ts"
import { decompressed } from "./contentEncoding.ts"
import { contentTypeOf, headSize } from "./contentType.ts"
import { bareUrl, excerpt } from "./excerpt.ts"
import type { Exchange } from "./exchange.ts"
import { safeFileName } from "./fileName.ts"
import { linkSecrets } from "./linkSecrets.ts"
import { objectStore, saysExpired } from "./objectStore.ts"
import { refusalOfUrl } from "./publicUrl.ts"
import { send } from "./send.ts"
import { fromHttpClientError, transportError } from "./transportError.ts"

/** The bytes behind one link. The first piece holds the first {@link headSize} bytes, or all that there are. */
export const fetchArtifact = (
  artifact: Artifact,
  options: Options<unknown, unknown> | undefined
): Stream.Stream<Uint8Array, ArtifactError, HttpClient.HttpClient> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const exchange: Exchange = {
        vendor: objectStore,
        request: HttpClientRequest.get(artifact.url),
        // A store that refuses a signature repeats it.
        secrets: linkSecrets(artifact.url),
        connectTimeout: Duration.fromInputUnsafe(options?.connectTimeout ?? "30 seconds"),
        maxErrorBodySize: 16 * 1024
      }
      const refusal = refusalOfUrl(artifact.url, options?.allowPrivateHosts ?? false)
      if (refusal !== undefined) {
        return yield* Effect.fail(transportError(exchange, "connect", "InvalidRequest", refusal))
      }
      if (hasPassed(artifact.expiresAt, yield* Clock.currentTimeMillis))
        return yield* Effect.fail(expired(artifact, "clock"))
      const response = yield* send(exchange)
      const body = decompressed(response)
      if (response.status < 200 || response.status > 299) {
        const answer = yield* answerOf(response, yield* readBounded(body, exchange.maxErrorBodySize))
        const expiry = artifact.expiresAt === undefined ? undefined : DateTime.toEpochMillis(artifact.expiresAt)
        return yield* Effect.fail(
          saysExpired(answer, expiry) ? expired(artifact, "store") : statusError(exchange, answer)
        )
      }
      const bytes = bounded(exchange, body, {
        maxSize: options?.maxSize ?? 100 * 1024 * 1024,
        announced: response.headers["content-encoding"] === undefined ? response.headers["content-length"] : undefined,
        idleTimeout: Duration.fromInputUnsafe(options?.idleTimeout ?? "60 seconds")
      })
      return withHead(bytes, (head) => contentRefusal(artifact, head))
    })
  )

const hasPassed = (expiresAt: DateTime.Utc | undefined, now: number): boolean =>
  expiresAt !== undefined && DateTime.toEpochMillis(expiresAt) <= now

const expired = (artifact: Artifact, detectedBy: ExpiredArtifactError["detectedBy"]): ExpiredArtifactError =>
  new ExpiredArtifactError({
    name: safeFileName(artifact.name, ""),
    url: bareUrl(artifact.url),
    ...(artifact.expiresAt === undefined ? {} : { expiresAt: artifact.expiresAt }),
    detectedBy
  })

/** A body with its size bounded and held against what was announced. */
const bounded = (
  exchange: Exchange,
  body: ReturnType<typeof decompressed>,
  limits: {
    readonly maxSize: number
    readonly announced: string | undefined
    readonly idleTimeout: Duration.Duration
  }
): Stream.Stream<Uint8Array, ArtifactError> =>
  Stream.suspend(() => {
    let size = 0
    return body.pipe(
      Stream.mapError((error): ArtifactError => fromHttpClientError(exchange, "body", error)),
      Stream.timeoutOrElse({
        duration: limits.idleTimeout,
        orElse: () =>
          Stream.fail(transportError(exchange, "body", "IdleTimeout", `limit ${Duration.format(limits.idleTimeout)}`))
      }),
      Stream.mapEffect((chunk) => {
        size += chunk.length
        return size <= limits.maxSize
          ? Effect.succeed(chunk)
          : Effect.fail(ParseError.overflow({ vendor: exchange.vendor.name, option: "maxSize", limit: limits.maxSize }))
      }),
      Stream.concat(
        Stream.suspend(() =>
          limits.announced === undefined || Number(limits.announced) === size
            ? Stream.empty
            : Stream.fail(transportError(exchange, "body", "Framing", `${size} of ${limits.announced} bytes came`))
        )
      )
    )
  })

/** Gathers the first bytes into one piece, and lets them through if nothing speaks against them. */
const withHead = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  refusal: (head: Uint8Array) => ParseError | undefined
): Stream.Stream<Uint8Array, E | ParseError> =>
  Stream.suspend(() => {
    let pieces: Array<Uint8Array> = []
    let missing = headSize
    const release = Effect.suspend(() => {
      const head = concat(pieces)
      pieces = []
      const error = refusal(head)
      return error === undefined ? Effect.succeed(head) : Effect.fail(error)
    })
    return bytes.pipe(
      Stream.mapEffect((chunk) => {
        if (missing <= 0) return Effect.succeed([chunk])
        pieces.push(chunk)
        missing -= chunk.length
        return missing > 0 ? Effect.succeed([]) : Effect.map(release, (head) => [head])
      }),
      Stream.flattenIterable,
      Stream.concat(Stream.suspend(() => (pieces.length === 0 ? Stream.empty : Stream.fromEffect(release))))
    )
  })

const concat = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}

/** Stores and gateways answer with pages under a good status: no table and no image, whatever the link says. */
const contentRefusal = ({ kind }: Artifact, head: Uint8Array): ParseError | undefined => {
  const type = contentTypeOf(head)
  if (kind === "file" || (type !== "text/html" && type !== "application/xml")) return undefined
  return new ParseError({
    vendor: objectStore.name,
    stage: "content",
    issue: `expected ${kind === "table" ? "a table" : "an image"}, got ${type}`,
    excerpt: excerpt(new TextDecoder().decode(head.subarray(0, headSize)))
  })
}
