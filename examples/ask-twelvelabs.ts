/** Asks TwelveLabs about videos, prints the answer as it comes, and then where in the videos it stands. */
import { NodeRuntime } from "@effect/platform-node"
import { Response, ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { Console, Effect, Stream } from "effect"
import { KnowledgeStore, TwelveLabsLive } from "./vendors.ts"

const program = Effect.gen(function* () {
  const { responses } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore
  const fold = ResponseFold.make()

  yield* responses.stream({ knowledgeStoreId, input: "How are the kites built?" }).pipe(
    Stream.tap((event) => Effect.sync(() => fold.add(event))),
    Stream.runForEach((event) =>
      Effect.sync(() => event._tag === "TextDelta" && fold.isAnswer(event) && process.stdout.write(event.delta))
    )
  )

  const response = fold.response()
  for (const { annotation, marker } of response === undefined ? [] : Response.citations(response)) {
    if (annotation._tag !== "VideoCitation") continue
    const { endSeconds, itemId, startSeconds, title } = annotation
    const when = startSeconds === undefined ? "the whole video" : `${startSeconds} s to ${endSeconds} s`
    yield* Console.log(`\n${marker} ${title ?? itemId}, ${when}`)
  }
})

program.pipe(Effect.provide(TwelveLabsLive), NodeRuntime.runMain)
