/** Powerdrill's jobs through effect-sse, as a user would consume them. */
import { type Block, type JobEvent, Powerdrill, SessionId } from "@effect-sse/powerdrill"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Make, Source } from "../candidates.ts"

/** Runs an effect of the client's. */
type Use = <A, E>(use: (jobs: Powerdrill["Service"]["jobs"]) => Effect.Effect<A, E>) => Promise<A>

const connect = async ({ baseUrl, fetch }: Source): Promise<Use> => {
  const { jobs } = await Powerdrill.use(Effect.succeed).pipe(
    Effect.provide(Powerdrill.layer({ apiKey: Redacted.make("key"), userId: "tmm-1", baseUrl })),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
  return (use) => use(jobs).pipe(Effect.provideService(FetchHttpClient.Fetch, fetch), Effect.runPromise)
}

const request = { sessionId: SessionId.make("session-1"), question: "q" }

/** The text that is counted. */
const textOf = (block: JobEvent.JobEvent | Block.Block): string =>
  block._tag === "Message" ? block.text : block._tag === "Code" ? block.code : ""

/** Consumes all events of a wake-up at once. */
export const byArray: Make = async (source) => {
  const use = await connect(source)
  return async () => {
    let events = 0
    let text = ""
    await use((jobs) =>
      jobs.stream(request).pipe(
        Stream.runForEachArray((array) =>
          Effect.sync(() => {
            for (const event of array) {
              events++
              text += textOf(event)
            }
          })
        )
      )
    )
    return { events, text }
  }
}

/** Streams, and takes only the report at the end. */
export const folded: Make = async (source) => {
  const use = await connect(source)
  return async () => {
    const { blocks } = await use((jobs) => jobs.run(request))
    // As above, and not by `join`: the text is made in one piece when it is compared, after the clock has stopped.
    let text = ""
    for (const block of blocks) text += textOf(block)
    return { events: undefined, text }
  }
}
