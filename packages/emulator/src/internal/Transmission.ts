/**
 * Carries out a plan: waits, encodings, sizes of writes, and the ends that a plan can have.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Fault } from "../Fault.ts"
import type { Pace } from "../Play.ts"
import * as ContentEncoder from "./ContentEncoder.ts"
import type { Headers, ResponseWriter } from "./ResponseWriter.ts"
import type { WireStep } from "./WirePlan.ts"

/** How a plan is carried out. */
export interface TransmissionOptions {
  readonly status: number
  readonly headers: Headers
  readonly fault: Fault | undefined
  readonly pace: Pace
  readonly chunk: number | undefined
  readonly linger: number
}

/** A length that no scenario's text reaches before the connection is closed. */
const falseLength = 1_000_000_000

/** Sends the headers and then everything that the plan says. */
export const run = Effect.fnUntraced(function* (
  plan: Iterable<WireStep>,
  writer: ResponseWriter,
  options: TransmissionOptions
) {
  const encoder = encoderOf(options.fault)
  yield* writer.head(options.status, {
    ...options.headers,
    ...(encoder === undefined ? {} : { "content-encoding": encoder.name }),
    ...(options.fault === "wrong-length" ? { "content-length": String(falseLength) } : {})
  })
  const write =
    encoder === undefined ? writer.write : (bytes: Uint8Array) => Effect.flatMap(encoder.encode(bytes), writer.write)
  const { push, drain } =
    options.chunk === undefined ? { push: write, drain: Effect.void } : inPieces(options.chunk, write)

  for (const step of plan) {
    if (step._tag === "Send") {
      if (options.pace === "realistic" && step.wait > 0) {
        yield* drain
        yield* Effect.sleep(step.wait)
      }
      yield* push(step.bytes)
      continue
    }
    if (step._tag === "Pour") {
      yield* Stream.runForEach(step.bytes, push)
      continue
    }
    yield* drain
    switch (step._tag) {
      case "Finish": {
        // A cut is clean for HTTP, and for the decoder of the content encoding too.
        if (encoder !== undefined) yield* Effect.flatMap(encoder.end, writer.write)
        return yield* writer.finish({ cut: step.cut })
      }
      case "Reset":
        return yield* writer.reset(options.linger)
      case "Silence":
        return yield* Effect.never
      case "Repeat":
        while (true) {
          yield* Effect.sleep(step.interval)
          yield* write(step.bytes())
        }
      case "BreakFraming":
        return yield* writer.breakFraming(step.bytes, options.linger)
      case "HangUp":
        return yield* writer.breakFraming(new Uint8Array(), options.linger)
      case "CorruptEncoding":
        yield* writer.write(ContentEncoder.corruption)
        break
    }
  }
})

const encoderOf = (fault: Fault | undefined): ContentEncoder.ContentEncoder | undefined => {
  switch (fault) {
    case "gzip":
    case "bad-gzip":
      return ContentEncoder.make("gzip")
    case "brotli":
      return ContentEncoder.make("br")
    default:
      return undefined
  }
}

/** Writes of exactly `size` bytes; only `drain` makes a smaller one. */
const inPieces = (size: number, write: (bytes: Uint8Array) => Effect.Effect<void>) => {
  let rest: Uint8Array = new Uint8Array()
  // Node joins the writes of one tick into one packet, so each piece gets its own.
  const apart = (bytes: Uint8Array) => Effect.andThen(write(bytes), Effect.yieldNow)
  const push = Effect.fnUntraced(function* (bytes: Uint8Array) {
    let all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    while (all.length >= size) {
      yield* apart(all.subarray(0, size))
      all = all.subarray(size)
    }
    rest = all
  })
  const drain = Effect.suspend(() => {
    const last = rest
    rest = new Uint8Array()
    return last.length === 0 ? Effect.void : apart(last)
  })
  return { push, drain }
}
