/** Powerdrill's upload of a large file, in parts. */
import { FileSource } from "@effect-sse/core"
import { Powerdrill } from "@effect-sse/powerdrill"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import type { Run } from "../tasks.ts"
import { checkUpload, type Upload } from "./checkUpload.ts"

const transports = {
  fetch: FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  "node:http": NodeHttpClient.layerNodeHttp
} as const

/** What carries the parts. */
export type Transport = keyof typeof transports

export const start = async (
  args: Upload & { readonly partSize: number; readonly transport: Transport }
): Promise<Run> => {
  const upload = (folder: string) =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      yield* files.upload(yield* FileSource.fromPath(args.path))
    }).pipe(
      Effect.provide(
        Powerdrill.layer({
          apiKey: Redacted.make("key"),
          userId: "tmm-1",
          baseUrl: `${args.origin}/files/${args.partSize}/${folder}`
        })
      ),
      Effect.provide(transports[args.transport]),
      Effect.provide(NodeServices.layer),
      Effect.runPromise
    )
  await checkUpload(args, () => upload("kept"))
  return async () => {
    const start = performance.now()
    await upload("passing")
    return { wall: performance.now() - start, peak: process.resourceUsage().maxRSS * 1024 }
  }
}
