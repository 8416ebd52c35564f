/**
 * Tells whether a text that comes in pieces ends inside a fenced code block, as CommonMark fences it. Linear in the text,
 * however it is cut.
 */
export interface Fence {
  readonly push: (text: string) => void
  readonly isOpen: () => boolean
}

/** Nothing further on in a line tells whether it is a fence. */
const lineStart = 256

const marker = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/

/** The fence that a line leaves open, given the one that was open before it. */
const after = (line: string, open: string | undefined): string | undefined => {
  const match = marker.exec(line)
  if (match === null) return open
  const [, ticks = "", info = ""] = match
  if (open === undefined) return ticks.startsWith("`") && info.includes("`") ? undefined : ticks
  return ticks[0] === open[0] && ticks.length >= open.length && info.trim() === "" ? undefined : open
}

/** Starts outside of any fence. */
export const make = (): Fence => {
  let open: string | undefined
  // The line that has no end yet.
  let rest = ""
  return {
    push: (text) => {
      const lines = (rest + text).split("\n")
      rest = (lines.pop() ?? "").slice(0, lineStart)
      for (const line of lines) open = after(line.endsWith("\r") ? line.slice(0, -1) : line, open)
    },
    isOpen: () => after(rest, open) !== undefined
  }
}
