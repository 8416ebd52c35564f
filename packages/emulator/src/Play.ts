/**
 * A play says what the emulator should do with a request: which scenario it answers with, which fault strikes and when,
 * how fast it goes. It travels in the base URL as one path segment, so that it needs no state in the server and any
 * program in any language can ask for a fault by its base URL alone:
 *
 * ```
 * http://127.0.0.1:41234/powerdrill/~fault=cut,after=3,pace=instant/v2/team/jobs
 * ```
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Fault from "./Fault.ts"

/**
 * How fast events follow each other: like a recording of the real service, or without any wait.
 */
export type Pace = "realistic" | "instant"

/**
 * The spelling of an error body: the vendor's usual one, `nested` (`{ error: { code, message } }`), `old` (other field
 * names), `empty`, or an HTML page as gateways send it.
 */
export type ErrorBody = "vendor" | "nested" | "old" | "empty" | "html"

/**
 * What becomes of what is made, and worked on for a while (a data source, an asset, an item, a task): it cannot be read
 * (`invalid`), or it takes for ever (`never`).
 */
export type Sync = "invalid" | "never"

/**
 * What the emulator should do with the requests of one base URL.
 *
 * **Example** (Cut the body after three events)
 *
 * ```ts
 * import { Play } from "@effect-sse/emulator"
 *
 * const play: Play.Play = { fault: "cut", after: 3, pace: "instant" }
 * ```
 */
export interface Play<Scenario extends string = string> {
  /** The scenario to answer with. */
  readonly scenario?: Scenario | undefined
  /** What goes wrong. Nothing by default. */
  readonly fault?: Fault.Fault | undefined
  /** Whole events sent before a fault strikes (comments do not count). Default 3. */
  readonly after?: number | undefined
  /** The emulator's own pace by default. */
  readonly pace?: Pace | undefined
  /** Bytes per write. By default each event is one write. */
  readonly chunk?: number | undefined
  /** The fault strikes only the first `times` requests (per path) of this very play; later ones succeed. */
  readonly times?: number | undefined
  /**
   * The fault strikes at random, in so many of a hundred requests. The dice are thrown by the text of the play, the path, and
   * the count of requests to it: a run that is repeated has the same luck, and another `id` has another.
   */
  readonly chance?: number | undefined
  /** Any text that makes this play, and so the counter of `times` and the dice of `chance`, unique. */
  readonly id?: string | undefined
  /** Milliseconds before the headers, also of answers to the links that this answer gives. */
  readonly delay?: number | undefined
  /** Milliseconds between the comments of `heartbeats`. Default 1000. */
  readonly interval?: number | undefined
  /** Milliseconds between the last byte and a reset, so that the client reads what was sent. Default 50. */
  readonly linger?: number | undefined
  /** Events of the scenario `long`. Default 10000. */
  readonly count?: number | undefined
  /** Size of the scenario `flood` (default 100 MB) or of `huge-event` (default 32 MiB), in bytes. */
  readonly bytes?: number | undefined
  /**
   * Lifetime of signed links in seconds. Default 600, to upload parts 24 hours, or one at TwelveLabs; 0 makes links that are born expired. The same
   * goes for the page tokens of searches, and for what a user consents to, which lasts for ever by default, and
   * for batches of analyses, which last 24 hours by default.
   */
  readonly ttl?: number | undefined
  /** Retry-After of 429, 503 and 529: seconds, or an HTTP date as text. */
  readonly retryAfter?: number | string | undefined
  /** Another HTTP status for a fault that answers with one. */
  readonly status?: number | undefined
  /** Another code in the vendor's error. */
  readonly code?: string | undefined
  /** How an error body is spelt. */
  readonly body?: ErrorBody | undefined
  /** Where `redirect` points. */
  readonly location?: string | undefined
  /** A fault for the links of this answer: the object store plays it when they are used. */
  readonly store?: Fault.Fault | undefined
  /** What becomes of what these requests make, where that takes a while. It ends well by default. */
  readonly sync?: Sync | undefined
}

const Count = Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(1))

const fields = {
  scenario: Schema.optionalKey(Schema.String),
  fault: Schema.optionalKey(Fault.Fault),
  after: Schema.optionalKey(Count),
  pace: Schema.optionalKey(Schema.Literals(["realistic", "instant"])),
  chunk: Schema.optionalKey(Positive),
  times: Schema.optionalKey(Count),
  chance: Schema.optionalKey(
    Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 100 }))
  ),
  id: Schema.optionalKey(Schema.String),
  delay: Schema.optionalKey(Count),
  interval: Schema.optionalKey(Positive),
  linger: Schema.optionalKey(Count),
  count: Schema.optionalKey(Count),
  bytes: Schema.optionalKey(Count),
  ttl: Schema.optionalKey(Count),
  retryAfter: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(
    Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 200, maximum: 599 }))
  ),
  code: Schema.optionalKey(Schema.String),
  body: Schema.optionalKey(Schema.Literals(["vendor", "nested", "old", "empty", "html"])),
  location: Schema.optionalKey(Schema.String),
  store: Schema.optionalKey(Fault.Fault),
  sync: Schema.optionalKey(Schema.Literals(["invalid", "never"]))
} as const

const decodeFields = Schema.decodeUnknownResult(Schema.Struct(fields), { onExcessProperty: "error" })

/**
 * The keys that a play knows.
 */
export const keys: ReadonlyArray<string> = Object.keys(fields)

/**
 * Writes a play as the path segment that asks for it; the empty text when there is nothing to ask.
 *
 * **Example** (A segment)
 *
 * ```ts
 * import { Play } from "@effect-sse/emulator"
 *
 * Play.toSegment({ fault: "cut", after: 3 }) // "~fault=cut,after=3"
 * ```
 */
export const toSegment = (play: Play): string => {
  const pairs = Object.entries(play)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
  return pairs.length === 0 ? "" : `~${pairs.join(",")}`
}

/**
 * Reads a play from its path segment. A failure is a text that says what is wrong and lists what exists.
 */
export const fromSegment = <Scenario extends string>(
  segment: string,
  scenarios: ReadonlyArray<Scenario>
): Result.Result<Play<Scenario>, string> => {
  const entries: Array<readonly [key: string, value: string]> = []
  const pairs = segment
    .replace(/^(~|%7e)/i, "")
    .split(",")
    .filter((pair) => pair !== "")
  for (const pair of pairs) {
    const at = pair.indexOf("=")
    const value = Result.try(() => decodeURIComponent(pair.slice(at + 1)))
    if (at <= 0 || Result.isFailure(value)) {
      return Result.fail(explain(segment, `"${pair}" is not of the form key=value`, scenarios))
    }
    entries.push([pair.slice(0, at), value.success])
  }
  const decoded = decodeFields(Object.fromEntries(entries))
  if (Result.isFailure(decoded)) return Result.fail(explain(segment, decoded.failure.message, scenarios))
  const { scenario, ...rest } = decoded.success
  if (scenario === undefined) return Result.succeed(rest)
  const known = scenarios.find((name) => name === scenario)
  return known === undefined
    ? Result.fail(explain(segment, `there is no scenario "${scenario}" here`, scenarios))
    : Result.succeed({ ...rest, scenario: known })
}

const explain = (segment: string, problem: string, scenarios: ReadonlyArray<string>): string =>
  [
    `The play ${segment} cannot be played: ${problem}`,
    `scenarios: ${scenarios.length === 0 ? "none here" : scenarios.join(" ")}`,
    `faults: ${Fault.names.join(" ")}`,
    `keys: ${keys.join(" ")}`
  ].join("\n")
