/**
 * What to ask about a video that takes a while: the body of `POST /analyze/tasks`, from the vendor's reference of that endpoint.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { PromptWithImages } from "./AnalyzeRequest.ts"
import * as Parts from "./internal/analysisParts.ts"
import { segmentSettings, settingsFields, textSettings } from "./internal/analysisSettings.ts"
import type { TimestampFormat } from "./internal/timestampFormat.ts"
import type { MediaSource } from "./MediaSource.ts"
import type { SegmentDefinition } from "./Segments.ts"
import { given } from "./internal/given.ts"

interface Settings {
  /** 0 to 1. */
  readonly temperature?: number | undefined
  /** Where the text is cut: 512 (for segments 2048) to 98304. The vendor's own numbers are 4096 and, for segments, 32768. */
  readonly maxTokens?: number | "unlimited" | undefined
  /** Where to begin, by the video's own clock, which need not start at 0. */
  readonly startSeconds?: number | undefined
  /** Where to stop, at least 4 seconds later. */
  readonly endSeconds?: number | undefined
}

/**
 * What to do in the mode `general`: to answer a prompt, with a text or JSON.
 */
export interface TextSettings extends Settings {
  /** What to say about the video. */
  readonly prompt?: string | PromptWithImages | undefined
  /** Asks for JSON that fits, in the vendor's dialect (see `JsonSchemaDialect.analyze`). It comes as the text. */
  readonly jsonSchema?: object | undefined
}

/**
 * What to do in the mode `time_based_metadata`: to find segments. See `Segments` for definitions with a schema, and for reading
 * what was found.
 */
export interface SegmentSettings extends Settings {
  readonly prompt?: string | undefined
  /** What to look for, 1 to 20 definitions. */
  readonly segments: ReadonlyArray<SegmentDefinition>
  /** How the times of segments are written. The vendor's own way is `seconds`. `Segments` reads all of them. */
  readonly timeFormat?: TimestampFormat | undefined
  /** The shortest segment, 2 seconds or more. */
  readonly minSegmentSeconds?: number | undefined
  /** The longest segment. */
  readonly maxSegmentSeconds?: number | undefined
}

interface Task {
  /** What to look at. */
  readonly video: MediaSource
  /** Sent as it is; by default none is sent, and the vendor chooses. */
  readonly model?: "pegasus1.5" | (string & {}) | undefined
  /** A name of yours, 1 to 64 letters, digits, `_` and `-`. It need not be unique. */
  readonly customId?: string | undefined
  /** Fields that this version does not know, under the vendor's names. They do not replace the others. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A request for a task.
 */
export type AnalysisTaskRequest =
  | (Task & TextSettings & { readonly mode?: "general" | undefined })
  | (Task & SegmentSettings & { readonly mode: "time_based_metadata" })

const task = {
  video: Parts.Source,
  model: Schema.optional(Schema.NonEmptyString),
  customId: Schema.optional(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/))),
  extraBody: Schema.optional(Parts.Extra)
} as const

const TextTask = textSettings({ ...task, mode: Schema.optional(Schema.Literal("general")) })

const SegmentTask = segmentSettings({ ...task, mode: Schema.Literal("time_based_metadata") })

/**
 * The schema of a request, for requests that come from elsewhere, and what every request is checked against before it is
 * sent. Its messages do not repeat what the user wrote.
 */
export const AnalysisTaskRequest: Schema.Codec<AnalysisTaskRequest, unknown> = Schema.Union([
  TextTask,
  SegmentTask
]) as unknown as Schema.Codec<AnalysisTaskRequest, unknown>

const checkText = Parts.checkedBy(TextTask)
const checkSegments = Parts.checkedBy(SegmentTask)

/**
 * The body of a request, as JSON, or what is wrong with the request.
 */
export const toBody = (request: AnalysisTaskRequest): Result.Result<Readonly<Record<string, unknown>>, string> =>
  Result.map(request.mode === "time_based_metadata" ? checkSegments(request) : checkText(request), () => ({
    ...request.extraBody,
    video: Parts.videoOf(request.video),
    ...given({
      model_name: request.model,
      custom_id: request.customId,
      analysis_mode: request.mode
    }),
    ...Parts.promptFields(request.prompt),
    ...settingsFields(request)
  }))
