/**
 * A client derived from a vendor's `HttpApi`, under the rules of this package: the declaration says what is sent and what
 * comes back, and a `Connection` says how: typed errors, refusals under HTTP 200, bounded answers, retries by policy, no
 * redirects, no secret in an error.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import type * as HttpApi from "effect/http-api/HttpApi"
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Connection } from "./Connection.ts"
import { parseError } from "./internal/answer.ts"
import { bareUrl } from "./internal/excerpt.ts"
import type * as JsonCall from "./JsonCall.ts"
import { type RequestError, TransportError } from "./StreamError.ts"

/**
 * The methods of an API's groups, as `HttpApiClient` derives them.
 */
export type Methods<Groups extends HttpApiGroup.Constraint> = HttpApiClient.Client<Groups, RequestError>

/**
 * What a derived method can fail with, before its failures are brought to three.
 */
export type MethodError = RequestError | HttpClientError.HttpClientError | Schema.SchemaError

/**
 * A derived client.
 */
export interface ApiClient<Groups extends HttpApiGroup.Constraint> {
  /**
   * Calls a method of the API. Defaults of its options are those of `Connection.execute`.
   *
   * - `TransportError`: the network, or `InvalidRequest` where the request is not what the API takes: nothing was sent;
   * - `ApiError`: the vendor refused;
   * - `ParseError`: the answer is not what the API declares.
   */
  readonly call: <A, E extends MethodError, R>(
    use: (methods: Methods<Groups>) => Effect.Effect<A, E, R>,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<A, RequestError, R>
}

/** What one call knows of itself: its options on the way out, what came on the way back. */
interface Call {
  readonly options: JsonCall.Options | undefined
  /** Whether the request was made: what does not fit a schema afterwards is the answer. */
  sent: boolean
  text: string
}

const CurrentCall = Context.Reference<Call>("@effect-sse/core/ApiClient/CurrentCall", {
  defaultValue: () => ({ options: undefined, sent: false, text: "" })
})

/**
 * Derives the client of an API.
 *
 * **Example** (Two endpoints)
 *
 * ```ts
 * import { ApiClient, type Connection } from "@effect-sse/core"
 * import { Effect, Schema } from "effect"
 * import { HttpApi, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
 *
 * const Notes = HttpApi.make("notes").add(
 *   HttpApiGroup.make("notes").add(
 *     HttpApiEndpoint.get("get", "/notes/:id", { params: { id: Schema.String }, success: Schema.String }),
 *     HttpApiEndpoint.post("add", "/notes", { payload: Schema.Struct({ text: Schema.String }), success: Schema.String })
 *   )
 * )
 *
 * const read = (connection: Connection.Connection, id: string) =>
 *   Effect.flatMap(ApiClient.make(Notes, connection), (client) =>
 *     client.call(({ notes }) => notes.get({ params: { id } }), { deadline: "10 seconds" })
 *   )
 * ```
 */
export const make = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>,
  connection: Connection
): Effect.Effect<ApiClient<Groups>, never, HttpApiGroup.MiddlewareClient<Groups>> => {
  const { baseUrl, secrets, vendor } = connection

  const execute = Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest) {
    const call = yield* CurrentCall
    call.sent = true
    const { headers, status, text } = yield* connection.execute(request, call.options)
    call.text = text
    // The body was read under our bounds and is decoded already; its length and encoding are ours.
    const type = headers["content-type"] ?? "application/json"
    return HttpClientResponse.fromWeb(request, new Response(text, { status, headers: { "content-type": type } }))
  })

  const ofSchema = (call: Call, error: Schema.SchemaError): RequestError =>
    call.sent
      ? parseError(vendor, secrets, "schema", error.message, call.text)
      : new TransportError({
          vendor: vendor.name,
          reason: "InvalidRequest",
          phase: "connect",
          method: "",
          url: bareUrl(baseUrl),
          detail: `not what the API takes; wrong or missing: ${placesOf(error)}`
        })

  const httpClient = HttpClient.makeWith<never, never, RequestError, never>(Effect.flatMap(execute), Effect.succeed)

  return Effect.map(HttpApiClient.makeWith(api, { httpClient }), (methods) => ({
    call: <A, E extends MethodError, R>(
      use: (methods: Methods<Groups>) => Effect.Effect<A, E, R>,
      options?: JsonCall.Options | undefined
    ) =>
      Effect.suspend(() => {
        const call: Call = { options, sent: false, text: "" }
        return use(methods as Methods<Groups>).pipe(
          Effect.provideService(CurrentCall, call),
          Effect.mapError((error: MethodError): RequestError => {
            if (Schema.isSchemaError(error)) return ofSchema(call, error)
            // The status is good and the content is JSON by now: only another good status than the declared one is left.
            return HttpClientError.isHttpClientError(error)
              ? parseError(vendor, secrets, "schema", error.message, call.text)
              : error
          })
        )
      })
  }))
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Where a request is wrong, without what stands there: a question is nobody's business. */
const placesOf = (error: Schema.SchemaError): string =>
  [...new Set(format(error.issue).issues.map(({ path }) => (path ?? []).map(String).join(".")))].join(", ")
