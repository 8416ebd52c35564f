/**
 * Powerdrill's data sources. One is made of a file that was uploaded, or of an address; it is being read for a moment, and
 * then it can be asked about.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Stream from "effect/Stream"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import { extensionOf, type StoredFile } from "./FileStore.ts"
import * as PowerdrillDatasets from "./PowerdrillDatasets.ts"
import { invalid, noPermission, notFound, Refused } from "./PowerdrillRefusal.ts"
import { Api } from "./PowerdrillServer.ts"
import * as State from "./PowerdrillState.ts"
import type { LinkMaker } from "./StoreLinks.ts"

const extensions: ReadonlySet<string> = new Set([
  ".csv",
  ".tsv",
  ".md",
  ".mdx",
  ".json",
  ".txt",
  ".pdf",
  ".pptx",
  ".ppt",
  ".docx",
  ".doc",
  ".xls",
  ".xlsx"
])

/** What a data source is made with. */
interface Wanted {
  readonly userId: string
  readonly name: string
  readonly url?: string | undefined
  readonly fileObjectKey?: string | undefined
}

/** The endpoints of the group `datasources`. */
export const layer = (state: State.PowerdrillState, linkMaker: (play: Play) => LinkMaker) => {
  const view = (datasource: State.OwnDatasource) => ({ ...datasource, status: State.statusOf(datasource, state) })

  /** Only lists and single reads tell the size. */
  const created = (datasource: State.OwnDatasource) => ({ ...view(datasource), size: undefined })

  const find = (params: { readonly datasetId: string; readonly datasourceId: string }) =>
    Effect.gen(function* () {
      const dataset = yield* State.findDataset(state, params.datasetId)
      const datasource = yield* State.findDatasource(dataset, params.datasourceId)
      return { dataset, datasource }
    })

  const make = (dataset: State.OwnDataset, name: string, file: StoredFile) =>
    Effect.map(Exchange.Exchange, ({ play }) => {
      const datasource: State.OwnDatasource = {
        id: state.nextDatasourceId(),
        datasetId: dataset.id,
        name: State.cut(name),
        type: "FILE",
        size: file.size,
        file,
        readAt: play.sync === "never" ? Infinity : state.now() + state.limits.syncMillis,
        readable: play.sync !== "invalid"
      }
      dataset.datasources.unshift(datasource)
      return datasource
    })

  return HttpApiBuilder.group(Api, "datasources", (handlers) =>
    handlers.handleAll({
      create: ({ params: { id }, payload }) =>
        Effect.gen(function* () {
          const dataset = yield* State.findDataset(state, id)
          return created(yield* make(dataset, payload.name, yield* fileOf(state, payload)))
        }),
      createWithDataset: ({ payload }) =>
        Effect.gen(function* () {
          const file = yield* fileOf(state, payload)
          const dataset = PowerdrillDatasets.add(state, payload)
          return created(yield* make(dataset, payload.name, file))
        }),
      list: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", query.userId)
          const { datasources } = yield* State.findDataset(state, id)
          const wanted = query.status?.split(",").map((status) => status.trim())
          const all = datasources.map(view)
          return yield* State.pageOf(
            wanted === undefined ? all : all.filter(({ status }) => wanted.includes(status)),
            query
          )
        }),
      get: ({ params, query }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", query.userId)
          const { datasource } = yield* find(params)
          return view(datasource)
        }),
      delete: ({ params, payload: { userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const { dataset, datasource } = yield* find(params)
          if (dataset.userId !== userId) return yield* noPermission()
          dataset.datasources.splice(dataset.datasources.indexOf(datasource), 1)
          yield* State.removeFiles(state, [datasource])
          return undefined
        }),
      presign: ({ params, payload: { expiresIn = 600, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const { datasource } = yield* find(params)
          if (expiresIn < 60) return yield* invalid("expires_in: must be at least 60")
          const { now, play } = yield* Exchange.Exchange
          const { expiresAt, url } = linkMaker(play)({
            method: "GET",
            key: datasource.file.key,
            now: now(),
            seconds: expiresIn
          })
          return { url, expiresAt: new Date(expiresAt).toISOString() }
        })
    })
  )
}

/** The file that a data source is made of. Nothing is fetched from an address: a line that says so stands for it. */
const fileOf = (state: State.PowerdrillState, { fileObjectKey, name, url, userId }: Wanted) =>
  Effect.gen(function* () {
    yield* State.requireText("user_id", userId)
    yield* State.requireText("name", name)
    if ((url === undefined) === (fileObjectKey === undefined)) {
      return yield* invalid("url, file_object_key: exactly one of them must be given")
    }
    if (!extensions.has(extensionOf(name))) {
      return yield* new Refused({ status: 200, code: 300004, message: "Invalid file extension" })
    }
    if (url !== undefined) {
      if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return yield* invalid("url: must be an http(s) URL")
      const line = new TextEncoder().encode(`The emulator does not fetch ${url}\n`)
      return state.files.add(name, "text/plain", yield* state.files.write(Stream.make(line)))
    }
    const file = state.files.find(fileObjectKey ?? "")
    return file ?? (yield* notFound("file"))
  })
