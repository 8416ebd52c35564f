import { Polling } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Schedule } from "effect"
import { TestClock } from "effect/testing"
import {
  AnalysisTaskId,
  AssetId,
  BatchId,
  ConnectionId,
  EmbeddingTaskId,
  EntityCollectionId,
  EntityId,
  ImportId,
  IndexedAssetId,
  IndexId,
  ItemId,
  KnowledgeStoreId,
  TaskId,
  type TwelveLabs
} from "../src/index.ts"
import { answering } from "./Answering.ts"

type Client = TwelveLabs["Service"]

/** Every wait asks seldom, so that a day takes few requests. */
const seldom = { schedule: Schedule.spaced("10 minutes") } as const

const id = "66aa00000000000000000001"
const knowledgeStoreId = KnowledgeStoreId.make(id)

/** Says of everything that it is not ready. */
const neverReady = {
  _id: id,
  task_id: id,
  batch_id: id,
  asset_type: "video",
  status: "processing",
  items: [{ source_id: "a", status: "processing" }]
}

const waits: Readonly<Record<string, (client: Client) => Effect.Effect<unknown, unknown>>> = {
  "an asset": ({ assets }) => assets.awaitReady(AssetId.make(id), seldom),
  "a transcription": ({ assets }) => assets.awaitTranscription(AssetId.make(id), seldom),
  "an item": ({ items }) => items.awaitReady({ knowledgeStoreId, itemId: ItemId.make(id) }, seldom),
  "all items": ({ items }) => items.awaitAllReady(knowledgeStoreId, { ...seldom, itemIds: [ItemId.make(id)] }),
  "an indexed asset": ({ indexedAssets }) =>
    indexedAssets.awaitReady({ indexId: IndexId.make(id), indexedAssetId: IndexedAssetId.make(id) }, seldom),
  "an indexing task": ({ tasks }) => tasks.awaitReady(TaskId.make(id), seldom),
  "an analysis task": ({ analysisTasks }) => analysisTasks.awaitReady(AnalysisTaskId.make(id), seldom),
  "an embedding task": ({ embeddingTasks }) => embeddingTasks.awaitReady(EmbeddingTaskId.make(id), seldom),
  "an embedding task of the older kind": ({ embedTasksV1 }) =>
    embedTasksV1.awaitReady(EmbeddingTaskId.make(id), seldom),
  "an import": ({ imports }) =>
    imports.awaitDone({ connectionId: ConnectionId.make(id), importId: ImportId.make(id) }, seldom),
  "an entity": ({ entities }) =>
    entities.awaitReady({ collectionId: EntityCollectionId.make(id), entityId: EntityId.make(id) }, seldom)
}

const waited = (wait: (client: Client) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.flip(answering(() => ({ json: neverReady }), wait)))
    yield* TestClock.adjust("3 days")
    const error = yield* Fiber.join(fiber)
    assert.instanceOf(error, Polling.NotReadyError)
    return Duration.toHours(Duration.millis((error as Polling.NotReadyError).waitedMillis))
  })

describe("a wait whose deadline nobody says", () => {
  for (const [what, wait] of Object.entries(waits)) {
    it.effect(`for ${what} ends after an hour`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* waited(wait), 1)
      })
    )
  }

  it.effect("for a batch of analyses ends after a day, when the batch has expired", () =>
    Effect.gen(function* () {
      const wait = ({ analysisBatches }: Client) => analysisBatches.awaitCompleted(BatchId.make(id), seldom)
      assert.strictEqual(yield* waited(wait), 24)
    })
  )
})
