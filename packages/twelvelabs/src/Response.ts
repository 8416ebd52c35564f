/**
 * A response of the agent, as `POST /responses` answers it whole and as the last event of a stream brings it.
 *
 * The vendor leaves out or sets to `null` what it has no value for; both are `undefined` here.
 */
import type * as DateTime from "effect/DateTime"
import { type Annotation, ranges, type TextRange } from "./Citation.ts"
import type { KnowledgeStoreId, ResponseId, SessionId } from "./Ids.ts"
import { isAnswer, type Message, type OutputItem, type OutputText } from "./OutputItem.ts"

/**
 * How far a response is. `"incomplete"` is an outcome, not a failure: the answer was cut, `incompleteDetails` says why, and
 * what there is of it is in `output`. A failed response is never delivered: it is an `ApiError` of kind `"Failed"`.
 */
export type Status = "in_progress" | "completed" | "incomplete" | "failed" | (string & {})

/**
 * Why a response is incomplete. A reason that is not known still only means: cut short.
 */
export interface IncompleteDetails {
  readonly reason: "max_output_tokens" | (string & {}) | undefined
}

/**
 * What a response cost, in tokens.
 */
export interface Usage {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

/**
 * A response.
 */
export interface Response {
  readonly id: ResponseId | undefined
  readonly status: Status | undefined
  readonly incompleteDetails: IncompleteDetails | undefined
  readonly knowledgeStoreId: KnowledgeStoreId | undefined
  /** Pass it with the next request to continue the conversation. */
  readonly sessionId: SessionId | undefined
  readonly output: ReadonlyArray<OutputItem>
  /** Absent while the response is in progress. */
  readonly usage: Usage | undefined
  /** Differs between the events of one stream. `undefined` too when it is no time; `raw` has it as it came. */
  readonly createdAt: DateTime.Utc | undefined
  readonly model: string | undefined
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  /** The response as it came, with the fields that this version does not know. */
  readonly raw: unknown
}

/**
 * A citation with the place that it stands at.
 */
export interface Citation {
  readonly annotation: Annotation
  readonly message: Message
  readonly part: OutputText
  /** Where the message stands in `response.output`. */
  readonly outputIndex: number
  /** Where the part stands in `message.content`. */
  readonly contentIndex: number
  /** The marker, such as `[1]`; empty when the annotation's place is not in the text. */
  readonly marker: string
  /** Where the marker stands in `part.text`, in UTF-16 units: `part.text.slice(range.start, range.end)` is `marker`. */
  readonly range: TextRange | undefined
  /** The same place in {@link text} of the whole response. */
  readonly textRange: TextRange | undefined
  /**
   * The text that the marker stands behind: from the marker before it, or from the beginning of the line, without what closed
   * the sentence before. Markers with nothing between them stand behind the same text. Empty when there is none.
   */
  readonly passage: string
  /** Where the passage stands in {@link text} of the whole response. */
  readonly passageRange: TextRange | undefined
}

/**
 * A piece of the answer: text, or a marker with the citations that it stands for. Where places of citations overlap, they
 * are one marker.
 */
export type Segment =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Marker"; readonly text: string; readonly citations: ReadonlyArray<Citation> }

/**
 * The answer: the texts of all messages that belong to it, in order and joined. Narration (phase `commentary`, or one that
 * is not known) is not part of it. With `text.format` of type `json_schema`, it is the JSON; parse it only when the
 * response's status is `completed`.
 */
export const text = (response: Pick<Response, "output">): string => {
  let text = ""
  for (const { part } of answerParts(response)) text += part.text
  return text
}

/**
 * The citations of the answer, in order.
 *
 * **Example** (Showing where to look)
 *
 * ```ts
 * import { Response } from "@effect-sse/twelvelabs"
 *
 * const sources = (response: Response.Response) =>
 *   Response.citations(response).map(({ annotation, marker }) =>
 *     annotation._tag === "VideoCitation"
 *       ? `${marker} ${annotation.title ?? annotation.itemId} from ${annotation.startSeconds ?? 0} s`
 *       : `${marker} ${annotation._tag}`
 *   )
 * ```
 */
export const citations = (response: Pick<Response, "output">): ReadonlyArray<Citation> => {
  const citations: Array<Citation> = []
  for (const part of citedParts(response)) for (const citation of part.citations) citations.push(citation)
  return citations
}

/**
 * The answer in pieces, for a page that shows markers as links: their texts, joined, are {@link text}. Citations whose place is
 * not in the text belong to none of them.
 */
export const segments = (response: Pick<Response, "output">): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  for (const { citations, marks, text } of citedParts(response)) {
    let end = 0
    for (const { indices, range } of marks) {
      if (range.start > end) segments.push({ _tag: "Text", text: text.slice(end, range.start) })
      const marker = text.slice(range.start, range.end)
      segments.push({ _tag: "Marker", text: marker, citations: indices.map((index) => citations[index]!) })
      end = range.end
    }
    if (end < text.length) segments.push({ _tag: "Text", text: text.slice(end) })
  }
  return segments
}

/**
 * The answer's text with other markers in the place of the vendor's.
 *
 * **Example** (Links in Markdown)
 *
 * ```ts
 * import { Response } from "@effect-sse/twelvelabs"
 *
 * const markdown = (response: Response.Response) =>
 *   Response.replaceMarkers(response, (citations, marker) =>
 *     citations
 *       .map(({ annotation }) =>
 *         annotation._tag === "VideoCitation" && annotation.itemId !== undefined
 *           ? `[${annotation.title ?? "video"}](/videos/${annotation.itemId}#t=${annotation.startSeconds ?? 0})`
 *           : marker
 *       )
 *       .join(" ")
 *   )
 * ```
 *
 * @param replace what stands for a marker; `citations` are those that it stands for, at least one
 */
export const replaceMarkers = (
  response: Pick<Response, "output">,
  replace: (citations: ReadonlyArray<Citation>, marker: string) => string
): string => {
  let text = ""
  for (const segment of segments(response)) {
    text += segment._tag === "Text" ? segment.text : replace(segment.citations, segment.text)
  }
  return text
}

/** A stretch of a part's text that citations point at. */
interface Mark {
  readonly range: TextRange
  /** Which of the part's annotations point at it. */
  readonly indices: ReadonlyArray<number>
  readonly passage: TextRange | undefined
}

interface CitedPart {
  readonly text: string
  readonly citations: ReadonlyArray<Citation>
  readonly marks: ReadonlyArray<Mark>
}

function* citedParts(response: Pick<Response, "output">): Generator<CitedPart, void> {
  let offset = 0
  for (const place of answerParts(response)) {
    const { annotations, text } = place.part
    const found = ranges(text, annotations)
    const marks = marksOf(text, found)
    const passages: Array<TextRange | undefined> = []
    for (const { indices, passage } of marks) for (const index of indices) passages[index] = passage
    const moved = (range: TextRange | undefined): TextRange | undefined =>
      range && { start: offset + range.start, end: offset + range.end }
    const cut = (range: TextRange | undefined): string =>
      range === undefined ? "" : text.slice(range.start, range.end)
    const citations = annotations.map((annotation, index): Citation => {
      const range = found[index]
      return {
        annotation,
        ...place,
        marker: cut(range),
        range,
        textRange: moved(range),
        passage: cut(passages[index]),
        passageRange: moved(passages[index])
      }
    })
    yield { text, citations, marks }
    offset += text.length
  }
}

/** In the order of the text; ranges that overlap are one. */
const marksOf = (text: string, found: ReadonlyArray<TextRange | undefined>): ReadonlyArray<Mark> => {
  const placed = found.flatMap((range, index) => (range === undefined ? [] : [{ range, index }]))
  placed.sort((a, b) => a.range.start - b.range.start || a.index - b.index)
  const marks: Array<Mark> = []
  let at = 0
  while (at < placed.length) {
    const { start } = placed[at]!.range
    let { end } = placed[at]!.range
    const indices: Array<number> = []
    for (; at < placed.length && (indices.length === 0 || placed[at]!.range.start < end); at++) {
      end = Math.max(end, placed[at]!.range.end)
      indices.push(placed[at]!.index)
    }
    const before = marks.at(-1)
    marks.push({ range: { start, end }, indices, passage: passageOf(text, before, start) })
  }
  return marks
}

/** What can stand before a passage without being of it. */
const loose = /[\s.,;:!?…)\]}»”’。、，；：！？）」』]*/y

const passageOf = (text: string, before: Mark | undefined, end: number): TextRange | undefined => {
  const from = before?.range.end ?? 0
  const between = text.slice(from, end).trimEnd()
  loose.lastIndex = between.lastIndexOf("\n") + 1
  loose.test(between)
  const start = loose.lastIndex
  return start < between.length ? { start: from + start, end: from + between.length } : before?.passage
}

function* answerParts({
  output
}: Pick<Response, "output">): Generator<Pick<Citation, "message" | "part" | "outputIndex" | "contentIndex">, void> {
  for (const [outputIndex, message] of output.entries()) {
    if (!isAnswer(message)) continue
    for (const [contentIndex, part] of message.content.entries()) {
      if (part._tag === "OutputText") yield { message, part, outputIndex, contentIndex }
    }
  }
}
