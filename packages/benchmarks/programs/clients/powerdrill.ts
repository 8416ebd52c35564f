/** Powerdrill's whole client, as the README has it. */
import { Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { Effect, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

export const ask = (question: string, onText: (text: string) => void): Promise<void> =>
  Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    yield* jobs
      .stream({ sessionId: SessionId.make("session-1"), question })
      .pipe(Stream.runForEach((event) => Effect.sync(() => event._tag === "Message" && onText(event.text))))
  }).pipe(
    Effect.provide(Powerdrill.layer({ apiKey: Redacted.make("key"), userId: "tmm-1" })),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
