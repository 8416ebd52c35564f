/**
 * TwelveLabs' endpoint for responses, streamed or not.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Fault } from "../Fault.ts"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import * as Refusal from "./Refusal.ts"
import * as TwelveLabsScenarios from "./TwelveLabsScenarios.ts"
import * as TwelveLabsTurn from "./TwelveLabsTurn.ts"

/** What the API accepts, and the state that it keeps. */
export interface TwelveLabsState {
  readonly apiKey: string
  readonly knowledgeStoreId: string
  responses: number
}

const docs = "https://docs.example.com/errors"

const style: Refusal.RefusalStyle<string> = {
  toCode: (text) => text,
  body: ({ code, message, status }, spelling) => {
    switch (spelling) {
      case "vendor":
        return { code, message, docs_url: docs }
      case "nested":
        return { error: { code: code.toUpperCase(), message, details: { request_id: "req_emulator" } } }
      case "old":
        return { error_code: status, message }
    }
  },
  ofFault: (fault, now, play) =>
    fault === "rate-limited" ? rateLimited(now, play) : fault === "quota" ? planLimit(now) : errors[fault]
}

const errors: Partial<Readonly<Record<Fault, Refusal.Refusal<string>>>> = {
  unauthorized: { status: 401, code: "api_key_invalid", message: "The API key is invalid." },
  forbidden: { status: 403, code: "api_not_allowed", message: "This API is not allowed for your account." },
  "not-found": { status: 404, code: "resource_not_exist", message: "The knowledge store does not exist." },
  "server-error": { status: 500, code: "generic_error", message: "Something went wrong on our side." },
  unavailable: { status: 503, code: "generic_error", message: "The service is unavailable." },
  overloaded: { status: 529, code: "generic_error", message: "The service is overloaded." },
  "json-error": { status: 200, code: "generic_error", message: "An error with a status of success." },
  "json-no-type": { status: 200, code: "generic_error", message: "An error with a status of success." }
}

/** The reset time is in three places, as it is with the service; without `retryAfter` it is a second away. */
const rateLimited = (now: number, play: Play): Refusal.Refusal<string> => {
  const seconds = Number(play.retryAfter ?? 1)
  const reset = Math.ceil(now / 1000) + (Number.isFinite(seconds) ? seconds : 1)
  const time = new Date(reset * 1000).toISOString().replace(/\.\d+Z$/, "Z")
  return {
    status: 429,
    code: "too_many_requests",
    message: `You have reached your rate limit. Please try again later after ${time}`,
    headers: {
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-used": "2",
      "x-ratelimit-reset": String(reset)
    }
  }
}

const planLimit = (now: number): Refusal.Refusal<string> => ({
  status: 429,
  code: "plan_limit_exceeded",
  message: "The quota of your plan is used up.",
  headers: {
    "x-ratelimit-request-remaining": "0",
    "x-ratelimit-request-reset": String(Math.ceil(now / 1000) + 86_400)
  }
})

const ResponseRequest = Schema.Struct({
  knowledge_store_id: Schema.NonEmptyString,
  input: Schema.NonEmptyArray(
    Schema.Struct({
      type: Schema.Literal("message"),
      role: Schema.Literal("user"),
      content: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(10_000))
    })
  ),
  session_id: Schema.optionalKey(Schema.NullOr(Schema.String)),
  stream: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  include: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Literal("intermediate_outputs")))),
  text: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        format: Schema.optionalKey(
          Schema.Union([
            Schema.Struct({ type: Schema.Literal("text") }),
            Schema.Struct({ type: Schema.Literal("json_schema"), name: Schema.String, schema: Schema.Unknown })
          ])
        )
      })
    )
  )
})

const decodeRequest = Schema.decodeUnknownEffect(Schema.fromJsonString(ResponseRequest))

/** `POST /responses` */
export const createResponse = (state: TwelveLabsState, linker: (play: Play) => Linker) =>
  Effect.gen(function* () {
    const { body, fault, headers, now, play } = yield* Exchange.Exchange
    const refused = yield* Refusal.ofFault(fault, style)
    if (refused !== undefined) return refused
    const key = headers["x-api-key"]
    if (key !== state.apiKey) {
      // It repeats the key, as careless servers do: a client must not let that through to its errors.
      return yield* Refusal.refuse(style, {
        status: 401,
        code: "api_key_invalid",
        message: key === undefined ? "No API key was sent in x-api-key." : `The API key ${key} is not valid.`
      })
    }
    const request = yield* Effect.result(decodeRequest(body))
    if (request._tag === "Failure") {
      const message = `Invalid body: ${request.failure.message.replaceAll("\n", " ")}`
      return yield* Refusal.refuse(style, { status: 400, code: "parameter_invalid", message })
    }
    const asked = request.success
    if (asked.knowledge_store_id !== state.knowledgeStoreId) {
      const message = `The knowledge store does not exist (this emulator has ${state.knowledgeStoreId}).`
      return yield* Refusal.refuse(style, { status: 404, code: "resource_not_exist", message })
    }
    state.responses += 1
    const format = asked.text?.format
    const turn = TwelveLabsTurn.make({
      number: state.responses,
      sessionId: asked.session_id ?? `sess_01999999-0000-7000-8000-${String(state.responses).padStart(12, "0")}`,
      knowledgeStoreId: asked.knowledge_store_id,
      intermediate: asked.include?.includes("intermediate_outputs") === true,
      schema: format?.type === "json_schema" ? format.schema : undefined,
      now,
      link: linker(play)
    })
    const frames = framesOf(turn, play)
    if (asked.stream === true) {
      return yield* Exchange.stream(frames, TwelveLabsTurn.faultFrames(turn, play.body === "nested", play.code))
    }
    return yield* answerWhole(frames, turn, fault)
  })

const framesOf = (turn: TwelveLabsTurn.Turn, play: Play): Iterable<TwelveLabsTurn.TurnFrame> => {
  const named = TwelveLabsScenarios.names.find((name) => name === play.scenario)
  const name = named ?? (turn.schema === undefined ? "videos" : "structured")
  return TwelveLabsScenarios.scenarios[name].frames(turn, {
    count: play.count ?? 10_000,
    bytes: play.bytes ?? 100_000_000
  })
}

/** The non-streaming answer is the response object of the terminal event. */
const answerWhole = Effect.fnUntraced(function* (
  frames: Iterable<TwelveLabsTurn.TurnFrame>,
  turn: TwelveLabsTurn.Turn,
  fault: Fault | undefined
) {
  let response: TwelveLabsTurn.Fields = turn.responseOf("failed")
  for (const frame of frames) {
    if (frame.error !== undefined || fault === "stream-error") {
      const error = frame.error ?? { code: "generic_error", message: "Something went wrong on our side." }
      return yield* Refusal.refuse(style, { status: 500, ...error })
    }
    response = frame.response ?? response
  }
  if (fault === "error-mark") response = turn.responseOf("failed")
  if (fault === "wrong-shape") response = { ...response, output: "none" }
  const bytes = new TextEncoder().encode(JSON.stringify(response))
  return yield* Exchange.bodyWithFault(bytes, { "content-type": "application/json" })
})
