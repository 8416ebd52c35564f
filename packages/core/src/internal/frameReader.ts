import * as Duration from "effect/Duration"
import { type Malformed, type Opened, type Protocol, Signal, type SignalKind } from "../Protocol.ts"
import type * as Ndjson from "../Ndjson.ts"
import type * as Sse from "../Sse.ts"
import { MissingDoneError, ParseError, type StreamError, type TransportReason } from "../StreamError.ts"
import type { Refusal } from "../Vendor.ts"
import { apiError } from "./answer.ts"
import { excerpt } from "./excerpt.ts"
import type { Exchange } from "./exchange.ts"
import { fromCause, transportError } from "./transportError.ts"
import type { Limits } from "./watchdog.ts"

/** What a reader must know of its stream. */
export interface ReaderSettings<E> {
  readonly exchange: Exchange
  readonly protocol: Protocol<E>
  readonly limits: Limits
  readonly emitMalformed: boolean
  readonly maxEventSize: number | undefined
}

/** How a stream ended: with its mark, or by an error. */
export type Ending = "Done" | StreamError

/** Turns a stream's bytes into its events, without effects; what ends the stream is kept until it is asked for. */
export interface FrameReader<E> {
  /** Reads a chunk. Gives the events that it completes, up to what ends the stream. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<E | Malformed>
  /** The body ended before the stream did. Gives the event of a last line without its line end. */
  readonly endOfBody: () => ReadonlyArray<E | Malformed>
  /** Reading broke, for a reason of the runtime's or the HTTP client's. */
  readonly broke: (cause: unknown) => void
  /** A limit of time was passed. */
  readonly expired: (reason: Extract<TransportReason, "IdleTimeout" | "StallTimeout" | "Deadline">) => void
  /** Something else went wrong. */
  readonly fail: (error: StreamError) => void
  /** How the stream ended, once it did; nothing is read after it. */
  readonly ending: () => Ending | undefined
  /** Events delivered so far. */
  readonly events: () => number
  /** Bytes read so far. */
  readonly bytes: () => number
}

const nothing: ReadonlyArray<never> = []

/** Makes the reader of one stream. */
export const makeFrameReader = <E>(settings: ReaderSettings<E>, opened: Opened): FrameReader<E> => {
  const { emitMalformed, exchange, limits, protocol } = settings
  const decoder = protocol.makeDecoder({ maxEventSize: settings.maxEventSize })
  const session = protocol.session(opened)
  const safe = (text: string) => excerpt(text, exchange.secrets)
  let frames = 0
  let events = 0
  let bytes = 0
  let ending: Ending | undefined

  const phase = () => (events === 0 ? ("first-event" as const) : ("streaming" as const))

  const parseError = (
    { issue, stage }: Extract<SignalKind<E>, { _tag: "Malformed" }>,
    data: string,
    offset: number
  ): ParseError => {
    const eventName = session.summary().lastEvent
    return new ParseError({
      vendor: exchange.vendor.name,
      stage,
      issue: safe(issue),
      eventNumber: frames,
      ...(eventName === undefined ? {} : { eventName: safe(eventName) }),
      offset,
      excerpt: safe(data)
    })
  }

  const refusalError = (refusal: Refusal, data: string) =>
    apiError(
      exchange,
      "stream",
      { status: opened.status, headers: opened.headers, text: data, json: undefined, now: 0 },
      refusal
    )

  /** Reads frame `index` of the latest push, or -1 for the last of the body: adds its event to `out`, or notes the end. */
  const read = (data: string, name: string, index: number, out: Array<E | Malformed>): void => {
    frames++
    const step = session.decode(data, name)
    if (!(step instanceof Signal)) {
      events++
      out.push(step)
      return
    }
    const signal: SignalKind<E> = step.kind
    switch (signal._tag) {
      case "Skip":
        return
      case "Done":
        if (signal.last !== undefined) {
          events++
          out.push(signal.last)
        }
        ending = "Done"
        return
      case "Refused":
        ending = refusalError(signal.refusal, data)
        return
      case "Malformed": {
        const error = parseError(signal, data, index < 0 ? bytes : decoder.offsetAfter(index))
        if (signal.fatal || !emitMalformed) {
          ending = error
          return
        }
        events++
        out.push({ _tag: "Malformed", error })
      }
    }
  }

  /** Reads what the end of the body has left open: it may be cut, and then counts for nothing. */
  const readLeft = (left: Sse.Event | Ndjson.Line, out: Array<E | Malformed>): void => {
    const step = session.decode(left.data, left._tag === "Event" ? left.event : "")
    if (!(step instanceof Signal)) {
      // A line is whole when it can be read; an event of SSE only with its empty line.
      if (left._tag !== "Line") return
      events++
      out.push(step)
      return
    }
    const signal: SignalKind<E> = step.kind
    if (signal._tag === "Refused") ending = refusalError(signal.refusal, left.data)
    if (signal._tag !== "Done") return
    if (signal.last === undefined) ending = "Done"
    else if (left._tag === "Line") {
      events++
      out.push(signal.last)
      ending = "Done"
    }
  }

  return {
    push: (chunk) => {
      bytes += chunk.length
      const pushed = decoder.push(chunk)
      if (pushed.length === 0) return nothing
      const out: Array<E | Malformed> = []
      for (let i = 0; i < pushed.length && ending === undefined; i++) {
        const frame = pushed[i]!
        if (frame._tag === "Overflow") {
          ending = ParseError.overflow({
            vendor: exchange.vendor.name,
            option: "maxEventSize",
            limit: frame.limit,
            eventNumber: frames + 1,
            offset: decoder.offsetAfter(i)
          })
          continue
        }
        if (frame._tag !== "Event" && frame._tag !== "Line") continue
        read(frame.data, frame._tag === "Event" ? frame.event : "", i, out)
      }
      return out
    },
    endOfBody: () => {
      const out: Array<E | Malformed> = []
      const before = session.summary()
      const left = decoder.end()
      if (protocol.endsWith === "body") {
        if (left !== undefined) read(left.data, left._tag === "Event" ? left.event : "", -1, out)
        ending ??= "Done"
        return out
      }
      if (left !== undefined) readLeft(left, out)
      const { ids, lastEvent, terminalSeen } = out.length === 0 ? before : session.summary()
      ending ??= new MissingDoneError({
        vendor: exchange.vendor.name,
        events,
        bytes,
        ...(lastEvent === undefined ? {} : { lastEvent: safe(lastEvent) }),
        ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, safe(id)])),
        terminalSeen
      })
      return out
    },
    broke: (cause) => {
      ending = fromCause(exchange, phase(), cause)
    },
    expired: (reason) => {
      const limit = {
        IdleTimeout: limits.idle,
        StallTimeout: limits.stall,
        Deadline: limits.deadline
      }[reason]
      ending = transportError(exchange, phase(), reason, `limit ${Duration.format(Duration.millis(limit))}`)
    },
    fail: (error) => {
      ending = error
    },
    ending: () => ending,
    events: () => events,
    bytes: () => bytes
  }
}
