/**
 * Server-Sent Events: an incremental decoder and an encoder.
 *
 * The decoder follows the event-stream grammar of the WHATWG HTML standard on any chunking of the bytes: lines end in
 * LF, CR or CRLF (also when a chunk ends between CR and LF), one byte order mark is removed, UTF-8 may be cut inside a
 * character, and invalid bytes become U+FFFD. It does no I/O and needs nothing but `TextDecoder`; work is linear in
 * the input however it is cut.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Utf8Decoder } from "./internal/utf8.ts"
import { ParseError } from "./StreamError.ts"

/**
 * One dispatched event.
 *
 * `event` is the event's name, `"message"` when the block had no (or an empty) `event` line. `id` is the value of this
 * block's own `id` line and `undefined` without one; the sticky last event ID of the standard is
 * {@link Decoder.lastEventId}.
 */
export interface Event {
  readonly _tag: "Event"
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

/**
 * A comment line, which servers send as a heartbeat. `text` is everything after the colon, untrimmed.
 */
export interface Comment {
  readonly _tag: "Comment"
  readonly text: string
}

/**
 * A `retry` line: the server's wish for the reconnection delay, in milliseconds. It is reported and changes nothing.
 */
export interface Retry {
  readonly _tag: "Retry"
  readonly millis: number
}

/**
 * A line, or the data of one event, grew past `limit` UTF-16 code units. It is the last frame of its decoder, which
 * ignores all further input.
 */
export interface Overflow {
  readonly _tag: "Overflow"
  readonly limit: number
}

/**
 * What a decoder emits.
 */
export type Frame = Event | Comment | Retry | Overflow

/**
 * Options of a decoder.
 */
export interface DecoderOptions {
  /**
   * The most UTF-16 code units that one line, or the data of one event, may have. Default {@link defaultMaxEventSize}.
   */
  readonly maxEventSize?: number | undefined
}

/**
 * 16 Mi UTF-16 code units.
 */
export const defaultMaxEventSize: number = 16 * 1024 * 1024

/**
 * An incremental decoder for one event stream. It has state: its methods are to be called on it.
 */
export interface Decoder {
  /** Decodes the next bytes into the frames that they complete. */
  push(chunk: Uint8Array): ReadonlyArray<Frame>
  /**
   * Ends the input. Returns the event that the end of the input left without its blank line, which the standard drops;
   * the caller decides what it is worth.
   */
  end(): Event | undefined
  /** The standard's last event ID: the value of the latest `id` line of a finished block, `""` at first. */
  lastEventId(): string
  /**
   * The offset, in bytes from the start of the stream, just behind frame `index` of the latest `push`. Exact for valid
   * UTF-8; meant for error messages, so computed only when asked.
   */
  offsetAfter(index: number): number
}

const LF = 10
const COLON = 58
const SPACE = 32

const none: ReadonlyArray<never> = []

/**
 * Makes a decoder: bytes in, frames out.
 *
 * **Example** (An event cut across two chunks)
 *
 * ```ts
 * import { Sse } from "@effect-sse/core"
 *
 * const decoder = Sse.makeDecoder()
 * const bytes = new TextEncoder().encode("event: greeting\ndata: hello\n\n")
 * console.log(decoder.push(bytes.subarray(0, 12))) // []
 * console.log(decoder.push(bytes.subarray(12))) // [{ _tag: "Event", event: "greeting", data: "hello", id: undefined }]
 * ```
 */
export const makeDecoder = (options?: DecoderOptions): Decoder => new SseDecoder(options)

/** A class and not closures, so that each of thousands of open streams holds one small object. */
class SseDecoder implements Decoder {
  readonly #limit: number
  readonly #utf8 = new Utf8Decoder()

  #frames: Array<Frame> = []
  // How many frames the latest push gave, and where in its text each was complete.
  #count = 0
  readonly #ends: Array<number> = []

  // The unfinished line, joined once when its end comes, so that many small chunks stay linear.
  #pieces: Array<string> = []
  #pieceLength = 0
  // The last character was a CR: a LF that follows belongs to it.
  #afterCarriageReturn = false
  #overflowed = false

  #data: string | undefined
  #moreData: Array<string> | undefined
  #dataLength = 0
  #eventName = ""
  #eventId: string | undefined
  #lastEventId = ""

  constructor(options: DecoderOptions | undefined) {
    this.#limit = options?.maxEventSize ?? defaultMaxEventSize
  }

  push(chunk: Uint8Array): ReadonlyArray<Frame> {
    if (this.#overflowed) return none
    this.#feed(this.#utf8.push(chunk))
    const frames = this.#frames
    this.#count = frames.length
    // Most chunks of a stream that comes in small ones complete nothing; what others do is not held any longer.
    if (frames.length === 0) return none
    this.#frames = []
    return frames
  }

  end(): Event | undefined {
    if (this.#overflowed) return undefined
    this.#feed(this.#utf8.end())
    // Without its line end, the last line still counts for the event that is handed over here.
    if (this.#pieceLength > 0) this.#finishLine("", 0, 0)
    this.#frames = []
    this.#count = 0
    return this.#overflowed ? undefined : this.#takeEvent()
  }

  lastEventId(): string {
    return this.#lastEventId
  }

  offsetAfter(index: number): number {
    return this.#utf8.offsetOf(index < this.#count ? this.#ends[index]! : Infinity)
  }

  #emit(frame: Frame, end: number): void {
    this.#ends[this.#frames.length] = end
    this.#frames.push(frame)
  }

  #overflow(end: number): void {
    this.#emit({ _tag: "Overflow", limit: this.#limit }, end)
    this.#overflowed = true
    this.#pieces = []
    this.#data = this.#moreData = undefined
  }

  #takeEvent(): Event | undefined {
    const data = this.#data
    const event: Event | undefined =
      data === undefined
        ? undefined
        : {
            _tag: "Event",
            event: this.#eventName === "" ? "message" : this.#eventName,
            data: this.#moreData === undefined ? data : this.#moreData.join("\n"),
            id: this.#eventId
          }
    this.#data = this.#moreData = undefined
    this.#eventName = ""
    this.#eventId = undefined
    return event
  }

  /** Handles the line `source[start, stop)`; its end stands at `end` in the current text. */
  #line(source: string, start: number, stop: number, end: number): void {
    if (stop - start > this.#limit) return this.#overflow(end)
    if (start === stop) {
      if (this.#eventId !== undefined) this.#lastEventId = this.#eventId
      const event = this.#takeEvent()
      if (event !== undefined) this.#emit(event, end)
      return
    }
    const first = source.charCodeAt(start)
    if (first === COLON) return this.#emit({ _tag: "Comment", text: source.slice(start + 1, stop) }, end)
    // Nearly every line is one of these: look for its name before looking for a colon.
    const known =
      first === 100 && source.startsWith("data:", start)
        ? "data"
        : first === 101 && source.startsWith("event:", start)
          ? "event"
          : undefined
    const colon = known === undefined ? source.indexOf(":", start) : start + known.length
    const hasValue = colon !== -1 && colon < stop
    const nameEnd = hasValue ? colon : stop
    let valueStart = hasValue ? colon + 1 : stop
    if (valueStart < stop && source.charCodeAt(valueStart) === SPACE) valueStart++
    switch (known ?? source.slice(start, nameEnd)) {
      case "data": {
        const value = source.slice(valueStart, stop)
        if (this.#data === undefined) {
          this.#data = value
          this.#dataLength = value.length
        } else {
          if (this.#moreData === undefined) this.#moreData = [this.#data, value]
          else this.#moreData.push(value)
          this.#dataLength += value.length + 1
          if (this.#dataLength > this.#limit) this.#overflow(end)
        }
        return
      }
      case "event": {
        this.#eventName = source.slice(valueStart, stop)
        return
      }
      case "id": {
        const value = source.slice(valueStart, stop)
        if (!value.includes("\0")) this.#eventId = value
        return
      }
      case "retry": {
        const value = source.slice(valueStart, stop)
        if (/^[0-9]+$/.test(value)) {
          this.#emit({ _tag: "Retry", millis: Math.min(Number(value), Number.MAX_SAFE_INTEGER) }, end)
        }
        return
      }
    }
  }

  /** Handles the line that ends before `stop` in the current text, with the pieces of earlier chunks before it. */
  #finishLine(text: string, start: number, stop: number): void {
    if (this.#pieceLength === 0) return this.#line(text, start, stop, stop + 1)
    this.#pieces.push(text.slice(start, stop))
    const joined = this.#pieces.join("")
    this.#pieces = []
    this.#pieceLength = 0
    this.#line(joined, 0, joined.length, stop + 1)
  }

  #feed(text: string): void {
    const length = text.length
    let start = 0
    if (this.#afterCarriageReturn && length > 0) {
      this.#afterCarriageReturn = false
      if (text.charCodeAt(0) === LF) start = 1
    }
    let carriageReturn = text.indexOf("\r", start)
    let lineFeed = text.indexOf("\n", start)
    while (!this.#overflowed) {
      // Each search starts behind the last hit, so that both together pass over the text once.
      if (carriageReturn !== -1 && carriageReturn < start) carriageReturn = text.indexOf("\r", start)
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf("\n", start)
      const isFeed = carriageReturn === -1 || (lineFeed !== -1 && lineFeed < carriageReturn)
      const stop = isFeed ? lineFeed : carriageReturn
      if (stop === -1) break
      this.#finishLine(text, start, stop)
      start = stop + 1
      if (isFeed) continue
      if (start === length) this.#afterCarriageReturn = true
      else if (text.charCodeAt(start) === LF) start++
    }
    if (start === length || this.#overflowed) return
    this.#pieceLength += length - start
    if (this.#pieceLength > this.#limit) this.#overflow(length)
    else this.#pieces.push(text.slice(start))
  }
}

/**
 * Decodes a stream of bytes into frames, one array of frames for each chunk that completes any.
 *
 * An event that the end of the input left unterminated is dropped, as the standard says. Fails with a `ParseError` of
 * stage `"limit"` once a line or event passes `maxEventSize`.
 *
 * **Example** (Decoding a file of events)
 *
 * ```ts
 * import { Sse } from "@effect-sse/core"
 * import { Stream } from "effect"
 *
 * const bytes = Stream.make("data: one\n\n", "data: two\n\n").pipe(Stream.encodeText)
 * const frames = bytes.pipe(Sse.decode())
 * ```
 */
export const decode =
  (options?: DecoderOptions) =>
  <E, R>(self: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Frame, E | ParseError, R> =>
    Stream.transformPull(self, (pull) =>
      Effect.sync(() => {
        const decoder = makeDecoder(options)
        let events = 0
        let failure: ParseError | undefined
        const next: typeof pulled = Effect.suspend(() =>
          failure !== undefined
            ? Effect.fail(failure)
            : Effect.flatMap(pull, (chunks) => {
                const frames: Array<Frame> = []
                for (const chunk of chunks) {
                  const pushed = decoder.push(chunk)
                  for (let i = 0; i < pushed.length; i++) {
                    const frame = pushed[i]!
                    if (frame._tag === "Overflow") {
                      failure = ParseError.overflow({
                        vendor: "sse",
                        option: "maxEventSize",
                        limit: frame.limit,
                        eventNumber: events + 1,
                        offset: decoder.offsetAfter(i)
                      })
                      break
                    }
                    if (frame._tag === "Event") events++
                    frames.push(frame)
                  }
                  if (failure !== undefined) break
                }
                return frames.length === 0 ? next : Effect.succeed(frames as [Frame, ...Array<Frame>])
              })
        )
        const pulled: Effect.Effect<readonly [Frame, ...Array<Frame>], E | ParseError | Cause.Done> = next
        return pulled
      })
    )

/**
 * Encodes a frame as the text of an event stream, for serving a stream onwards.
 *
 * Line breaks in `data` become several `data` lines. A line break cannot be part of a name, an id or a comment: there
 * it becomes a space, so that a value from outside cannot forge a field. NUL, which would void an `id` line, is
 * removed. An `Overflow` has no wire form and encodes to nothing.
 *
 * **Example** (Serving an event)
 *
 * ```ts
 * import { Sse } from "@effect-sse/core"
 *
 * const text = Sse.encode({ _tag: "Event", event: "message", data: "one\ntwo", id: undefined })
 * console.log(text) // "data: one\ndata: two\n\n"
 * ```
 */
export const encode = (frame: Frame): string => {
  switch (frame._tag) {
    case "Event": {
      let text = frame.id === undefined ? "" : `id: ${oneLine(frame.id).replaceAll("\0", "")}\n`
      if (frame.event !== "message") text += `event: ${oneLine(frame.event)}\n`
      for (const line of frame.data.split(lineBreak)) text += `data: ${line}\n`
      return `${text}\n`
    }
    case "Comment":
      return `:${oneLine(frame.text)}\n\n`
    case "Retry":
      return `retry: ${Math.max(0, Math.trunc(frame.millis))}\n\n`
    case "Overflow":
      return ""
  }
}

const lineBreak = /\r\n|\r|\n/

const oneLine = (value: string): string => value.replaceAll(/\r\n|\r|\n/g, " ")
