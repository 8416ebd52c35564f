/**
 * The bodies of requests for analyses as schemas: for servers, and for the clients of tasks and batches.
 */
import * as Schema from "effect/Schema"

const optional = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

const Extra = Schema.Record(Schema.String, Schema.Unknown)

/** Fields that are not known pass. */
const open = <F extends Schema.Struct.Fields>(fields: F) => Schema.StructWithRest(Schema.Struct(fields), [Extra])

const AssetVideo = Schema.Struct({ type: Schema.Literal("asset_id"), asset_id: Schema.NonEmptyString })

const Video = Schema.Union([
  Schema.Struct({ type: Schema.Literal("url"), url: Schema.NonEmptyString }),
  AssetVideo,
  Schema.Struct({ type: Schema.Literal("base64_string"), base64_string: Schema.NonEmptyString })
])

const Images = Schema.Array(
  Schema.Struct({
    name: Schema.NonEmptyString,
    media_type: Schema.Literal("image"),
    url: optional(Schema.String),
    asset_id: optional(Schema.String),
    base64_string: optional(Schema.String)
  }).check(
    Schema.makeFilter(
      ({ asset_id, base64_string, url }) =>
        [url, asset_id, base64_string].filter((place) => typeof place === "string").length === 1 ||
        "exactly one of url, asset_id, base64_string"
    )
  )
).check(Schema.isMaxLength(4))

const ImagePrompt = Schema.Struct({ input_text: Schema.NonEmptyString, media_sources: optional(Images) })

const JsonSchemaFormat = Schema.Struct({ type: Schema.Literal("json_schema"), json_schema: Extra })

const words = optional(Schema.Array(Schema.String).check(Schema.isMinLength(1), Schema.isMaxLength(100)))

const field = { name: Schema.NonEmptyString, description: Schema.String } as const

const Scalar = Schema.Literals(["string", "boolean", "number", "integer"])

const SegmentField = Schema.Union([
  Schema.Struct({ ...field, type: Scalar, enum: words }),
  Schema.Struct({
    ...field,
    type: Schema.Literal("array"),
    items: Schema.Struct({ type: Scalar }),
    enum: words
  }),
  Schema.Struct({
    ...field,
    type: Schema.Literal("timestamp"),
    format: Schema.Literals(["seconds", "hh:mm:ss", "hh:mm:ss.fff"])
  })
])

const SegmentDefinition = Schema.Struct({
  id: Schema.NonEmptyString,
  description: Schema.String,
  fields: optional(Schema.Array(SegmentField)),
  media_sources: optional(Images),
  time_ranges: optional(Schema.Array(Schema.Struct({ start_time: Schema.Finite, end_time: Schema.Finite })))
})

const SegmentsFormat = Schema.Struct({
  type: Schema.Literal("segment_definitions"),
  segment_definitions: Schema.Array(SegmentDefinition).check(Schema.isMinLength(1), Schema.isMaxLength(20)),
  segment_time_format: optional(Schema.Literals(["seconds", "hh:mm:ss", "hh:mm:ss.fff"]))
})

const Temperature = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Tokens = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const window = { start_time: optional(Schema.Finite), end_time: optional(Schema.Finite) } as const

/** The body of `POST /analyze`. */
export const AnalyzeBody = open({
  video: optional(Video),
  model_name: optional(Schema.String),
  prompt: optional(Schema.NonEmptyString),
  prompt_v2: optional(ImagePrompt),
  temperature: optional(Temperature),
  response_format: optional(JsonSchemaFormat),
  max_tokens: optional(Tokens),
  ...window,
  stream: optional(Schema.Boolean)
})

const Mode = Schema.Literals(["general", "time_based_metadata"])

/** What tasks have, each by itself or as the defaults of a batch. */
const taskFields = {
  temperature: optional(Temperature),
  response_format: optional(Schema.Union([JsonSchemaFormat, SegmentsFormat])),
  max_tokens: optional(Schema.Union([Tokens, Schema.Literal("unlimited")])),
  min_segment_duration: optional(Schema.Finite),
  max_segment_duration: optional(Schema.Finite),
  ...window
} as const

/** The body of `POST /analyze/tasks`. */
export const AnalysisTaskBody = open({
  video: Video,
  model_name: optional(Schema.String),
  custom_id: optional(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/))),
  analysis_mode: optional(Mode),
  prompt: optional(Schema.NonEmptyString),
  prompt_v2: optional(ImagePrompt),
  ...taskFields
})

/** The body of `POST /analyze/batches`, where a prompt is an object in any case. */
export const AnalysisBatchBody = open({
  model_name: Schema.NonEmptyString,
  analysis_mode: Mode,
  defaults: optional(open({ prompt: optional(ImagePrompt), ...taskFields })),
  requests: Schema.Array(
    open({
      video: AssetVideo,
      custom_id: optional(Schema.NonEmptyString),
      prompt: optional(ImagePrompt),
      ...taskFields
    })
  ).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
})
