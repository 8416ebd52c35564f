/**
 * What there is in the first knowledge store from the beginning: the items and the collection that the scenarios' answers cite,
 * made of the first asset and of two more.
 */
import { AssetId, CollectionId, ItemId, KnowledgeStoreId } from "@effect-sse/twelvelabs/Ids"
import type { OwnAsset, TwelveLabsState } from "./TwelveLabsState.ts"

const files = [
  { kind: "video", filename: "kite-sail.mp4", fileType: "video/mp4", size: 23_456_789, duration: 95.5 },
  { kind: "image", filename: "drawing.png", fileType: "image/png", size: 345_678, duration: undefined }
] as const

/** Plants it. The first asset is the pattern of the others. */
export const plant = (state: TwelveLabsState, first: OwnAsset): void => {
  const { createdAt, work } = first
  const knowledgeStoreId = KnowledgeStoreId.make(state.knowledgeStoreId)
  const assets = [first]
  for (const file of files) assets.push({ ...first, ...file, id: AssetId.make(state.nextHexId("asset")) })
  const members = new Set<string>()
  for (const asset of assets) {
    const id = ItemId.make(state.nextUuid("ksi_"))
    state.assets.set(asset.id, asset)
    state.items.set(id, { id, knowledgeStoreId, asset, metadata: { series: "workshop" }, createdAt, work })
    members.add(id)
  }
  const store = state.knowledgeStores.get(knowledgeStoreId)!
  state.knowledgeStores.set(knowledgeStoreId, { ...store, itemCount: members.size })
  const collectionId = CollectionId.make(state.nextUuid("ksic_"))
  state.itemCollections.set(collectionId, {
    id: collectionId,
    knowledgeStoreId,
    name: "Workshop series",
    description: "How the workshop builds its kites",
    metadata: undefined,
    members,
    createdAt,
    updatedAt: createdAt
  })
}
