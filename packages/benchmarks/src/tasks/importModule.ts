/** How long importing a file takes. Only the first time counts, so each process measures once. */
import { pathToFileURL } from "node:url"
import type { Run } from "../tasks.ts"

export const start = (args: { readonly file: string }): Run => {
  const url = pathToFileURL(args.file).href
  return async () => {
    const start = performance.now()
    await import(url)
    return { wall: performance.now() - start }
  }
}
