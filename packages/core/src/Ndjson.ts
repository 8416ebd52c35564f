/**
 * Newline-delimited JSON: an incremental decoder from bytes to lines, and an encoder.
 *
 * The decoder only finds the lines; what a line says is for its reader to parse. A line ends in LF, a CR before it
 * belongs to the line end, and blank lines are skipped.
 */
import { Utf8Decoder } from "./internal/utf8.ts"
import type { Overflow } from "./Sse.ts"

/**
 * One line that is not blank, without its line end.
 */
export interface Line {
  readonly _tag: "Line"
  readonly data: string
}

/**
 * What a decoder emits. `Overflow` is its last frame: a line grew past the limit.
 */
export type Frame = Line | Overflow

/**
 * Options of a decoder.
 */
export interface DecoderOptions {
  /**
   * The most UTF-16 code units that one line may have. Default {@link defaultMaxLineSize}.
   */
  readonly maxEventSize?: number | undefined
}

/**
 * 16 Mi UTF-16 code units.
 */
export const defaultMaxLineSize: number = 16 * 1024 * 1024

/**
 * An incremental decoder for one body. It has state: its methods are to be called on it.
 */
export interface Decoder {
  /** Decodes the next bytes into the lines that they complete. */
  push(chunk: Uint8Array): ReadonlyArray<Frame>
  /** Ends the input. Returns the last line when its line end is missing. */
  end(): Line | undefined
  /**
   * The offset, in bytes from the start of the body, just behind frame `index` of the latest `push`. Exact for valid
   * UTF-8; computed only when asked.
   */
  offsetAfter(index: number): number
}

/**
 * Makes a decoder: bytes in, lines out.
 *
 * **Example** (Two lines in one chunk)
 *
 * ```ts
 * import { Ndjson } from "@effect-sse/core"
 *
 * const decoder = Ndjson.makeDecoder({ maxEventSize: 1024 })
 * console.log(decoder.push(new TextEncoder().encode("{\"a\":1}\n{\"a\":2}\n")))
 * ```
 */
export const makeDecoder = (options?: DecoderOptions): Decoder => new NdjsonDecoder(options)

/** A class and not closures, so that each of thousands of open streams holds one small object. */
class NdjsonDecoder implements Decoder {
  readonly #limit: number
  readonly #utf8 = new Utf8Decoder()
  #frames: Array<Frame> = []
  #ends: Array<number> = []
  // Joined once when the line's end comes, so that many small chunks stay linear.
  #pieces: Array<string> = []
  #pieceLength = 0
  #overflowed = false

  constructor(options: DecoderOptions | undefined) {
    this.#limit = options?.maxEventSize ?? defaultMaxLineSize
  }

  push(chunk: Uint8Array): ReadonlyArray<Frame> {
    this.#ends = []
    if (this.#overflowed) return []
    this.#feed(this.#utf8.push(chunk))
    return this.#taken()
  }

  end(): Line | undefined {
    if (this.#overflowed) return undefined
    this.#feed(this.#utf8.end())
    this.#taken()
    return this.#overflowed ? undefined : lineOf(this.#takeLine(""))
  }

  offsetAfter(index: number): number {
    return this.#utf8.offsetOf(this.#ends[index] ?? Infinity)
  }

  /** What a push gave, which is not held any longer. */
  #taken(): ReadonlyArray<Frame> {
    const frames = this.#frames
    this.#frames = []
    return frames
  }

  #emit(frame: Frame, end: number): void {
    this.#frames.push(frame)
    this.#ends.push(end)
  }

  #takeLine(rest: string): string {
    if (this.#pieceLength === 0) return rest
    this.#pieces.push(rest)
    const joined = this.#pieces.join("")
    this.#pieces = []
    this.#pieceLength = 0
    return joined
  }

  #feed(text: string): void {
    let start = 0
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const value = this.#takeLine(text.slice(start, end))
      start = end + 1
      if (value.length > this.#limit) {
        this.#overflowed = true
        return this.#emit({ _tag: "Overflow", limit: this.#limit }, start)
      }
      const frame = lineOf(value)
      if (frame !== undefined) this.#emit(frame, start)
    }
    if (start === text.length) return
    this.#pieceLength += text.length - start
    if (this.#pieceLength > this.#limit) {
      this.#overflowed = true
      this.#pieces = []
      return this.#emit({ _tag: "Overflow", limit: this.#limit }, text.length)
    }
    this.#pieces.push(text.slice(start))
  }
}

const lineOf = (value: string): Line | undefined => {
  const data = value.endsWith("\r") ? value.slice(0, -1) : value
  return data.trim() === "" ? undefined : { _tag: "Line", data }
}

/**
 * Whether a body that begins like this is lines of JSON objects, and not HTML or one JSON document over several lines.
 * `undefined` while too little of it is there to tell. One document in one line is a line like any other.
 */
export const looksLikeObjects = (start: string): boolean | undefined => {
  const text = start.trimStart()
  if (text === "") return undefined
  if (!text.startsWith("{")) return false
  // Who spreads a document over lines breaks the first one behind its brace.
  const next = /^\{[ \t]*([^ \t])/.exec(text)?.[1]
  return next === undefined ? undefined : next !== "\n" && next !== "\r"
}

/**
 * Encodes one value as a line. `JSON.stringify` leaves no line break in its output, so a value is always one line.
 *
 * @param value a value that JSON can represent; `undefined` and functions encode as `null`
 */
export const encode = (value: unknown): string => `${JSON.stringify(value) ?? "null"}\n`
