/**
 * Several questions over one knowledge store, each in the light of those before it.
 *
 * The vendor makes a session with the first response of a conversation; a conversation takes its id from there, and sends it
 * with all that follows. There is no way to list sessions, to read one or to delete one.
 */
import type { StreamDefaults } from "@effect-sse/core/Connection"
import type * as EventStream from "@effect-sse/core/EventStream"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import type { RequestError, StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { SessionId } from "./Ids.ts"
import { wholeResponse } from "./internal/wholeResponse.ts"
import type { Response } from "./Response.ts"
import type { ResponseEvent } from "./ResponseEvent.ts"
import type { ResponseRequest, Selection } from "./ResponseRequest.ts"
import type { Responses } from "./Responses.ts"

/**
 * What a conversation is about, and what its turns share unless one says otherwise. With a `sessionId` it goes on with a
 * conversation that exists, which must have been over the same knowledge store.
 *
 * A turn's `selections` do not take the place of the conversation's: they come before them, so that the `{{sel:N}}` of the
 * turn's text count from its own.
 */
export type Options = Omit<ResponseRequest, "input">

/**
 * A turn: a text, or a text (or a `Prompt`) with what is different for it.
 *
 * What a turn selects stays selected: at the vendor, the selections of later turns are added to those of earlier ones.
 */
export type Turn = string | Omit<ResponseRequest, "knowledgeStoreId" | "sessionId">

/**
 * A conversation. One turn at a time: a turn that is asked while another runs waits until that has ended, as it is asked in
 * the light of it. (So a turn that is asked and waited for inside of another's stream waits for ever.) Who stops a turn, by
 * an interruption or by taking no more of its stream, lets the next one begin.
 *
 * The session's id is kept from the moment that the vendor names it, whatever becomes of the turn: the vendor has the session
 * by then, with what was asked. (Of a `create` whose response failed it is not known.) So the turn after one that broke goes on in the same session; whether the vendor counts the
 * broken turn as said is not documented. A turn that fails before the vendor names a session leaves none, and the next turn
 * begins one.
 */
export interface Conversation {
  /** The session's id, once the vendor has named it: keep it to go on later. */
  readonly sessionId: Effect.Effect<SessionId | undefined>
  /**
   * Asks, and delivers the answer as it comes; see `Responses.stream`. The stream is a value: each run of it is a turn, and one
   * that does not run keeps none waiting.
   */
  readonly stream: <const O extends EventStream.Options = {}>(
    turn: Turn,
    options?: (O & EventStream.Options) | undefined
  ) => Stream.Stream<ResponseEvent | EventStream.Extra<O>, StreamError>
  /** Asks, and gives the streamed response at its end; see `Responses.run`. */
  readonly run: (turn: Turn, options?: StreamDefaults | undefined) => Effect.Effect<Response, StreamError>
  /** Asks for the answer as a whole; see `Responses.create`. */
  readonly create: (turn: Turn, options?: JsonCall.Options | undefined) => Effect.Effect<Response, RequestError>
}

/**
 * Begins a conversation, or goes on with one. Sends nothing yet. `TwelveLabs` has this as its member `conversation`.
 *
 * **Example** (Two questions)
 *
 * ```ts
 * import { Conversation, KnowledgeStoreId, Response, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const talk = yield* Conversation.make(yield* TwelveLabs, {
 *     knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
 *     instructions: "Answer in two sentences."
 *   })
 *   const first = yield* talk.run("Which tools are used to build the kite?")
 *   const second = yield* talk.run("Which of them are dangerous?")
 *   yield* Console.log(Response.text(first), Response.text(second), yield* talk.sessionId)
 * })
 * ```
 */
export const make = ({ responses }: { readonly responses: Responses }, options: Options): Effect.Effect<Conversation> =>
  Effect.map(Semaphore.make(1), (turns) => {
    let sessionId = options.sessionId

    const note = (response: Response): void => {
      sessionId = response.sessionId ?? sessionId
    }

    const noteAll = (events: ReadonlyArray<ResponseEvent | EventStream.Malformed>): void => {
      for (const event of events) {
        if ("response" in event) note(event.response)
      }
    }

    /** Made when it is the turn's turn: the turn before may have brought the id. */
    const requestOf = (turn: Turn): ResponseRequest => {
      const own = typeof turn === "string" ? { input: turn } : turn
      return {
        ...options,
        ...withoutUndefined(own),
        selections: selectionsOf(own.selections, options.selections),
        sessionId
      }
    }

    const stream: Conversation["stream"] = (turn, streamOptions) =>
      Stream.unwrap(
        Effect.map(turns.takeScoped(1), () =>
          responses.stream(requestOf(turn), streamOptions).pipe(
            Stream.mapArray((events) => {
              noteAll(events)
              return events
            })
          )
        )
      )

    return {
      sessionId: Effect.sync(() => sessionId),
      stream,
      run: (turn, streamOptions) => wholeResponse(stream(turn, { ...streamOptions, onMalformed: "fail" })),
      create: (turn, callOptions) =>
        turns.withPermit(
          Effect.suspend(() => responses.create(requestOf(turn), callOptions)).pipe(
            Effect.tap((response) => Effect.sync(() => note(response)))
          )
        )
    }
  })

const withoutUndefined = <A extends object>(fields: A): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

/** Each once, as far as that moves none of the turn's own. */
const selectionsOf = (
  own: ReadonlyArray<Selection> = [],
  shared: ReadonlyArray<Selection> = []
): ReadonlyArray<Selection> | undefined => {
  const chosen = new Set(own.map(({ id }) => id as string))
  const all = [...own, ...shared.filter(({ id }) => !chosen.has(id))]
  return all.length === 0 ? undefined : all
}
