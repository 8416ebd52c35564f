/** A stream by Effect alone, for what of the others' cost is Effect's. */
import { Effect, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"

export const ask = (url: string, onText: (text: string) => void): Promise<void> =>
  HttpClient.get(url).pipe(
    Effect.map((response) => response.stream),
    Stream.unwrap,
    Stream.decodeText(),
    Stream.runForEach((text) => Effect.sync(() => onText(text))),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
