import { Protocol, Sse } from "@effect-sse/core"

/** A small protocol for tests: numbers as data, `[DONE]` at the end, `{"error":…}` as a refusal. */
export const numbers: Protocol.Protocol<number> = {
  vendor: {
    name: "numbers",
    refusal: ({ json, status }) => {
      const error = typeof json === "object" && json !== null && "error" in json ? String(json.error) : undefined
      return error === undefined
        ? undefined
        : { kind: status === 429 ? "RateLimited" : "InvalidRequest", detail: error }
    }
  },
  mediaTypes: ["text/event-stream"],
  makeDecoder: Sse.makeDecoder,
  session: () => {
    let lastEvent: string | undefined
    let terminalSeen = false
    return {
      decode: (data, name) => {
        if (data === "[DONE]") return Protocol.done
        if (name === "error") return Protocol.refused({ kind: "Failed", detail: data })
        lastEvent = name
        if (name === "note") return Protocol.skip
        if (name === "last") terminalSeen = true
        const value = Number(data)
        return Number.isNaN(value) ? Protocol.malformed("json", `${data} is no number`) : value
      },
      summary: () => ({ lastEvent, ids: { run: "run-1" }, terminalSeen })
    }
  }
}
