/**
 * Analyses that are values: a schema goes in, and what it decodes comes out. `TwelveLabs` has it as `structured.analyze`.
 *
 * As `StructuredResponses` does it for responses, with the same partial values and errors, in the dialect of analyses: it has
 * times of the video, see `Timestamp`.
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
import type { PartialValue } from "./StructuredOutput.ts"
import type { StructuredOutputError } from "./StructuredOutputError.ts"
import type { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

export type { PartialValue } from "./StructuredOutput.ts"

/**
 * A request for a value: without `jsonSchema`, which the schema makes.
 */
export type Request = AnalyzeRequest extends infer R ? (R extends unknown ? Omit<R, "jsonSchema"> : never) : never

/**
 * The value, decoded by the schema, with the analysis that it came in. The last element of a stream that ends well.
 */
export interface FinalValue<out A> extends StructuredOutput.FinalValue<A> {
  readonly analysis: Analysis
}

/**
 * A value with the analysis that it came in, or with the result of the task that made it.
 */
export interface Structured<out A, out W = Analysis> {
  readonly value: A
  readonly analysis: W
}

/**
 * What can be done with analyses that are values. The methods need what the schema needs to decode, mostly nothing.
 */
export interface StructuredAnalyses {
  /**
   * Streams a value: what is there of it as it comes, and the value itself as the last element, once the stream has ended well.
   *
   * The stream is a value: each run of it sends a request. A line that cannot be read always fails. Fails with
   *
   * - `UnsupportedSchemaError` before anything is sent, when the schema cannot be asked for,
   * - `StructuredOutputError` when there is no value in the answer: it was cut, is not JSON, or does not fit the schema,
   * - `StreamError`, that is `ApiError`, `TransportError`, `ParseError` or `MissingDoneError`, as `analyze.stream` does.
   *
   * **Example** (Goals and when they fall)
   *
   * ```ts
   * import { AssetId, Timestamp, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Schema, Stream } from "effect"
   *
   * const Goals = Schema.Struct({
   *   goals: Schema.Array(Schema.Struct({ at: Timestamp.seconds, scorer: Schema.String }))
   * })
   *
   * const program = Effect.gen(function*() {
   *   const { structured } = yield* TwelveLabs
   *   yield* structured.analyze.stream(Goals, {
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
  readonly stream: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamDefaults | undefined
  ) => Stream.Stream<
    PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
    StreamError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
  /**
   * Streams a value and gives it at the end, with its analysis.
   *
   * Fails with an `UnsupportedSchemaError` before anything is sent, with a `StructuredOutputError` when there is no value in
   * the answer, and as `analyze.run` does: with an `ApiError`, a `TransportError`, a `ParseError` or a `MissingDoneError`.
   *
   * **Example** (The value and what it cost)
   *
   * ```ts
   * import { type AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Schema } from "effect"
   *
   * const dish = (assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { structured } = yield* TwelveLabs
   *     const { analysis, value } = yield* structured.analyze.run(
   *       Schema.Struct({ dish: Schema.String }),
   *       { video: { assetId }, prompt: "What is cooked?" }
   *     )
   *     return { dish: value.dish, tokens: analysis.usage?.outputTokens }
   *   })
   * ```
   */
  readonly run: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamDefaults | undefined
  ) => Effect.Effect<
    Structured<S["Type"]>,
    StreamError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
  /**
   * Asks for a value in one JSON document, without a stream. Where something between here and the vendor cuts silent
   * connections, `run` is the safer choice.
   *
   * Fails with an `UnsupportedSchemaError` before anything is sent, with a `StructuredOutputError` when there is no value in
   * the answer, and as `analyze.create` does: with an `ApiError`, a `TransportError` or a `ParseError`.
   */
  readonly create: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<
    Structured<S["Type"]>,
    RequestError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
}

/**
 * The value of an analysis that was asked for with `JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, schema)`, at once or
 * as a task.
 */
export const fromAnalysis = <S extends Schema.Constraint, W extends Pick<Analysis, "id" | "text" | "finishReason">>(
  schema: S,
  analysis: W
): Effect.Effect<Structured<S["Type"], W>, StructuredOutputError, S["DecodingServices"]> =>
  Effect.map(StructuredOutput.decode(schema, analysisAnswer(analysis)), (value) => ({ value, analysis }))

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
        const analysis = fold.analysis()
        return {
          ...analysisAnswer(analysis ?? { id: fold.id(), text: fold.text(), finishReason: undefined }),
          whole: analysis === undefined ? undefined : { analysis }
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
 * {@link StructuredAnalyses.stream} of the analyses that are given.
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
 * {@link StructuredAnalyses.run} of the analyses that are given.
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
 * {@link StructuredAnalyses.create} of the analyses that are given.
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
 * Makes the structured analyses.
 */
export const make = (analyze: Analyze): StructuredAnalyses => ({
  stream: (schema, request, options) => stream(analyze, schema, request, options),
  run: (schema, request, options) => run(analyze, schema, request, options),
  create: (schema, request, options) => create(analyze, schema, request, options)
})
