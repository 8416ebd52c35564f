/**
 * Analyses that are values: a schema goes in, and what it decodes comes out. As `StructuredOutput` does it for responses, with the
 * same elements and errors, in the dialect of analyses: it has times of the video, see `Timestamp`.
 *
 * **Example** (Goals and when they fall)
 *
 * ```ts
 * import { AnalyzeOutput, AssetId, Timestamp, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Console, Effect, Schema, Stream } from "effect"
 *
 * const Goals = Schema.Struct({
 *   goals: Schema.Array(Schema.Struct({ at: Timestamp.seconds, scorer: Schema.String }))
 * })
 *
 * const program = Effect.gen(function*() {
 *   const { analyze } = yield* TwelveLabs
 *   yield* AnalyzeOutput.stream(analyze, Goals, {
 *     video: { assetId: AssetId.make("66bb00000000000000000001") },
 *     prompt: "Who scores, and when?"
 *   }).pipe(
 *     Stream.runForEach((element) =>
 *       element._tag === "Partial"
 *         ? Console.log(`${element.value.goals?.length ?? 0} goals so far`)
 *         : Console.log(element.value.goals.map(({ scorer }) => scorer))
 *     )
 *   )
 * })
 * ```
 */
import type { StreamDefaults } from "@effect-sse/core/Connection"
import type { Malformed, Restarted } from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Analysis } from "./Analysis.ts"
import type { Analyze } from "./Analyze.ts"
import type { AnalyzeEvent } from "./AnalyzeEvent.ts"
import * as AnalyzeFold from "./AnalyzeFold.ts"
import type { AnalyzeRequest } from "./AnalyzeRequest.ts"
import { analysisAnswer } from "./internal/analysisAnswer.ts"
import * as JsonSchemaDialect from "./JsonSchemaDialect.ts"
import * as StructuredOutput from "./StructuredOutput.ts"
import type { StructuredOutputError } from "./StructuredOutputError.ts"
import type { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

/**
 * A request for a value: without `jsonSchema`, which the schema makes.
 */
export type Request = AnalyzeRequest extends infer R ? (R extends unknown ? Omit<R, "jsonSchema"> : never) : never

/**
 * What is there of a value, while the rest is still being written.
 */
export type PartialValue<E> = StructuredOutput.PartialValue<E>

/**
 * The value with the analysis that it came in. The last element of a stream that ends well.
 */
export type FinalValue<A> = StructuredOutput.FinalValue<A, Analysis>

/**
 * A value with the analysis that it came in.
 */
export type Structured<A> = StructuredOutput.Structured<A, Analysis>

/**
 * The value of an analysis that was asked for with `JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, schema)`, at once or
 * as a task.
 */
export const fromAnalysis = <S extends Schema.Constraint, W extends Pick<Analysis, "id" | "text" | "finishReason">>(
  schema: S,
  analysis: W
): Effect.Effect<StructuredOutput.Structured<S["Type"], W>, StructuredOutputError, S["DecodingServices"]> =>
  Effect.map(StructuredOutput.decode(schema, analysisAnswer(analysis)), (value) => ({ value, response: analysis }))

/**
 * Values out of the events of such an analysis: for streams that were changed on their way, such as by
 * `EventStream.restarting`, after which values begin anew.
 */
export const fromAnalyzeEvents = <S extends Schema.Constraint, E, R>(
  schema: S,
  events: Stream.Stream<AnalyzeEvent | Malformed | Restarted, E, R>
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  StructuredOutput.fromEvents(schema, events, () => {
    const fold = AnalyzeFold.make()
    return {
      add: (event) => {
        fold.add(event)
        return event._tag === "Text" ? event.delta : undefined
      },
      isRestart: (event) => event._tag === "Restarted",
      end: () => {
        const response = fold.analysis()
        return {
          ...analysisAnswer(response ?? { id: fold.id(), text: fold.text(), finishReason: undefined }),
          response
        }
      }
    }
  })

/** The request with the schema in it; made when the request is to be sent, and before. */
const requestFor = (
  schema: Schema.Constraint,
  request: Request
): Effect.Effect<AnalyzeRequest, UnsupportedSchemaError> =>
  Effect.suspend(() =>
    Effect.fromResult(
      Result.map(JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, schema), (jsonSchema) => ({
        ...request,
        jsonSchema
      }))
    )
  )

/**
 * Streams a value: what is there of it as it comes, and the value itself as the last element, once the stream has ended well.
 * Fails as `analyze.stream` does, with an `UnsupportedSchemaError` before anything is sent when the schema cannot be asked for,
 * and with a `StructuredOutputError` when the answer has no value; its reason is `"Incomplete"` for a text that was cut.
 *
 * A line that cannot be read always fails.
 */
export const stream = <S extends Schema.Constraint>(
  analyze: Pick<Analyze, "stream">,
  schema: S,
  request: Request,
  options?: StreamDefaults | undefined
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
  StreamError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  Stream.unwrap(
    Effect.map(requestFor(schema, request), (request) =>
      fromAnalyzeEvents(schema, analyze.stream(request, { ...options, onMalformed: "fail" }))
    )
  )

/**
 * Streams a value and gives it at the end. Fails as {@link stream} does.
 */
export const run = <S extends Schema.Constraint>(
  analyze: Pick<Analyze, "run">,
  schema: S,
  request: Request,
  options?: StreamDefaults | undefined
): Effect.Effect<
  Structured<S["Type"]>,
  StreamError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  requestFor(schema, request).pipe(
    Effect.flatMap((request) => analyze.run(request, options)),
    Effect.flatMap((analysis) => fromAnalysis(schema, analysis))
  )

/**
 * Asks for a value in one JSON document, without a stream. Fails as `analyze.create` does, and as {@link run} about the schema
 * and the value.
 */
export const create = <S extends Schema.Constraint>(
  analyze: Pick<Analyze, "create">,
  schema: S,
  request: Request,
  options?: JsonCall.Options | undefined
): Effect.Effect<
  Structured<S["Type"]>,
  RequestError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  requestFor(schema, request).pipe(
    Effect.flatMap((request) => analyze.create(request, options)),
    Effect.flatMap((analysis) => fromAnalysis(schema, analysis))
  )

/**
 * What can be done with the structured output of analyses.
 */
export interface AnalyzeOutput {
  /** See {@link stream}. */
  readonly stream: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamDefaults | undefined
  ) => ReturnType<typeof stream<S>>
  /** See {@link run}. */
  readonly run: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamDefaults | undefined
  ) => ReturnType<typeof run<S>>
  /** See {@link create}. */
  readonly create: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: JsonCall.Options | undefined
  ) => ReturnType<typeof create<S>>
}

/**
 * Makes the structured output of analyses.
 */
export const make = (analyze: Analyze): AnalyzeOutput => ({
  stream: (schema, request, options) => stream(analyze, schema, request, options),
  run: (schema, request, options) => run(analyze, schema, request, options),
  create: (schema, request, options) => create(analyze, schema, request, options)
})
