/**
 * From a video to an answer that says where in the video it stands: uploads it, waits until it can be used, makes a knowledge
 * store with it, waits until the agent knows it, and asks.
 *
 *     npx tsx examples/video-to-cited-answer.ts [FILE] [--question TEXT] [--keep]
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { citationLines } from "./citations.ts"
import { failWith } from "./failure.ts"
import { print } from "./terminal.ts"
import { TwelveLabsLive } from "./vendors.ts"
import { video } from "./videos.ts"

const file = Argument.String("file").pipe(Argument.optional)
const question = Flag.String("question").pipe(Flag.withDefault("What is shown, and in which order?"))
const keep = Flag.Boolean("keep").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Keep the video and its knowledge store, for the examples that ask about one")
)

interface Options {
  readonly file: Option.Option<string>
  readonly question: string
  readonly keep: boolean
}

const videoToAnswer = Effect.fn("videoToAnswer")(function* ({ file, keep, question }: Options) {
  const { assets, items, knowledgeStores, responses } = yield* TwelveLabs
  /** What is made here goes when the run ends, in whatever way; the last first, as a store holds its videos. */
  const atTheEnd = <E>(removal: Effect.Effect<void, E>) =>
    keep ? Effect.void : Effect.addFinalizer(() => Effect.ignore(removal))

  const asset = yield* assets.upload(yield* video(file, "kite-workshop.mp4"), {
    onProgress: ({ bytes, sentBytes }) => Console.log(`sent ${sentBytes} of ${bytes} bytes`)
  })
  yield* atTheEnd(assets.delete(asset.id, { deadline: "10 seconds" }))
  yield* assets.awaitReady(asset.id, { onProgress: ({ status }) => Console.log(`the video is ${status}`) })

  const store = yield* knowledgeStores.create({ name: "video-to-cited-answer" })
  yield* atTheEnd(knowledgeStores.delete(store.id, { deadline: "10 seconds" }))
  const item = yield* items.create(store.id, { assetId: asset.id })
  yield* items.awaitReady(
    { knowledgeStoreId: store.id, itemId: item.id },
    { onProgress: ({ status }) => Console.log(`the item is ${status}`) }
  )

  const fold = yield* responses
    .stream({ knowledgeStoreId: store.id, input: question })
    .pipe(ResponseFold.tapAnswer(print), ResponseFold.run)
  yield* Console.log(["\n", ...citationLines({ output: fold.output() })].join("\n"))
  if (keep) yield* Console.log(`\nTWELVELABS_KNOWLEDGE_STORE_ID=${store.id}`)
}, Effect.scoped)

const command = Command.make("video-to-cited-answer", { file, question, keep }, (options) =>
  videoToAnswer(options).pipe(
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
