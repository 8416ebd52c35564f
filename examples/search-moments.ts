/**
 * Searches a video for moments: uploads it, indexes it, waits until it can be searched, and prints what fits best.
 *
 *     npx tsx examples/search-moments.ts [FILE] [--text TEXT]
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { type SearchHit, TwelveLabs } from "@effect-sse/twelvelabs"
import { Clock, Console, Duration, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { clock } from "./citations.ts"
import { failWith } from "./failure.ts"
import { printable } from "./terminal.ts"
import { TwelveLabsLive } from "./vendors.ts"
import { video } from "./videos.ts"

const file = Argument.String("file").pipe(Argument.optional)
const text = Flag.String("text").pipe(Flag.withDefault("somebody ties a knot"))

const searchMoments = Effect.fn("searchMoments")(function* (file: Option.Option<string>, text: string) {
  const { assets, indexedAssets, indexes, search } = yield* TwelveLabs

  const source = yield* video(file, "kite-workshop.mp4")
  const asset = yield* assets.upload(source, {
    onProgress: ({ bytes, sentBytes }) => Console.log(`sent ${sentBytes} of ${bytes} bytes`)
  })
  // Asset and index are this run's alone, so they go with it: the index first, as it holds the asset.
  yield* Effect.addFinalizer(() => Effect.ignore(assets.delete(asset.id, { deadline: "10 seconds" })))
  yield* assets.awaitReady(asset.id)

  const indexId = yield* Effect.acquireRelease(
    indexes.create({
      // An account has each name once.
      name: `search-moments ${yield* Clock.currentTimeMillis}`,
      models: [{ name: "marengo3.0", options: ["visual", "audio"] }]
    }),
    (id) => Effect.ignore(indexes.delete(id, { deadline: "10 seconds" }))
  )
  const { id: indexedAssetId } = yield* indexedAssets.create(indexId, { assetId: asset.id })
  yield* indexedAssets.awaitReady(
    { indexId, indexedAssetId },
    // How long it takes depends on how long the video is.
    { deadline: "1 hour", onProgress: ({ status }) => Console.log(`the video is ${status ?? "at an unknown state"}`) }
  )

  yield* Console.log(`\n${text}, in ${printable(source.name)}:`)
  const moments = yield* search.query({ indexId, text, searchOptions: ["visual", "audio"] }).pipe(
    Stream.take(5),
    Stream.tap((clip) => Console.log(lineOf(clip))),
    Stream.runCount
  )
  if (moments === 0) yield* Console.log("  nothing fits")
}, Effect.scoped)

const lineOf = ({ endSeconds, rank, startSeconds, transcription }: SearchHit.Clip): string => {
  const time = (seconds: number | undefined) => (seconds === undefined ? "?" : clock(Duration.seconds(seconds)))
  const said = transcription === undefined ? "" : `, where is said: ${printable(transcription)}`
  return `  ${rank ?? "-"}. ${time(startSeconds)} to ${time(endSeconds)}${said}`
}

const command = Command.make("search-moments", { file, text }, ({ file, text }) =>
  searchMoments(file, text).pipe(
    // What a user can mend is said in a line; anything else fails with all that is known.
    Effect.catchTag(["FileSourceError", "UploadError", "ProcessingError", "NotReadyError"], ({ message }) =>
      failWith(message)
    )
  )
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide([TwelveLabsLive, NodeServices.layer]),
  NodeRuntime.runMain
)
