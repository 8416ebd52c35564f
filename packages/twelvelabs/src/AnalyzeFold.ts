/**
 * From events to the analysis as a whole, and to its text while it still comes.
 *
 * For the analysis alone `analyze.run` is enough. A fold is for what that does not give: the text so far, also after a stream
 * broke.
 *
 * **Example** (The text so far, whatever happens)
 *
 * ```ts
 * import { AnalyzeFold, type AnalyzeEvent } from "@effect-sse/twelvelabs"
 * import { Effect, Stream } from "effect"
 *
 * const show = <E>(events: Stream.Stream<AnalyzeEvent.AnalyzeEvent, E>) =>
 *   Effect.gen(function*() {
 *     const fold = AnalyzeFold.make()
 *     yield* Stream.runForEach(events, (event) => Effect.sync(() => fold.add(event))).pipe(
 *       Effect.tapError(() => Effect.logWarning(`broken after: ${fold.text()}`))
 *     )
 *     return fold.analysis()
 *   })
 * ```
 */
import type { Malformed, Restarted } from "@effect-sse/core/EventStream"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Analysis } from "./Analysis.ts"
import type { AnalyzeEvent, Ended } from "./AnalyzeEvent.ts"

/**
 * The state of a fold. It is changed by {@link AnalyzeFold.add}, so that work stays linear in the events: make one for each
 * run of a stream.
 */
export interface AnalyzeFold {
  /**
   * Takes the next event. `Malformed` elements change nothing; a `Restarted` one drops all that was.
   */
  readonly add: (event: AnalyzeEvent | Malformed | Restarted) => AnalyzeFold
  /** The id, once an event told it. */
  readonly id: () => string | undefined
  /** The text so far. */
  readonly text: () => string
  /** The analysis, once the last event came; `undefined` before it. */
  readonly analysis: () => Analysis | undefined
}

/**
 * Starts a fold.
 */
export const make = (): AnalyzeFold => {
  let id: string | undefined
  let text = ""
  let ended: Ended | undefined

  const fold: AnalyzeFold = {
    add: (event) => {
      switch (event._tag) {
        case "Started":
          id = event.id ?? id
          break
        case "Text":
          text += event.delta
          break
        case "Ended":
          id = event.id ?? id
          ended = event
          break
        case "Restarted":
          id = undefined
          text = ""
          ended = undefined
      }
      return fold
    },
    id: () => id,
    text: () => text,
    analysis: () =>
      ended && {
        id,
        text,
        finishReason: ended.finishReason,
        usage: ended.usage,
        warning: ended.warning,
        raw: ended.raw
      }
  }
  return fold
}

/**
 * Folds a whole stream, and gives the fold: its `analysis()` is `undefined` if no last event came, as after a `take`.
 *
 * **Example** (Printing on the way to the analysis)
 *
 * ```ts
 * import { AnalyzeFold, type AnalyzeRequest, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Console, Effect, Stream } from "effect"
 *
 * const ask = (request: AnalyzeRequest.AnalyzeRequest) =>
 *   TwelveLabs.use(({ analyze }) =>
 *     analyze.stream(request).pipe(
 *       Stream.tap((event) => event._tag === "Text" ? Console.log(event.delta) : Effect.void),
 *       AnalyzeFold.run,
 *       Effect.map((fold) => fold.analysis())
 *     )
 *   )
 * ```
 */
export const run = <E, R>(
  self: Stream.Stream<AnalyzeEvent | Malformed | Restarted, E, R>
): Effect.Effect<AnalyzeFold, E, R> =>
  Effect.suspend(() => {
    const fold = make()
    return Effect.as(
      Stream.runForEachArray(self, (events) =>
        Effect.sync(() => {
          for (const event of events) fold.add(event)
        })
      ),
      fold
    )
  })
