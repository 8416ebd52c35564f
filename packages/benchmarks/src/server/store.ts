/**
 * An object store that takes files, whole or in parts, and throws them away. What is put under `/store/kept/…` it keeps until it
 * is asked for the hash of it, so that a run that is not timed can show that the right bytes arrive.
 */
import { createHash } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { json } from "node:stream/consumers"

const sizes = new Map<string, number>()
const kept = new Map<string, Buffer>()

/** Takes a part: `PUT /store/FOLDER/PART`, with the parts numbered from 1 on; tells the hash of all: `GET /store/kept`. */
export const store = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [, , folder, part] = request.url!.split("/")
  if (request.method === "GET") {
    const numbers = [...kept.keys()].sort((a, b) => Number(a) - Number(b))
    const hash = createHash("sha256")
    for (const number of numbers) hash.update(kept.get(number)!)
    kept.clear()
    response.end(hash.digest("hex"))
    return
  }
  let size = 0
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (folder === "kept") chunks.push(chunk)
  })
  await new Promise((resolve) => request.once("close", resolve))
  if (folder === "kept") kept.set(part!, Buffer.concat(chunks))
  sizes.set(part!, size)
  response.writeHead(200, { etag: `"${part}"` }).end()
}

interface Begin {
  readonly file_size: number
}

interface Complete {
  readonly file_object_key: string
  readonly part_etags: ReadonlyArray<{ readonly number: number; readonly etag: string }>
}

const ok = (response: ServerResponse, data: object): void => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ code: 0, data }))
}

/** Begins and ends an upload as Powerdrill does. `/files/PART-SIZE/kept/v2/…` has its parts kept. */
export const files = async (request: IncomingMessage, response: ServerResponse, partSize: number): Promise<void> => {
  const folder = request.url!.includes("/kept/") ? "kept" : "passing"
  if (request.url!.endsWith("/init-multipart-upload")) {
    const { file_size: fileSize } = (await json(request)) as Begin
    const parts = Array.from({ length: Math.ceil(fileSize / partSize) }, (_, index) => ({
      number: index + 1,
      size: Math.min(partSize, fileSize - index * partSize),
      upload_url: `http://${request.headers.host}/store/${folder}/${index + 1}`
    }))
    sizes.clear()
    return ok(response, { upload_id: "upload-1", file_object_key: String(fileSize), part_items: parts })
  }
  const { file_object_key: key, part_etags: etags } = (await json(request)) as Complete
  const isWhole = etags.every(({ etag, number }) => etag === String(number)) && totalOf(sizes) === Number(key)
  if (isWhole) return ok(response, { file_object_key: key })
  response.writeHead(400).end()
}

const totalOf = (sizes: ReadonlyMap<string, number>): number => [...sizes.values()].reduce((sum, size) => sum + size, 0)
