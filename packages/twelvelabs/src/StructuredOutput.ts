/**
 * Answers that are values: a schema goes in, and what it decodes comes out.
 *
 * The JSON Schema is derived and checked before anything is sent (see `JsonSchemaDialect`). The answer's JSON is decoded with the
 * schema itself, strictly, and only once the vendor has said that the answer is complete. While it streams, there is what is
 * there of it, unchecked, to be shown.
 *
 * **Example** (Scenes as they are found)
 *
 * ```ts
 * import { KnowledgeStoreId, StructuredOutput, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Console, Effect, Schema, Stream } from "effect"
 *
 * const Scenes = Schema.Struct({
 *   scenes: Schema.Array(Schema.Struct({ title: Schema.String, mood: Schema.Literals(["calm", "tense", "happy"]) }))
 * })
 *
 * const program = Effect.gen(function*() {
 *   const { responses } = yield* TwelveLabs
 *   yield* StructuredOutput.stream(responses, Scenes, {
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
import type { StreamDefaults } from "@effect-sse/core/Connection"
import type { Malformed, Restarted } from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import * as PartialJson from "@effect-sse/core/PartialJson"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import type { DeepPartial } from "./DeepPartial.ts"
import { makeDecoder } from "./internal/encodedSchema.ts"
import * as JsonSchemaDialect from "./JsonSchemaDialect.ts"
import * as Response from "./Response.ts"
import type { ResponseEvent } from "./ResponseEvent.ts"
import * as ResponseFold from "./ResponseFold.ts"
import type { ResponseRequest, TextFormat } from "./ResponseRequest.ts"
import type { Responses } from "./Responses.ts"
import { maxErrorText, StructuredOutputError } from "./StructuredOutputError.ts"
import { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

export type { DeepPartial } from "./DeepPartial.ts"
export { StructuredOutputError } from "./StructuredOutputError.ts"

/**
 * What is there of a value, while the rest is still being written. Not checked: for display.
 *
 * At most one comes for each wake-up of the stream, so a fast stream brings few and a consumer may skip any; each has all that
 * those before it had. None is ever changed afterwards.
 */
export interface PartialValue<E> {
  readonly _tag: "Partial"
  /** In the JSON form of the schema's encoded side. */
  readonly value: DeepPartial<E>
}

/**
 * The value, decoded by the schema, with the response that it came in. The last element of a stream that ends well.
 */
export interface FinalValue<out A, out W = Response.Response> {
  readonly _tag: "Final"
  readonly value: A
  readonly response: W
}

/**
 * A value with the response that it came in.
 */
export interface Structured<out A, out W = Response.Response> {
  readonly value: A
  readonly response: W
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
 * A whole answer, of whatever endpoint.
 */
export interface Answer {
  /** The answer's text, without narration. */
  readonly text: string
  /** Why the answer is not whole, such as `max_output_tokens`; `undefined` when it is. */
  readonly cut?: string | undefined
  /** The vendor's ids, for errors. */
  readonly ids?: Readonly<Record<string, string>> | undefined
}

/**
 * How the events of an endpoint bring an answer. It may have a state: one is made for each run of a stream.
 */
export interface Reading<in Event, out W> {
  /** Takes the next event, and gives what it adds to the answer's text. */
  readonly add: (event: Event) => string | undefined
  /** Whether the event says that the answer begins anew. */
  readonly isRestart?: ((event: Event) => boolean) | undefined
  /**
   * The answer, and the response that it came in, once the events have ended well; without a response (as after a `take`), the
   * answer is not whole.
   */
  readonly end: () => Answer & { readonly response: W | undefined }
}

/**
 * Decodes a whole answer by a schema, strictly. The text may have no more than 256 arrays and objects inside each other.
 */
export const decode = <S extends Schema.Constraint>(
  schema: S,
  answer: Answer
): Effect.Effect<S["Type"], StructuredOutputError, S["DecodingServices"]> =>
  Effect.suspend(() => {
    const { cut, text } = answer
    if (cut !== undefined) return Effect.fail(failure(answer, "Incomplete", cut))
    const json = PartialJson.make().add(text).end()
    if (Result.isFailure(json)) {
      const { issue, offset } = json.failure
      const where = text === "" ? issue : `${issue} (at character ${offset})`
      return Effect.fail(failure(answer, "NotJson", where))
    }
    return Effect.mapError(makeDecoder(schema)(json.success), ({ message }) => failure(answer, "WrongShape", message))
  })

const failure = (
  { ids = {}, text }: Answer,
  reason: StructuredOutputError["reason"],
  issue: string
): StructuredOutputError =>
  new StructuredOutputError({
    reason,
    issue: oneLine(issue),
    text: text.slice(0, maxErrorText),
    textLength: text.length,
    ids
  })

/** As much of an issue as a person reads; a wrong answer may have thousands. */
const maxIssue = 1000

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ")
  return line.length > maxIssue ? `${line.slice(0, maxIssue)}…` : line
}

/** A partial value is worth as many copied members for each new character. So all of them together are linear in the text. */
const membersPerCharacter = 64

/**
 * Values out of the events of any endpoint: what is there so far, and at the end the value. Fails as the events do, and with a
 * `StructuredOutputError` when the answer has no value.
 *
 * @param reading made for each run of the stream
 */
export const fromEvents = <S extends Schema.Constraint, Event, E, R, W>(
  schema: S,
  events: Stream.Stream<Event, E, R>,
  reading: () => Reading<Event, W>
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"], W>,
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  Stream.suspend(() => {
    const { add, end, isRestart } = reading()
    let json = PartialJson.make()
    let last: unknown
    let fresh = 0

    const partial = (events: ReadonlyArray<Event>): ReadonlyArray<PartialValue<S["Encoded"]>> => {
      for (const event of events) {
        if (isRestart?.(event) === true) {
          json = PartialJson.make()
          last = undefined
          fresh = 0
        }
        const fragment = add(event)
        if (fragment === undefined) continue
        fresh += fragment.length
        json.add(fragment)
      }
      if (fresh === 0 || json.openMembers() > fresh * membersPerCharacter) return []
      const value = json.value()
      fresh = 0
      if (value === undefined || value === last) return []
      last = value
      return [{ _tag: "Partial", value: value as DeepPartial<S["Encoded"]> }]
    }

    const final = Effect.suspend(() => {
      const { response, ...answer } = end()
      if (response === undefined) {
        return Effect.fail(failure(answer, "Incomplete", answer.cut ?? "the events ended without a response"))
      }
      return Effect.map(decode(schema, answer), (value): FinalValue<S["Type"], W> => ({
        _tag: "Final",
        value,
        response
      }))
    })

    return events.pipe(
      Stream.mapAccumArray(
        () => undefined,
        (_, events) => [undefined, partial(events)]
      ),
      Stream.concat(Stream.fromEffect(final))
    )
  })

/**
 * Values out of a text that comes in fragments, cut anywhere. The stream's end is the text's.
 */
export const fromText = <S extends Schema.Constraint, E, R>(
  schema: S,
  fragments: Stream.Stream<string, E, R>
): Stream.Stream<
  PartialValue<S["Encoded"]> | FinalValue<S["Type"], string>,
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  fromEvents(schema, fragments, () => {
    let text = ""
    return {
      add: (fragment) => {
        text += fragment
        return fragment
      },
      end: () => ({ text, response: text })
    }
  })

const answerOf = (response: Response.Response): Answer => {
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
  Effect.map(decode(schema, answerOf(response)), (value) => ({ value, response }))

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
  fromEvents(schema, events, () => {
    const fold = ResponseFold.make()
    return {
      add: (event) => {
        fold.add(event)
        return event._tag === "TextDelta" && fold.isAnswer(event) ? event.delta : undefined
      },
      isRestart: (event) => event._tag === "Restarted",
      end: () => {
        const response = fold.response()
        return { ...(response === undefined ? { text: fold.text() } : answerOf(response)), response }
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
 * Streams a value: what is there of it as it comes, and the value itself as the last element, once the stream has ended well.
 * Fails as `responses.stream` does, with an `UnsupportedSchemaError` before anything is sent when the schema cannot be asked for,
 * and with a `StructuredOutputError` when the answer has no value.
 *
 * An event that cannot be read always fails.
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
 * Streams a value and gives it at the end. Fails as {@link stream} does.
 *
 * **Example** (The value and what it cost)
 *
 * ```ts
 * import { KnowledgeStoreId, StructuredOutput, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect, Schema } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { responses } = yield* TwelveLabs
 *   const { response, value } = yield* StructuredOutput.run(
 *     responses,
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
 * Asks for a value in one JSON document, without a stream. Fails as `responses.create` does, and as {@link run} about the schema
 * and the value.
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
 * What can be done with structured output.
 */
export interface StructuredOutput {
  /** See {@link stream}. */
  readonly stream: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamOptions | undefined
  ) => ReturnType<typeof stream<S>>
  /** See {@link run}. */
  readonly run: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: StreamOptions | undefined
  ) => ReturnType<typeof run<S>>
  /** See {@link create}. */
  readonly create: <S extends Schema.Constraint>(
    schema: S,
    request: Request,
    options?: CreateOptions | undefined
  ) => ReturnType<typeof create<S>>
}

/**
 * Makes the structured output of responses.
 */
export const make = (responses: Responses): StructuredOutput => ({
  stream: (schema, request, options) => stream(responses, schema, request, options),
  run: (schema, request, options) => run(responses, schema, request, options),
  create: (schema, request, options) => create(responses, schema, request, options)
})
