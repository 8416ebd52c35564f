/**
 * From a video to an answer that says where in the video it stands: uploads it, waits until it can be used, makes a knowledge
 * store with it, waits until the agent knows it, and asks.
 *
 *     npx tsx examples/video-to-cited-answer.ts [FILE] [--question TEXT]
 */
import { FileSource } from "@effect-sse/core"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { citationLines } from "./citations.ts"
import { printable } from "./terminal.ts"
import { TwelveLabsLive, VideoVendor } from "./vendors.ts"

const file = Argument.String("file").pipe(Argument.optional)
const question = Flag.String("question").pipe(Flag.withDefault("What is shown, and in which order?"))

/** Without a file: nothing that a player could show, which only the emulator takes for a video. */
const anyVideo = Effect.gen(function* () {
  const { isEmulated } = yield* VideoVendor
  if (!isEmulated) return yield* Effect.fail("Say which video: npx tsx examples/video-to-cited-answer.ts FILE")
  return yield* FileSource.fromBytes(new Uint8Array(3_000_000).fill(7), { name: "kite-workshop.mp4" })
})

const videoToAnswer = Effect.fn("videoToAnswer")(function* (file: Option.Option<string>, question: string) {
  const { assets, items, knowledgeStores, responses } = yield* TwelveLabs
  const source = yield* Option.match(file, { onNone: () => anyVideo, onSome: FileSource.fromPath })

  const asset = yield* assets.upload(source, {
    onProgress: ({ bytes, sentBytes }) => Console.log(`sent ${sentBytes} of ${bytes} bytes`)
  })
  yield* assets.awaitReady(asset.id, { onProgress: ({ status }) => Console.log(`the video is ${status}`) })

  const store = yield* knowledgeStores.create({ name: source.name })
  // The store and the asset are this run's alone, so they go with it, whatever becomes of the run.
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.ignore(knowledgeStores.delete(store.id, { deadline: "10 seconds" })),
      Effect.ignore(assets.delete(asset.id, { deadline: "10 seconds" }))
    )
  )
  const item = yield* items.create(store.id, { assetId: asset.id })
  yield* items.awaitReady(
    { knowledgeStoreId: store.id, itemId: item.id },
    { onProgress: ({ status }) => Console.log(`the item is ${status}`) }
  )

  const fold = ResponseFold.make()
  yield* responses.stream({ knowledgeStoreId: store.id, input: question }).pipe(
    Stream.tap((event) => Effect.sync(() => fold.add(event))),
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "TextDelta" && fold.isAnswer(event)) process.stdout.write(printable(event.delta))
      })
    )
  )
  yield* Console.log(["\n", ...citationLines({ output: fold.output() })].join("\n"))
}, Effect.scoped)

const command = Command.make("video-to-cited-answer", { file, question }, ({ file, question }) =>
  videoToAnswer(file, question).pipe(
    // What a user can mend is said in a line; anything else fails with all that is known.
    Effect.catchTag(["FileSourceError", "UploadError", "ProcessingError", "NotReadyError"], (error) =>
      Effect.fail(error.message)
    ),
    Effect.catchIf(
      (error) => typeof error === "string",
      (message) =>
        Effect.andThen(
          Console.error(message),
          Effect.sync(() => (process.exitCode = 1))
        )
    )
  )
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide([TwelveLabsLive, NodeServices.layer]),
  NodeRuntime.runMain
)
