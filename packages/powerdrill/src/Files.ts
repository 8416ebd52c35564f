/**
 * Files in: small ones in one piece, others in parts that go straight to the vendor's object store.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import { type FileSource, FileSourceError } from "@effect-sse/core/FileSource"
import * as PartUpload from "@effect-sse/core/PartUpload"
import type { RetryPolicy } from "@effect-sse/core/RetryPolicy"
import type { RequestError } from "@effect-sse/core/StreamError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Multipart from "effect/http/Multipart"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CallOptions, Connection } from "./Connection.ts"
import { FileObjectKey, UploadId } from "./Ids.ts"
import { asker } from "./internal/asker.ts"
import * as Wire from "./internal/wire.ts"
import { type UploadCheckpoint, UploadError } from "./UploadError.ts"

/**
 * How far an upload has come.
 */
export interface UploadProgress extends PartUpload.Progress {
  /** To go on from here after an interruption. `undefined` for a file that is sent in one piece. */
  readonly checkpoint: UploadCheckpoint | undefined
}

/**
 * Options of an upload. Those of a call are for the requests to the vendor, which begin and complete it.
 */
export interface UploadOptions extends CallOptions {
  /** Files of up to so many bytes go in one piece. Default 1 MB, which the vendor recommends. */
  readonly singlePieceLimit?: number | undefined
  /** Run when it begins, and after each part: for a progress bar, or to keep the checkpoint. */
  readonly onProgress?: ((progress: UploadProgress) => Effect.Effect<void>) | undefined
  /** How the parts are sent. */
  readonly parts?: PartOptions | undefined
}

/**
 * How parts are sent to the object store.
 */
export interface PartOptions {
  /** How many at once; as many are in memory. Default 4. */
  readonly concurrency?: number | undefined
  /** What to try again, for each part by itself. Default `RetryPolicy.idempotent`. */
  readonly retry?: RetryPolicy | undefined
  /** The longest time for one attempt to send one part. Default 5 minutes. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The largest part that is accepted from the vendor, in bytes: it lays the parts out. Default 256 MiB. */
  readonly maxPartSize?: number | undefined
  /** Lets links lead to private addresses, as those of a private deployment may. Default: as the API itself does. */
  readonly allowPrivateHosts?: boolean | undefined
}

/**
 * Where the parts of a file go, as the vendor laid it out.
 */
export interface StartedUpload {
  readonly uploadId: UploadId
  readonly fileObjectKey: FileObjectKey
  /** Each with its size in bytes. The links are signed for about a day: whoever has one can write there. */
  readonly parts: ReadonlyArray<{
    readonly number: number
    readonly size: number
    readonly url: Redacted.Redacted
  }>
}

const StartedUpload = Schema.Struct({
  uploadId: UploadId,
  fileObjectKey: FileObjectKey,
  parts: Schema.Array(
    Schema.Struct({
      number: Wire.Count,
      size: Wire.Count,
      url: Schema.RedactedFromValue(Schema.String)
    }).pipe(Schema.encodeKeys({ url: "upload_url" }))
  )
}).pipe(Schema.encodeKeys({ uploadId: "upload_id", fileObjectKey: "file_object_key", parts: "part_items" }))

const Uploaded = Schema.Struct({ fileObjectKey: FileObjectKey }).pipe(
  Schema.encodeKeys({ fileObjectKey: "file_object_key" })
)

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("files").add(
  HttpApiEndpoint.post("upload", "/file/upload-datasource", {
    payload: Schema.Struct({ file: Multipart.SingleFileSchema, userId: Schema.String }).pipe(
      Schema.encodeKeys({ userId: "user_id" }),
      HttpApiSchema.asMultipart()
    ),
    success: Wire.envelope(Uploaded)
  }),
  HttpApiEndpoint.post("start", "/file/init-multipart-upload", {
    payload: Schema.Struct({ userId: Schema.String, fileName: Schema.String, fileSize: Schema.Int }).pipe(
      Schema.encodeKeys({ userId: "user_id", fileName: "file_name", fileSize: "file_size" })
    ),
    success: Wire.envelope(StartedUpload)
  }),
  HttpApiEndpoint.post("complete", "/file/complete-multipart-upload", {
    payload: Schema.Struct({
      userId: Schema.String,
      uploadId: UploadId,
      fileObjectKey: FileObjectKey,
      parts: Schema.Array(Schema.Struct({ number: Schema.Int, etag: Schema.String }))
    }).pipe(
      Schema.encodeKeys({
        userId: "user_id",
        uploadId: "upload_id",
        fileObjectKey: "file_object_key",
        // The parts' own field is `number`: the vendor's schema says `part_number`, and its server wants the other.
        parts: "part_etags"
      })
    ),
    success: Wire.envelope(Uploaded)
  })
)

/**
 * What can be done with files.
 */
export interface Files {
  /**
   * Uploads a file and gives its key, of which `datasources.create` makes a data source.
   *
   * **Details**
   *
   * A large file goes in parts, of the vendor's sizes, straight to its object store and without the API key: so many at once
   * as `parts.concurrency` says, read from the file just before, each tried again by itself. An interruption stops all of
   * them. Where an upload began and did not end, the error is an `UploadError` with a checkpoint for {@link Files.resume};
   * after an interruption the last `onProgress` has it.
   *
   * **Example** (A file from the disk, with its progress)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { Powerdrill } from "@effect-sse/powerdrill"
   * import { Console, Effect } from "effect"
   *
   * const upload = Effect.gen(function*() {
   *   const { files } = yield* Powerdrill
   *   const source = yield* FileSource.fromPath("sales.csv")
   *   return yield* files.upload(source, {
   *     onProgress: ({ bytes, sentBytes }) => Console.log(`${Math.floor((100 * sentBytes) / bytes)} %`)
   *   })
   * })
   * ```
   */
  readonly upload: (
    source: FileSource,
    options?: UploadOptions | undefined
  ) => Effect.Effect<FileObjectKey, RequestError | FileSourceError | UploadError>
  /** Goes on with an upload in parts: sends those that are missing, and completes it. */
  readonly resume: (
    source: FileSource,
    checkpoint: UploadCheckpoint,
    options?: UploadOptions | undefined
  ) => Effect.Effect<FileObjectKey, FileSourceError | UploadError>
  /** Uploads a file in one piece, whatever its size; all of it is in memory ("Upload file" in the vendor's reference). */
  readonly uploadSmall: (
    source: FileSource,
    options?: CallOptions | undefined
  ) => Effect.Effect<FileObjectKey, RequestError | FileSourceError>
  /**
   * Begins an upload in parts, for a program that sends them itself.
   *
   * @param file its name with the extension, and its size in bytes
   */
  readonly start: (
    file: Pick<FileSource, "name" | "size">,
    options?: CallOptions | undefined
  ) => Effect.Effect<StartedUpload, RequestError>
  /** Puts the parts together: all of them, in ascending order, each with the store's ETag without quotes. */
  readonly complete: (
    upload: Pick<StartedUpload, "uploadId" | "fileObjectKey">,
    parts: ReadonlyArray<PartUpload.SentPart>,
    options?: CallOptions | undefined
  ) => Effect.Effect<FileObjectKey, RequestError>
}

/** What the vendor recommends for files that are sent in one piece. */
const defaultSinglePieceLimit = 1_000_000

/**
 * Makes the files of a connection. `Powerdrill` has them as its member `files`.
 */
export const make = (connection: Connection): Effect.Effect<Files> =>
  Effect.map(ApiClient.make(HttpApi.make("powerdrill").add(Group), connection), ({ call }) => {
    const uploadSmall: Files["uploadSmall"] = (source, options) =>
      Effect.flatMap(source.read(0, source.size), (bytes) => {
        const form = new FormData()
        // A copy in a buffer of its own, as the types of `Blob` want it.
        form.append("file", new Blob([new Uint8Array(bytes)], { type: source.contentType ?? "" }), source.name)
        form.append("user_id", asker(connection, options).userId)
        return Effect.map(
          call(({ files }) => files.upload({ payload: form }), options),
          ({ fileObjectKey }) => fileObjectKey
        )
      })

    const start: Files["start"] = ({ name, size }, options) =>
      call(
        ({ files }) => files.start({ payload: { fileName: name, fileSize: size, ...asker(connection, options) } }),
        options
      )

    const complete: Files["complete"] = ({ fileObjectKey, uploadId }, parts, options) =>
      call(
        ({ files }) => files.complete({ payload: { uploadId, fileObjectKey, parts, ...asker(connection, options) } }),
        options
      ).pipe(Effect.map((uploaded) => uploaded.fileObjectKey))

    const resume: Files["resume"] = (source, begun, options) =>
      Effect.gen(function* () {
        if (source.size !== begun.fileSize) {
          return yield* new FileSourceError({ name: source.name, reason: "Changed" })
        }
        let checkpoint = begun
        const stopped =
          (step: "parts" | "completion") =>
          (cause: UploadError["cause"]): UploadError =>
            new UploadError({ step, name: source.name, fileObjectKey: begun.fileObjectKey, checkpoint, cause })
        const report = (progress: PartUpload.Progress) =>
          options?.onProgress?.({ ...progress, checkpoint }) ?? Effect.void
        const { maxPartSize } = options?.parts ?? {}
        const urls = new Map(begun.parts.map(({ number, url }) => [number, url]))

        const sent = yield* Effect.gen(function* () {
          const layout = yield* Effect.fromResult(
            PartUpload.layout(begun.parts, source.size, { vendor: connection.vendor.name, maxPartSize })
          )
          const before = layout.filter(({ number }) => begun.sent.some((part) => part.number === number))
          yield* report({
            parts: layout.length,
            bytes: source.size,
            sentParts: before.length,
            sentBytes: before.reduce((sum, { size }) => sum + size, 0)
          })
          return yield* PartUpload.send(source, layout, {
            ...options?.parts,
            allowPrivateHosts: options?.parts?.allowPrivateHosts ?? connection.isLocal,
            sent: begun.sent,
            // The vendor has no second link to a part: an expired one is the end of this upload.
            locate: ({ number }) => Effect.succeed(Redacted.value(urls.get(number)!)),
            onSent: (part, progress) => {
              checkpoint = { ...checkpoint, sent: [...checkpoint.sent, part] }
              return report(progress)
            }
          }).pipe(Effect.provideService(HttpClient.HttpClient, connection.httpClient))
        }).pipe(Effect.mapError(stopped("parts")))

        return yield* Effect.mapError(complete(begun, sent, options), stopped("completion"))
      })

    return {
      upload: (source, options) =>
        Effect.gen(function* () {
          if (source.size <= (options?.singlePieceLimit ?? defaultSinglePieceLimit)) {
            const progress = { checkpoint: undefined, parts: 1, bytes: source.size }
            const report = options?.onProgress ?? (() => Effect.void)
            yield* report({ ...progress, sentParts: 0, sentBytes: 0 })
            const key = yield* uploadSmall(source, options)
            yield* report({ ...progress, sentParts: 1, sentBytes: source.size })
            return key
          }
          const started = yield* start(source, options)
          return yield* resume(source, { ...started, fileSize: source.size, sent: [] }, options)
        }),
      resume,
      uploadSmall,
      start,
      complete
    }
  })
