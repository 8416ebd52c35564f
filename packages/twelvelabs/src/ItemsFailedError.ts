/**
 * What is said when some of many items cannot be read.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { ItemId, KnowledgeStoreId } from "./Ids.ts"

const named = 10

/**
 * The vendor gave up some of the items that were waited for, and has done with the others: waiting longer changes nothing. The
 * vendor does not say why an item failed.
 *
 * `failedIds` are all that failed, `readyCount` is how many are ready.
 */
export class ItemsFailedError extends Schema.TaggedError<ItemsFailedError>()("ItemsFailedError", {
  knowledgeStoreId: KnowledgeStoreId,
  failedIds: Schema.Array(ItemId),
  readyCount: Schema.Number
}) {
  /** Waiting again brings the same. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const { failedIds, knowledgeStoreId, readyCount } = this
    const more = failedIds.length > named ? ` and ${failedIds.length - named} more (see failedIds)` : ""
    const count = `${failedIds.length} of ${failedIds.length + readyCount} items`
    return `twelvelabs: ${count} of the knowledge store ${knowledgeStoreId} failed: ${failedIds.slice(0, named).join(", ")}${more}`
  }
}
