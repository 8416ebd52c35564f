/**
 * What to ask about many videos: the body of `POST /analyze/batches`, from the vendor's reference of that endpoint.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { SegmentSettings, TextSettings } from "./AnalysisTaskRequest.ts"
import type { AssetId } from "./Ids.ts"
import * as Parts from "./internal/analysisParts.ts"
import { type AnySettings, segmentSettings, settingsFields, textSettings } from "./internal/analysisSettings.ts"
import { given } from "./internal/given.ts"

interface Item {
  /** A video, which must be an asset that is ready. */
  readonly assetId: AssetId
  /** A name of yours, unique within the batch. The vendor documents no form for it. */
  readonly customId?: string | undefined
  /** Fields that this version does not know, under the vendor's names. They do not replace the others. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
}

interface Batch {
  /** The model; the vendor wants it named. */
  readonly model: "pegasus1.5" | (string & {})
  /** Fields that this version does not know, under the vendor's names. They do not replace the others. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A request for a batch: 1 to 1000 items of one mode, of 2000 hours together. An item's own settings come before the defaults; its
 * `prompt`, and its `jsonSchema` or `segments`, replace the whole of theirs.
 */
export type AnalysisBatchRequest =
  | (Batch & {
      readonly mode?: "general" | undefined
      readonly defaults?: TextSettings | undefined
      readonly requests: ReadonlyArray<Item & TextSettings>
    })
  | (Batch & {
      readonly mode: "time_based_metadata"
      readonly defaults?: Partial<SegmentSettings> | undefined
      readonly requests: ReadonlyArray<Item & Partial<SegmentSettings>>
    })

const item = {
  assetId: Schema.NonEmptyString,
  customId: Schema.optional(Schema.NonEmptyString),
  extraBody: Schema.optional(Parts.Extra)
} as const

const haveOwnNames = Schema.makeFilter((requests: ReadonlyArray<unknown>) => {
  const names = (requests as ReadonlyArray<Item>).flatMap(({ customId }) => customId ?? [])
  return new Set(names).size === names.length || "custom ids that no other item has"
})

const batch = <M extends Schema.Constraint>(
  mode: M,
  settings: (fields: Schema.Struct.Fields) => Schema.Codec<unknown>
) =>
  Schema.Struct({
    model: Schema.NonEmptyString,
    mode,
    defaults: Schema.optional(settings({})),
    requests: Schema.Array(settings(item)).check(Schema.isMinLength(1), Schema.isMaxLength(1000), haveOwnNames),
    extraBody: Schema.optional(Parts.Extra)
  })

const TextBatch = batch(Schema.optional(Schema.Literal("general")), textSettings)

const SegmentBatch = batch(Schema.Literal("time_based_metadata"), (fields) => segmentSettings(fields, true))

/**
 * The schema of a request, for requests that come from elsewhere, and what every request is checked against before it is
 * sent. Its messages do not repeat what the user wrote.
 */
export const AnalysisBatchRequest: Schema.Codec<AnalysisBatchRequest, unknown> = Schema.Union([
  TextBatch,
  SegmentBatch
]) as unknown as Schema.Codec<AnalysisBatchRequest, unknown>

const checkText = Parts.checkedBy(TextBatch)
const checkSegments = Parts.checkedBy(SegmentBatch)

/** Here a prompt is an object in any case. */
const settingsOf = (
  settings: AnySettings & { readonly prompt?: TextSettings["prompt"]; readonly extraBody?: Item["extraBody"] }
): Parts.Fields => ({
  ...settings.extraBody,
  ...(settings.prompt === undefined ? {} : { prompt: Parts.promptObject(settings.prompt) }),
  ...settingsFields(settings)
})

/**
 * The body of a request, as JSON, or what is wrong with the request.
 */
export const toBody = (request: AnalysisBatchRequest): Result.Result<Readonly<Record<string, unknown>>, string> =>
  Result.map(request.mode === "time_based_metadata" ? checkSegments(request) : checkText(request), () => ({
    ...request.extraBody,
    model_name: request.model,
    analysis_mode: request.mode ?? "general",
    ...(request.defaults === undefined ? {} : { defaults: settingsOf(request.defaults) }),
    requests: request.requests.map((item) => ({
      ...settingsOf(item),
      ...given({ video: Parts.videoOf({ assetId: item.assetId }), custom_id: item.customId })
    }))
  }))
