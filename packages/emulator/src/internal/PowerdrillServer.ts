/**
 * The vendor's API as the emulator serves it: the SDK's own declaration, behind `/powerdrill`, with the middleware that plays
 * faults and writes answers.
 */
import * as PowerdrillApi from "@effect-sse/powerdrill/PowerdrillApi"
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Answers from "./Answers.ts"
import type { Exchange } from "./Exchange.ts"
import { invalid, Refused, style } from "./PowerdrillRefusal.ts"
import type { PowerdrillState } from "./PowerdrillState.ts"

/** Stands around each endpoint. */
export class Answering extends HttpApiMiddleware.Service<Answering, { provides: Exchange | Answers.AnswerHeaders }>()(
  "@effect-sse/emulator/internal/PowerdrillServer/Answering",
  { error: Refused }
) {}

/** The API. The middleware that is added last is the outermost. */
export const Api = PowerdrillApi.PowerdrillApi.prefix("/powerdrill").middleware(Answering)

const manner: Answers.Manner<number> = {
  style,
  refusalOf: (problem) => (problem instanceof Refused ? problem : undefined),
  invalid,
  wrongShape: '{"code":0,"data":{"unexpected":["not","a","text"]}}'
}

/** The two pieces of middleware. */
export const middleware = (state: PowerdrillState): Layer.Layer<Answering | PowerdrillApi.ApiKey> =>
  Layer.mergeAll(
    Layer.succeed(Answering, (endpoint) =>
      Effect.suspend(() => Answers.answer(manner, endpoint, { "x-pd-trace-id": state.nextTraceId() }))
    ),
    Layer.succeed(PowerdrillApi.ApiKey, {
      apiKey: (endpoint, { credential }) =>
        Redacted.value(credential) === state.apiKey
          ? endpoint
          : // The declaration names no errors, since any answer can be one: this one goes where none are named.
            Effect.die(new Refused({ status: 403, code: 1004, message: "bad.credentials" }))
    })
  )
