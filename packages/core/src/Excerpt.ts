/**
 * Texts from outside, made fit to stand in an error, a log line or a terminal.
 */
import type * as Redacted from "effect/Redacted"
import { excerpt } from "./internal/excerpt.ts"

/**
 * Options of {@link of}.
 */
export interface Options {
  /** What must not be in it. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** How long it may be, in UTF-16 units. Default 300. */
  readonly max?: number | undefined
}

/**
 * The beginning of a text: without secrets, and without the queries and credentials of URLs (a signed link is a secret), with
 * the characters escaped that steer a terminal, forge a line of a log, or turn the text around.
 *
 * **Example** (A vendor's own words)
 *
 * ```ts
 * import { Excerpt } from "@effect-sse/core"
 *
 * console.log(Excerpt.of("see https://example.com/a?sig=1\u001b[2J")) // see https://example.com/a?<redacted>\u001b[2J, escaped
 * ```
 */
export const of = (text: string, options?: Options | undefined): string => excerpt(text, options?.secrets, options?.max)
