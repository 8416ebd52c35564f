import * as Duration from "effect/Duration"
import { type Malformed, type Opened, type Protocol, Signal, type SignalKind, skip } from "../Protocol.ts"
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
  /** The body ended before the stream did. */
  readonly endOfBody: () => void
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
        frames++
        const step = session.decode(frame.data, frame._tag === "Event" ? frame.event : "")
        if (!(step instanceof Signal)) {
          events++
          out.push(step)
          continue
        }
        const signal: SignalKind<E> = step.kind
        switch (signal._tag) {
          case "Skip":
            break
          case "Done":
            if (signal.last !== undefined) {
              events++
              out.push(signal.last)
            }
            ending = "Done"
            break
          case "Refused":
            ending = refusalError(signal.refusal, frame.data)
            break
          case "Malformed": {
            const error = parseError(signal, frame.data, decoder.offsetAfter(i))
            if (signal.fatal || !emitMalformed) {
              ending = error
              break
            }
            events++
            out.push({ _tag: "Malformed", error })
          }
        }
      }
      return out
    },
    endOfBody: () => {
      const { ids, lastEvent, terminalSeen } = session.summary()
      // What the body left without a line end is dropped, unless it is what ends the stream.
      const left = decoder.end()
      const step = left === undefined ? skip : session.decode(left.data, left._tag === "Event" ? left.event : "")
      if (step instanceof Signal) {
        const signal: SignalKind<E> = step.kind
        if (signal._tag === "Done" && signal.last === undefined) ending = "Done"
        if (signal._tag === "Refused") ending = refusalError(signal.refusal, left?.data ?? "")
      }
      ending ??= new MissingDoneError({
        vendor: exchange.vendor.name,
        events,
        bytes,
        ...(lastEvent === undefined ? {} : { lastEvent: safe(lastEvent) }),
        ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, safe(id)])),
        terminalSeen
      })
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
