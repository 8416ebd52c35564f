/**
 * The requests that arrived, what became of their answers, and the sockets that are open.
 */
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import type * as Net from "node:net"
import type { Ended, ReceivedRequest } from "../ReceivedRequest.ts"

/** The entry of a request: written by the answer's writer, copied for readers. */
export type Entry = { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] } & {
  /** How the emulator itself means to end it, where that is not the normal way. */
  intent?: Ended | undefined
}

/** The log of one emulator. */
export interface RequestLog {
  readonly add: (entry: Entry, response: Http.ServerResponse) => void
  /** Ends an entry before its socket closes, so that a client cannot see the end earlier than the log. */
  readonly end: (entry: Entry, how: Ended) => void
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly openConnections: Effect.Effect<number>
  readonly openSockets: Effect.Effect<number>
  readonly awaitIdle: Effect.Effect<void>
  /** Follows the sockets of a server. */
  readonly watch: (server: Http.Server) => void
  readonly connectionNumber: (socket: Net.Socket) => number
  /** Destroys all sockets, those that are still to come included. */
  readonly close: Effect.Effect<void>
}

/** Makes a log that keeps the last `limit` requests. */
export const make = (options: {
  readonly limit: number
  readonly now: () => number
  readonly onRequestEnd?: ((request: ReceivedRequest) => void) | undefined
}): RequestLog => {
  const entries: Array<Entry> = []
  const open = new Set<Entry>()
  const waiting = new Set<() => void>()
  const sockets = new Map<Net.Socket, number>()
  let connections = 0
  let closed = false

  const snapshot = ({ intent: _, headers, ...entry }: Entry): ReceivedRequest => ({ ...entry, headers: { ...headers } })

  const end = (entry: Entry, how: Ended) => {
    if (!open.delete(entry)) return
    entry.ended = how
    entry.endedAt = options.now()
    options.onRequestEnd?.(snapshot(entry))
    if (open.size > 0) return
    const resumes = [...waiting]
    waiting.clear()
    for (const resume of resumes) resume()
  }

  return {
    end,
    add(entry, response) {
      entries.push(entry)
      if (entries.length > options.limit) entries.shift()
      open.add(entry)
      response.once("close", () =>
        end(entry, entry.intent ?? (response.writableFinished ? "finished" : "closed by the client"))
      )
    },
    requests: Effect.sync(() => entries.map(snapshot)),
    openConnections: Effect.sync(() => open.size),
    openSockets: Effect.sync(() => sockets.size),
    awaitIdle: Effect.callback((resume) => {
      if (open.size === 0) return resume(Effect.void)
      const done = () => resume(Effect.void)
      waiting.add(done)
      return Effect.sync(() => waiting.delete(done))
    }),
    watch(server) {
      server.on("connection", (socket: Net.Socket) => {
        if (closed) {
          socket.destroy()
          return
        }
        connections += 1
        sockets.set(socket, connections)
        socket.once("close", () => sockets.delete(socket))
      })
    },
    connectionNumber: (socket) => sockets.get(socket) ?? 0,
    close: Effect.sync(() => {
      closed = true
      for (const entry of open) entry.intent ??= "cut"
      for (const socket of sockets.keys()) socket.destroy()
    })
  }
}
