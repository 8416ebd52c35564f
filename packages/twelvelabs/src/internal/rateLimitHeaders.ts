/**
 * The headers `x-ratelimit-(<dimension>-)(limit|remaining|used|reset)`: what is left of a limit, and until when.
 */
import type * as Headers from "effect/http/Headers"

/** What headers say of one limit, such as that of requests in a minute. */
export interface Allowance {
  readonly remaining: number | undefined
  /** How long it is until the limit starts anew, in milliseconds; not below 0. */
  readonly resetMillis: number | undefined
}

const header = /^x-ratelimit-(?:(.+)-)?(remaining|reset)$/

/**
 * Reads what answers say of limits, in whatever dimensions.
 *
 * @param now our time in milliseconds, for an answer that does not say when it was made
 */
export const allowances = (headers: Headers.Headers, now: number): ReadonlyArray<Allowance> => {
  const found = new Map<string, { remaining: number | undefined; resetMillis: number | undefined }>()
  const date = Date.parse(headers["date"] ?? "")
  const vendorNow = Number.isNaN(date) ? now : date
  for (const name of Object.keys(headers)) {
    const match = header.exec(name)
    const value = Number.parseFloat(headers[name] ?? "")
    if (match === null || !Number.isFinite(value)) continue
    const dimension = match[1] ?? ""
    const allowance = found.get(dimension) ?? { remaining: undefined, resetMillis: undefined }
    found.set(dimension, allowance)
    if (match[2] === "remaining") allowance.remaining = value
    // Epoch seconds or, when small, seconds.
    else allowance.resetMillis = Math.max(0, value < 1e6 ? value * 1000 : value * 1000 - vendorNow)
  }
  return [...found.values()]
}
