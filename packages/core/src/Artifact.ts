/**
 * Files that an answer links to, such as tables and images, and whose links soon expire.
 *
 * A link is a secret (it is signed) and comes from outside: it is fetched without the API key, only from public https
 * hosts unless allowed otherwise, with a bound on its size, and its name is confined to the folder that it is saved in.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import { answerOf, readBounded, statusError } from "./internal/answer.ts"
import { decompressed } from "./internal/contentEncoding.ts"
import { bareUrl } from "./internal/excerpt.ts"
import type { Exchange } from "./internal/exchange.ts"
import { numbered, safeFileName } from "./internal/fileName.ts"
import { objectStore, saysExpired } from "./internal/objectStore.ts"
import { refusalOfUrl } from "./internal/publicUrl.ts"
import { send } from "./internal/send.ts"
import { fromHttpClientError, transportError } from "./internal/transportError.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { ExpiredArtifactError, ParseError, type RequestError } from "./StreamError.ts"

/**
 * A file behind a link.
 */
export interface Artifact {
  /** What it is; decides the extension of a name that has none: `.csv` for a table, `.png` for an image. */
  readonly kind: "table" | "image" | "file"
  /** The vendor's name for it; any text. */
  readonly name: string
  /** Where it is. Treat it as a secret: it may be signed. */
  readonly url: string
  /** When the link expires, if the vendor says. */
  readonly expiresAt: DateTime.Utc | undefined
}

/**
 * What reading an artifact can fail with.
 */
export type ArtifactError = RequestError | ExpiredArtifactError

/**
 * Options for reading an artifact.
 */
export interface Options {
  /** The most bytes that it may have. Default 100 MiB. */
  readonly maxSize?: number | undefined
  /** Lets links lead to plain http and to private and loopback addresses, as an emulator's do. Default false. */
  readonly allowPrivateHosts?: boolean | undefined
  /** The longest wait for the store's headers. Default 30 s. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The longest wait for the next bytes. Default 60 s. */
  readonly idleTimeout?: Duration.Input | undefined
  /** What to try again; reading is repeatable. Default `RetryPolicy.idempotent`. Only for {@link save}. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
}

/**
 * Reads an artifact's bytes. Nothing is sent before the first pull; the connection closes with the stream.
 *
 * Fails with `ExpiredArtifactError` when the link is past its time, by this machine's clock or by the store's word; with
 * `ParseError` of stage `"limit"` past `maxSize`; with `TransportError` when the link is not one to follow, the connection
 * broke, or fewer bytes came than announced; with `ApiError` for the store's other refusals.
 *
 * **Example** (Reading a table)
 *
 * ```ts
 * import { Artifact } from "@effect-sse/core"
 * import { Stream } from "effect"
 *
 * declare const table: Artifact.Artifact
 *
 * const text = Artifact.stream(table).pipe(Stream.decodeText(), Stream.mkString)
 * ```
 */
export const stream = (
  artifact: Artifact,
  options?: Options
): Stream.Stream<Uint8Array, ArtifactError, HttpClient.HttpClient> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const exchange: Exchange = {
        vendor: objectStore,
        request: HttpClientRequest.get(artifact.url),
        secrets: [],
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
      return checked(exchange, body, {
        maxSize: options?.maxSize ?? 100 * 1024 * 1024,
        announced: response.headers["content-encoding"] === undefined ? response.headers["content-length"] : undefined,
        idleTimeout: Duration.fromInputUnsafe(options?.idleTimeout ?? "60 seconds")
      })
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
const checked = (
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

/**
 * A saved artifact.
 */
export interface Saved {
  readonly artifact: Artifact
  /** The file's path. */
  readonly path: string
  /** The file's size in bytes. */
  readonly size: number
}

/**
 * Options for saving an artifact.
 */
export interface SaveOptions extends Options {
  /** The folder to save in; made if it is not there. */
  readonly directory: string
  /** A name of your own in place of the vendor's; confined to the folder all the same. */
  readonly fileName?: string | undefined
}

/**
 * Saves an artifact into a folder and gives the path.
 *
 * The file appears under its name only when it is complete: it is written beside it and renamed. A name that is taken
 * gets a number (`table (2).csv`); nothing is overwritten. An interrupted or failed save leaves nothing behind.
 *
 * **Example** (Saving what a job links to)
 *
 * ```ts
 * import { Artifact } from "@effect-sse/core"
 * import { Effect } from "effect"
 *
 * declare const tables: ReadonlyArray<Artifact.Artifact>
 *
 * const saved = Effect.forEach(tables, (table) => Artifact.save(table, { directory: "report" }), { concurrency: 4 })
 * ```
 */
export const save = (
  artifact: Artifact,
  options: SaveOptions
): Effect.Effect<Saved, ArtifactError | PlatformError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* files.makeDirectory(options.directory, { recursive: true })
      const extension = artifact.kind === "table" ? ".csv" : artifact.kind === "image" ? ".png" : ""
      const fileName = safeFileName(options.fileName ?? artifact.name, extension)
      const token = (yield* Random.nextInt).toString(36).replace("-", "")
      const part = path.join(options.directory, `.${token}.part`)
      yield* Effect.addFinalizer(() => Effect.ignore(files.remove(part, { force: true })))

      const size = yield* Effect.suspend(() => {
        let size = 0
        return stream(artifact, options).pipe(
          Stream.tap((chunk) => Effect.sync(() => (size += chunk.length))),
          // "w" so that a retry starts the part over.
          Stream.run(files.sink(part, { flag: "w" })),
          Effect.map(() => size)
        )
      }).pipe(RetryPolicy.retry(options.retry ?? RetryPolicy.idempotent))

      const target = yield* reserve(files, (number) =>
        path.join(options.directory, number === 1 ? fileName : numbered(fileName, number))
      )
      yield* files.rename(part, target).pipe(Effect.onError(() => Effect.ignore(files.remove(target, { force: true }))))
      return { artifact, path: target, size }
    })
  )

/** Takes the first free name by making an empty file there: two saves at once cannot take the same one. */
const reserve = (
  files: FileSystem.FileSystem,
  candidate: (number: number) => string
): Effect.Effect<string, PlatformError> => {
  const attempt = (number: number): Effect.Effect<string, PlatformError> => {
    const target = candidate(number)
    return files.writeFile(target, new Uint8Array(0), { flag: "wx" }).pipe(
      Effect.as(target),
      Effect.catchIf(
        (error) => error.reason._tag === "AlreadyExists" && number < 10_000,
        () => attempt(number + 1)
      )
    )
  }
  return attempt(1)
}
