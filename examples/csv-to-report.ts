/**
 * From a CSV file to a report: uploads the file, waits until it can be asked about, asks, shows the answer as it comes, and
 * saves it as Markdown with its tables and pictures beside it.
 *
 *     npx tsx examples/csv-to-report.ts [FILE] [--question TEXT] [--to FOLDER]
 */
import { FileSource } from "@effect-sse/core"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { JobEvent, Powerdrill } from "@effect-sse/powerdrill"
import { Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { fileURLToPath } from "node:url"
import { failWith } from "./failure.ts"
import { print } from "./terminal.ts"
import { PowerdrillLive } from "./vendors.ts"

const file = Argument.String("file").pipe(
  Argument.withDefault(fileURLToPath(new URL("data/bookings.csv", import.meta.url)))
)
const question = Flag.String("question").pipe(
  Flag.withDefault("Which travel agency has the highest average booking price?")
)
const folder = Flag.String("to").pipe(Flag.withDescription("The report's folder"), Flag.withDefault("report"))

const csvToReport = Effect.fn("csvToReport")(function* (file: string, question: string, folder: string) {
  const { conversation, datasets, datasources, jobs, reports } = yield* Powerdrill

  const source = yield* FileSource.fromPath(file)
  const datasetId = yield* datasets.create({ name: source.name, description: "Made by csv-to-report" })
  // The dataset is this run's alone, so it goes with it, whatever becomes of the run.
  yield* Effect.addFinalizer(() => Effect.ignore(datasets.delete(datasetId, { deadline: "10 seconds" })))

  yield* datasources.upload(source, {
    datasetId,
    onProgress: ({ bytes, sentBytes }) => Console.log(`sent ${sentBytes} of ${bytes} bytes`)
  })
  yield* datasets.awaitReady(datasetId, {
    onProgress: ({ synchingCount }) => Console.log(synchingCount > 0 ? "the file is being read" : "the file is ready")
  })

  const { sessionId } = yield* conversation({ name: source.name, deleteAtEnd: true })
  const { failed, files, path } = yield* jobs.stream({ sessionId, datasetId, question }).pipe(
    Stream.tap((event) => (JobEvent.isAnswer(event) ? print(event.text) : Effect.void)),
    (events) => reports.collect(events, { sessionId, directory: folder, title: question })
  )
  yield* Console.log(`\n\n${path}, with ${files.length} files beside it`)
  for (const { error } of failed) yield* Console.error(error.message)
}, Effect.scoped)

const command = Command.make("csv-to-report", { file, question, folder }, ({ file, folder, question }) =>
  csvToReport(file, question, folder).pipe(
    // What a user can mend is said in a line; anything else fails with all that is known.
    Effect.catchTag(["FileSourceError", "UploadError", "InvalidDataError", "NotReadyError"], ({ message }) =>
      failWith(message)
    )
  )
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide([PowerdrillLive, NodeServices.layer]),
  NodeRuntime.runMain
)
