/**
 * TwelveLabs' batches of analyses. Two items of a batch are processed at a time, each for as long as a task takes.
 */
import type * as AnalysisBatches from "@effect-sse/twelvelabs/AnalysisBatches"
import { BatchId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import * as Frame from "./Frame.ts"
import * as TwelveLabsAnalysis from "./TwelveLabsAnalysis.ts"
import * as Checks from "./TwelveLabsAnalysisChecks.ts"
import * as Table from "./TwelveLabsAnalysisTable.ts"
import { conflict, invalid, Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** A batch before its status, which time and its tasks tell. */
interface OwnBatch {
  readonly id: BatchId
  readonly mode: "general" | "time_based_metadata"
  readonly model: string
  /** Its tasks, by their ids; they can be deleted one by one, and are remembered here all the same. */
  readonly tasks: ReadonlyArray<Table.OwnTask>
  /** In milliseconds since 1970. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly canceledAt: number | undefined
}

/** Items that are processed at a time. */
const slots = 2

/** Batches that an account can have going. */
const mostActive = 5

const day = 86_400_000

const isTerminal = (status: string): boolean => ["completed", "canceled", "expired"].includes(status)

/** The endpoints of the group `analysisBatches`. */
export const layer = (state: State.TwelveLabsState, table: Table.AnalysisTable) => {
  const batches = new Map<string, OwnBatch>()
  const find = (id: string) => State.find(batches, id, "batch")

  /** A task as it stands: a batch that is canceled lets those go on that were begun, one that has expired lets none. */
  const current = (batch: OwnBatch, task: Table.OwnTask): Table.OwnTask => {
    const known = table.tasks.get(task.id) ?? task
    if (known.stoppedAt !== undefined) return known
    const { canceledAt, expiresAt } = batch
    if (canceledAt !== undefined && canceledAt < known.work.begunAt) return { ...known, stoppedAt: canceledAt }
    return canceledAt === undefined && state.now() >= expiresAt ? { ...known, stoppedAt: expiresAt } : known
  }

  const batchOf = (batch: OwnBatch): AnalysisBatches.AnalysisBatch => {
    const statuses = batch.tasks.map((task) => Table.taskOf(state, current(batch, task)).status)
    const count = (...wanted: ReadonlyArray<string>) => statuses.filter((status) => wanted.includes(status)).length
    const isOpen = count("queued", "pending", "processing") > 0
    const isExpired = state.now() >= batch.expiresAt && isOpenAt(batch, batch.expiresAt)
    const ends = batch.tasks.map(({ work }) => work.doneAt)
    const lastEnd = Math.max(...ends.filter(Number.isFinite), batch.createdAt)
    const status = isExpired
      ? "expired"
      : batch.canceledAt !== undefined
        ? count("processing") > 0
          ? "canceling"
          : "canceled"
        : !isOpen
          ? "completed"
          : "processing"
    return {
      id: batch.id,
      mode: batch.mode,
      model: batch.model,
      status,
      totalItems: statuses.length,
      queuedItems: count("queued", "pending"),
      processingItems: count("processing"),
      readyItems: count("ready"),
      failedItems: count("failed"),
      canceledItems: count("canceled"),
      webhooks: [],
      createdAt: State.timeOf(batch.createdAt),
      expiresAt: State.timeOf(batch.expiresAt),
      completedAt: status === "completed" ? State.timeOf(lastEnd) : undefined,
      canceledAt: status === "canceled" ? State.timeOf(batch.canceledAt ?? lastEnd) : undefined,
      expiredAt: status === "expired" ? State.timeOf(batch.expiresAt) : undefined
    }
  }

  /** Whether some item was not done at a time. */
  const isOpenAt = (batch: OwnBatch, time: number): boolean =>
    batch.canceledAt === undefined && batch.tasks.some(({ work }) => work.doneAt > time)

  const active = (): number => [...batches.values()].filter((batch) => !isTerminal(batchOf(batch).status)).length

  /** When the item at an index is worked on. Where items fail, every other one does, so that a batch has both. */
  const workOf = (play: Play, createdAt: number, index: number): State.Work => {
    const length = state.limits.processMillis
    const begunAt = createdAt + Math.floor(index / slots) * length
    return {
      begunAt: play.sync === "never" && index >= slots ? Infinity : begunAt,
      doneAt: play.sync === "never" ? Infinity : begunAt + length,
      succeeds: play.sync !== "invalid" || index % 2 === 1
    }
  }

  return HttpApiBuilder.group(Api, "analysisBatches", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const { analysis_mode: mode, defaults, model_name: model, requests } = payload
          yield* Checks.model(model)
          if (active() >= mostActive) {
            return yield* new Refused({
              status: 429,
              code: "too_many_requests",
              message: "Five batches are being processed already."
            })
          }
          const names = requests.flatMap(({ custom_id }) => custom_id ?? [])
          if (new Set(names).size < names.length) return yield* invalid("custom_id: comes twice")
          const createdAt = state.now()
          const items: Array<Table.NewTask> = []
          for (const [index, { custom_id, video, ...own }] of requests.entries()) {
            const params = { ...defaults, ...own }
            yield* assetIsReady(state, video.asset_id)
            yield* Checks.video(state, video)
            yield* Checks.prompt(undefined, params.prompt, mode === "general")
            yield* Checks.taskSettings(mode, params)
            const work = workOf(play, createdAt, index)
            items.push({ customId: custom_id ?? undefined, video, mode, params, play, createdAt, work, isItem: true })
          }
          const batch: OwnBatch = {
            id: BatchId.make(state.nextUuid("batch_")),
            mode,
            model,
            tasks: items.map((item) => Table.add(state, table, item)),
            createdAt,
            expiresAt: createdAt + (play.ttl === undefined ? day : play.ttl * 1000),
            canceledAt: undefined
          }
          batches.set(batch.id, batch)
          const { createdAt: time, expiresAt, id, totalItems } = batchOf(batch)
          return {
            id,
            // It has been taken, and no more is told yet.
            status: "pending",
            totalItems,
            createdAt: time,
            expiresAt,
            items: batch.tasks.map((task) => ({ taskId: task.id, customId: task.customId }))
          }
        }),
      list: ({ query }) => {
        const { mode = [], status = [] } = query
        const found = [...batches.values()]
          .map(batchOf)
          .filter(
            (batch) =>
              (mode.length === 0 || mode.includes(batch.mode ?? "")) &&
              (status.length === 0 || status.includes(batch.status))
          )
        return State.pageOf(found.reverse(), query)
      },
      get: ({ params: { id } }) => Effect.map(find(id), batchOf),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          const batch = yield* find(id)
          if (!isTerminal(batchOf(batch).status)) {
            return yield* conflict("batch_not_terminal", "The batch is still being processed.")
          }
          batches.delete(id)
        }),
      cancel: ({ params: { id } }) =>
        Effect.gen(function* () {
          const batch = yield* find(id)
          const { status } = batchOf(batch)
          if (isTerminal(status)) return yield* conflict(`batch_${status}`, `The batch is ${status} already.`)
          const canceled = { ...batch, canceledAt: batch.canceledAt ?? state.now() }
          batches.set(id, canceled)
          for (const task of canceled.tasks) {
            if (table.tasks.has(task.id)) table.tasks.set(task.id, current(canceled, task))
          }
          return batchOf(canceled)
        }),
      results: ({ params: { id } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const batch = yield* find(id)
          const lines = batch.tasks.map((task) => lineOf(Table.taskOf(state, current(batch, task))))
          // In an order of its own: what was asked for last comes first.
          const frames = lines.reverse().map((line, index, all): Frame.Frame =>
            // Without an end mark the last line is what the faults take for one.
            Frame.line(line, 20, index === all.length - 1 ? "mark" : "event")
          )
          return yield* Exchange.stream(frames, faultFrames(play))
        })
    })
  )
}

const assetIsReady = (state: State.TwelveLabsState, id: string) =>
  Effect.flatMap(State.findAsset(state, id), (asset) =>
    State.statusOf(state, asset.work, ["processing"]) === "ready"
      ? Effect.void
      : Effect.fail(conflict("asset_not_ready", `The asset ${id} is not ready.`))
  )

const lineOf = ({ customId, id, result, status }: ReturnType<typeof Table.taskOf>) => ({
  task_id: id,
  custom_id: customId ?? null,
  status,
  data:
    result === undefined
      ? undefined
      : {
          generation_id: result.id,
          data: result.text,
          finish_reason: result.finishReason,
          usage: { output_tokens: result.usage?.outputTokens, input_tokens: result.usage?.inputTokens }
        },
  error: status === "failed" ? Table.failure : undefined
})

/** The lines of the faults. */
const faultFrames = (play: Play) => ({
  ...TwelveLabsAnalysis.faultFrames(play),
  delta: (text: string) => Frame.line({ task_id: "66e0ffff00000000000000ff", custom_id: text, status: "queued" }),
  malformed: () => ({ ...Frame.line({}), lines: ['{"task_id":"66e0ffff00000000000000ff","custom_id":"half a'] }),
  wrongShape: () => Frame.line({ task_id: ["not", "a", "text"], status: {} })
})
