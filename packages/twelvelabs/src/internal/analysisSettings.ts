/**
 * What tasks are told to do, each by itself or as one of a batch: checked, and put on the wire.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { SegmentSettings, TextSettings } from "../AnalysisTaskRequest.ts"
import * as Parts from "./analysisParts.ts"
import { definitionOf, Definitions } from "./segmentBody.ts"
import { timestampFormats } from "./timestampFormat.ts"
import { given } from "./given.ts"

const settings = {
  temperature: Schema.optional(Parts.Temperature),
  maxTokens: Schema.optional(Schema.Union([Parts.MaxTokens, Schema.Literal("unlimited")])),
  ...Parts.windowFields
} as const

const Length = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(2))

/** Settings that may be there or not, as in a batch. */
export type AnySettings = Partial<Omit<TextSettings, "prompt"> & Omit<SegmentSettings, "prompt">>

const lengthsAreInOrder = Schema.makeFilter(
  ({ maxSegmentSeconds = Infinity, minSegmentSeconds = 0 }: AnySettings) =>
    minSegmentSeconds <= maxSegmentSeconds || { path: ["maxSegmentSeconds"], issue: "minSegmentSeconds or more" }
)

/** Ranges say where to look, and so does the rest. */
const rangesAreAlone = Schema.makeFilter(
  ({ endSeconds, maxSegmentSeconds, minSegmentSeconds, segments = [], startSeconds }: AnySettings) => {
    const others = { startSeconds, endSeconds, minSegmentSeconds, maxSegmentSeconds }
    const beside = Object.entries(others).find(([, value]) => value !== undefined)?.[0]
    return (
      beside === undefined ||
      segments.every(({ timeRanges }) => timeRanges === undefined) || {
        path: [beside],
        issue: "nothing where definitions have timeRanges"
      }
    )
  }
)

/** A schema of what the mode `general` does, with further fields. */
export const textSettings = (fields: Schema.Struct.Fields): Schema.Codec<unknown> =>
  checked([Parts.isWindow], {
    ...fields,
    ...settings,
    prompt: Schema.optional(Parts.Prompt),
    jsonSchema: Schema.optional(Schema.ObjectKeyword)
  })

/** A schema of what the mode `time_based_metadata` does, with further fields. */
export const segmentSettings = (fields: Schema.Struct.Fields, isPart = false): Schema.Codec<unknown> =>
  checked([Parts.isWindow, lengthsAreInOrder, rangesAreAlone], {
    ...fields,
    ...settings,
    prompt: Schema.optional(Schema.NonEmptyString),
    segments: isPart ? Schema.optional(Definitions) : Definitions,
    timeFormat: Schema.optional(Schema.Literals(timestampFormats)),
    minSegmentSeconds: Schema.optional(Length),
    maxSegmentSeconds: Schema.optional(Length)
  })

/** The checks look at fields of their own, whatever others there are; the types of a struct that is put together cannot say so. */
const checked = (
  checks: readonly [SchemaAST.Check<AnySettings>, ...Array<SchemaAST.Check<AnySettings>>],
  fields: Schema.Struct.Fields
): Schema.Codec<unknown> =>
  Schema.Struct(fields).check(...(checks as unknown as [SchemaAST.Check<object>])) as unknown as Schema.Codec<unknown>

/** Settings on the wire, all but the prompt, which goes by different names. */
export const settingsFields = (settings: AnySettings): Parts.Fields => {
  const { jsonSchema, segments, timeFormat } = settings
  return given({
    response_format:
      segments === undefined
        ? Parts.jsonSchemaFormat(jsonSchema)
        : given({
            type: "segment_definitions",
            segment_definitions: segments.map(definitionOf),
            segment_time_format: timeFormat
          }),
    temperature: settings.temperature,
    max_tokens: settings.maxTokens,
    min_segment_duration: settings.minSegmentSeconds,
    max_segment_duration: settings.maxSegmentSeconds,
    start_time: settings.startSeconds,
    end_time: settings.endSeconds
  })
}
