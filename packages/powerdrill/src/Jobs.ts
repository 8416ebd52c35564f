/**
 * Jobs: a question about data, and its answer, as a stream or whole.
 *
 * A job is charged when it is accepted. There is no way to resume a broken answer, to cancel a job, or to ask for one by
 * its id; whether closing the connection stops it is not documented. Its answer stands in the session's history.
 */
import * as Core from "@effect-sse/core/Connection"
import type * as EventStream from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import type { Connection } from "./Connection.ts"
import { blockOf, JobAnswer } from "./internal/answer.ts"
import type { JobEvent } from "./JobEvent.ts"
import * as JobProtocol from "./JobProtocol.ts"
import * as JobReport from "./JobReport.ts"
import { type JobRequest, toBody } from "./JobRequest.ts"

/**
 * What can be done with jobs.
 */
export interface Jobs {
  /**
   * Asks, and delivers the answer as it comes. Each run of the stream asks anew, and is charged anew.
   *
   * Retries only what the vendor surely did not accept, and nothing after the first event, unless `options.retry` says
   * otherwise. Fails with
   *
   * - `TransportError`: the network; its `phase` tells whether the job can have begun;
   * - `ApiError`: the vendor refused, before the stream or in it;
   * - `ParseError`: an event is not what the vendor documents (`onMalformed: "emit"` delivers it and goes on);
   * - `MissingDoneError`: the answer was cut short; `ids.job` is for looking it up in the session's history.
   */
  readonly stream: <const O extends EventStream.Options = {}>(
    request: JobRequest,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<JobEvent | EventStream.Extra<O>, StreamError>
  /**
   * Asks in one request that is answered when the job is done. Nothing tells that it is alive meanwhile; jobs take
   * between seconds and minutes.
   */
  readonly ask: (
    request: JobRequest,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<JobReport.JobReport, RequestError>
  /** Asks with a stream, and gives the answer when it is whole: `ask` with signs of life and limits on silence. */
  readonly run: (
    request: JobRequest,
    options?: EventStream.Options | undefined
  ) => Effect.Effect<JobReport.JobReport, StreamError>
}

/**
 * Makes the jobs of a connection. `Powerdrill` has them as its member `jobs`.
 *
 * **Example** (Jobs and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/powerdrill/Connection"
 * import * as Jobs from "@effect-sse/powerdrill/Jobs"
 * import { Effect, Redacted } from "effect"
 *
 * const jobs = Connection.make({ apiKey: Redacted.make("proj-…"), userId: "tmm-…" }).pipe(Effect.map(Jobs.make))
 * ```
 */
export const make = (connection: Connection): Jobs => ({
  stream: stream(connection),
  ask: (request, options) =>
    Effect.map(Core.call(connection, path, bodyOf(connection, request, false), JobAnswer, options), ({ data }) =>
      JobReport.fromAnswer({ jobId: data.job_id, blocks: data.blocks.map(blockOf) })
    ),
  run: (request, options) => JobReport.fold(stream(connection)(request, options))
})

/**
 * Makes the method {@link Jobs.stream} alone, for a program that bundles nothing else.
 *
 * **Example** (A stream and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/powerdrill/Connection"
 * import { SessionId } from "@effect-sse/powerdrill/Ids"
 * import * as Jobs from "@effect-sse/powerdrill/Jobs"
 * import { Effect, Redacted, Stream } from "effect"
 *
 * const events = Connection.make({ apiKey: Redacted.make("proj-…"), userId: "tmm-…" }).pipe(
 *   Effect.map(Jobs.stream),
 *   Effect.map((stream) => stream({ sessionId: SessionId.make("session-1"), question: "What sold best?" })),
 *   Stream.unwrap
 * )
 * ```
 */
export const stream =
  (connection: Connection): Jobs["stream"] =>
  (request, options) =>
    connection.open(path, bodyOf(connection, request, true), JobProtocol.protocol, options)

const path = "/jobs"

const bodyOf = (connection: Connection, request: JobRequest, stream: boolean) => () =>
  Result.map(toBody(request, { userId: Redacted.value(connection.userId), stream }), (body) => JSON.stringify(body))
