/**
 * Sessions: conversations that jobs run in.
 */
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Connection from "./Connection.ts"
import { SessionId } from "./Ids.ts"
import type { JobMode, OutputLanguage } from "./JobRequest.ts"

/**
 * What a session is made with ("Create session" in the vendor's reference).
 */
export interface CreateRequest {
  /** The vendor cuts it to 128 characters. */
  readonly name: string
  /** Default `"AUTO"`. */
  readonly outputLanguage?: OutputLanguage | undefined
  readonly jobMode?: JobMode | undefined
  /** How many earlier jobs a new one takes into account, 0 to 10. Default 10. */
  readonly maxContextualJobHistory?: number | undefined
  /** Another user than the client's. */
  readonly userId?: string | undefined
}

/**
 * What can be done with sessions.
 */
export interface Sessions {
  /** Makes a session. A user may have 150 of them, after which an `ApiError` of kind `QuotaExceeded` comes. */
  readonly create: (
    request: CreateRequest,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<SessionId, RequestError>
}

const Created = Schema.Struct({ data: Schema.Struct({ id: SessionId }) })

/**
 * Makes the sessions of a connection. `Powerdrill` has them as its member `sessions`.
 */
export const make = (connection: Connection.Connection): Sessions => ({
  create: (request, options) => {
    const body = {
      name: request.name,
      output_language: request.outputLanguage,
      job_mode: request.jobMode,
      max_contextual_job_history: request.maxContextualJobHistory,
      user_id: request.userId ?? Redacted.value(connection.userId)
    }
    return Effect.map(
      connection.call("/sessions", () => Result.succeed(JSON.stringify(body)), Created, options),
      ({ data }) => data.id
    )
  }
})
