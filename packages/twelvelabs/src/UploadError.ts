/**
 * What is said when an upload in chunks stops half way, and how it goes on from there.
 */
import { FileSourceError } from "@effect-sse/core/FileSource"
import { NotReadyError } from "@effect-sse/core/Polling"
import { ApiError, ExpiredArtifactError, ParseError, TransportError } from "@effect-sse/core/StreamError"
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { AssetId, UploadId } from "./Ids.ts"
import { ProcessingError } from "./ProcessingError.ts"

/**
 * How far an upload in chunks has come. Keep it, encoded with this schema, to go on in another process; an upload lives for a
 * day. It has no links, which are asked for anew, and stays small: what has arrived is for the vendor to say.
 */
export const UploadCheckpoint = Schema.Struct({
  uploadId: UploadId,
  /** The asset that the file becomes. An upload that is found again by its id alone does not know it before its end. */
  assetId: Schema.optionalKey(AssetId),
  /** The file's size: another file must not be sent in its place. */
  sizeBytes: Schema.Number,
  /** The size of each chunk but the last one. */
  chunkSizeBytes: Schema.Number,
  /** Headers that the store wants with each chunk. Plain when encoded. */
  headers: Schema.Record(Schema.String, Schema.RedactedFromValue(Schema.String)),
  /** Chunks that the store has taken, with its ETags as it sent them, and that the vendor has not been told of. */
  unreported: Schema.Array(Schema.Struct({ number: Schema.Number, etag: Schema.String }))
})

/** How far an upload in chunks has come. */
export type UploadCheckpoint = typeof UploadCheckpoint.Type

/**
 * An upload began, and did not come to its end. What is at the vendor expires a day after the beginning; there is no way to
 * remove it earlier.
 *
 * `step` is what failed:
 *
 * - `"chunks"`: sending the file; `multipartUploads.resume(source, error.checkpoint)` sends what is missing;
 * - `"completion"`: all chunks are sent, and the vendor has not put them together; `multipartUploads.resume` tries that again.
 *
 * A `cause` that is a `ProcessingError` says that the upload has expired or was given up: begin again. One that is a
 * `NotReadyError` says that the vendor took long to put the chunks together.
 */
export class UploadError extends Schema.TaggedError<UploadError>()("UploadError", {
  step: Schema.Literals(["chunks", "completion"]),
  /** The file's name. */
  name: Schema.String,
  sentChunks: Schema.Number,
  chunks: Schema.Number,
  checkpoint: UploadCheckpoint,
  cause: Schema.Union([
    TransportError,
    ApiError,
    ParseError,
    ExpiredArtifactError,
    FileSourceError,
    NotReadyError,
    ProcessingError
  ])
}) {
  /** As the cause says. */
  get isRetryable(): boolean {
    return this.cause.isRetryable
  }
  /** As the cause says. */
  get retryAfter(): Duration.Duration | undefined {
    return this.cause.retryAfter
  }
  override get message(): string {
    const whatToDo =
      this.cause._tag === "ProcessingError"
        ? "begin again"
        : "go on with multipartUploads.resume and this error's checkpoint"
    return `twelvelabs: the upload of ${this.name} stopped (${this.sentChunks} of ${this.chunks} chunks sent); ${whatToDo}; the reason: ${this.cause.message}`
  }
}
