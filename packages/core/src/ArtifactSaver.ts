/**
 * Saves the files that an answer links to while the answer is still coming, so that no link expires meanwhile.
 *
 * A saver lives in a scope: closing it stops the saves that are under way, which leave nothing behind. A save that fails
 * is told in the results, and never disturbs the stream that the link came in.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Artifact from "./Artifact.ts"

/**
 * Options of {@link make}: those of `Artifact.save`, for all files.
 */
export interface Options<E = never, R = never> extends Omit<Artifact.SaveOptions<E, R>, "fileName"> {
  /** How many files are fetched at once, at least one. The others wait for their turn. Default 4. */
  readonly concurrency?: number | undefined
}

/**
 * What became of one artifact.
 */
export interface Outcome<E = never> {
  /** The artifact as it was added, with the latest of its links. */
  readonly artifact: Artifact.Artifact
  readonly result: Result.Result<Artifact.Saved, Artifact.ArtifactError | PlatformError | E>
}

/**
 * Saves in the background.
 */
export interface ArtifactSaver<E = never> {
  /**
   * Starts to save an artifact, and returns at once.
   *
   * One that was added before, by its `Artifact.key`, is not saved again; of its links the one that expires last is taken.
   * If its save failed, it is tried again.
   */
  readonly add: (artifact: Artifact.Artifact) => Effect.Effect<void>
  /**
   * Adds what the elements of a stream link to. The elements pass unchanged and at once.
   */
  readonly tap: <A>(
    artifactsOf: (element: NoInfer<A>) => ReadonlyArray<Artifact.Artifact>
  ) => <E2, R>(self: Stream.Stream<A, E2, R>) => Stream.Stream<A, E2, R>
  /** Waits until nothing is left to save, and tells what became of each artifact, in the order of their first adding. */
  readonly results: Effect.Effect<ReadonlyArray<Outcome<E>>>
}

interface Entry<E> {
  artifact: Artifact.Artifact
  /** `undefined` while the save waits or runs. A failed exit is a defect. */
  exit: Exit.Exit<Outcome<E>["result"]> | undefined
}

/**
 * Makes a saver, which works until its scope closes.
 *
 * **Example** (Saving beside a stream)
 *
 * ```ts
 * import { type Artifact, ArtifactSaver } from "@effect-sse/core"
 * import { Console, Effect, Result, Stream } from "effect"
 *
 * interface Event {
 *   readonly text: string
 *   readonly files: ReadonlyArray<Artifact.Artifact>
 * }
 *
 * const show = <E, R>(events: Stream.Stream<Event, E, R>) =>
 *   Effect.gen(function*() {
 *     const saver = yield* ArtifactSaver.make({ directory: "report" })
 *     yield* events.pipe(
 *       saver.tap(({ files }) => files),
 *       Stream.runForEach(({ text }) => Console.log(text))
 *     )
 *     for (const { artifact, result } of yield* saver.results) {
 *       yield* Console.log(artifact.name, Result.isSuccess(result) ? result.success.path : result.failure.message)
 *     }
 *   }).pipe(Effect.scoped)
 * ```
 */
export const make = <E = never, R = never>(
  options: Options<E, R>
): Effect.Effect<
  ArtifactSaver<E>,
  never,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | R | Scope.Scope
> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | R>()
    const permits = yield* Semaphore.make(Math.max(1, options.concurrency ?? 4))
    const running = yield* FiberSet.make<void>()
    const entries = new Map<string, Entry<E>>()

    const save = (entry: Entry<E>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const { artifact } = entry
        // Options of something larger may hold a name for that; each file keeps its own.
        return Artifact.save(artifact, { ...options, fileName: undefined }).pipe(
          Effect.provideContext(context),
          Effect.result,
          Effect.exit,
          Effect.flatMap((exit) => {
            // A newer link may have come while this one failed.
            if (hasFailed(exit) && entry.artifact !== artifact) return save(entry)
            entry.exit = exit
            return Effect.void
          })
        )
      })

    const start = (entry: Entry<E>): Effect.Effect<void> => {
      entry.exit = undefined
      return Effect.asVoid(FiberSet.run(running, permits.withPermits(1)(save(entry))))
    }

    const add = (artifact: Artifact.Artifact): Effect.Effect<void> =>
      Effect.suspend(() => {
        const key = Artifact.key(artifact)
        const known = entries.get(key)
        if (known === undefined) {
          const entry: Entry<E> = { artifact, exit: undefined }
          entries.set(key, entry)
          return start(entry)
        }
        if (!expiresBefore(artifact, known.artifact)) known.artifact = artifact
        return known.exit !== undefined && hasFailed(known.exit) ? start(known) : Effect.void
      })

    const addAll = (artifacts: ReadonlyArray<Artifact.Artifact>) => Effect.forEach(artifacts, add, { discard: true })

    return {
      add,
      tap:
        <A>(artifactsOf: (element: A) => ReadonlyArray<Artifact.Artifact>) =>
        <E2, R2>(self: Stream.Stream<A, E2, R2>) =>
          Stream.mapArrayEffect(self, (elements) =>
            Effect.as(addAll(elements.flatMap((element) => artifactsOf(element))), elements)
          ),
      results: Effect.andThen(
        FiberSet.awaitEmpty(running),
        Effect.suspend(() =>
          Effect.forEach(entries.values(), ({ artifact, exit = Effect.interrupt }) =>
            Effect.map(exit, (result) => ({ artifact, result }))
          )
        )
      )
    }
  })

const hasFailed = (exit: Exit.Exit<Result.Result<unknown, unknown>>): boolean =>
  Exit.isSuccess(exit) && Result.isFailure(exit.value)

const expiresBefore = (one: Artifact.Artifact, other: Artifact.Artifact): boolean =>
  other.expiresAt !== undefined && (one.expiresAt === undefined || DateTime.isLessThan(one.expiresAt, other.expiresAt))
