/**
 * Where a video, a sound, an image or a document is that the platform is to look at.
 */
import type { AssetId } from "./Ids.ts"

/**
 * One of three places: an address that everyone can read, an asset that is ready, or bytes at hand, which travel in the
 * request itself (as base64, a third more than they are).
 */
export type MediaSource =
  | { readonly url: string; readonly assetId?: undefined; readonly bytes?: undefined }
  | { readonly assetId: AssetId; readonly url?: undefined; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array; readonly url?: undefined; readonly assetId?: undefined }
