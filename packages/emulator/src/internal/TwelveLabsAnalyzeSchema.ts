/**
 * What the dialect of JSON Schema for analyses takes, and how the rest is refused.
 */
import { invalid, type Refused, unprocessable } from "./TwelveLabsRefusal.ts"

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What stands around a schema. */
interface Place {
  readonly path: string
  /** The property's name. */
  readonly name: string | undefined
  /** Whether a property of it may be a timestamp: the whole answer, and an object directly in a list. */
  readonly holdsTimestamps: boolean
  /** Whether it may be a timestamp itself. */
  readonly mayBeTimestamp: boolean
}

const types = ["array", "boolean", "integer", "null", "number", "object", "string", "timestamp"]

/** Keywords by the types that have them; others are for all. */
const keywords: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["properties", ["object"]],
  ["required", ["object"]],
  ["items", ["array"]],
  ["minItems", ["array"]],
  ["pattern", ["string"]],
  ["format", ["string", "timestamp"]],
  ["minimum", ["integer"]],
  ["maximum", ["integer"]],
  ["exclusiveMinimum", ["integer"]],
  ["exclusiveMaximum", ["integer"]],
  ["enum", ["boolean", "null", "number", "string"]],
  ["const", ["boolean", "null", "number", "string"]],
  ["type", types],
  ["title", types],
  ["description", types],
  ["anyOf", types],
  ["$ref", types],
  ["$defs", types]
])

const timeFormats = ["seconds", "hh:mm:ss", "hh:mm:ss.fff"]
const textFormats = ["uuid", "date-time", "date", "time"]

/** More than any schema needs. */
const mostSchemas = 10_000

/** The refusal of a schema; `undefined` for one that is taken. */
export const refusalOf = (schema: unknown): Refused | undefined => {
  const whole: Place = { path: "json_schema", name: undefined, holdsTimestamps: true, mayBeTimestamp: false }
  const pending: Array<readonly [schema: unknown, place: Place]> = [[schema, whole]]
  const followed = new Set<string>()
  for (let count = 0; pending.length > 0; count++) {
    const [node, place] = pending.pop()!
    if (count === mostSchemas) return unprocessable("json_schema: too large")
    if (!isObject(node)) return unprocessable(`${place.path}: must be a schema`)
    const refused = ofKeywords(node, place) ?? ofType(node, place)
    if (refused !== undefined) return refused
    for (const inner of inside(node, place)) pending.push(inner)
    if (node.$ref === undefined) continue
    const name = typeof node.$ref === "string" ? /^#\/\$defs\/(.+)$/.exec(node.$ref)?.[1] : undefined
    const definitions = isObject(schema) && isObject(schema.$defs) ? schema.$defs : {}
    if (name === undefined || !Object.hasOwn(definitions, name)) {
      return unprocessable(`${place.path}: $ref must lead into $defs`)
    }
    const key = `${name} ${place.mayBeTimestamp} ${place.holdsTimestamps} ${place.name}`
    if (!followed.has(key)) pending.push([definitions[name], place])
    followed.add(key)
  }
  return undefined
}

const ofKeywords = (node: JsonObject, { path }: Place): Refused | undefined => {
  for (const keyword of Object.keys(node)) {
    const owners = keywords.get(keyword)
    if (owners === undefined) return unprocessable(`${path}: the keyword ${keyword} is not supported`)
    if (typeof node.type === "string" && !owners.includes(node.type)) {
      return unprocessable(`${path}: the keyword ${keyword} is not supported for the type ${node.type}`)
    }
  }
  if (node.minItems !== undefined && node.minItems !== 0 && node.minItems !== 1) {
    return unprocessable(`${path}: minItems must be 0 or 1`)
  }
  return undefined
}

const ofType = (node: JsonObject, { mayBeTimestamp, name, path }: Place): Refused | undefined => {
  const { format, type } = node
  if (type !== undefined && !types.includes(type as string)) return unprocessable(`${path}: no such type`)
  if (type === "timestamp") {
    if (!timeFormats.includes(format as string)) {
      return invalid(`${path}: a timestamp must have a format: ${timeFormats.join(", ")}`)
    }
    return mayBeTimestamp
      ? undefined
      : invalid(`${path}: a timestamp must be a property of the answer, or of an object directly in an array`)
  }
  if (name === "start_time" || name === "end_time") {
    if (type !== undefined && !["number", "integer", "string"].includes(type as string)) {
      return invalid(`${path}: a ${name} must be a number, an integer, a string or a timestamp`)
    }
    if (format !== undefined) return invalid(`${path}: a ${name} that is a string must have no format`)
  }
  return format === undefined || textFormats.includes(format as string)
    ? undefined
    : unprocessable(`${path}: the format must be one of ${textFormats.join(", ")}`)
}

/** The schemas directly in a schema. A definition is looked at where it is referred to. */
function* inside(node: JsonObject, { holdsTimestamps, path }: Place): Generator<readonly [unknown, Place], void> {
  const plain = { name: undefined, holdsTimestamps: false, mayBeTimestamp: false }
  if (isObject(node.properties)) {
    for (const [name, property] of Object.entries(node.properties)) {
      yield [property, { ...plain, path: `${path}.${name}`, name, mayBeTimestamp: holdsTimestamps }]
    }
  }
  if (node.items !== undefined) yield [node.items, { ...plain, path: `${path}[]`, holdsTimestamps: true }]
  if (!Array.isArray(node.anyOf)) return
  for (const member of node.anyOf) yield [member, { ...plain, path: `${path}.anyOf` }]
}
