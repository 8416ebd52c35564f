/**
 * One request and the means to answer it, as the routes see it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { HttpServerError } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Stream from "effect/Stream"
import type { Fault } from "../Fault.ts"
import type { Pace, Play } from "../Play.ts"
import * as Frame from "./Frame.ts"
import type { Headers, ResponseWriter } from "./ResponseWriter.ts"
import * as Transmission from "./Transmission.ts"
import * as WirePlan from "./WirePlan.ts"

/** The exchange that a route answers. */
export class Exchange extends Context.Service<
  Exchange,
  {
    readonly headers: Readonly<Record<string, string>>
    /** The body of a request to an API, which was read before. */
    readonly body: string
    /** The body of a request to the object store, which nobody has read yet. */
    readonly content: Stream.Stream<Uint8Array, HttpServerError>
    /**
     * Reads what is left of the body, for those who answer without it: a client that still writes could lose the answer, and a
     * socket that nobody reads from does not tell that its client has gone.
     */
    readonly drain: Effect.Effect<void>
    readonly play: Play
    /** The fault of the play, if it strikes this request. */
    readonly fault: Fault | undefined
    /** The pace where the play does not name one. */
    readonly pace: Pace
    readonly writer: ResponseWriter
    readonly now: () => number
  }
>()("@effect-sse/emulator/internal/Exchange") {}

const encoder = new TextEncoder()

/** What a route returns when the writer has done the work: the server sees that the response has ended. */
export const written = HttpServerResponse.empty()

const transmit = (plan: Iterable<WirePlan.WireStep>, status: number, headers: Headers) =>
  Effect.flatMap(Exchange, ({ fault, pace, play, writer }) =>
    Transmission.run(plan, writer, {
      status,
      headers,
      fault,
      pace: play.pace ?? pace,
      chunk: play.chunk,
      linger: play.linger ?? 50
    })
  )

/** Answers with a whole body, untouched by faults. */
export const whole = Effect.fnUntraced(function* (status: number, body: string | Uint8Array, headers: Headers) {
  const { writer } = yield* Exchange
  const bytes = typeof body === "string" ? encoder.encode(body) : body
  yield* writer.head(status, { ...headers, "content-length": String(bytes.length) })
  yield* writer.write(bytes)
  yield* writer.finish()
  return written
})

/** Answers with JSON, untouched by faults. */
export const json = (status: number, value: unknown, headers: Headers = {}) =>
  whole(status, JSON.stringify(value), { "content-type": "application/json", ...headers })

/** Answers with a stream of events, or of lines, in which the play's fault strikes. */
export const stream = Effect.fnUntraced(function* (
  frames: Iterable<Frame.Frame>,
  faults: WirePlan.FaultFrames,
  headers: Headers = {}
) {
  const { fault, play } = yield* Exchange
  yield* transmit(WirePlan.make(frames, fault, play, faults), 200, {
    "content-type": (faults.framing ?? Frame.sse).contentType,
    "cache-control": "no-cache",
    ...headers
  })
  return written
})

/** Answers with one body (not an event stream) in which those faults strike that make sense for it. */
export const bodyWithFault = Effect.fnUntraced(function* (
  body: Uint8Array | WirePlan.Body,
  headers: Headers,
  status = 200
) {
  const { fault } = yield* Exchange
  const planned = body instanceof Uint8Array ? WirePlan.bodyOf(body) : body
  const framed = WirePlan.keepsLength(fault) ? { ...headers, "content-length": String(planned.size) } : headers
  yield* transmit(WirePlan.ofBody(planned, fault), status, framed)
  return written
})

/** Never answers; the request ends when the client goes away. */
export const silence = Effect.never

/** Resets the connection instead of an answer. */
export const reset = Effect.gen(function* () {
  const { play, writer } = yield* Exchange
  yield* writer.reset(play.linger ?? 0)
  return written
})
