import * as Redacted from "effect/Redacted"

/** Shorter values, such as a part's number, are in no way secret, and replacing them would garble a text. */
const minLength = 8

/**
 * What no error may show of a signed link: its query, and the values in it, since a store that refuses a signature
 * repeats them one by one.
 */
export const linkSecrets = (link: string): ReadonlyArray<Redacted.Redacted> => {
  const url = URL.parse(link)
  if (url === null || url.search === "") return []
  const written = url.search.slice(1).split("&")
  const values = [...written.map((pair) => pair.slice(pair.indexOf("=") + 1)), ...url.searchParams.values()]
  return (
    [url.search.slice(1), ...values.filter((value) => value.length >= minLength)]
      // The longest first: one may stand in another.
      .toSorted((a, b) => b.length - a.length)
      .map((value) => Redacted.make(value))
  )
}
