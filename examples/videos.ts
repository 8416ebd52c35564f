/** The videos that an example sends. */
import { FileSource } from "@effect-sse/core"
import { Effect, Option } from "effect"
import { failWith } from "./failure.ts"
import { VideoVendor } from "./vendors.ts"

/**
 * The video at a path. Without a path: a file of this name with nothing in it that a player could show, which only the emulator
 * takes for a video.
 */
export const video = Effect.fn("video")(function* (path: Option.Option<string>, name: string) {
  if (Option.isSome(path)) return yield* FileSource.fromPath(path.value)
  const { isEmulated } = yield* VideoVendor
  if (!isEmulated) return yield* failWith("Say which video: the path of a file, after the example's name")
  return yield* FileSource.fromBytes(new Uint8Array(10_000_000).fill(7), { name })
})

/** The videos at some paths, or without any, files of these names. */
export const videos = (paths: ReadonlyArray<string>, names: ReadonlyArray<string>) =>
  paths.length > 0
    ? Effect.forEach(paths, (path) => video(Option.some(path), ""))
    : Effect.forEach(names, (name) => video(Option.none(), name))
