/**
 * TwelveLabs' indexes.
 */
import { IndexId } from "@effect-sse/twelvelabs/Ids"
import type { Index } from "@effect-sse/twelvelabs/Indexes"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Indexing from "./TwelveLabsIndexing.ts"
import { invalid, Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** The models that a new index can have, each with its family. */
const families: Readonly<Record<string, string>> = { "marengo3.0": "marengo" }
const modelOptions: ReadonlyArray<string> = ["visual", "audio"]

/** The endpoints of the group `indexes`. */
export const layer = (indexing: Indexing.Indexing) => {
  const { indexed, indexes, state } = indexing

  const requireName = (name: string) =>
    Effect.gen(function* () {
      if (name.trim() === "") return yield* invalid("index_name: must not be blank")
      for (const index of indexes.values()) {
        if (index.name !== name) continue
        return yield* new Refused({
          status: 400,
          code: "index_name_already_exists",
          message: `There is an index with the name ${name} already.`
        })
      }
    })

  const indexOf = ({ createdAt, id, updatedAt, ...index }: Indexing.OwnIndex): Index => {
    const ready = Indexing.inIndex(indexing, id).filter((one) => Indexing.statusOf(indexing, one) === "ready")
    return {
      ...index,
      id,
      videoCount: ready.length,
      totalDurationSeconds: ready.reduce((sum, { asset }) => sum + (asset.duration ?? 0), 0),
      createdAt: State.timeOf(createdAt),
      updatedAt: State.timeOf(updatedAt),
      expiresAt: undefined
    }
  }

  return HttpApiBuilder.group(Api, "indexes", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { addons = [], models, name } }) =>
        Effect.gen(function* () {
          for (const model of models) {
            if (!Object.hasOwn(families, model.name)) {
              return yield* invalid(`models: ${model.name} is none of ${Object.keys(families).join(", ")}`)
            }
            const { options } = model
            if (options.length === 0 || options.some((option) => !modelOptions.includes(option))) {
              return yield* invalid(`model_options: must be some of ${modelOptions.join(", ")}`)
            }
          }
          if (addons.some((addon) => addon !== "thumbnail")) return yield* invalid("addons: must be thumbnail")
          yield* requireName(name)
          const id = IndexId.make(state.nextHexId("index"))
          const time = state.now()
          indexes.set(id, { id, name, models, addons, createdAt: time, updatedAt: time })
          return { id }
        }),
      list: ({ query }) =>
        Effect.gen(function* () {
          const { createdSince, modelFamily, modelOptions, name, updatedSince } = query
          const found = [...indexes.values()].filter(
            (index) =>
              (name === undefined || index.name === name) &&
              Indexing.isSince(index.createdAt, createdSince) &&
              Indexing.isSince(index.updatedAt, updatedSince) &&
              (modelFamily === undefined || index.models.some((model) => families[model.name] === modelFamily)) &&
              (modelOptions ?? []).every((option) => index.models.some(({ options }) => options.includes(option)))
          )
          const { info, items } = yield* Indexing.listed(found, query)
          return { info, items: items.map(indexOf) }
        }),
      get: ({ params: { id } }) => Effect.map(Indexing.findIndex(indexing, id), indexOf),
      rename: ({ params: { id }, payload: { name } }) =>
        Effect.gen(function* () {
          const index = yield* Indexing.findIndex(indexing, id)
          if (index.name !== name) yield* requireName(name)
          indexes.set(id, { ...index, name, updatedAt: state.now() })
        }),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          yield* Indexing.findIndex(indexing, id)
          for (const one of Indexing.inIndex(indexing, id)) indexed.delete(one.id)
          indexes.delete(id)
        })
    })
  )
}
