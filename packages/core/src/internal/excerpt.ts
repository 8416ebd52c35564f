import * as Redacted from "effect/Redacted"

/** The most characters of a foreign text that an error shows. */
const maxExcerpt = 300

/**
 * Makes a foreign text fit to stand in an error: without the given secrets and without the queries of URLs (a signed
 * link is a secret), with control characters escaped, and cut to `max` characters.
 */
export const excerpt = (
  text: string,
  secrets: ReadonlyArray<Redacted.Redacted> = [],
  max: number = maxExcerpt
): string => {
  let whole = text
  for (const secret of secrets) {
    const value = Redacted.value(secret)
    if (value !== "") whole = whole.replaceAll(value, "<redacted>")
  }
  // Cut before the slower replacements, with room for a URL that loses its query.
  const cut = whole.slice(0, max * 8)
  const safe = escapeControls(cut.replaceAll(urlQuery, "$1?<redacted>").replaceAll(userInfo, "$1<redacted>@"))
  return safe.length > max || cut.length < whole.length ? `${safe.slice(0, max)}…` : safe
}

/** Escapes control characters, so that a foreign text cannot steer a terminal or forge a log line. */
const escapeControls = (text: string): string =>
  text.replaceAll(controls, (character) => {
    switch (character) {
      case "\n":
        return "\\n"
      case "\r":
        return "\\r"
      case "\t":
        return "\\t"
      default:
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
    }
  })

/** A URL without its credentials, query and fragment; the text itself is left out when it is no URL. */
export const bareUrl = (url: string): string => {
  // Streams of one client differ little: all that are open share a text that is equal to the latest.
  const bare = withoutQuery(url)
  if (bare !== latest) latest = bare
  return latest
}

let latest = ""

const withoutQuery = (url: string): string => {
  try {
    const { origin, pathname } = new URL(url)
    return origin + pathname
  } catch {
    return "<invalid url>"
  }
}

// Also as it stands in JSON, where many a server writes `\/` for a slash and `\u0026` for an ampersand.
const urlQuery = /(https?:(?:\/|\\\/){2}(?:[^\s"'<>?\\]|\\\/)*)\?(?:[^\s"'<>\\]|\\\/|\\u[0-9a-f]{4})*/gi
const userInfo = /(https?:(?:\/|\\\/){2})[^\s"'<>?\\/@]{1,256}@/gi
// C0 and C1 controls, and the characters that reorder text.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
