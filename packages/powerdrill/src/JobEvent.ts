/**
 * What a streamed job delivers, event by event.
 *
 * The vendor tells the type of an event by its SSE name alone; here it is the `_tag`. The end mark and errors are no
 * events: they end the stream. Names that this version does not know are delivered as {@link Unknown}.
 */
import type * as Block from "./Block.ts"
import type * as Ids from "./Ids.ts"

/**
 * What most events carry besides their content.
 */
export interface Envelope extends Block.Placed {
  /** When the vendor made the event, in Unix seconds. */
  readonly created: number | undefined
}

/**
 * The job's id (`JOB_ID`), first of all: keep it, since it is the only way to find a broken answer in the session's history.
 */
export interface JobId {
  readonly _tag: "JobId"
  readonly jobId: Ids.JobId
}

/**
 * A step's state (`TASK`): a snapshot that replaces the one before with the same `taskId`. The same state may come
 * several times, and `"error"` is not the job's failure: steps are retried.
 */
export interface Task extends Envelope {
  readonly _tag: "Task"
  /** The step's own id, mostly the group's. */
  readonly taskId: string
  readonly name: string
  readonly status: "running" | "done" | "error" | (string & {})
  readonly parentId: string | undefined
  /** The files that the step works on, in the vendor's words. */
  readonly files: string | undefined
  /** All that the vendor says of the step, `files` included. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** A piece of text (`MESSAGE`), to be appended exactly as it is. */
export interface Message extends Block.Message, Envelope {}

/** A whole fenced code block (`CODE`). */
export interface Code extends Block.Code, Envelope {}

/** A link to a table (`TABLE`). The same one comes twice, while analysing and in the answer, with a later expiry. */
export interface Table extends Block.Table, Envelope {}

/** A link to a picture (`IMAGE`). Like tables it may come twice. */
export interface Image extends Block.Image, Envelope {}

/** What the answer is drawn from (`SOURCES`). */
export interface Sources extends Block.Sources, Envelope {}

/** Questions that could be asked next (`QUESTIONS`). */
export interface Questions extends Block.Questions, Envelope {}

/** An interactive chart (`CHART_INFO`). */
export interface ChartInfo extends Block.ChartInfo, Envelope {}

/** A hint for the vendor's own user interface (`TRIGGER`). */
export interface Trigger extends Envelope {
  readonly _tag: "Trigger"
  readonly name: string
  readonly arguments: unknown
}

/** A title for the session (`TITLE_GENERATION`, older versions). */
export interface TitleGeneration {
  readonly _tag: "TitleGeneration"
  readonly title: string
}

/** The answer's id (`AI_MESSAGE_ID`, the predecessor of `JOB_ID`). */
export interface AiMessageId {
  readonly _tag: "AiMessageId"
  readonly id: string
}

/** A step's state (`PROCESS`, the predecessor of `TASK`). */
export interface Process extends Envelope {
  readonly _tag: "Process"
  readonly name: string
  readonly type: string | undefined
  readonly status: string | undefined
}

/** The planner's own notes (`TAG`, older versions). */
export interface Tag extends Envelope {
  readonly _tag: "Tag"
  readonly text: string
}

/** A chart (`CHART`, the predecessor of `CHART_INFO`), as it came: its shape was never documented. */
export interface Chart extends Envelope {
  readonly _tag: "Chart"
  readonly content: unknown
}

/** An event of a name that this version does not know. */
export interface Unknown {
  readonly _tag: "Unknown"
  /** The event's name on the wire. */
  readonly name: string
  /** Its data, parsed if it is JSON, else the text. */
  readonly raw: unknown
}

/**
 * An event of a streamed job.
 */
export type JobEvent =
  | JobId
  | Task
  | Message
  | Code
  | Table
  | Image
  | Sources
  | Questions
  | ChartInfo
  | Trigger
  | TitleGeneration
  | AiMessageId
  | Process
  | Tag
  | Chart
  | Unknown

/**
 * Whether something is a piece of the answer's text, as opposed to the text of a working step.
 *
 * Texts without a stage, as older versions send them, are the answer's.
 *
 * **Example** (Showing the answer as it comes)
 *
 * ```ts
 * import { JobEvent, Powerdrill, SessionId } from "@effect-sse/powerdrill"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { jobs } = yield* Powerdrill
 *   yield* jobs.stream({ sessionId: SessionId.make("5b0c6a52"), question: "Which shop earns most?" }).pipe(
 *     Stream.filter(JobEvent.isAnswer),
 *     Stream.runForEach((message) => Console.log(message.text))
 *   )
 * })
 * ```
 */
export const isAnswer = <E extends { readonly _tag: string }>(event: E): event is Extract<E, { _tag: "Message" }> =>
  event._tag === "Message" && (event as unknown as Block.Message).stage !== "Analyze"
