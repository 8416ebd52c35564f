/**
 * Lists what is at Powerdrill, page by page: sessions, datasets, and their data sources. `--delete PREFIX` deletes the sessions
 * and datasets whose names begin so; without it, the example makes some and deletes those.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Powerdrill } from "@effect-sse/powerdrill"
import { Console, Effect, Option, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { printable } from "./terminal.ts"
import { PowerdrillLive } from "./vendors.ts"

const prefix = Flag.String("delete").pipe(
  // An empty one would be the beginning of every name.
  Flag.withSchema(Schema.NonEmptyString),
  Flag.withDescription("Delete the sessions and datasets whose names begin with this"),
  Flag.optional
)

const examplePrefix = "clean-up-example"

/** Something to list, and to delete. */
const makeSome = Effect.gen(function* () {
  const { datasets, datasources, sessions } = yield* Powerdrill
  for (const name of ["one", "two"]) yield* sessions.create({ name: `${examplePrefix} ${name}` })
  const datasetId = yield* datasets.create({ name: `${examplePrefix} data` })
  yield* datasources.create({ datasetId, name: "prices.csv", url: "https://example.com/prices.csv" })
  return examplePrefix
})

const command = Command.make("list-and-clean-up", { prefix }, ({ prefix }) =>
  Effect.gen(function* () {
    const { datasets, datasources, sessions } = yield* Powerdrill
    const start = Option.isSome(prefix) ? prefix.value : yield* makeSome
    const isUnwanted = ({ name }: { readonly name: string }) => name.startsWith(start)

    // A list is read whole before something is deleted: what follows would move up to a page that was read already.
    const allSessions = yield* Stream.runCollect(sessions.list({ pageSize: 50 }))
    const allDatasets = yield* Stream.runCollect(datasets.list({ pageSize: 50 }))

    yield* Console.log("Sessions")
    for (const { name } of allSessions) yield* Console.log(`  ${printable(name)}`)

    yield* Console.log("Datasets")
    for (const { id, name } of allDatasets) {
      const { invalidCount, synchedCount, synchingCount } = yield* datasets.status(id)
      yield* Console.log(
        `  ${printable(name)}: ${synchedCount} ready, ${synchingCount} being read, ${invalidCount} unreadable`
      )
      yield* Stream.runForEach(datasources.list(id), ({ name, status }) =>
        Console.log(`    ${printable(name)} (${printable(status)})`)
      )
    }

    for (const { id } of allSessions.filter(isUnwanted)) yield* sessions.delete(id)
    for (const { id } of allDatasets.filter(isUnwanted)) yield* datasets.delete(id)
    yield* Console.log(
      `Deleted ${allSessions.filter(isUnwanted).length} sessions and ${allDatasets.filter(isUnwanted).length} datasets`
    )
  })
)

Command.run(command, { version: "0.1.0" }).pipe(
  Effect.provide([PowerdrillLive, NodeServices.layer]),
  NodeRuntime.runMain
)
