/**
 * The analysis tasks of one emulator, each by itself or as an item of a batch: what they were asked, and how far they are.
 */
import type * as AnalysisTasks from "@effect-sse/twelvelabs/AnalysisTasks"
import { AnalysisTaskId, AssetId } from "@effect-sse/twelvelabs/Ids"
import type { Play } from "../Play.ts"
import * as TwelveLabsAnalysis from "./TwelveLabsAnalysis.ts"
import * as State from "./TwelveLabsState.ts"

type Fields = Readonly<Record<string, unknown>>

/** A task before its status, which time tells. */
export interface OwnTask {
  readonly id: AnalysisTaskId
  readonly customId: string | undefined
  readonly video: { readonly type: string; readonly url?: string; readonly asset_id?: string }
  readonly mode: "general" | "time_based_metadata"
  /** What was asked for, as the wire had it. */
  readonly params: Fields
  readonly play: Play
  /** In milliseconds since 1970. */
  readonly createdAt: number
  readonly work: State.Work
  /** When it was canceled. */
  readonly stoppedAt: number | undefined
  /** Whether it belongs to a batch. */
  readonly isItem: boolean
}

/** The tasks, with those that were asked for under a key. */
export interface AnalysisTable {
  readonly tasks: Map<string, OwnTask>
  readonly keys: Map<string, AnalysisTaskId>
}

/** Makes an empty table. */
export const make = (): AnalysisTable => ({ tasks: new Map(), keys: new Map() })

/** Where a task stands. */
export type TaskStatus = "queued" | "pending" | "processing" | "ready" | "failed" | "canceled"

/** Where a task stands. An item of a batch waits until it is its turn, and is worked on at once then. */
export const statusOf = (state: State.TwelveLabsState, { isItem, stoppedAt, work }: OwnTask): TaskStatus => {
  if (stoppedAt !== undefined && stoppedAt < work.doneAt) return "canceled"
  if (state.now() < work.begunAt) return "queued"
  return State.statusOf(state, work, isItem ? ["processing"] : ["queued", "pending", "processing"])
}

/** Why a task failed. */
export const failure = { code: "asset_unavailable", message: "The video could not be decoded." }

const wantedOf = ({ id, params, play }: OwnTask): TwelveLabsAnalysis.Wanted => {
  const format = params.response_format as Fields | null | undefined
  return {
    id: `gen-${id}`,
    play,
    schema: format?.json_schema,
    definitions: format?.segment_definitions as ReadonlyArray<Fields> | undefined,
    timeFormat: format?.segment_time_format
  }
}

/** What a task has come to; `undefined` when its scenario fails. */
const outcomeOf = (task: OwnTask): TwelveLabsAnalysis.Outcome | undefined => {
  const outcome = TwelveLabsAnalysis.outcome(wantedOf(task))
  return "text" in outcome ? outcome : undefined
}

const echoed = [
  "prompt",
  "prompt_v2",
  "temperature",
  "max_tokens",
  "min_segment_duration",
  "max_segment_duration",
  "start_time",
  "end_time"
]

/** What the service repeats of a request; what was not said is null. */
const echoOf = ({ mode, params }: OwnTask): Fields => {
  const format = params.response_format as Fields | null | undefined
  // A batch has its prompts in the newer form, under the name of the older one: clients take the older one for a text.
  const prompts = typeof params.prompt === "object" ? { prompt: null, prompt_v2: params.prompt } : {}
  return {
    analysis_mode: mode,
    ...Object.fromEntries(echoed.map((name) => [name, params[name] ?? null])),
    ...prompts,
    response_format:
      format === undefined || format === null
        ? null
        : {
            type: format.type,
            json_schema: format.json_schema ?? null,
            segment_definitions: format.segment_definitions ?? null
          }
  }
}

/** A task, as the declaration has it. */
export const taskOf = (state: State.TwelveLabsState, task: OwnTask): AnalysisTasks.AnalysisTask => {
  const outcome = outcomeOf(task)
  const told = statusOf(state, task)
  const status = told === "ready" && outcome === undefined ? "failed" : told
  const isDone = status === "ready" || status === "failed"
  const { asset_id, type, url } = task.video
  const duration = asset_id === undefined ? undefined : state.assets.get(asset_id)?.duration
  const warning = status === "failed" ? failure.message : isDone ? outcome?.warning : undefined
  return {
    id: task.id,
    customId: task.customId,
    status,
    video: {
      type,
      url,
      assetId: asset_id === undefined ? undefined : AssetId.make(asset_id),
      systemMetadata: duration === undefined ? undefined : { durationSeconds: duration }
    },
    requestParams: echoOf(task),
    result:
      status === "ready" && outcome !== undefined ? TwelveLabsAnalysis.result(wantedOf(task).id, outcome) : undefined,
    error: warning === undefined ? undefined : { message: warning },
    webhooks: [],
    createdAt: State.timeOf(task.createdAt),
    completedAt: isDone ? State.timeOf(task.work.doneAt) : undefined
  }
}

/** What a task is made with. */
export interface NewTask extends Omit<OwnTask, "id" | "stoppedAt"> {}

/** Adds a task. */
export const add = (state: State.TwelveLabsState, table: AnalysisTable, task: NewTask): OwnTask => {
  const own: OwnTask = { ...task, id: AnalysisTaskId.make(state.nextHexId("analysis task")), stoppedAt: undefined }
  table.tasks.set(own.id, own)
  return own
}
