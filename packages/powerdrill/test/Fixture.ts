/** Recorded shapes as wire bytes, composed for these tests, and a client that is answered with them. */
import { Effect, Layer, Redacted, Stream } from "effect"
import { type HttpBody, HttpClient, HttpClientResponse, UrlParams } from "effect/http"
import { readFileSync } from "node:fs"
import { Connection, type JobRequest, Powerdrill, SessionId } from "../src/index.ts"

export const bytesOf = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))

export const key = "proj-fixture-0c8e"

/** Keeps what was sent. */
export interface Sent {
  readonly method: string
  readonly url: string
  /** As it goes on the wire, without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** The JSON body; a form stands in its field `form`. */
  readonly body: Readonly<Record<string, unknown>>
}

const bodyOf = (body: HttpBody.HttpBody): Sent["body"] => {
  switch (body._tag) {
    case "Uint8Array":
      return JSON.parse(new TextDecoder().decode(body.body)) as Sent["body"]
    case "FormData":
      return { form: body.formData }
    default:
      return {}
  }
}

/** A client whose every request is answered with the same bytes. */
export const answeredWith = (
  body: BodyInit,
  options: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly sent?: Array<Sent>
    readonly client?: Partial<Connection.Options>
  } = {}
): Layer.Layer<Powerdrill> =>
  Powerdrill.layer({ apiKey: Redacted.make(key), userId: "tmm-fixture", ...options.client }).pipe(
    Layer.provide(
      Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() => {
            options.sent?.push({
              method: request.method,
              url: request.url,
              query: UrlParams.toString(request.urlParams),
              headers: { ...request.headers },
              body: bodyOf(request.body)
            })
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

export const request: JobRequest.JobRequest = { sessionId: SessionId.make("session-1"), question: "How many loans?" }

/** All events of a fixture. */
export const events = (name: string) =>
  Powerdrill.use(({ jobs }) => Stream.runCollect(jobs.stream(request))).pipe(
    Effect.provide(answeredWith(bytesOf(name)))
  )

/** The events of a fixture up to the failure, with the failure. */
export const broken = (name: string) =>
  Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    const seen: Array<string> = []
    const error = yield* jobs.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
      Effect.flip
    )
    return { seen, error }
  }).pipe(Effect.provide(answeredWith(bytesOf(name), { headers: { "x-pd-trace-id": "trace-1" } })))
