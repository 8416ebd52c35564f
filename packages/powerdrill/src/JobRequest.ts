/**
 * What a job is asked.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { DatasetId, DatasourceId, SessionId } from "./Ids.ts"

/**
 * The language of an answer; other values are sent as they are.
 */
export const OutputLanguage: Schema.Codec<OutputLanguage> = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals([
    "AUTO",
    "EN",
    "ES",
    "AR",
    "PT",
    "ID",
    "JA",
    "RU",
    "HI",
    "FR",
    "DE",
    "VI",
    "TR",
    "PL",
    "IT",
    "KO",
    "ZH-CN",
    "ZH-TW"
  ])
])

/** The language of an answer. */
export type OutputLanguage =
  | "AUTO"
  | "EN"
  | "ES"
  | "AR"
  | "PT"
  | "ID"
  | "JA"
  | "RU"
  | "HI"
  | "FR"
  | "DE"
  | "VI"
  | "TR"
  | "PL"
  | "IT"
  | "KO"
  | "ZH-CN"
  | "ZH-TW"
  | (string & {})

/**
 * How a job understands its question: `"AUTO"` finds out what is meant, `"DATA_ANALYTICS"` goes straight to the data.
 * The documentation contradicts itself about the default, so say which one is meant where it matters.
 */
export const JobMode: Schema.Codec<JobMode> = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals(["AUTO", "DATA_ANALYTICS"])
])

/** How a job understands its question. */
export type JobMode = "AUTO" | "DATA_ANALYTICS" | (string & {})

/**
 * What a job is asked ("Create job" in the vendor's reference).
 *
 * Limits are the vendor's to check (a question has at most 6000 characters, a job at most 1000 data sources); it answers
 * with an `ApiError`. Only a blank question is never sent, since every accepted one costs a job of the user's quota.
 */
export interface JobRequest {
  readonly sessionId: SessionId
  readonly question: string
  /** The data to look at; without it the job sees none. */
  readonly datasetId?: DatasetId | undefined
  /** Some files of the dataset, in place of all. Without effect where there is no `datasetId`. */
  readonly datasourceIds?: ReadonlyArray<DatasourceId> | undefined
  /** Default: the session's. */
  readonly outputLanguage?: OutputLanguage | undefined
  /** Default: the session's. */
  readonly jobMode?: JobMode | undefined
  readonly customOptions?: CustomOptions | undefined
  /** Another user than the client's. */
  readonly userId?: string | undefined
}

/**
 * Options of a job that replace the vendor's own.
 */
export interface CustomOptions {
  /** Takes the place of the system prompt. */
  readonly userPrompt?: string | undefined
  /** Whether to cite sources. Default true. */
  readonly withCitation?: boolean | undefined
}

/**
 * A job's request on the wire, as far as it is the caller's.
 */
export interface JobRequestEncoded {
  readonly session_id: string
  readonly question: string
  readonly dataset_id?: string | undefined
  readonly datasource_ids?: ReadonlyArray<string> | undefined
  readonly output_language?: string | undefined
  readonly job_mode?: string | undefined
  readonly custom_options?: CustomOptionsEncoded | undefined
  readonly user_id?: string | undefined
}

/**
 * Options of a job on the wire.
 */
export interface CustomOptionsEncoded {
  readonly user_prompt?: string | undefined
  readonly with_citation?: boolean | undefined
}

/** A text that is worth a job of the quota. */
const Question = Schema.String.check(Schema.isPattern(/\S/, { message: "must not be blank" }))

const CustomOptions: Schema.Codec<CustomOptions, CustomOptionsEncoded> = Schema.Struct({
  userPrompt: Schema.optional(Schema.String),
  withCitation: Schema.optional(Schema.Boolean)
}).pipe(Schema.encodeKeys({ userPrompt: "user_prompt", withCitation: "with_citation" }))

const fields = {
  sessionId: SessionId,
  question: Question,
  datasetId: Schema.optional(DatasetId),
  datasourceIds: Schema.optional(Schema.Array(DatasourceId)),
  outputLanguage: Schema.optional(OutputLanguage),
  jobMode: Schema.optional(JobMode),
  customOptions: Schema.optional(CustomOptions)
} as const

const keys = {
  sessionId: "session_id",
  datasetId: "dataset_id",
  datasourceIds: "datasource_ids",
  outputLanguage: "output_language",
  jobMode: "job_mode",
  customOptions: "custom_options",
  userId: "user_id"
} as const

/**
 * The schema of {@link JobRequest}, to check, keep or pass on what is to be asked.
 */
export const JobRequest: Schema.Codec<JobRequest, JobRequestEncoded> = Schema.Struct({
  ...fields,
  userId: Schema.optional(Schema.String)
}).pipe(Schema.encodeKeys(keys))

/**
 * The schema of the whole body: what is asked, who asks, and whether the answer is a stream.
 */
export const JobBody = Schema.Struct({
  ...fields,
  userId: Schema.String,
  stream: Schema.optional(Schema.Boolean)
}).pipe(Schema.encodeKeys(keys))

const encodeRequest = Schema.encodeUnknownResult(JobRequest, { errors: "all" })
const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * The body of a request: what is absent stays away, and so does an empty list, which would not mean "none". Fails with the
 * places that are wrong, and without what stands there: a question is nobody's business.
 *
 * @param userId the user in whose name the job runs, unless the request names another
 */
export const toBody = (
  request: JobRequest,
  options: { readonly userId: string; readonly stream: boolean }
): Result.Result<Readonly<Record<string, unknown>>, string> => {
  const encoded = encodeRequest(request)
  if (Result.isFailure(encoded)) {
    const places = format(encoded.failure.issue).issues.map(({ path }) => (path ?? []).map(String).join("."))
    return Result.fail(`not a request for a job; blank or of the wrong type: ${places.join(", ")}`)
  }
  const { datasource_ids: datasourceIds, user_id: userId, ...rest } = encoded.success
  return Result.succeed({
    ...rest,
    ...(datasourceIds === undefined || datasourceIds.length === 0 ? {} : { datasource_ids: datasourceIds }),
    user_id: userId ?? options.userId,
    stream: options.stream
  })
}
