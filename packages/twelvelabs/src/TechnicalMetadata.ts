/**
 * What the vendor finds out about a file itself: streams, sizes, codecs.
 *
 * All of it may be missing, and a value that is not what it should be counts as missing: a probe's odd word about a file is not worth
 * losing an asset over.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"

const number = WireSchema.loosely(Schema.Finite)
const text = WireSchema.loosely(Schema.String)
const flag = WireSchema.loosely(Schema.Boolean)
const list = <A, I>(schema: Schema.Codec<A, I>) => WireSchema.loosely(Schema.Array(schema))

/**
 * A stream of pictures in a file.
 */
export const VideoStream = Schema.Struct({
  index: number,
  codec: text,
  /** In pixels. */
  width: number,
  /** In pixels. */
  height: number,
  /** Frames per second. */
  fps: number,
  /** Frames per second. */
  avgFps: number,
  durationSeconds: number,
  /** In bits per second. */
  bitrateBps: number,
  /** In degrees. */
  rotation: number,
  /** Such as `"1:1"`. */
  pixelAspectRatio: text,
  /** Such as `"16:9"`. */
  displayAspectRatio: text,
  scanType: text,
  pixelFormat: text,
  bitDepth: number,
  colorRange: text,
  colorTransfer: text,
  colorSpace: text,
  colorPrimaries: text
}).pipe(
  Schema.encodeKeys({
    avgFps: "avg_fps",
    durationSeconds: "duration_seconds",
    bitrateBps: "bitrate_bps",
    pixelAspectRatio: "pixel_aspect_ratio",
    displayAspectRatio: "display_aspect_ratio",
    scanType: "scan_type",
    pixelFormat: "pixel_format",
    bitDepth: "bit_depth",
    colorRange: "color_range",
    colorTransfer: "color_transfer",
    colorSpace: "color_space",
    colorPrimaries: "color_primaries"
  })
)

/** A stream of pictures in a file. */
export type VideoStream = typeof VideoStream.Type

/**
 * A stream of sound in a file.
 */
export const AudioStream = Schema.Struct({
  index: number,
  codec: text,
  codecLong: text,
  /** In hertz. */
  sampleRate: number,
  bitDepth: number,
  channels: number,
  channelLayout: text,
  /** In bits per second. */
  bitrateBps: number,
  language: text,
  durationSeconds: number
}).pipe(
  Schema.encodeKeys({
    codecLong: "codec_long",
    sampleRate: "sample_rate",
    bitDepth: "bit_depth",
    channelLayout: "channel_layout",
    bitrateBps: "bitrate_bps",
    durationSeconds: "duration_seconds"
  })
)

/** A stream of sound in a file. */
export type AudioStream = typeof AudioStream.Type

/**
 * What the vendor found out about a file itself. It is there when the asset is ready, and in part when it failed.
 */
export const TechnicalMetadata = Schema.Struct({
  fileSizeBytes: number,
  fileMimeType: text,
  fileContainerFormat: text,
  containerCreationTime: WireSchema.maybeTime,
  videoStreams: list(VideoStream),
  videoCodec: text,
  /** In pixels. */
  videoWidth: number,
  /** In pixels. */
  videoHeight: number,
  /** Frames per second. */
  videoFps: number,
  videoDurationSeconds: number,
  /** In bits per second. */
  videoBitrateBps: number,
  audioStreams: list(AudioStream),
  audioCodec: text,
  /** In hertz. */
  audioSampleRate: number,
  audioChannels: number,
  audioDurationSeconds: number,
  startTimecode: text,
  timecodeSource: text,
  dropFrame: flag,
  /** In pixels. */
  imageWidth: number,
  /** In pixels. */
  imageHeight: number,
  imageFormat: text,
  imageOrientation: number,
  imageColorSpace: text,
  imageBitDepth: number,
  isHdr: flag,
  hasAudio: flag,
  hasAlpha: flag,
  isAnimated: flag,
  totalVideoStreams: number,
  totalAudioStreams: number,
  storageAspectRatio: number,
  /** In degrees. */
  geospatialLatitude: number,
  /** In degrees. */
  geospatialLongitude: number,
  geospatialAltitudeMeters: number,
  documentPageCount: number,
  documentPdfVersion: text,
  /** In points. */
  documentPageWidthPt: number,
  /** In points. */
  documentPageHeightPt: number,
  documentIsTagged: flag,
  documentIsEncrypted: flag,
  documentLanguage: text,
  documentTitle: text,
  documentAuthor: text,
  documentSubject: text,
  documentKeywords: text,
  documentCreatorTool: text,
  documentProducer: text,
  documentCreationDate: WireSchema.maybeTime,
  documentModificationDate: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    fileSizeBytes: "file_size_bytes",
    fileMimeType: "file_mime_type",
    fileContainerFormat: "file_container_format",
    containerCreationTime: "container_creation_time",
    videoStreams: "video_streams",
    videoCodec: "video_codec",
    videoWidth: "video_width",
    videoHeight: "video_height",
    videoFps: "video_fps",
    videoDurationSeconds: "video_duration_seconds",
    videoBitrateBps: "video_bitrate_bps",
    audioStreams: "audio_streams",
    audioCodec: "audio_codec",
    audioSampleRate: "audio_sample_rate",
    audioChannels: "audio_channels",
    audioDurationSeconds: "audio_duration_seconds",
    startTimecode: "start_timecode",
    timecodeSource: "timecode_source",
    dropFrame: "drop_frame",
    imageWidth: "image_width",
    imageHeight: "image_height",
    imageFormat: "image_format",
    imageOrientation: "image_orientation",
    imageColorSpace: "image_color_space",
    imageBitDepth: "image_bit_depth",
    isHdr: "is_hdr",
    hasAudio: "has_audio",
    hasAlpha: "has_alpha",
    isAnimated: "is_animated",
    totalVideoStreams: "total_video_streams",
    totalAudioStreams: "total_audio_streams",
    storageAspectRatio: "storage_aspect_ratio",
    geospatialLatitude: "geospatial_latitude",
    geospatialLongitude: "geospatial_longitude",
    geospatialAltitudeMeters: "geospatial_altitude_meters",
    documentPageCount: "document_page_count",
    documentPdfVersion: "document_pdf_version",
    documentPageWidthPt: "document_page_width_pt",
    documentPageHeightPt: "document_page_height_pt",
    documentIsTagged: "document_is_tagged",
    documentIsEncrypted: "document_is_encrypted",
    documentLanguage: "document_language",
    documentTitle: "document_title",
    documentAuthor: "document_author",
    documentSubject: "document_subject",
    documentKeywords: "document_keywords",
    documentCreatorTool: "document_creator_tool",
    documentProducer: "document_producer",
    documentCreationDate: "document_creation_date",
    documentModificationDate: "document_modification_date"
  })
)

/** What the vendor found out about a file itself. */
export type TechnicalMetadata = typeof TechnicalMetadata.Type
