/** A client whose requests are answered by a function: for answers that follow from what was asked, or from how often. */
import { Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TwelveLabs } from "../src/index.ts"
import { key } from "./Fixture.ts"

/** A request as it was sent. */
export interface Asked {
  readonly method: string
  /** Without the base URL. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

/** The JSON of an answer; with a status, if it is not 200. */
export type Answer = { readonly status: number; readonly json?: unknown } | { readonly json: unknown }

/** Runs a program with such a client, and tells what it sent. */
export const answering = <A, E>(
  answer: (asked: Asked, index: number) => Answer,
  program: (client: TwelveLabs["Service"]) => Effect.Effect<A, E>
) =>
  Effect.suspend(() => {
    const sent: Array<Asked> = []
    const client = HttpClient.make((request, url) =>
      Effect.sync(() => {
        const text = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
        const asked: Asked = {
          method: request.method,
          path: decodeURIComponent(url.pathname.replace("/v1.3", "")),
          query: url.searchParams,
          body: text === undefined ? undefined : JSON.parse(text)
        }
        const { json, status = 200 } = { status: 200, ...answer(asked, sent.length) }
        sent.push(asked)
        return HttpClientResponse.fromWeb(
          request,
          new Response(json === undefined ? null : JSON.stringify(json), {
            status,
            headers: { "content-type": "application/json" }
          })
        )
      })
    )
    return TwelveLabs.use(program).pipe(
      Effect.map((value) => ({ value, sent })),
      Effect.provide(
        TwelveLabs.layer({ apiKey: Redacted.make(key) }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
          Layer.orDie
        )
      )
    )
  })
