/**
 * Powerdrill's endpoints: sessions, jobs (streamed or not), and the history of a session, whose links are signed anew.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Fault } from "../Fault.ts"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./ObjectStore.ts"
import * as PowerdrillJob from "./PowerdrillJob.ts"
import * as PowerdrillScenarios from "./PowerdrillScenarios.ts"
import * as Refusal from "./Refusal.ts"

/** What the API accepts, and the state that it keeps. */
export interface PowerdrillState {
  readonly apiKey: string
  readonly sessionId: string
  readonly sessions: Map<string, Array<PastJob>>
  jobs: number
}

/** A job that the history of a session shows. */
export interface PastJob {
  readonly jobId: string
  readonly question: string
  readonly scenario: PowerdrillScenarios.PowerdrillScenarioName
}

/** Makes the state with one session in it. */
export const makeState = (options: { readonly apiKey: string; readonly sessionId: string }): PowerdrillState => ({
  ...options,
  sessions: new Map([[options.sessionId, []]]),
  jobs: 0
})

const longestQuestion = 6000
const longestHistory = 100

/** A history does not repeat what is only there for its size. */
const historySizes: PowerdrillScenarios.ScenarioSizes = { count: 50, bytes: 10_000 }

const style: Refusal.RefusalStyle<number> = {
  toCode: (text) => (Number.isNaN(Number(text)) ? 9999 : Number(text)),
  body: ({ code, message }, spelling) => {
    switch (spelling) {
      case "vendor":
        return { code, msg: message }
      case "nested":
        return { error: { code, message } }
      case "old":
        return { code: String(code), message, data: null }
    }
  },
  ofFault: (fault: Fault) => errors[fault]
}

const errors: Partial<Readonly<Record<Fault, Refusal.Refusal<number>>>> = {
  unauthorized: { status: 401, code: 1003, message: "insufficient.authentication" },
  forbidden: { status: 403, code: 1002, message: "credentials.expired" },
  "not-found": { status: 404, code: 300003, message: "dataset not found" },
  "rate-limited": { status: 429, code: 201, message: "Too many requests, slow down" },
  quota: { status: 400, code: 210021, message: "Job quota exceeded" },
  "server-error": { status: 500, code: 9999, message: "Internal error" },
  unavailable: { status: 503, code: 9999, message: "Service unavailable" },
  overloaded: { status: 529, code: 9999, message: "Overloaded" },
  "json-error": { status: 200, code: 300002, message: "No permission" },
  "json-no-type": { status: 200, code: 300002, message: "No permission" }
}

const invalid = (detail: string): Refusal.Refusal<number> => ({
  status: 400,
  code: 300001,
  message: `Invalid parameter: ${detail}`
})

const JobRequest = Schema.Struct({
  session_id: Schema.NonEmptyString,
  user_id: Schema.NonEmptyString,
  question: Schema.NonEmptyString,
  stream: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

const SessionRequest = Schema.Struct({ name: Schema.NonEmptyString, user_id: Schema.NonEmptyString })

const traceId = (now: number, number: number) =>
  `${now.toString(16).padStart(16, "0")}${number.toString(16).padStart(16, "0")}`

/** Refuses what must be refused before a route looks at the body. */
const guarded = <A, E, R>(
  state: PowerdrillState,
  route: (headers: Readonly<Record<string, string>>) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const { fault, headers, now } = yield* Exchange.Exchange
    state.jobs += 1
    const trace = { "x-pd-trace-id": traceId(now(), state.jobs) }
    const refused = yield* Refusal.ofFault(fault, style, trace)
    if (refused !== undefined) return refused
    if (headers["x-pd-api-key"] !== state.apiKey) {
      return yield* Refusal.refuse(style, { status: 403, code: 1004, message: "bad.credentials" }, trace)
    }
    return yield* route(trace)
  })

const decodeBody = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, body: string) =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(body).pipe(
    Effect.mapError((error) => invalid(error.message.replaceAll("\n", " ")))
  )

/** `POST /v2/team/sessions` */
export const createSession = (state: PowerdrillState) =>
  guarded(state, (trace) =>
    Effect.gen(function* () {
      const { body } = yield* Exchange.Exchange
      yield* decodeBody(SessionRequest, body)
      const id = `5e551000-0000-4000-8000-${(state.sessions.size + 1).toString(16).padStart(12, "0")}`
      state.sessions.set(id, [])
      return yield* Exchange.json(200, { code: 0, data: { id } }, trace)
    }).pipe(Effect.catchIf(isRefusal, (refusal) => Refusal.refuse(style, refusal, trace)))
  )

const isRefusal = (error: unknown): error is Refusal.Refusal<number> =>
  typeof error === "object" && error !== null && "status" in error && "code" in error

/** `POST /v2/team/jobs` */
export const createJob = (state: PowerdrillState, linker: (play: Play) => Linker) =>
  guarded(state, (trace) =>
    Effect.gen(function* () {
      const { body, fault, now, play } = yield* Exchange.Exchange
      const request = yield* decodeBody(JobRequest, body)
      if ([...request.question].length > longestQuestion) {
        return yield* Effect.fail<Refusal.Refusal<number>>({
          status: 400,
          code: 210022,
          message: `The question is longer than ${longestQuestion} characters`
        })
      }
      const session = state.sessions.get(request.session_id)
      if (session === undefined) {
        return yield* Effect.fail<Refusal.Refusal<number>>({
          status: 200,
          code: 300003,
          message: `session not found (this emulator has ${state.sessionId}, and those created in it)`
        })
      }
      const scenario = scenarioOf(play)
      const past: PastJob = {
        jobId: `job-emulator${String(state.jobs).padStart(8, "0")}`,
        question: request.question,
        scenario
      }
      session.unshift(past)
      session.length = Math.min(session.length, longestHistory)
      if (request.stream === true) {
        const job = jobOf(past, now, linker(play))
        const frames = PowerdrillScenarios.scenarios[scenario].frames(job, sizesOf(play))
        return yield* Exchange.stream(frames, PowerdrillJob.faultFrames(job, play.code), trace)
      }
      if (fault === "stream-error" || fault === "error-mark") {
        return yield* Effect.fail<Refusal.Refusal<number>>({
          status: 500,
          code: 210020,
          message: "Job execution failed"
        })
      }
      const data =
        fault === "wrong-shape"
          ? { job_id: 42, blocks: "none" }
          : { job_id: past.jobId, blocks: blocksOf(past, now(), linker(play), sizesOf(play)) }
      const bytes = new TextEncoder().encode(JSON.stringify({ code: 0, msg: null, data }))
      return yield* Exchange.bodyWithFault(bytes, { ...trace, "content-type": "application/json" })
    }).pipe(Effect.catchIf(isRefusal, (refusal) => Refusal.refuse(style, refusal, trace)))
  )

/** `GET /v2/team/sessions/{id}/history` */
export const history = (
  state: PowerdrillState,
  sessionId: string,
  query: URLSearchParams,
  linker: (play: Play) => Linker
) =>
  guarded(state, (trace) =>
    Effect.gen(function* () {
      const { now, play } = yield* Exchange.Exchange
      const session = Option.fromNullishOr(state.sessions.get(sessionId))
      if (query.get("user_id") === null) return yield* Refusal.refuse(style, invalid("user_id"), trace)
      if (Option.isNone(session)) {
        return yield* Refusal.refuse(style, { status: 200, code: 300003, message: "session not found" }, trace)
      }
      const page = Math.max(1, Number(query.get("page_number") ?? 1) || 1)
      const size = Math.max(1, Number(query.get("page_size") ?? 10) || 10)
      const records = session.value.slice((page - 1) * size, page * size).map((past) => ({
        job_id: past.jobId,
        question: { blocks: [{ type: "MESSAGE", content: past.question }] },
        answer: { blocks: blocksOf(past, now(), linker(play), historySizes) }
      }))
      const data = { page_number: page, page_size: size, total_items: session.value.length, records }
      return yield* Exchange.json(200, { code: 0, data }, trace)
    })
  )

const scenarioOf = (play: Play): PowerdrillScenarios.PowerdrillScenarioName =>
  PowerdrillScenarios.names.find((name) => name === play.scenario) ?? "travel-prices"

const sizesOf = (play: Play): PowerdrillScenarios.ScenarioSizes => ({
  count: play.count ?? 10_000,
  bytes: play.bytes ?? 100_000_000
})

const jobOf = (past: PastJob, now: () => number, link: Linker) =>
  PowerdrillJob.make({ jobId: past.jobId, seed: past.scenario, question: past.question, now, link })

/** All blocks of an answer that is not streamed share one moment, and so one expiry. */
const blocksOf = (past: PastJob, moment: number, link: Linker, sizes: PowerdrillScenarios.ScenarioSizes) => {
  const job = jobOf(past, () => moment, link)
  return PowerdrillJob.fold(PowerdrillScenarios.scenarios[past.scenario].frames(job, sizes))
}
