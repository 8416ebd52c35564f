/**
 * What is said when an upload stops half way, and how it goes on from there.
 */
import { FileSourceError } from "@effect-sse/core/FileSource"
import { ApiError, ExpiredArtifactError, ParseError, TransportError } from "@effect-sse/core/StreamError"
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { FileObjectKey, UploadId } from "./Ids.ts"

/**
 * How far an upload in parts has come. Keep it, encoded with this schema, to go on in another process: a link to a part lives
 * for about a day. The links are secrets, so they are redacted here and plain when encoded.
 */
export const UploadCheckpoint = Schema.Struct({
  uploadId: UploadId,
  fileObjectKey: FileObjectKey,
  /** The file's size in bytes: another file must not be sent in its place. */
  fileSize: Schema.Number,
  /** All parts, with their sizes in bytes, as the vendor laid them out. */
  parts: Schema.Array(
    Schema.Struct({ number: Schema.Number, size: Schema.Number, url: Schema.RedactedFromValue(Schema.String) })
  ),
  /** Those that the store has. */
  sent: Schema.Array(Schema.Struct({ number: Schema.Number, etag: Schema.String }))
})

/** How far an upload in parts has come. */
export type UploadCheckpoint = typeof UploadCheckpoint.Type

/**
 * An upload began, and did not come to its end. What is at the vendor stays there: it offers no way to remove it.
 *
 * `step` is what failed:
 *
 * - `"parts"`: sending the file; `files.resume(source, error.checkpoint)` sends what is missing;
 * - `"completion"`: all parts are sent, and the vendor did not put them together; `files.resume` tries that again;
 * - `"datasource"`: the file is there under `fileObjectKey`, and no data source was made of it; `datasources.create` does.
 */
export class UploadError extends Schema.TaggedError<UploadError>()("UploadError", {
  step: Schema.Literals(["parts", "completion", "datasource"]),
  /** The file's name. */
  name: Schema.String,
  fileObjectKey: FileObjectKey,
  /** `undefined` for a file that was small enough to be sent in one piece. */
  checkpoint: Schema.optionalKey(UploadCheckpoint),
  cause: Schema.Union([TransportError, ApiError, ParseError, ExpiredArtifactError, FileSourceError])
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
    return `powerdrill: the upload of ${this.name} stopped (${this.where}); ${whatToDo[this.step]}; the reason: ${this.cause.message}`
  }
  private get where(): string {
    if (this.step === "datasource") return "uploaded, but not made a data source"
    return `${this.checkpoint?.sent.length ?? 0} of ${this.checkpoint?.parts.length ?? 0} parts sent`
  }
}

const whatToDo = {
  parts: "go on with files.resume and this error's checkpoint",
  completion: "go on with files.resume and this error's checkpoint",
  datasource: "go on with datasources.create and this error's fileObjectKey"
} as const
