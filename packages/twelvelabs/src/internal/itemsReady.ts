/**
 * Waiting for many items at once, with few requests: pages of those that are on the way, and a request for each one that has
 * left them.
 */
import * as Polling from "@effect-sse/core/Polling"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ItemId, KnowledgeStoreId } from "../Ids.ts"
import { ItemsFailedError } from "../ItemsFailedError.ts"
import { defaultDeadline, stateOf } from "./readiness.ts"

interface Item {
  readonly id: ItemId
  readonly status: string | undefined
}

/** What is waited for, and how to ask for it. */
export interface AwaitedItems<A extends Item> {
  readonly knowledgeStoreId: KnowledgeStoreId
  /** Which items; `undefined` for all that are in the store at the beginning. */
  readonly itemIds: ReadonlyArray<ItemId> | undefined
  /** The items that have one of these statuses, or any. */
  readonly list: (statuses: ReadonlyArray<string> | undefined) => Stream.Stream<A, RequestError>
  readonly get: (id: ItemId) => Effect.Effect<A, RequestError>
  /** How many are asked for at the same time. */
  readonly concurrency: number
}

/** As many as these are asked for one by one: the pages of a large store would be more requests. */
const few = 10

const onTheWay = ["queued", "pending", "processing"]

/** Polls until none is on the way, and fails when one of them never will be ready. */
export const untilAllReady = <A extends Item>(
  { concurrency, get, itemIds, knowledgeStoreId, list }: AwaitedItems<A>,
  { deadline = defaultDeadline, onProgress, schedule }: Polling.Options<ReadonlyArray<A>>
): Effect.Effect<ReadonlyArray<A>, RequestError | Polling.NotReadyError | ItemsFailedError> =>
  Effect.gen(function* () {
    const items = new Map<ItemId, A>()
    let isFirst = true

    const first = Effect.gen(function* () {
      const all =
        itemIds === undefined
          ? yield* Stream.runCollect(list(undefined))
          : yield* Effect.forEach([...new Set(itemIds)], get, { concurrency })
      for (const item of all) items.set(item.id, item)
      isFirst = false
    })

    const next = Effect.gen(function* () {
      const pending = [...items.values()].filter(({ status }) => stateOf(status) === "Pending")
      const left = new Set(pending.map(({ id }) => id))
      if (pending.length > few) {
        // A status that this version does not know is the vendor's own word, and is understood there.
        const statuses = new Set([...onTheWay, ...pending.flatMap(({ status }) => status ?? [])])
        yield* Stream.runForEach(list([...statuses]), (item) =>
          Effect.sync(() => {
            if (left.delete(item.id)) items.set(item.id, item)
          })
        )
      }
      // Those that are on no page have come to their end, or slipped through while the pages were read.
      const others = yield* Effect.forEach(left, (id) => Effect.map(get(id), (item) => [id, item] as const), {
        concurrency
      })
      for (const [id, item] of others) items.set(id, item)
    })

    const all = yield* Polling.until(
      {
        subject: `${itemIds === undefined ? "all" : itemIds.length} items of the knowledge store ${knowledgeStoreId}`,
        poll: Effect.suspend(() => (isFirst ? first : next)).pipe(
          Effect.map((): ReadonlyArray<A> => [...items.values()])
        ),
        isReady: (seen) => seen.every(({ status }) => stateOf(status) !== "Pending"),
        describe: (seen) => {
          const count = (state: string) => seen.filter(({ status }) => stateOf(status) === state).length
          return `${count("Ready")} ready, ${count("Failed")} failed, ${count("Pending")} on the way`
        }
      },
      { deadline, onProgress, schedule }
    )
    const failedIds = all.filter(({ status }) => stateOf(status) === "Failed").map(({ id }) => id)
    if (failedIds.length === 0) return all
    return yield* new ItemsFailedError({ knowledgeStoreId, failedIds, readyCount: all.length - failedIds.length })
  })
