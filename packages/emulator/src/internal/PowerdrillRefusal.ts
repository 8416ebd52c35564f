/**
 * How Powerdrill refuses: its codes, the HTTP statuses that it sends them with, and how their bodies are spelt.
 */
import * as Schema from "effect/Schema"
import type { Fault } from "../Fault.ts"
import type * as Refusal from "./Refusal.ts"

/** What an endpoint fails with. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Int,
  code: Schema.Int,
  message: Schema.String
}) {}

/** A parameter is missing or wrong. */
export const invalid = (detail: string): Refused =>
  new Refused({ status: 400, code: 300001, message: `Invalid parameter: ${detail}` })

/** Somebody else's. */
export const noPermission = (): Refused => new Refused({ status: 200, code: 300002, message: "No permission" })

/** What an id or a key stands for is not there. */
export const notFound = (what: string, hint = ""): Refused =>
  new Refused({ status: 200, code: 300003, message: `${what} not found${hint}` })

/** How refusals are spelt, and which fault has which. */
export const style: Refusal.RefusalStyle<number> = {
  toCode: (text) => (Number.isNaN(Number(text)) ? 9999 : Number(text)),
  body: ({ code, message }, spelling) => {
    switch (spelling) {
      case "vendor":
        return { code, msg: message }
      case "nested":
        return { error: { code, message } }
      case "old":
        return { code: String(code), message, data: null }
    }
  },
  ofFault: (fault: Fault) => ofFaults[fault]
}

const ofFaults: Partial<Readonly<Record<Fault, Refusal.Refusal<number>>>> = {
  unauthorized: { status: 401, code: 1003, message: "insufficient.authentication" },
  forbidden: { status: 403, code: 1002, message: "credentials.expired" },
  "not-found": { status: 404, code: 300003, message: "dataset not found" },
  "rate-limited": { status: 429, code: 201, message: "Too many requests, slow down" },
  quota: { status: 400, code: 210021, message: "Job quota exceeded" },
  "server-error": { status: 500, code: 9999, message: "Internal error" },
  unavailable: { status: 503, code: 9999, message: "Service unavailable" },
  overloaded: { status: 529, code: 9999, message: "Overloaded" },
  "json-error": { status: 200, code: 300002, message: "No permission" },
  "json-no-type": { status: 200, code: 300002, message: "No permission" }
}
