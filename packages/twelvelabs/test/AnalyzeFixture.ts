/** Wire bytes of analyses, composed for these tests, and a client that is answered with them. */
import { Effect, Layer, Redacted, Result, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Analyze, type AnalyzeEvent, type AnalyzeRequest, AssetId, Connection } from "@effect-sse/twelvelabs"
import { key } from "./Fixture.ts"

export const request: AnalyzeRequest.AnalyzeRequest = {
  video: { assetId: AssetId.make("66bb00000000000000000001") },
  prompt: "Who is cooking?"
}

/** Analyses alone, answered with the same bytes always. */
export const answered = (body: BodyInit, type = "application/x-ndjson"): Effect.Effect<Analyze.Analyze> =>
  Connection.make({ apiKey: Redacted.make(key) }).pipe(
    Effect.map(Analyze.make),
    Effect.provide(
      Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() =>
            HttpClientResponse.fromWeb(request, new Response(body, { headers: { "content-type": type } }))
          )
        )
      )
    ),
    Effect.orDie
  )

/** All that came, and how it ended. */
export const outcome = (body: BodyInit, type?: string) =>
  Effect.gen(function* () {
    const analyze = yield* answered(body, type)
    const seen: Array<AnalyzeEvent.AnalyzeEvent> = []
    const end = yield* analyze.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
      Effect.result
    )
    return { seen, error: Result.isFailure(end) ? end.failure : undefined }
  })
