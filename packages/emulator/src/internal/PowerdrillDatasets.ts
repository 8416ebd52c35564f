/**
 * Powerdrill's datasets. All users of a key see all of them; only who made one may delete it.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { invalid, noPermission } from "./PowerdrillRefusal.ts"
import { Api } from "./PowerdrillServer.ts"
import * as State from "./PowerdrillState.ts"

const isBlank = (text: string | undefined) => (text ?? "").trim() === ""

/** The endpoints of the group `datasets`. */
export const layer = (state: State.PowerdrillState) =>
  HttpApiBuilder.group(Api, "datasets", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { description, name, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          yield* State.requireText("name", name)
          return { id: add(state, { name, description, userId }).id }
        }),
      list: ({ query }) =>
        Effect.andThen(
          State.requireText("user_id", query.userId),
          State.pageOf(
            [...state.datasets.values()]
              .filter(({ description, name }) => State.matches(query.search, name, description))
              .toReversed(),
            query
          )
        ),
      modify: ({ params: { id }, payload: { description, name, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const dataset = yield* State.findDataset(state, id)
          if (isBlank(name) && isBlank(description)) {
            return yield* invalid("name, description: at least one of them must not be blank")
          }
          state.datasets.set(id, {
            ...dataset,
            name: name === undefined || isBlank(name) ? dataset.name : State.cut(name),
            description:
              description === undefined || isBlank(description) ? dataset.description : State.cut(description)
          })
          return undefined
        }),
      delete: ({ params: { id }, payload: { userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const dataset = yield* State.findDataset(state, id)
          if (dataset.userId !== userId) return yield* noPermission()
          state.datasets.delete(id)
          yield* State.removeFiles(state, dataset.datasources)
          return undefined
        }),
      overview: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", query.userId)
          const dataset = yield* State.findDataset(state, id)
          dataset.overviews += 1
          return overviewOf(state, dataset)
        }),
      status: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", query.userId)
          const { datasources } = yield* State.findDataset(state, id)
          const statuses = datasources.map((datasource) => State.statusOf(datasource, state))
          const count = (status: string) => statuses.filter((each) => each === status).length
          return {
            synchedCount: count("synched"),
            invalidCount: count("invalid"),
            synchingCount: count("synching")
          }
        })
    })
  )

/** Adds a dataset, as its own endpoint does and the creation of a data source without one. */
export const add = (
  state: State.PowerdrillState,
  {
    description,
    name,
    userId
  }: {
    readonly name: string
    readonly description?: string | undefined
    readonly userId: string
  }
): State.OwnDataset => {
  const dataset: State.OwnDataset = {
    id: state.nextDatasetId(),
    name: State.cut(name),
    description: State.cut(description ?? ""),
    userId,
    datasources: [],
    overviews: 0
  }
  state.datasets.set(dataset.id, dataset)
  return dataset
}

const measures = ["total", "average", "highest", "lowest", "median", "share"]
const periods = ["per month", "per week", "since the beginning", "in the last year", "compared with the year before"]

/** Empty before the first data source has been read; other questions at each call. */
const overviewOf = (state: State.PowerdrillState, { overviews, ...dataset }: State.OwnDataset) => {
  const names = dataset.datasources
    .filter((datasource) => State.statusOf(datasource, state) === "synched")
    .map(({ name }) => name)
    .toReversed()
  const questions = [0, 1, 2].map((index) => {
    const number = overviews * 3 + index
    const name = names[number % Math.max(1, names.length)] ?? ""
    const period = periods[Math.floor(number / measures.length) % periods.length] ?? ""
    return `What is the ${measures[number % measures.length]} ${period} in ${name}?`
  })
  return {
    ...dataset,
    summary: names.length === 0 ? "" : `${names.length} ${names.length === 1 ? "file" : "files"}: ${names.join(", ")}.`,
    explorationQuestions: names.length === 0 ? [] : questions,
    keywords: names.map((name) => name.replace(/\.[^.]*$/, ""))
  }
}
