/**
 * What the resources of one client share: where the API is, who asks, and the HTTP client, so that methods need nothing.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as EventStream from "./EventStream.ts"
import { bareUrl } from "./internal/excerpt.ts"
import { isLoopback } from "./internal/publicUrl.ts"
import * as JsonCall from "./JsonCall.ts"
import type { Protocol } from "./Protocol.ts"
import { type RequestError, type StreamError, TransportError } from "./StreamError.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import type { Answer, Vendor } from "./Vendor.ts"

/**
 * What can be set for all streams. `onMalformed` decides about a stream's type, and so belongs to each call.
 */
export type StreamDefaults = Omit<EventStream.Options, "onMalformed">

/**
 * Defaults of a client's calls; a call's own options come before them.
 */
export interface Defaults {
  /** For streams. */
  readonly stream?: StreamDefaults | undefined
  /** For requests that are answered at once. */
  readonly call?: JsonCall.Options | undefined
}

/**
 * Options of {@link make}.
 */
export interface Options extends Defaults {
  readonly vendor: Vendor
  /** What stands before the paths; see `Setting.baseUrl`. */
  readonly baseUrl: string
  /** Headers of every request. Redacted values appear in no error, and their names in no log or span with a value. */
  readonly headers: Readonly<Record<string, string | Redacted.Redacted>>
  /** Other values that no error may show. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /**
   * Changes the client that requests to the vendor go through; those to others, such as an object store, do not. A wait in its
   * `preprocess` (as of `HttpClient.mapRequestEffect`) does not count as one for headers, only against a `deadline`.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * A body as JSON text, or why the request must not be sent.
 */
export type Body = Result.Result<string, string>

/**
 * A connection: how resources send what they have to send.
 */
export interface Connection {
  readonly vendor: Vendor
  /** What stands before the paths, without a slash at its end. */
  readonly baseUrl: string
  /** The client itself, for requests to others than the vendor, such as an object store: nothing of the vendor's is on it. */
  readonly httpClient: HttpClient.HttpClient
  /** Whether the API is on this machine, as an emulator is: then its links lead here too. */
  readonly isLocal: boolean
  /** What no error may show. */
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  /** What calls are made with that do not say otherwise. */
  readonly defaults: Defaults
  /** A request to the vendor, of one whose URL is a path, from its slash on. */
  readonly prepare: (request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest
  /** Runs something with the client that requests to the vendor go through, which shows no secret header. */
  readonly provide: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, HttpClient.HttpClient>>
  /**
   * Opens the stream that answers a POST.
   *
   * @param path from its slash on
   * @param body made once for each run
   */
  readonly open: <E, const O extends EventStream.Options = {}>(
    path: string,
    body: () => Body,
    protocol: Protocol<E>,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<E | EventStream.Extra<O>, StreamError>
}

/**
 * Makes a connection from settings that were checked (see `Setting`). Sends nothing.
 *
 * A body that must not be sent becomes a `TransportError` with the reason `InvalidRequest`.
 *
 * **Details**
 *
 * A `FetchHttpClient.RequestInit` in the context, such as one with a proxy's `dispatcher`, holds for all requests, but for its
 * `redirect`: redirects are always refused. Provide it to this, and not to `FetchHttpClient.layer` alone. What a single call's
 * own says takes the place of what is said here, field by field.
 */
export const make = (options: Options): Effect.Effect<Connection, never, HttpClient.HttpClient> =>
  Effect.map(clientOfContext, (httpClient) => {
    const { baseUrl, headers, vendor } = options
    const defaults: Defaults = { stream: options.stream, call: options.call }
    const vendorClient = options.transformClient?.(httpClient) ?? httpClient
    const secretHeaders = Object.keys(headers).filter((name) => Redacted.isRedacted(headers[name]))
    const secrets = [
      ...Object.values(headers).filter((value): value is Redacted.Redacted => Redacted.isRedacted(value)),
      ...(options.secrets ?? [])
    ]

    const prepare = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest =>
      request.pipe(
        HttpClientRequest.setUrl(baseUrl + request.url),
        HttpClientRequest.setHeaders(
          Record.map(headers, (value) => (Redacted.isRedacted(value) ? Redacted.value(value) : value))
        )
      )

    // Nearly always the same, and held by every open stream.
    let usual: ReadonlyArray<string | RegExp> = []
    let redacted = usual
    const withSecretHeaders = (names: typeof usual): typeof usual => {
      if (names !== usual) {
        usual = names
        redacted = [...names, ...secretHeaders]
      }
      return redacted
    }

    const provide: Connection["provide"] = (effect) =>
      effect.pipe(
        Effect.provideService(HttpClient.HttpClient, vendorClient),
        Effect.updateService(Headers.CurrentRedactedNames, withSecretHeaders)
      )

    return {
      vendor,
      baseUrl,
      httpClient,
      isLocal: URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname),
      secrets,
      defaults,
      prepare,
      provide,
      open: (path, body, protocol, callOptions) =>
        Stream.unwrap(
          Effect.suspend(() =>
            connect(
              { defaults, provide, secrets },
              post({ baseUrl, prepare, vendor }, path, body()),
              protocol,
              {},
              callOptions
            )
          )
        )
    }
  })

/** The client, with the options for `fetch` that are in the context besides it. */
const clientOfContext: Effect.Effect<HttpClient.HttpClient, never, HttpClient.HttpClient> = Effect.contextWith(
  (context: Context.Context<HttpClient.HttpClient>) => {
    const client = Context.get(context, HttpClient.HttpClient)
    const init = Context.getOrUndefined(context, FetchHttpClient.RequestInit)
    if (init === undefined) return Effect.succeed(client)
    const withInit = (context: Context.Context<never>) =>
      Context.add(context, FetchHttpClient.RequestInit, {
        ...init,
        ...Context.getOrUndefined(context, FetchHttpClient.RequestInit)
      })
    return Effect.succeed(HttpClient.transformResponse(client, Effect.updateContext(withInit)))
  }
)

/**
 * Sends a POST and decodes its JSON answer with a schema. No method of the connection, so that a program that only streams need
 * not have it.
 *
 * @param path from its slash on
 * @param body made once for each run
 */
export const call = <A, I>(
  connection: Connection,
  path: string,
  body: () => Body,
  schema: Schema.Codec<A, I>,
  options?: JsonCall.Options | undefined
): Effect.Effect<A, RequestError> =>
  Effect.suspend(() => {
    const { defaults, provide, secrets, vendor } = connection
    const request = post(connection, path, body())
    if (Result.isFailure(request)) return Effect.fail(request.failure)
    const merged = withDefaults(defaults.call, options)
    return provide(JsonCall.execute(request.success, vendor, schema, { ...merged, secrets }))
  })

/**
 * Opens the stream that answers a GET. Before its first event it is tried again after any transient fault, unless options or the
 * client's defaults say otherwise.
 *
 * @param path from its slash on, or why there is none
 */
export const openGet = <E, const O extends EventStream.Options = {}>(
  connection: Connection,
  path: Result.Result<string, string>,
  protocol: Protocol<E>,
  options?: (O & EventStream.Options) | undefined
): Stream.Stream<E | EventStream.Extra<O>, StreamError> =>
  Stream.unwrap(
    Effect.suspend(() => {
      const request = Result.mapBoth(path, {
        onSuccess: (path) => connection.prepare(HttpClientRequest.get(path)),
        onFailure: (detail) => unfit(connection.vendor, "GET", connection.baseUrl, detail)
      })
      return connect(connection, request, protocol, { retry: RetryPolicy.idempotent }, options)
    })
  )

/**
 * Sends any request and reads its JSON answer whole; `ApiClient` stands on it. Unless options or the client's defaults say
 * otherwise, `connectTimeout` is 60 s, what may be asked twice is tried again after any transient fault, and others as in `call`.
 *
 * @param request its URL is a path, from its slash on
 * @param nature `isIdempotent` for a request that does no more when it comes twice (GET, PUT and DELETE are that by
 *   themselves), `isEmpty` where the answer has no body, or one that says nothing
 */
export const execute = (
  connection: Connection,
  request: HttpClientRequest.HttpClientRequest,
  options?: JsonCall.Options | undefined,
  nature?: { readonly isIdempotent?: boolean | undefined; readonly isEmpty?: boolean | undefined } | undefined
): Effect.Effect<Answer, RequestError> => {
  const { defaults, prepare, provide, secrets, vendor } = connection
  const isIdempotent = nature?.isIdempotent === true || idempotentMethods.has(request.method)
  const retry = isIdempotent ? RetryPolicy.idempotent : RetryPolicy.safe
  const base = { connectTimeout: "60 seconds", retry } as const
  const merged = withDefaults(withDefaults<JsonCall.Options>(base, defaults.call), options)
  const isEmpty = nature?.isEmpty ?? false
  return provide(JsonCall.answer(prepare(request), vendor, { ...merged, secrets, isEmpty }))
}

const post = (
  { baseUrl, prepare, vendor }: Pick<Connection, "baseUrl" | "prepare" | "vendor">,
  path: string,
  body: Body
): Result.Result<HttpClientRequest.HttpClientRequest, TransportError> =>
  Result.mapBoth(body, {
    onSuccess: (json) =>
      prepare(HttpClientRequest.post(path)).pipe(HttpClientRequest.bodyText(json, "application/json")),
    onFailure: (detail) => unfit(vendor, "POST", baseUrl + path, detail)
  })

const connect = <E, const O extends EventStream.Options = {}>(
  { defaults, provide, secrets }: Pick<Connection, "defaults" | "provide" | "secrets">,
  request: Result.Result<HttpClientRequest.HttpClientRequest, TransportError>,
  protocol: Protocol<E>,
  base: StreamDefaults,
  options: (O & EventStream.Options) | undefined
): Effect.Effect<Stream.Stream<E | EventStream.Extra<O>, StreamError>, StreamError, Scope.Scope> => {
  if (Result.isFailure(request)) return Effect.fail(request.failure)
  const merged = withDefaults<EventStream.Options>(withDefaults(base, defaults.stream), options)
  const confidential = { ...merged, onMalformed: options?.onMalformed, secrets }
  return provide(EventStream.connect(request.success, protocol, confidential)) as ReturnType<typeof connect<E, O>>
}

const unfit = (vendor: Vendor, method: string, url: string, detail: string): TransportError =>
  new TransportError({
    vendor: vendor.name,
    reason: "InvalidRequest",
    phase: "connect",
    method,
    url: bareUrl(url),
    detail
  })

/** By RFC 9110. */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])

/** Options of a call over their defaults. `undefined` in a call means that it does not say. */
const withDefaults = <O extends object>(defaults: O | undefined, options: O | undefined): O =>
  ({
    ...defaults,
    ...Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined))
  }) as O
