/**
 * What TwelveLabs knows, in memory. Ids are counted, so that two runs of the same program get the same ones.
 */
import type * as KnowledgeStores from "@effect-sse/twelvelabs/KnowledgeStores"
import { AssetId, type CollectionId, type ItemId, KnowledgeStoreId } from "@effect-sse/twelvelabs/Ids"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Play } from "../Play.ts"
import type { FileStore, StoredFile } from "./FileStore.ts"
import { invalid, notFound, type Refused } from "./TwelveLabsRefusal.ts"
import * as TwelveLabsSeed from "./TwelveLabsSeed.ts"

/** What the state is made with. */
export interface StateOptions {
  readonly apiKey: string
  readonly knowledgeStoreId: string
  readonly assetId: string
  readonly now: () => number
  readonly files: FileStore
  readonly limits: Limits
}

/** What can run out, and how long things take. */
export interface Limits {
  /** Milliseconds until an asset, an item, a task is ready. */
  readonly processMillis: number
  /** Bytes of a chunk of an upload. */
  readonly chunkSize: number
  /** Seconds that an upload in chunks may take. */
  readonly uploadSeconds: number
  /** Bytes of the largest file that comes in one piece. */
  readonly directSize: number
  /** Headers that the store wants with each chunk. */
  readonly uploadHeaders: Readonly<Record<string, string>>
  /** How the proof of a chunk has to be written: as the store's ETag came, without its quotes, or as one likes. */
  readonly proofs: "quoted" | "bare" | "either"
}

/** Something that the vendor works on for a while. */
export interface Work {
  /** In milliseconds since 1970. */
  readonly begunAt: number
  /** When it is done; `Infinity` for what never is. */
  readonly doneAt: number
  readonly succeeds: boolean
}

/** What an asset is made of. */
export type AssetKind = "video" | "audio" | "image" | "document"

/** An asset before its status, which time tells. */
export interface OwnAsset {
  readonly id: AssetId
  readonly method: "direct" | "url" | "multipart" | "connector"
  readonly kind: AssetKind
  readonly filename: string
  /** The media type. */
  readonly fileType: string
  /** In bytes. */
  readonly size: number
  /** In seconds; of video and audio. */
  readonly duration: number | undefined
  readonly userMetadata: Readonly<Record<string, unknown>> | undefined
  /** In milliseconds since 1970. */
  readonly createdAt: number
  readonly work: Work
  readonly hls: boolean
  readonly thumbnail: boolean
  /** Where an import had it from. */
  readonly source: Readonly<Record<string, unknown>> | undefined
  /** The bytes, of what was uploaded. */
  readonly content?: StoredFile | undefined
  /** What is said when the work on it fails. */
  readonly failure?: string | undefined
}

/** What is made of assets elsewhere, such as what an index has. */
export interface AssetReference {
  /** Whether something refers to the asset, so that it is not to be deleted. */
  readonly holds: (assetId: string) => boolean
  /** The asset is deleted all the same: what refers to it goes too. */
  readonly drop: (assetId: string) => void
}

/** An item of a knowledge store before its status, which time tells. */
export interface OwnItem {
  readonly id: ItemId
  readonly knowledgeStoreId: KnowledgeStoreId
  /** The asset as it was when the item was made of it: the item outlives it. */
  readonly asset: OwnAsset
  readonly metadata: Readonly<Record<string, string>> | undefined
  /** In milliseconds since 1970. */
  readonly createdAt: number
  readonly work: Work
}

/** A collection of items of a knowledge store. */
export interface OwnCollection {
  readonly id: CollectionId
  readonly knowledgeStoreId: KnowledgeStoreId
  readonly name: string
  readonly description: string | undefined
  readonly metadata: Readonly<Record<string, string>> | undefined
  /** The ids of its items, in the order in which they were added. */
  readonly members: ReadonlySet<string>
  /** In milliseconds since 1970. */
  readonly createdAt: number
  /** In milliseconds since 1970. */
  readonly updatedAt: number
}

/** The state of one emulator. */
export interface TwelveLabsState extends StateOptions {
  readonly assets: Map<string, OwnAsset>
  /** What is asked before an asset is deleted; whoever makes something of assets adds itself. */
  readonly references: Array<AssetReference>
  readonly knowledgeStores: Map<string, KnowledgeStores.KnowledgeStore>
  /** The items of all knowledge stores. */
  readonly items: Map<string, OwnItem>
  /** The collections of all knowledge stores. */
  readonly itemCollections: Map<string, OwnCollection>
  /** The knowledge store of each session that was begun. */
  readonly sessions: Map<string, string>
  /** The next id of a kind, as 24 hexadecimal digits. */
  readonly nextHexId: (kind: string) => string
  /** The next id of a kind, with its prefix, such as `ks_`. */
  readonly nextUuid: (prefix: string) => string
  /** How many of a kind there were, this one included. */
  readonly count: (kind: string) => number
}

/** Makes the state with one knowledge store in it. */
export const make = (options: StateOptions): TwelveLabsState => {
  const counts = new Map<string, number>()
  const count = (kind: string): number => {
    const next = (counts.get(kind) ?? 0) + 1
    counts.set(kind, next)
    return next
  }
  const kinds = new Map<string, number>()
  const codeOf = (kind: string): number => {
    const code = kinds.get(kind) ?? kinds.size
    kinds.set(kind, code)
    return code
  }
  // The first ones are there from the beginning.
  count("ks_")
  codeOf("asset")
  count("asset")
  const time = timeOf(options.now())
  const store: KnowledgeStores.KnowledgeStore = {
    id: KnowledgeStoreId.make(options.knowledgeStoreId),
    name: "A knowledge store that exists",
    description: undefined,
    ingestionConfig: undefined,
    itemCount: 0,
    metadata: undefined,
    createdAt: time,
    updatedAt: time
  }
  const asset: OwnAsset = {
    id: AssetId.make(options.assetId),
    method: "direct",
    kind: "video",
    filename: "kite-workshop.mp4",
    fileType: "video/mp4",
    size: 12_345_678,
    duration: 120,
    userMetadata: undefined,
    createdAt: options.now(),
    work: { begunAt: options.now(), doneAt: options.now(), succeeds: true },
    hls: false,
    thumbnail: false,
    source: undefined
  }
  const state: TwelveLabsState = {
    ...options,
    assets: new Map([[asset.id, asset]]),
    references: [],
    knowledgeStores: new Map([[store.id, store]]),
    items: new Map(),
    itemCollections: new Map(),
    sessions: new Map(),
    nextHexId: (kind) => `66e0${hexadecimal(codeOf(kind), 4)}${hexadecimal(count(kind), 16)}`,
    nextUuid: (prefix) => `${prefix}01999999-0000-7000-8000-${hexadecimal(count(prefix), 12)}`,
    count
  }
  TwelveLabsSeed.plant(state, asset)
  return state
}

const hexadecimal = (value: number, length: number) => value.toString(16).padStart(length, "0")

/** A moment as the declarations have it. */
export const timeOf = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

/** The work that a request begins; its play says how it ends. */
export const begin = ({ limits, now }: TwelveLabsState, play: Play): Work => {
  const begunAt = now()
  const doneAt = play.sync === "never" ? Infinity : begunAt + limits.processMillis
  return { begunAt, doneAt, succeeds: play.sync !== "invalid" }
}

/** Which of the stages some work is in now: one of those on the way, in equal shares of its time, or how it ended. */
export const statusOf = <S extends string>(
  { now }: TwelveLabsState,
  { begunAt, doneAt, succeeds }: Work,
  onTheWay: readonly [S, ...Array<S>]
): S | "ready" | "failed" => {
  const time = now()
  if (time >= doneAt) return succeeds ? "ready" : "failed"
  // What never ends stays in the last stage but for a moment.
  const share = (time - begunAt) / (Math.min(doneAt, begunAt + 1000) - begunAt)
  return onTheWay[Math.min(onTheWay.length - 1, Math.floor(share * onTheWay.length))]!
}

/** What a list is asked for. */
export interface PageQuery {
  readonly pageNumber?: number | undefined
  readonly pageSize?: number | undefined
}

/** One page of a list. */
export const pageOf = <A>(all: ReadonlyArray<A>, query: PageQuery) => {
  const { pageNumber = 1, pageSize = 10 } = query
  if (pageNumber < 1) return Effect.fail(invalid("page: must be at least 1"))
  if (pageSize < 1 || pageSize > 50) return Effect.fail(invalid("page_limit: must be 1 to 50"))
  return Effect.succeed({
    items: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    info: { pageNumber, pageSize, totalPages: Math.ceil(all.length / pageSize), total: all.length }
  })
}

/** What a list is sorted by. */
export interface SortQuery {
  readonly sortBy?: string | undefined
  readonly sortOption?: string | undefined
}

/** Sorts a list whose members came in the order of their making; `by` has the fields besides `created_at`. */
export const sorted = <A>(
  all: Iterable<A>,
  { sortBy = "created_at", sortOption = "desc" }: SortQuery,
  by: Readonly<Record<string, (a: A, b: A) => number>> = {}
): Effect.Effect<ReadonlyArray<A>, Refused> => {
  if (sortOption !== "asc" && sortOption !== "desc") return Effect.fail(invalid("sort_option: must be asc or desc"))
  const compare = Object.hasOwn(by, sortBy) ? by[sortBy] : undefined
  if (compare === undefined && sortBy !== "created_at") {
    return Effect.fail(invalid(`sort_by: must be one of created_at, ${Object.keys(by).join(", ")}`))
  }
  const ascending = compare === undefined ? [...all] : [...all].sort(compare)
  return Effect.succeed(sortOption === "asc" ? ascending : ascending.reverse())
}

/** Compares moments, for {@link sorted}. */
export const byTime = (a: DateTime.Utc | undefined, b: DateTime.Utc | undefined): number =>
  (a === undefined ? 0 : DateTime.toEpochMillis(a)) - (b === undefined ? 0 : DateTime.toEpochMillis(b))

/** Finds something by its id. */
export const find = <A>(table: ReadonlyMap<string, A>, id: string, what: string, hint = "") => {
  const found = table.get(id)
  return found === undefined ? Effect.fail(notFound(what, hint)) : Effect.succeed(found)
}

/** Finds a knowledge store. */
export const findKnowledgeStore = (state: TwelveLabsState, id: string) =>
  find(
    state.knowledgeStores,
    id,
    "knowledge store",
    ` (this emulator has ${state.knowledgeStoreId}, and those made in it)`
  )

/** Finds an asset. */
export const findAsset = (state: TwelveLabsState, id: string) => find(state.assets, id, "asset")

/** Finds an asset that other things can be made of: one that is ready. */
export const findReadyAsset = (state: TwelveLabsState, id: string) =>
  Effect.flatMap(findAsset(state, id), (asset) =>
    statusOf(state, asset.work, ["processing"]) === "ready"
      ? Effect.succeed(asset)
      : Effect.fail(invalid(`asset_id: the asset ${id} is not ready`))
  )
