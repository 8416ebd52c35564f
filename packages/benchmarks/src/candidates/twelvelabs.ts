/** TwelveLabs' responses through effect-sse, as a user would consume them. */
import { KnowledgeStoreId, Response, type ResponseEvent, TwelveLabs } from "@effect-sse/twelvelabs"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Make, Read, Source } from "../candidates.ts"

/** Runs an effect of the client's. */
export type Use = <A, E>(use: (responses: TwelveLabs["Service"]["responses"]) => Effect.Effect<A, E>) => Promise<A>

/** Makes a client of a source. */
export const connect = async ({ baseUrl, fetch }: Source): Promise<Use> => {
  const { responses } = await TwelveLabs.use(Effect.succeed).pipe(
    Effect.provide(TwelveLabs.layer({ apiKey: Redacted.make("key"), baseUrl })),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
  return (use) => use(responses).pipe(Effect.provideService(FetchHttpClient.Fetch, fetch), Effect.runPromise)
}

/** A question. */
export const request = {
  knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
  input: "q"
}

/** Counts events and joins their texts. */
const counting = () => {
  let events = 0
  let text = ""
  return {
    add: (event: ResponseEvent.ResponseEvent): void => {
      events++
      if (event._tag === "TextDelta") text += event.delta
    },
    read: (): Read => ({ events, text })
  }
}

/** Consumes all events of a wake-up at once. */
export const byArray: Make = async (source) => {
  const use = await connect(source)
  return async () => {
    const { add, read } = counting()
    await use((responses) =>
      responses.stream(request).pipe(
        Stream.runForEachArray((events) =>
          Effect.sync(() => {
            for (const event of events) add(event)
          })
        )
      )
    )
    return read()
  }
}

/** Consumes events one by one. */
export const byEvent: Make = async (source) => {
  const use = await connect(source)
  return async () => {
    const { add, read } = counting()
    await use((responses) =>
      responses.stream(request).pipe(Stream.runForEach((event) => Effect.sync(() => add(event))))
    )
    return read()
  }
}

/** Streams, and takes only the response at the end. */
export const folded: Make = async (source) => {
  const use = await connect(source)
  return async () => ({
    events: undefined,
    text: Response.text(await use((responses) => responses.run(request)))
  })
}
