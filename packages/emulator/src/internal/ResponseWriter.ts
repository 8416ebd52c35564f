/**
 * Writes an answer through Node's own response, because faults need what an HTTP framework rightly hides: resets, broken
 * framing, bodies that end where they should not. Respects the back-pressure of the socket.
 */
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import type { Ended } from "../ReceivedRequest.ts"
import type * as RequestLog from "./RequestLog.ts"

/** Names and values, as they go on the wire. */
export type Headers = Readonly<Record<string, string>>

/** The writer of one answer. */
export interface ResponseWriter {
  readonly head: (status: number, headers: Headers) => Effect.Effect<void>
  /** Completes when the socket takes more. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void>
  /** Ends the body as HTTP wants it; `cut` only says how that is remembered. */
  readonly finish: (options?: { readonly cut?: boolean | undefined }) => Effect.Effect<void>
  /** Sends RST after what was written has left and `linger` milliseconds went by. */
  readonly reset: (linger: number) => Effect.Effect<void>
  /** After the same delay, writes to the socket without HTTP's framing, then closes it. */
  readonly breakFraming: (bytes: Uint8Array, linger: number) => Effect.Effect<void>
}

/** Makes the writer of a response whose fate is kept in `entry`; `end` tells the log about it at once. */
export const make = (
  response: Http.ServerResponse,
  entry: RequestLog.Entry,
  end: (how: Ended) => void
): ResponseWriter => {
  // The server interrupts the request when its client goes away; a write that comes before that must not go on.
  const gone = Effect.suspend(() => (response.destroyed ? Effect.interrupt : Effect.void))

  const drained = Effect.callback<void>((resume) => {
    const done = () => {
      forget()
      resume(Effect.void)
    }
    const forget = () => {
      response.off("drain", done)
      response.off("close", done)
    }
    response.once("drain", done)
    response.once("close", done)
    return Effect.sync(forget)
  }).pipe(Effect.andThen(gone))

  const write = (bytes: Uint8Array) =>
    Effect.suspend(() => {
      if (response.destroyed) return Effect.interrupt
      if (bytes.length === 0) return Effect.void
      entry.bytesWritten += bytes.length
      return response.write(bytes) ? Effect.void : drained
    })

  // Node joins the writes of one tick, so what is in its hands counts as well as what is in the socket's.
  const flushed: Effect.Effect<void> = Effect.suspend(() =>
    response.writableLength === 0 && (response.socket?.writableLength ?? 0) === 0
      ? Effect.void
      : Effect.flatMap(Effect.sleep(1), () => flushed)
  )

  return {
    head: (status, headers) =>
      Effect.suspend(() => {
        if (response.destroyed) return Effect.interrupt
        entry.status = status
        response.writeHead(status, headers)
        // A stream that waits before its first event has sent its headers all the same.
        response.flushHeaders()
        return Effect.void
      }),
    write,
    finish: (options) =>
      Effect.sync(() => {
        if (options?.cut === true) entry.intent = "cut"
        response.end()
      }),
    reset: (linger) =>
      flushed.pipe(
        Effect.andThen(Effect.sleep(linger)),
        Effect.andThen(
          Effect.sync(() => {
            end("reset")
            response.socket?.resetAndDestroy()
          })
        )
      ),
    breakFraming: (bytes, linger) =>
      flushed.pipe(
        Effect.andThen(Effect.sleep(linger)),
        Effect.andThen(
          Effect.callback<void>((resume) => {
            const socket = response.socket
            if (socket === null) return resume(Effect.void)
            entry.bytesWritten += bytes.length
            end("cut")
            socket.end(bytes, () => {
              // FIN has left; the client's own FIN may never come.
              const timer = setTimeout(() => socket.destroy(), 100)
              socket.once("close", () => clearTimeout(timer))
              resume(Effect.void)
            })
          })
        )
      )
  }
}
