/** Cancels an answer: by Ctrl-C, or by itself after three seconds. Either way the socket is closed, and we look. */
import { NodeRuntime } from "@effect/platform-node"
import { Emulator } from "@effect-sse/emulator"
import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function* () {
  const emulator = yield* Emulator
  const { responses } = yield* TwelveLabs
  const knowledgeStoreId = KnowledgeStoreId.make(emulator.twelvelabs.knowledgeStoreId)

  yield* Console.log("Press Ctrl-C, or wait for three seconds")
  yield* responses.stream({ knowledgeStoreId, input: "How are the kites built?" }).pipe(
    Stream.runForEach((event) => Console.log(event._tag)),
    Effect.timeoutOption("3 seconds"),
    Effect.ensuring(
      Effect.gen(function* () {
        yield* Effect.timeoutOption(emulator.awaitIdle, "5 seconds")
        yield* Console.log(`Connections still open: ${yield* emulator.openConnections}`)
      })
    )
  )
})

const client = Layer.unwrap(
  Effect.map(Emulator, ({ twelvelabs }) => TwelveLabs.layer({ apiKey: twelvelabs.apiKey, baseUrl: twelvelabs.url() }))
)

program.pipe(
  Effect.provide(client),
  Effect.provide(Emulator.layer({ pace: "realistic" })),
  Effect.provide(FetchHttpClient.layer),
  NodeRuntime.runMain
)
