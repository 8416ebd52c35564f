/**
 * Where a video, a sound, an image or a document is that the vendor is to look at.
 */
import type { FileSource } from "@effect-sse/core/FileSource"
import type { AssetId } from "./Ids.ts"

/**
 * One of three places: an address that everyone can read, an asset that is ready, or bytes at hand, which travel in the
 * request itself (as base64, a third more than they are).
 */
export type MediaSource =
  | { readonly url: string; readonly assetId?: undefined; readonly bytes?: undefined }
  | { readonly assetId: AssetId; readonly url?: undefined; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array; readonly url?: undefined; readonly assetId?: undefined }

/**
 * A file that goes to the vendor: an address that everyone can read, from which the vendor fetches it, or a file at hand, which is
 * sent in one piece and is in memory as a whole.
 */
export type MediaFile =
  | { readonly url: string; readonly file?: undefined }
  | { readonly file: FileSource; readonly url?: undefined }
