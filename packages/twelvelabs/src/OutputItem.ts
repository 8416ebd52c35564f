/**
 * The items that a response is made of: messages, and (asked for with `include: ["intermediate_outputs"]`) the agent's
 * steps. See the vendor's reference of `POST /responses`, "output".
 */
import type { Annotation } from "./Citation.ts"
import type { OutputItemId } from "./Ids.ts"

/** The status of an item; the vendor may add others. */
export type ItemStatus = "in_progress" | "completed" | "incomplete" | "failed" | (string & {})

/**
 * The phase of a message: the answer, or the agent's narration on its way there. Absent means the answer; a phase that is
 * not known is never the answer.
 */
export type Phase = "final_answer" | "commentary" | (string & {})

/**
 * A text with its citations.
 */
export interface OutputText {
  readonly _tag: "OutputText"
  readonly text: string
  readonly annotations: ReadonlyArray<Annotation>
}

/**
 * A content part of a kind that this version does not know.
 */
export interface UnknownPart {
  readonly _tag: "UnknownPart"
  /** The vendor's `type`, when it is a text. */
  readonly type: string | undefined
  /** The part as it came. */
  readonly raw: unknown
}

/** A part of a message. */
export type ContentPart = OutputText | UnknownPart

/**
 * A message of the agent: the answer, or narration (see {@link Phase} and {@link isAnswer}).
 */
export interface Message {
  readonly _tag: "Message"
  readonly id: OutputItemId | undefined
  readonly status: ItemStatus | undefined
  readonly role: "assistant" | (string & {}) | undefined
  readonly phase: Phase | undefined
  readonly content: ReadonlyArray<ContentPart>
}

/**
 * A function that the agent calls, for its own use.
 */
export interface FunctionCall {
  readonly _tag: "FunctionCall"
  readonly id: OutputItemId | undefined
  readonly status: ItemStatus | undefined
  readonly name: string | undefined
  /** What the {@link FunctionCallOutput} to this call repeats. */
  readonly callId: string | undefined
  /** The arguments as JSON text, as the agent wrote them; empty while the call is being written. */
  readonly arguments: string | undefined
}

/**
 * What a function answered.
 */
export interface FunctionCallOutput {
  readonly _tag: "FunctionCallOutput"
  readonly id: OutputItemId | undefined
  readonly status: ItemStatus | undefined
  readonly callId: string | undefined
  readonly output: string | undefined
}

/**
 * A step of the tool `jockey:web_search`. Its ids may repeat across responses.
 */
export interface WebSearchCall {
  readonly _tag: "WebSearchCall"
  readonly id: OutputItemId | undefined
  readonly status: ItemStatus | undefined
  readonly action: WebSearchAction | undefined
}

/**
 * What a {@link WebSearchCall} does.
 */
export interface WebSearchAction {
  readonly type: "search" | "open_page" | "find_in_page" | (string & {}) | undefined
  readonly queries: ReadonlyArray<string> | undefined
  readonly url: string | undefined
  readonly pattern: string | undefined
}

/**
 * An item of a kind that this version does not know.
 */
export interface UnknownItem {
  readonly _tag: "UnknownItem"
  /** The vendor's `type`, when it is a text. */
  readonly type: string | undefined
  /** The vendor's `id`, when it is a text. */
  readonly id: OutputItemId | undefined
  /** The item as it came. */
  readonly raw: unknown
}

/** An item of a response's output. */
export type OutputItem = Message | FunctionCall | FunctionCallOutput | WebSearchCall | UnknownItem

/**
 * Whether a phase marks the answer itself: `final_answer`, or none at all.
 */
export const isAnswerPhase = (phase: Phase | undefined): boolean => phase === undefined || phase === "final_answer"

/**
 * Whether an item is a message that belongs to the answer, and not to the agent's narration or steps.
 */
export const isAnswer = (item: OutputItem): item is Message => item._tag === "Message" && isAnswerPhase(item.phase)
