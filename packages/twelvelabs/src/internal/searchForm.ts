/**
 * A search of an index as the form that it is sent as.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { IndexId, VideoId } from "../Ids.ts"
import { gathered } from "./gathered.ts"

/** Fields that may come more than once. */
const repeated = <S extends Schema.Top>(one: S) => Schema.toCodecArrayFromSingle(Schema.Array(one))

const Range = Schema.Struct({ gte: Schema.optional(Schema.Finite), lte: Schema.optional(Schema.Finite) }).check(
  Schema.makeFilter(({ gte, lte }) => gte !== undefined || lte !== undefined, { message: "must have a bound" })
)

const numeric = Schema.optional(Schema.Union([Schema.Finite, Range]))

const Filter = gathered(
  Schema.Struct({
    ids: Schema.optional(repeated(VideoId)),
    filename: Schema.optional(Schema.String),
    durationSeconds: numeric,
    width: numeric,
    height: numeric,
    sizeBytes: numeric,
    userMetadata: Schema.optional(
      Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Range]))
    )
  }).pipe(Schema.encodeKeys({ ids: "id", durationSeconds: "duration", sizeBytes: "size" })),
  "userMetadata",
  Schema.Unknown
)

/** What is sent besides files. */
export const fields = {
  indexId: IndexId,
  searchOptions: repeated(Schema.String).check(Schema.isMinLength(1)),
  text: Schema.optional(Schema.String),
  mediaType: Schema.optional(Schema.String),
  mediaUrls: Schema.optional(repeated(Schema.String)),
  transcriptionOptions: Schema.optional(repeated(Schema.String)),
  groupBy: Schema.optional(Schema.String),
  operator: Schema.optional(Schema.String),
  pageSize: Schema.optional(Schema.FiniteFromString.check(Schema.isInt())),
  filter: Schema.optional(Schema.fromJsonString(Filter)),
  includeUserMetadata: Schema.optional(WireSchema.BooleanText)
} as const

/** Their names on the wire. */
export const keys = {
  indexId: "index_id",
  searchOptions: "search_options",
  text: "query_text",
  mediaType: "query_media_type",
  mediaUrls: "query_media_url",
  transcriptionOptions: "transcription_options",
  groupBy: "group_by",
  pageSize: "page_limit",
  includeUserMetadata: "include_user_metadata"
} as const

/** The vendor takes no more images. */
const mostImages = 10

const Fields = Schema.Struct({ ...fields, imageCount: Schema.Int.check(Schema.isLessThanOrEqualTo(mostImages)) }).pipe(
  Schema.encodeKeys(keys)
)

/** What is sent for a search, besides its files. */
export const encode = Schema.encodeEffect(Fields)
