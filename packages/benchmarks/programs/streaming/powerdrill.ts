/** A program that streams from Powerdrill and does nothing else. */
import * as Connection from "@effect-sse/powerdrill/Connection"
import { SessionId } from "@effect-sse/powerdrill/Ids"
import * as Jobs from "@effect-sse/powerdrill/Jobs"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

export const ask = (question: string, onText: (text: string) => void): Promise<void> =>
  Effect.gen(function* () {
    const stream = Jobs.stream(yield* Connection.make({ apiKey: Redacted.make("key"), userId: "tmm-1" }))
    yield* stream({ sessionId: SessionId.make("session-1"), question }).pipe(
      Stream.runForEach((event) => Effect.sync(() => event._tag === "Message" && onText(event.text)))
    )
  }).pipe(Effect.provide(FetchHttpClient.layer), Effect.runPromise)
