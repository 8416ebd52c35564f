/**
 * `POST /analyze`: asks a model about one video, streamed or not.
 *
 * A request may be charged, so by default only what the vendor surely did not accept is tried again (`RetryPolicy.safe`). There
 * is no resume: a stream that broke can only be asked for anew. Videos of more than an hour are for `analysisTasks`.
 */
import * as Core from "@effect-sse/core/Connection"
import type * as EventStream from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import { ParseError, type RequestError, type StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Analysis } from "./Analysis.ts"
import type { AnalyzeEvent } from "./AnalyzeEvent.ts"
import * as AnalyzeFold from "./AnalyzeFold.ts"
import { protocol } from "./AnalyzeProtocol.ts"
import { type AnalyzeRequest, toBody } from "./AnalyzeRequest.ts"
import type { Connection } from "./Connection.ts"
import { analysisFrom, WholeAnalysis } from "./internal/analysisWire.ts"
import { vendor } from "./Vendor.ts"

/**
 * What can be done with one video at once.
 */
export interface Analyze {
  /**
   * Streams the answer as typed events, ending with `Ended`.
   *
   * The stream is a value: each run of it sends a request. With the option `onMalformed: "emit"`, lines that cannot be read are
   * elements of the stream and not its end. Fails with
   *
   * - `ApiError` when the vendor refuses, before the stream or in it,
   * - `TransportError` when the network does, and with reason `"InvalidRequest"` for a request that is not sent because it is
   *   wrong,
   * - `ParseError` for what the vendor does not document,
   * - `MissingDoneError` when the stream ends without its last event: the text is not whole.
   *
   * **Example** (Printing the answer as it comes)
   *
   * ```ts
   * import { AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Stream } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { analyze } = yield* TwelveLabs
   *   yield* analyze.stream({
   *     video: { assetId: AssetId.make("66bb00000000000000000001") },
   *     prompt: "What happens in this video?"
   *   }).pipe(
   *     Stream.runForEach((event) => event._tag === "Text" ? Console.log(event.delta) : Effect.void)
   *   )
   * })
   * ```
   */
  readonly stream: <const O extends EventStream.Options = {}>(
    request: AnalyzeRequest,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<AnalyzeEvent | EventStream.Extra<O>, StreamError>
  /**
   * Asks for the answer as a whole, in one JSON document. Where something between here and the vendor cuts silent connections,
   * `run` is the safer choice.
   *
   * A text that was cut (`finishReason` of `"length"`) succeeds.
   */
  readonly create: (
    request: AnalyzeRequest,
    options?: JsonCall.Options | undefined
  ) => Effect.Effect<Analysis, RequestError>
  /**
   * Streams the answer and gives it at its end. A text that was cut succeeds; the rest is as in `stream`, and a line that cannot
   * be read always fails.
   */
  readonly run: (
    request: AnalyzeRequest,
    options?: Core.StreamDefaults | undefined
  ) => Effect.Effect<Analysis, StreamError>
}

const path = "/analyze"

/**
 * Makes the analyses of a connection. `TwelveLabs` has them as its member `analyze`.
 *
 * **Example** (Analyses and nothing else)
 *
 * ```ts
 * import * as Analyze from "@effect-sse/twelvelabs/Analyze"
 * import * as Connection from "@effect-sse/twelvelabs/Connection"
 * import { Effect, Redacted } from "effect"
 *
 * const analyze = Connection.make({ apiKey: Redacted.make("tlk_…") }).pipe(Effect.map(Analyze.make))
 * ```
 */
export const make = (connection: Connection): Analyze => ({
  stream: stream(connection),
  create: (request, options) =>
    Effect.map(
      Core.call(connection, path, () => toBody(request, false), WholeAnalysis, options),
      (wire) => analysisFrom(wire)
    ),
  run: (request, options) =>
    Effect.flatMap(AnalyzeFold.run(stream(connection)(request, { ...options, onMalformed: "fail" })), (fold) =>
      Effect.suspend(() => {
        const analysis = fold.analysis()
        return analysis === undefined ? Effect.fail(noResult()) : Effect.succeed(analysis)
      })
    )
})

/**
 * Makes the method {@link Analyze.stream} alone, for a program that bundles nothing else; see `Responses.stream`.
 */
export const stream =
  (connection: Connection): Analyze["stream"] =>
  (request, options) =>
    connection.open(path, () => toBody(request, true), protocol, options)

/** The protocol lets no stream end well without its last event; this is for the type. */
const noResult = () =>
  new ParseError({ vendor: vendor.name, stage: "content", issue: "the stream ended without a result", excerpt: "" })
