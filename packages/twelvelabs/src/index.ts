/**
 * TwelveLabs' whole API for Effect: from a video file to a cited, structured answer, with everything that can go wrong as typed
 * errors.
 */
export type { Analysis } from "./Analysis.ts"
export * as AnalysisBatches from "./AnalysisBatches.ts"
export * as AnalysisBatchRequest from "./AnalysisBatchRequest.ts"
export * as AnalysisTaskRequest from "./AnalysisTaskRequest.ts"
export * as AnalysisTasks from "./AnalysisTasks.ts"
export * as Analyze from "./Analyze.ts"
export * as AnalyzeEvent from "./AnalyzeEvent.ts"
export * as AnalyzeFold from "./AnalyzeFold.ts"
export * as AnalyzeProtocol from "./AnalyzeProtocol.ts"
export * as AnalyzeRequest from "./AnalyzeRequest.ts"
export * as Asset from "./Asset.ts"
export * as Assets from "./Assets.ts"
export * as Citation from "./Citation.ts"
export { ConfigurationError } from "@effect-sse/core/ConfigurationError"
export * as Connection from "./Connection.ts"
export * as Conversation from "./Conversation.ts"
export * as DataConnections from "./DataConnections.ts"
export type { DeepPartial } from "./DeepPartial.ts"
export * as Embedding from "./Embedding.ts"
export * as EmbeddingInput from "./EmbeddingInput.ts"
export * as Embeddings from "./Embeddings.ts"
export * as EmbeddingTasks from "./EmbeddingTasks.ts"
export * as EmbedTasksV1 from "./EmbedTasksV1.ts"
export * as EmbedV1 from "./EmbedV1.ts"
export * as Entities from "./Entities.ts"
export * as EntityCollections from "./EntityCollections.ts"
export {
  AnalysisTaskId,
  AssetId,
  BatchId,
  CollectionId,
  ConnectionId,
  EmbeddingTaskId,
  EntityCollectionId,
  EntityId,
  ImportId,
  IndexId,
  IndexedAssetId,
  ItemId,
  KnowledgeStoreId,
  OutputItemId,
  RedirectUriId,
  ResponseId,
  SessionId,
  TaskId,
  UploadId,
  VideoId,
  WebhookEventId
} from "./Ids.ts"
export * as Imports from "./Imports.ts"
export { IncompleteResultsError } from "./IncompleteResultsError.ts"
export * as IndexedAssets from "./IndexedAssets.ts"
export * as IndexedVideo from "./IndexedVideo.ts"
export * as Indexes from "./Indexes.ts"
export * as ItemCollections from "./ItemCollections.ts"
export * as Items from "./Items.ts"
export { ItemsFailedError } from "./ItemsFailedError.ts"
export * as JsonSchemaDialect from "./JsonSchemaDialect.ts"
export * as KnowledgeStores from "./KnowledgeStores.ts"
export * as KnowledgeStoreSearch from "./KnowledgeStoreSearch.ts"
export type { MediaFile, MediaSource } from "./MediaSource.ts"
export * as MultipartUploads from "./MultipartUploads.ts"
export * as OutputItem from "./OutputItem.ts"
export { ProcessingError } from "./ProcessingError.ts"
export * as Prompt from "./Prompt.ts"
export * as RateLimit from "./RateLimit.ts"
export * as Response from "./Response.ts"
export * as ResponseEvent from "./ResponseEvent.ts"
export * as ResponseFold from "./ResponseFold.ts"
export * as ResponseRequest from "./ResponseRequest.ts"
export * as Responses from "./Responses.ts"
export * as ResponsesProtocol from "./ResponsesProtocol.ts"
export * as Search from "./Search.ts"
export * as SearchHit from "./SearchHit.ts"
export * as Segments from "./Segments.ts"
export * as StructuredAnalyses from "./StructuredAnalyses.ts"
export * as StructuredOutput from "./StructuredOutput.ts"
export { StructuredOutputError } from "./StructuredOutputError.ts"
export * as StructuredResponses from "./StructuredResponses.ts"
export * as Tasks from "./Tasks.ts"
export * as TechnicalMetadata from "./TechnicalMetadata.ts"
export * as Timestamp from "./Timestamp.ts"
export * as Transcription from "./Transcription.ts"
export { TwelveLabs } from "./TwelveLabs.ts"
export * as TwelveLabsApi from "./TwelveLabsApi.ts"
export { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"
export * as Upload from "./Upload.ts"
export { UploadCheckpoint, UploadError } from "./UploadError.ts"
export * as UploadSession from "./UploadSession.ts"
export type { TextMetadata, UserMetadata, UserMetadataChange } from "./UserMetadata.ts"
export * as Vendor from "./Vendor.ts"
export * as Videos from "./Videos.ts"
export * as WebhookEvent from "./WebhookEvent.ts"
export * as Webhooks from "./Webhooks.ts"
