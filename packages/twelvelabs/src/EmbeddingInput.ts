/**
 * What embeddings are made of: texts, images, sounds, videos and documents, and which parts of them.
 */
import type { MediaSource } from "./MediaSource.ts"

/**
 * Segments of the same length, the last one shorter.
 */
export interface FixedSegmentation {
  readonly strategy: "fixed"
  /** 2 to 10; the vendor's own number is 6. */
  readonly seconds: number
}

/**
 * Segments that begin where the scene changes.
 */
export interface DynamicSegmentation {
  readonly strategy: "dynamic"
  /** The shortest segment, 2 to 5. */
  readonly minSeconds: number
}

/**
 * How audio and video are cut into segments, each of which gets vectors of its own.
 */
export type Segmentation = FixedSegmentation | DynamicSegmentation

/**
 * Whether each option gets a vector (`separate_embedding`, the vendor's own way), or all of them get one together
 * (`fused_embedding`), or both. Only with at least two options.
 */
export type Type = "separate_embedding" | "fused_embedding" | (string & {})

/**
 * Which vectors are wanted.
 */
export interface Wanted<Option extends string, Scope extends string> {
  /** Default: all that there are. */
  readonly options?: ReadonlyArray<Option | (string & {})> | undefined
  /** Of segments, of the whole, or both. Default: both. */
  readonly scopes?: ReadonlyArray<Scope | (string & {})> | undefined
  readonly types?: ReadonlyArray<Type> | undefined
}

/**
 * Which part of audio or video is wanted. Default: all of it.
 */
export interface Part {
  readonly startSeconds?: number | undefined
  readonly endSeconds?: number | undefined
}

/**
 * A text; up to 500 tokens with Marengo 3.0.
 */
export interface Text {
  readonly type: "text"
  readonly text: string
}

/**
 * An image.
 */
export interface Image {
  readonly type: "image"
  readonly source: MediaSource
}

/**
 * An image and a text in one vector.
 */
export interface TextImage {
  readonly type: "textImage"
  readonly text: string
  readonly source: MediaSource
}

/**
 * Audio of up to 10 minutes.
 */
export interface Audio extends Part, Wanted<"audio" | "transcription", "clip" | "asset"> {
  readonly type: "audio"
  readonly source: MediaSource
  readonly segmentation?: FixedSegmentation | undefined
}

/**
 * A video of up to 10 minutes.
 */
export interface Video extends Part, Wanted<"visual" | "audio" | "transcription", "clip" | "asset"> {
  readonly type: "video"
  readonly source: MediaSource
  readonly segmentation?: Segmentation | undefined
}

/**
 * One of several media.
 */
export type NamedMedia = MediaSource & {
  readonly kind: "image" | "video" | "audio" | (string & {})
  /** What the text calls it, as `<@name>`. */
  readonly name?: string | undefined
}

/**
 * A text, media, or both in one vector. With Marengo 3.5 audio and video of up to 30 seconds; with Marengo 3.0 images only.
 */
export interface MultiInput {
  readonly type: "multiInput"
  /** Needed where the media are of different kinds. `<@name>` stands for one of them. */
  readonly text?: string | undefined
  /** At most 10. */
  readonly media?: ReadonlyArray<NamedMedia> | undefined
}

/**
 * What embeddings are made of at once. Marengo 3.5 takes only `multiInput`.
 */
export type Input = Text | Image | TextImage | Audio | Video | MultiInput

/**
 * What is known of a part of audio or video, in words.
 */
export interface TimedText {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

interface TaskMedia extends Part {
  readonly source: MediaSource
  /** Default: `dynamic` for video and with Marengo 3.5, `fixed` for audio with Marengo 3.0. */
  readonly segmentation?: Segmentation | undefined
  /** What is known of its parts. Only with Marengo 3.5 and the type `fused_embedding`. */
  readonly timedTexts?: ReadonlyArray<TimedText> | undefined
}

/**
 * Audio of any length. The option `transcription` is Marengo 3.0's.
 */
export interface TaskAudio extends TaskMedia, Wanted<"audio" | "transcription", "clip" | "local" | "asset"> {
  readonly type: "audio"
}

/**
 * A video of any length. The option `transcription` is Marengo 3.0's.
 */
export interface TaskVideo extends TaskMedia, Wanted<"visual" | "audio" | "transcription", "clip" | "local" | "asset"> {
  readonly type: "video"
}

/**
 * A PDF, of which each page gets a vector. Only with Marengo 3.5.
 */
export interface TaskDocument extends Wanted<"visual", "local"> {
  readonly type: "document"
  readonly source: MediaSource
}

/**
 * An image, in a task. Only with Marengo 3.5.
 */
export interface TaskImage extends Wanted<"visual", "local"> {
  readonly type: "image"
  readonly source: MediaSource
}

/**
 * What embeddings are made of in a task.
 */
export type TaskInput = TaskAudio | TaskVideo | TaskDocument | TaskImage
