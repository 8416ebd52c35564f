import * as Duration from "effect/Duration"
import { type Malformed, type Opened, type Protocol, type Session, Signal, type SignalKind } from "../Protocol.ts"
import type * as Ndjson from "../Ndjson.ts"
import type * as Sse from "../Sse.ts"
import { type ApiError, MissingDoneError, ParseError, type StreamError } from "../StreamError.ts"
import type { Refusal } from "../Vendor.ts"
import { apiError } from "./answer.ts"
import { excerpt } from "./excerpt.ts"
import type { Told } from "./exchange.ts"
import { fromCause, transportError } from "./transportError.ts"
import type { Expiry, Limits } from "./watchdog.ts"

/** What a reader must know of its stream. */
export interface ReaderSettings<E> {
  readonly exchange: Told
  readonly protocol: Protocol<E>
  readonly limits: Limits
  readonly emitMalformed: boolean
}

/** How a stream ended: with its mark, or by an error. */
export type Ending = "Done" | StreamError

const nothing: ReadonlyArray<never> = []

/**
 * Turns a stream's bytes into its events, without effects; what ends the stream is kept until it is asked for. A class and not
 * closures, so that each of thousands of open streams holds one small object.
 */
export class FrameReader<E> {
  readonly #settings: ReaderSettings<E>
  readonly #opened: Opened
  readonly #decoder: Sse.Decoder | Ndjson.Decoder
  readonly #session: Session<E>
  #frames = 0
  #events = 0
  #bytes = 0
  #ending: Ending | undefined

  constructor(settings: ReaderSettings<E>, decoder: Sse.Decoder | Ndjson.Decoder, opened: Opened) {
    this.#settings = settings
    this.#opened = opened
    this.#decoder = decoder
    this.#session = settings.protocol.session(opened)
  }

  /** How the stream ended, once it did; nothing is read after it. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Events delivered so far. */
  events(): number {
    return this.#events
  }

  /** Bytes read so far. */
  bytes(): number {
    return this.#bytes
  }

  /** Reads a chunk. Gives the events that it completes, up to what ends the stream. */
  push(chunk: Uint8Array): ReadonlyArray<E | Malformed> {
    this.#bytes += chunk.length
    const pushed = this.#decoder.push(chunk)
    if (pushed.length === 0) return nothing
    const out: Array<E | Malformed> = []
    for (let i = 0; i < pushed.length && this.#ending === undefined; i++) {
      const frame = pushed[i]!
      if (frame._tag === "Overflow") {
        this.#ending = ParseError.overflow({
          vendor: this.#settings.exchange.vendor.name,
          option: "maxEventSize",
          limit: frame.limit,
          eventNumber: this.#frames + 1,
          offset: this.#decoder.offsetAfter(i)
        })
        continue
      }
      if (frame._tag !== "Event" && frame._tag !== "Line") continue
      this.#read(frame.data, frame._tag === "Event" ? frame.event : "", i, out)
    }
    return out
  }

  /** The body ended before the stream did. Gives the event of a last line without its line end. */
  endOfBody(): ReadonlyArray<E | Malformed> {
    const out: Array<E | Malformed> = []
    const before = this.#session.summary()
    const left = this.#decoder.end()
    if (this.#settings.protocol.endsWith === "body") {
      if (left !== undefined) this.#read(left.data, left._tag === "Event" ? left.event : "", -1, out)
      this.#ending ??= "Done"
      return out
    }
    if (left !== undefined) this.#readLeft(left, out)
    const { ids, lastEvent, terminalSeen } = out.length === 0 ? before : this.#session.summary()
    this.#ending ??= new MissingDoneError({
      vendor: this.#settings.exchange.vendor.name,
      events: this.#events,
      bytes: this.#bytes,
      ...(lastEvent === undefined ? {} : { lastEvent: this.#safe(lastEvent) }),
      ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, this.#safe(id)])),
      terminalSeen
    })
    return out
  }

  /** Reading broke, for a reason of the runtime's or the HTTP client's. */
  broke(cause: unknown): void {
    this.#ending = fromCause(this.#settings.exchange, this.#phase(), cause)
  }

  /** A limit of time was passed. */
  expired(reason: Expiry): void {
    const { exchange, limits } = this.#settings
    const limit = Duration.format(Duration.millis(limits[reason]))
    this.#ending = transportError(exchange, this.#phase(), reason, `limit ${limit}`)
  }

  /** Something else went wrong. */
  fail(error: StreamError): void {
    this.#ending = error
  }

  #phase(): "first-event" | "streaming" {
    return this.#events === 0 ? "first-event" : "streaming"
  }

  #safe(text: string): string {
    return excerpt(text, this.#settings.exchange.secrets)
  }

  /** Reads frame `index` of the latest push, or -1 for the last of the body: adds its event to `out`, or notes the end. */
  #read(data: string, name: string, index: number, out: Array<E | Malformed>): void {
    this.#frames++
    const step = this.#session.decode(data, name)
    if (!(step instanceof Signal)) {
      this.#events++
      out.push(step)
      return
    }
    const signal: SignalKind<E> = step.kind
    switch (signal._tag) {
      case "Skip":
        return
      case "Done":
        if (signal.last !== undefined) {
          this.#events++
          out.push(signal.last)
        }
        this.#ending = "Done"
        return
      case "Refused":
        this.#ending = this.#refusalError(signal.refusal, data)
        return
      case "Malformed": {
        const error = this.#parseError(signal, data, index < 0 ? this.#bytes : this.#decoder.offsetAfter(index))
        if (signal.fatal || !this.#settings.emitMalformed) {
          this.#ending = error
          return
        }
        this.#events++
        out.push({ _tag: "Malformed", error })
      }
    }
  }

  /** Reads what the end of the body has left open: it may be cut, and then counts for nothing. */
  #readLeft(left: Sse.Event | Ndjson.Line, out: Array<E | Malformed>): void {
    const step = this.#session.decode(left.data, left._tag === "Event" ? left.event : "")
    if (!(step instanceof Signal)) {
      // A line is whole when it can be read; an event of SSE only with its empty line.
      if (left._tag !== "Line") return
      this.#events++
      out.push(step)
      return
    }
    const signal: SignalKind<E> = step.kind
    if (signal._tag === "Refused") this.#ending = this.#refusalError(signal.refusal, left.data)
    if (signal._tag !== "Done") return
    if (signal.last === undefined) this.#ending = "Done"
    else if (left._tag === "Line") {
      this.#events++
      out.push(signal.last)
      this.#ending = "Done"
    }
  }

  #parseError(
    { issue, stage }: Extract<SignalKind<E>, { _tag: "Malformed" }>,
    data: string,
    offset: number
  ): ParseError {
    const eventName = this.#session.summary().lastEvent
    return new ParseError({
      vendor: this.#settings.exchange.vendor.name,
      stage,
      issue: this.#safe(issue),
      eventNumber: this.#frames,
      ...(eventName === undefined ? {} : { eventName: this.#safe(eventName) }),
      offset,
      excerpt: this.#safe(data)
    })
  }

  #refusalError(refusal: Refusal, data: string): ApiError {
    const { headers, status } = this.#opened
    return apiError(
      this.#settings.exchange,
      "stream",
      { status, headers, text: data, json: undefined, now: 0 },
      refusal
    )
  }
}
