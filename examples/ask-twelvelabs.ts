/** Asks TwelveLabs about videos, prints the answer as it comes, and then where in the videos it stands. */
import { NodeRuntime } from "@effect/platform-node"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Stream } from "effect"
import { citationLines } from "./citations.ts"
import { printable } from "./terminal.ts"
import { KnowledgeStore, KnowledgeStoreLive } from "./vendors.ts"

const program = Effect.gen(function* () {
  const { responses } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore
  const fold = ResponseFold.make()

  yield* responses.stream({ knowledgeStoreId, input: "How are the kites built?" }).pipe(
    Stream.tap((event) => Effect.sync(() => fold.add(event))),
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "TextDelta" && fold.isAnswer(event)) process.stdout.write(printable(event.delta))
      })
    )
  )
  yield* Console.log(["\n", ...citationLines({ output: fold.output() })].join("\n"))
})

program.pipe(Effect.provide(KnowledgeStoreLive), NodeRuntime.runMain)
