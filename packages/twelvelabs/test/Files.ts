/** Files to upload, and what became of them. */
import { Artifact, FileSource } from "@effect-sse/core"
import { Emulator, type ReceivedRequest } from "@effect-sse/emulator"
import { Effect, Redacted, Stream } from "effect"
import { createHash, type Hash } from "node:crypto"

/** Bytes of which no two stretches are alike. */
export const bytesOf = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** A file with such bytes. */
export const file = (name: string, size: number, seed?: number) => FileSource.fromBytes(bytesOf(size, seed), { name })

/** The hash of bytes. */
export const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** The hash of what a link leads to. */
export const landed = (url: string | Redacted.Redacted | undefined) => {
  const link = url === undefined ? "" : Redacted.isRedacted(url) ? Redacted.value(url) : url
  const artifact: Artifact.Artifact = { kind: "file", name: "file", url: link, expiresAt: undefined }
  return Stream.runFold(
    Artifact.stream(artifact, { allowPrivateHosts: true, maxSize: 1024 ** 3 }),
    () => createHash("sha256"),
    (all: Hash, bytes) => all.update(bytes)
  ).pipe(
    Effect.map((all) => all.digest("hex")),
    // A play of faults strikes here too.
    Effect.retry({ times: 5 })
  )
}

const requests = Effect.flatMap(Emulator, (emulator) => emulator.requests)

/** What the object store was asked to keep. */
export const puts: Effect.Effect<ReadonlyArray<ReceivedRequest>, never, Emulator> = Effect.map(requests, (all) =>
  all.filter(({ method }) => method === "PUT")
)

/** What the vendor was asked, as `POST /assets`, the ids of uploads left out. */
export const asked = Effect.map(requests, (all) =>
  all
    .filter(({ service }) => service === "twelvelabs")
    .map(({ method, path }) => `${method} ${path.replace(/^.*\/v1\.3/, "").replace(/upload-emulator\d+/, "ID")}`)
)
