/**
 * From a request of the server to an exchange: finds the play in the path, keeps the log, and routes.
 */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Crypto from "node:crypto"
import type * as Http from "node:http"
import * as Play from "../Play.ts"
import type { ReceivedRequest } from "../ReceivedRequest.ts"
import * as Exchange from "./Exchange.ts"
import type { FileStore } from "./FileStore.ts"
import * as ObjectStore from "./ObjectStore.ts"
import * as PowerdrillApi from "./PowerdrillApi.ts"
import * as PowerdrillScenarios from "./PowerdrillScenarios.ts"
import type { PowerdrillState } from "./PowerdrillState.ts"
import type * as RequestLog from "./RequestLog.ts"
import * as ResponseWriter from "./ResponseWriter.ts"
import type { Signer } from "./Signature.ts"
import * as StoreLinks from "./StoreLinks.ts"
import * as TwelveLabsApi from "./TwelveLabsApi.ts"
import * as TwelveLabsScenarios from "./TwelveLabsScenarios.ts"
import type { TwelveLabsState } from "./TwelveLabsState.ts"

/** What the routes work with. */
export interface RoutesOptions {
  readonly origin: string
  readonly pace: Play.Pace
  readonly log: RequestLog.RequestLog
  readonly signer: Signer
  readonly files: FileStore
  readonly now: () => number
  readonly powerdrill: PowerdrillState
  readonly twelvelabs: TwelveLabsState
}

/** The largest body of a request to an API: it is kept in the log. Files are larger, and are not. */
const maxBodySize = ByteSize.fromInputUnsafe("64 MiB")

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

type StoreMethod = (
  options: ObjectStore.ObjectStoreOptions,
  path: string,
  query: string
) => ReturnType<typeof ObjectStore.get | typeof ObjectStore.put>

const router = (options: RoutesOptions) => {
  const linkMaker = (play: Play.Play) => StoreLinks.linkMaker(options.signer, options.origin, play)
  const store = (method: StoreMethod) => (request: HttpServerRequest.HttpServerRequest) => {
    const { path, query } = targetOf(request.url)
    return method(options, path.slice("/store/".length), query)
  }
  return HttpRouter.toHttpEffect(
    Layer.mergeAll(
      PowerdrillApi.layer(options.powerdrill, linkMaker),
      TwelveLabsApi.layer(options.twelvelabs, linkMaker),
      HttpRouter.add("GET", "/store/*", store(ObjectStore.get)),
      HttpRouter.add("PUT", "/store/*", store(ObjectStore.put)),
      // Where redirects lead: the log then tells who followed, and with what.
      HttpRouter.add("*", "/elsewhere/*", Exchange.json(200, { elsewhere: true }))
    )
  )
}

/** Makes the handler of all requests. */
export const make = Effect.fnUntraced(function* (options: RoutesOptions) {
  const routed = yield* router(options)
  const arrived = new Map<string, number>()

  /** Counts the requests of a play, path by path, and tells whether the fault strikes this one. */
  const strikesNow = ({ path, segment }: Target, { chance, times }: Play.Play): boolean => {
    if (times === undefined && chance === undefined) return true
    const key = `${segment} ${path}`
    const before = arrived.get(key) ?? 0
    arrived.set(key, before + 1)
    return before < (times ?? Infinity) && (chance === undefined || percentile(`${key} ${before}`) < chance)
  }

  return Effect.gen(function* () {
    const original = yield* HttpServerRequest.HttpServerRequest
    const target = targetOf(original.url)
    // A path without the play finds its route; `modify` keeps the node objects.
    const request = original.modify({ url: withQuery(target) })
    // Of HTTP/1.1 always, as the server is Node's plain one.
    const incoming = NodeHttpServerRequest.toIncomingMessage(request) as Http.IncomingMessage
    const response = NodeHttpServerRequest.toServerResponse(request) as Http.ServerResponse
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
      bytesReceived: 0,
      connection: options.log.connectionNumber(incoming.socket),
      receivedAt: options.now(),
      bytesWritten: 0,
      ended: "open"
    }
    options.log.add(entry, response)
    const received = yield* Effect.result(receive(request, incoming, entry))
    const exchange = Exchange.Exchange.of({
      headers: entry.headers,
      body: entry.body,
      content: request.stream,
      drain: Effect.suspend(() =>
        incoming.readableEnded || incoming.destroyed ? Effect.void : Effect.ignore(Stream.runDrain(request.stream))
      ),
      play,
      fault: play.fault !== undefined && strikesNow(target, play) ? play.fault : undefined,
      pace: options.pace,
      writer: ResponseWriter.make(response, entry, (how) => options.log.end(entry, how)),
      now: options.now
    })
    const answer = Result.isFailure(decoded)
      ? Exchange.json(400, problem(target.service, decoded.failure))
      : Result.isFailure(received)
        ? Exchange.json(413, problem(target.service, "The body is too large."))
        : Effect.andThen(
            play.delay === undefined ? Effect.void : Effect.sleep(play.delay),
            Effect.provideService(routed, HttpServerRequest.HttpServerRequest, request)
          )
    return yield* answer.pipe(
      Effect.catchIf(isRouteNotFound, () =>
        Exchange.json(404, problem(target.service, `Nothing answers ${request.method} ${target.path} here.`))
      ),
      Effect.provideService(Exchange.Exchange, exchange)
    )
  }).pipe(Effect.orElseSucceed(() => HttpServerResponse.empty({ status: 400 })))
})

/** Reads the body of a request to an API. Files are left to those who answer, and only counted. */
const receive = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  incoming: Http.IncomingMessage,
  entry: RequestLog.Entry
) {
  if (entry.service === "store" || entry.headers["content-type"]?.startsWith("multipart/form-data") === true) {
    // Paused, or the bytes would flow before their reader is there.
    incoming.pause().on("data", (bytes: Uint8Array) => (entry.bytesReceived += bytes.length))
    return
  }
  entry.body = yield* Effect.provideService(request.text, HttpIncomingMessage.MaxBodySize, maxBodySize)
  entry.bytesReceived = Buffer.byteLength(entry.body)
})

const isRouteNotFound = (error: unknown): error is HttpServerError.HttpServerError =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/** A number from 0 to 100 that depends on the text alone. */
const percentile = (text: string): number =>
  (Crypto.createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32) * 100

const withQuery = ({ path, query }: Target): string => (query === "" ? path : `${path}?${query}`)

/** A problem of using the emulator, in the shape of the vendor's own errors. */
const problem = (service: Service, message: string) =>
  service === "powerdrill" ? { code: 300001, msg: message } : { code: "parameter_invalid", message }
