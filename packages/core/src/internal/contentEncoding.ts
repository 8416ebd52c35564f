import type * as Headers from "effect/http/Headers"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * A response's body without its content encoding.
 *
 * `fetch` decodes by itself and leaves the header in place; other clients hand over the bytes as they came. Data that turns
 * out to be corrupt takes with it what the runtime's decompressor had ready and not handed over.
 */
export const decompressed = (
  response: HttpClientResponse.HttpClientResponse
): Stream.Stream<Uint8Array, HttpClientError.HttpClientError> => {
  const format = encodingOf(response.headers)
  // A response without a body, such as HTTP 204, has an empty one.
  const stream = Stream.catchIf(response.stream, hasNoBody, () => Stream.empty)
  if (format === undefined || Option.isSome(HttpClientResponse.toWeb(response))) return stream
  const decodeError = (cause: unknown) =>
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.DecodeError({
        request: response.request,
        response,
        cause: HttpClientError.isHttpClientError(cause) ? cause.reason.cause : { code: "Z_DATA_ERROR", cause }
      })
    })
  return Stream.suspend(() => {
    let transform: ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>
    try {
      transform = new DecompressionStream(format as CompressionFormat)
    } catch (cause) {
      return Stream.fail(decodeError(cause))
    }
    return Stream.fromReadableStream({
      evaluate: () =>
        Stream.toReadableStream(stream as Stream.Stream<Uint8Array<ArrayBuffer>, never>).pipeThrough(transform),
      onError: decodeError
    })
  })
}

const hasNoBody = (error: HttpClientError.HttpClientError): boolean => error.reason._tag === "EmptyBodyError"

const encodingOf = (headers: Headers.Headers): string | undefined => {
  switch (headers["content-encoding"]?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return "gzip"
    case "deflate":
      return "deflate"
    case "br":
      return "brotli"
    default:
      return undefined
  }
}
