/**
 * What to ask about a video: the body of `POST /analyze`, from the vendor's reference of that endpoint.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Parts from "./internal/analysisParts.ts"
import type { MediaSource } from "./MediaSource.ts"
import { given } from "./internal/given.ts"

/**
 * An image that a prompt refers to by its name.
 */
export type ReferenceImage = MediaSource & {
  /** What the text calls it, as `<@name>`. */
  readonly name: string
}

/**
 * A prompt with images.
 */
export interface PromptWithImages {
  /** `<@name>` stands for an image. */
  readonly text: string
  /** At most 4. */
  readonly images?: ReadonlyArray<ReferenceImage> | undefined
}

/**
 * What every request for an analysis has. The vendor analyzes 4 seconds to 1 hour of a video at once, and up to 2 hours as a
 * task (`analysisTasks`).
 */
interface Question {
  /** What to say about the video. */
  readonly prompt: string | PromptWithImages
  /** Sent as it is; by default none is sent, and the vendor chooses. */
  readonly model?: "pegasus1.5" | (string & {}) | undefined
  /** 0 to 1. The vendor's own number is 0.2. */
  readonly temperature?: number | undefined
  /** Asks for JSON that fits, in the vendor's dialect (see `JsonSchemaDialect.analyze`). It comes as the text. */
  readonly jsonSchema?: object | undefined
  /** Where the text is cut. The vendor's own number is 4096. */
  readonly maxTokens?: number | undefined
  /** Where to begin, by the video's own clock, which need not start at 0. */
  readonly startSeconds?: number | undefined
  /** Where to stop, at least 4 seconds later. */
  readonly endSeconds?: number | undefined
}

/**
 * A request for an analysis. A `url` of a video must be one that everyone can read, an asset must be ready, and bytes, which travel
 * in the request itself, may be 30 MB.
 *
 * `extraBody` has fields that this version does not know, under the vendor's names. They do not replace the others. Only with
 * them is there something to look at without a `video`.
 */
export type AnalyzeRequest =
  | (Question & { readonly video: MediaSource; readonly extraBody?: Readonly<Record<string, unknown>> | undefined })
  | (Question & { readonly video?: undefined; readonly extraBody: Readonly<Record<string, unknown>> })

/**
 * The schema of a request, for requests that come from elsewhere, and what every request is checked against before it is
 * sent. Its messages do not repeat what the user wrote.
 */
export const AnalyzeRequest: Schema.Codec<AnalyzeRequest, unknown> = Schema.Struct({
  video: Schema.optional(Parts.Source),
  prompt: Parts.Prompt,
  model: Schema.optional(Schema.NonEmptyString),
  temperature: Schema.optional(Parts.Temperature),
  jsonSchema: Schema.optional(Schema.ObjectKeyword),
  maxTokens: Schema.optional(Parts.MaxTokens),
  ...Parts.windowFields,
  extraBody: Schema.optional(Parts.Extra)
}).check(
  Parts.isWindow,
  Schema.makeFilter(
    ({ extraBody = {}, video }) =>
      video !== undefined || Object.keys(extraBody).length > 0 || { path: ["video"], issue: "something to look at" }
  )
) as unknown as Schema.Codec<AnalyzeRequest, unknown>

const check = Parts.checkedBy(AnalyzeRequest)

/**
 * The body of a request, as JSON text, or what is wrong with the request.
 *
 * @param stream whether the answer should be a stream; always sent, as the vendor streams by default
 */
export const toBody = (request: AnalyzeRequest, stream: boolean): Result.Result<string, string> =>
  Result.flatMap(check(request), () =>
    Result.try({
      try: () =>
        JSON.stringify({
          ...request.extraBody,
          ...given({
            video: request.video && Parts.videoOf(request.video),
            model_name: request.model,
            temperature: request.temperature,
            response_format: Parts.jsonSchemaFormat(request.jsonSchema),
            max_tokens: request.maxTokens,
            start_time: request.startSeconds,
            end_time: request.endSeconds
          }),
          ...Parts.promptFields(request.prompt),
          stream
        }),
      // What `JSON.stringify` says names the place, not the content.
      catch: (error) => (error instanceof Error ? error.message : "not JSON").replaceAll(/\s+/g, " ")
    })
  )
