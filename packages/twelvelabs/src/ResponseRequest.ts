/**
 * What to ask the agent: the body of `POST /responses`, from the vendor's reference of that endpoint.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CollectionId, ItemId, KnowledgeStoreId, SessionId } from "./Ids.ts"

const beginsWith = (prefix: string) =>
  Schema.makeFilter((id: string) => id.startsWith(prefix) || `an id that begins with ${prefix}`)

const openString = <const L extends string>(): Schema.Codec<L | (string & {}), string> =>
  Schema.String as unknown as Schema.Codec<L | (string & {}), string>

/**
 * Narrows what the agent looks at: items (`ksi_…`) or collections (`ksic_…`). A strong hint, not a wall: it is no means to
 * keep content from a user. The text `{{sel:0}}` in a message points at the first selection.
 */
export type Selection =
  | { readonly kind: "item"; readonly id: ItemId }
  | { readonly kind: "collection"; readonly id: CollectionId }

const Selection = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("item"), id: ItemId.check(beginsWith("ksi_")) }),
  Schema.Struct({ kind: Schema.Literal("collection"), id: CollectionId.check(beginsWith("ksic_")) })
])

/**
 * A message of the user.
 */
export interface InputMessage {
  readonly role?: "user" | undefined
  /** Documented as 1 to 10,000 characters. */
  readonly content: string
}

/**
 * The form of the answer: plain text, or JSON that fits a JSON Schema (draft 2020-12). JSON comes as the answer's text.
 *
 * The vendor makes every property required and forbids others. It ignores, without an error, `oneOf` (use `anyOf`),
 * `default`, `if`, `not`, `patternProperties`, `contains` and `prefixItems`.
 */
export type TextFormat =
  | { readonly type: "text" }
  | {
      readonly type: "json_schema"
      readonly name: string
      readonly schema: object
      readonly description?: string | undefined
      readonly strict?: boolean | undefined
    }

const TextFormat = Schema.Union([
  Schema.Struct({ type: Schema.Literal("text") }),
  Schema.Struct({
    type: Schema.Literal("json_schema"),
    name: Schema.NonEmptyString,
    schema: Schema.ObjectKeyword,
    description: Schema.optional(Schema.String),
    strict: Schema.optional(Schema.Boolean)
  })
])

/**
 * A tool that the agent may use for this request; accounts without it are refused.
 */
export interface Tool {
  readonly type: "jockey:web_search" | (string & {})
}

/**
 * A request for a response.
 */
export interface ResponseRequest {
  /** The knowledge store to reason over. */
  readonly knowledgeStoreId: KnowledgeStoreId
  /** What the user says: a text, or messages (at least one). */
  readonly input: string | ReadonlyArray<InputMessage>
  /** A system prompt for this request. */
  readonly instructions?: string | undefined
  /** Continues the conversation of an earlier response, which must have been over the same knowledge store. */
  readonly sessionId?: SessionId | undefined
  /** What to look at. Those of earlier turns of the conversation still count. */
  readonly selections?: ReadonlyArray<Selection> | undefined
  /** `intermediate_outputs` asks for the agent's steps too: narration, function calls, web searches. */
  readonly include?: ReadonlyArray<"intermediate_outputs" | (string & {})> | undefined
  /** The form of the answer. Default: plain text. */
  readonly text?: { readonly format?: TextFormat | undefined } | undefined
  /** The tools that the agent may use. Default: none. */
  readonly tools?: ReadonlyArray<Tool> | undefined
  /** Sent as it is; by default none is sent, and the vendor chooses. */
  readonly model?: string | undefined
  /** Fields that this version does not know, under the vendor's names. They do not replace those above. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The schema of a request, for requests that come from elsewhere, and what every request is checked against before it is
 * sent. Its messages do not repeat what the user wrote.
 */
export const ResponseRequest: Schema.Codec<ResponseRequest, unknown> = Schema.Struct({
  knowledgeStoreId: KnowledgeStoreId.check(Schema.isNonEmpty()),
  input: Schema.Union([
    Schema.NonEmptyString,
    Schema.Array(
      Schema.Struct({ role: Schema.optional(Schema.Literal("user")), content: Schema.NonEmptyString })
    ).check(Schema.isMinLength(1))
  ]),
  instructions: Schema.optional(Schema.String),
  sessionId: Schema.optional(SessionId.check(Schema.isNonEmpty())),
  selections: Schema.optional(Schema.Array(Selection)),
  include: Schema.optional(Schema.Array(openString<"intermediate_outputs">())),
  text: Schema.optional(Schema.Struct({ format: Schema.optional(TextFormat) })),
  tools: Schema.optional(Schema.Array(Schema.Struct({ type: openString<"jockey:web_search">() }))),
  model: Schema.optional(Schema.String),
  extraBody: Schema.optional(Schema.Record(Schema.String, Schema.Unknown))
})

const check = Schema.decodeUnknownResult(ResponseRequest)

/**
 * The body of a request, as JSON text, or what is wrong with the request.
 *
 * @param stream whether the answer should be a stream; always sent, as the vendor's default is not documented
 */
export const toBody = (request: ResponseRequest, stream: boolean): Result.Result<string, string> => {
  const checked = check(request)
  if (Result.isFailure(checked)) return Result.fail(oneLine(checked.failure.message))
  const { input } = request
  return Result.try({
    try: () =>
      JSON.stringify({
        ...request.extraBody,
        knowledge_store_id: request.knowledgeStoreId,
        input: (typeof input === "string" ? [{ content: input }] : input).map(({ content }) => ({
          type: "message",
          role: "user",
          content
        })),
        ...given("instructions", request.instructions),
        ...given("session_id", request.sessionId),
        ...given(
          "selections",
          request.selections?.map(({ id, kind }) => ({ kind, id }))
        ),
        ...given("include", request.include),
        ...given("text", request.text),
        ...given("tools", request.tools),
        ...given("model", request.model),
        stream
      }),
    // What `JSON.stringify` says names the place, not the content.
    catch: (error) => oneLine(error instanceof Error ? error.message : "not JSON")
  })
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ")

const given = (name: string, value: unknown): Readonly<Record<string, unknown>> =>
  value === undefined ? {} : { [name]: value }
