/**
 * The checks of a client's settings. What they say never shows a setting's value.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { ConfigurationError } from "./ConfigurationError.ts"
import { isLoopback } from "./internal/publicUrl.ts"

/**
 * Which setting is checked, for what an error says.
 */
export interface Setting {
  /** The vendor's name. */
  readonly vendor: string
  /** The option's name. */
  readonly setting: string
  /** The environment variable that the option is read from, if it is. */
  readonly variable?: string | undefined
}

/**
 * Refuses a setting.
 *
 * @param issue what is wrong and what to do, as the rest of a sentence that begins with the option's name
 */
export const refuse = (setting: Setting, issue: string): Result.Result<never, ConfigurationError> =>
  Result.fail(
    new ConfigurationError({
      vendor: setting.vendor,
      setting: setting.setting,
      ...(setting.variable === undefined ? {} : { variable: setting.variable }),
      issue
    })
  )

/**
 * Checks that a key is there, and that a header can carry it.
 *
 * @param advice where a key is to be had, as an imperative
 */
export const apiKey = (
  setting: Setting,
  value: Redacted.Redacted | undefined,
  advice: string
): Result.Result<Redacted.Redacted, ConfigurationError> => {
  // In a program without types it may be missing, or not redacted.
  const key: unknown = Redacted.isRedacted(value) ? Redacted.value(value) : undefined
  if (value === undefined || typeof key !== "string" || key.trim() === "") {
    return refuse(setting, `is missing or empty: ${advice}`)
  }
  const at = key.search(/[^\x21-\x7e]/)
  return at === -1
    ? Result.succeed(value)
    : refuse(
        setting,
        `has a character that no header can carry (white space, a line end, or not ASCII) at position ${at + 1} of ${
          key.length
        }: copy the key again, without what stands around it`
      )
}

/**
 * Checks a base URL that a key may be sent to, and gives it without a slash at its end.
 *
 * @param example a URL that would do
 * @param allowInsecure lets a key go over plain http to other hosts than this machine
 */
export const baseUrl = (
  setting: Setting,
  value: string,
  example: string,
  allowInsecure: boolean
): Result.Result<string, ConfigurationError> => {
  const url = URL.parse(value.trim())
  if (url === null || url.host === "") return refuse(setting, `is not a URL: give an absolute one, such as ${example}`)
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return refuse(setting, `is neither https nor http: give one such as ${example}`)
  }
  if (url.username !== "" || url.password !== "") {
    return refuse(setting, "has a user or a password in it: leave them out, the key goes into a header")
  }
  if (url.search !== "" || url.hash !== "") {
    return refuse(setting, "has a query or a fragment: leave out what follows the path")
  }
  if (url.protocol === "http:" && !allowInsecure && !isLoopback(url.hostname)) {
    return refuse(setting, "is plain http, which shows the key to everyone on the way: use https, or allowInsecure")
  }
  return Result.succeed(url.origin + withoutSlashes(url.pathname))
}

/** Not by a regular expression: one that looks for slashes at the end takes quadratic time on slashes elsewhere. */
const withoutSlashes = (path: string): string => {
  let end = path.length
  while (end > 0 && path[end - 1] === "/") end--
  return path.slice(0, end)
}
