/**
 * TwelveLabs' tasks that analyze a video.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Exchange from "./Exchange.ts"
import * as Checks from "./TwelveLabsAnalysisChecks.ts"
import * as Table from "./TwelveLabsAnalysisTable.ts"
import { conflict, invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** The endpoints of the group `analysisTasks`. */
export const layer = (state: State.TwelveLabsState, table: Table.AnalysisTable) =>
  HttpApiBuilder.group(Api, "analysisTasks", (handlers) => {
    const find = (id: string) => State.find(table.tasks, id, "analysis task")

    return handlers.handleAll({
      create: ({ headers: { idempotencyKey }, payload }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const { analysis_mode, custom_id, model_name, prompt, prompt_v2, video } = payload
          const mode = analysis_mode ?? "general"
          yield* Checks.video(state, video)
          yield* Checks.model(model_name)
          yield* Checks.prompt(prompt, prompt_v2, mode === "general")
          if (mode !== "general" && prompt_v2 !== undefined && prompt_v2 !== null) {
            return yield* invalid("prompt_v2: only in the mode general")
          }
          yield* Checks.taskSettings(mode, payload)
          const known = idempotencyKey === undefined ? undefined : table.keys.get(idempotencyKey)
          const before = known === undefined ? undefined : table.tasks.get(known)
          if (before !== undefined) return { id: before.id, status: Table.statusOf(state, before) }
          const { video: _, ...params } = payload
          const task = Table.add(state, table, {
            customId: custom_id ?? undefined,
            // The bytes are not kept.
            video: video.type === "base64_string" ? { type: video.type } : video,
            mode,
            params,
            play,
            createdAt: state.now(),
            work: State.begin(state, play),
            isItem: false
          })
          if (idempotencyKey !== undefined) table.keys.set(idempotencyKey, task.id)
          return { id: task.id, status: Table.statusOf(state, task) }
        }),
      list: ({ query }) => {
        const { assetId, mode, status, videoUrl } = query
        const found = [...table.tasks.values()]
          .filter(
            (task) =>
              (assetId === undefined || task.video.asset_id === assetId) &&
              (videoUrl === undefined || task.video.url === videoUrl) &&
              (mode === undefined || task.mode === mode)
          )
          .map((task) => Table.taskOf(state, task))
          .filter((task) => status === undefined || task.status === status)
        return State.pageOf(found.reverse(), query)
      },
      get: ({ params: { id } }) => Effect.map(find(id), (task) => Table.taskOf(state, task)),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          const task = yield* find(id)
          if (Table.statusOf(state, task) === "processing") {
            return yield* conflict("task_processing", "The task is being processed.")
          }
          table.tasks.delete(id)
        }),
      cancel: ({ params: { id } }) =>
        Effect.gen(function* () {
          const task = yield* find(id)
          const { status } = Table.taskOf(state, task)
          if (status === "ready" || status === "failed" || status === "canceled") {
            return yield* conflict(`task_${status}`, `The task is ${status} already.`)
          }
          table.tasks.set(id, { ...task, stoppedAt: state.now() })
          return { id: task.id, status: "canceled" }
        })
    })
  })
