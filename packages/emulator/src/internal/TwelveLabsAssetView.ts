/**
 * Assets as TwelveLabs tells of them: what time has made of them so far.
 */
import * as Asset from "@effect-sse/twelvelabs/Asset"
import type * as TechnicalMetadata from "@effect-sse/twelvelabs/TechnicalMetadata"
import { TechnicalMetadata as TechnicalMetadataSchema } from "@effect-sse/twelvelabs/TechnicalMetadata"
import * as Schema from "effect/Schema"
import type { LinkMaker } from "./StoreLinks.ts"
import * as StoreLinks from "./StoreLinks.ts"
import * as State from "./TwelveLabsState.ts"

/** What is said of an asset that cannot be used. */
export const failureOf = ({ failure }: State.OwnAsset): string =>
  failure ?? "The content of the file is not what its name says."

/** Seconds that links to what is made of assets live. */
const lifetime = 60 * 60

/** An asset as it is told of when it is made. */
export const brief = (state: State.TwelveLabsState, asset: State.OwnAsset): Asset.Asset => {
  const { createdAt, fileType, filename, id, method, source, userMetadata, work } = asset
  return {
    id,
    method,
    status: State.statusOf(state, work, ["processing"]),
    filename,
    fileType,
    createdAt: State.timeOf(createdAt),
    userMetadata,
    source: sourceOf(source)
  }
}

/** All that is known of an asset. */
export const detail = (state: State.TwelveLabsState, asset: State.OwnAsset, link: LinkMaker): Asset.AssetDetail => {
  const told = brief(state, asset)
  const isReady = told.status === "ready"
  const now = state.now()
  const stored = StoreLinks.linker(link)
  const manifest = () => stored(`assets/${asset.id}`, "scene.m3u8", now).url
  // The picture of an image is the image.
  const picture = () =>
    asset.kind === "image" && asset.content !== undefined
      ? link({ method: "GET", key: asset.content.key, now, seconds: lifetime }).url
      : stored(`assets/${asset.id}`, "thumbnail.png", now).url
  const hls = asset.hls ? derivedStatus(state, asset, asset.kind === "video") : undefined
  const thumbnail = asset.thumbnail ? derivedStatus(state, asset, asset.kind !== "audio") : undefined
  return {
    ...told,
    hls: hls === undefined ? undefined : { status: hls, manifestUrl: hls === "ready" ? manifest() : undefined },
    thumbnail:
      thumbnail === undefined ? undefined : { status: thumbnail, url: thumbnail === "ready" ? picture() : undefined },
    technicalMetadata: told.status === "processing" ? undefined : technicalMetadataOf(asset, isReady),
    sizeBytes: isReady ? asset.size : undefined,
    durationSeconds: isReady ? asset.duration : undefined,
    error: told.status === "failed" ? { message: failureOf(asset) } : undefined
  }
}

/** What is made of an asset when that is ready, in as much time again; of some kinds it cannot be made. */
const derivedStatus = (state: State.TwelveLabsState, { work }: State.OwnAsset, canBe: boolean) => {
  if (state.now() < work.doneAt) return "pending"
  if (!work.succeeds || !canBe) return "error"
  return state.now() < work.doneAt + state.limits.processMillis ? "processing" : "ready"
}

const decodeTechnicalMetadata = Schema.decodeUnknownSync(TechnicalMetadataSchema)

const technicalMetadataOf = (
  { duration, fileType, kind, size }: State.OwnAsset,
  isReady: boolean
): TechnicalMetadata.TechnicalMetadata => {
  const file = { file_size_bytes: size, file_mime_type: fileType }
  const hasSound = kind === "video" || kind === "audio"
  const sound = { codec: "aac", sample_rate: 48_000, channels: 2, bitrate_bps: 128_000, duration_seconds: duration }
  const pictures = {
    index: 0,
    codec: "h264",
    width: 1280,
    height: 720,
    fps: 25,
    avg_fps: 25,
    duration_seconds: duration,
    display_aspect_ratio: "16:9",
    pixel_aspect_ratio: "1:1"
  }
  return decodeTechnicalMetadata({
    ...file,
    ...(isReady
      ? {
          has_audio: hasSound,
          ...(kind === "video" && {
            video_streams: [pictures],
            video_codec: "h264",
            video_width: 1280,
            video_height: 720,
            video_fps: 25,
            video_duration_seconds: duration,
            total_video_streams: 1
          }),
          ...(hasSound && {
            audio_streams: [{ ...sound, index: kind === "video" ? 1 : 0 }],
            audio_codec: "aac",
            audio_sample_rate: 48_000,
            audio_channels: 2,
            audio_duration_seconds: duration,
            total_audio_streams: 1
          }),
          ...(kind === "image" && { image_width: 1280, image_height: 720 }),
          ...(kind === "document" && { document_page_count: 1 })
        }
      : {})
  })
}

const decodeSource = Schema.decodeUnknownSync(Asset.AssetSource)

/** Where an import had it from; the state has it in the words of the wire. */
const sourceOf = (source: State.OwnAsset["source"]): Asset.AssetSource | undefined =>
  source === undefined ? undefined : decodeSource(source)
