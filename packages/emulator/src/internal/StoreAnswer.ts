/**
 * What the object store answers where it gives nothing: errors in XML, as S3 writes them, and what can stand in their place.
 */
import * as Effect from "effect/Effect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Fault } from "../Fault.ts"
import * as Exchange from "./Exchange.ts"
import type { Denial } from "./Signature.ts"

/** An error of S3. */
interface StoreRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const denials: Readonly<Record<Denial, StoreRefusal>> = {
  unsigned: { status: 403, code: "AccessDenied", message: "Access Denied" },
  forged: {
    status: 403,
    code: "SignatureDoesNotMatch",
    message: "The request signature we calculated does not match the signature you provided."
  },
  expired: { status: 403, code: "AccessDenied", message: "Request has expired" },
  used: { status: 403, code: "AccessDenied", message: "This link was good for one request" }
}

const ofFaults: Partial<Readonly<Record<Fault, StoreRefusal>>> = {
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

/** Answers with an error. */
export const refuse = Effect.fnUntraced(function* ({ code, message, status }: StoreRefusal) {
  const { now } = yield* Exchange.Exchange
  const requestId = now().toString(36).toUpperCase()
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`
  ].join("\n")
  return yield* Exchange.whole(status, xml, { "content-type": "application/xml", server: "AmazonS3" })
})

/** Answers to a link that grants nothing. */
export const deny = (denial: Denial) => refuse(denials[denial])

/** The answer of a fault that stands in place of the store's own; `undefined` when the fault is none of those. */
export const ofFault = (
  exchange: Exchange.Exchange["Service"]
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, Exchange.Exchange> | undefined => {
  const { fault, play } = exchange
  switch (fault) {
    case undefined:
      return undefined
    case "html":
      return Exchange.whole(200, "<!doctype html><title>Sign in</title>\n", { "content-type": "text/html" })
    case "redirect":
      return Exchange.whole(307, "", { location: play.location ?? "/elsewhere" })
    default: {
      const refusal = ofFaults[fault]
      return refusal === undefined ? undefined : refuse({ ...refusal, status: play.status ?? refusal.status })
    }
  }
}
