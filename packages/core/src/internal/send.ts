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
    const client = HttpClient.withScope(yield* HttpClient.HttpClient)
    const context = yield* Effect.context<never>()
    const fetchOptions = Context.getOrUndefined(context, FetchHttpClient.RequestInit)
    // A copy: the scope is tied to the request's identity, and one stream may run many times at once.
    const request = HttpClientRequest.setHeaders(exchange.request, {})
    // What a client does before it sends, such as waiting for its turn, is no wait for the vendor.
    const prepared = yield* client
      .preprocess(request)
      .pipe(Effect.mapError((error) => fromHttpClientError(exchange, "connect", error)))
    const response = yield* client.postprocess(Effect.succeed(prepared)).pipe(
      Effect.provideService(FetchHttpClient.RequestInit, { ...fetchOptions, redirect: "manual" }),
      // The operation has a span of its own, and trace headers are none of the vendor's business.
      Effect.provideService(HttpClient.TracerDisabledWhen, constTrue),
      Effect.mapError((error) => fromHttpClientError(exchange, "connect", error)),
      Effect.timeoutOrElse({
        duration: exchange.connectTimeout,
        orElse: () =>
          Effect.fail(
            transportError(exchange, "connect", "ConnectTimeout", `after ${Duration.format(exchange.connectTimeout)}`)
          )
      })
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
