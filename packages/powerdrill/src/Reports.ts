/**
 * Reports out: answers as folders, see `JobFiles`, with what a client knows by itself: fresh links for expired ones, from the
 * history of the session, and that an API on this machine has its files here too.
 */
import type { Artifact } from "@effect-sse/core/Artifact"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import type * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Stream from "effect/Stream"
import type { Connection } from "./Connection.ts"
import type { JobId, SessionId } from "./Ids.ts"
import * as JobFiles from "./JobFiles.ts"
import type * as JobReport from "./JobReport.ts"
import type { Sessions } from "./Sessions.ts"

/**
 * Options of saving a report.
 */
export interface Options extends Omit<JobFiles.Options, "refresh"> {
  /** Where the job was asked: with it, links that have expired are replaced by fresh ones from the session's history. */
  readonly sessionId?: SessionId | undefined
  /** Another user than the client's, in whose name the history is read. */
  readonly userId?: string | undefined
}

/**
 * A report and its files, in a folder.
 */
export type SavedReport = JobFiles.SavedReport<RequestError>

/**
 * What can be done with reports.
 */
export interface Reports {
  /**
   * Runs a job's events to its report, saves tables and pictures as their links come, and writes the report as Markdown beside
   * them. Fails as the stream does, or when the folder cannot be written; a file that could not be saved is told in `failed`.
   *
   * **Example** (A question, and a folder with the answer)
   *
   * ```ts
   * import { type DatasetId, Powerdrill, type SessionId } from "@effect-sse/powerdrill"
   * import { Effect } from "effect"
   *
   * const ask = (sessionId: SessionId, datasetId: DatasetId) =>
   *   Effect.gen(function*() {
   *     const { jobs, reports } = yield* Powerdrill
   *     const answer = jobs.stream({ sessionId, datasetId, question: "Which shop earns most?" })
   *     const { path } = yield* reports.collect(answer, { sessionId, directory: "report", title: "Shops" })
   *     return path
   *   })
   * ```
   */
  readonly collect: <E, R>(
    events: Stream.Stream<JobReport.Element, E, R>,
    options: Options
  ) => Effect.Effect<SavedReport, E | PlatformError, FileSystem.FileSystem | Path.Path | R>
  /** Saves a report that is there, such as one of a session's history, with its files. */
  readonly save: (
    report: JobReport.JobReport,
    options: Options
  ) => Effect.Effect<SavedReport, PlatformError, FileSystem.FileSystem | Path.Path>
}

/**
 * Makes the reports of a connection. `Powerdrill` has them as its member `reports`.
 */
export const make = (connection: Connection, { refresh }: Pick<Sessions, "refresh">): Reports => {
  const provide = Effect.provideService(HttpClient.HttpClient, connection.httpClient)

  /** What the client knows, under what the caller says. The job's id may be known only when a link has expired. */
  const complete = (
    { sessionId, userId, ...options }: Options,
    jobId: () => JobId | undefined
  ): JobFiles.Options<RequestError> => ({
    ...options,
    allowPrivateHosts: options.allowPrivateHosts ?? connection.isLocal,
    refresh: (artifact: Artifact) => {
      const job = jobId()
      return sessionId === undefined || job === undefined
        ? Effect.succeed(artifact)
        : refresh({ sessionId, jobId: job }, { userId })(artifact)
    }
  })

  return {
    collect: (events, options) =>
      Effect.suspend(() => {
        let jobId: JobId | undefined
        return events.pipe(
          // Once for each wake-up, and not for each event.
          Stream.mapArrayEffect((elements) =>
            Effect.sync(() => {
              for (const element of elements) if (element._tag === "JobId") jobId = element.jobId
              return elements
            })
          ),
          JobFiles.collect(complete(options, () => jobId)),
          provide
        )
      }),
    save: (report, options) =>
      provide(
        JobFiles.saveReport(
          report,
          complete(options, () => report.jobId)
        )
      )
  }
}
