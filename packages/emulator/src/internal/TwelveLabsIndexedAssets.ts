/**
 * TwelveLabs' indexed assets.
 */
import { IndexedAssetId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import * as Indexing from "./TwelveLabsIndexing.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

const statuses: ReadonlyArray<string> = [...Indexing.stages, "ready", "failed"]

/** The endpoints of the group `indexedAssets`. */
export const layer = (indexing: Indexing.Indexing, linker: (play: Play) => Linker) => {
  const { indexed, indexes, state } = indexing

  const find = ({ indexedAssetId, indexId }: { readonly indexId: string; readonly indexedAssetId: string }) =>
    Indexing.findIndexed(indexing, indexId, indexedAssetId, "indexed asset")

  const summaryOf = (one: Indexing.Indexed) => ({
    id: IndexedAssetId.make(one.id),
    status: Indexing.statusOf(indexing, one),
    ...Indexing.summaryOf(indexing, one)
  })

  return HttpApiBuilder.group(Api, "indexedAssets", (handlers) =>
    handlers.handleAll({
      create: ({ params, payload: { assetId, enableVideoStream = false, userMetadata } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const index = yield* Indexing.findIndex(indexing, params.id)
          const asset = yield* State.findReadyAsset(state, assetId)
          if (asset.kind !== "video" && asset.kind !== "audio") {
            return yield* invalid(`asset_id: the asset ${assetId} is neither a video nor audio`)
          }
          const work = State.begin(state, play)
          const { id } = Indexing.add(indexing, {
            indexId: index.id,
            asset,
            hls: enableVideoStream,
            userMetadata,
            work
          })
          return { id: IndexedAssetId.make(id), assetId }
        }),
      list: ({ params, query }) =>
        Effect.gen(function* () {
          const index = yield* Indexing.findIndex(indexing, params.id)
          const unknown = query.status?.find((status) => !statuses.includes(status))
          if (unknown !== undefined) return yield* invalid(`status: ${unknown} is none of ${statuses.join(", ")}`)
          const found = Indexing.inIndex(indexing, index.id).filter(
            (one) => (query.status?.includes(Indexing.statusOf(indexing, one)) ?? true) && Indexing.meets(one, query)
          )
          const { info, items } = yield* Indexing.listed(found, query)
          return { info, items: items.map(summaryOf) }
        }),
      get: ({ params, query }) =>
        Effect.gen(function* () {
          const { now, play } = yield* Exchange.Exchange
          const one = yield* find(params)
          const link = linker(play)
          const detail = yield* Indexing.detailOf(indexing, one, query, (name) => link("twelvelabs", name, now()))
          return { ...summaryOf(one), ...detail }
        }),
      update: ({ params, payload: { userMetadata } }) =>
        Effect.map(find(params), (one) => Indexing.changeMetadata(indexing, one, userMetadata)),
      delete: ({ params }) =>
        Effect.map(find(params), ({ id }) => {
          indexed.delete(id)
        }),
      ofAsset: ({ params, query }) =>
        Effect.gen(function* () {
          const asset = yield* State.findAsset(state, params.id)
          const found = [...indexed.values()].filter((one) => one.asset.id === asset.id)
          const { info, items } = yield* State.pageOf(found, query)
          return {
            info,
            items: items.map(({ id, indexId }) => ({
              id: IndexedAssetId.make(id),
              index: { id: indexId, name: indexes.get(indexId)?.name }
            }))
          }
        })
    })
  )
}
