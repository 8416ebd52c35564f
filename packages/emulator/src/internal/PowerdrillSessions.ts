/**
 * Powerdrill's sessions, and the history of each, whose links are signed anew.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import * as PowerdrillJobs from "./PowerdrillJobs.ts"
import { invalid, Refused } from "./PowerdrillRefusal.ts"
import type { ScenarioSizes } from "./PowerdrillScenarios.ts"
import { Api } from "./PowerdrillServer.ts"
import * as State from "./PowerdrillState.ts"
import type { Linker } from "./StoreLinks.ts"

/** A history does not repeat what is only there for its size. */
const historySizes: ScenarioSizes = { count: 50, bytes: 10_000 }

const checkHistory = (count: number | undefined) =>
  count !== undefined && (count < 0 || count > 10)
    ? Effect.fail(invalid("max_contextual_job_history: must be 0 to 10"))
    : Effect.void

/** The endpoints of the group `sessions`. */
export const layer = (state: State.PowerdrillState, linker: (play: Play) => Linker) =>
  HttpApiBuilder.group(Api, "sessions", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { agentId, jobMode, maxContextualJobHistory, name, outputLanguage, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          yield* State.requireText("name", name)
          yield* checkHistory(maxContextualJobHistory)
          if (ownSessions(state, userId).length >= state.limits.sessionLimit) {
            return yield* new Refused({
              status: 200,
              code: 300009,
              message: `The limit of ${state.limits.sessionLimit} sessions is reached`
            })
          }
          const id = state.nextSessionId()
          state.sessions.set(id, {
            id,
            userId,
            jobs: [],
            name: State.cut(name),
            outputLanguage: outputLanguage ?? "AUTO",
            jobMode: jobMode ?? "AUTO",
            maxContextualJobHistory: maxContextualJobHistory ?? 10,
            agentId
          })
          return { id }
        }),
      list: ({ query }) =>
        Effect.andThen(
          State.requireText("user_id", query.userId),
          State.pageOf(
            ownSessions(state, query.userId).filter(({ name }) => State.matches(query.search, name)),
            query
          )
        ),
      get: ({ params: { id }, query }) =>
        Effect.andThen(State.requireText("user_id", query.userId), State.findSession(state, id)),
      modify: ({ params: { id }, payload: { userId, ...changes } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const session = yield* State.findSession(state, id)
          yield* State.requireText("name", changes.name)
          yield* checkHistory(changes.maxContextualJobHistory)
          state.sessions.set(id, {
            ...session,
            name: State.cut(changes.name),
            outputLanguage: changes.outputLanguage ?? session.outputLanguage,
            jobMode: changes.jobMode ?? session.jobMode,
            maxContextualJobHistory: changes.maxContextualJobHistory ?? session.maxContextualJobHistory
          })
          return undefined
        }),
      delete: ({ params: { id }, payload: { userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          yield* State.findSession(state, id)
          state.sessions.delete(id)
          return undefined
        }),
      history: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", query.userId)
          const { now, play } = yield* Exchange.Exchange
          const session = yield* State.findSession(state, id)
          const page = yield* State.pageOf(session.jobs, query)
          return {
            ...page,
            items: page.items.map((past) => ({
              jobId: past.jobId,
              question: { blocks: [{ type: "MESSAGE", content: past.question }] },
              answer: { blocks: PowerdrillJobs.blocksOf(past, now(), linker(play), historySizes) }
            }))
          }
        })
    })
  )

/** The sessions of a user, newest first. */
const ownSessions = (state: State.PowerdrillState, userId: string): ReadonlyArray<State.OwnSession> =>
  [...state.sessions.values()].filter((session) => session.userId === userId).toReversed()
