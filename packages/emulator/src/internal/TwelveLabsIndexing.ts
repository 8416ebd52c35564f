/**
 * What TwelveLabs has indexed: one table, in which indexed assets, videos and tasks see the same.
 */
import { AssetId, IndexId, type TaskId } from "@effect-sse/twelvelabs/Ids"
import type { Hls, SystemMetadata } from "@effect-sse/twelvelabs/IndexedVideo"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Link } from "./StoreLinks.ts"
import type { StoredName } from "./StoredObject.ts"
import * as TwelveLabsFootage from "./TwelveLabsFootage.ts"
import { invalid, type Refused } from "./TwelveLabsRefusal.ts"
import * as State from "./TwelveLabsState.ts"

/** An index. */
export interface OwnIndex {
  readonly id: IndexId
  readonly name: string
  readonly models: ReadonlyArray<{ readonly name: string; readonly options: ReadonlyArray<string> }>
  readonly addons: ReadonlyArray<string>
  /** In milliseconds since 1970. */
  readonly createdAt: number
  /** In milliseconds since 1970. */
  readonly updatedAt: number
}

/** Something in an index, before its status, which time tells. */
export interface Indexed {
  /** Of the indexed asset, and of the video. */
  readonly id: string
  readonly indexId: IndexId
  readonly asset: State.OwnAsset
  readonly hls: boolean
  readonly userMetadata: Readonly<Record<string, unknown>>
  /** In milliseconds since 1970. */
  readonly createdAt: number
  /** In milliseconds since 1970. */
  readonly updatedAt: number
  readonly work: State.Work
}

/** A task, of the older kind. It outlives its video. */
export interface OwnTask {
  readonly id: TaskId
  readonly made: Indexed
}

/** The tables. */
export interface Indexing {
  readonly state: State.TwelveLabsState
  readonly indexes: Map<string, OwnIndex>
  readonly indexed: Map<string, Indexed>
  readonly tasks: Map<string, OwnTask>
}

/** Makes the tables, and says to the assets what is made of them. */
export const make = (state: State.TwelveLabsState): Indexing => {
  const indexed = new Map<string, Indexed>()
  const ofAsset = (assetId: string) => [...indexed.values()].filter(({ asset }) => asset.id === assetId)
  state.references.push({
    holds: (assetId) => ofAsset(assetId).length > 0,
    drop: (assetId) => {
      for (const { id } of ofAsset(assetId)) indexed.delete(id)
    }
  })
  return { state, indexes: new Map(), indexed, tasks: new Map() }
}

/** Finds an index. */
export const findIndex = ({ indexes }: Indexing, id: string) => State.find(indexes, id, "index")

/** What is in an index, in the order of its making. */
export const inIndex = ({ indexed }: Indexing, indexId: string): ReadonlyArray<Indexed> =>
  [...indexed.values()].filter((one) => one.indexId === indexId)

/** Finds something in its index. */
export const findIndexed = (indexing: Indexing, indexId: string, id: string, what: string) =>
  Effect.gen(function* () {
    const index = yield* findIndex(indexing, indexId)
    const isThere = indexing.indexed.get(id)?.indexId === index.id
    return yield* State.find(indexing.indexed, isThere ? id : "", what)
  })

/** What something is put into an index with. */
interface Wish {
  readonly indexId: IndexId
  readonly asset: State.OwnAsset
  readonly hls: boolean
  readonly userMetadata: Readonly<Record<string, unknown>> | undefined
  readonly work: State.Work
}

/** Puts something into an index. */
export const add = ({ indexed, state }: Indexing, { userMetadata = {}, work, ...wish }: Wish): Indexed => {
  const id = state.nextHexId("indexed asset")
  const one: Indexed = { ...wish, id, userMetadata, work, createdAt: work.begunAt, updatedAt: work.begunAt }
  indexed.set(id, one)
  return one
}

/** Changes metadata: null removes a key. */
export const changeMetadata = (
  { indexed, state }: Indexing,
  one: Indexed,
  change: Readonly<Record<string, unknown>>
): void => {
  const userMetadata = Object.fromEntries(
    Object.entries({ ...one.userMetadata, ...change }).filter(([, value]) => value !== null)
  )
  indexed.set(one.id, { ...one, userMetadata, updatedAt: state.now() })
}

/** The stages of something in an index, before it is ready or has failed. */
export const stages = ["pending", "queued", "indexing"] as const

/** How far it is. */
export const statusOf = ({ state }: Indexing, { work }: Pick<Indexed, "work">) =>
  State.statusOf(state, work, [...stages])

/** What is measured. The pictures of all videos here have the same size. */
export const systemMetadataOf = ({ asset }: Pick<Indexed, "asset">): SystemMetadata => ({
  filename: asset.filename,
  durationSeconds: asset.duration,
  fps: 25,
  width: 1920,
  height: 1080,
  sizeBytes: asset.size
})

/** What lists tell of it. */
export const summaryOf = (indexing: Indexing, one: Indexed) => ({
  assetId: AssetId.make(one.asset.id),
  createdAt: State.timeOf(one.createdAt),
  updatedAt: State.timeOf(one.updatedAt),
  indexedAt: statusOf(indexing, one) === "ready" ? State.timeOf(one.work.doneAt) : undefined,
  systemMetadata: systemMetadataOf(one)
})

/** Makes links to pictures and streams. */
export type MakeLink = (name: StoredName) => Link

/** The stream of a video, where there is to be one. */
export const hlsOf = (indexing: Indexing, one: Indexed, link: MakeLink): Hls | undefined => {
  if (!one.hls) return undefined
  const status = statusOf(indexing, one)
  const isReady = status === "ready"
  return {
    videoUrl: isReady ? link("scene.m3u8").url : undefined,
    thumbnailUrls: isReady ? [link("thumbnail.png").url] : undefined,
    status: isReady ? "COMPLETE" : status === "failed" ? "ERROR" : "PROCESSING",
    updatedAt: State.timeOf(one.updatedAt)
  }
}

/** What is asked of one. */
interface DetailQuery {
  readonly embeddingOptions?: ReadonlyArray<string> | undefined
  readonly transcription?: boolean | undefined
}

const embeddingOptions: ReadonlyArray<string> = ["visual", "audio", "transcription", "visual-text"]

/** What is told of one besides. */
export const detailOf = Effect.fnUntraced(function* (
  indexing: Indexing,
  one: Indexed,
  query: DetailQuery,
  link: MakeLink
) {
  const unknown = query.embeddingOptions?.find((option) => !embeddingOptions.includes(option))
  if (unknown !== undefined) {
    return yield* invalid(`embedding_option: ${unknown} is none of ${embeddingOptions.join(", ")}`)
  }
  const isReady = statusOf(indexing, one) === "ready"
  return {
    userMetadata: Object.keys(one.userMetadata).length === 0 ? undefined : one.userMetadata,
    hls: hlsOf(indexing, one, link),
    embedding:
      isReady && query.embeddingOptions !== undefined
        ? TwelveLabsFootage.embeddingOf(one.id, one.asset.duration ?? 0, query.embeddingOptions)
        : undefined,
    transcription:
      isReady && query.transcription === true
        ? TwelveLabsFootage.transcriptionOf(one.asset.filename, one.asset.duration ?? 0)
        : undefined
  }
})

/** What a list is narrowed down by. */
interface FilterQuery {
  readonly filename?: string | undefined
  readonly minDuration?: number | undefined
  readonly maxDuration?: number | undefined
  readonly minFps?: number | undefined
  readonly maxFps?: number | undefined
  readonly minWidth?: number | undefined
  readonly maxWidth?: number | undefined
  readonly minHeight?: number | undefined
  readonly maxHeight?: number | undefined
  readonly minSize?: number | undefined
  readonly maxSize?: number | undefined
  readonly createdSince?: DateTime.Utc | undefined
  readonly updatedSince?: DateTime.Utc | undefined
  readonly userMetadata?: Readonly<Record<string, unknown>> | undefined
}

/** Whether all conditions of a list hold. */
export const meets = (one: Indexed, query: FilterQuery): boolean => {
  const { durationSeconds, filename, fps, height, sizeBytes, width } = systemMetadataOf(one)
  return (
    (query.filename === undefined || query.filename === filename) &&
    isWithin(durationSeconds, query.minDuration, query.maxDuration) &&
    isWithin(fps, query.minFps, query.maxFps) &&
    isWithin(width, query.minWidth, query.maxWidth) &&
    isWithin(height, query.minHeight, query.maxHeight) &&
    isWithin(sizeBytes, query.minSize, query.maxSize) &&
    isSince(one.createdAt, query.createdSince) &&
    isSince(one.updatedAt, query.updatedSince) &&
    Object.entries(query.userMetadata ?? {}).every(([key, wanted]) => {
      const value = Object.hasOwn(one.userMetadata, key) ? String(one.userMetadata[key]) : undefined
      return Array.isArray(wanted) ? wanted.includes(value) : wanted === value
    })
  )
}

/** Whether a number is in a range. What is not known is in none. */
export const isWithin = (
  value: number | undefined,
  gte: number | undefined = -Infinity,
  lte: number | undefined = Infinity
): boolean => (value === undefined ? gte === -Infinity && lte === Infinity : value >= gte && value <= lte)

/** Whether something was on that day, at that time or later. */
export const isSince = (millis: number, time: DateTime.Utc | undefined): boolean =>
  time === undefined ||
  (millis >= DateTime.toEpochMillis(time) &&
    DateTime.formatIsoDateUtc(State.timeOf(millis)) === DateTime.formatIsoDateUtc(time))

const tables = {
  updated_at: (a: { readonly updatedAt: number }, b: { readonly updatedAt: number }) => a.updatedAt - b.updatedAt
}

/** Sorts a list, and cuts a page out of it. */
export const listed = <A extends { readonly updatedAt: number }>(
  all: Iterable<A>,
  query: State.PageQuery & State.SortQuery
): Effect.Effect<Effect.Success<ReturnType<typeof State.pageOf<A>>>, Refused> =>
  Effect.flatMap(State.sorted(all, query, tables), (sorted) => State.pageOf(sorted, query))
