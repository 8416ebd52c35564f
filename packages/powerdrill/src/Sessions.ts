/**
 * Sessions: conversations that jobs run in, and what was asked in them.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { Artifact } from "@effect-sse/core/Artifact"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { JobId, SessionId } from "./Ids.ts"
import { AnswerBlock, blockOf } from "./internal/answer.ts"
import { asker } from "./internal/asker.ts"
import { listing } from "./internal/listing.ts"
import { freshLink } from "./internal/freshLink.ts"
import * as Wire from "./internal/wire.ts"
import * as JobReport from "./JobReport.ts"
import { JobMode, OutputLanguage } from "./JobRequest.ts"

/**
 * A session.
 */
export const Session = Schema.Struct({
  id: SessionId,
  /** At most 128 characters come back. */
  name: Schema.String,
  outputLanguage: WireSchema.maybe(OutputLanguage),
  jobMode: WireSchema.maybe(JobMode),
  /** How many earlier jobs a new one takes into account. */
  maxContextualJobHistory: WireSchema.maybe(Wire.Count),
  agentId: WireSchema.maybe(Schema.String)
}).pipe(
  Schema.encodeKeys({
    outputLanguage: "output_language",
    jobMode: "job_mode",
    maxContextualJobHistory: "max_contextual_job_history",
    agentId: "agent_id"
  })
)

/** A session. */
export type Session = typeof Session.Type

/**
 * What a session is made with ("Create session" in the vendor's reference).
 */
export interface CreateRequest {
  /** The vendor cuts it to 128 characters. */
  readonly name: string
  /** Default `"AUTO"`. */
  readonly outputLanguage?: OutputLanguage | undefined
  /** Default `"AUTO"`, which is sent: the documentation contradicts itself about what an absent one means. */
  readonly jobMode?: JobMode | undefined
  /** How many earlier jobs a new one takes into account, 0 (none) to 10. Default 10. */
  readonly maxContextualJobHistory?: number | undefined
  /** Reserved by the vendor, which names `"DATA_ANALYSIS_AGENT"`; better left out. */
  readonly agentId?: string | undefined
}

/**
 * How a session is changed ("Modify session" in the vendor's reference).
 */
export interface ModifyRequest {
  /** Required by the vendor also where it stays as it is: read the session first. */
  readonly name: string
  readonly outputLanguage?: OutputLanguage | undefined
  readonly jobMode?: JobMode | undefined
  readonly maxContextualJobHistory?: number | undefined
}

/**
 * A job of a session's history.
 */
export interface PastJob {
  readonly jobId: JobId
  /** What was asked. */
  readonly question: string
  /** What was answered. Its links are signed anew each time the history is read, for about ten minutes. */
  readonly report: JobReport.JobReport
}

/**
 * Where a job's answer stands.
 */
export interface JobPlace {
  readonly sessionId: SessionId
  readonly jobId: JobId
}

const modifyFields = {
  name: Schema.String,
  outputLanguage: Schema.optional(OutputLanguage),
  jobMode: Schema.optional(JobMode),
  maxContextualJobHistory: Schema.optional(Schema.Int)
} as const

const modifyKeys = {
  userId: "user_id",
  outputLanguage: "output_language",
  jobMode: "job_mode",
  maxContextualJobHistory: "max_contextual_job_history"
} as const

const HistoryRecord = Schema.Struct({
  jobId: JobId,
  question: Schema.Struct({
    blocks: Schema.Array(Schema.Struct({ type: Schema.String, content: Schema.optionalKey(Schema.Unknown) }))
  }),
  answer: Schema.Struct({ blocks: Schema.Array(AnswerBlock) })
}).pipe(Schema.encodeKeys({ jobId: "job_id" }))

const params = { id: WireSchema.inPath(SessionId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("sessions").add(
  HttpApiEndpoint.post("create", "/sessions", {
    payload: Schema.Struct({
      userId: Schema.String,
      ...modifyFields,
      agentId: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ ...modifyKeys, agentId: "agent_id" })),
    success: Wire.envelope(Schema.Struct({ id: SessionId }))
  }),
  HttpApiEndpoint.get("list", "/sessions", {
    query: Schema.Struct({ ...Wire.listQuery, search: Schema.optional(Schema.String) }).pipe(
      Schema.encodeKeys(Wire.listKeys)
    ),
    success: Wire.page(Session)
  }),
  HttpApiEndpoint.get("get", "/sessions/:id", { params, query: Wire.Asker, success: Wire.envelope(Session) }),
  HttpApiEndpoint.post("modify", "/sessions/:id", {
    params,
    payload: Schema.Struct({ userId: Schema.String, ...modifyFields }).pipe(Schema.encodeKeys(modifyKeys)),
    success: Wire.done
  }),
  HttpApiEndpoint.delete("delete", "/sessions/:id", { params, payload: Wire.Asker, success: Wire.done }),
  HttpApiEndpoint.get("history", "/sessions/:id/history", {
    params,
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(HistoryRecord)
  })
)

/**
 * What can be done with sessions.
 */
export interface Sessions {
  /** Makes a session. A user may have 150 of them, after which an `ApiError` of kind `QuotaExceeded` comes: delete some. */
  readonly create: (request: CreateRequest, options?: CallOptions | undefined) => Effect.Effect<SessionId, RequestError>
  /**
   * The user's sessions, page by page.
   *
   * @param options `search` finds names that contain it
   */
  readonly list: (
    options?: (ListOptions & { readonly search?: string | undefined }) | undefined
  ) => Stream.Stream<Session, RequestError>
  readonly get: (sessionId: SessionId, options?: CallOptions | undefined) => Effect.Effect<Session, RequestError>
  readonly modify: (
    sessionId: SessionId,
    request: ModifyRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Deletes a session and its history for good. */
  readonly delete: (sessionId: SessionId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /** The jobs of a session, page by page; the newest first, as far as is known. */
  readonly history: (sessionId: SessionId, options?: ListOptions | undefined) => Stream.Stream<PastJob, RequestError>
  /**
   * Finds a job in the history, such as one whose stream broke: `MissingDoneError` tells its id. None when it is not there
   * (yet).
   */
  readonly job: (
    place: JobPlace,
    options?: ListOptions | undefined
  ) => Effect.Effect<Option.Option<PastJob>, RequestError>
  /**
   * Asks for a fresh link to a table or picture of a job, from the history, where all links are signed anew. An artifact that
   * the history does not have comes back as it was.
   *
   * **Example** (Saving a file late)
   *
   * ```ts
   * import { Artifact } from "@effect-sse/core"
   * import { type Sessions, Powerdrill } from "@effect-sse/powerdrill"
   * import { Effect } from "effect"
   *
   * const saveLate = (artifact: Artifact.Artifact, place: Sessions.JobPlace) =>
   *   Effect.flatMap(Powerdrill, ({ sessions }) =>
   *     Artifact.save(artifact, { directory: "report", refresh: sessions.refresh(place) })
   *   )
   * ```
   */
  readonly refresh: (
    place: JobPlace,
    options?: ListOptions | undefined
  ) => (artifact: Artifact) => Effect.Effect<Artifact, RequestError>
}

/**
 * Makes the sessions of a connection. `Powerdrill` has them as its member `sessions`.
 */
export const make = (connection: Connection): Effect.Effect<Sessions> =>
  Effect.map(ApiClient.make(HttpApi.make("powerdrill").add(Group), connection), ({ call }) => {
    const history: Sessions["history"] = (id, options) =>
      listing(connection, options, (query) =>
        call(({ sessions }) => sessions.history({ params: { id }, query }), options)
      ).pipe(Stream.map(pastJob))

    const job: Sessions["job"] = ({ jobId, sessionId }, options) =>
      history(sessionId, options).pipe(
        Stream.filter((past) => past.jobId === jobId),
        Stream.runHead
      )

    return {
      create: ({ jobMode = "AUTO", ...request }, options) =>
        call(
          ({ sessions }) => sessions.create({ payload: { ...request, jobMode, ...asker(connection, options) } }),
          options
        ).pipe(Effect.map(({ id }) => id)),
      list: (options) =>
        listing(connection, options, (query) =>
          call(({ sessions }) => sessions.list({ query: { ...query, search: options?.search } }), options)
        ),
      get: (id, options) =>
        call(({ sessions }) => sessions.get({ params: { id }, query: asker(connection, options) }), options),
      modify: (id, request, options) =>
        call(
          ({ sessions }) => sessions.modify({ params: { id }, payload: { ...request, ...asker(connection, options) } }),
          options
        ),
      delete: (id, options) =>
        call(({ sessions }) => sessions.delete({ params: { id }, payload: asker(connection, options) }), options),
      history,
      job,
      refresh: (place, options) => (artifact) => Effect.map(job(place, options), (past) => freshLink(artifact, past))
    }
  })

const pastJob = (record: typeof HistoryRecord.Type): PastJob => ({
  jobId: record.jobId,
  question: record.question.blocks.flatMap(({ content }) => (typeof content === "string" ? [content] : [])).join("\n"),
  report: JobReport.fromAnswer({ jobId: record.jobId, blocks: record.answer.blocks.map(blockOf) })
})
