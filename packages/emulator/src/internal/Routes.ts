/**
 * From a request of the server to an exchange: finds the play in the path, keeps the log, and routes.
 */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Http from "node:http"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Play from "../Play.ts"
import type { ReceivedRequest } from "../ReceivedRequest.ts"
import * as Exchange from "./Exchange.ts"
import * as ObjectStore from "./ObjectStore.ts"
import * as PowerdrillApi from "./PowerdrillApi.ts"
import * as PowerdrillScenarios from "./PowerdrillScenarios.ts"
import type * as RequestLog from "./RequestLog.ts"
import * as ResponseWriter from "./ResponseWriter.ts"
import type { Signer } from "./Signature.ts"
import * as TwelveLabsApi from "./TwelveLabsApi.ts"
import * as TwelveLabsScenarios from "./TwelveLabsScenarios.ts"

/** What the routes work with. */
export interface RoutesOptions {
  readonly origin: string
  readonly pace: Play.Pace
  readonly log: RequestLog.RequestLog
  readonly signer: Signer
  readonly now: () => number
  readonly powerdrill: PowerdrillApi.PowerdrillState
  readonly twelvelabs: TwelveLabsApi.TwelveLabsState
}

type Service = ReceivedRequest["service"]

interface Target {
  readonly service: Service
  readonly segment: string | undefined
  readonly path: string
  readonly query: string
}

const services: ReadonlyArray<Service> = ["powerdrill", "twelvelabs", "store", "elsewhere"]

/** Takes the play's segment out of a path. */
const targetOf = (url: string): Target => {
  const at = url.indexOf("?")
  const segments = (at < 0 ? url : url.slice(0, at)).split("/")
  const segment = segments.find((part) => /^(~|%7e)/i.test(part))
  const rest = segments.filter((part) => part !== segment)
  return {
    service: services.find((name) => name === rest[1]) ?? "unknown",
    segment,
    path: rest.join("/"),
    query: at < 0 ? "" : url.slice(at + 1)
  }
}

const scenariosOf = (service: Service): ReadonlyArray<string> => {
  switch (service) {
    case "powerdrill":
      return PowerdrillScenarios.names
    case "twelvelabs":
      return TwelveLabsScenarios.names
    default:
      return []
  }
}

const router = ({ origin, powerdrill, signer, twelvelabs }: RoutesOptions) => {
  const linker = (play: Play.Play) => ObjectStore.makeLinker(signer, origin, play)
  return HttpRouter.toHttpEffect(
    Layer.mergeAll(
      HttpRouter.add("POST", "/powerdrill/v2/team/jobs", PowerdrillApi.createJob(powerdrill, linker)),
      HttpRouter.add("POST", "/powerdrill/v2/team/sessions", PowerdrillApi.createSession(powerdrill)),
      HttpRouter.add("GET", "/powerdrill/v2/team/sessions/:id/history", (request) => {
        const { path, query } = targetOf(request.url)
        const id = path.split("/").at(-2) ?? ""
        return PowerdrillApi.history(powerdrill, id, new URLSearchParams(query), linker)
      }),
      HttpRouter.add("POST", "/twelvelabs/v1.3/responses", TwelveLabsApi.createResponse(twelvelabs, linker)),
      HttpRouter.add("GET", "/store/*", (request) => {
        const { path, query } = targetOf(request.url)
        return ObjectStore.serve(signer, path.slice("/store/".length), query)
      }),
      // Where redirects lead: the log then tells who followed, and with what.
      HttpRouter.add("*", "/elsewhere/*", Exchange.json(200, { elsewhere: true }))
    )
  )
}

/** Makes the handler of all requests. */
export const make = Effect.fnUntraced(function* (options: RoutesOptions) {
  const routed = yield* router(options)
  const strikes = new Map<string, number>()

  /** Counts the requests of a play with `times`, path by path, and tells whether the fault strikes this one. */
  const strikesNow = (target: Target, play: Play.Play): boolean => {
    if (play.times === undefined) return true
    const key = `${target.segment} ${target.path}`
    const before = strikes.get(key) ?? 0
    strikes.set(key, before + 1)
    return before < play.times
  }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    // Of HTTP/1.1 always, as the server is Node's plain one.
    const incoming = NodeHttpServerRequest.toIncomingMessage(request) as Http.IncomingMessage
    const response = NodeHttpServerRequest.toServerResponse(request) as Http.ServerResponse
    const target = targetOf(request.url)
    const decoded: Result.Result<Play.Play, string> =
      target.segment === undefined ? Result.succeed({}) : Play.fromSegment(target.segment, scenariosOf(target.service))
    const play = Result.getOrElse(decoded, (): Play.Play => ({}))
    const entry: RequestLog.Entry = {
      method: request.method,
      service: target.service,
      path: target.path,
      query: target.query,
      play,
      headers: { ...request.headers },
      body: "",
      connection: options.log.connectionNumber(incoming.socket),
      receivedAt: options.now(),
      bytesWritten: 0,
      ended: "open"
    }
    options.log.add(entry, response)
    entry.body = yield* request.text
    const exchange = Exchange.Exchange.of({
      headers: entry.headers,
      body: entry.body,
      play,
      fault: play.fault !== undefined && strikesNow(target, play) ? play.fault : undefined,
      pace: options.pace,
      writer: ResponseWriter.make(response, entry, (how) => options.log.end(entry, how)),
      now: options.now
    })
    const answer = Result.isFailure(decoded)
      ? Exchange.json(400, problem(target.service, decoded.failure))
      : Effect.andThen(
          play.delay === undefined ? Effect.void : Effect.sleep(play.delay),
          // A path without the play finds its route; `modify` keeps the node objects.
          Effect.provideService(routed, HttpServerRequest.HttpServerRequest, request.modify({ url: withQuery(target) }))
        )
    return yield* answer.pipe(
      Effect.catchIf(HttpServerError.isHttpServerError, () =>
        Exchange.json(404, problem(target.service, `Nothing answers ${request.method} ${target.path} here.`))
      ),
      Effect.provideService(Exchange.Exchange, exchange)
    )
  }).pipe(Effect.orElseSucceed(() => HttpServerResponse.empty({ status: 400 })))
})

const withQuery = ({ path, query }: Target): string => (query === "" ? path : `${path}?${query}`)

/** A problem of using the emulator, in the shape of the vendor's own errors. */
const problem = (service: Service, message: string) =>
  service === "powerdrill" ? { code: 300001, msg: message } : { code: "parameter_invalid", message }
