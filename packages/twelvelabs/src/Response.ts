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
}

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
  let offset = 0
  for (const place of answerParts(response)) {
    const { annotations, text } = place.part
    const found = ranges(text, annotations)
    for (let i = 0; i < annotations.length; i++) {
      const range = found[i]
      citations.push({
        annotation: annotations[i]!,
        ...place,
        marker: range === undefined ? "" : text.slice(range.start, range.end),
        range,
        textRange: range === undefined ? undefined : { start: offset + range.start, end: offset + range.end }
      })
    }
    offset += text.length
  }
  return citations
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
