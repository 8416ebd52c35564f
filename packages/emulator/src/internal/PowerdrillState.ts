/**
 * What Powerdrill knows, in memory: sessions, datasets, data sources, and how many jobs were asked for. Ids are counted, so that
 * two runs of the same program get the same ones.
 */
import type * as Datasets from "@effect-sse/powerdrill/Datasets"
import type * as Datasources from "@effect-sse/powerdrill/Datasources"
import { DatasetId, DatasourceId, JobId, SessionId } from "@effect-sse/powerdrill/Ids"
import type * as Sessions from "@effect-sse/powerdrill/Sessions"
import * as Effect from "effect/Effect"
import type { FileStore, StoredFile } from "./FileStore.ts"
import type { JobData } from "./PowerdrillJob.ts"
import { invalid, notFound, type Refused } from "./PowerdrillRefusal.ts"
import type { PowerdrillScenarioName } from "./PowerdrillScenarios.ts"

/** What the state is made with. */
export interface StateOptions {
  readonly apiKey: string
  readonly sessionId: string
  readonly userId: string
  readonly now: () => number
  readonly files: FileStore
  readonly limits: Limits
}

/** What can run out, and how long things take. */
export interface Limits {
  readonly syncMillis: number
  readonly sessionLimit: number
  readonly jobQuota: number
  readonly partSize: number
  readonly storageLimit: number
}

/** A session, whose it is, and its jobs, newest first. */
export interface OwnSession extends Sessions.Session {
  readonly userId: string
  readonly jobs: Array<PastJob>
}

/** A job that the history of a session shows. */
export interface PastJob {
  readonly jobId: JobId
  readonly question: string
  readonly scenario: PowerdrillScenarioName
  readonly data: JobData | undefined
}

/** A dataset, whose it is, and its data sources, newest first. */
export interface OwnDataset extends Datasets.Dataset {
  readonly userId: string
  readonly datasources: Array<OwnDatasource>
  /** How often its overview was asked for. */
  overviews: number
}

/** A data source before its status, which time tells. */
export interface OwnDatasource extends Omit<Datasources.Datasource, "status"> {
  readonly file: StoredFile
  /** When it has been read, in milliseconds since 1970. */
  readonly readAt: number
  readonly readable: boolean
}

/** The state of one emulator. */
export interface PowerdrillState extends StateOptions {
  readonly sessions: Map<string, OwnSession>
  readonly datasets: Map<string, OwnDataset>
  /** Jobs that were accepted, by user. */
  readonly jobs: Map<string, number>
  readonly nextSessionId: () => SessionId
  readonly nextDatasetId: () => DatasetId
  readonly nextDatasourceId: () => DatasourceId
  readonly nextJobId: () => JobId
  readonly nextTraceId: () => string
}

/** Makes the state with one session in it. */
export const make = (options: StateOptions): PowerdrillState => {
  const counts = new Map<string, number>()
  const next = (kind: string): number => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return count
  }
  const named = (kind: string) => `${kind}-emulator${String(next(kind)).padStart(8, "0")}`
  // The first one is there from the beginning.
  next("session")
  return {
    ...options,
    sessions: new Map([[options.sessionId, firstSession(options)]]),
    datasets: new Map(),
    jobs: new Map(),
    nextSessionId: () => SessionId.make(`5e551000-0000-4000-8000-${hexadecimal(next("session"), 12)}`),
    nextDatasetId: () => DatasetId.make(named("dset")),
    nextDatasourceId: () => DatasourceId.make(named("ds")),
    nextJobId: () => JobId.make(named("job")),
    nextTraceId: () => `${hexadecimal(options.now(), 16)}${hexadecimal(next("request"), 16)}`
  }
}

const hexadecimal = (value: number, length: number) => value.toString(16).padStart(length, "0")

const firstSession = ({ sessionId, userId }: StateOptions): OwnSession => ({
  id: SessionId.make(sessionId),
  userId,
  jobs: [],
  name: "A session that exists",
  outputLanguage: "AUTO",
  jobMode: "AUTO",
  maxContextualJobHistory: 10,
  agentId: undefined
})

const longestName = 128

/** Names and descriptions are cut without a word. */
export const cut = (text: string): string => Array.from(text).slice(0, longestName).join("")

/** What must not be missing must not be blank either. */
export const requireText = (field: string, text: string): Effect.Effect<string, Refused> =>
  text.trim() === "" ? Effect.fail(invalid(`${field}: must not be blank`)) : Effect.succeed(text)

/** Whether a name or a description is found by a search, whatever its case. */
export const matches = (search: string | undefined, ...texts: ReadonlyArray<string | undefined>): boolean =>
  texts.some((text) => text?.toLowerCase().includes((search ?? "").toLowerCase()))

/** What a list is asked for. */
export interface PageQuery {
  readonly pageNumber?: number | undefined
  readonly pageSize?: number | undefined
}

/** One page of a list. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly pageNumber: number
  readonly pageSize: number
  readonly total: number
}

/** Takes one page out of a list. */
export const pageOf = <A>(all: ReadonlyArray<A>, query: PageQuery): Effect.Effect<Page<A>, Refused> => {
  const { pageNumber = 1, pageSize = 10 } = query
  if (pageNumber < 1) return Effect.fail(invalid("page_number: must be at least 1"))
  if (pageSize < 1) return Effect.fail(invalid("page_size: must be at least 1"))
  const items = all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
  return Effect.succeed({ items, pageNumber, pageSize, total: all.length })
}

/** Finds a session; who knows its id may use it. */
export const findSession = (state: PowerdrillState, id: string): Effect.Effect<OwnSession, Refused> => {
  const session = state.sessions.get(id)
  const hint = ` (this emulator has ${state.sessionId}, and those created in it)`
  return session === undefined ? Effect.fail(notFound("session", hint)) : Effect.succeed(session)
}

/** Finds a dataset. */
export const findDataset = (state: PowerdrillState, id: string): Effect.Effect<OwnDataset, Refused> => {
  const dataset = state.datasets.get(id)
  return dataset === undefined ? Effect.fail(notFound("dataset")) : Effect.succeed(dataset)
}

/** Finds a data source of a dataset. */
export const findDatasource = (dataset: OwnDataset, id: string): Effect.Effect<OwnDatasource, Refused> => {
  const datasource = dataset.datasources.find((datasource) => datasource.id === id)
  return datasource === undefined ? Effect.fail(notFound("datasource")) : Effect.succeed(datasource)
}

/** How far the reading of a data source is. */
export const statusOf = (
  { readable, readAt }: OwnDatasource,
  state: PowerdrillState
): "synching" | "synched" | "invalid" => (state.now() < readAt ? "synching" : readable ? "synched" : "invalid")

/** Files of data sources that are gone are gone too, unless another data source is made of them. */
export const removeFiles = (state: PowerdrillState, gone: ReadonlyArray<OwnDatasource>): Effect.Effect<void> => {
  const kept = new Set([...state.datasets.values()].flatMap(({ datasources }) => datasources.map(({ file }) => file)))
  return Effect.forEach(
    gone.filter(({ file }) => !kept.has(file)),
    ({ file }) => state.files.remove(file),
    { discard: true }
  )
}
