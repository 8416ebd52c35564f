import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"

/** What to upload, and to which server. */
export interface Upload {
  readonly path: string
  readonly origin: string
  /** Whether to show first, with an upload that is not timed, that the right bytes arrive. */
  readonly check: boolean
}

/** Fails when what was put into the server's folder `kept` is not the file. */
export const checkUpload = async ({ check, origin, path }: Upload, put: () => Promise<unknown>): Promise<void> => {
  if (!check) return
  await put()
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  const arrived = await (await fetch(`${origin}/store/kept`)).text()
  if (arrived !== hash.digest("hex")) throw new Error("wrong answer: not the file's bytes")
}
