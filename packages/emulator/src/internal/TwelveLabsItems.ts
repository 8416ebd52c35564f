/**
 * TwelveLabs' items of knowledge stores.
 */
import { ItemId } from "@effect-sse/twelvelabs/Ids"
import type * as Items from "@effect-sse/twelvelabs/Items"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Exchange from "./Exchange.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

const stages = ["queued", "pending", "processing"] as const
const statuses: ReadonlyArray<string> = [...stages, "ready", "failed"]

/** The largest asset that can become an item, in bytes. */
const maxSize = 5_000_000_000

/** The endpoints of the group `items`. */
export const layer = (state: State.TwelveLabsState) =>
  HttpApiBuilder.group(Api, "items", (handlers) =>
    handlers.handleAll({
      create: ({ params, payload: { assetId, assetType, metadata } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const store = yield* State.findKnowledgeStore(state, params.id)
          const asset = yield* usableAsset(state, assetId)
          if (assetType !== undefined && assetType !== asset.kind) {
            return yield* invalid(`asset_type: the asset ${assetId} is of type ${asset.kind}`)
          }
          const work = State.begin(state, play)
          const item: State.OwnItem = {
            id: ItemId.make(state.nextUuid("ksi_")),
            knowledgeStoreId: store.id,
            asset,
            metadata: textsOf(metadata),
            createdAt: work.begunAt,
            work
          }
          state.items.set(item.id, item)
          countItems(state, store.id, 1)
          // Whatever time it takes, it begins at the end of the queue.
          return { ...itemOf(state, item), status: "queued", systemMetadata: undefined }
        }),
      list: ({ params, query }) =>
        Effect.gen(function* () {
          const store = yield* State.findKnowledgeStore(state, params.id)
          const unknown = query.status?.find((status) => !statuses.includes(status))
          if (unknown !== undefined) return yield* invalid(`status: ${unknown} is none of ${statuses.join(", ")}`)
          const items = itemsOf(state, store.id).filter(
            ({ status = "" }) => query.status === undefined || query.status.includes(status)
          )
          const sorted = yield* State.sorted(items, query, {
            updated_at: (a, b) => State.byTime(a.updatedAt, b.updatedAt)
          })
          return yield* State.pageOf(sorted, query)
        }),
      get: ({ params }) => Effect.map(findItem(state, params), (item) => itemOf(state, item)),
      delete: ({ params }) =>
        Effect.gen(function* () {
          const { id, knowledgeStoreId } = yield* findItem(state, params)
          state.items.delete(id)
          for (const collection of state.itemCollections.values()) {
            if (!collection.members.has(id)) continue
            const members = new Set(collection.members)
            members.delete(id)
            state.itemCollections.set(collection.id, { ...collection, members, updatedAt: state.now() })
          }
          countItems(state, knowledgeStoreId, -1)
        })
    })
  )

const usableAsset = Effect.fnUntraced(function* (state: State.TwelveLabsState, assetId: string) {
  if (!state.assets.has(assetId)) return yield* invalid(`asset_id: there is no asset ${assetId}`)
  const asset = yield* State.findReadyAsset(state, assetId)
  if (asset.kind !== "video" && asset.kind !== "image") {
    return yield* invalid(`asset_id: the asset ${assetId} is of type ${asset.kind}; it must be a video or an image`)
  }
  if (asset.size > maxSize) return yield* invalid(`asset_id: the asset ${assetId} is larger than 5 GB`)
  return asset
})

const countItems = (state: State.TwelveLabsState, storeId: string, more: number) => {
  const store = state.knowledgeStores.get(storeId)!
  state.knowledgeStores.set(storeId, {
    ...store,
    itemCount: (store.itemCount ?? 0) + more,
    updatedAt: State.timeOf(state.now())
  })
}

/** Finds an item in its knowledge store. */
const findItem = (
  state: State.TwelveLabsState,
  place: { readonly knowledgeStoreId: string; readonly itemId: string }
) =>
  Effect.gen(function* () {
    const store = yield* State.findKnowledgeStore(state, place.knowledgeStoreId)
    const ofStore = state.items.get(place.itemId)?.knowledgeStoreId === store.id
    return yield* State.find(state.items, ofStore ? place.itemId : "", "item")
  })

/** The items of a knowledge store, in the order of their making, as they are now. */
export const itemsOf = (
  state: State.TwelveLabsState,
  knowledgeStoreId: string
): ReadonlyArray<Items.KnowledgeStoreItem> => {
  const all: Array<Items.KnowledgeStoreItem> = []
  for (const item of state.items.values()) {
    if (item.knowledgeStoreId === knowledgeStoreId) all.push(itemOf(state, item))
  }
  return all
}

/** An item as it is now. */
export const itemOf = (state: State.TwelveLabsState, item: State.OwnItem): Items.KnowledgeStoreItem => {
  const { asset, createdAt, id, metadata, work } = item
  const status = State.statusOf(state, work, [...stages])
  const hasEnded = status === "ready" || status === "failed"
  return {
    id,
    assetType: asset.kind,
    assetId: asset.id,
    status,
    systemMetadata: status === "ready" ? systemMetadataOf(asset) : undefined,
    metadata,
    createdAt: State.timeOf(createdAt),
    updatedAt: State.timeOf(hasEnded ? work.doneAt : createdAt)
  }
}

const systemMetadataOf = ({ duration, filename, kind, size }: State.OwnAsset): Items.SystemMetadata => {
  const file = { filename, sizeBytes: size }
  return kind === "image"
    ? { _tag: "ImageMetadata", ...file, width: 1600, height: 1200, codecName: "png" }
    : {
        _tag: "VideoMetadata",
        ...file,
        width: 1920,
        height: 1080,
        codecName: "h264",
        fps: 29.97,
        durationSeconds: duration
      }
}

/** A value of null is stored as an empty text. */
export const textsOf = (metadata: Readonly<Record<string, string | null>> | undefined) =>
  metadata === undefined
    ? undefined
    : Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, value ?? ""]))
