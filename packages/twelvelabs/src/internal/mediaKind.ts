/**
 * What a file is, for the vendor to be told before it has seen a byte.
 */
import type { MediaKind } from "../Upload.ts"

const extensions: Readonly<Record<MediaKind, string>> = {
  video: "mp4 m4v mov mkv webm avi mpg mpeg m2v ts mts m2ts wmv flv f4v 3gp 3g2 ogv mxf vob",
  audio: "mp3 wav m4a aac flac ogg oga opus wma aif aiff amr ac3",
  image: "jpg jpeg png webp gif bmp tif tiff heic heif avif"
}

const kinds: ReadonlyMap<string, MediaKind> = new Map(
  (["video", "audio", "image"] as const).flatMap((kind) =>
    extensions[kind].split(" ").map((extension) => [extension, kind] as const)
  )
)

/** The kind of a file by its media type, or else by its name; `undefined` for documents and what is not known. */
export const mediaKind = (name: string, contentType: string | undefined): MediaKind | undefined => {
  const main = /^(video|audio|image)\//i.exec(contentType ?? "")?.[1]?.toLowerCase()
  return main === undefined ? kinds.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase()) : (main as MediaKind)
}
