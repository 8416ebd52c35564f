/**
 * What examples print with, and what the demo draws with: colours and a status line in a terminal, plain lines elsewhere.
 */
import { Clock, Context, Duration, Effect, Layer, Schedule } from "effect"

const isTerminal = process.stdout.isTTY === true && process.env["TERM"] !== "dumb"
const isColoured = isTerminal && process.env["NO_COLOR"] === undefined

const style = (open: number, close: number) => (text: string) =>
  isColoured ? `\u001b[${open}m${text}\u001b[${close}m` : text

export const bold = style(1, 22)
export const dim = style(2, 22)
export const red = style(31, 39)
export const green = style(32, 39)
export const yellow = style(33, 39)
export const magenta = style(35, 39)
export const cyan = style(36, 39)

/** A text from outside without what steers a terminal. */
export const printable = (text: string): string =>
  text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "")

/** Appends a text from outside, such as a fragment of an answer, to what is printed. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stdout.write(printable(text))
  })

/** Markdown as it streams, a piece at a time: bold text and headings lose their marks and gain a style. */
export const makeMarkdown = () => {
  let isBold = false
  let isHeading = false
  // A star at the end of a piece may be half a mark.
  let held = ""
  const push = (text: string): string => {
    if (!isColoured) return printable(text)
    const input = held + printable(text)
    held = /(^|[^*])\*$/.test(input) ? "*" : ""
    return (held === "" ? input : input.slice(0, -1)).replaceAll(/\*\*|^#{1,6} +|\n#{1,6} +|\n/g, (mark) => {
      if (mark === "**") {
        isBold = !isBold
        return `\u001b[${isBold ? 1 : 22}m`
      }
      const end = isHeading ? "\u001b[39;22m" : ""
      isHeading = mark.includes("#")
      return `${end}${mark.startsWith("\n") ? "\n" : ""}${isHeading ? "\u001b[1;36m" : ""}`
    })
  }
  return { push, end: (): string => (isBold || isHeading ? `${held}\u001b[39;22m` : held) }
}

/** The screen: lines, running text, and below them a status that lives as long as something goes on. */
export class Screen extends Context.Service<
  Screen,
  {
    readonly line: (text?: string) => Effect.Effect<void>
    /** Appends to the running text. */
    readonly write: (text: string) => Effect.Effect<void>
    /** Shows a status with a spinner and the elapsed time while the effect runs; nothing when it is no terminal. */
    readonly during: (status: () => string) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>()("examples/Screen") {
  static readonly layer = Layer.sync(Screen, () => {
    const out = process.stdout
    let status = ""
    // A text without its line end stands on the last line, where the status cannot be.
    let isMidLine = false

    const clear = () => status !== "" && !isMidLine && out.write("\r\u001b[2K")
    const draw = () => status !== "" && !isMidLine && out.write(status)
    const write = (text: string) => {
      if (text === "") return
      clear()
      out.write(text)
      isMidLine = !text.endsWith("\n")
      draw()
    }
    const setStatus = (text: string) => {
      clear()
      status = text.slice(0, (out.columns ?? 80) * 2)
      draw()
    }

    return Screen.of({
      line: (text = "") => Effect.sync(() => write(`${isMidLine ? "\n" : ""}${text}\n`)),
      write: (text) => Effect.sync(() => write(text)),
      during: (text) => (self) => {
        if (!isTerminal) return self
        return Effect.gen(function* () {
          const startedAt = yield* Clock.currentTimeMillis
          let turn = 0
          const tick = Effect.map(Clock.currentTimeMillis, (now) => {
            const seconds = Duration.toSeconds(Duration.millis(now - startedAt)).toFixed(1)
            setStatus(dim(`${"⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[turn++ % 10]} ${seconds} s  ${text()}`))
          })
          yield* Effect.forkScoped(Effect.repeat(tick, Schedule.spaced("80 millis")))
          yield* Effect.addFinalizer(() => Effect.sync(() => setStatus("")))
          return yield* self
        }).pipe(Effect.scoped)
      }
    })
  })
}
