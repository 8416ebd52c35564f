/**
 * An object store beside the APIs, with pre-signed links that truly expire. It answers errors as S3 does, in XML.
 */
import * as Effect from "effect/Effect"
import type { Fault } from "../Fault.ts"
import * as Play from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Headers } from "./ResponseWriter.ts"
import type { Denial, Signer } from "./Signature.ts"
import * as StoredObject from "./StoredObject.ts"

/** A link to an object. */
export interface Link {
  readonly url: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Makes links. The same folder and name give the same path; only the query changes with time. */
export type Linker = (folder: string, name: StoredObject.StoredName, now: number) => Link

const defaultLifetime = 600

/** Makes the linker of an answer. */
export const makeLinker = (signer: Signer, origin: string, play: Play.Play): Linker => {
  const segment =
    play.store === undefined
      ? ""
      : `${Play.toSegment({ fault: play.store, times: play.times, id: play.id, bytes: play.bytes, chunk: play.chunk })}/`
  return (folder, name, now) => {
    const expiresAt = now + (play.ttl ?? defaultLifetime) * 1000
    const key = `${folder}/${encodeURIComponent(name)}`
    return { url: `${origin}/store/${segment}${key}?${signer.sign({ key, signedAt: now, expiresAt })}`, expiresAt }
  }
}

/** Answers a request for an object. `path` is what follows `/store/`. */
export const serve = Effect.fnUntraced(function* (signer: Signer, path: string, query: string) {
  const exchange = yield* Exchange.Exchange
  const now = exchange.now()
  const fault = exchange.fault
  const refusal = fault === undefined ? undefined : refusals[fault]
  if (refusal !== undefined) return yield* refuse(exchange.play.status ?? refusal.status, refusal.code, refusal.message)
  switch (fault) {
    case "slow-headers":
      return yield* Exchange.silence
    case "reset-before-headers":
      return yield* Exchange.reset
    case "html":
      return yield* Exchange.whole(200, "<!doctype html><title>Sign in</title>\n", { "content-type": "text/html" })
    case "redirect":
      return yield* Exchange.whole(307, "", { location: exchange.play.location ?? "/elsewhere" })
  }
  const grant = signer.verify(path, new URLSearchParams(query), now)
  if (typeof grant === "string") return yield* refuse(403, ...denials[grant])
  const object = StoredObject.find(decodeName(path))
  if (object === undefined) return yield* refuse(404, "NoSuchKey", "The specified key does not exist.")
  const headers: Headers = {
    "content-type": object.contentType,
    "accept-ranges": "bytes",
    etag: `"${object.bytes.length.toString(16)}-${path.length.toString(16)}"`,
    server: "AmazonS3"
  }
  if (fault === "huge-event") return yield* huge(exchange.play.bytes ?? 32 * 1024 * 1024, headers)
  const start = rangeStart(exchange.headers.range)
  if (start !== undefined && fault === undefined) {
    if (start >= object.bytes.length) {
      return yield* refuse(416, "InvalidRange", "The requested range is not satisfiable")
    }
    const range = `bytes ${start}-${object.bytes.length - 1}/${object.bytes.length}`
    return yield* Exchange.whole(206, object.bytes.subarray(start), { ...headers, "content-range": range })
  }
  return yield* Exchange.bodyWithFault(object.bytes, headers)
})

const decodeName = (path: string): string => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  // The path was signed by the emulator itself, so it decodes.
  return decodeURIComponent(name)
}

/** The start of `bytes=START-`, the only form that a resumed download needs. */
const rangeStart = (range: string | undefined): number | undefined => {
  const match = /^bytes=(\d+)-$/.exec(range ?? "")
  return match === null ? undefined : Number(match[1])
}

const denials: Readonly<Record<Denial, readonly [code: string, message: string]>> = {
  unsigned: ["AccessDenied", "Access Denied"],
  forged: ["SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."],
  expired: ["AccessDenied", "Request has expired"]
}

interface StoreRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const refusals: Partial<Readonly<Record<Fault, StoreRefusal>>> = {
  unauthorized: { status: 401, code: "InvalidToken", message: "The provided token is malformed or otherwise invalid." },
  forbidden: { status: 403, code: "AccessDenied", message: "Access Denied" },
  "not-found": { status: 404, code: "NoSuchKey", message: "The specified key does not exist." },
  "rate-limited": { status: 429, code: "SlowDown", message: "Please reduce your request rate." },
  unavailable: { status: 503, code: "SlowDown", message: "Please reduce your request rate." },
  overloaded: { status: 529, code: "SlowDown", message: "Please reduce your request rate." },
  "server-error": {
    status: 500,
    code: "InternalError",
    message: "We encountered an internal error. Please try again."
  }
}

const refuse = Effect.fnUntraced(function* (status: number, code: string, message: string) {
  const { now } = yield* Exchange.Exchange
  const requestId = now().toString(36).toUpperCase()
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`
  ].join("\n")
  return yield* Exchange.whole(status, xml, { "content-type": "application/xml", server: "AmazonS3" })
})

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
