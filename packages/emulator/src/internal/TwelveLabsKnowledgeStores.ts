/**
 * TwelveLabs' knowledge stores.
 */
import type * as KnowledgeStores from "@effect-sse/twelvelabs/KnowledgeStores"
import { KnowledgeStoreId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Exchange from "./Exchange.ts"
import * as TwelveLabsEnrichment from "./TwelveLabsEnrichment.ts"
import { textsOf } from "./TwelveLabsItems.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as TwelveLabsStoreSearch from "./TwelveLabsStoreSearch.ts"

/** The endpoints of the group `knowledgeStores`. */
export const layer = (state: State.TwelveLabsState) =>
  HttpApiBuilder.group(Api, "knowledgeStores", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          if (payload.name.trim() === "") return yield* invalid("name: must not be blank")
          const asked = payload.ingestionConfig?.enrichmentConfig
          if (payload.ingestionConfig !== undefined && asked === undefined) {
            return yield* invalid("ingestion_config.enrichment_config: is missing")
          }
          const enrichmentConfig = asked && { description: undefined, jsonSchema: undefined, ...asked }
          if (enrichmentConfig !== undefined) yield* TwelveLabsEnrichment.check(enrichmentConfig)
          const id = KnowledgeStoreId.make(state.nextUuid("ks_"))
          const time = State.timeOf(state.now())
          const store: KnowledgeStores.KnowledgeStore = {
            id,
            name: payload.name,
            description: payload.description,
            ingestionConfig: enrichmentConfig && { enrichmentConfig },
            itemCount: 0,
            metadata: textsOf(payload.metadata),
            createdAt: time,
            updatedAt: time
          }
          state.knowledgeStores.set(id, store)
          return store
        }),
      list: ({ query }) =>
        State.sorted(state.knowledgeStores.values(), query, {
          updated_at: (a, b) => State.byTime(a.updatedAt, b.updatedAt)
        }).pipe(Effect.flatMap((stores) => State.pageOf(stores, query))),
      get: ({ params: { id } }) => State.findKnowledgeStore(state, id),
      update: ({ params: { id }, payload: { description, metadata, name } }) =>
        Effect.gen(function* () {
          const before = yield* State.findKnowledgeStore(state, id)
          const store: KnowledgeStores.KnowledgeStore = {
            ...before,
            name: name ?? before.name,
            description: description ?? before.description,
            metadata: metadata === undefined ? before.metadata : textsOf(metadata),
            updatedAt: State.timeOf(state.now())
          }
          state.knowledgeStores.set(id, store)
          return store
        }),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          yield* State.findKnowledgeStore(state, id)
          state.knowledgeStores.delete(id)
          for (const table of [state.items, state.itemCollections]) {
            for (const { id: memberId, knowledgeStoreId } of table.values()) {
              if (knowledgeStoreId === id) table.delete(memberId)
            }
          }
        }),
      search: ({ params: { id }, payload }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const store = yield* State.findKnowledgeStore(state, id)
          return yield* TwelveLabsStoreSearch.search(state, store.id, payload, play)
        })
    })
  )
