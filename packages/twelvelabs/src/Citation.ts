/**
 * Citations: which moment of a video, which image, collection or page stands behind a passage of an answer.
 *
 * The vendor points at a marker such as `[1]` in the text of one part, counting Unicode code points, the end included.
 * JavaScript counts UTF-16 units, so `text.slice(startIndex, endIndex + 1)` is wrong as soon as an emoji stands before the
 * marker; {@link ranges} converts.
 */
import * as Duration from "effect/Duration"
import type { CollectionId, ItemId } from "./Ids.ts"

/** What every annotation of a known kind has. */
interface Marked {
  /** Where the marker begins in its part's text: zero-based, in code points. */
  readonly startIndex: number
  /** Where the marker ends: its last code point, not the one after it. */
  readonly endIndex: number
}

/**
 * A citation of a video, or of a moment in it.
 */
export interface VideoCitation extends Marked {
  readonly _tag: "VideoCitation"
  readonly itemId: ItemId | undefined
  /** Where the moment begins, in seconds; `undefined` together with `endSeconds` for the whole video. */
  readonly startSeconds: number | undefined
  /** Where the moment ends, in seconds. */
  readonly endSeconds: number | undefined
  readonly title: string | undefined
  /** A frame of the video. A signed link: it is a secret while it lasts, and how long it lasts is not documented. */
  readonly thumbnailUrl: string | undefined
  /** The video as an HLS playlist (`.m3u8`). A signed link, as above. */
  readonly hlsUrl: string | undefined
}

/**
 * A citation of an image.
 */
export interface ImageCitation extends Marked {
  readonly _tag: "ImageCitation"
  readonly itemId: ItemId | undefined
  readonly title: string | undefined
  /** The image made smaller. A signed link: it is a secret while it lasts, and how long it lasts is not documented. */
  readonly thumbnailUrl: string | undefined
}

/**
 * A citation of a collection of items.
 */
export interface CollectionCitation extends Marked {
  readonly _tag: "CollectionCitation"
  readonly collectionId: CollectionId | undefined
  readonly title: string | undefined
}

/**
 * A citation of a web page, from the tool `jockey:web_search`.
 */
export interface UrlCitation extends Marked {
  readonly _tag: "UrlCitation"
  readonly url: string | undefined
  readonly title: string | undefined
}

/**
 * An annotation of a kind that this version does not know.
 */
export interface UnknownAnnotation {
  readonly _tag: "UnknownAnnotation"
  /** The vendor's `type`, when it is a text. */
  readonly type: string | undefined
  /** As in the other kinds, when there is one. */
  readonly startIndex: number | undefined
  /** As in the other kinds, when there is one. */
  readonly endIndex: number | undefined
  /** The annotation as it came. */
  readonly raw: unknown
}

/**
 * An annotation of a part of an answer.
 */
export type Annotation = VideoCitation | ImageCitation | CollectionCitation | UrlCitation | UnknownAnnotation

/**
 * A stretch of a video, from its beginning on.
 */
export interface Moment {
  readonly start: Duration.Duration
  readonly end: Duration.Duration
}

/**
 * The moment that a citation is of; `undefined` when it is of the whole video, or when its seconds make no moment.
 */
export const moment = ({
  endSeconds,
  startSeconds
}: Pick<VideoCitation, "startSeconds" | "endSeconds">): Moment | undefined =>
  startSeconds !== undefined && endSeconds !== undefined && startSeconds >= 0 && endSeconds >= startSeconds
    ? { start: Duration.seconds(startSeconds), end: Duration.seconds(endSeconds) }
    : undefined

/**
 * A range of a JavaScript string, for `text.slice(start, end)`: UTF-16 units, the end excluded.
 */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/**
 * Converts the places of annotations into ranges of their part's text, in the order of the annotations.
 *
 * Walks over the text once, however many annotations there are. An annotation whose place is not in the text (or makes no
 * sense) has no range; one that begins in the text and ends past it ends with the text.
 *
 * @param text the text of the part that has the annotations
 */
export const ranges = (
  text: string,
  annotations: ReadonlyArray<Pick<Annotation, "startIndex" | "endIndex">>
): ReadonlyArray<TextRange | undefined> => {
  const offsetOf = offsets(text, annotations)
  return annotations.map(({ endIndex, startIndex }) => {
    if (startIndex === undefined || endIndex === undefined || !(endIndex >= startIndex)) return undefined
    const start = offsetOf(startIndex)
    if (start === undefined || start >= text.length) return undefined
    return { start, end: offsetOf(endIndex + 1) ?? text.length }
  })
}

/** Where code points begin in a text; `undefined` past its end and for what is no place. */
type OffsetOf = (codePoint: number) => number | undefined

const isPlace = (index: number | undefined): index is number => Number.isSafeInteger(index) && index! >= 0

const offsets = (text: string, annotations: ReadonlyArray<Pick<Annotation, "startIndex" | "endIndex">>): OffsetOf => {
  if (!/[\ud800-\udbff]/.test(text)) return (point) => (isPlace(point) && point <= text.length ? point : undefined)
  const wanted = annotations
    .flatMap(({ endIndex, startIndex }) => [startIndex, endIndex === undefined ? undefined : endIndex + 1])
    .filter(isPlace)
    .sort((a, b) => a - b)
  const found = new Map<number, number>()
  let point = 0
  let unit = 0
  for (const index of wanted) {
    while (point < index && unit < text.length) {
      unit += text.codePointAt(unit)! > 0xffff ? 2 : 1
      point++
    }
    if (point < index) break
    found.set(index, unit)
  }
  return (index) => found.get(index)
}
