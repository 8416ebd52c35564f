/**
 * The events of a streamed response, from the vendor's reference of `POST /responses` with `stream: true`.
 *
 * | event | on the wire | brings |
 * |---|---|---|
 * | `Created`, `InProgress` | `response.created`, `response.in_progress` | the response so far: ids, no output |
 * | `OutputItemAdded`, `OutputItemDone` | `response.output_item.added`, `.done` | an output item as it starts and as it ends |
 * | `ContentPartAdded`, `ContentPartDone` | `response.content_part.added`, `.done` | a part of a message; its citations come with `Done` |
 * | `TextDelta`, `TextDone` | `response.output_text.delta`, `.done` | a fragment of a part's text, and the text as a whole |
 * | `FunctionCallArgumentsDone` | `response.function_call_arguments.done` | what the agent calls a function with |
 * | `WebSearch` | `jockey:web_search.*` | how far a web search is |
 * | `KeepAlive` | `keepalive` | nothing: the agent still works |
 * | `Completed`, `Incomplete` | `response.completed`, `response.incomplete` | the response |
 * | `Unknown` | anything else | the event as it came |
 *
 * A response that fails (`response.failed`, `error`) is no event: the stream fails with an `ApiError`.
 *
 * The vendor promises neither an order nor that any field is there besides what an event is about, so places and sequence
 * numbers may be `undefined`.
 */
import type { OutputItemId } from "./Ids.ts"
import type { ContentPart, OutputItem } from "./OutputItem.ts"
import type { Response } from "./Response.ts"

/** What every event may carry. */
interface Numbered {
  /** The event's number in its stream, from 0; gaps are normal. */
  readonly sequenceNumber: number | undefined
}

/** Which output item an event is about. */
interface AboutItem extends Numbered {
  readonly itemId: OutputItemId | undefined
  /** Where the item stands in the response's output. */
  readonly outputIndex: number | undefined
}

/** Which part of a message an event is about. */
interface AboutPart extends AboutItem {
  /** Where the part stands in the message's content. */
  readonly contentIndex: number | undefined
}

/** The first event: the response exists and has its ids. */
export interface Created extends Numbered {
  readonly _tag: "Created"
  readonly response: Response
}

/** The agent has begun. */
export interface InProgress extends Numbered {
  readonly _tag: "InProgress"
  readonly response: Response
}

/** An output item begins. A message has its phase already, so its text can be routed before it comes. */
export interface OutputItemAdded extends Numbered {
  readonly _tag: "OutputItemAdded"
  readonly outputIndex: number | undefined
  readonly item: OutputItem
}

/** A part of a message begins. */
export interface ContentPartAdded extends AboutPart {
  readonly _tag: "ContentPartAdded"
  readonly part: ContentPart
}

/** A fragment of a part's text. */
export interface TextDelta extends AboutPart {
  readonly _tag: "TextDelta"
  readonly delta: string
}

/** The whole text of a part. It counts where the fragments do not add up to it. */
export interface TextDone extends AboutPart {
  readonly _tag: "TextDone"
  readonly text: string
}

/** A part of a message is finished; its citations come here, all at once. */
export interface ContentPartDone extends AboutPart {
  readonly _tag: "ContentPartDone"
  readonly part: ContentPart
}

/** The arguments of a function call, as JSON text. */
export interface FunctionCallArgumentsDone extends AboutItem {
  readonly _tag: "FunctionCallArgumentsDone"
  readonly arguments: string
}

/** An output item is finished. */
export interface OutputItemDone extends Numbered {
  readonly _tag: "OutputItemDone"
  readonly outputIndex: number | undefined
  readonly item: OutputItem
}

/** How far a web search is. Not every phase is sure to come. */
export interface WebSearch extends AboutItem {
  readonly _tag: "WebSearch"
  readonly phase: "in_progress" | "searching" | "completed"
}

/** The agent still works; sent about every ten seconds when there is nothing else. */
export interface KeepAlive extends Numbered {
  readonly _tag: "KeepAlive"
}

/** The response is complete, and this is all of it. */
export interface Completed extends Numbered {
  readonly _tag: "Completed"
  readonly response: Response
}

/**
 * The response ended before it was complete, and this is all of it; `response.incompleteDetails` says why. Also for a
 * `response.completed` whose response says that it is incomplete.
 */
export interface Incomplete extends Numbered {
  readonly _tag: "Incomplete"
  readonly response: Response
}

/** An event that this version does not know. */
export interface Unknown extends Numbered {
  readonly _tag: "Unknown"
  /** The vendor's `type`, when it is a text. */
  readonly type: string | undefined
  /** The event's JSON as it came. */
  readonly raw: unknown
}

/** An event of a streamed response. */
export type ResponseEvent =
  | Created
  | InProgress
  | OutputItemAdded
  | ContentPartAdded
  | TextDelta
  | TextDone
  | ContentPartDone
  | FunctionCallArgumentsDone
  | OutputItemDone
  | WebSearch
  | KeepAlive
  | Completed
  | Incomplete
  | Unknown

/** Whether an event ends the response: nothing but the end mark is due after it. */
export const isTerminal = (event: ResponseEvent): event is Completed | Incomplete =>
  event._tag === "Completed" || event._tag === "Incomplete"
