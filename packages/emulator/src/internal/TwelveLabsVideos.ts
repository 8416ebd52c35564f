/**
 * TwelveLabs' videos, of the older kind: what is indexed, once it is ready.
 */
import { VideoId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import * as Indexing from "./TwelveLabsIndexing.ts"
import { notFound } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"

/** The endpoints of the group `videos`. */
export const layer = (indexing: Indexing.Indexing, linker: (play: Play) => Linker) => {
  const isVideo = (one: Indexing.Indexed) => Indexing.statusOf(indexing, one) === "ready"

  const find = ({ indexId, videoId }: { readonly indexId: string; readonly videoId: string }) =>
    Effect.flatMap(Indexing.findIndexed(indexing, indexId, videoId, "video"), (one) =>
      isVideo(one) ? Effect.succeed(one) : Effect.fail(notFound("video"))
    )

  const summaryOf = (one: Indexing.Indexed) => ({
    id: VideoId.make(one.id),
    ...Indexing.summaryOf(indexing, one)
  })

  return HttpApiBuilder.group(Api, "videos", (handlers) =>
    handlers.handleAll({
      list: ({ params, query }) =>
        Effect.gen(function* () {
          const index = yield* Indexing.findIndex(indexing, params.id)
          const found = Indexing.inIndex(indexing, index.id).filter((one) => isVideo(one) && Indexing.meets(one, query))
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
          indexing.indexed.delete(id)
        })
    })
  )
}
