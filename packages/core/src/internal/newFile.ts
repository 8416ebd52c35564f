import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import { numbered } from "./fileName.ts"

/** A file that was made, and what writing it gave. */
export interface NewFile<A> {
  readonly path: string
  readonly written: A
}

/**
 * Makes a file in a folder. It appears under its name only when it is complete, takes a number where the name is taken,
 * overwrites nothing and follows no link; nothing stays behind when writing fails or is interrupted.
 *
 * @param write fills a file at a path of its own; it may start it over
 * @param nameOf gives a name that is safe, see `safeFileName`
 */
export const newFile = <A, E, R>(
  directory: string,
  write: (part: string) => Effect.Effect<A, E, R>,
  nameOf: (written: A) => string
): Effect.Effect<NewFile<A>, E | PlatformError, FileSystem.FileSystem | Path.Path | R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* files.makeDirectory(directory, { recursive: true })
      const token = (yield* Random.nextInt).toString(36).replace("-", "")
      const part = path.join(directory, `.${token}.part`)
      yield* Effect.addFinalizer(() => Effect.ignore(files.remove(part, { force: true })))
      const written = yield* write(part)
      const name = nameOf(written)
      const target = yield* moveToFreeName(files, part, (number) =>
        path.join(directory, number === 1 ? name : numbered(name, number))
      )
      return { path: target, written }
    })
  )

/**
 * Takes the first free name by making an empty file there, so that two at once cannot take the same one, and puts the
 * part in its place. Not to be interrupted in between: the empty file would stay.
 */
const moveToFreeName = (
  files: FileSystem.FileSystem,
  part: string,
  candidate: (number: number) => string
): Effect.Effect<string, PlatformError> => {
  const attempt = (number: number): Effect.Effect<string, PlatformError> => {
    const target = candidate(number)
    return files.writeFile(target, new Uint8Array(0), { flag: "wx" }).pipe(
      Effect.as(target),
      Effect.catchIf(
        (error) => error.reason._tag === "AlreadyExists" && number < 10_000,
        () => attempt(number + 1)
      )
    )
  }
  return Effect.uninterruptible(
    Effect.tap(attempt(1), (target) =>
      Effect.onError(files.rename(part, target), () => Effect.ignore(files.remove(target, { force: true })))
    )
  )
}
