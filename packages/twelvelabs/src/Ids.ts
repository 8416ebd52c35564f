/**
 * The ids of TwelveLabs, branded so that one kind is not taken for another.
 *
 * Ids that come in answers are taken as they are: their prefixes are a habit of the vendor, not a promise.
 *
 * **Example** (An id from a configuration)
 *
 * ```ts
 * import { KnowledgeStoreId } from "@effect-sse/twelvelabs"
 *
 * const knowledgeStoreId = KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001")
 * ```
 */
import * as Schema from "effect/Schema"

/** The schema of a {@link KnowledgeStoreId}; `KnowledgeStoreId.make` makes one of a string. */
export const KnowledgeStoreId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/KnowledgeStoreId"> =
  Schema.String.pipe(Schema.brand("@effect-sse/twelvelabs/KnowledgeStoreId"))

/** The id of a knowledge store (`ks_…`). */
export type KnowledgeStoreId = typeof KnowledgeStoreId.Type

/** The schema of an {@link ItemId}; `ItemId.make` makes one of a string. */
export const ItemId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/ItemId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/ItemId")
)

/** The id of an item in a knowledge store (`ksi_…`): a video, an image. */
export type ItemId = typeof ItemId.Type

/** The schema of a {@link CollectionId}; `CollectionId.make` makes one of a string. */
export const CollectionId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/CollectionId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/CollectionId")
)

/** The id of a collection of items (`ksic_…`). */
export type CollectionId = typeof CollectionId.Type

/** The schema of a {@link SessionId}; `SessionId.make` makes one of a string. */
export const SessionId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/SessionId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/SessionId")
)

/** The id of a conversation (`sess_…`); a request that carries it continues that conversation. */
export type SessionId = typeof SessionId.Type

/** The schema of a {@link ResponseId}; `ResponseId.make` makes one of a string. */
export const ResponseId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/ResponseId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/ResponseId")
)

/** The id of a response (`resp_…`). */
export type ResponseId = typeof ResponseId.Type

/** The schema of an {@link OutputItemId}; `OutputItemId.make` makes one of a string. */
export const OutputItemId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/OutputItemId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/OutputItemId")
)

/** The id of an output item within a response, such as a message (`msg_…`). */
export type OutputItemId = typeof OutputItemId.Type
