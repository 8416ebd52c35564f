/**
 * What TwelveLabs takes a file for, by its name.
 */
import { extensionOf } from "./FileStore.ts"
import type { AssetKind } from "./TwelveLabsState.ts"

/** What a file is taken for. */
export interface Media {
  readonly kind: AssetKind
  /** The media type. */
  readonly fileType: string
}

const types: Readonly<Record<string, Media>> = {
  ".mp4": { kind: "video", fileType: "video/mp4" },
  ".m4v": { kind: "video", fileType: "video/x-m4v" },
  ".mov": { kind: "video", fileType: "video/quicktime" },
  ".mkv": { kind: "video", fileType: "video/x-matroska" },
  ".webm": { kind: "video", fileType: "video/webm" },
  ".avi": { kind: "video", fileType: "video/x-msvideo" },
  ".mp3": { kind: "audio", fileType: "audio/mpeg" },
  ".wav": { kind: "audio", fileType: "audio/wav" },
  ".m4a": { kind: "audio", fileType: "audio/mp4" },
  ".flac": { kind: "audio", fileType: "audio/flac" },
  ".jpg": { kind: "image", fileType: "image/jpeg" },
  ".jpeg": { kind: "image", fileType: "image/jpeg" },
  ".png": { kind: "image", fileType: "image/png" },
  ".webp": { kind: "image", fileType: "image/webp" },
  ".pdf": { kind: "document", fileType: "application/pdf" },
  ".txt": { kind: "document", fileType: "text/plain" },
  ".md": { kind: "document", fileType: "text/markdown" }
}

/** What a file is taken for; `undefined` for what is not taken at all. */
export const mediaOf = (filename: string): Media | undefined => {
  const extension = extensionOf(filename)
  return Object.hasOwn(types, extension) ? types[extension] : undefined
}

/** Bytes of a second of what is uploaded, which nobody decodes here. */
const bytesPerSecond = 250_000

/** How long a file of a size plays, in seconds. */
export const durationOf = (kind: AssetKind, size: number): number | undefined =>
  kind === "video" || kind === "audio" ? Math.max(5, Math.ceil(size / bytesPerSecond)) : undefined

/** Bytes of the largest image. */
export const mostOfImage = 32_000_000

/** How many characters a name has, as people count them. */
export const lengthOf = (filename: string): number => [...filename].length
