/**
 * The protocol of a streamed job: which events there are, how it ends, how it fails.
 *
 * A job ends with the event `END_MARK`, whose data is `[DONE]`; as some of the vendor's own clients do, the data
 * alone is accepted too. It fails with an `ERROR` event, or with `[ERROR]` in place of `[DONE]`.
 */
import * as Protocol from "@effect-sse/core/Protocol"
import * as Sse from "@effect-sse/core/Sse"
import { isJson, parseJson, readJson, readText } from "./internal/jobFrames.ts"
import { messageOf, messageTemplate } from "./internal/messageGuard.ts"
import type { JobEvent } from "./JobEvent.ts"
import { refusalOfEvent, traceIdHeader, vendor } from "./PowerdrillError.ts"

const bracket = 91

/**
 * The protocol for `EventStream.open`. Errors carry the vendor's id of the exchange, which its support asks for.
 */
export const protocol: Protocol.Protocol<JobEvent> = {
  vendor,
  mediaTypes: ["text/event-stream"],
  makeDecoder: Sse.makeDecoder,
  session: ({ headers }) => {
    let lastEvent: string | undefined
    const messages = messageTemplate()
    const traceId = headers[traceIdHeader]
    const ids: Record<string, string> = traceId === undefined ? {} : { trace: traceId }

    const fail = (data: string): Protocol.Signal => {
      const json = parseJson(data)
      return Protocol.refused(refusalOfEvent(data, json instanceof Protocol.Signal ? undefined : json, traceId))
    }

    const decodeMessage = (data: string): JobEvent | Protocol.Signal => {
      const alike = messages.read(data)
      if (alike !== undefined) return alike
      const json = parseJson(data)
      if (json instanceof Protocol.Signal) return json
      const message = messageOf(json)
      if (message === undefined) return readJson("MESSAGE", json)
      messages.learn(data, { value: message, text: message.text })
      return message
    }

    const decode = (data: string, name: string): JobEvent | Protocol.Signal => {
      lastEvent = name
      // The name comes first: not every event's data is JSON.
      if (name === "END_MARK") return data.includes("ERROR") ? fail(data) : Protocol.done
      if (name === "ERROR") return fail(data)
      if (data.charCodeAt(0) === bracket && name !== "TITLE_GENERATION") {
        if (data === "[DONE]") return Protocol.done
        if (data === "[ERROR]") return fail(data)
      }
      if (name === "MESSAGE") return decodeMessage(data)
      const plain = readText(name, data)
      if (plain !== undefined) {
        if (!(plain instanceof Protocol.Signal) && plain._tag === "JobId") ids["job"] = plain.jobId
        return plain
      }
      const json = parseJson(data)
      if (json instanceof Protocol.Signal) return isJson(name) ? json : { _tag: "Unknown", name, raw: data }
      return readJson(name, json)
    }

    return {
      decode,
      // No event announces the end of an answer: that a step of the answering stage is done may come and pass.
      summary: () => ({ lastEvent, ids, terminalSeen: false })
    }
  }
}
