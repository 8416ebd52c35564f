/**
 * What can be said of an upload, and what it says of itself.
 */
import type * as PartUpload from "@effect-sse/core/PartUpload"
import type { RetryPolicy } from "@effect-sse/core/RetryPolicy"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { CallOptions } from "./Connection.ts"
import type { AssetId, UploadId } from "./Ids.ts"
import type { UploadCheckpoint } from "./UploadError.ts"
import type { UserMetadata } from "./UserMetadata.ts"

/**
 * What can be sent in chunks. Documents cannot.
 */
export type MediaKind = "video" | "audio" | "image"

/**
 * What is made of a file when it has arrived.
 */
export interface AssetOptions {
  /** The asset's name, 1 to 255 characters. Default: the file's own. */
  readonly filename?: string | undefined
  /** Whether to make an HLS stream of a video, for players. Default false. */
  readonly hls?: boolean | undefined
  /** Whether to make a thumbnail. Default false. */
  readonly thumbnail?: boolean | undefined
  readonly userMetadata?: UserMetadata | undefined
}

/**
 * How far an upload has come.
 */
export interface UploadProgress extends PartUpload.Progress {
  /** To go on from here after an interruption. `undefined` for a file that is sent in one piece. */
  readonly checkpoint: UploadCheckpoint | undefined
}

/**
 * Options of an upload. Those of a call are for the requests to the vendor, not for those to its object store.
 */
export interface UploadOptions extends CallOptions, AssetOptions {
  /** What the file is. Default: by its media type, or else by its name's extension. */
  readonly type?: MediaKind | undefined
  /** Run when it begins, and after each chunk: for a progress bar, or to keep the checkpoint. */
  readonly onProgress?: ((progress: UploadProgress) => Effect.Effect<void>) | undefined
  /** How the chunks are sent. */
  readonly parts?: PartOptions | undefined
}

/**
 * How chunks are sent to the object store.
 */
export interface PartOptions {
  /** How many at once; as many are in memory. Default 4. */
  readonly concurrency?: number | undefined
  /** What to try again, for each chunk by itself. Default `RetryPolicy.idempotent`. */
  readonly retry?: RetryPolicy | undefined
  /** The longest time for one attempt to send one chunk. Default 5 minutes. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The largest chunk that is accepted from the vendor, in bytes: it lays the chunks out. Default 256 MiB. */
  readonly maxPartSize?: number | undefined
  /** Lets links lead to private addresses, as those of a private deployment may. Default: as the API itself does. */
  readonly allowPrivateHosts?: boolean | undefined
  /**
   * Headers to send with each chunk of an upload that is resumed by its id alone: those that came when it began. Elsewhere they
   * are known, and this is not looked at.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * A file that has arrived. The vendor works on its asset for a while yet.
 */
export interface Uploaded {
  readonly uploadId: UploadId
  readonly assetId: AssetId
  /** Where the file is, if the vendor said so. Whoever has it may be able to read there. */
  readonly url: Redacted.Redacted | undefined
}
