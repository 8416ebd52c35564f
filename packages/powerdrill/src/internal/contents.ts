/**
 * What stands in `content`, by the type of the block: the schemas of the wire, and plain functions from there to the
 * public shapes. Events of a stream and blocks of an answer share them.
 */
import * as Schema from "effect/Schema"
import type * as Block from "../Block.ts"
import type { DatasetId, DatasourceId, GroupId } from "../Ids.ts"
import { parseExpiry } from "./expiry.ts"

/** Where the vendor says null, `""`, a number, or nothing: a text, or `undefined`. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" ? (value === "" ? undefined : value) : typeof value === "number" ? String(value) : undefined

const anything = Schema.optionalKey(Schema.Unknown)

/** Of what stands beside a content only the names matter: none of it may make a block unreadable. */
export const placeFields = { group_id: anything, group_name: anything, stage: anything } as const

/** The fields of the wire that place a block. */
export interface PlaceFields {
  readonly group_id?: unknown
  readonly group_name?: unknown
  readonly stage?: unknown
}

/** A group's id, unless it says that there is no group. */
export const groupIdOf = (value: unknown): GroupId | undefined => {
  const id = text(value)
  return id === "-1" ? undefined : (id as GroupId | undefined)
}

/** Reads where a block belongs. */
export const placeOf = (wire: PlaceFields): Block.Placed => ({
  groupId: groupIdOf(wire.group_id),
  groupName: text(wire.group_name),
  stage: text(wire.stage)
})

const linkFields = {
  expires_at: anything,
  expired_at: anything,
  expiredAt: anything,
  expireAt: anything
} as const

const LinkObject = Schema.Struct({ name: anything, url: Schema.String, ...linkFields })

/** A link: an object, or in some answers the bare URL. */
export const Link = Schema.Union([Schema.String, LinkObject])

/** A link as the wire has it. */
type LinkWire = typeof Link.Type

const expiryOf = (wire: { readonly [Key in keyof typeof linkFields]?: unknown }): string | undefined =>
  text(wire.expires_at) ?? text(wire.expired_at) ?? text(wire.expiredAt) ?? text(wire.expireAt)

/** The last part of a URL's path, without decoding anything. */
const lastPart = (url: string): string => {
  const path = url.split(/[?#]/, 1)[0]!
  return path.slice(path.lastIndexOf("/") + 1)
}

/** Reads a link. */
export const linkOf = (wire: LinkWire): Block.Link => {
  if (typeof wire === "string") {
    return { name: lastPart(wire), url: wire, expiresAt: undefined, expiresAtRaw: undefined }
  }
  const expiresAtRaw = expiryOf(wire)
  return {
    name: text(wire.name) ?? lastPart(wire.url),
    url: wire.url,
    expiresAt: expiresAtRaw === undefined ? undefined : parseExpiry(expiresAtRaw),
    expiresAtRaw
  }
}

const Source = Schema.Struct({
  id: anything,
  source: anything,
  page_no: anything,
  content: anything,
  datasource_id: anything,
  dataset_id: anything,
  file_type: anything,
  external_id: anything
})

/** The sources of an answer. */
export const Sources = Schema.Array(Source)

/** Reads a source. */
export const sourceOf = (wire: typeof Source.Type): Block.Source => ({
  id: text(wire.id),
  source: text(wire.source),
  pageNo: text(wire.page_no),
  content: text(wire.content),
  datasourceId: text(wire.datasource_id) as DatasourceId | undefined,
  datasetId: text(wire.dataset_id) as DatasetId | undefined,
  fileType: text(text(wire.file_type)?.replace(/^\./, "")),
  externalId: text(wire.external_id)
})

/** Questions that could be asked next. */
export const Questions = Schema.Array(Schema.String)

/** An interactive chart. */
export const ChartInfo = Schema.Struct({
  name: anything,
  url: anything,
  code: anything,
  code_type: anything,
  image: anything,
  options: anything,
  columns: anything,
  chart_config: anything,
  ...linkFields
})

const texts = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : []

/** Reads an interactive chart. */
export const chartOf = (wire: typeof ChartInfo.Type): Omit<Block.ChartInfo, "_tag" | keyof Block.Placed> => ({
  ...linkOf({ ...wire, url: text(wire.url) ?? "" }),
  code: text(wire.code),
  codeType: text(wire.code_type),
  image: text(wire.image),
  options: texts(wire.options),
  columns: texts(wire.columns),
  chartConfig:
    typeof wire.chart_config === "object" && wire.chart_config !== null
      ? JSON.stringify(wire.chart_config)
      : text(wire.chart_config)
})
