/**
 * What the event stream of `POST /responses` means: frames to typed events, the end mark, the refusals.
 *
 * - The `type` in the JSON says what an event is; the `event:` line repeats it and may be missing.
 * - The end mark is the data `[DONE]`, all of it. Without a `response.completed` (or `.incomplete`) before it, the stream is
 *   malformed: it announces an end and has no result.
 * - `response.failed`, a completed event of a response that failed, and `error` are refusals.
 */
import * as Protocol from "@effect-sse/core/Protocol"
import * as Sse from "@effect-sse/core/Sse"
import * as Result from "effect/Result"
import { guardTextDelta, readers, textDeltaTemplate, textDeltaType } from "./internal/eventWire.ts"
import { typeOf } from "./internal/passing.ts"
import { isTerminal, type ResponseEvent, type Unknown } from "./ResponseEvent.ts"
import { failure, vendor } from "./Vendor.ts"

/** The end mark: the whole data of its frame. A text may hold it too. */
const mark = "[DONE]"

type Decoded = ResponseEvent | Protocol.Signal<ResponseEvent>

/** A class and not closures, so that each of thousands of open streams holds one small object. */
class Session implements Protocol.Session<ResponseEvent> {
  #lastEvent: string | undefined
  #responseId: string | undefined
  #sessionId: string | undefined
  #terminalSeen = false
  readonly #textDeltas = textDeltaTemplate()

  decode(data: string, name: string): Decoded {
    const alike = this.#textDeltas.read(data)
    if (alike !== undefined) {
      this.#lastEvent = textDeltaType
      return alike
    }
    if (data === mark) return this.#endMark()
    let json: unknown
    try {
      // Not as an Effect or a Result: this runs for every token.
      json = JSON.parse(data)
    } catch (error) {
      this.#lastEvent = name
      return Protocol.malformed("json", error instanceof Error ? error.message : "not JSON")
    }
    const delta = guardTextDelta(json)
    if (delta === undefined) return this.#decodeOther(json, name)
    this.#lastEvent = textDeltaType
    this.#textDeltas.learn(data, { value: delta, text: delta.delta, number: delta.sequenceNumber })
    return delta
  }

  summary(): Protocol.Summary {
    return {
      lastEvent: this.#lastEvent,
      ids: {
        ...(this.#responseId === undefined ? {} : { response: this.#responseId }),
        ...(this.#sessionId === undefined ? {} : { session: this.#sessionId })
      },
      terminalSeen: this.#terminalSeen
    }
  }

  #endMark(): Decoded {
    if (this.#terminalSeen) return Protocol.done
    this.#lastEvent = mark
    return Protocol.malformed(
      "schema",
      "the end mark came without a response.completed before it: the stream ended without a result",
      { fatal: true }
    )
  }

  #decodeOther(json: unknown, name: string): Decoded {
    const type = typeOf(json)
    this.#lastEvent = type ?? name
    // An error that only its `event:` line calls one is still an error.
    if (type === "error" || (type === undefined && name === "error")) return this.#failed(json)
    const response = fieldsOf(fieldsOf(json)["response"])
    if (type === "response.failed") return this.#responseFailed(response)
    if (type === "response.completed" || type === "response.incomplete") {
      if (response["status"] === "failed") return this.#responseFailed(response)
      this.#terminalSeen = true
    }
    const reader = type === undefined ? undefined : readers.get(type)
    if (reader === undefined) return unknownEvent(type, json)
    const event = reader(json)
    if (Result.isFailure(event)) return Protocol.malformed("schema", event.failure.message)
    this.#note(event.success)
    return event.success
  }

  #note(event: ResponseEvent): void {
    if (event._tag !== "Created" && event._tag !== "InProgress" && !isTerminal(event)) return
    this.#responseId = event.response.id ?? this.#responseId
    this.#sessionId = event.response.sessionId ?? this.#sessionId
  }

  #responseFailed(response: Fields): Decoded {
    if (typeof response["id"] === "string") this.#responseId = response["id"]
    return this.#failed(response)
  }

  #failed(error: unknown): Decoded {
    this.#terminalSeen = true
    return Protocol.refused(failure(error, this.#responseId))
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (json: unknown): Fields => (typeof json === "object" && json !== null ? (json as Fields) : {})

const unknownEvent = (type: string | undefined, json: unknown): Unknown => {
  const sequence = fieldsOf(json)["sequence_number"]
  return { _tag: "Unknown", sequenceNumber: typeof sequence === "number" ? sequence : undefined, type, raw: json }
}

/**
 * The protocol, for `EventStream.open`.
 */
export const protocol: Protocol.Protocol<ResponseEvent> = {
  vendor,
  mediaTypes: ["text/event-stream"],
  makeDecoder: Sse.makeDecoder,
  session: () => new Session()
}
