/** A stream of checked events by Effect alone, for what of the others' size is Effect's: no limits, no retries, no errors of its own. */
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const decode = Schema.decodeEffect(
  Schema.fromJsonString(
    Schema.Union([
      Schema.Struct({ type: Schema.Literal("response.output_text.delta"), delta: Schema.String }),
      Schema.Struct({ type: Schema.String })
    ])
  )
)

export const ask = (input: string, onText: (text: string) => void): Promise<void> =>
  HttpClientRequest.post("https://api.twelvelabs.io/v1.3/responses").pipe(
    HttpClientRequest.setHeader("x-api-key", "key"),
    HttpClientRequest.bodyJsonUnsafe({
      knowledge_store_id: "ks_01999999-0000-7000-8000-000000000001",
      input: [{ type: "message", role: "user", content: input }],
      stream: true
    }),
    HttpClient.execute,
    Effect.flatMap((response) =>
      response.stream.pipe(
        Stream.decodeText(),
        Stream.pipeThroughChannel(Sse.decode()),
        Stream.takeWhile(({ data }) => data !== "[DONE]"),
        Stream.mapEffect(({ data }) => decode(data)),
        Stream.runForEach((event) => Effect.sync(() => "delta" in event && onText(event.delta)))
      )
    ),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
