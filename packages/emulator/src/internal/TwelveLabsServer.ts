/**
 * The vendor's API as the emulator serves it: the SDK's own declaration, behind `/twelvelabs/v1.3`, with the middleware that
 * plays faults and writes answers.
 */
import * as TwelveLabsApi from "@effect-sse/twelvelabs/TwelveLabsApi"
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Answers from "./Answers.ts"
import type { Exchange } from "./Exchange.ts"
import { invalid, Refused, style } from "./TwelveLabsRefusal.ts"
import type { TwelveLabsState } from "./TwelveLabsState.ts"

/** Stands around each endpoint. */
export class Answering extends HttpApiMiddleware.Service<Answering, { provides: Exchange | Answers.AnswerHeaders }>()(
  "@effect-sse/emulator/internal/TwelveLabsServer/Answering",
  { error: Refused }
) {}

/** The API. The middleware that is added last is the outermost. */
export const Api = TwelveLabsApi.TwelveLabsApi.prefix("/twelvelabs/v1.3").middleware(Answering)

const manner: Answers.Manner<string> = {
  style,
  refusalOf: (problem) => (problem instanceof Refused ? problem : undefined),
  invalid,
  // No list, no text, no number where the declarations want one.
  wrongShape: '{"_id":[],"id":[],"data":7,"status":{},"output":"none"}'
}

/** The two pieces of middleware. */
export const middleware = (state: TwelveLabsState): Layer.Layer<Answering | TwelveLabsApi.ApiKey> =>
  Layer.mergeAll(
    Layer.succeed(Answering, (endpoint) => Answers.answer(manner, endpoint)),
    Layer.succeed(TwelveLabsApi.ApiKey, {
      apiKey: (endpoint, { credential }) => {
        const key = Redacted.value(credential)
        if (key === state.apiKey) return endpoint
        // It repeats the key, as careless servers do: a client must not let that through to its errors.
        const message = key === "" ? "No API key was sent in x-api-key." : `The API key ${key} is not valid.`
        // The declaration names no errors, since any answer can be one: this one goes where none are named.
        return Effect.die(new Refused({ status: 401, code: "api_key_invalid", message }))
      }
    })
  )
