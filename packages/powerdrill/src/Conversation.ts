/**
 * Several questions in one session, each in the light of those before it.
 */
import type * as EventStream from "@effect-sse/core/EventStream"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { SessionId } from "./Ids.ts"
import type { JobEvent } from "./JobEvent.ts"
import * as JobReport from "./JobReport.ts"
import type { JobRequest } from "./JobRequest.ts"
import type { Jobs } from "./Jobs.ts"
import type { CreateRequest, Sessions } from "./Sessions.ts"

/**
 * What a conversation is begun with: a session that is made for it, or one that exists, and what all its questions share.
 */
export type Options = Defaults & {
  /** Another user than the client's. */
  readonly userId?: string | undefined
} & (
    | (CreateRequest & {
        readonly sessionId?: undefined
        /** Deletes the session, with its history, when the scope closes. Default false. */
        readonly deleteAtEnd?: boolean | undefined
      })
    | { readonly sessionId: SessionId }
  )

/**
 * What the questions of a conversation share, unless one says otherwise.
 */
export type Defaults = Pick<JobRequest, "datasetId" | "datasourceIds" | "customOptions">

/**
 * A question: a text, or a text with what is different for it.
 */
export type Question = string | Omit<JobRequest, "sessionId" | "userId">

/**
 * A conversation.
 */
export interface Conversation {
  readonly sessionId: SessionId
  /**
   * Asks, and delivers the answer as it comes. One question at a time: the next one waits until this answer has ended, as it
   * is asked in the light of it.
   */
  readonly stream: <const O extends EventStream.Options = {}>(
    question: Question,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<JobEvent | EventStream.Extra<O>, StreamError>
  /** Asks, and gives the answer when it is whole. Waits for its turn too. */
  readonly run: (
    question: Question,
    options?: EventStream.Options | undefined
  ) => Effect.Effect<JobReport.JobReport, StreamError>
}

/**
 * Begins a conversation that lives as long as the scope. `Powerdrill` has this as its member `conversation`.
 *
 * Fails with an `ApiError` of kind `QuotaExceeded` when the user has 150 sessions: delete some, or use `deleteAtEnd`.
 *
 * **Example** (Two questions)
 *
 * ```ts
 * import { type DatasetId, Powerdrill } from "@effect-sse/powerdrill"
 * import { Console, Effect } from "effect"
 *
 * const ask = (datasetId: DatasetId) =>
 *   Effect.scoped(
 *     Effect.gen(function*() {
 *       const { conversation } = yield* Powerdrill
 *       const talk = yield* conversation({ name: "Sales", datasetId, deleteAtEnd: true })
 *       const first = yield* talk.run("Which shop earns most?")
 *       const second = yield* talk.run("And how has that changed over the year?")
 *       yield* Console.log(first.answer, second.answer)
 *     })
 *   )
 * ```
 */
export const make = (
  { jobs, sessions }: { readonly jobs: Jobs; readonly sessions: Sessions },
  options: Options
): Effect.Effect<Conversation, RequestError, Scope.Scope> =>
  Effect.gen(function* () {
    const { customOptions, datasetId, datasourceIds, userId } = options
    const sessionId = yield* sessionOf(sessions, options)
    const turn = yield* Semaphore.make(1)

    const requestOf = (question: Question): JobRequest => ({
      datasetId,
      datasourceIds,
      customOptions,
      ...(typeof question === "string" ? { question } : question),
      sessionId,
      userId
    })

    const stream: Conversation["stream"] = (question, streamOptions) =>
      Stream.unwrap(
        Effect.as(
          Effect.acquireRelease(Semaphore.take(turn, 1), () => Semaphore.release(turn, 1), { interruptible: true }),
          jobs.stream(requestOf(question), streamOptions)
        )
      )

    return {
      sessionId,
      stream,
      run: (question, streamOptions) => JobReport.fold(stream(question, streamOptions))
    }
  })

/** The session that exists, or a new one; it is deleted with the scope where that is asked for. */
const sessionOf = (sessions: Sessions, options: Options): Effect.Effect<SessionId, RequestError, Scope.Scope> => {
  if (options.sessionId !== undefined) return Effect.succeed(options.sessionId)
  const { agentId, deleteAtEnd, jobMode, maxContextualJobHistory, name, outputLanguage, userId } = options
  const create = sessions.create({ agentId, jobMode, maxContextualJobHistory, name, outputLanguage }, { userId })
  if (deleteAtEnd !== true) return create
  return Effect.acquireRelease(create, (sessionId) =>
    sessions.delete(sessionId, { userId, deadline: "10 seconds" }).pipe(
      // The answers are there: a session that stays is worth a word, and no failure.
      Effect.catch((error) => Effect.logWarning(`session ${sessionId} was not deleted: ${error.message}`))
    )
  )
}
