/**
 * The ids of the API, each a brand of its own, so that a dataset's cannot stand where a session's is meant.
 *
 * They are opaque: the prefixes that the documentation shows (`job-…`, `dset-…`) are missing in older records.
 */
import * as Schema from "effect/Schema"

/**
 * The id of a session, the conversation that jobs run in.
 *
 * **Example** (From a text)
 *
 * ```ts
 * import { SessionId } from "@effect-sse/powerdrill"
 *
 * const sessionId = SessionId.make("5b0c6a52-0000-4000-8000-000000000001")
 * ```
 */
export const SessionId: Schema.brand<Schema.String, "@effect-sse/powerdrill/SessionId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/SessionId")
)

/** The id of a session. */
export type SessionId = typeof SessionId.Type

/** The id of a job: one question and its answer. */
export const JobId: Schema.brand<Schema.String, "@effect-sse/powerdrill/JobId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/JobId")
)

/** The id of a job. */
export type JobId = typeof JobId.Type

/** The id of a group: one step of a job, whose events and blocks all carry it. */
export const GroupId: Schema.brand<Schema.String, "@effect-sse/powerdrill/GroupId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/GroupId")
)

/** The id of a group. */
export type GroupId = typeof GroupId.Type

/** The id of a dataset. */
export const DatasetId: Schema.brand<Schema.String, "@effect-sse/powerdrill/DatasetId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/DatasetId")
)

/** The id of a dataset. */
export type DatasetId = typeof DatasetId.Type

/** The id of a data source, a file in a dataset. */
export const DatasourceId: Schema.brand<Schema.String, "@effect-sse/powerdrill/DatasourceId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/DatasourceId")
)

/** The id of a data source. */
export type DatasourceId = typeof DatasourceId.Type

/** The key of an uploaded file, to make a data source of. */
export const FileObjectKey: Schema.brand<Schema.String, "@effect-sse/powerdrill/FileObjectKey"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/FileObjectKey")
)

/** The key of an uploaded file. */
export type FileObjectKey = typeof FileObjectKey.Type

/** The id of an upload in parts. */
export const UploadId: Schema.brand<Schema.String, "@effect-sse/powerdrill/UploadId"> = Schema.String.pipe(
  Schema.brand("@effect-sse/powerdrill/UploadId")
)

/** The id of an upload in parts. */
export type UploadId = typeof UploadId.Type
