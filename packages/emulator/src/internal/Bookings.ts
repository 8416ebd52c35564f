/**
 * The data behind the scenarios: bookings of agencies that do not exist. Answers, tables and charts are computed from it,
 * so that they agree with each other.
 */

/** One booking. */
export interface Booking {
  readonly agency: string
  readonly month: string
  /** In dollars. */
  readonly price: number
}

const months = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"] as const

const prices: ReadonlyArray<readonly [agency: string, prices: ReadonlyArray<number>]> = [
  ["Blue Heron Travel", [212.4, 198.9, 230.15, 241, 255.5, 262.75]],
  ["Meridian & Sons", [301, 287.3, 295.45, 310.2, 322.85, 341.6]],
  ["漫游假期", [176.8, 243.1, 189.25, 201.4, 214.9, 226.3]],
  ['Kestrel "Express" Tours', [149.99, 152.5, 161.25, 158.75, 171.1, 180.45]],
  ["Azul, Sol y Mar", [265.25, 259.7, 270.1, 288.4, 301.3, 318.05]],
  ["Nordlicht Reisen ❄️", [233.6, 221.75, 218.9, 206.3, 199.95, 204.1]]
]

/** All bookings, agency by agency. */
const bookings: ReadonlyArray<Booking> = prices.flatMap(([agency, list]) =>
  list.map((price, index) => ({ agency, month: months[index % months.length] ?? months[0], price }))
)

const mean = (list: ReadonlyArray<number>): number => list.reduce((sum, price) => sum + price, 0) / list.length

/** The mean price of a group of bookings. */
export interface Average {
  readonly name: string
  readonly bookings: number
  readonly price: number
}

const averageBy = (key: (booking: Booking) => string): ReadonlyArray<Average> => {
  const groups = new Map<string, ReadonlyArray<number>>()
  for (const booking of bookings) {
    groups.set(key(booking), [...(groups.get(key(booking)) ?? []), booking.price])
  }
  return [...groups].map(([name, list]) => ({ name, bookings: list.length, price: mean(list) }))
}

/** By agency, dearest first. */
export const byAgency: ReadonlyArray<Average> = averageBy(({ agency }) => agency).toSorted((a, b) => b.price - a.price)

/** By month, in order. */
export const byMonth: ReadonlyArray<Average> = averageBy(({ month }) => month)

/** A price as the answers write it. */
export const dollars = (price: number): string => price.toFixed(2)

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Writes averages as CSV, with a header and CRLF line ends as RFC 4180 wants them. */
export const toCsv = (header: readonly [string, string, string], averages: ReadonlyArray<Average>): string =>
  [header, ...averages.map(({ bookings, name, price }) => [name, String(bookings), dollars(price)])]
    .map((row) => row.map(field).join(",") + "\r\n")
    .join("")
