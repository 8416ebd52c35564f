import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"

// The vendor drops trailing zeros of the fraction, so that it has 0 to 6 digits; `Date` promises to read three.
const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/** Reads an ISO 8601 time with 0 to 9 fraction digits, UTC where no offset is given; down to milliseconds. */
export const parseExpiry = (text: string): DateTime.Utc | undefined => {
  const parts = iso.exec(text.trim())
  if (parts === null) return undefined
  const [, date, time, fraction = "", offset = "Z"] = parts
  const millis = fraction.padEnd(3, "0").slice(0, 3)
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase()
  return Option.getOrUndefined(Option.map(DateTime.make(`${date}T${time}.${millis}${zone}`), DateTime.toUtc))
}
