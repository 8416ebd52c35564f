/** The highlights of some videos as typed values: shown while they are still being written, and checked at the end. */
import { NodeRuntime } from "@effect/platform-node"
import { TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Schema, Stream } from "effect"
import { printable } from "./terminal.ts"
import { KnowledgeStore, KnowledgeStoreLive } from "./vendors.ts"

const Highlights = Schema.Struct({
  title: Schema.String.annotate({ description: "A title for all of them" }),
  highlights: Schema.Array(
    Schema.Struct({
      what: Schema.String.annotate({ description: "What happens, in a sentence" }),
      mood: Schema.Literals(["calm", "lively", "tense"])
    })
  )
}).annotate({ identifier: "Highlights" })

const program = Effect.gen(function* () {
  const { structured } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore

  const request = { knowledgeStoreId, input: "Which are the highlights?" }
  yield* structured.responses.stream(Highlights, request).pipe(
    Stream.runForEach((element) => {
      switch (element._tag) {
        // Whatever is there yet: each field may be missing, and the last text may be half a text.
        case "Partial": {
          const { highlights = [], title = "" } = element.value
          return Console.log(`… ${printable(title)} (${highlights.length})`)
        }
        // All of it, as the schema says.
        case "Final":
          return Effect.forEach(element.value.highlights, ({ mood, what }) =>
            Console.log(`${mood}: ${printable(what)}`)
          )
      }
    })
  )
}).pipe(
  // The answer was cut, or is not what was asked for; what came of it is there.
  Effect.catchTag("StructuredOutputError", (error) => Console.error(`${error.message}\n${printable(error.text)}`))
)

program.pipe(Effect.provide(KnowledgeStoreLive), NodeRuntime.runMain)
