/**
 * One request and the means to answer it, as the routes see it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Fault } from "../Fault.ts"
import type { Pace, Play } from "../Play.ts"
import type * as Frame from "./Frame.ts"
import type { Headers, ResponseWriter } from "./ResponseWriter.ts"
import * as Transmission from "./Transmission.ts"
import * as WirePlan from "./WirePlan.ts"

/** The exchange that a route answers. */
export class Exchange extends Context.Service<
  Exchange,
  {
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
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

/** Answers with an event stream in which the play's fault strikes. */
export const stream = Effect.fnUntraced(function* (
  frames: Iterable<Frame.Frame>,
  faults: WirePlan.FaultFrames,
  headers: Headers = {}
) {
  const { fault, play } = yield* Exchange
  yield* transmit(WirePlan.make(frames, fault, play, faults), 200, {
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    ...headers
  })
  return written
})

/** Answers with one body (not an event stream) in which those faults strike that make sense for it. */
export const bodyWithFault = Effect.fnUntraced(function* (bytes: Uint8Array, headers: Headers) {
  const { fault } = yield* Exchange
  const plan = WirePlan.ofBody(bytes, fault)
  const framed = WirePlan.keepsLength(fault) ? { ...headers, "content-length": String(bytes.length) } : headers
  yield* transmit(plan, 200, framed)
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
