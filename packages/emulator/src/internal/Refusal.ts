/**
 * Answers that refuse a request: errors of a vendor with their status, and the strange answers of what stands between.
 */
import * as Effect from "effect/Effect"
import type { Fault } from "../Fault.ts"
import type { ErrorBody, Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Headers } from "./ResponseWriter.ts"

/** An error of a vendor, before it is spelt. */
export interface Refusal<Code> {
  readonly status: number
  readonly code: Code
  readonly message: string
  readonly headers?: Headers | undefined
}

/** How a vendor refuses. */
export interface RefusalStyle<Code> {
  /** The error of a fault; of `undefined` for faults that this vendor has no error for. */
  readonly ofFault: (fault: Fault, now: number, play: Play) => Refusal<Code> | undefined
  readonly toCode: (text: string) => Code
  readonly body: (refusal: Refusal<Code>, spelling: Exclude<ErrorBody, "empty" | "html">) => unknown
}

const page =
  "<!doctype html>\n<html><head><title>Just a moment</title></head><body><h1>Just a moment…</h1></body></html>\n"

/** Answers with an error, in the spelling that the play wants. */
export const refuse = Effect.fnUntraced(function* <Code>(
  style: RefusalStyle<Code>,
  refusal: Refusal<Code>,
  headers: Headers = {}
) {
  const { play } = yield* Exchange.Exchange
  const spelling = play.body ?? "vendor"
  const all = { ...headers, ...refusal.headers }
  switch (spelling) {
    case "empty":
      return yield* Exchange.whole(refusal.status, "", all)
    case "html":
      return yield* Exchange.whole(refusal.status, page, { ...all, "content-type": "text/html; charset=utf-8" })
    default:
      return yield* Exchange.json(refusal.status, style.body(refusal, spelling), all)
  }
})

/** Plays a fault that stands in place of an answer; `undefined` when the fault is none of those. */
export const ofFault = <Code>(fault: Fault | undefined, style: RefusalStyle<Code>, headers: Headers = {}) =>
  Effect.gen(function* () {
    if (fault === undefined) return undefined
    const { now, play } = yield* Exchange.Exchange
    switch (fault) {
      case "slow-headers":
        return yield* Exchange.silence
      case "reset-before-headers":
        return yield* Exchange.reset
      case "html":
        return yield* Exchange.whole(play.status ?? 200, page, {
          ...headers,
          "content-type": "text/html; charset=utf-8"
        })
      case "redirect":
        return yield* Exchange.whole(play.status ?? 307, "", { ...headers, location: play.location ?? "/elsewhere" })
    }
    const known = style.ofFault(fault, now(), play)
    if (known === undefined) return undefined
    const refusal: Refusal<Code> = {
      ...known,
      status: play.status ?? known.status,
      code: play.code === undefined ? known.code : style.toCode(play.code),
      headers: { ...known.headers, ...retryAfter(fault, play) }
    }
    if (fault === "json-no-type") {
      return yield* Exchange.whole(refusal.status, JSON.stringify(style.body(refusal, "vendor")), headers)
    }
    return yield* refuse(style, refusal, headers)
  })

const retryAfter = (fault: Fault, play: Play): Headers =>
  play.retryAfter !== undefined && (fault === "rate-limited" || fault === "unavailable" || fault === "overloaded")
    ? { "retry-after": String(play.retryAfter) }
    : {}
