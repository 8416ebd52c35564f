/**
 * What goes on the wire, in order, when frames are played with a fault. Pure: no socket, no clock, lazily made, so that
 * an endless or a very large answer needs no memory.
 */
import type * as Stream from "effect/Stream"
import type { Fault } from "../Fault.ts"
import type { Play } from "../Play.ts"
import * as Frame from "./Frame.ts"

/** A step of the plan. */
export type WireStep =
  | { readonly _tag: "Send"; readonly bytes: Uint8Array; readonly wait: number }
  /** Bytes that come from elsewhere, piece by piece, no faster than the socket takes them. */
  | { readonly _tag: "Pour"; readonly bytes: Stream.Stream<Uint8Array> }
  /** The body ends as if it were whole. */
  | { readonly _tag: "Finish"; readonly cut: boolean }
  /** RST, once what was sent has left. */
  | { readonly _tag: "Reset" }
  /** Nothing more, for ever. */
  | { readonly _tag: "Silence" }
  /** A step that repeats, for ever. */
  | { readonly _tag: "Repeat"; readonly bytes: () => Uint8Array; readonly interval: number }
  /** Bytes behind the back of HTTP's framing, then FIN. */
  | { readonly _tag: "BreakFraming"; readonly bytes: Uint8Array }
  /** FIN without an end of the framing. */
  | { readonly _tag: "HangUp" }
  /** What the content encoding must not contain. */
  | { readonly _tag: "CorruptEncoding" }

/** The frames that a vendor's faults are made of. They are functions, because they carry counters and times. */
export interface FaultFrames {
  /** Whether the vendor sends a terminal event before its mark. */
  readonly hasTerminal: boolean
  /** How frames are written. Default: as Server-Sent Events. */
  readonly framing?: Frame.Framing | undefined
  readonly delta: (text: string) => Frame.Frame
  readonly malformed: () => Frame.Frame
  readonly wrongShape: () => Frame.Frame
  readonly streamError: () => ReadonlyArray<Frame.Frame>
  readonly errorMark: () => ReadonlyArray<Frame.Frame>
}

/** Whole events before a fault, unless the play says otherwise. */
const defaultAfter = 3

const encoder = new TextEncoder()
const mebibyte = 1024 * 1024
const send = (bytes: Uint8Array | string, wait = 0): WireStep => ({
  _tag: "Send",
  bytes: typeof bytes === "string" ? encoder.encode(bytes) : bytes,
  wait
})

/** Plans the frames with the fault of a play (which is `undefined` when the fault does not strike this time). */
export function* make(
  frames: Iterable<Frame.Frame>,
  fault: Fault | undefined,
  play: Play,
  faults: FaultFrames
): Generator<WireStep, void> {
  const lineEnd = fault === "crlf" ? "\r\n" : "\n"
  const after = play.after ?? defaultAfter
  const framing = faults.framing ?? Frame.sse
  const render = (frame: Frame.Frame): string => framing.render(frame, lineEnd)
  const whole = (frame: Frame.Frame) => send(render(frame), frame.wait)
  if (fault === "bom") yield send(new Uint8Array([0xef, 0xbb, 0xbf]))
  let events = 0
  let struck = fault === undefined
  let skipToMark = false
  for (const frame of frames) {
    // An answer that is shorter than `after` is struck before its mark, so that a fault always shows.
    if (!struck && frame.kind !== "comment" && (events >= after || frame.kind === "mark")) {
      struck = true
      switch (fault) {
        case "cut":
          return yield { _tag: "Finish", cut: true }
        case "cut-mid-event": {
          yield send(half(render(frame)), frame.wait)
          return yield { _tag: "Finish", cut: true }
        }
        case "cut-mid-character": {
          yield send(insideCharacter(render(faults.delta("价格 🛫"))))
          return yield { _tag: "Finish", cut: true }
        }
        case "reset":
          return yield { _tag: "Reset" }
        case "reset-mid-event": {
          yield send(half(render(frame)), frame.wait)
          return yield { _tag: "Reset" }
        }
        case "silence":
          return yield { _tag: "Silence" }
        case "heartbeats": {
          const bytes = encoder.encode(render(Frame.comment("keep-alive")))
          return yield { _tag: "Repeat", bytes: () => bytes, interval: play.interval ?? 1000 }
        }
        case "malformed":
          yield whole(faults.malformed())
          break
        case "wrong-shape":
          yield whole(faults.wrongShape())
          break
        case "stream-error": {
          for (const error of faults.streamError()) yield whole(error)
          return yield { _tag: "Finish", cut: false }
        }
        case "error-mark": {
          for (const mark of faults.errorMark()) yield whole(mark)
          return yield { _tag: "Finish", cut: false }
        }
        case "huge-event":
          yield* huge(render(faults.delta("FILLING")), play.bytes ?? 32 * mebibyte)
          break
        case "retry-line": {
          yield send(framing.withRetry(frame, lineEnd), frame.wait)
          events += 1
          continue
        }
        case "bad-chunk":
          return yield { _tag: "BreakFraming", bytes: encoder.encode("zz\r\nthis is no chunk\r\n") }
        case "wrong-length":
          return yield { _tag: "HangUp" }
        case "bad-gzip":
          yield { _tag: "CorruptEncoding" }
          break
        case "done-only":
        case "no-terminal":
          // A vendor without terminal events loses the rest of its answer instead.
          skipToMark = !faults.hasTerminal
          break
      }
    }
    if (frame.kind === "terminal" && (fault === "done-only" || fault === "no-terminal")) continue
    if (skipToMark && frame.kind !== "mark") continue
    if (frame.kind === "mark") {
      if (fault === "no-done") return yield { _tag: "Finish", cut: true }
      if (fault === "no-final-newline") {
        yield send(framing.unended(frame, lineEnd), frame.wait)
        return yield { _tag: "Finish", cut: false }
      }
      if (fault === "open-after-done") {
        yield whole(frame)
        const bytes = () => encoder.encode(render(faults.delta("after the end ")))
        return yield { _tag: "Repeat", bytes, interval: play.interval ?? 100 }
      }
    }
    yield whole(frame)
    if (frame.kind !== "comment") events += 1
  }
  yield { _tag: "Finish", cut: false }
}

const half = (frame: string): Uint8Array => {
  const bytes = encoder.encode(frame)
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}

/** The frame up to the middle of its last character of four bytes. */
const insideCharacter = (frame: string): Uint8Array => {
  const bytes = encoder.encode(frame)
  return bytes.subarray(0, bytes.lastIndexOf(0xf0) + 2)
}

/** One event in pieces, so that its size needs no memory. */
function* huge(frame: string, bytes: number): Generator<WireStep, void> {
  const [head = "", tail = ""] = frame.split("FILLING", 2)
  yield send(head)
  const piece = encoder.encode("x".repeat(Math.min(bytes, 64 * 1024)))
  let left = Math.max(0, bytes - head.length - tail.length)
  while (left > 0) {
    yield send(left < piece.length ? piece.subarray(0, left) : piece)
    left -= Math.min(left, piece.length)
  }
  yield send(tail)
}

/** A body that is no event stream: how long it is, and the step that sends what lies between two offsets. */
export interface Body {
  readonly size: number
  readonly slice: (start: number, end: number) => WireStep
}

/** A body that is in memory. */
export const bodyOf = (bytes: Uint8Array): Body => ({
  size: bytes.length,
  slice: (start, end) => send(bytes.subarray(start, end))
})

/** Plans a body that is no event stream: faults of the stream strike in its middle. */
export function* ofBody(body: Body, fault: Fault | undefined): Generator<WireStep, void> {
  const middle = Math.floor(body.size / 2)
  const firstHalf = body.slice(0, middle)
  switch (fault) {
    case "cut":
    case "cut-mid-event":
    case "cut-mid-character":
      yield firstHalf
      return yield { _tag: "Finish", cut: true }
    case "reset":
    case "reset-mid-event":
      yield firstHalf
      return yield { _tag: "Reset" }
    case "silence":
    case "heartbeats":
      yield firstHalf
      return yield { _tag: "Silence" }
    case "malformed":
      yield body.slice(0, body.size - 1)
      return yield { _tag: "Finish", cut: false }
    case "bad-chunk":
      yield firstHalf
      return yield { _tag: "BreakFraming", bytes: encoder.encode("zz\r\nthis is no chunk\r\n") }
    case "wrong-length":
      yield firstHalf
      return yield { _tag: "HangUp" }
    case "bad-gzip":
      yield firstHalf
      yield { _tag: "CorruptEncoding" }
      yield body.slice(middle, body.size)
      return yield { _tag: "Finish", cut: false }
    default:
      yield body.slice(0, body.size)
      yield { _tag: "Finish", cut: false }
  }
}

/** Whether a body with this fault can still be announced with its own length. */
export const keepsLength = (fault: Fault | undefined): boolean => {
  switch (fault) {
    case "cut":
    case "cut-mid-event":
    case "cut-mid-character":
    case "malformed":
    case "bad-chunk":
    case "wrong-length":
    case "gzip":
    case "brotli":
    case "bad-gzip":
      return false
    default:
      return true
  }
}
