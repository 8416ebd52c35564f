import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
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
export type ByteSource = PullSource | WebSource

/** Bytes that are pulled through Effect. */
export class PullSource {
  readonly _tag = "Pull"
  readonly pull: BytePull
  /** Of the pulls. */
  readonly scope: Scope.Closeable
  readonly #connection: Scope.Closeable

  constructor(pull: BytePull, scope: Scope.Closeable, connection: Scope.Closeable) {
    this.pull = pull
    this.scope = scope
    this.#connection = connection
  }

  /** Ends a read that waits. For a Node stream that takes the abort of its request. */
  hangUp(): Effect.Effect<void> {
    return Scope.close(this.#connection, Exit.void)
  }

  /** Closes all of it. */
  close(): Effect.Effect<void> {
    return Effect.ensuring(Scope.close(this.scope, Exit.void), Scope.close(this.#connection, Exit.void))
  }
}

/** A web stream that is read as it is: a chunk that completes no event then costs no wake-up of a fiber. */
export class WebSource {
  readonly _tag = "Web"
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #connection: Scope.Closeable

  constructor(body: ReadableStream<Uint8Array>, connection: Scope.Closeable) {
    this.reader = body.getReader()
    this.#connection = connection
  }

  /** Ends a read that waits. */
  hangUp(): Effect.Effect<void> {
    return Effect.sync(() => {
      // Not waited for: the connection closes at once, and a source may take its time to confirm it. A cancel that fails has
      // nobody to tell: whoever read was told already.
      void this.reader.cancel().catch(() => {})
    })
  }

  /** Closes all of it. */
  close(): Effect.Effect<void> {
    return Effect.ensuring(this.hangUp(), Scope.close(this.#connection, Exit.void))
  }
}

/** The body of a response as a web stream, `undefined` where it is none. */
export const webBody = (response: HttpClientResponse.HttpClientResponse): ReadableStream<Uint8Array> | undefined =>
  Option.getOrUndefined(HttpClientResponse.toWeb(response))?.body ?? undefined
