/**
 * Many videos in one batch: uploads them, waits until they can be used, has all of them analyzed, and reads the results one by
 * one.
 *
 *     npx tsx examples/batch-analysis.ts [FILE …] [--prompt TEXT]
 */
import { FileSource } from "@effect-sse/core"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { AnalysisBatches, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { printable } from "./terminal.ts"
import { TwelveLabsLive, VideoVendor } from "./vendors.ts"

const files = Argument.String("file").pipe(Argument.variadic())
const prompt = Flag.String("prompt").pipe(Flag.withDefault("What happens in this video? Two sentences."))

/** Without files: nothing that a player could show, which only the emulator takes for videos. */
const anyVideos = Effect.gen(function* () {
  const { isEmulated } = yield* VideoVendor
  if (!isEmulated) return yield* Effect.fail("Say which videos: npx tsx examples/batch-analysis.ts FILE …")
  return yield* Effect.forEach(["frame.mp4", "sail.mp4", "flight.mp4"], (name) =>
    FileSource.fromBytes(new Uint8Array(100_000).fill(7), { name })
  )
})

const analyzeAll = Effect.fn("analyzeAll")(function* (files: ReadonlyArray<string>, prompt: string) {
  const { analysisBatches, assets } = yield* TwelveLabs
  const sources =
    files.length === 0 ? yield* anyVideos : yield* Effect.forEach(files, (path) => FileSource.fromPath(path))

  const uploaded = yield* Effect.forEach(
    sources,
    (source) =>
      Effect.gen(function* () {
        const { id } = yield* assets.upload(source)
        // The asset is this run's alone, so it goes with it, whatever becomes of the run.
        yield* Effect.addFinalizer(() => Effect.ignore(assets.delete(id, { deadline: "10 seconds" })))
        yield* assets.awaitReady(id)
        yield* Console.log(`${source.name} is ready`)
        return { assetId: id, customId: source.name.replaceAll(/[^A-Za-z0-9_-]/g, "-") }
      }),
    { concurrency: 3 }
  )

  const batch = yield* analysisBatches.create({ modelName: "pegasus1.5", defaults: { prompt }, requests: uploaded })
  yield* analysisBatches.awaitCompleted(batch.id, {
    onProgress: ({ readyItems, status }) => Console.log(`the batch is ${status}, ${readyItems ?? 0} done`)
  })
  // A batch is complete also when items of it failed.
  yield* Stream.runForEach(analysisBatches.results(batch.id), (result) =>
    Console.log(printable(`${result.customId ?? result.taskId}: ${outcomeOf(result)}`))
  )
  yield* Effect.ignore(analysisBatches.delete(batch.id))
}, Effect.scoped)

const outcomeOf = (result: AnalysisBatches.BatchResult): string => {
  switch (result._tag) {
    case "Ready":
      return result.analysis.text
    case "Failed":
      return `failed, ${result.detail ?? result.code ?? "nobody says why"}`
    case "Pending":
    case "Canceled":
    case "Unknown":
      return result._tag.toLowerCase()
  }
}

const command = Command.make("batch-analysis", { files, prompt }, ({ files, prompt }) =>
  analyzeAll(files, prompt).pipe(
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
