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
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Connection from "./Connection.ts"
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

/**
 * An annotation of endpoints: sending their request twice does no more than sending it once. Such a call is tried again after
 * any transient fault, as a GET, a PUT and a DELETE are without it.
 *
 * **Example** (A search that is a POST)
 *
 * ```ts
 * import { ApiClient } from "@effect-sse/core"
 * import { Schema } from "effect"
 * import { HttpApiEndpoint } from "effect/http-api"
 *
 * const search = HttpApiEndpoint.post("search", "/search", {
 *   payload: Schema.Struct({ text: Schema.String }),
 *   success: Schema.Array(Schema.String)
 * }).annotate(ApiClient.Idempotent, true)
 * ```
 */
export const Idempotent: Context.Reference<boolean> = Context.Reference<boolean>(
  "@effect-sse/core/ApiClient/Idempotent",
  {
    defaultValue: () => false
  }
)

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
  connection: Connection.Connection
): Effect.Effect<ApiClient<Groups>, never, HttpApiGroup.MiddlewareClient<Groups>> => {
  const { baseUrl, secrets, vendor } = connection

  /** The HTTP client of one endpoint. */
  const clientOf = (expected: Expected): HttpClient.HttpClient.With<RequestError> =>
    HttpClient.makeWith<never, never, RequestError, never>(
      Effect.flatMap(
        Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest) {
          const call = yield* CurrentCall
          call.sent = true
          const { headers, text } = yield* Connection.execute(connection, request, call.options, expected)
          call.text = text
          const { isEmpty, status } = expected
          // The body was read under our bounds and is decoded already; its length and encoding are ours. So is the status:
          // vendors do not keep to the one of the good ones that they declare.
          const type = headers["content-type"] ?? "application/json"
          const answer = new Response(isEmpty ? null : text, { status, headers: { "content-type": type } })
          return HttpClientResponse.fromWeb(request, answer)
        })
      ),
      Effect.succeed
    )

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

  return Effect.map(Effect.context<HttpApiGroup.MiddlewareClient<Groups>>(), (context) => {
    // Derived at the first call: a client of many resources costs a program only those that it uses.
    let derived: Methods<Groups> | undefined
    const methods = Effect.suspend(() =>
      derived === undefined
        ? Effect.map(Effect.provideContext(methodsOf(api, clientOf), context), (made) => (derived = made))
        : Effect.succeed(derived)
    )
    return {
      call: <A, E extends MethodError, R>(
        use: (methods: Methods<Groups>) => Effect.Effect<A, E, R>,
        options?: JsonCall.Options | undefined
      ) =>
        Effect.suspend(() => {
          const call: Call = { options, sent: false, text: "" }
          return Effect.flatMap(methods, use).pipe(
            Effect.provideService(CurrentCall, call),
            Effect.mapError((error: MethodError): RequestError => {
              if (Schema.isSchemaError(error)) return ofSchema(call, error)
              return HttpClientError.isHttpClientError(error)
                ? parseError(vendor, secrets, "schema", error.message, call.text)
                : error
            })
          )
        })
    }
  })
}

/** What an endpoint declares of its good answer, and of being asked twice. */
interface Expected {
  readonly status: number
  readonly isEmpty: boolean
  readonly isIdempotent: boolean
}

interface Request {
  readonly payload?: unknown
}

/** The names are those of the declaration itself, which the types cannot follow. */
const endpointOf = HttpApiClient.endpoint as unknown as (
  api: unknown,
  options: {
    readonly group: string
    readonly endpoint: string
    readonly httpClient: HttpClient.HttpClient.With<RequestError>
  }
) => Effect.Effect<(request?: Request) => unknown>

/**
 * A payload without the fields that are undefined: as JSON they would become null, which to a vendor may mean "clear it".
 * Only what JSON has is looked into; a form, bytes, a time stay as they are.
 */
const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const given = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(given.map(([name, field]) => [name, withoutUndefined(field)]))
}

/** Derives the methods one by one, since each has another client. */
const methodsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>,
  clientOf: (expected: Expected) => HttpClient.HttpClient.With<RequestError>
): Effect.Effect<Methods<Groups>, never, HttpApiGroup.MiddlewareClient<Groups>> => {
  const pending: Array<Effect.Effect<readonly [group: string, endpoint: string, method: unknown]>> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group, mergedAnnotations, successes }) => {
      const [[status, [schema]] = [200, [Schema.Unknown]] as const] = successes
      const httpClient = clientOf({
        status,
        isEmpty: HttpApiSchema.isNoContent(schema.ast),
        isIdempotent: Context.get(mergedAnnotations, Idempotent)
      })
      const names = { group: group.identifier, endpoint: endpoint.identifier }
      const method = endpointOf(api, { ...names, httpClient })
      pending.push(
        Effect.map(method, (made) => {
          const call = (request?: Request) =>
            made(request === undefined ? request : { ...request, payload: withoutUndefined(request.payload) })
          return [names.group, names.endpoint, call]
        })
      )
    }
  })
  return Effect.map(Effect.all(pending), (made) => {
    const methods: Record<string, Record<string, unknown>> = {}
    for (const [group, endpoint, method] of made) (methods[group] ??= {})[endpoint] = method
    return methods as unknown as Methods<Groups>
  })
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Where a request is wrong, without what stands there: a question is nobody's business. */
const placesOf = (error: Schema.SchemaError): string =>
  [...new Set(format(error.issue).issues.map(({ path }) => (path ?? []).map(String).join(".")))].join(", ")
