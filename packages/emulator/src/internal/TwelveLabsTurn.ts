/**
 * Builds the events of a TwelveLabs response: sequence numbers, output items, citations, the terminal event.
 */
import * as Frame from "./Frame.ts"
import type { Linker } from "./StoreLinks.ts"
import type { StoredName } from "./StoredObject.ts"
import type { FaultFrames } from "./WirePlan.ts"

/** Fields of an object of the wire. */
export type Fields = Readonly<Record<string, unknown>>

/** A frame; the terminal one brings the response object, which is the non-streaming answer. */
export interface TurnFrame extends Frame.Frame {
  readonly response?: Fields | undefined
  /** An error event's fields, for the non-streaming answer. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** A citation: the marker in the text, and what it cites. */
export interface Citation {
  readonly marker: string
  readonly fields: Fields
}

/** A message of the agent. */
export interface Message {
  readonly text: string
  readonly phase?: string | undefined
  readonly citations?: ReadonlyArray<Citation> | undefined
  /** The text's pieces; phrases by default. */
  readonly deltas?: ReadonlyArray<string> | undefined
  /** Milliseconds between deltas. */
  readonly wait?: number | undefined
  /** `incomplete` for a message that the limit of tokens cut. */
  readonly status?: string | undefined
}

/** An item that an answer can cite. */
export interface Citable {
  readonly id: string
  readonly kind: string
  readonly title: string
}

/** What the events of one response share. */
export interface TurnOptions {
  /** What the user said last. */
  readonly question: string
  /** The items of the knowledge store that are ready, the oldest first. */
  readonly items: ReadonlyArray<Citable>
  /** The knowledge store's collections, the oldest first. */
  readonly collections: ReadonlyArray<Omit<Citable, "kind">>
  readonly number: number
  readonly sessionId: string
  readonly knowledgeStoreId: string
  /** Whether the request asked for `intermediate_outputs`. */
  readonly intermediate: boolean
  /** The JSON Schema of the request's `text.format`, if any. */
  readonly schema: unknown
  readonly now: () => number
  readonly link: Linker
}

/** The builder of one response. */
export type Turn = ReturnType<typeof make>

/** Where the marker stands in the text, in code points; the end is inclusive. */
const positionOf = (text: string, marker: string): { readonly start_index: number; readonly end_index: number } => {
  const at = text.indexOf(marker)
  const start = [...text.slice(0, at)].length
  return { start_index: start, end_index: start + [...marker].length - 1 }
}

/** Phrases of about three words, spaces kept. */
const phrases = (text: string): ReadonlyArray<string> => text.match(/(?:\S+\s*){1,3}|\s+/gu) ?? []

/** Makes the builder. */
export const make = (options: TurnOptions) => {
  let sequence = 0
  const output: Array<Fields> = []
  const id = `resp_01999999-0000-7000-8000-${options.number.toString(16).padStart(12, "0")}`

  const frame = (type: string, fields: Fields, wait = 0): TurnFrame => {
    const data = JSON.stringify({ type, sequence_number: sequence++, ...fields })
    return { kind: "event", lines: [`event: ${type}`, `data: ${data}`], wait }
  }

  const responseOf = (status: string, extra: Fields = {}): Fields => ({
    id,
    type: "response",
    object: "response",
    status,
    incomplete_details: null,
    output: status === "in_progress" ? [] : [...output],
    session_id: options.sessionId,
    knowledge_store_id: options.knowledgeStoreId,
    created_at: new Date(options.now()).toISOString().replace(/\.\d+Z$/, "Z"),
    ...extra
  })

  const terminal = (type: string, response: Fields): TurnFrame => ({
    ...frame(type, { response }, 120),
    kind: "terminal",
    response
  })

  /** An output item that comes whole: added, what happens in between (made lazily, for its sequence numbers), done. */
  function* item(
    started: Fields,
    done: Fields,
    between: Iterable<TurnFrame>,
    wait: number
  ): Generator<TurnFrame, void> {
    const output_index = output.length
    yield frame("response.output_item.added", { output_index, item: started }, wait)
    yield* between
    output.push(done)
    yield frame("response.output_item.done", { output_index, item: done }, wait)
  }

  return {
    frame,
    terminal,
    responseOf,
    question: options.question,
    items: (kind: "video" | "image") => options.items.filter((item) => item.kind === kind),
    collections: options.collections,
    intermediate: options.intermediate,
    schema: options.schema,
    outputIndex: () => output.length,
    link: (name: StoredName) => options.link("twelvelabs", name, options.now()).url,
    created: () => frame("response.created", { response: responseOf("in_progress") }, 300),
    inProgress: () => frame("response.in_progress", { response: responseOf("in_progress") }, 50),
    keepalive: (wait = 0) => frame("keepalive", {}, wait),
    comment: (text: string, wait = 0): TurnFrame => Frame.comment(` ${text}`, wait),
    *message(message: Message): Generator<TurnFrame, void> {
      const output_index = output.length
      const item_id = `msg_${options.sessionId}_${output_index}`
      const place = { item_id, output_index, content_index: 0 }
      const phase = message.phase ?? "final_answer"
      const started = { type: "message", id: item_id, status: "in_progress", role: "assistant", phase, content: [] }
      const annotations = (message.citations ?? []).map(({ fields, marker }) => {
        const { type, ...rest } = fields
        return { type, ...positionOf(message.text, marker), ...rest }
      })
      const part = { type: "output_text", text: message.text, annotations }
      yield frame("response.output_item.added", { output_index, item: started }, 150)
      yield frame("response.content_part.added", { ...place, part: { ...part, text: "", annotations: [] } })
      for (const delta of message.deltas ?? phrases(message.text)) {
        yield frame("response.output_text.delta", { ...place, delta }, message.wait ?? 110)
      }
      const done = { ...started, status: message.status ?? "completed", content: [part] }
      output.push(done)
      yield frame("response.output_text.done", { ...place, text: message.text }, 30)
      yield frame("response.content_part.done", { ...place, part })
      yield frame("response.output_item.done", { output_index, item: done })
    },
    *functionCall(name: string, args: Fields, result: string): Generator<TurnFrame, void> {
      const output_index = output.length
      const call_id = `call_${output_index}`
      const fc = {
        type: "function_call",
        id: `fc_${output_index}`,
        status: "in_progress",
        name,
        call_id,
        arguments: ""
      }
      const text = JSON.stringify(args)
      const whole = function* () {
        yield frame("response.function_call_arguments.done", { item_id: fc.id, output_index, arguments: text }, 150)
      }
      yield* item(fc, { ...fc, status: "completed", arguments: text }, whole(), 200)
      const out = {
        type: "function_call_output",
        id: `fco_${output_index}`,
        status: "completed",
        call_id,
        output: result
      }
      yield* item(out, out, [], 400)
    },
    *webSearch(queries: ReadonlyArray<string>): Generator<TurnFrame, void> {
      const output_index = output.length
      const item_id = `ws_${output_index}`
      const started = { type: "jockey:web_search", id: item_id, status: "in_progress", action: null }
      const done = { ...started, status: "completed", action: { type: "search", queries } }
      const phases = function* () {
        for (const phase of ["in_progress", "searching", "completed"]) {
          yield frame(`jockey:web_search.${phase}`, { item_id, output_index }, 200)
        }
      }
      yield* item(started, done, phases(), 150)
    },
    completed: (usage: Fields = { input_tokens: 9120, output_tokens: 384 }) =>
      terminal("response.completed", responseOf("completed", { usage })),
    end: (): TurnFrame => ({ kind: "mark", lines: ["data: [DONE]"], wait: 0 })
  }
}

/** The frames of the faults. */
export const faultFrames = (turn: Turn, nested: boolean, code: string | undefined): FaultFrames => {
  const place = () => ({ item_id: "msg_fault", output_index: turn.outputIndex(), content_index: 0 })
  return {
    hasTerminal: true,
    delta: (text) => turn.frame("response.output_text.delta", { ...place(), delta: text }),
    malformed: () => ({
      ...turn.frame("response.output_text.delta", place()),
      lines: ["event: response.output_text.delta", 'data: {"type":"response.output_text.delta","delta":"half a']
    }),
    wrongShape: () =>
      turn.frame("response.output_text.delta", { ...place(), delta: { unexpected: ["not", "a", "text"] } }),
    streamError: () => [errorEvent(turn, nested, code)],
    errorMark: () => [
      turn.terminal("response.failed", turn.responseOf("failed", { error: { code: code ?? "generic_error" } })),
      turn.end()
    ]
  }
}

/** The event `error`, flat or nested. */
export const errorEvent = (turn: Turn, nested: boolean, code = "generic_error"): TurnFrame => {
  const error = { code, message: "Something went wrong while the answer was generated." }
  return { ...turn.frame("error", nested ? { error } : { ...error, param: null }), kind: "terminal", error }
}
