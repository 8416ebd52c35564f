/**
 * The vendor's API as the emulator serves it: the SDK's own declaration, behind `/powerdrill`, with the middleware that plays
 * faults and writes answers.
 */
import * as PowerdrillApi from "@effect-sse/powerdrill/PowerdrillApi"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Multipart from "effect/http/Multipart"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Fault from "../Fault.ts"
import * as Exchange from "./Exchange.ts"
import { invalid, Refused, style } from "./PowerdrillRefusal.ts"
import type { PowerdrillState } from "./PowerdrillState.ts"
import * as Refusal from "./Refusal.ts"
import type { Headers } from "./ResponseWriter.ts"

/** The headers that every answer has. */
export class AnswerHeaders extends Context.Service<AnswerHeaders, Headers>()(
  "@effect-sse/emulator/internal/PowerdrillServer/AnswerHeaders"
) {}

/** Stands around each endpoint: plays the faults, spells refusals, and writes what the endpoint answers. */
export class Answering extends HttpApiMiddleware.Service<Answering, { provides: Exchange.Exchange | AnswerHeaders }>()(
  "@effect-sse/emulator/internal/PowerdrillServer/Answering",
  { error: Refused }
) {}

/** The API. The middleware that is added last is the outermost. */
export const Api = PowerdrillApi.PowerdrillApi.prefix("/powerdrill").middleware(Answering)

/** The two pieces of middleware. */
export const middleware = (state: PowerdrillState): Layer.Layer<Answering | PowerdrillApi.ApiKey> =>
  Layer.mergeAll(
    Layer.succeed(Answering, (endpoint) =>
      Effect.flatMap(exchangeOfRequest, (exchange) =>
        answering(endpoint, { "x-pd-trace-id": state.nextTraceId() }).pipe(
          Effect.provideService(Exchange.Exchange, exchange)
        )
      )
    ),
    Layer.succeed(PowerdrillApi.ApiKey, {
      apiKey: (endpoint, { credential }) =>
        Redacted.value(credential) === state.apiKey
          ? endpoint
          : // The declaration names no errors, since any answer can be one: this one goes where none are named.
            Effect.die(new Refused({ status: 403, code: 1004, message: "bad.credentials" }))
    })
  )

/** It is there with every request, which the types of middleware have no way to say. */
const exchangeOfRequest = Effect.map(Effect.serviceOption(Exchange.Exchange), Option.getOrThrow)

const answering = <E>(
  endpoint: Effect.Effect<HttpServerResponse.HttpServerResponse, E, Exchange.Exchange | AnswerHeaders>,
  headers: Headers
) =>
  Effect.gen(function* () {
    const { drain, fault } = yield* Exchange.Exchange
    if (fault !== undefined && Fault.placeOf(fault) === "answer") yield* drain
    const inPlace = yield* Refusal.ofFault(fault, style, headers)
    if (inPlace !== undefined) return inPlace
    const refuse = (problem: unknown) =>
      Effect.flatMap(refusalOf(problem), (refusal) => Effect.andThen(drain, Refusal.refuse(style, refusal, headers)))
    return yield* Effect.provideService(endpoint, AnswerHeaders, headers).pipe(
      Effect.flatMap((response) => deliver(response, headers)),
      Effect.catch(refuse),
      Effect.catchDefect(refuse)
    )
  })

/** What the server's own checks and the endpoints fail with; anything else is the emulator's own fault. */
const refusalOf = (problem: unknown): Effect.Effect<Refused> => {
  if (problem instanceof Refused) return Effect.succeed(problem)
  if (HttpApiSchemaError.is(problem) && problem.kind !== "Body") return Effect.succeed(invalid(issuesOf(problem)))
  if (problem instanceof Multipart.MultipartError) return Effect.succeed(invalid("not a form with a file"))
  return Effect.die(problem)
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Where a problem is, in the words of the wire, and what it is. */
const issuesOf = ({ cause }: HttpApiSchemaError): string =>
  format(cause.issue)
    .issues.map(({ message, path = [] }) => {
      const place = path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")
      return place === "" ? message : `${place}: ${message}`
    })
    .join("; ")

/** Writes what an endpoint has answered, and lets those faults strike that strike in a body. */
const deliver = Effect.fnUntraced(function* (response: HttpServerResponse.HttpServerResponse, headers: Headers) {
  if (response === Exchange.written) return response
  const { fault } = yield* Exchange.Exchange
  const body = response.body._tag === "Uint8Array" ? response.body.body : new Uint8Array()
  if (response.status >= 400) {
    const { code, message } = invalid(new TextDecoder().decode(body))
    return yield* new Refused({ status: response.status, code, message })
  }
  const bytes = fault === "wrong-shape" ? wrongShape : body
  return yield* Exchange.bodyWithFault(bytes, { ...headers, "content-type": "application/json" }, response.status)
})

const wrongShape = new TextEncoder().encode('{"code":0,"data":{"unexpected":["not","a","text"]}}')
