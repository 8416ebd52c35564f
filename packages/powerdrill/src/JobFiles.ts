/**
 * An answer as a folder: a Markdown document, and beside it the tables and pictures that it links to.
 *
 * The vendor's links live for about ten minutes. {@link collect} saves the files while the answer is still coming;
 * {@link saveReport} saves those of an answer that is there. Every name stays in the folder, a file appears when it is
 * complete, and nothing is overwritten: names that are taken get a number.
 */
import * as Artifact from "@effect-sse/core/Artifact"
import * as ArtifactSaver from "@effect-sse/core/ArtifactSaver"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { dual } from "effect/Function"
import type * as HttpClient from "effect/http/HttpClient"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as Block from "./Block.ts"
import * as JobMarkdown from "./JobMarkdown.ts"
import * as JobReport from "./JobReport.ts"

/**
 * Options of {@link saveReport} and {@link collect}: where and how files are saved, and what the document shows.
 */
export interface Options<E = never, R = never> extends ArtifactSaver.Options<E, R>, Omit<JobMarkdown.Options, "files"> {
  /** The name of the document. Default `"report.md"`. */
  readonly fileName?: string | undefined
}

/**
 * A file that could not be saved. The document names it without a link.
 */
export interface Failed<E = never> {
  readonly artifact: Artifact.Artifact
  readonly error: Artifact.ArtifactError | PlatformError | E
}

/**
 * What was saved.
 */
export interface SavedReport<E = never> {
  /** The path of the document. */
  readonly path: string
  readonly report: JobReport.JobReport
  /** The tables and pictures, each file once. */
  readonly files: ReadonlyArray<Artifact.Saved>
  readonly failed: ReadonlyArray<Failed<E>>
}

/**
 * What saving needs.
 */
export type Services = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path

/**
 * Saves the tables and pictures of a report into a folder, and the report as Markdown beside them.
 *
 * A file that cannot be saved, such as one whose link has expired, is told in `failed`; the rest is saved all the same.
 * `refresh` gets fresh links for expired ones. Fails only when the document itself cannot be written.
 *
 * **Example** (A report in a folder)
 *
 * ```ts
 * import { JobFiles, type JobRequest, Powerdrill } from "@effect-sse/powerdrill"
 * import { Console, Effect } from "effect"
 *
 * const ask = (request: JobRequest.JobRequest) =>
 *   Effect.gen(function*() {
 *     const { jobs } = yield* Powerdrill
 *     const report = yield* jobs.ask(request)
 *     const { failed, path } = yield* JobFiles.saveReport(report, { directory: "report", title: request.question })
 *     yield* Console.log(path)
 *     for (const { error } of failed) yield* Console.error(error.message)
 *   })
 * ```
 */
export const saveReport = <E = never, R = never>(
  report: JobReport.JobReport,
  options: Options<E, R>
): Effect.Effect<SavedReport<E>, PlatformError, Services | R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const saver = yield* ArtifactSaver.make(options)
      yield* Effect.forEach(report.blocks.flatMap(Block.artifactsOf), saver.add, { discard: true })
      return yield* write(saver, report, options)
    })
  )

/**
 * Runs a job's events to its report and saves it as {@link saveReport} does, with the difference that tables and pictures
 * are saved as soon as their links come, beside the stream.
 *
 * Fails as the stream does: then no document is written, saves under way are stopped, and files that were saved by then
 * stay. So do those of an attempt that was restarted.
 *
 * **Example** (Show the answer as it comes, and have it in a folder)
 *
 * ```ts
 * import { JobEvent, JobFiles, type JobRequest, Powerdrill } from "@effect-sse/powerdrill"
 * import { Console, Effect, Stream } from "effect"
 *
 * const ask = (request: JobRequest.JobRequest) =>
 *   Powerdrill.use(({ jobs }) =>
 *     jobs.stream(request).pipe(
 *       Stream.tap((event) => JobEvent.isAnswer(event) ? Console.log(event.text) : Effect.void),
 *       JobFiles.collect({ directory: "report" })
 *     )
 *   )
 * ```
 */
export const collect: {
  <E2 = never, R2 = never>(
    options: Options<E2, R2>
  ): <E, R>(
    self: Stream.Stream<JobReport.Element, E, R>
  ) => Effect.Effect<SavedReport<E2>, E | PlatformError, Services | R | R2>
  <E, R, E2 = never, R2 = never>(
    self: Stream.Stream<JobReport.Element, E, R>,
    options: Options<E2, R2>
  ): Effect.Effect<SavedReport<E2>, E | PlatformError, Services | R | R2>
} = dual(
  2,
  <E, R, E2, R2>(
    self: Stream.Stream<JobReport.Element, E, R>,
    options: Options<E2, R2>
  ): Effect.Effect<SavedReport<E2>, E | PlatformError, Services | R | R2> =>
    Effect.scoped(
      Effect.gen(function* () {
        const saver = yield* ArtifactSaver.make(options)
        const report = yield* self.pipe(saver.tap(Block.artifactsOf), JobReport.fold)
        return yield* write(saver, report, options)
      })
    )
)

/** Waits for the files, and writes the document that links to them. */
const write = <E, R>(
  saver: ArtifactSaver.ArtifactSaver<E>,
  report: JobReport.JobReport,
  options: Options<E, R>
): Effect.Effect<SavedReport<E>, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { basename } = yield* Path.Path
    const files: Array<Artifact.Saved> = []
    const failed: Array<Failed<E>> = []
    const names = new Map<string, string>()
    for (const { artifact, result } of yield* saver.results) {
      if (Result.isFailure(result)) failed.push({ artifact, error: result.failure })
      else {
        files.push(result.success)
        names.set(Artifact.key(artifact), basename(result.success.path))
      }
    }
    const path = yield* Artifact.saveText(
      JobMarkdown.render(report, { ...options, files: (artifact) => names.get(Artifact.key(artifact)) }),
      { directory: options.directory, fileName: options.fileName ?? "report.md" }
    )
    return { path, report, files, failed }
  })
