/**
 * `POST /responses`: asks the agent to reason over a knowledge store, streamed or not.
 *
 * A request may be charged, so by default only what the vendor surely did not accept is tried again (`RetryPolicy.safe`). There
 * is no resume: a stream that broke can only be asked for anew.
 */
import * as Core from "@effect-sse/core/Connection"
import type * as EventStream from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Connection } from "./Connection.ts"
import { responseFrom } from "./internal/responseWire.ts"
import { WholeResponse, wholeResponse } from "./internal/wholeResponse.ts"
import type { Response } from "./Response.ts"
import type { ResponseEvent } from "./ResponseEvent.ts"
import { type ResponseRequest, toBody } from "./ResponseRequest.ts"
import { protocol } from "./ResponsesProtocol.ts"

/**
 * What can be done with responses.
 */
export interface Responses {
  /**
   * Streams the answer to a request as typed events, ending with `Completed` or `Incomplete`.
   *
   * The stream is a value: each run of it sends a request. With the option `onMalformed: "emit"`, events that cannot be read
   * are elements of the stream and not its end. Fails with
   *
   * - `ApiError` when the vendor refuses, before the stream or in it; kind `"Failed"` for a response that failed,
   * - `TransportError` when the network does, and with reason `"InvalidRequest"` for a request that is not sent because it is
   *   wrong,
   * - `ParseError` for what the vendor does not document, an end mark without a result included,
   * - `MissingDoneError` when the stream ends without its mark; `terminalSeen` says whether the response had come.
   *
   * **Example** (Printing the answer as it comes)
   *
   * ```ts
   * import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Stream } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { responses } = yield* TwelveLabs
   *   yield* responses.stream({
   *     knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
   *     input: "Which tools are used to build the kite?"
   *   }).pipe(
   *     Stream.runForEach((event) => event._tag === "TextDelta" ? Console.log(event.delta) : Effect.void)
   *   )
   * })
   * ```
   */
  readonly stream: <const O extends EventStream.Options = {}>(
    request: ResponseRequest,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<ResponseEvent | EventStream.Extra<O>, StreamError>
  /**
   * Asks for the answer as a whole, in one JSON document. Agents think for minutes: where something between here and the
   * vendor cuts silent connections, `run` is the safer choice.
   *
   * A response with status `"incomplete"` succeeds; a failed one is an `ApiError` of kind `"Failed"`.
   */
  readonly create: (
    request: ResponseRequest,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<Response, RequestError>
  /**
   * Streams the answer and gives the response at its end. A response with status `"incomplete"` succeeds; the rest is as in
   * `stream`, and an event that cannot be read always fails.
   */
  readonly run: (
    request: ResponseRequest,
    options?: Core.StreamDefaults | undefined
  ) => Effect.Effect<Response, StreamError>
}

const path = "/responses"

/**
 * Makes the responses of a connection. `TwelveLabs` has them as its member `responses`.
 *
 * **Example** (Responses and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/twelvelabs/Connection"
 * import * as Responses from "@effect-sse/twelvelabs/Responses"
 * import { Effect, Redacted } from "effect"
 *
 * const responses = Connection.make({ apiKey: Redacted.make("tlk_…") }).pipe(Effect.map(Responses.make))
 * ```
 */
export const make = (connection: Connection): Responses => ({
  stream: stream(connection),
  create: (request, options) =>
    Effect.map(
      Core.call(connection, path, () => toBody(request, false), WholeResponse, options),
      (wire) => responseFrom(wire)
    ),
  run: (request, options) => wholeResponse(stream(connection)(request, { ...options, onMalformed: "fail" }))
})

/**
 * Makes the method {@link Responses.stream} alone, for a program that bundles nothing else.
 *
 * **Example** (A stream and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/twelvelabs/Connection"
 * import { KnowledgeStoreId } from "@effect-sse/twelvelabs/Ids"
 * import * as Responses from "@effect-sse/twelvelabs/Responses"
 * import { Effect, Redacted, Stream } from "effect"
 *
 * const events = Connection.make({ apiKey: Redacted.make("tlk_…") }).pipe(
 *   Effect.map(Responses.stream),
 *   Effect.map((stream) =>
 *     stream({ knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"), input: "Who speaks?" })
 *   ),
 *   Stream.unwrap
 * )
 * ```
 */
export const stream =
  (connection: Connection): Responses["stream"] =>
  (request, options) =>
    connection.open(path, () => toBody(request, true), protocol, options)
