/**
 * An object store beside the APIs. Who has a pre-signed link may read an object, or write a part of a file, until it expires.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Exchange from "./Exchange.ts"
import type { FileStore } from "./FileStore.ts"
import type { Headers } from "./ResponseWriter.ts"
import type { Signer } from "./Signature.ts"
import * as StoreAnswer from "./StoreAnswer.ts"
import * as StoredObject from "./StoredObject.ts"
import * as WirePlan from "./WirePlan.ts"

/** What the store works with. */
export interface ObjectStoreOptions {
  readonly signer: Signer
  readonly files: FileStore
}

const server: Headers = { server: "AmazonS3" }

/** Answers a GET. `path` is what follows `/store/`, without the play. */
export const get = Effect.fnUntraced(function* ({ files, signer }: ObjectStoreOptions, path: string, query: string) {
  const exchange = yield* Exchange.Exchange
  const { fault, play } = exchange
  const inPlace = StoreAnswer.ofFault(exchange)
  if (inPlace !== undefined) return yield* inPlace
  if (fault === "slow-headers") return yield* Exchange.silence
  if (fault === "reset-before-headers") return yield* Exchange.reset
  const { headers: given } = exchange
  const grant = signer.verify(
    { method: "GET", key: path, query: new URLSearchParams(query), headers: given },
    exchange.now()
  )
  if (typeof grant === "string") return yield* StoreAnswer.deny(grant)
  const object = objectAt(files, path)
  if (object === undefined) {
    return yield* StoreAnswer.refuse({
      status: 404,
      code: "NoSuchKey",
      message: "The specified key does not exist."
    })
  }
  const { body } = object
  const headers: Headers = {
    ...server,
    "content-type": object.contentType,
    "accept-ranges": "bytes",
    etag: object.etag
  }
  if (fault === "huge-event") return yield* huge(play.bytes ?? 32 * 1024 * 1024, headers)
  const start = rangeStart(exchange.headers["range"])
  if (start === undefined || fault !== undefined) return yield* Exchange.bodyWithFault(body, headers)
  if (start >= body.size) {
    return yield* StoreAnswer.refuse({
      status: 416,
      code: "InvalidRange",
      message: "The requested range is not satisfiable"
    })
  }
  const rest: WirePlan.Body = { size: body.size - start, slice: (from, to) => body.slice(start + from, start + to) }
  const range = `bytes ${start}-${body.size - 1}/${body.size}`
  return yield* Exchange.bodyWithFault(rest, { ...headers, "content-range": range }, 206)
})

interface Readable {
  readonly contentType: string
  readonly etag: string
  readonly body: WirePlan.Body
}

/** A file that was uploaded, or one of the objects that are always there. */
const objectAt = (files: FileStore, path: string): Readable | undefined => {
  const file = files.find(path)
  if (file !== undefined) {
    return { contentType: file.contentType, etag: `"${file.etag}"`, body: files.read(file) }
  }
  // The path was signed by the emulator itself, so it decodes.
  const object = StoredObject.find(decodeURIComponent(path.slice(path.lastIndexOf("/") + 1)))
  if (object === undefined) return undefined
  const { bytes, contentType } = object
  const etag = `"${bytes.length.toString(16)}-${path.length.toString(16)}"`
  return { contentType, etag, body: WirePlan.bodyOf(bytes) }
}

/** The start of `bytes=START-`, the only form that a resumed download needs. */
const rangeStart = (range: string | undefined): number | undefined => {
  const match = /^bytes=(\d+)-$/.exec(range ?? "")
  return match === null ? undefined : Number(match[1])
}

const huge = Effect.fnUntraced(function* (bytes: number, headers: Headers) {
  const { writer } = yield* Exchange.Exchange
  yield* writer.head(200, { ...headers, "content-length": String(bytes) })
  const piece = new Uint8Array(64 * 1024).fill(0x78)
  for (let left = bytes; left > 0; left -= piece.length) {
    yield* writer.write(left < piece.length ? piece.subarray(0, left) : piece)
  }
  yield* writer.finish()
  return Exchange.written
})

/** Answers a PUT of a part, after the whole body also where the answer is an error. */
export const put = Effect.fnUntraced(function* ({ files, signer }: ObjectStoreOptions, path: string, query: string) {
  const exchange = yield* Exchange.Exchange
  const { content, drain, fault } = exchange
  const length = exchange.headers["content-length"]
  if (length === undefined) {
    return yield* StoreAnswer.refuse({
      status: 411,
      code: "MissingContentLength",
      message: "You must provide the Content-Length HTTP header."
    })
  }
  // Before a fault strikes: a link that is good for one request is used by it, however it ends.
  const { headers } = exchange
  const grant = signer.verify({ method: "PUT", key: path, query: new URLSearchParams(query), headers }, exchange.now())
  if (grant === "used") return yield* Effect.andThen(drain, StoreAnswer.deny(grant))
  const inPlace = StoreAnswer.ofFault(exchange)
  if (inPlace !== undefined) return yield* Effect.andThen(drain, inPlace)
  if (typeof grant === "string") return yield* Effect.andThen(drain, StoreAnswer.deny(grant))
  const part = files.findPart(path)
  if (part === undefined) return yield* Effect.andThen(drain, noSuchUpload)
  if (Number(length) !== part.size) return yield* Effect.andThen(drain, wrongSize(part.size, Number(length)))

  switch (fault) {
    case "cut":
    case "cut-mid-event":
    case "cut-mid-character":
    case "reset":
    case "reset-mid-event":
    case "bad-chunk":
    case "wrong-length":
      return yield* Effect.andThen(readHalf(content, part.size), Exchange.reset)
    case "silence":
    case "heartbeats":
      return yield* Effect.andThen(drain, Exchange.silence)
  }

  const piece = yield* files.write(content)
  // The upload may have been completed while the part was on its way.
  if (files.findPart(path) === undefined) return yield* Effect.andThen(files.discard([piece]), noSuchUpload)
  const before = part.upload.received.get(part.number)
  part.upload.received.set(part.number, piece)
  if (before !== undefined) yield* files.discard([before])

  // From here on the store has the part, whatever the client learns.
  if (fault === "slow-headers") return yield* Exchange.silence
  if (fault === "reset-before-headers") return yield* Exchange.reset
  return yield* Exchange.whole(200, "", fault === "wrong-shape" ? server : { ...server, etag: `"${piece.etag}"` })
})

const readHalf = <E>(content: Stream.Stream<Uint8Array, E>, size: number) =>
  Effect.suspend(() => {
    let read = 0
    return Stream.runDrain(Stream.takeUntil(content, (bytes) => (read += bytes.length) >= size / 2))
  })

const noSuchUpload = StoreAnswer.refuse({
  status: 404,
  code: "NoSuchUpload",
  message: "The specified multipart upload does not exist. It may have been aborted or completed."
})

/** S3 would take it, and the completion would fail later: here it is seen at once. */
const wrongSize = (expected: number, actual: number) =>
  StoreAnswer.refuse({
    status: 400,
    code: actual > expected ? "EntityTooLarge" : "EntityTooSmall",
    message: `This part was laid out with ${expected} bytes, and has ${actual}.`
  })
