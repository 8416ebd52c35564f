/**
 * Segments of a video with their times: what to look for (`analysisTasks` in the mode `time_based_metadata`), and what was found,
 * as typed values.
 *
 * {@link define} makes a definition of an Effect Schema, and {@link decode} reads with it what a task found. Definitions can also be
 * written by hand, as {@link SegmentDefinition}, and their results be read with {@link read}.
 *
 * **Example** (Scenes and who is in them)
 *
 * ```ts
 * import { type AssetId, Segments, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect, Result, Schema } from "effect"
 *
 * const scenes = Result.getOrThrow(
 *   Segments.define({
 *     id: "scenes",
 *     description: "A stretch of the video in one place",
 *     fields: Schema.Struct({
 *       place: Schema.String.annotate({ description: "Where it is" }),
 *       mood: Schema.Literals(["calm", "tense"]).annotate({ description: "How it feels" })
 *     })
 *   })
 * )
 *
 * const find = (assetId: AssetId) =>
 *   Effect.gen(function*() {
 *     const { analysisTasks } = yield* TwelveLabs
 *     const result = yield* analysisTasks.run({
 *       mode: "time_based_metadata",
 *       video: { assetId },
 *       segments: [scenes]
 *     })
 *     const found = yield* Segments.decode([scenes], result)
 *     return found.scenes.map(({ metadata, startSeconds }) => `${startSeconds}: ${metadata.place}`)
 *   })
 * ```
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Analysis } from "./Analysis.ts"
import type { ReferenceImage } from "./AnalyzeRequest.ts"
import { analysisAnswer } from "./internal/analysisAnswer.ts"
import { segmentFields } from "./internal/segmentFields.ts"
import type { TimestampFormat } from "./internal/timestampFormat.ts"
import * as StructuredOutput from "./StructuredOutput.ts"
import type { StructuredOutputError } from "./StructuredOutputError.ts"
import type { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

interface Field {
  /** Not `start_time`, `end_time` or `metadata`. */
  readonly name: string
  /** What it is, for the model. */
  readonly description: string
}

/**
 * What the vendor is to say about each segment.
 */
export type SegmentField =
  | (Field & {
      readonly type: "string" | "boolean" | "number" | "integer"
      /** The words that there are for it, at most 100. */
      readonly enum?: ReadonlyArray<string> | undefined
    })
  | (Field & {
      readonly type: "array"
      /** What its items are. */
      readonly items: "string" | "boolean" | "number" | "integer"
      readonly enum?: ReadonlyArray<string> | undefined
    })
  | (Field & { readonly type: "timestamp"; readonly format: TimestampFormat })

/**
 * A part of a video.
 */
export interface TimeRange {
  readonly startSeconds: number
  readonly endSeconds: number
}

/**
 * What to look for in a video.
 */
export interface SegmentDefinition {
  /** What the result is filed under. */
  readonly id: string
  /** What makes a segment, for the model. */
  readonly description: string
  /** What to say about each segment. Default: only its times. */
  readonly fields?: ReadonlyArray<SegmentField> | undefined
  /** What to look for, in images; `<@name>` in the description stands for one. At most 4. */
  readonly images?: ReadonlyArray<ReferenceImage> | undefined
  /**
   * Where to look: ranges of 2 seconds or more that do not overlap. Not together with the window or the lengths of segments of the
   * request.
   */
  readonly timeRanges?: ReadonlyArray<TimeRange> | undefined
}

/**
 * What to look for, with the schema of what is said about it.
 */
export interface Definition<out Id extends string, S extends Schema.Constraint> extends SegmentDefinition {
  readonly id: Id
  /** Reads what is said about a segment. */
  readonly schema: S
}

/**
 * What was found.
 */
export interface Segment<out A> extends TimeRange {
  /** What is said about it. */
  readonly metadata: A
}

/**
 * What {@link define} takes.
 */
export interface DefineOptions<Id extends string, S extends Schema.Constraint> extends Omit<
  SegmentDefinition,
  "id" | "fields"
> {
  readonly id: Id
  /**
   * A struct of texts, literals, booleans, numbers, times of the video (see `Timestamp`) and lists, each with a `description`. Names
   * and values are those of its encoded side. Checks that the vendor has no words for are left to decoding, and to the model, which
   * reads of them in the description.
   */
  readonly fields: S
}

/**
 * Makes a definition of a schema, or says what in the schema cannot be asked for.
 */
export const define = <const Id extends string, S extends Schema.Constraint>({
  fields: schema,
  ...rest
}: DefineOptions<Id, S>): Result.Result<Definition<Id, S>, UnsupportedSchemaError> =>
  Result.map(segmentFields(schema), (fields) => ({ ...rest, fields, schema }))

/** Hours, minutes and seconds, or minutes and seconds, with or without a fraction. */
const clock = /^(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:\.\d{1,9})?)$/

const Seconds = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** Where a segment begins or ends, as it was asked for: seconds, or a clock. */
const Time = Schema.Union([Seconds, Schema.String.check(Schema.isPattern(clock))]).pipe(
  Schema.decodeTo(
    Seconds,
    SchemaTransformation.transform({
      decode: (time) => (typeof time === "number" ? time : readClock(time)),
      encode: (seconds): number | string => seconds
    })
  )
)

const readClock = (time: string): number => {
  const [, hours = "0", minutes = "0", seconds = "0"] = clock.exec(time) ?? []
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000) / 1000
}

const segmentOf = <S extends Schema.Constraint>(metadata: S) =>
  Schema.Struct({ startSeconds: Time, endSeconds: Time, metadata }).pipe(
    Schema.encodeKeys({ startSeconds: "start_time", endSeconds: "end_time" })
  )

/** Any definition that has a schema. */
type AnyDefinition = Definition<string, Schema.Constraint>

/**
 * What definitions find: the segments of each, by its id.
 */
export type Found<D extends ReadonlyArray<AnyDefinition>> = {
  readonly [One in D[number] as One["id"]]: ReadonlyArray<Segment<One["schema"]["Type"]>>
}

/**
 * Reads what a task found with definitions that have schemas. A definition that the answer does not mention found nothing.
 *
 * Fails with a `StructuredOutputError`: its reason is `"Incomplete"` for a text that was cut, and it holds the text.
 *
 * @param result that of a task, or of an item of a batch
 */
export const decode = <const D extends ReadonlyArray<AnyDefinition>>(
  definitions: D,
  result: Pick<Analysis, "id" | "text" | "finishReason">
): Effect.Effect<Found<D>, StructuredOutputError, D[number]["schema"]["DecodingServices"]> => {
  const fields = definitions.map(
    ({ id, schema }) => [id, WireSchema.maybe(Schema.Array(segmentOf(schema as Schema.Codec<unknown>)))] as const
  )
  return StructuredOutput.decode(Schema.Struct(Object.fromEntries(fields)), analysisAnswer(result)).pipe(
    Effect.map(
      (found) =>
        Object.fromEntries(
          definitions.map(({ id }) => [id, (found as Readonly<Record<string, unknown>>)[id] ?? []])
        ) as unknown as Found<D>
    )
  )
}

const Loose = Schema.Record(
  Schema.String,
  Schema.NullOr(Schema.Array(segmentOf(WireSchema.maybe(Schema.Record(Schema.String, Schema.Unknown)))))
)

/**
 * Reads what a task found, by the ids of the definitions, without schemas: what is said about a segment is as it came. Fails as
 * {@link decode} does.
 */
export const read = (
  result: Pick<Analysis, "id" | "text" | "finishReason">
): Effect.Effect<
  Readonly<Record<string, ReadonlyArray<Segment<Readonly<Record<string, unknown>>>>>>,
  StructuredOutputError
> =>
  Effect.map(StructuredOutput.decode(Loose, analysisAnswer(result)), (found) =>
    Object.fromEntries(
      Object.entries(found).map(([id, segments]) => [
        id,
        (segments ?? []).map(({ metadata = {}, ...times }) => ({ ...times, metadata }))
      ])
    )
  )
