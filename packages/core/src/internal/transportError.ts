import * as HttpClientError from "effect/http/HttpClientError"
import { type Phase, TransportError, type TransportReason } from "../StreamError.ts"
import { bareUrl, excerpt } from "./excerpt.ts"
import type { Told } from "./exchange.ts"

/** Makes a `TransportError` of this exchange. */
export const transportError = (exchange: Told, phase: Phase, reason: TransportReason, detail: string): TransportError =>
  new TransportError({
    vendor: exchange.vendor.name,
    reason,
    phase,
    method: exchange.request.method,
    url: bareUrl(exchange.request.url),
    detail: excerpt(detail, exchange.secrets)
  })

/**
 * Maps whatever reading a body failed with: an error of `effect/http`, or the runtime's own where its stream is read
 * directly.
 */
export const fromCause = (exchange: Told, phase: Phase, cause: unknown): TransportError =>
  HttpClientError.isHttpClientError(cause)
    ? fromHttpClientError(exchange, phase, cause)
    : transportError(exchange, phase, reasonOf(cause), describe(cause))

/**
 * Maps what `effect/http` fails with. The error itself is not kept as a cause: it holds the request with its headers.
 */
export const fromHttpClientError = (
  exchange: Told,
  phase: Phase,
  error: HttpClientError.HttpClientError
): TransportError => {
  const { reason } = error
  switch (reason._tag) {
    case "TransportError":
    // A body that breaks while it is read comes as a decode error; the bytes were never looked at.
    case "DecodeError": {
      return transportError(exchange, phase, reasonOf(reason.cause), describe(reason.cause ?? reason.description))
    }
    case "EncodeError":
    case "InvalidUrlError": {
      return transportError(exchange, phase, "InvalidRequest", describe(reason.cause ?? reason.description))
    }
    // Only a client that filters statuses by itself makes these two; the response is not ours to read any more.
    case "StatusCodeError": {
      return transportError(exchange, phase, "Unknown", `HTTP ${reason.response.status}, refused by the HTTP client`)
    }
    case "EmptyBodyError": {
      return transportError(exchange, phase, "Framing", "the response has no body")
    }
  }
}

const reasonOfCode = new Map<string, TransportReason>([
  ["ECONNREFUSED", "Refused"],
  ["EHOSTUNREACH", "Refused"],
  ["ENETUNREACH", "Refused"],
  ["EHOSTDOWN", "Refused"],
  ["EADDRNOTAVAIL", "Refused"],
  ["ETIMEDOUT", "Refused"],
  ["UND_ERR_CONNECT_TIMEOUT", "Refused"],
  ["ENOTFOUND", "Dns"],
  ["EAI_AGAIN", "Dns"],
  ["EPROTO", "Tls"],
  ["CERT_HAS_EXPIRED", "Tls"],
  ["CERT_NOT_YET_VALID", "Tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "Tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "Tls"],
  ["UNABLE_TO_GET_ISSUER_CERT", "Tls"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "Tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "Tls"],
  ["ECONNRESET", "Reset"],
  ["ECONNABORTED", "Reset"],
  ["EPIPE", "Reset"],
  ["UND_ERR_SOCKET", "Reset"],
  ["UND_ERR_CLOSED", "Reset"],
  ["UND_ERR_DESTROYED", "Reset"],
  ["UND_ERR_ABORTED", "Reset"],
  ["ERR_STREAM_PREMATURE_CLOSE", "Reset"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "Framing"],
  ["UND_ERR_RESPONSE", "Framing"],
  ["UND_ERR_HEADERS_OVERFLOW", "Framing"],
  ["UND_ERR_HEADERS_TIMEOUT", "ConnectTimeout"],
  ["UND_ERR_BODY_TIMEOUT", "IdleTimeout"],
  ["ERR_INVALID_URL", "InvalidRequest"],
  ["UND_ERR_INVALID_ARG", "InvalidRequest"]
])

/** The reason that the runtime's error code gives, looked for along the chain of causes. */
const reasonOf = (cause: unknown): TransportReason => {
  for (const error of chain(cause)) {
    if (property(error, "name") === "HTTPParserError") return "Framing"
    const code = property(error, "code")
    if (typeof code !== "string") continue
    const reason = reasonOfCode.get(code)
    // The same codes come of a connection that was there: then the request may have arrived.
    if (reason === "Refused" && isOfOpenConnection(error)) return "Reset"
    if (reason !== undefined) return reason
    if (code.startsWith("HPE_")) return "Framing"
    if (code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL")) return "Tls"
    if (code.startsWith("Z_") || code.startsWith("ERR_BROTLI") || code.startsWith("ERR__ERROR_")) return "Encoding"
  }
  return "Unknown"
}

const isOfOpenConnection = (error: unknown): boolean => {
  const syscall = property(error, "syscall")
  return syscall === "read" || syscall === "write" || syscall === "shutdown"
}

/** Names and messages along the chain of causes, each once. */
const describe = (cause: unknown): string => {
  const parts: Array<string> = []
  for (const error of chain(cause)) {
    const code = property(error, "code")
    const message = typeof error === "string" ? error : property(error, "message")
    for (const part of [message, code]) {
      if (typeof part === "string" && part !== "" && !parts.some((seen) => seen.includes(part))) parts.push(part)
    }
  }
  return parts.join(", ")
}

/** A cause, its own causes, and the first of an aggregate's: a connection may have been tried on several addresses. */
const chain = (cause: unknown): ReadonlyArray<unknown> => {
  const found: Array<unknown> = []
  let current = cause
  while (current !== undefined && current !== null && found.length < 8) {
    found.push(current)
    const errors = property(current, "errors")
    current = property(current, "cause") ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return found
}

const property = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined
