/** A program that streams from TwelveLabs and does nothing else. */
import * as Connection from "@effect-sse/twelvelabs/Connection"
import { KnowledgeStoreId } from "@effect-sse/twelvelabs/Ids"
import * as Responses from "@effect-sse/twelvelabs/Responses"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

export const ask = (input: string, onText: (text: string) => void): Promise<void> =>
  Effect.gen(function* () {
    const stream = Responses.stream(yield* Connection.make({ apiKey: Redacted.make("key") }))
    yield* stream({ knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"), input }).pipe(
      Stream.runForEach((event) => Effect.sync(() => event._tag === "TextDelta" && onText(event.delta)))
    )
  }).pipe(Effect.provide(FetchHttpClient.layer), Effect.runPromise)
