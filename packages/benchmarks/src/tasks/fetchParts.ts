/** The parts of a large file by hand: a loop over `fetch` that tries nothing again and does not notice when the file changes. */
import { open } from "node:fs/promises"
import type { Run } from "../tasks.ts"
import { checkUpload, type Upload } from "./checkUpload.ts"

/** As many at once as `files.upload` sends. */
const concurrency = 4

export const start = async (args: Upload & { readonly partSize: number }): Promise<Run> => {
  const upload = async (folder: string): Promise<void> => {
    const file = await open(args.path)
    try {
      const { size } = await file.stat()
      let next = 0
      const sendParts = async (): Promise<void> => {
        // One for all parts, since `fetch` copies what it sends.
        const memory = new Uint8Array(args.partSize)
        while (next * args.partSize < size) {
          const part = next++
          const { bytesRead } = await file.read(memory, { position: part * args.partSize })
          const body = memory.subarray(0, bytesRead)
          const response = await fetch(`${args.origin}/store/${folder}/${part + 1}`, { method: "PUT", body })
          await response.arrayBuffer()
          if (!response.ok) throw new Error(`wrong answer: ${response.status}`)
        }
      }
      await Promise.all(Array.from({ length: concurrency }, sendParts))
    } finally {
      await file.close()
    }
  }
  await checkUpload(args, () => upload("kept"))
  return async () => {
    const start = performance.now()
    await upload("passing")
    return { wall: performance.now() - start }
  }
}
