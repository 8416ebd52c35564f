/** The streams of the server. */
import type { ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { chunksOf } from "../workloads/Chunking.ts"
import { closing, delta, opening } from "../workloads/textDeltas.ts"
import { wireOf } from "../workloads/Workload.ts"

const open = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.flushHeaders()
}

/** Sends chunks as fast as they are taken, and no more once the other side is gone. */
const send = (response: ServerResponse, chunks: Iterable<Uint8Array>): Promise<void> => {
  open(response)
  return pipeline(Readable.from(chunks, { highWaterMark: 1 }), response).catch(() => {})
}

const prepared = new Map<number, ReadonlyArray<Uint8Array>>()

/** Text deltas, as fast as they are taken. */
export const deltas = (response: ServerResponse, count: number): Promise<void> => {
  let chunks = prepared.get(count)
  if (chunks === undefined) {
    chunks = chunksOf(wireOf({ kind: "textDeltas", count }).frames, "16 kB")
    prepared.set(count, chunks)
  }
  return send(response, chunks)
}

/** Text deltas at their pace, stamped with the clock that all processes of a machine share. */
export const paced = async (response: ServerResponse, count: number): Promise<void> => {
  open(response)
  response.write(opening.join(""))
  for (let i = 0; i < count; i++) {
    await sleep(5)
    response.write(delta(String(process.hrtime.bigint()), i + opening.length))
  }
  response.end(closing(count + opening.length).join(""))
}

let offer: { readonly response: ServerResponse; bytes: number } | undefined

/** Text deltas to a reader who may be slow. */
export const offered = (response: ServerResponse, bytes: number): Promise<void> => {
  const current = { response, bytes: 0 }
  offer = current
  const chunk = Buffer.from(Array.from({ length: 80 }, (_, i) => delta(" bowl", i)).join(""))
  const chunks = function* () {
    yield Buffer.from(opening.join(""))
    while (current.bytes < bytes) {
      current.bytes += chunk.length
      yield chunk
    }
  }
  return send(response, chunks())
}

/** How much of the latest offer left this process: what the other side read, and what the kernel holds between the two. */
export const taken = (): number => (offer === undefined ? 0 : offer.bytes - offer.response.writableLength)

/** A stream that has begun and is still. */
export const silent = (response: ServerResponse): void => {
  open(response)
  response.write(opening.join("") + delta(" bowl", opening.length))
}
