/**
 * A file that is to be uploaded, wherever its bytes are: on a disk, in memory, in a browser's `File`, or in a stream.
 *
 * A source is read in parts, at any offset and as often as needed, so that parts can be sent side by side and a failed
 * one sent again, and so that a large file is never in memory as a whole.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { sourceName } from "./internal/sourceName.ts"

/**
 * A file to be uploaded.
 */
export interface FileSource {
  /** The base name: at most 255 bytes, without folders and control characters. */
  readonly name: string
  /** The size in bytes; never 0. */
  readonly size: number
  /** The media type, if it is known. */
  readonly contentType?: string | undefined
  /**
   * Reads exactly `length` bytes from `offset` on, or fails. A source that reads into memory asks `allocate` for it, if that
   * is given: bytes that are in such memory are on loan, and change once they are sent. A read that has succeeded must not go on
   * writing into it. A source that has the bytes gives them as they are.
   */
  readonly read: (
    offset: number,
    length: number,
    allocate?: (length: number) => Uint8Array
  ) => Effect.Effect<Uint8Array, FileSourceError>
}

/**
 * Why a file cannot be uploaded.
 *
 * - `NotFound`: there is none. `NotAFile`: it is a folder, a device or the like. `Empty`: it has no bytes.
 * - `NotReadable`: the system refuses to read it. `NotWritable`: a stream's temporary file could not be written.
 * - `Changed`: it is not what it was when the source was made; what was sent already does not belong to it any more.
 * - `TooLarge`: a stream went past `maxSize`. `OutOfRange`: bytes were asked for that the file does not have.
 */
export const Reason = Schema.Literals([
  "NotFound",
  "NotAFile",
  "Empty",
  "NotReadable",
  "NotWritable",
  "Changed",
  "TooLarge",
  "OutOfRange"
])

/** Why a file cannot be uploaded. */
export type Reason = typeof Reason.Type

const whatToDo: Record<Reason, string> = {
  NotFound: "there is no such file; check the path",
  NotAFile: "this is a folder or a device; give the path of a file",
  Empty: "the file is empty, and no vendor takes an empty one; check what wrote it",
  NotReadable: "the file could not be read; check its permissions and its disk",
  NotWritable: "its temporary file could not be written; check the space left in the system's temporary folder",
  Changed: "the file was changed, moved or removed since the upload began; begin again with the file as it is now",
  TooLarge: "there are more bytes than allowed; raise the option maxSize if that is wanted",
  OutOfRange: "bytes were asked for that the file does not have; lay out its parts anew"
}

/**
 * A file cannot be uploaded. `name` is its base name; no folder of this machine is shown.
 */
export class FileSourceError extends Schema.TaggedError<FileSourceError>()("FileSourceError", {
  name: Schema.String,
  reason: Reason
}) {
  /** The file stays as it is; somebody has to look at it. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    return `cannot upload ${this.name}: ${whatToDo[this.reason]} (${this.reason})`
  }
}

/**
 * What can be said of a file by hand.
 */
export interface Options {
  /** Its name; what comes before the last slash is left out. */
  readonly name?: string | undefined
  /** Its media type. */
  readonly contentType?: string | undefined
}

/**
 * Options for a file that has no name of its own.
 */
export interface NamedOptions extends Options {
  readonly name: string
}

/**
 * Takes a file on a disk. Each read opens it, reads what is asked for and closes it again. A `FileSystem` that gives a read up
 * and tries again by itself must not let the first one write any more.
 *
 * Fails with the reason `NotFound`, `NotAFile`, `NotReadable` or `Empty`; a read fails with `Changed` when the file has
 * another size or time of change than it had here.
 *
 * **Example** (A file, under another name)
 *
 * ```ts
 * import { FileSource } from "@effect-sse/core"
 *
 * const source = FileSource.fromPath("exports/2024-11.csv", { name: "prices.csv", contentType: "text/csv" })
 * ```
 */
export const fromPath = (
  path: string,
  options?: Options
): Effect.Effect<FileSource, FileSourceError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    // Absolute, for a program that goes to another folder before it has sent the file.
    return yield* onDisk(files, paths.resolve(path), { ...options, name: options?.name ?? paths.basename(path) })
  })

/**
 * Takes bytes in memory. They are not copied: do not write to them until they are uploaded.
 *
 * **Example** (A text)
 *
 * ```ts
 * import { FileSource } from "@effect-sse/core"
 *
 * const source = FileSource.fromBytes(new TextEncoder().encode("a,b\n1,2\n"), { name: "prices.csv" })
 * ```
 */
export const fromBytes = (bytes: Uint8Array, options: NamedOptions): Effect.Effect<FileSource, FileSourceError> =>
  make({
    name: sourceName(options.name),
    size: bytes.length,
    contentType: options.contentType,
    read: (offset, length) => Effect.succeed(bytes.subarray(offset, offset + length))
  })

/**
 * Takes a `Blob`, or a `File` such as a browser's file input gives; a `File` has its own name.
 *
 * **Example** (What a user chose)
 *
 * ```ts
 * import { FileSource } from "@effect-sse/core"
 *
 * declare const input: HTMLInputElement
 *
 * const sources = Array.from(input.files ?? [], (file) => FileSource.fromBlob(file))
 * ```
 */
export const fromBlob: {
  (file: File, options?: Options): Effect.Effect<FileSource, FileSourceError>
  (blob: Blob, options: NamedOptions): Effect.Effect<FileSource, FileSourceError>
} = (blob: Blob | File, options?: Options): Effect.Effect<FileSource, FileSourceError> => {
  const name = sourceName(options?.name ?? ("name" in blob ? blob.name : ""))
  return make({
    name,
    size: blob.size,
    contentType: options?.contentType ?? (blob.type === "" ? undefined : blob.type),
    read: (offset, length) =>
      Effect.tryPromise({
        try: () => blob.slice(offset, offset + length).arrayBuffer(),
        // A file behind it that changed is not told apart from one that cannot be read.
        catch: () => new FileSourceError({ name, reason: "NotReadable" })
      }).pipe(Effect.map((bytes) => new Uint8Array(bytes)))
  })
}

/**
 * Options of {@link fromStream}.
 */
export interface StreamOptions extends NamedOptions {
  /** The most bytes that the stream may have. Default 10 GiB. */
  readonly maxSize?: number | undefined
}

/**
 * Takes all bytes of a stream.
 *
 * A stream cannot be read at an offset nor a second time, and its size is not known, so it is run here, once, into a
 * temporary file; only the chunk at hand is in memory. The file is removed with the scope: keep that open until the
 * upload is done.
 *
 * Fails as the stream does, with `TooLarge` past `maxSize`, and with `NotWritable` when the disk is full.
 *
 * **Example** (What another server sends)
 *
 * ```ts
 * import { FileSource } from "@effect-sse/core"
 * import { Effect, Stream } from "effect"
 * import { HttpClient } from "effect/http"
 *
 * declare const upload: (source: FileSource.FileSource) => Effect.Effect<void>
 *
 * const program = Effect.scoped(
 *   Effect.gen(function*() {
 *     const response = yield* HttpClient.get("https://example.com/prices.csv")
 *     yield* upload(yield* FileSource.fromStream(response.stream, { name: "prices.csv" }))
 *   })
 * )
 * ```
 */
export const fromStream = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  options: StreamOptions
): Effect.Effect<FileSource, E | FileSourceError, R | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const name = sourceName(options.name)
    const maxSize = options.maxSize ?? 10 * 1024 ** 3
    const notWritable = () => new FileSourceError({ name, reason: "NotWritable" })
    const path = yield* Effect.mapError(files.makeTempFileScoped({ prefix: "upload-" }), notWritable)
    let size = 0
    yield* stream.pipe(
      Stream.mapEffect((chunk) => {
        size += chunk.length
        return size <= maxSize ? Effect.succeed(chunk) : Effect.fail(new FileSourceError({ name, reason: "TooLarge" }))
      }),
      Stream.run(Sink.mapError(files.sink(path), notWritable))
    )
    return yield* onDisk(files, path, options)
  })

/** Refuses an empty source, and reads that do not bring exactly what was asked for. */
const make = (source: FileSource): Effect.Effect<FileSource, FileSourceError> => {
  const fail = (reason: Reason) => Effect.fail(new FileSourceError({ name: source.name, reason }))
  if (source.size === 0) return fail("Empty")
  return Effect.succeed({
    ...source,
    read: (offset, length, allocate) =>
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      Math.min(offset, length) >= 0 &&
      offset + length <= source.size
        ? Effect.flatMap(source.read(offset, length, allocate), (bytes) =>
            bytes.length === length ? Effect.succeed(bytes) : fail("Changed")
          )
        : fail("OutOfRange")
  })
}

const onDisk = (
  files: FileSystem.FileSystem,
  path: string,
  options: NamedOptions
): Effect.Effect<FileSource, FileSourceError> =>
  Effect.gen(function* () {
    const name = sourceName(options.name)
    const fail = (reason: Reason) => Effect.fail(new FileSourceError({ name, reason }))
    const info = yield* Effect.catch(files.stat(path), (error) => fail(reasonOf(error)))
    // Before it is opened: opening a pipe waits for somebody who writes to it.
    if (info.type !== "File") return yield* fail("NotAFile")
    // Opened once for nothing, so that a file that must not be read is refused before an upload begins.
    yield* Effect.scoped(files.open(path)).pipe(Effect.catch((error) => fail(reasonOf(error))))
    return yield* make({
      name,
      size: Number(info.size),
      contentType: options.contentType,
      read: (offset, length, allocate = newBytes) =>
        Effect.gen(function* () {
          const file = yield* files.open(path)
          const bytes = yield* readFully(file, offset, allocate(length))
          // After reading, so that what was written meanwhile is noticed too.
          return sameFile(info, yield* file.stat) ? bytes : yield* fail("Changed")
        }).pipe(
          Effect.scoped,
          Effect.catchTag("PlatformError", (error) => {
            const reason = reasonOf(error)
            return fail(reason === "NotReadable" ? reason : "Changed")
          })
        )
    })
  })

/** More in one read than this and an interruption would wait for the disk; far more and the system refuses. */
const maxRead = 16 * 1024 * 1024

const newBytes = (length: number): Uint8Array => new Uint8Array(length)

/** Reads until `bytes` is full or the file ends, and gives what was read. */
const readFully = (
  file: FileSystem.File,
  offset: number,
  bytes: Uint8Array
): Effect.Effect<Uint8Array, PlatformError> =>
  Effect.gen(function* () {
    let end = 0
    while (end < bytes.length) {
      const read = yield* file.read(bytes.subarray(end, end + maxRead), { position: BigInt(offset + end) })
      if (read === 0) break
      end += read
    }
    return bytes.subarray(0, end)
  })

const sameFile = (before: FileSystem.File.Info, after: FileSystem.File.Info): boolean =>
  before.size === after.size && modifiedAt(before) === modifiedAt(after)

const modifiedAt = (info: FileSystem.File.Info): number | undefined => Option.getOrUndefined(info.mtime)?.getTime()

const reasonOf = ({ reason }: PlatformError): Reason => {
  switch (reason._tag) {
    case "NotFound":
      return "NotFound"
    // A folder, or a file where a folder of the path should be.
    case "BadResource":
      return "NotAFile"
    default:
      return "NotReadable"
  }
}
