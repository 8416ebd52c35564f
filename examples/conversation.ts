/**
 * A conversation about videos in a terminal: each question in the light of those before. An empty line ends it. Where nobody
 * can type, three questions are asked.
 */
import { NodeRuntime, NodeTerminal } from "@effect/platform-node"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Stream, Terminal } from "effect"
import { citationLines } from "./citations.ts"
import { print } from "./terminal.ts"
import { KnowledgeStore, KnowledgeStoreLive, VideoVendor } from "./vendors.ts"

const scripted = ["How are the kites built?", "Which of them flies best?", "Where is that shown?"]

/** The questions, until an empty one or the end of what is typed. */
const questions = Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal
  if (process.stdin.isTTY !== true) {
    return Stream.fromIterable(scripted).pipe(Stream.tap((question) => Console.log(`\n> ${question}`)))
  }
  const ask = Effect.andThen(terminal.display("\n> "), terminal.readLine)
  return Stream.fromEffectRepeat(ask).pipe(
    Stream.takeWhile((question) => question.trim() !== ""),
    Stream.catchTag("QuitError", () => Stream.empty)
  )
})

const program = Effect.gen(function* () {
  const { conversation } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore
  const { where } = yield* VideoVendor
  const talk = yield* conversation({ knowledgeStoreId, instructions: "Answer in a few sentences." })
  yield* Console.log(`Ask ${where} about the videos.`)

  yield* Stream.runForEach(yield* questions, (question) =>
    Effect.gen(function* () {
      const fold = yield* talk.stream(question).pipe(ResponseFold.tapAnswer(print), ResponseFold.run)
      yield* Console.log(["\n", ...citationLines({ output: fold.output() })].join("\n"))
    }).pipe(
      // A turn that failed is said so, and the conversation goes on.
      Effect.catchTag(["ApiError", "MissingDoneError", "ParseError", "TransportError"], (error) =>
        Console.error(`\n${error.message}`)
      )
    )
  )
})

program.pipe(Effect.provide([KnowledgeStoreLive, NodeTerminal.layer]), NodeRuntime.runMain)
