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

/** The schema of an {@link AssetId}; `AssetId.make` makes one of a string. */
export const AssetId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/AssetId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/AssetId")
)

/** The id of an asset: an uploaded video, image, audio or document. */
export type AssetId = typeof AssetId.Type

/** The schema of an {@link UploadId}; `UploadId.make` makes one of a string. */
export const UploadId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/UploadId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/UploadId")
)

/** The id of an upload of an asset in parts. */
export type UploadId = typeof UploadId.Type

/** The schema of an {@link IndexId}; `IndexId.make` makes one of a string. */
export const IndexId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/IndexId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/IndexId")
)

/** The id of an index. */
export type IndexId = typeof IndexId.Type

/** The schema of an {@link IndexedAssetId}; `IndexedAssetId.make` makes one of a string. */
export const IndexedAssetId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/IndexedAssetId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/IndexedAssetId")
)

/** The id of an asset in an index. */
export type IndexedAssetId = typeof IndexedAssetId.Type

/** The schema of a {@link VideoId}; `VideoId.make` makes one of a string. */
export const VideoId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/VideoId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/VideoId")
)

/** The id of a video in an index, of the older kind. */
export type VideoId = typeof VideoId.Type

/** The schema of a {@link TaskId}; `TaskId.make` makes one of a string. */
export const TaskId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/TaskId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/TaskId")
)

/** The id of a task that uploads and indexes a video in one, of the older kind. */
export type TaskId = typeof TaskId.Type

/** The schema of an {@link AnalysisTaskId}; `AnalysisTaskId.make` makes one of a string. */
export const AnalysisTaskId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/AnalysisTaskId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/AnalysisTaskId")
)

/** The id of a task that analyzes a video. */
export type AnalysisTaskId = typeof AnalysisTaskId.Type

/** The schema of a {@link BatchId}; `BatchId.make` makes one of a string. */
export const BatchId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/BatchId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/BatchId")
)

/** The id of a batch of analysis tasks. */
export type BatchId = typeof BatchId.Type

/** The schema of an {@link EmbeddingTaskId}; `EmbeddingTaskId.make` makes one of a string. */
export const EmbeddingTaskId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/EmbeddingTaskId"> =
  Schema.String.pipe(Schema.brand("@effect-sse/twelvelabs/EmbeddingTaskId"))

/** The id of a task that makes embeddings. */
export type EmbeddingTaskId = typeof EmbeddingTaskId.Type

/** The schema of an {@link EntityCollectionId}; `EntityCollectionId.make` makes one of a string. */
export const EntityCollectionId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/EntityCollectionId"> =
  Schema.String.pipe(Schema.brand("@effect-sse/twelvelabs/EntityCollectionId"))

/** The id of a collection of entities. */
export type EntityCollectionId = typeof EntityCollectionId.Type

/** The schema of an {@link EntityId}; `EntityId.make` makes one of a string. */
export const EntityId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/EntityId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/EntityId")
)

/** The id of an entity: a person or a thing to be recognized. */
export type EntityId = typeof EntityId.Type

/** The schema of a {@link ConnectionId}; `ConnectionId.make` makes one of a string. */
export const ConnectionId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/ConnectionId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/ConnectionId")
)

/** The id of a connection to a user's files elsewhere. */
export type ConnectionId = typeof ConnectionId.Type

/** The schema of a {@link RedirectUriId}; `RedirectUriId.make` makes one of a string. */
export const RedirectUriId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/RedirectUriId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/RedirectUriId")
)

/** The id of an address that users may be sent back to. */
export type RedirectUriId = typeof RedirectUriId.Type

/** The schema of an {@link ImportId}; `ImportId.make` makes one of a string. */
export const ImportId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/ImportId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/ImportId")
)

/** The id of an import of files from a connection. */
export type ImportId = typeof ImportId.Type

/** The schema of a {@link WebhookEventId}; `WebhookEventId.make` makes one of a string. */
export const WebhookEventId: Schema.brand<Schema.String, "@effect-sse/twelvelabs/WebhookEventId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/WebhookEventId")
)

/** The id of an event that a webhook tells of (`whe_…`). */
export type WebhookEventId = typeof WebhookEventId.Type
