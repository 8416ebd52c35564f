/**
 * TwelveLabs' endpoint for analyses at once, streamed or not.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Exchange from "./Exchange.ts"
import * as TwelveLabsAnalysis from "./TwelveLabsAnalysis.ts"
import * as Checks from "./TwelveLabsAnalysisChecks.ts"
import { Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import type * as State from "./TwelveLabsState.ts"

/** The endpoint of the group `analyze`. */
export const layer = (state: State.TwelveLabsState) =>
  HttpApiBuilder.group(Api, "analyze", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          yield* Checks.prompt(payload.prompt, payload.prompt_v2)
          yield* Checks.video(state, payload.video)
          yield* Checks.model(payload.model_name)
          yield* Checks.window(payload)
          yield* Checks.tokens(payload.max_tokens, 1)
          const schema = payload.response_format?.json_schema
          yield* Checks.jsonSchema(schema)
          const wanted = { id: state.nextUuid(""), play, schema }
          // The service streams unless it is told not to.
          return payload.stream === false
            ? yield* answerWhole(wanted)
            : yield* Exchange.stream(TwelveLabsAnalysis.lines(wanted), TwelveLabsAnalysis.faultFrames(play))
        })
    })
  )

const answerWhole = Effect.fnUntraced(function* (wanted: TwelveLabsAnalysis.Wanted) {
  const { fault } = yield* Exchange.Exchange
  const outcome = TwelveLabsAnalysis.outcome(wanted)
  const error = { code: wanted.play.code ?? "generic_error", message: "Something went wrong on our side." }
  if ("code" in outcome) return yield* new Refused({ status: 500, ...outcome })
  if (fault === "stream-error") return yield* new Refused({ status: 500, ...error })
  const document =
    fault === "error-mark"
      ? error
      : { ...TwelveLabsAnalysis.document(wanted, outcome), ...(fault === "wrong-shape" ? { data: 7 } : {}) }
  // Written by hand, as scenarios have values that the declaration does not know.
  const bytes = new TextEncoder().encode(JSON.stringify(document))
  return yield* Exchange.bodyWithFault(bytes, { "content-type": "application/json" })
})
