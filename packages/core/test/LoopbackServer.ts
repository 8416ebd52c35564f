import { Effect, Schedule } from "effect"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** A server on loopback whose responses a test writes byte by byte, and whose sockets it can count. */
export interface LoopbackServer {
  readonly url: string
  readonly requests: Array<Http.IncomingMessage>
  readonly openSockets: Effect.Effect<number>
  /** Waits until no socket is open, for at most a second; fails the test if one stays. */
  readonly allClosed: Effect.Effect<void>
}

export const serve = (handler: Http.RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<LoopbackServer & { readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      const requests: Array<Http.IncomingMessage> = []
      // Node's own keep-alive would keep sockets of finished answers for a while.
      const server = Http.createServer({ keepAlive: false }, (request, response) => {
        requests.push(request)
        // Only sockets that carry a request: Node's fetch opens a spare one after an abort, and closes it by itself.
        sockets.add(request.socket)
        response.setHeader("connection", "close")
        handler(request, response)
      })
      server.on("connection", (socket) => {
        socket.on("error", () => {})
        socket.on("close", () => sockets.delete(socket))
      })
      const openSockets = Effect.sync(() => sockets.size)
      server.listen(0, "127.0.0.1", () =>
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            requests,
            openSockets,
            allClosed: openSockets.pipe(
              Effect.flatMap((open) => (open === 0 ? Effect.void : Effect.fail(`${open} sockets are still open`))),
              Effect.retry(Schedule.max([Schedule.spaced("10 millis"), Schedule.recurs(100)])),
              Effect.orDie
            ),
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          })
        )
      )
    }),
    (server) => Effect.sync(server.close)
  )

/** Starts an event stream and writes to it. */
export const sse = (response: Http.ServerResponse, ...parts: ReadonlyArray<string | Uint8Array>): void => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const part of parts) response.write(part)
}
