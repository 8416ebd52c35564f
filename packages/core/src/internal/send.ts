import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as Scope from "effect/Scope"
import type { TransportError } from "../StreamError.ts"
import type { Exchange } from "./exchange.ts"
import { fromHttpClientError, transportError } from "./transportError.ts"

/**
 * Sends the request and waits for the headers. The connection belongs to the scope: closing it closes the socket,
 * whatever was read of the body.
 */
export const send = (
  exchange: Exchange
): Effect.Effect<HttpClientResponse.HttpClientResponse, TransportError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const fetchOptions = Context.getOrUndefined(context, FetchHttpClient.RequestInit)
    const client = (yield* HttpClient.HttpClient).pipe(
      HttpClient.transformResponse((response) =>
        response.pipe(
          Effect.provideService(FetchHttpClient.RequestInit, { ...fetchOptions, redirect: "manual" }),
          // The operation has a span of its own, and trace headers are none of the vendor's business.
          Effect.provideService(HttpClient.TracerDisabledWhen, constTrue)
        )
      ),
      // Outermost, since it holds on to the services that it is given for as long as the connection is open.
      HttpClient.withScope
    )
    // A copy: the scope is tied to the request's identity, and one stream may run many times at once.
    const request = HttpClientRequest.setHeaders(exchange.request, {})
    // What a client does before it sends, such as waiting for its turn, is no wait for the vendor.
    const prepared = yield* client
      .preprocess(request)
      .pipe(Effect.mapError((error) => fromHttpClientError(exchange, "connect", error)))
    const response = yield* client.postprocess(Effect.succeed(prepared)).pipe(
      Effect.mapError((error) => fromHttpClientError(exchange, "connect", error)),
      within(Duration.toMillis(exchange.connectTimeout), (timeout) =>
        transportError(exchange, "connect", "ConnectTimeout", `after ${Duration.format(timeout)}`)
      )
    )
    // A browser hides the target of a redirect behind status 0.
    if ((response.status >= 300 && response.status < 400) || response.status === 0) {
      return yield* Effect.fail(
        transportError(
          exchange,
          "connect",
          "Redirect",
          `HTTP ${response.status} to ${response.headers.location ?? "?"}`
        )
      )
    }
    return response
  })

/** Fails when a time has passed; a time without end takes no timer. */
export const within =
  <E2>(millis: number, error: (duration: Duration.Duration) => E2) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> => {
    if (millis === Infinity) return self
    const duration = Duration.millis(millis)
    return Effect.timeoutOrElse(self, { duration, orElse: () => Effect.fail(error(duration)) })
  }
