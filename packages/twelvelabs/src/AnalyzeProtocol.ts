/**
 * What the stream of `POST /analyze` means: lines of JSON to typed events, its end, the refusals.
 *
 * - The `event_type` of a line says what it is. Blank lines are skipped, and the last line may lack its line end.
 * - `stream_end` is the end mark. Without it the text must be taken as cut short.
 * - The content type is not relied on: a body that does not begin as lines of JSON objects do is no stream.
 * - A line that is an error (`event_type` of `error` or `stream_error`, or one of the vendor's error bodies) is a refusal.
 */
import * as Ndjson from "@effect-sse/core/Ndjson"
import * as Protocol from "@effect-sse/core/Protocol"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { AnalyzeEvent } from "./AnalyzeEvent.ts"
import { endedFrom, LineWire } from "./internal/analysisWire.ts"
import { failure, isError, vendor } from "./Vendor.ts"

type Decoded = AnalyzeEvent | Protocol.Signal<AnalyzeEvent>

const checkLine = Schema.decodeUnknownResult(LineWire)

const fieldsOf = (json: unknown): Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {}

const session = (): Protocol.Session<AnalyzeEvent> => {
  let lastEvent: string | undefined
  let id: string | undefined
  let terminalSeen = false

  const known = (json: unknown, toEvent: (wire: typeof LineWire.Type) => Decoded): Decoded => {
    const checked = checkLine(json)
    if (Result.isFailure(checked)) return Protocol.malformed("schema", checked.failure.message)
    // What was checked is taken as it came: a last line keeps the fields that are not known.
    const wire = json as typeof LineWire.Type
    id = wire.metadata?.generation_id ?? id
    return toEvent(wire)
  }

  const decodeOther = (json: unknown): Decoded => {
    const type = fieldsOf(json)["event_type"]
    lastEvent = typeof type === "string" ? type : undefined
    switch (type) {
      case "stream_start":
        return known(json, () => ({ _tag: "Started", id }))
      case "text_generation":
        return known(json, ({ text }) => ({ _tag: "Text", delta: text ?? "" }))
      case "stream_end":
        terminalSeen = true
        return known(json, (wire) => Protocol.doneWith(endedFrom(wire, id)))
      case "error":
      case "stream_error":
        return Protocol.refused(failure(json, id))
    }
    return lastEvent === undefined && isError(json)
      ? Protocol.refused(failure(json, id))
      : { _tag: "Unknown", type: lastEvent, raw: json }
  }

  return {
    decode: (data) => {
      let json: unknown
      try {
        // Not as an Effect or a Result: this runs for every token.
        json = JSON.parse(data)
      } catch (error) {
        lastEvent = undefined
        return Protocol.malformed("json", error instanceof Error ? error.message : "not JSON")
      }
      const fields = fieldsOf(json)
      const text = fields["text"]
      // Nearly all lines are these, and this is all that their schema would say of them.
      if (fields["event_type"] !== "text_generation" || typeof text !== "string" || "metadata" in fields) {
        return decodeOther(json)
      }
      lastEvent = "text_generation"
      return { _tag: "Text", delta: text }
    },
    summary: () => ({ lastEvent, ids: id === undefined ? {} : { generation: id }, terminalSeen })
  }
}

/**
 * The protocol, for `EventStream.open`.
 */
export const protocol: Protocol.Protocol<AnalyzeEvent> = {
  vendor,
  mediaTypes: ["application/x-ndjson", "application/ndjson"],
  isStream: Ndjson.looksLikeObjects,
  makeDecoder: Ndjson.makeDecoder,
  session
}
