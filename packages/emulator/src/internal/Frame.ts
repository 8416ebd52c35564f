/**
 * Frames of Server-Sent Events as they are put on the wire. The only place that knows the syntax.
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

/** Renders a frame with its empty line. */
export const render = (frame: Frame, lineEnd: LineEnd): string => frame.lines.join(lineEnd) + lineEnd + lineEnd

/** A comment, by which services keep a connection alive. */
export const comment = (text: string, wait = 0): Frame => ({ kind: "comment", lines: [`:${text}`], wait })
