/**
 * The objects of the store, by name. Links of any answer point at them.
 */
import * as BarChart from "./BarChart.ts"
import * as Bookings from "./Bookings.ts"

/** An object: its bytes and their type. */
export interface StoredObject {
  readonly contentType: string
  readonly bytes: Uint8Array
}

const encoder = new TextEncoder()
const csv = (text: string): StoredObject => ({ contentType: "text/csv; charset=utf-8", bytes: encoder.encode(text) })
const chart = (averages: ReadonlyArray<Bookings.Average>, width: number, height: number): StoredObject => ({
  contentType: "image/png",
  bytes: BarChart.toPng({ values: averages.map(({ price }) => price), width, height })
})

const playlist = [
  "#EXTM3U",
  "#EXT-X-VERSION:3",
  "#EXT-X-TARGETDURATION:6",
  "#EXTINF:6.0,",
  "segment-0.ts",
  "#EXT-X-ENDLIST",
  ""
].join("\n")

const objects = {
  "average_price_by_agency.csv": () => csv(Bookings.toCsv(["agency", "bookings", "average_price"], Bookings.byAgency)),
  "average_price_by_month.csv": () => csv(Bookings.toCsv(["month", "bookings", "average_price"], Bookings.byMonth)),
  "各社均价.csv": () => csv(Bookings.toCsv(["旅行社", "订单数", "平均价格"], Bookings.byAgency)),
  "price_by_agency.png": () => chart(Bookings.byAgency, 480, 300),
  "price_by_month.png": () => chart(Bookings.byMonth, 480, 300),
  "thumbnail.png": () => chart(Bookings.byMonth, 160, 90),
  "scene.m3u8": (): StoredObject => ({
    contentType: "application/vnd.apple.mpegurl",
    bytes: encoder.encode(playlist)
  })
} as const

/** The name of an object that exists. */
export type StoredName = keyof typeof objects

const made = new Map<string, StoredObject>()

/** Finds an object. */
export const find = (name: string): StoredObject | undefined => {
  if (!Object.hasOwn(objects, name)) return undefined
  const known = made.get(name) ?? objects[name as StoredName]()
  made.set(name, known)
  return known
}
