/** The server that candidates talk to over loopback, in a process of its own. */
import { resolve } from "node:path"
import * as Process from "./Process.ts"

const module = resolve(import.meta.dirname, "../server/main.ts")

/** Runs something with the server, and tells it where that listens; what it answers is in the path, see `server/main.ts`. */
export const using = async <A>(use: (origin: string) => Promise<A>): Promise<A> => {
  const server = await Process.start<"origin", string>(module, [])
  try {
    return await use(await server.ask("origin"))
  } finally {
    await server.stop()
  }
}
