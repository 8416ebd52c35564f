/**
 * Frames of a stream as they are put on the wire: Server-Sent Events, or lines of JSON. The only place that knows the syntax.
 */

/** What a frame is to the protocol: the terminal event comes before the end mark where a vendor has one. */
export type FrameKind = "event" | "terminal" | "mark" | "comment"

/** One frame: its lines without line ends, and the wait before it at the realistic pace, in milliseconds. */
export interface Frame {
  readonly kind: FrameKind
  readonly lines: ReadonlyArray<string>
  readonly wait: number
}

/** A line end, as the whole stream uses it. */
export type LineEnd = "\n" | "\r\n"

/** How frames are written. */
export interface Framing {
  readonly contentType: string
  /** A frame with what ends it. */
  readonly render: (frame: Frame, lineEnd: LineEnd) => string
  /** A frame that lacks what ends it. */
  readonly unended: (frame: Frame, lineEnd: LineEnd) => string
  /** A frame with an id and a time of reconnection, behind a sign of life of that kind. */
  readonly withRetry: (frame: Frame, lineEnd: LineEnd) => string
}

const block = (frame: Frame, lineEnd: LineEnd): string => frame.lines.join(lineEnd) + lineEnd + lineEnd

/** Server-Sent Events: a frame's lines and an empty one. */
export const sse: Framing = {
  contentType: "text/event-stream",
  render: block,
  unended: (frame, lineEnd) => frame.lines.join(lineEnd),
  withRetry: (frame, lineEnd) => {
    const lines = frame.lines.filter((line) => !line.startsWith("id:"))
    return `retry: 1000${lineEnd}${lineEnd}${block({ ...frame, lines: ["id: 42", "retry: 2500", ...lines] }, lineEnd)}`
  }
}

/** JSON, a value in each line; blank lines take the place of comments. */
export const ndjson: Framing = {
  contentType: "application/x-ndjson",
  render: (frame, lineEnd) => (frame.kind === "comment" ? lineEnd : frame.lines.join("") + lineEnd),
  unended: (frame) => frame.lines.join(""),
  // There is nothing of the kind in JSON lines: blank ones, and fields that nobody knows.
  withRetry: (frame, lineEnd) =>
    `${lineEnd}  ${lineEnd}${frame.lines.join("").replace(/^\{/, '{"id":"42","retry":2500,')}${lineEnd}`
}

/** A comment, by which services keep a connection alive. */
export const comment = (text: string, wait = 0): Frame => ({ kind: "comment", lines: [`:${text}`], wait })

/** A value as a line of JSON. */
export const line = (value: unknown, wait = 0, kind: FrameKind = "event"): Frame => ({
  kind,
  lines: [JSON.stringify(value)],
  wait
})
