/** TwelveLabs' whole client, as the README has it. */
import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
import { Effect, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

export const ask = (input: string, onText: (text: string) => void): Promise<void> =>
  Effect.gen(function* () {
    const { responses } = yield* TwelveLabs
    yield* responses
      .stream({ knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"), input })
      .pipe(Stream.runForEach((event) => Effect.sync(() => event._tag === "TextDelta" && onText(event.delta))))
  }).pipe(
    Effect.provide(TwelveLabs.layer({ apiKey: Redacted.make("key") })),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
