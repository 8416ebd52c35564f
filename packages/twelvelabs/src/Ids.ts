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

/** The schema of an id. */
type Id<Name extends string> = Schema.brand<Schema.String, `@effect-sse/twelvelabs/${Name}`>

/** Marked as pure where it is called, so that a bundle has only those ids that it uses. */
const id = <const Name extends string>(name: Name): Id<Name> =>
  Schema.String.pipe(Schema.brand(`@effect-sse/twelvelabs/${name}` as never)) as unknown as Id<Name>

/** The schema of a {@link KnowledgeStoreId}; `KnowledgeStoreId.make` makes one of a string. */
export const KnowledgeStoreId: Id<"KnowledgeStoreId"> = /* @__PURE__ */ id("KnowledgeStoreId")

/** The id of a knowledge store (`ks_…`). */
export type KnowledgeStoreId = typeof KnowledgeStoreId.Type

/** The schema of an {@link ItemId}; `ItemId.make` makes one of a string. */
export const ItemId: Id<"ItemId"> = /* @__PURE__ */ id("ItemId")

/** The id of an item in a knowledge store (`ksi_…`): a video, an image. */
export type ItemId = typeof ItemId.Type

/** The schema of a {@link CollectionId}; `CollectionId.make` makes one of a string. */
export const CollectionId: Id<"CollectionId"> = /* @__PURE__ */ id("CollectionId")

/** The id of a collection of items (`ksic_…`). */
export type CollectionId = typeof CollectionId.Type

/** The schema of a {@link SessionId}; `SessionId.make` makes one of a string. */
export const SessionId: Id<"SessionId"> = /* @__PURE__ */ id("SessionId")

/** The id of a conversation (`sess_…`); a request that carries it continues that conversation. */
export type SessionId = typeof SessionId.Type

/** The schema of a {@link ResponseId}; `ResponseId.make` makes one of a string. */
export const ResponseId: Id<"ResponseId"> = /* @__PURE__ */ id("ResponseId")

/** The id of a response (`resp_…`). */
export type ResponseId = typeof ResponseId.Type

/** The schema of an {@link OutputItemId}; `OutputItemId.make` makes one of a string. */
export const OutputItemId: Id<"OutputItemId"> = /* @__PURE__ */ id("OutputItemId")

/** The id of an output item within a response, such as a message (`msg_…`). */
export type OutputItemId = typeof OutputItemId.Type

/** The schema of an {@link AssetId}; `AssetId.make` makes one of a string. */
export const AssetId: Id<"AssetId"> = /* @__PURE__ */ id("AssetId")

/** The id of an asset: an uploaded video, image, audio or document. */
export type AssetId = typeof AssetId.Type

/** The schema of an {@link UploadId}; `UploadId.make` makes one of a string. */
export const UploadId: Id<"UploadId"> = /* @__PURE__ */ id("UploadId")

/** The id of an upload of an asset in parts. */
export type UploadId = typeof UploadId.Type

/** The schema of an {@link IndexId}; `IndexId.make` makes one of a string. */
export const IndexId: Id<"IndexId"> = /* @__PURE__ */ id("IndexId")

/** The id of an index. */
export type IndexId = typeof IndexId.Type

/** The schema of an {@link IndexedAssetId}; `IndexedAssetId.make` makes one of a string. */
export const IndexedAssetId: Id<"IndexedAssetId"> = /* @__PURE__ */ id("IndexedAssetId")

/** The id of an asset in an index. */
export type IndexedAssetId = typeof IndexedAssetId.Type

/** The schema of a {@link VideoId}; `VideoId.make` makes one of a string. */
export const VideoId: Id<"VideoId"> = /* @__PURE__ */ id("VideoId")

/** The id of a video in an index, of the older kind. */
export type VideoId = typeof VideoId.Type

/** The schema of a {@link TaskId}; `TaskId.make` makes one of a string. */
export const TaskId: Id<"TaskId"> = /* @__PURE__ */ id("TaskId")

/** The id of a task that uploads and indexes a video in one, of the older kind. */
export type TaskId = typeof TaskId.Type

/** The schema of an {@link AnalysisTaskId}; `AnalysisTaskId.make` makes one of a string. */
export const AnalysisTaskId: Id<"AnalysisTaskId"> = /* @__PURE__ */ id("AnalysisTaskId")

/** The id of a task that analyzes a video. */
export type AnalysisTaskId = typeof AnalysisTaskId.Type

/** The schema of a {@link BatchId}; `BatchId.make` makes one of a string. */
export const BatchId: Id<"BatchId"> = /* @__PURE__ */ id("BatchId")

/** The id of a batch of analysis tasks. */
export type BatchId = typeof BatchId.Type

/** The schema of an {@link EmbeddingTaskId}; `EmbeddingTaskId.make` makes one of a string. */
export const EmbeddingTaskId: Id<"EmbeddingTaskId"> = /* @__PURE__ */ id("EmbeddingTaskId")

/** The id of a task that makes embeddings. */
export type EmbeddingTaskId = typeof EmbeddingTaskId.Type

/** The schema of an {@link EntityCollectionId}; `EntityCollectionId.make` makes one of a string. */
export const EntityCollectionId: Id<"EntityCollectionId"> = /* @__PURE__ */ id("EntityCollectionId")

/** The id of a collection of entities. */
export type EntityCollectionId = typeof EntityCollectionId.Type

/** The schema of an {@link EntityId}; `EntityId.make` makes one of a string. */
export const EntityId: Id<"EntityId"> = /* @__PURE__ */ id("EntityId")

/** The id of an entity: a person or a thing to be recognized. */
export type EntityId = typeof EntityId.Type

/** The schema of a {@link ConnectionId}; `ConnectionId.make` makes one of a string. */
export const ConnectionId: Id<"ConnectionId"> = /* @__PURE__ */ id("ConnectionId")

/** The id of a connection to a user's files elsewhere. */
export type ConnectionId = typeof ConnectionId.Type

/** The schema of a {@link RedirectUriId}; `RedirectUriId.make` makes one of a string. */
export const RedirectUriId: Id<"RedirectUriId"> = /* @__PURE__ */ id("RedirectUriId")

/** The id of an address that users may be sent back to. */
export type RedirectUriId = typeof RedirectUriId.Type

/** The schema of an {@link ImportId}; `ImportId.make` makes one of a string. */
export const ImportId: Id<"ImportId"> = /* @__PURE__ */ id("ImportId")

/** The id of an import of files from a connection. */
export type ImportId = typeof ImportId.Type

/** The schema of a {@link WebhookEventId}; `WebhookEventId.make` makes one of a string. */
export const WebhookEventId: Id<"WebhookEventId"> = /* @__PURE__ */ id("WebhookEventId")

/** The id of an event that a webhook tells of (`whe_…`). */
export type WebhookEventId = typeof WebhookEventId.Type
