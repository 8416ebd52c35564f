/** Wire bytes, composed for these tests, and a client that is answered with them. */
import { Effect, Layer, Redacted, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { readFileSync } from "node:fs"
import { type Connection, KnowledgeStoreId, type ResponseRequest, TwelveLabs } from "@effect-sse/twelvelabs"

export const bytesOf = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))

export const textOf = (name: string): string => new TextDecoder().decode(bytesOf(name))

export const key = "tlk_FIXTURE0C8E77"

/** What was sent. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly sent?: Array<Sent>
  readonly client?: Partial<Connection.Options>
}

/** A client whose every request is answered with the same bytes. */
export const answeredWith = (body: BodyInit, options: Answer = {}): Layer.Layer<TwelveLabs> =>
  TwelveLabs.layer({ apiKey: Redacted.make(key), ...options.client }).pipe(
    Layer.provide(
      Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() => {
            const json = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "{}"
            const { headers, method, url } = request
            options.sent?.push({ method, url, headers: { ...headers }, body: JSON.parse(json) })
            return HttpClientResponse.fromWeb(
              request,
              new Response(body, {
                status: options.status ?? 200,
                headers: { "content-type": "text/event-stream", ...options.headers }
              })
            )
          })
        )
      )
    ),
    Layer.orDie
  )

export const request: ResponseRequest.ResponseRequest = {
  knowledgeStoreId: KnowledgeStoreId.make("ks_0aa11111-0000-7000-8000-000000000001"),
  input: "How is the bowl glazed?"
}

/** All events of a fixture that ends well. */
export const events = (name: string) =>
  TwelveLabs.use(({ responses }) => Stream.runCollect(responses.stream(request))).pipe(
    Effect.provide(answeredWith(bytesOf(name)))
  )

/** The tags of a fixture's events up to the failure, and the failure. */
export const broken = (name: string) =>
  Effect.gen(function* () {
    const { responses } = yield* TwelveLabs
    const seen: Array<string> = []
    const error = yield* responses.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
      Effect.flip
    )
    return { seen, error }
  }).pipe(Effect.provide(answeredWith(bytesOf(name))))

/** The response that `create` makes of a JSON document. */
export const created = (json: unknown, answer: Answer = {}) =>
  TwelveLabs.use(({ responses }) => responses.create(request)).pipe(
    Effect.provide(
      answeredWith(typeof json === "string" ? json : JSON.stringify(json), {
        ...answer,
        headers: { "content-type": "application/json", ...answer.headers }
      })
    )
  )
