/**
 * TwelveLabs' collections of items.
 */
import { CollectionId } from "@effect-sse/twelvelabs/Ids"
import type * as ItemCollections from "@effect-sse/twelvelabs/ItemCollections"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as TwelveLabsItems from "./TwelveLabsItems.ts"
import { conflict, invalid, notFound } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** How many ids a request may name. */
const maxMembers = 500

/** The endpoints of the group `itemCollections`. */
export const layer = (state: State.TwelveLabsState) =>
  HttpApiBuilder.group(Api, "itemCollections", (handlers) =>
    handlers.handleAll({
      create: ({ params, payload: { description, metadata, name } }) =>
        Effect.gen(function* () {
          const store = yield* State.findKnowledgeStore(state, params.id)
          yield* checkName(state, store.id, name)
          const createdAt = state.now()
          return save(state, {
            id: CollectionId.make(state.nextUuid("ksic_")),
            knowledgeStoreId: store.id,
            name,
            description,
            metadata: TwelveLabsItems.textsOf(metadata),
            members: new Set(),
            createdAt,
            updatedAt: createdAt
          })
        }),
      list: ({ params, query }) =>
        Effect.gen(function* () {
          const store = yield* State.findKnowledgeStore(state, params.id)
          const sorted = yield* State.sorted(collectionsOf(state, store.id), query, {
            updated_at: (a, b) => a.updatedAt - b.updatedAt,
            name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
          })
          return yield* State.pageOf(sorted.map(collectionOf), query)
        }),
      get: ({ params }) => Effect.map(findCollection(state, params), collectionOf),
      update: ({ params, payload: { description, metadata, name } }) =>
        Effect.gen(function* () {
          const before = yield* findCollection(state, params)
          if (name !== undefined && name !== before.name) yield* checkName(state, before.knowledgeStoreId, name)
          return save(state, {
            ...before,
            name: name ?? before.name,
            description: description ?? before.description,
            metadata: metadata === undefined ? before.metadata : TwelveLabsItems.textsOf(metadata),
            updatedAt: state.now()
          })
        }),
      delete: ({ params }) =>
        Effect.map(findCollection(state, params), ({ id }) => {
          state.itemCollections.delete(id)
        }),
      items: ({ params, query }) =>
        Effect.gen(function* () {
          const { members } = yield* findCollection(state, params)
          const page = yield* State.pageOf([...members], query)
          return { ...page, items: page.items.map((id) => TwelveLabsItems.itemOf(state, state.items.get(id)!)) }
        }),
      add: ({ params, payload: { itemIds } }) =>
        Effect.gen(function* () {
          const before = yield* findCollection(state, params)
          yield* checkMembers(itemIds)
          const missing = itemIds.find((id) => state.items.get(id)?.knowledgeStoreId !== before.knowledgeStoreId)
          if (missing !== undefined) return yield* notFound(`item ${missing}`)
          return change(state, before, new Set([...before.members, ...itemIds]))
        }),
      remove: ({ params, payload: { itemIds } }) =>
        Effect.gen(function* () {
          const before = yield* findCollection(state, params)
          yield* checkMembers(itemIds)
          const gone = new Set<string>(itemIds)
          change(state, before, new Set([...before.members].filter((id) => !gone.has(id))))
        })
    })
  )

const checkName = Effect.fnUntraced(function* (state: State.TwelveLabsState, storeId: string, name: string) {
  if (name.trim() === "") return yield* invalid("name: must not be blank")
  if (collectionsOf(state, storeId).some((collection) => collection.name === name)) {
    return yield* conflict(
      "item_collection_name_already_exists",
      `There is an item collection named ${name} in the knowledge store.`
    )
  }
})

const checkMembers = (itemIds: ReadonlyArray<string>) =>
  itemIds.length >= 1 && itemIds.length <= maxMembers
    ? Effect.void
    : Effect.fail(invalid(`item_ids: must be 1 to ${maxMembers} ids, not ${itemIds.length}`))

const save = (state: State.TwelveLabsState, collection: State.OwnCollection): ItemCollections.ItemCollection => {
  state.itemCollections.set(collection.id, collection)
  return collectionOf(collection)
}

/** What has all its members already has not been changed. */
const change = (state: State.TwelveLabsState, before: State.OwnCollection, members: ReadonlySet<string>) =>
  members.size === before.members.size
    ? collectionOf(before)
    : save(state, { ...before, members, updatedAt: state.now() })

const collectionsOf = (state: State.TwelveLabsState, storeId: string) =>
  [...state.itemCollections.values()].filter(({ knowledgeStoreId }) => knowledgeStoreId === storeId)

const findCollection = (
  state: State.TwelveLabsState,
  place: { readonly knowledgeStoreId: string; readonly collectionId: string }
) =>
  Effect.gen(function* () {
    const store = yield* State.findKnowledgeStore(state, place.knowledgeStoreId)
    const ofStore = state.itemCollections.get(place.collectionId)?.knowledgeStoreId === store.id
    return yield* State.find(state.itemCollections, ofStore ? place.collectionId : "", "item collection")
  })

const collectionOf = ({ createdAt, members, updatedAt, ...collection }: State.OwnCollection) => ({
  ...collection,
  memberCount: members.size,
  createdAt: State.timeOf(createdAt),
  updatedAt: State.timeOf(updatedAt)
})
