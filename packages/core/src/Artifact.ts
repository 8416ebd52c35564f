/**
 * Files that an answer links to, such as tables and images, and whose links soon expire.
 *
 * A link is a secret (it is signed) and comes from outside: it is fetched without the API key, only from public https
 * hosts unless allowed otherwise, with a bound on its size, and its name is confined to the folder that it is saved in.
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Stream from "effect/Stream"
import { type ContentType, contentTypeOf, extensionOf } from "./internal/contentType.ts"
import { fetchArtifact } from "./internal/fetchArtifact.ts"
import { safeFileName } from "./internal/fileName.ts"
import { newFile } from "./internal/newFile.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import type { ExpiredArtifactError, RequestError } from "./StreamError.ts"

/**
 * A file behind a link.
 */
export interface Artifact {
  /** What it is. A table or an image whose bytes turn out to be a web page is refused. */
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
 * What tells files apart: a link without its query string, which holds the signature and changes with each signing. The
 * same file linked to twice has one key.
 */
export const key = (artifact: { readonly url: string }): string => artifact.url.split(/[?#]/, 1)[0]!

/**
 * Options for reading an artifact.
 */
export interface Options<E = never, R = never> {
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
  /**
   * Gets a fresh link to the same file. Asked once, when the link has expired; a fresh link that has expired too fails
   * with `ExpiredArtifactError`. Without it an expired link fails at once.
   */
  readonly refresh?: ((artifact: Artifact) => Effect.Effect<Artifact, E, R>) | undefined
}

/**
 * Reads an artifact's bytes. Nothing is sent before the first pull; the connection closes with the stream.
 *
 * Fails with `ExpiredArtifactError` when the link is past its time, by this machine's clock or by the store's word, and
 * `refresh` does not help; with `ParseError` of stage `"limit"` past `maxSize`, of stage `"content"` when a table or an
 * image is a web page or an XML document in truth; with `TransportError` when the link is not one to follow, the
 * connection broke, or fewer bytes came than announced; with `ApiError` for the store's other refusals; with the errors
 * of `refresh`.
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
export const stream = <E = never, R = never>(
  artifact: Artifact,
  options?: Options<E, R>
): Stream.Stream<Uint8Array, ArtifactError | E, HttpClient.HttpClient | R> => {
  const refresh = options?.refresh
  const bytes = fetchArtifact(artifact, options)
  if (refresh === undefined) return bytes
  return Stream.catchTag(bytes, "ExpiredArtifactError", () =>
    Stream.unwrap(Effect.map(refresh(artifact), (fresh) => fetchArtifact(fresh, options)))
  )
}

/**
 * A saved artifact.
 */
export interface Saved {
  /** The artifact that was read: the fresh one where the link had expired. */
  readonly artifact: Artifact
  /** The file's path. */
  readonly path: string
  /** The file's size in bytes. */
  readonly size: number
  /**
   * The media type that the file's first bytes tell: PNG, JPEG, GIF, WebP, SVG, PDF, HTML or XML. Else `"text/csv"` for a
   * table, and `undefined` for what cannot be told.
   */
  readonly contentType: string | undefined
}

/**
 * Options for saving an artifact.
 */
export interface SaveOptions<E = never, R = never> extends Options<E, R> {
  /** The folder to save in; made if it is not there. */
  readonly directory: string
  /** A name of your own in place of the vendor's; confined to the folder all the same. */
  readonly fileName?: string | undefined
}

/**
 * Saves an artifact into a folder and gives the path.
 *
 * The file appears under its name only when it is complete: it is written beside it and renamed. A name that is taken
 * gets a number (`table (2).csv`); nothing is overwritten. A name without an extension gets the one that the bytes call
 * for. An interrupted or failed save leaves nothing behind. Fails as {@link stream} does, and with `PlatformError` of the
 * file system.
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
export const save = <E = never, R = never>(
  artifact: Artifact,
  options: SaveOptions<E, R>
): Effect.Effect<
  Saved,
  ArtifactError | PlatformError | E,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | R
> => {
  const { refresh } = options
  return newFile(
    options.directory,
    (part) => {
      const download = (link: Artifact) =>
        downloadTo(part, link, options).pipe(RetryPolicy.retry(options.retry ?? RetryPolicy.idempotent))
      return refresh === undefined
        ? download(artifact)
        : Effect.catchTag(download(artifact), "ExpiredArtifactError", () => Effect.flatMap(refresh(artifact), download))
    },
    ({ type }) => safeFileName(options.fileName ?? artifact.name, extensionFor(artifact.kind, type))
  ).pipe(
    Effect.map(({ path, written }) => ({
      artifact: written.artifact,
      path,
      size: written.size,
      contentType: written.type ?? (artifact.kind === "table" ? "text/csv" : undefined)
    }))
  )
}

/** Writes the bytes behind one link to a file, from its beginning. */
const downloadTo = (part: string, artifact: Artifact, options: Options<unknown, unknown>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    let size = 0
    let type: ContentType | undefined
    yield* fetchArtifact(artifact, options).pipe(
      Stream.tap((chunk) =>
        Effect.sync(() => {
          if (size === 0) type = contentTypeOf(chunk)
          size += chunk.length
        })
      ),
      // "w" so that a retry starts the part over.
      Stream.run(files.sink(part, { flag: "w" }))
    )
    return { artifact, size, type }
  })

const extensionFor = (kind: Artifact["kind"], type: ContentType | undefined): string =>
  type !== undefined ? extensionOf(type) : kind === "table" ? ".csv" : ""

/**
 * Saves a text of your own beside artifacts, by the rules of {@link save}: the name is confined to the folder, the file
 * appears when it is complete, a name that is taken gets a number. Gives the path.
 *
 * **Example** (An index of what was saved)
 *
 * ```ts
 * import { Artifact } from "@effect-sse/core"
 *
 * const index = (saved: ReadonlyArray<Artifact.Saved>) =>
 *   Artifact.saveText(saved.map(({ path, size }) => `${path}: ${size} bytes`).join("\n"), {
 *     directory: "report",
 *     fileName: "index.txt"
 *   })
 * ```
 */
export const saveText = (
  text: string,
  options: { readonly directory: string; readonly fileName: string }
): Effect.Effect<string, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    newFile(
      options.directory,
      (part) => Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFileString(part, text)),
      () => safeFileName(options.fileName, "")
    ),
    ({ path }) => path
  )
