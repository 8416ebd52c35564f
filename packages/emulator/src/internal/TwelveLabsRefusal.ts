/**
 * How TwelveLabs refuses: its codes, the HTTP statuses that it sends them with, and how their bodies are spelt.
 */
import * as Schema from "effect/Schema"
import type { Fault } from "../Fault.ts"
import type { Play } from "../Play.ts"
import type * as Refusal from "./Refusal.ts"

/** What an endpoint fails with. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Int,
  code: Schema.String,
  message: Schema.String
}) {}

/** A parameter is missing or wrong. */
export const invalid = (detail: string): Refused =>
  new Refused({ status: 400, code: "parameter_invalid", message: `Invalid parameter: ${detail}` })

/** What an id stands for is not there. */
export const notFound = (what: string, hint = ""): Refused =>
  new Refused({ status: 404, code: "resource_not_exist", message: `The ${what} does not exist${hint}.` })

/** It is not in a state in which that can be done. */
export const conflict = (code: string, message: string): Refused => new Refused({ status: 409, code, message })

/** It was there, and its time is over. */
export const gone = (detail: string): Refused =>
  new Refused({ status: 410, code: "page_token_expired", message: detail })

/** The request is readable, and asks for what is not taken. */
export const unprocessable = (detail: string): Refused =>
  new Refused({ status: 422, code: "parameter_invalid", message: detail })

const docs = "https://docs.example.com/errors"

/** How refusals are spelt, and which fault has which. */
export const style: Refusal.RefusalStyle<string> = {
  toCode: (text) => text,
  body: ({ code, message, status }, spelling) => {
    switch (spelling) {
      case "vendor":
        return { code, message, docs_url: docs }
      case "nested":
        return { error: { code: code.toUpperCase(), message, details: { request_id: "req_emulator" } } }
      case "old":
        return { error_code: status, message }
    }
  },
  ofFault: (fault, now, play) =>
    fault === "rate-limited" ? rateLimited(now, play) : fault === "quota" ? planLimit(now) : errors[fault]
}

const errors: Partial<Readonly<Record<Fault, Refusal.Refusal<string>>>> = {
  unauthorized: { status: 401, code: "api_key_invalid", message: "The API key is invalid." },
  forbidden: { status: 403, code: "api_not_allowed", message: "This API is not allowed for your account." },
  "not-found": { status: 404, code: "resource_not_exist", message: "The knowledge store does not exist." },
  "server-error": { status: 500, code: "generic_error", message: "Something went wrong on our side." },
  unavailable: { status: 503, code: "generic_error", message: "The service is unavailable." },
  overloaded: { status: 529, code: "generic_error", message: "The service is overloaded." },
  "json-error": { status: 200, code: "generic_error", message: "An error with a status of success." },
  "json-no-type": { status: 200, code: "generic_error", message: "An error with a status of success." }
}

/** The reset time is in three places, as it is with the service; without `retryAfter` it is a second away. */
const rateLimited = (now: number, play: Play): Refusal.Refusal<string> => {
  const seconds = Number(play.retryAfter ?? 1)
  const reset = Math.ceil(now / 1000) + (Number.isFinite(seconds) ? seconds : 1)
  const time = new Date(reset * 1000).toISOString().replace(/\.\d+Z$/, "Z")
  return {
    status: 429,
    code: "too_many_requests",
    message: `You have reached your rate limit. Please try again later after ${time}`,
    headers: {
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-used": "2",
      "x-ratelimit-reset": String(reset)
    }
  }
}

const planLimit = (now: number): Refusal.Refusal<string> => ({
  status: 429,
  code: "plan_limit_exceeded",
  message: "The quota of your plan is used up.",
  headers: {
    "x-ratelimit-request-remaining": "0",
    "x-ratelimit-request-reset": String(Math.ceil(now / 1000) + 86_400)
  }
})
