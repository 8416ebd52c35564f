/**
 * TwelveLabs' entities and their collections.
 */
import type { EntityCollection } from "@effect-sse/twelvelabs/EntityCollections"
import type { Entity } from "@effect-sse/twelvelabs/Entities"
import { type AssetId, EntityCollectionId, EntityId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import * as Exchange from "./Exchange.ts"
import { invalid } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** An entity before its status, which time tells. */
interface OwnEntity {
  readonly id: EntityId
  readonly collectionId: EntityCollectionId
  readonly name: string
  readonly description: string | undefined
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly assetIds: ReadonlyArray<AssetId>
  /** In milliseconds since 1970. */
  readonly createdAt: number
  /** In milliseconds since 1970. */
  readonly updatedAt: number
  readonly work: State.Work
}

interface Tables {
  readonly collections: Map<string, EntityCollection>
  readonly entities: Map<string, OwnEntity>
}

/** The endpoints of the groups `entityCollections` and `entities`. */
export const layer = (state: State.TwelveLabsState) => {
  const tables: Tables = { collections: new Map(), entities: new Map() }
  state.references.push({
    holds: () => false,
    // The entity stays, also without its last asset.
    drop: (assetId) => {
      for (const entity of tables.entities.values()) {
        if (!entity.assetIds.some((id) => id === assetId)) continue
        const assetIds = entity.assetIds.filter((id) => id !== assetId)
        tables.entities.set(entity.id, { ...entity, assetIds, updatedAt: state.now() })
      }
    }
  })
  return Layer.merge(collectionsLayer(state, tables), entitiesLayer(state, tables))
}

const requireName = (name: string) =>
  name.trim() === "" ? Effect.fail(invalid("name: must not be blank")) : Effect.void

const byName = (a: { readonly name?: string | undefined }, b: { readonly name?: string | undefined }): number =>
  (a.name ?? "").localeCompare(b.name ?? "")

/** Whether a name has what a list is asked for. */
const isNamed = (name: string | undefined, wanted: string | undefined): boolean =>
  wanted === undefined || (name ?? "").toLowerCase().includes(wanted.toLowerCase())

const findCollection = ({ collections }: Tables, id: string) => State.find(collections, id, "entity collection")

const collectionsLayer = (state: State.TwelveLabsState, tables: Tables) => {
  const { collections, entities } = tables
  return HttpApiBuilder.group(Api, "entityCollections", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { description, name } }) =>
        Effect.gen(function* () {
          yield* requireName(name)
          const id = EntityCollectionId.make(state.nextHexId("entity collection"))
          const time = State.timeOf(state.now())
          const collection: EntityCollection = { id, name, description, createdAt: time, updatedAt: time }
          collections.set(id, collection)
          return collection
        }),
      list: ({ query }) =>
        State.sorted(
          [...collections.values()].filter(({ name }) => isNamed(name, query.name)),
          query,
          {
            updated_at: (a, b) => State.byTime(a.updatedAt, b.updatedAt),
            name: byName
          }
        ).pipe(Effect.flatMap((found) => State.pageOf(found, query))),
      get: ({ params: { id } }) => findCollection(tables, id),
      update: ({ params: { id }, payload: { description, name } }) =>
        Effect.gen(function* () {
          const before = yield* findCollection(tables, id)
          if (name !== undefined) yield* requireName(name)
          const collection: EntityCollection = {
            ...before,
            name: name ?? before.name,
            description: description ?? before.description,
            updatedAt: State.timeOf(state.now())
          }
          collections.set(id, collection)
          return collection
        }),
      delete: ({ params: { id } }) =>
        Effect.gen(function* () {
          yield* findCollection(tables, id)
          for (const entity of entities.values()) if (entity.collectionId === id) entities.delete(entity.id)
          collections.delete(id)
        })
    })
  )
}

interface EntityBody {
  readonly name: string
  readonly assetIds: ReadonlyArray<AssetId>
  readonly description?: string | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

const requireMetadata = (metadata: Readonly<Record<string, unknown>> | undefined) =>
  Object.values(metadata ?? {}).every((value) => ["string", "number", "boolean"].includes(typeof value))
    ? Effect.void
    : Effect.fail(invalid("metadata: must have texts, numbers and booleans only"))

const entitiesLayer = (state: State.TwelveLabsState, tables: Tables) => {
  const { entities } = tables

  const entityOf = ({ createdAt, updatedAt, work, ...entity }: OwnEntity): Entity => ({
    ...entity,
    // It never fails.
    status: State.statusOf(state, work, ["processing"]) === "processing" ? "processing" : "ready",
    createdAt: State.timeOf(createdAt),
    updatedAt: State.timeOf(updatedAt)
  })

  const requireAssets = (assetIds: ReadonlyArray<AssetId>) =>
    assetIds.length === 0
      ? Effect.fail(invalid("asset_ids: must be at least one"))
      : Effect.forEach(assetIds, (id) => State.findReadyAsset(state, id), { discard: true })

  const make = (collectionId: EntityCollectionId, { assetIds, description, metadata, name }: EntityBody) =>
    Effect.gen(function* () {
      yield* requireName(name)
      yield* requireMetadata(metadata)
      yield* requireAssets(assetIds)
      const { play } = yield* Exchange.Exchange
      const time = state.now()
      const entity: OwnEntity = {
        id: EntityId.make(state.nextHexId("entity")),
        collectionId,
        name,
        description,
        metadata,
        assetIds: [...new Set(assetIds)],
        createdAt: time,
        updatedAt: time,
        work: State.begin(state, play)
      }
      entities.set(entity.id, entity)
      return entityOf(entity)
    })

  const find = ({ collectionId, entityId }: { readonly collectionId: string; readonly entityId: string }) =>
    Effect.gen(function* () {
      yield* findCollection(tables, collectionId)
      const mine = new Map([...entities].filter(([, entity]) => entity.collectionId === collectionId))
      return yield* State.find(mine, entityId, "entity")
    })

  const change = (before: OwnEntity, after: Partial<OwnEntity>) => {
    const entity = { ...before, ...after, updatedAt: state.now() }
    entities.set(entity.id, entity)
    return entityOf(entity)
  }

  return HttpApiBuilder.group(Api, "entities", (handlers) =>
    handlers.handleAll({
      create: ({ params: { collectionId }, payload }) =>
        Effect.andThen(findCollection(tables, collectionId), make(collectionId, payload)),
      createMany: ({ params: { collectionId }, payload }) =>
        Effect.gen(function* () {
          yield* findCollection(tables, collectionId)
          if (payload.entities.length === 0) return yield* invalid("entities: must be at least one")
          const made: Array<Pick<Entity, "id" | "name" | "status">> = []
          const errors: Array<{ readonly index: number; readonly name: string; readonly reason: string }> = []
          for (const [index, body] of payload.entities.entries()) {
            yield* Effect.match(make(collectionId, body), {
              onSuccess: (entity) => void made.push(entity),
              onFailure: ({ message }) => void errors.push({ index, name: body.name, reason: message })
            })
          }
          return { successCount: made.length, failedCount: errors.length, entities: made, errors }
        }),
      list: ({ params: { collectionId }, query }) =>
        Effect.gen(function* () {
          yield* findCollection(tables, collectionId)
          const { name, status } = query
          if (status !== undefined && status !== "processing" && status !== "ready") {
            return yield* invalid("status: must be processing or ready")
          }
          const found = [...entities.values()]
            .filter((entity) => entity.collectionId === collectionId && isNamed(entity.name, name))
            .map(entityOf)
            .filter((entity) => status === undefined || entity.status === status)
          const sorted = yield* State.sorted(found, query, {
            updated_at: (a, b) => State.byTime(a.updatedAt, b.updatedAt),
            name: byName
          })
          return yield* State.pageOf(sorted, query)
        }),
      get: ({ params }) => Effect.map(find(params), entityOf),
      update: ({ params, payload: { description, metadata, name } }) =>
        Effect.gen(function* () {
          const before = yield* find(params)
          if (name !== undefined) yield* requireName(name)
          yield* requireMetadata(metadata)
          return change(before, {
            name: name ?? before.name,
            description: description ?? before.description,
            metadata: metadata ?? before.metadata
          })
        }),
      delete: ({ params }) => Effect.map(find(params), ({ id }) => void entities.delete(id)),
      addAssets: ({ params, payload: { assetIds } }) =>
        Effect.gen(function* () {
          const before = yield* find(params)
          yield* requireAssets(assetIds)
          const { play } = yield* Exchange.Exchange
          return change(before, {
            assetIds: [...new Set([...before.assetIds, ...assetIds])],
            work: State.begin(state, play)
          })
        }),
      removeAssets: ({ params, payload: { assetIds } }) =>
        Effect.gen(function* () {
          const before = yield* find(params)
          if (assetIds.length === 0) return yield* invalid("asset_ids: must be at least one")
          const stranger = assetIds.find((id) => !before.assetIds.includes(id))
          if (stranger !== undefined) return yield* invalid(`asset_ids: the entity does not have ${stranger}`)
          const rest = before.assetIds.filter((id) => !assetIds.includes(id))
          if (rest.length === 0) return yield* invalid("asset_ids: the last asset cannot be removed")
          return change(before, { assetIds: rest })
        }),
      ofAsset: ({ params: { assetId }, query }) =>
        Effect.gen(function* () {
          yield* State.findAsset(state, assetId)
          const found = [...entities.values()].filter(({ assetIds }) => assetIds.includes(assetId)).map(entityOf)
          return yield* State.pageOf(found.reverse(), query)
        })
    })
  )
}
