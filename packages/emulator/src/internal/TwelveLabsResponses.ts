/**
 * TwelveLabs' endpoint for responses, streamed or not.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Fault } from "../Fault.ts"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import { invalid, Refused } from "./TwelveLabsRefusal.ts"
import * as TwelveLabsScenarios from "./TwelveLabsScenarios.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as TwelveLabsTurn from "./TwelveLabsTurn.ts"

/** The endpoint of the group `responses`. */
export const layer = (state: State.TwelveLabsState, linker: (play: Play) => Linker) =>
  HttpApiBuilder.group(Api, "responses", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { fault, now, play } = yield* Exchange.Exchange
          const store = yield* State.findKnowledgeStore(state, payload.knowledge_store_id)
          const sessionId = payload.session_id ?? state.nextUuid("sess_")
          if ((state.sessions.get(sessionId) ?? store.id) !== store.id) {
            return yield* invalid("session_id: the session is over another knowledge store")
          }
          const isFirstTurn = !state.sessions.has(sessionId)
          state.sessions.set(sessionId, store.id)
          const format = payload.text?.format
          const turn = TwelveLabsTurn.make({
            number: state.count("response"),
            sessionId,
            knowledgeStoreId: store.id,
            question: payload.input.at(-1)?.content ?? "",
            items: itemsOf(state, store.id),
            collections: [...state.itemCollections.values()]
              .filter(({ knowledgeStoreId }) => knowledgeStoreId === store.id)
              .map(({ id, name }) => ({ id, title: name })),
            intermediate: payload.include?.includes("intermediate_outputs") === true,
            schema: format?.type === "json_schema" ? format.schema : undefined,
            now,
            link: linker(play)
          })
          const frames = framesOf(turn, play, isFirstTurn)
          if (payload.stream === true) {
            return yield* Exchange.stream(frames, TwelveLabsTurn.faultFrames(turn, play.body === "nested", play.code))
          }
          return yield* answerWhole(frames, turn, fault)
        })
    })
  )

/** The items that the agent knows. */
const itemsOf = (state: State.TwelveLabsState, knowledgeStoreId: string): ReadonlyArray<TwelveLabsTurn.Citable> =>
  [...state.items.values()]
    .filter((item) => item.knowledgeStoreId === knowledgeStoreId)
    .filter(({ work }) => State.statusOf(state, work, ["processing"]) === "ready")
    .map(({ asset, id }) => ({ id, kind: asset.kind, title: asset.filename }))

const framesOf = (turn: TwelveLabsTurn.Turn, play: Play, isFirstTurn: boolean): Iterable<TwelveLabsTurn.TurnFrame> => {
  const named = TwelveLabsScenarios.names.find((name) => name === play.scenario)
  const unnamed = turn.schema !== undefined ? "structured" : isFirstTurn ? "videos" : "follow-up"
  const name = named ?? unnamed
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
      return yield* new Refused({ status: 500, ...error })
    }
    response = frame.response ?? response
  }
  if (fault === "error-mark") response = turn.responseOf("failed")
  if (fault === "wrong-shape") response = { ...response, output: "none" }
  // Written by hand, as scenarios have fields that the declaration does not know.
  const bytes = new TextEncoder().encode(JSON.stringify(response))
  return yield* Exchange.bodyWithFault(bytes, { "content-type": "application/json" })
})
