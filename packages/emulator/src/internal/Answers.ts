/**
 * What stands around each endpoint of a vendor's API: it plays the faults, spells refusals, and writes what the endpoint answers.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Multipart from "effect/http/Multipart"
import * as Option from "effect/Option"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Fault from "../Fault.ts"
import * as Exchange from "./Exchange.ts"
import * as Refusal from "./Refusal.ts"
import type { Headers } from "./ResponseWriter.ts"

/** The headers that every answer has. */
export class AnswerHeaders extends Context.Service<AnswerHeaders, Headers>()(
  "@effect-sse/emulator/internal/Answers/AnswerHeaders"
) {}

/** How a vendor answers. */
export interface Manner<Code> {
  readonly style: Refusal.RefusalStyle<Code>
  /** The refusal that an endpoint failed with; `undefined` for what is the emulator's own fault. */
  readonly refusalOf: (problem: unknown) => Refusal.Refusal<Code> | undefined
  /** The refusal of a request that is not what the API takes. */
  readonly invalid: (detail: string) => Refusal.Refusal<Code>
  /** A good answer of a shape that nobody expects, as JSON. */
  readonly wrongShape: string
}

/** An endpoint before its answer is written. */
export type Endpoint<E> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, Exchange.Exchange | AnswerHeaders>

/** It is there with every request, which the types of middleware have no way to say. */
const exchangeOfRequest = Effect.map(Effect.serviceOption(Exchange.Exchange), Option.getOrThrow)

/** Answers a request with what its endpoint says. `headers` are those of every answer. */
export const answer = <Code, E>(manner: Manner<Code>, endpoint: Endpoint<E>, headers: Headers = {}) =>
  Effect.flatMap(exchangeOfRequest, (exchange) =>
    Effect.provideService(answering(manner, endpoint, headers), Exchange.Exchange, exchange)
  )

const answering = <Code, E>(manner: Manner<Code>, endpoint: Endpoint<E>, headers: Headers) =>
  Effect.gen(function* () {
    const { drain, fault } = yield* Exchange.Exchange
    if (fault !== undefined && Fault.placeOf(fault) === "answer") yield* drain
    const inPlace = yield* Refusal.ofFault(fault, manner.style, headers)
    if (inPlace !== undefined) return inPlace
    const refuse = (problem: unknown) =>
      Effect.flatMap(refusalOf(manner, problem), (refusal) =>
        Effect.andThen(drain, Refusal.refuse(manner.style, refusal, headers))
      )
    return yield* Effect.provideService(endpoint, AnswerHeaders, headers).pipe(
      Effect.flatMap((response) => deliver(manner, response, headers)),
      Effect.catch(refuse),
      Effect.catchDefect(refuse)
    )
  })

/** What the server's own checks and the endpoints fail with; anything else is the emulator's own fault. */
const refusalOf = <Code>(manner: Manner<Code>, problem: unknown): Effect.Effect<Refusal.Refusal<Code>> => {
  if (problem instanceof Unreadable) {
    const { code, message } = manner.invalid(problem.detail)
    return Effect.succeed({ status: problem.status, code, message })
  }
  const known = manner.refusalOf(problem)
  if (known !== undefined) return Effect.succeed(known)
  if (HttpApiSchemaError.is(problem) && problem.kind !== "Body") {
    return Effect.succeed(manner.invalid(issuesOf(problem)))
  }
  if (problem instanceof Multipart.MultipartError) return Effect.succeed(manner.invalid("not a form as it should be"))
  return Effect.die(problem)
}

/** A request that the server's own checks have refused before the endpoint saw it. */
class Unreadable {
  readonly status: number
  readonly detail: string
  constructor(status: number, detail: string) {
    this.status = status
    this.detail = detail
  }
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
const deliver = Effect.fnUntraced(function* <Code>(
  manner: Manner<Code>,
  response: HttpServerResponse.HttpServerResponse,
  headers: Headers
) {
  if (response === Exchange.written) return response
  const { fault } = yield* Exchange.Exchange
  const body = response.body._tag === "Uint8Array" ? response.body.body : new Uint8Array()
  if (response.status >= 400) {
    return yield* Effect.fail(new Unreadable(response.status, new TextDecoder().decode(body)))
  }
  // The length belongs to the body as it will be written.
  const { "content-length": _, ...own } = response.headers
  const all = { ...headers, ...own }
  if (response.status === 204) return yield* Exchange.whole(204, "", all)
  const bytes = fault === "wrong-shape" ? new TextEncoder().encode(manner.wrongShape) : body
  return yield* Exchange.bodyWithFault(bytes, { ...all, "content-type": "application/json" }, response.status)
})
