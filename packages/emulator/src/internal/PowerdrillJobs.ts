/**
 * Powerdrill's jobs, streamed or not.
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import * as PowerdrillJob from "./PowerdrillJob.ts"
import { notFound, Refused } from "./PowerdrillRefusal.ts"
import * as PowerdrillScenarios from "./PowerdrillScenarios.ts"
import { AnswerHeaders } from "./Answers.ts"
import { Api } from "./PowerdrillServer.ts"
import * as State from "./PowerdrillState.ts"
import type { Linker } from "./StoreLinks.ts"

const longestQuestion = 6000
const mostDatasources = 1000
const longestHistory = 100

const refused = (code: number, message: string) => new Refused({ status: 400, code, message })

/** The endpoints of the group `jobs`. */
export const layer = (state: State.PowerdrillState, linker: (play: Play) => Linker) =>
  HttpApiBuilder.group(Api, "jobs", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { datasetId, datasourceIds, question, sessionId, stream, userId } }) =>
        Effect.gen(function* () {
          const { fault, now, play } = yield* Exchange.Exchange
          yield* State.requireText("user_id", userId)
          yield* State.requireText("session_id", sessionId)
          if (Array.from(question).length > longestQuestion) {
            return yield* refused(210022, `The question is longer than ${longestQuestion} characters`)
          }
          const session = yield* State.findSession(state, sessionId)
          const data = datasetId === undefined ? undefined : yield* dataOf(state, datasetId, datasourceIds ?? [])
          const before = state.jobs.get(userId) ?? 0
          if (before >= state.limits.jobQuota) return yield* refused(210021, "Job quota exceeded")
          state.jobs.set(userId, before + 1)
          const past: State.PastJob = { jobId: state.nextJobId(), question, scenario: scenarioOf(play), data }
          session.jobs.unshift(past)
          session.jobs.length = Math.min(session.jobs.length, longestHistory)
          if (stream === true) {
            const job = jobOf(past, now, linker(play))
            const frames = PowerdrillScenarios.scenarios[past.scenario].frames(job, sizesOf(play))
            return yield* Exchange.stream(frames, PowerdrillJob.faultFrames(job, play.code), yield* AnswerHeaders)
          }
          if (fault === "stream-error" || fault === "error-mark") {
            return yield* new Refused({ status: 500, code: 210020, message: "Job execution failed" })
          }
          return { job_id: past.jobId, blocks: blocksOf(past, now(), linker(play), sizesOf(play)) }
        })
    })
  )

/**
 * What a job looks at. Data sources that are named must all have been read; of a whole dataset those that cannot be read are
 * left out, but none may still be on its way.
 */
const dataOf = (state: State.PowerdrillState, datasetId: string, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (ids.length > mostDatasources) return yield* refused(210025, `More than ${mostDatasources} files are selected`)
    const dataset = yield* State.findDataset(state, datasetId)
    const named = new Set(ids)
    const chosen = ids.length === 0 ? dataset.datasources : dataset.datasources.filter(({ id }) => named.has(id))
    if (chosen.length < named.size) return yield* notFound("datasource")
    const isRead = (datasource: State.OwnDatasource) => State.statusOf(datasource, state) === "synched"
    const unread = chosen.filter((datasource) => !isRead(datasource))
    const mayMiss = ids.length === 0 && unread.length < chosen.length
    if (unread.some((datasource) => !mayMiss || State.statusOf(datasource, state) === "synching")) {
      return yield* refused(210023, "Not all selected files are synchronised")
    }
    return { datasetId: dataset.id, datasources: chosen.filter(isRead) }
  })

const scenarioOf = (play: Play): PowerdrillScenarios.PowerdrillScenarioName =>
  PowerdrillScenarios.names.find((name) => name === play.scenario) ?? "travel-prices"

const sizesOf = (play: Play): PowerdrillScenarios.ScenarioSizes => ({
  count: play.count ?? 10_000,
  bytes: play.bytes ?? 100_000_000
})

const jobOf = ({ data, jobId, question, scenario }: State.PastJob, now: () => number, link: Linker) =>
  PowerdrillJob.make({ jobId, seed: scenario, question, now, link, data })

/** All blocks of an answer that is not streamed share one moment, and so one expiry. */
export const blocksOf = (
  past: State.PastJob,
  moment: number,
  link: Linker,
  sizes: PowerdrillScenarios.ScenarioSizes
): ReadonlyArray<PowerdrillJob.Block> => {
  const job = jobOf(past, () => moment, link)
  return PowerdrillJob.fold(PowerdrillScenarios.scenarios[past.scenario].frames(job, sizes))
}
