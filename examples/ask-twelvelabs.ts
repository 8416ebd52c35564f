/** Asks TwelveLabs about videos, prints the answer as it comes, and then where in the videos it stands. */
import { NodeRuntime } from "@effect/platform-node"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect } from "effect"
import { citationLines } from "./citations.ts"
import { print } from "./terminal.ts"
import { KnowledgeStore, KnowledgeStoreLive } from "./vendors.ts"

const program = Effect.gen(function* () {
  const { responses } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore

  const fold = yield* responses
    .stream({ knowledgeStoreId, input: "How are the kites built?" })
    .pipe(ResponseFold.tapAnswer(print), ResponseFold.run)
  yield* Console.log(["\n", ...citationLines({ output: fold.output() })].join("\n"))
})

program.pipe(Effect.provide(KnowledgeStoreLive), NodeRuntime.runMain)
