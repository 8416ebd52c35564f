/**
 * Answers as the vendors do, as fast or as slowly as the path says:
 *
 * | path | answer |
 * |---|---|
 * | `/deltas/N/…` | N text deltas, in chunks of 16 kB |
 * | `/paced/N/…` | N text deltas, one each 5 ms, whose text is when it was sent |
 * | `/offered/BYTES/…` | text deltas up to so many bytes |
 * | `/taken` | how many bytes of the latest of those went out |
 * | `/silent/…` | one text delta, and then nothing |
 * | `/files/PART-SIZE/v2/team/file/…` | what Powerdrill answers when an upload begins and ends |
 * | `/store/…` | takes files, see `store.ts` |
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Process from "../harness/Process.ts"
import * as Store from "./store.ts"
import * as Streams from "./streams.ts"

const answer = (request: IncomingMessage, response: ServerResponse): unknown => {
  const [, what, size] = request.url!.split("/")
  switch (what) {
    case "deltas":
      return Streams.deltas(response, Number(size))
    case "paced":
      return Streams.paced(response, Number(size))
    case "offered":
      return Streams.offered(response, Number(size))
    case "taken":
      return response.end(String(Streams.taken()))
    case "silent":
      return Streams.silent(response)
    case "files":
      return Store.files(request, response, Number(size))
    case "store":
      return Store.store(request, response)
    default:
      return response.writeHead(404).end()
  }
}

const server = createServer((request, response) => void answer(request, response))
// Thousands of streams are opened at once.
await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 10_000 }, resolve))

Process.serve(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
