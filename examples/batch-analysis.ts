/**
 * Many videos in one batch: uploads them, waits until they can be used, has all of them analyzed, and reads the results one by
 * one.
 *
 *     npx tsx examples/batch-analysis.ts [FILE …] [--prompt TEXT]
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { AnalysisBatches, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { failWith } from "./failure.ts"
import { printable } from "./terminal.ts"
import { TwelveLabsLive } from "./vendors.ts"
import { videos } from "./videos.ts"

const files = Argument.String("file").pipe(Argument.variadic())
const prompt = Flag.String("prompt").pipe(Flag.withDefault("What happens in this video? Two sentences."))

const analyzeAll = Effect.fn("analyzeAll")(function* (files: ReadonlyArray<string>, prompt: string) {
  const { analysisBatches, assets } = yield* TwelveLabs
  const sources = yield* videos(files, ["frame.mp4", "sail.mp4", "flight.mp4"])

  const uploaded = yield* Effect.forEach(
    sources,
    (source, index) =>
      Effect.gen(function* () {
        const { id } = yield* assets.upload(source)
        // The asset is this run's alone, so it goes with it, whatever becomes of the run.
        yield* Effect.addFinalizer(() => Effect.ignore(assets.delete(id, { deadline: "10 seconds" })))
        yield* assets.awaitReady(id)
        yield* Console.log(`${source.name} is ready`)
        // Files of several folders may have the same name, and names of items may not come twice.
        return { assetId: id, customId: `${index + 1}-${source.name.replaceAll(/[^A-Za-z0-9_-]/g, "-")}` }
      }),
    { concurrency: 3 }
  )

  // Released before the assets that it reads. One that is done refuses to be canceled, and one that is not, to be deleted.
  const { id } = yield* Effect.acquireRelease(
    analysisBatches.create({ model: "pegasus1.5", defaults: { prompt }, requests: uploaded }),
    ({ id }) =>
      Effect.andThen(analysisBatches.cancel(id), analysisBatches.awaitCompleted(id)).pipe(
        Effect.ignore,
        Effect.andThen(analysisBatches.delete(id)),
        Effect.timeout("30 seconds"),
        Effect.ignore
      )
  )
  const { totalItems = uploaded.length } = yield* analysisBatches.awaitCompleted(id, {
    deadline: "24 hours",
    onProgress: ({ readyItems, status }) => Console.log(`the batch is ${status}, ${readyItems ?? 0} done`)
  })
  // A batch is complete also when items of it failed; its results mark no end, so they are counted.
  yield* analysisBatches.results(id).pipe(
    AnalysisBatches.complete(totalItems),
    Stream.runForEach((result) => Console.log(printable(`${result.customId ?? result.taskId}: ${outcomeOf(result)}`)))
  )
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
    // What a user can mend is said in a line; anything else fails with all that is known.
    Effect.catchTag(
      ["FileSourceError", "UploadError", "ProcessingError", "NotReadyError", "IncompleteResultsError"],
      ({ message }) => failWith(message)
    )
  )
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide([TwelveLabsLive, NodeServices.layer]),
  NodeRuntime.runMain
)
