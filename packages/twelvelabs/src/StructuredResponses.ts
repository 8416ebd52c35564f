/**
 * Responses that are values: a schema goes in, and what it decodes comes out. `TwelveLabs` has it as `structured.responses`.
 *
 * The JSON Schema is derived and checked before anything is sent (see `JsonSchemaDialect`). The answer's JSON is decoded with the
 * schema itself, strictly, and only once the vendor has said that the answer is complete. While it streams, there is what is
 * there of it, unchecked, to be shown. `StructuredAnalyses` does the same for one video.
 */
import type { StreamDefaults } from "@effect-sse/core/Connection"
import type { Malformed, Restarted } from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import * as JsonSchemaDialect from "./JsonSchemaDialect.ts"
import * as Response from "./Response.ts"
import type { ResponseEvent } from "./ResponseEvent.ts"
import * as ResponseFold from "./ResponseFold.ts"
import type { ResponseRequest, TextFormat } from "./ResponseRequest.ts"
import type { Responses } from "./Responses.ts"
import * as StructuredOutput from "./StructuredOutput.ts"
import type { PartialValue } from "./StructuredOutput.ts"
import type { StructuredOutputError } from "./StructuredOutputError.ts"
import { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

export type { PartialValue } from "./StructuredOutput.ts"

/**
 * The value, decoded by the schema, with the response that it came in. The last element of a stream that ends well.
 */
export interface FinalValue<out A> extends StructuredOutput.FinalValue<A> {
  readonly response: Response.Response
}

/**
 * A value with the response that it came in.
 */
export interface Structured<out A> {
  readonly value: A
  readonly response: Response.Response
}

/**
 * How a schema is sent.
 */
export interface FormatOptions {
  /**
   * The name of what is asked for, which the vendor wants: 1 to 64 letters, digits, `_` and `-`. Default: the schema's
   * `identifier`, with other characters replaced, or `output`.
   */
  readonly name?: string | undefined
  /** What is asked for, in words. Default: the schema's `description`, if it has one. */
  readonly description?: string | undefined
}

/**
 * Options of a streamed answer.
 */
export interface StreamOptions extends StreamDefaults, FormatOptions {}

/**
 * Options of an answer that comes at once.
 */
export interface CreateOptions extends JsonCall.Options, FormatOptions {}

/**
 * A request for a value: without `text`, which the schema makes.
 */
export type Request = Omit<ResponseRequest, "text">

/**
 * What can be done with responses that are values. The methods need what the schema needs to decode, mostly nothing.
 */
export interface StructuredResponses {
  /**
   * Streams a value: what is there of it as it comes, and the value itself as the last element, once the stream has ended well.
   *
   * The stream is a value: each run of it sends a request. An event that cannot be read always fails. Fails with
   *
   * - `UnsupportedSchemaError` before anything is sent, when the schema cannot be asked for,
   * - `StructuredOutputError` when there is no value in the answer: it was cut, is not JSON, or does not fit the schema,
   * - `StreamError`, that is `ApiError`, `TransportError`, `ParseError` or `MissingDoneError`, as `responses.stream` does.
   *
   * **Example** (Scenes as they are found)
   *
   * ```ts
   * import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Schema, Stream } from "effect"
   *
   * const Scenes = Schema.Struct({
   *   scenes: Schema.Array(Schema.Struct({ title: Schema.String, mood: Schema.Literals(["calm", "tense", "happy"]) }))
   * })
   *
   * const program = Effect.gen(function*() {
   *   const { structured } = yield* TwelveLabs
   *   yield* structured.responses.stream(Scenes, {
   *     knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
   *     input: "Which scenes are there?"
   *   }).pipe(
   *     Stream.runForEach((element) =>
   *       element._tag === "Partial"
   *         ? Console.log(`${element.value.scenes?.length ?? 0} scenes so far`)
   *         : Console.log(element.value.scenes.map(({ mood, title }) => `${title}: ${mood}`))
   *     )
   *   )
   * })
   * ```
   */
  readonly stream: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamOptions | undefined
  ) => Stream.Stream<
    PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
    StreamError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
  /**
   * Streams a value and gives it at the end, with its response.
   *
   * Fails with an `UnsupportedSchemaError` before anything is sent, with a `StructuredOutputError` when there is no value in
   * the answer, and as `responses.run` does: with an `ApiError`, a `TransportError`, a `ParseError` or a `MissingDoneError`.
   *
   * **Example** (The value and what it cost)
   *
   * ```ts
   * import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Schema } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { structured } = yield* TwelveLabs
   *   const { response, value } = yield* structured.responses.run(
   *     Schema.Struct({ tools: Schema.Array(Schema.String) }),
   *     {
   *       knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
   *       input: "Which tools are used to build the kite?"
   *     }
   *   )
   *   return { tools: value.tools, tokens: response.usage?.outputTokens }
   * })
   * ```
   */
  readonly run: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamOptions | undefined
  ) => Effect.Effect<
    Structured<S["Type"]>,
    StreamError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
  /**
   * Asks for a value in one JSON document, without a stream. Agents think for minutes: where something between here and the
   * vendor cuts silent connections, `run` is the safer choice.
   *
   * Fails with an `UnsupportedSchemaError` before anything is sent, with a `StructuredOutputError` when there is no value in
   * the answer, and as `responses.create` does: with an `ApiError`, a `TransportError` or a `ParseError`.
   */
  readonly create: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: CreateOptions | undefined
  ) => Effect.Effect<
    Structured<S["Type"]>,
    RequestError | UnsupportedSchemaError | StructuredOutputError,
    S["DecodingServices"]
  >
}

const answerOf = (response: Response.Response): StructuredOutput.Answer => {
  const { id, incompleteDetails, sessionId, status } = response
  return {
    text: Response.text(response),
    cut: status === undefined || status === "completed" ? undefined : (incompleteDetails?.reason ?? status),
    ids: { ...(id === undefined ? {} : { response: id }), ...(sessionId === undefined ? {} : { session: sessionId }) }
  }
}

/**
 * The value of a response that was asked for with {@link textFormat}.
 */
export const fromResponse = <S extends Schema.Constraint>(
  schema: S,
  response: Response.Response
): Effect.Effect<Structured<S["Type"]>, StructuredOutputError, S["DecodingServices"]> =>
  Effect.map(StructuredOutput.decode(schema, answerOf(response)), (value) => ({ value, response }))

/**
 * Values out of the events of a response that was asked for with {@link textFormat}: for streams that were changed on their
 * way, such as by `EventStream.restarting`, after which values begin anew. Narration is not looked at.
 */
export const fromResponseEvents = <S extends Schema.Constraint, E, R>(
  schema: S,
  events: Stream.Stream<ResponseEvent | Malformed | Restarted, E, R>
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  StructuredOutput.fromEvents(schema, events, () => {
    const fold = ResponseFold.make()
    return {
      add: (event) => {
        fold.add(event)
        return event._tag === "TextDelta" && fold.isAnswer(event) ? event.delta : undefined
      },
      isRestart: (event) => event._tag === "Restarted",
      end: () => {
        const response = fold.response()
        return response === undefined
          ? { text: fold.text(), whole: undefined }
          : { ...answerOf(response), whole: { response } }
      }
    }
  })

const nameForm = /^[A-Za-z0-9_-]{1,64}$/

/**
 * What to put as `text.format` into a request for a response, or why the schema cannot be asked for.
 */
export const textFormat = (
  schema: Schema.Constraint,
  options?: FormatOptions | undefined
): Result.Result<Extract<TextFormat, { readonly type: "json_schema" }>, UnsupportedSchemaError> => {
  const identifier = SchemaAST.resolveIdentifier(schema.ast) ?? ""
  const name = options?.name ?? (identifier.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64) || "output")
  if (!nameForm.test(name)) {
    const issue = "the name of what is asked for must be 1 to 64 letters, digits, _ and -"
    return Result.fail(new UnsupportedSchemaError({ dialect: "responses", path: "", keyword: "name", issue }))
  }
  const description = options?.description ?? SchemaAST.resolveDescription(schema.ast)
  return Result.map(JsonSchemaDialect.fromSchema(JsonSchemaDialect.responses, schema), (jsonSchema) => ({
    type: "json_schema",
    name,
    schema: jsonSchema,
    ...(description === undefined ? {} : { description })
  }))
}

/** The request with the schema in it; made when the request is to be sent, and before. */
const requestFor = (
  schema: Schema.Constraint,
  request: Request,
  options: FormatOptions | undefined
): Effect.Effect<ResponseRequest, UnsupportedSchemaError> =>
  Effect.suspend(() =>
    Effect.fromResult(Result.map(textFormat(schema, options), (format) => ({ ...request, text: { format } })))
  )

/**
 * {@link StructuredResponses.stream} of the responses that are given.
 */
export const stream = <S extends Schema.Constraint>(
  responses: Pick<Responses, "stream">,
  schema: S,
  request: Request,
  options?: StreamOptions | undefined
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"]>,
  StreamError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  Stream.unwrap(
    Effect.map(requestFor(schema, request, options), (request) =>
      fromResponseEvents(schema, responses.stream(request, { ...options, onMalformed: "fail" }))
    )
  )

/**
 * {@link StructuredResponses.run} of the responses that are given.
 */
export const run = <S extends Schema.Constraint>(
  responses: Pick<Responses, "run">,
  schema: S,
  request: Request,
  options?: StreamOptions | undefined
): Effect.Effect<
  Structured<S["Type"]>,
  StreamError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  requestFor(schema, request, options).pipe(
    Effect.flatMap((request) => responses.run(request, options)),
    Effect.flatMap((response) => fromResponse(schema, response))
  )

/**
 * {@link StructuredResponses.create} of the responses that are given.
 */
export const create = <S extends Schema.Constraint>(
  responses: Pick<Responses, "create">,
  schema: S,
  request: Request,
  options?: CreateOptions | undefined
): Effect.Effect<
  Structured<S["Type"]>,
  RequestError | UnsupportedSchemaError | StructuredOutputError,
  S["DecodingServices"]
> =>
  requestFor(schema, request, options).pipe(
    Effect.flatMap((request) => responses.create(request, options)),
    Effect.flatMap((response) => fromResponse(schema, response))
  )

/**
 * Makes the structured responses.
 */
export const make = (responses: Responses): StructuredResponses => ({
  stream: (schema, request, options) => stream(responses, schema, request, options),
  run: (schema, request, options) => run(responses, schema, request, options),
  create: (schema, request, options) => create(responses, schema, request, options)
})
