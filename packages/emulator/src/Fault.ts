/**
 * The faults that the emulator can play, in one table: the decoder of plays, the command's help and the README read it.
 */
import * as Schema from "effect/Schema"

/**
 * Where a fault strikes: `answer` replaces the answer (headers included), `stream` strikes inside the body after
 * `after` whole events, `wire` changes how the good body is put on the wire.
 */
export type FaultPlace = "answer" | "stream" | "wire"

/**
 * One row of the table.
 */
export interface FaultEntry {
  readonly name: string
  readonly place: FaultPlace
  readonly description: string
}

/**
 * Every fault with one line about it.
 */
export const all = [
  { name: "cut", place: "stream", description: "the body ends cleanly after `after` events, without the end mark" },
  { name: "cut-mid-event", place: "stream", description: "the body ends cleanly in the middle of an event" },
  { name: "cut-mid-character", place: "stream", description: "the body ends cleanly inside a UTF-8 character" },
  { name: "reset", place: "stream", description: "the connection is reset (RST) between two events" },
  { name: "reset-mid-event", place: "stream", description: "the connection is reset (RST) in the middle of an event" },
  { name: "silence", place: "stream", description: "the connection stays open and nothing more is sent" },
  {
    name: "heartbeats",
    place: "stream",
    description: "only comments (or blank lines) from then on, one every `interval` ms, for ever"
  },
  { name: "malformed", place: "stream", description: "one event with broken JSON, then the stream goes on well" },
  { name: "wrong-shape", place: "stream", description: "one known event with the wrong content, then it goes on well" },
  { name: "stream-error", place: "stream", description: "the vendor's error event inside the stream, which ends it" },
  {
    name: "error-mark",
    place: "stream",
    description:
      "Powerdrill: END_MARK with [ERROR]; TwelveLabs: response.failed, then [DONE]; its analyses: an error as the last line"
  },
  { name: "no-final-newline", place: "stream", description: "the whole answer, but the end mark lacks its newlines" },
  {
    name: "done-only",
    place: "stream",
    description:
      "the mark without what should precede it: no terminal event (TwelveLabs), no rest of the answer (Powerdrill, analyses)"
  },
  { name: "no-terminal", place: "stream", description: "another name of done-only" },
  { name: "no-done", place: "stream", description: "the whole answer (and terminal event), but no end mark" },
  {
    name: "open-after-done",
    place: "stream",
    description: "after the mark the socket stays open and more events come"
  },
  { name: "huge-event", place: "stream", description: "one event of `bytes` (default 32 MiB), then it goes on well" },
  {
    name: "retry-line",
    place: "stream",
    description: "a `retry:` line and an `id:` line among the events; fields of these names in JSON lines"
  },
  { name: "bad-chunk", place: "stream", description: "invalid chunked framing after `after` events, then a close" },
  { name: "wrong-length", place: "stream", description: "a content-length that is larger than the body, then a close" },
  { name: "crlf", place: "wire", description: "the good stream with CRLF line ends" },
  { name: "bom", place: "wire", description: "the good stream behind a byte order mark" },
  { name: "gzip", place: "wire", description: "the good stream, gzip-encoded and flushed event by event" },
  { name: "brotli", place: "wire", description: "the good stream, br-encoded and flushed event by event" },
  { name: "bad-gzip", place: "wire", description: "gzip that turns corrupt after `after` events" },
  { name: "unauthorized", place: "answer", description: "HTTP 401 with the vendor's error" },
  { name: "forbidden", place: "answer", description: "HTTP 403 with the vendor's error" },
  { name: "not-found", place: "answer", description: "HTTP 404 with the vendor's error" },
  { name: "rate-limited", place: "answer", description: "HTTP 429; `retryAfter` sets Retry-After" },
  {
    name: "quota",
    place: "answer",
    description: "no quota left: Powerdrill 400/210021, TwelveLabs 429/plan_limit_exceeded"
  },
  { name: "server-error", place: "answer", description: "HTTP 500" },
  { name: "unavailable", place: "answer", description: "HTTP 503; `retryAfter` sets Retry-After" },
  { name: "overloaded", place: "answer", description: "HTTP 529; `retryAfter` sets Retry-After" },
  { name: "html", place: "answer", description: "HTTP 200 with a text/html page" },
  { name: "json-error", place: "answer", description: "HTTP 200 with the vendor's error as JSON" },
  {
    name: "json-no-type",
    place: "answer",
    description: "HTTP 200 with the vendor's error as JSON and no content-type"
  },
  { name: "redirect", place: "answer", description: "HTTP 307 to `location` (default /elsewhere)" },
  { name: "slow-headers", place: "answer", description: "the request is taken, the headers never come" },
  { name: "reset-before-headers", place: "answer", description: "the connection is reset (RST) instead of an answer" }
] as const satisfies ReadonlyArray<FaultEntry>

/**
 * The name of a fault.
 */
export type Fault = (typeof all)[number]["name"]

/**
 * The names, in the order of the table.
 */
export const names: ReadonlyArray<Fault> = all.map((entry) => entry.name)

/**
 * The schema of a fault's name.
 */
export const Fault: Schema.Codec<Fault> = Schema.Literals(names)

const places: ReadonlyMap<Fault, FaultPlace> = new Map(all.map((entry) => [entry.name, entry.place]))

/**
 * Tells where a fault strikes.
 */
export const placeOf = (fault: Fault): FaultPlace => places.get(fault) ?? "answer"
