/**
 * Values out of texts: what is there of a value while its JSON is still being written, and once all of it is there, the value
 * itself, decoded by a schema.
 *
 * This is the reader that `StructuredResponses` and `StructuredAnalyses` share, the clients' `structured.responses` and
 * `structured.analyze`; by itself it is for texts that come from elsewhere. It sends nothing.
 *
 * JSON is decoded strictly, and only once an answer is known to be complete. While it streams, there is what is there of it,
 * unchecked, to be shown.
 *
 * **Example** (Scenes out of fragments of a text)
 *
 * ```ts
 * import { StructuredOutput } from "@effect-sse/twelvelabs"
 * import { Console, Schema, Stream } from "effect"
 *
 * const Scenes = Schema.Struct({ scenes: Schema.Array(Schema.Struct({ title: Schema.String })) })
 *
 * const program = StructuredOutput.fromText(Scenes, Stream.make('{"scenes":[{"tit', 'le":"Kites"}]}')).pipe(
 *   Stream.runForEach((element) =>
 *     element._tag === "Partial"
 *       ? Console.log(`${element.value.scenes?.length ?? 0} scenes so far`)
 *       : Console.log(element.value.scenes.map(({ title }) => title))
 *   )
 * )
 * ```
 */
import * as Excerpt from "@effect-sse/core/Excerpt"
import * as PartialJson from "@effect-sse/core/PartialJson"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { DeepPartial } from "./DeepPartial.ts"
import { makeDecoder } from "./internal/encodedSchema.ts"
import { maxErrorText, StructuredOutputError } from "./StructuredOutputError.ts"

/**
 * What is there of a value, while the rest is still being written. Not checked: for display.
 *
 * At most one comes for each wake-up of the stream, so a fast stream brings few and a consumer may skip any; each has all that
 * those before it had. None is ever changed afterwards.
 */
export interface PartialValue<E> {
  readonly _tag: "Partial"
  /** In the JSON form of the schema's encoded side. */
  readonly value: DeepPartial<E>
}

/**
 * The value, decoded by the schema. The last element of a stream that ends well. What it came in is beside it, under the name
 * that the reading gives it: `response`, `analysis`, `text`.
 */
export interface FinalValue<out A> {
  readonly _tag: "Final"
  readonly value: A
}

/**
 * A whole answer, of whatever endpoint.
 */
export interface Answer {
  /** The answer's text, without narration. */
  readonly text: string
  /** Why the answer is not whole, such as `max_output_tokens`; `undefined` when it is. */
  readonly cut?: string | undefined
  /** The vendor's ids, for errors. */
  readonly ids?: Readonly<Record<string, string>> | undefined
}

/**
 * How the events of an endpoint bring an answer. It may have a state: one is made for each run of a stream.
 */
export interface Reading<in Event, out Whole extends object> {
  /** Takes the next event, and gives what it adds to the answer's text. */
  readonly add: (event: Event) => string | undefined
  /** Whether the event says that the answer begins anew. */
  readonly isRestart?: ((event: Event) => boolean) | undefined
  /**
   * The answer, once the events have ended well. `whole` has what the final value is to have beside `value`, such as
   * `{ response }`; when it is `undefined` (as after a `take`), the answer is not whole.
   */
  readonly end: () => Answer & { readonly whole: Whole | undefined }
}

/**
 * Decodes a whole answer by a schema, strictly. The text may have no more than 256 arrays and objects inside each other.
 */
export const decode = <S extends Schema.Constraint>(
  schema: S,
  answer: Answer
): Effect.Effect<S["Type"], StructuredOutputError, S["DecodingServices"]> =>
  Effect.suspend(() => {
    const { cut, text } = answer
    if (cut !== undefined) return Effect.fail(failure(answer, "Incomplete", cut))
    const json = PartialJson.make().add(text).end()
    if (Result.isFailure(json)) {
      const { issue, offset } = json.failure
      const where = text === "" ? issue : `${issue} (at character ${offset})`
      return Effect.fail(failure(answer, "NotJson", where))
    }
    return Effect.mapError(makeDecoder(schema)(json.success), ({ message }) => failure(answer, "WrongShape", message))
  })

const failure = (
  { ids = {}, text }: Answer,
  reason: StructuredOutputError["reason"],
  issue: string
): StructuredOutputError =>
  new StructuredOutputError({
    reason,
    issue: Excerpt.of(issue.replaceAll(/\s+/g, " "), { max: maxIssue }),
    text: text.slice(0, maxErrorText),
    textLength: text.length,
    ids
  })

/** As much of an issue as a person reads; a wrong answer may have thousands. */
const maxIssue = 1000

/** A partial value is worth as many copied members for each new character. So all of them together are linear in the text. */
const membersPerCharacter = 64

/**
 * Values out of the events of any endpoint: what is there so far, and at the end the value. Fails as the events do, and with a
 * `StructuredOutputError` when the answer has no value.
 *
 * @param reading made for each run of the stream
 */
export const fromEvents = <S extends Schema.Constraint, Event, E, R, Whole extends object>(
  schema: S,
  events: Stream.Stream<Event, E, R>,
  reading: () => Reading<Event, Whole>
): Stream.Stream<
  PartialValue<S["Encoded"]> | (FinalValue<S["Type"]> & Whole),
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  Stream.suspend(() => {
    const { add, end, isRestart } = reading()
    let json = PartialJson.make()
    let last: unknown
    let fresh = 0

    const partial = (events: ReadonlyArray<Event>): ReadonlyArray<PartialValue<S["Encoded"]>> => {
      for (const event of events) {
        if (isRestart?.(event) === true) {
          json = PartialJson.make()
          last = undefined
          fresh = 0
        }
        const fragment = add(event)
        if (fragment === undefined) continue
        fresh += fragment.length
        json.add(fragment)
      }
      if (fresh === 0 || json.openMembers() > fresh * membersPerCharacter) return []
      const value = json.value()
      fresh = 0
      if (value === undefined || value === last) return []
      last = value
      return [{ _tag: "Partial", value: value as DeepPartial<S["Encoded"]> }]
    }

    const final = Effect.suspend(() => {
      const { whole, ...answer } = end()
      if (whole === undefined) {
        return Effect.fail(failure(answer, "Incomplete", answer.cut ?? "the events ended without a response"))
      }
      return Effect.map(decode(schema, answer), (value): FinalValue<S["Type"]> & Whole => ({
        ...whole,
        _tag: "Final",
        value
      }))
    })

    return events.pipe(
      Stream.mapAccumArray(
        () => undefined,
        (_, events) => [undefined, partial(events)]
      ),
      Stream.concat(Stream.fromEffect(final))
    )
  })

/**
 * Values out of a text that comes in fragments, cut anywhere. The stream's end is the text's; the final value has all of it.
 */
export const fromText = <S extends Schema.Constraint, E, R>(
  schema: S,
  fragments: Stream.Stream<string, E, R>
): Stream.Stream<
  PartialValue<S["Encoded"]> | (FinalValue<S["Type"]> & { readonly text: string }),
  E | StructuredOutputError,
  R | S["DecodingServices"]
> =>
  fromEvents(schema, fragments, () => {
    let text = ""
    return {
      add: (fragment) => {
        text += fragment
        return fragment
      },
      end: () => ({ text, whole: { text } })
    }
  })
