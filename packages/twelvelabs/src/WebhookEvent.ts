/**
 * What the vendor's webhooks tell; see its guide "Webhooks".
 *
 * | event | on the wire |
 * |---|---|
 * | `IndexTaskReady`, `IndexTaskFailed` | `index.task.ready`, `index.task.failed` |
 * | `AnalyzeTaskReady`, `AnalyzeTaskFailed`, `AnalyzeTaskCanceled` | `analyze.task.ready`, `.failed`, `.canceled` |
 * | `Unknown` | anything else |
 *
 * None is sent for embeddings, responses and knowledge stores. `AnalyzeTaskCanceled` is not promised to come.
 */
import type * as DateTime from "effect/DateTime"
import type { AnalysisTaskId, TaskId, WebhookEventId } from "./Ids.ts"

/** What every event may carry. What is missing, or not what is documented, is `undefined`; `raw` has it. */
interface Told {
  /** The event's own id (`whe_…`), the same when it is delivered again. */
  readonly id: WebhookEventId | undefined
  readonly createdAt: DateTime.Utc | undefined
  /** The event's JSON as it came. */
  readonly raw: unknown
}

/** What is told of an indexing task. */
export interface IndexTaskData {
  readonly taskId: TaskId | undefined
  readonly status: "ready" | "failed" | (string & {}) | undefined
  /** How long the video is. */
  readonly durationSeconds: number | undefined
  /** The models of the index. */
  readonly models: ReadonlyArray<{
    readonly name: string | undefined
    readonly options: ReadonlyArray<string>
  }>
  readonly tags: ReadonlyArray<string>
}

/** What is told of an analysis task; its result is to be fetched. */
export interface AnalyzeTaskData {
  readonly taskId: AnalysisTaskId | undefined
  /** The id that the task was given by who made it. */
  readonly customId: string | undefined
  readonly status: "ready" | "failed" | "canceled" | (string & {}) | undefined
  readonly createdAt: DateTime.Utc | undefined
}

/** A video is indexed. */
export interface IndexTaskReady extends Told {
  readonly _tag: "IndexTaskReady"
  readonly data: IndexTaskData
}

/** A video could not be indexed. */
export interface IndexTaskFailed extends Told {
  readonly _tag: "IndexTaskFailed"
  readonly data: IndexTaskData
}

/** An analysis is done. */
export interface AnalyzeTaskReady extends Told {
  readonly _tag: "AnalyzeTaskReady"
  readonly data: AnalyzeTaskData
}

/** An analysis failed. */
export interface AnalyzeTaskFailed extends Told {
  readonly _tag: "AnalyzeTaskFailed"
  readonly data: AnalyzeTaskData
}

/** An analysis was canceled. */
export interface AnalyzeTaskCanceled extends Told {
  readonly _tag: "AnalyzeTaskCanceled"
  readonly data: AnalyzeTaskData
}

/** An event that this version does not know. */
export interface Unknown extends Told {
  readonly _tag: "Unknown"
  /** The vendor's `type`. */
  readonly type: string
}

/** An event that a webhook told of. */
export type WebhookEvent =
  | IndexTaskReady
  | IndexTaskFailed
  | AnalyzeTaskReady
  | AnalyzeTaskFailed
  | AnalyzeTaskCanceled
  | Unknown
