/**
 * From events to the response as a whole, and to what is there of it while they still come.
 *
 * The last event of a stream brings the whole response, so for its result alone `responses.run` is enough. A fold is for what
 * that does not give: the answer's text so far, narration apart from the answer, and what came before a stream broke.
 *
 * Where the vendor says a thing more than once, the later and larger statement wins: the response of the terminal event, then
 * a finished item, a finished part, a finished text, and the fragments last.
 *
 * **Example** (The text so far, whatever happens)
 *
 * ```ts
 * import { ResponseFold, type ResponseEvent } from "@effect-sse/twelvelabs"
 * import { Effect, Stream } from "effect"
 *
 * const show = <E>(events: Stream.Stream<ResponseEvent.ResponseEvent, E>) =>
 *   Effect.gen(function*() {
 *     const fold = ResponseFold.make()
 *     yield* Stream.runForEach(events, (event) => Effect.sync(() => fold.add(event))).pipe(
 *       Effect.tapError(() => Effect.logWarning(`broken after: ${fold.text()}`))
 *     )
 *     return fold.response()
 *   })
 * ```
 */
import type { Malformed, Restarted } from "@effect-sse/core/EventStream"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type ContentPart, isAnswerPhase, type Message, type OutputItem, type Phase } from "./OutputItem.ts"
import { isTerminal, type ResponseEvent, type TextDelta, type TextDone } from "./ResponseEvent.ts"
import type { Response } from "./Response.ts"

/**
 * The state of a fold. It is changed by {@link ResponseFold.add}, so that work stays linear in the events: make one for each
 * run of a stream.
 */
export interface ResponseFold {
  /**
   * Takes the next event. `Malformed` elements change nothing; a `Restarted` one drops all that was.
   */
  readonly add: (event: ResponseEvent | Malformed | Restarted) => ResponseFold
  /** The answer's text so far, without narration. */
  readonly text: () => string
  /** The narration so far: the texts of all messages that are not part of the answer. */
  readonly commentary: () => string
  /** Whether the text of an event belongs to the answer, and not to narration. */
  readonly isAnswer: (event: TextDelta | TextDone) => boolean
  /** The output so far, in order. */
  readonly output: () => ReadonlyArray<OutputItem>
  /** The response, once the terminal event came; `undefined` before it. */
  readonly response: () => Response | undefined
}

/** What is known of a part of a message. */
interface Part {
  deltas: string
  text: string | undefined
  done: ContentPart | undefined
}

/** What is known of an output item. */
interface Slot {
  item: OutputItem | undefined
  itemDone: boolean
  arguments: string | undefined
  readonly parts: Map<number, Part>
}

interface State {
  readonly slots: Map<number, Slot>
  readonly indexOfId: Map<string, number>
  /** The item that the last event was about. */
  lastIndex: number
  /** Where an item goes that does not say where. */
  nextIndex: number
  response: Response | undefined
}

/** Where an event says that it belongs. */
interface Place {
  readonly outputIndex: number | undefined
  readonly contentIndex?: number | undefined
  readonly itemId?: string | undefined
}

const empty = (): State => ({
  slots: new Map(),
  indexOfId: new Map(),
  lastIndex: 0,
  nextIndex: 0,
  response: undefined
})

/**
 * Starts a fold.
 */
export const make = (): ResponseFold => {
  let state = empty()

  const fold: ResponseFold = {
    add: (event) => {
      if (event._tag === "Restarted") state = empty()
      else if (event._tag !== "Malformed") add(state, event)
      return fold
    },
    text: () => textOf(state, true),
    commentary: () => textOf(state, false),
    isAnswer: (event) => isAnswerPhase(phaseOf(state.slots.get(indexOf(state, event)))),
    output: () => state.response?.output ?? streamedOutput(state),
    response: () => state.response
  }
  return fold
}

/**
 * Folds a whole stream, and gives the fold: its `response()` is `undefined` if no terminal event came, as after a `take`.
 *
 * **Example** (Printing on the way to the response)
 *
 * ```ts
 * import { ResponseFold, type ResponseRequest, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect } from "effect"
 *
 * const ask = (request: ResponseRequest.ResponseRequest) =>
 *   TwelveLabs.use(({ responses }) =>
 *     responses.stream(request).pipe(
 *       ResponseFold.tapAnswer((text) => Effect.sync(() => process.stdout.write(text))),
 *       ResponseFold.run,
 *       Effect.map((fold) => fold.response())
 *     )
 *   )
 * ```
 */
export const run = <E, R>(
  self: Stream.Stream<ResponseEvent | Malformed | Restarted, E, R>
): Effect.Effect<ResponseFold, E, R> =>
  Effect.suspend(() => {
    const fold = make()
    const addAll = (events: ReadonlyArray<ResponseEvent | Malformed | Restarted>) =>
      Effect.sync(() => {
        for (const event of events) fold.add(event)
      })
    return Effect.as(Stream.runForEachArray(self, addAll), fold)
  })

/**
 * Runs an effect with each fragment of the answer's text, without narration, and passes all events on.
 *
 * The fragments are those of `TextDelta`, in the order of the events: the effect runs before its event is passed on, one at a
 * time, and a failure of it is the stream's. A text that comes whole, without fragments, is in the fold alone.
 *
 * A stream that starts over (`EventStream.restarting`) writes another answer from its beginning: what was given before belongs to
 * none. `onRestarted` runs before the first fragment of the new one, to take back what was shown; without it, a new answer goes on
 * where the broken one ended.
 *
 * **Example** (Printing an answer that may start over)
 *
 * ```ts
 * import { EventStream, RetryPolicy } from "@effect-sse/core"
 * import { ResponseFold, type ResponseRequest, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect } from "effect"
 *
 * const write = (text: string) => Effect.sync(() => process.stdout.write(text))
 *
 * const ask = (request: ResponseRequest.ResponseRequest) =>
 *   TwelveLabs.use(({ responses }) =>
 *     responses.stream(request).pipe(
 *       EventStream.restarting(RetryPolicy.idempotent),
 *       ResponseFold.tapAnswer(write, { onRestarted: () => write("\n(once more from the beginning)\n") }),
 *       ResponseFold.run
 *     )
 *   )
 * ```
 */
export const tapAnswer =
  <E2, R2, E3 = never, R3 = never>(
    f: (text: string) => Effect.Effect<unknown, E2, R2>,
    options?: { readonly onRestarted?: ((event: Restarted) => Effect.Effect<unknown, E3, R3>) | undefined } | undefined
  ) =>
  <A extends ResponseEvent | Malformed | Restarted, E, R>(
    self: Stream.Stream<A, E, R>
  ): Stream.Stream<A, E | E2 | E3, R | R2 | R3> =>
    Stream.suspend(() => {
      const fold = make()
      const onRestarted = options?.onRestarted
      return Stream.tap(
        self,
        (event: ResponseEvent | Malformed | Restarted): Effect.Effect<unknown, E2 | E3, R2 | R3> => {
          fold.add(event)
          if (event._tag === "TextDelta" && fold.isAnswer(event)) return f(event.delta)
          return event._tag === "Restarted" && onRestarted !== undefined ? onRestarted(event) : Effect.void
        }
      )
    })

const add = (state: State, event: ResponseEvent): void => {
  switch (event._tag) {
    case "TextDelta": {
      partAt(state, event).deltas += event.delta
      return
    }
    case "TextDone": {
      partAt(state, event).text = event.text
      return
    }
    case "ContentPartAdded": {
      // It is there to be filled; only of a kind that we do not know, it may be all that comes.
      const part = partAt(state, event)
      if (event.part._tag === "UnknownPart") part.done ??= event.part
      return
    }
    case "ContentPartDone": {
      partAt(state, event).done = event.part
      return
    }
    case "OutputItemAdded": {
      const itemId = event.item.id
      const isKnown = itemId !== undefined && state.indexOfId.has(itemId)
      const outputIndex = event.outputIndex ?? (isKnown ? undefined : state.nextIndex)
      slotAt(state, { outputIndex, itemId }).item = event.item
      return
    }
    case "OutputItemDone": {
      const slot = slotAt(state, { outputIndex: event.outputIndex, itemId: event.item.id })
      slot.item = event.item
      slot.itemDone = true
      return
    }
    case "FunctionCallArgumentsDone": {
      slotAt(state, event).arguments = event.arguments
      return
    }
  }
  if (isTerminal(event)) state.response = whole(state, event.response)
}

/** Events need not say where they belong: then by the item's id, then to the item before. */
const indexOf = (state: State, place: Place): number =>
  place.outputIndex ?? (place.itemId === undefined ? undefined : state.indexOfId.get(place.itemId)) ?? state.lastIndex

const slotAt = (state: State, place: Place): Slot => {
  const index = indexOf(state, place)
  state.lastIndex = index
  state.nextIndex = Math.max(state.nextIndex, index + 1)
  if (place.itemId !== undefined) state.indexOfId.set(place.itemId, index)
  let slot = state.slots.get(index)
  if (slot === undefined) {
    slot = { item: undefined, itemDone: false, arguments: undefined, parts: new Map() }
    state.slots.set(index, slot)
  }
  return slot
}

const partAt = (state: State, place: Place): Part => {
  const { parts } = slotAt(state, place)
  const index = place.contentIndex ?? 0
  let part = parts.get(index)
  if (part === undefined) {
    part = { deltas: "", text: undefined, done: undefined }
    parts.set(index, part)
  }
  return part
}

const phaseOf = (slot: Slot | undefined): Phase | undefined =>
  slot?.item?._tag === "Message" ? slot.item.phase : undefined

const inOrder = <A>(map: ReadonlyMap<number, A>): ReadonlyArray<readonly [number, A]> =>
  [...map].sort(([a], [b]) => a - b)

/** What came of a part; a text that only its fragments tell of has no citations yet. */
const streamedPart = ({ deltas, done, text }: Part): ContentPart =>
  done?._tag === "UnknownPart"
    ? done
    : { _tag: "OutputText", text: text ?? done?.text ?? deltas, annotations: done?.annotations ?? [] }

const streamedParts = (slot: Slot): ReadonlyArray<ContentPart> =>
  inOrder(slot.parts).map(([, part]) => streamedPart(part))

/** Adds to an item what events before it told and it does not repeat. */
const completed = (item: OutputItem, slot: Slot, isDone: boolean): OutputItem => {
  if (item._tag === "Message") return completedMessage(item, slot, isDone)
  if (item._tag === "FunctionCall" && slot.arguments !== undefined && !item.arguments) {
    return { ...item, arguments: slot.arguments }
  }
  return item
}

const completedMessage = (message: Message, slot: Slot, isDone: boolean): Message => {
  if (slot.parts.size === 0) return message
  // A message that has only begun may hold an empty part already; a finished one may just be empty.
  const isHollow = isDone ? message.content.length === 0 : message.content.every(isEmptyText)
  if (isHollow) return { ...message, content: streamedParts(slot) }
  let changed = false
  const content = message.content.map((part, index) => {
    const done = slot.parts.get(index)?.done
    if (part._tag !== "OutputText" || part.annotations.length > 0) return part
    // Citations point into a text, so those of another text are of no use.
    if (done?._tag !== "OutputText" || done.annotations.length === 0 || done.text !== part.text) return part
    changed = true
    return done
  })
  return changed ? { ...message, content } : message
}

const isEmptyText = (part: ContentPart): boolean => part._tag === "OutputText" && part.text === ""

const streamedOutput = (state: State): ReadonlyArray<OutputItem> =>
  inOrder(state.slots).flatMap(([, slot]) => {
    if (slot.item !== undefined) return [completed(slot.item, slot, slot.itemDone)]
    if (slot.parts.size === 0) return []
    const message: Message = {
      _tag: "Message",
      id: undefined,
      status: "in_progress",
      role: "assistant",
      phase: undefined,
      content: streamedParts(slot)
    }
    return [message]
  })

/** The response of the terminal event, with what only earlier events told. */
const whole = (state: State, response: Response): Response => {
  if (response.output.length === 0) {
    return state.slots.size === 0 ? response : { ...response, output: streamedOutput(state) }
  }
  let changed = false
  const output = response.output.map((item, index) => {
    const slot = slotOf(state, item, index)
    const merged = slot === undefined ? item : completed(item, slot, true)
    if (merged !== item) changed = true
    return merged
  })
  return changed ? { ...response, output } : response
}

/** The streamed item that an item of the response is: the one with its id, or the one without an id at its place. */
const slotOf = (state: State, item: OutputItem, index: number): Slot | undefined => {
  const known = item.id === undefined ? undefined : state.indexOfId.get(item.id)
  if (known !== undefined) return state.slots.get(known)
  const slot = state.slots.get(index)
  return item.id === undefined || slot?.item?.id === undefined ? slot : undefined
}

const textOf = (state: State, answer: boolean): string => {
  let text = ""
  for (const item of state.response?.output ?? streamedOutput(state)) {
    if (item._tag !== "Message" || isAnswerPhase(item.phase) !== answer) continue
    for (const part of item.content) {
      if (part._tag === "OutputText") text += part.text
    }
  }
  return text
}
