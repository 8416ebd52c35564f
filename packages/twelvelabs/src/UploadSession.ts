/**
 * What the vendor says of an upload in chunks: where its chunks go, and which of them have arrived.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { AssetId, UploadId } from "./Ids.ts"
import { PageInfo } from "./internal/wire.ts"

/**
 * A link to send a chunk to: for one attempt, and for about an hour. Whoever has it can write there.
 */
export const ChunkLink = Schema.Struct({
  /** The chunk's number, from 1 on. */
  number: WireSchema.maybe(Schema.Finite),
  url: WireSchema.maybe(Schema.RedactedFromValue(Schema.String)),
  expiresAt: WireSchema.maybeTime
}).pipe(Schema.encodeKeys({ number: "chunk_index", expiresAt: "expires_at" }))

/** A link to send a chunk to. */
export type ChunkLink = typeof ChunkLink.Type

/**
 * An upload that has begun.
 */
export const StartedUpload = Schema.Struct({
  uploadId: UploadId,
  /** The asset that the file becomes. */
  assetId: AssetId,
  /** Links to some of the chunks, or to all of them. */
  links: WireSchema.maybe(Schema.Array(ChunkLink)),
  /** Headers to send with each chunk. */
  headers: WireSchema.maybe(Schema.Record(Schema.String, Schema.RedactedFromValue(Schema.String))),
  /** Of each chunk but the last one. */
  chunkSizeBytes: Schema.Finite,
  totalChunks: WireSchema.maybe(Schema.Finite),
  /** Until then all chunks have to be there. */
  expiresAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    uploadId: "upload_id",
    assetId: "asset_id",
    links: "upload_urls",
    headers: "upload_headers",
    chunkSizeBytes: "chunk_size",
    totalChunks: "total_chunks",
    expiresAt: "expires_at"
  })
)

/** An upload that has begun. */
export type StartedUpload = typeof StartedUpload.Type

/**
 * An upload that is not complete.
 */
export const UploadSession = Schema.Struct({
  uploadId: UploadId,
  status: WireSchema.openEnum("active", "completed", "failed", "expired"),
  /** Of the file. */
  sizeBytes: Schema.Finite,
  /** Of each chunk but the last one. */
  chunkSizeBytes: Schema.Finite,
  totalChunks: Schema.Finite,
  createdAt: WireSchema.maybeTime,
  expiresAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    uploadId: "upload_id",
    sizeBytes: "total_size",
    chunkSizeBytes: "chunk_size",
    totalChunks: "total_chunks",
    createdAt: "created_at",
    expiresAt: "expires_at"
  })
)

/** An upload that is not complete. */
export type UploadSession = typeof UploadSession.Type

/**
 * What the vendor knows of a chunk.
 */
export const ChunkStatus = Schema.Struct({
  /** From 1 on. */
  number: WireSchema.maybe(Schema.Finite),
  status: WireSchema.maybe(WireSchema.openEnum("completed", "pending", "failed")),
  uploadedAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime,
  error: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ number: "index", uploadedAt: "uploaded_at", updatedAt: "updated_at" }))

/** What the vendor knows of a chunk. */
export type ChunkStatus = typeof ChunkStatus.Type

/**
 * How far an upload is, in the vendor's eyes, with a page of its chunks.
 */
export const UploadStatus = Schema.Struct({
  uploadId: WireSchema.maybe(UploadId),
  /** `"completed"` says that all bytes have arrived, and not that the asset can be used yet. */
  status: WireSchema.maybe(WireSchema.openEnum("active", "completed", "failed", "expired")),
  chunksCompleted: WireSchema.maybe(Schema.Finite),
  chunksFailed: WireSchema.maybe(Schema.Finite),
  chunksPending: WireSchema.maybe(Schema.Finite),
  /** Of the file. */
  sizeBytes: WireSchema.maybe(Schema.Finite),
  uploadedBytes: WireSchema.maybe(Schema.Finite),
  createdAt: WireSchema.maybeTime,
  updatedAt: WireSchema.maybeTime,
  /** Some of the chunks; `multipartUploads.chunks` has them all. */
  chunks: WireSchema.maybe(Schema.Array(ChunkStatus)),
  /** Which chunks these are. */
  page: WireSchema.maybe(PageInfo)
}).pipe(
  Schema.encodeKeys({
    uploadId: "upload_id",
    chunksCompleted: "chunks_completed",
    chunksFailed: "chunks_failed",
    chunksPending: "chunks_pending",
    sizeBytes: "total_size",
    uploadedBytes: "uploaded_size",
    createdAt: "created_at",
    updatedAt: "updated_at",
    chunks: "uploaded_chunks",
    page: "page_info"
  })
)

/** How far an upload is, in the vendor's eyes. */
export type UploadStatus = typeof UploadStatus.Type

/**
 * What the vendor says to a report.
 */
export const ReportAnswer = Schema.Struct({
  /** Where the file is; there with the last report only. */
  url: WireSchema.maybe(Schema.RedactedFromValue(Schema.String)),
  assetId: WireSchema.maybe(AssetId),
  processedChunks: WireSchema.maybe(Schema.Finite),
  /** Chunks that it had been told of before. */
  duplicateChunks: WireSchema.maybe(Schema.Finite),
  totalCompleted: WireSchema.maybe(Schema.Finite)
}).pipe(
  Schema.encodeKeys({
    assetId: "asset_id",
    processedChunks: "processed_chunks",
    duplicateChunks: "duplicate_chunks",
    totalCompleted: "total_completed"
  })
)

/** What the vendor says to a report. */
export type ReportAnswer = typeof ReportAnswer.Type

/**
 * A chunk that the store has taken, as the vendor is told of it.
 */
export interface ReportedChunk {
  /** From 1 on. */
  readonly number: number
  /** The store's proof: what it sent in the header `ETag`, without the quotes around it. */
  readonly etag: string
  readonly sizeBytes: number
}
