import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import type { StreamError } from "../StreamError.ts"

/** Some bytes, at least one chunk of them. */
export type Chunks = readonly [Uint8Array, ...Array<Uint8Array>]

/** Bytes, pulled through Effect. */
export type BytePull = Pull.Pull<Chunks, HttpClientError.HttpClientError | StreamError>

/** Where bytes come from. */
export type ByteSource =
  | { readonly _tag: "Pull"; readonly pull: BytePull }
  /** A web stream that is read as it is: a chunk that completes no event then costs no wake-up of a fiber. */
  | { readonly _tag: "Web"; readonly reader: ReadableStreamDefaultReader<Uint8Array> }

/** Bytes that are pulled through Effect. */
export const pullSource = (pull: BytePull): ByteSource => ({ _tag: "Pull", pull })

/** The body of a response that has a web stream, `undefined` for one that has none. Cancelled with the scope. */
export const webSource = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<ByteSource | undefined, never, Scope.Scope> =>
  Effect.suspend(() => {
    const body = Option.getOrUndefined(HttpClientResponse.toWeb(response))?.body
    if (body === null || body === undefined) return Effect.undefined
    const reader = body.getReader()
    return Effect.as(
      // Not waited for: the connection closes at once, and a source may take its time to confirm it. A cancel that fails has
      // nobody to tell: whoever read was told already.
      Effect.addFinalizer(() => Effect.sync(() => void reader.cancel().catch(() => {}))),
      { _tag: "Web", reader } as const
    )
  })
