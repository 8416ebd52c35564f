/**
 * Makes a value that fits a JSON Schema, for structured answers to schemas that nobody has seen before.
 */

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const deepest = 16

/**
 * Makes a value; what the schema leaves open becomes a short text. The type `timestamp`, and the names that stand for a time of
 * the video, are the vendor's own.
 */
export const sample = (schema: unknown): unknown => ofSchema(schema, schema, "value", 0)

const ofSchema = (schema: unknown, root: unknown, name: string, depth: number): unknown => {
  if (!isObject(schema) || depth > deepest) return null
  if ("const" in schema) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if (typeof schema.$ref === "string") return ofSchema(definition(root, schema.$ref), root, name, depth + 1)
  const options = schema.anyOf ?? schema.oneOf
  if (Array.isArray(options)) return ofSchema(options[0], root, name, depth + 1)
  switch (Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? guess(schema))) {
    case "object": {
      const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
      return Object.fromEntries(properties.map(([key, inner]) => [key, ofSchema(inner, root, key, depth + 1)]))
    }
    case "array": {
      const count = Math.min(Math.max(number(schema.minItems, 2), 1), number(schema.maxItems, 2))
      return Array.from({ length: count }, (_, index) =>
        ofSchema(schema.items, root, `${name} ${index + 1}`, depth + 1)
      )
    }
    case "integer":
      return numberIn(schema, 3, 1)
    case "number":
      return numberIn(schema, 12.5, 0.5)
    case "boolean":
      return true
    case "null":
      return null
    case "timestamp":
      return timestamp(schema.format, name === "end_time" ? 31.5 : 12.5)
    default:
      return text(schema, name)
  }
}

const guess = (schema: JsonObject): string =>
  "properties" in schema ? "object" : "items" in schema ? "array" : "string"

const number = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback)

/** The preferred number, or the one nearest to it between the bounds. */
const numberIn = (schema: JsonObject, preferred: number, step: number): number => {
  const least = Math.max(number(schema.minimum, -Infinity), number(schema.exclusiveMinimum, -Infinity) + step)
  const most = Math.min(number(schema.maximum, Infinity), number(schema.exclusiveMaximum, Infinity) - step)
  return step === 1
    ? Math.max(Math.ceil(least), Math.min(preferred, Math.floor(most)))
    : Math.max(least, Math.min(preferred, most))
}

const definition = (root: unknown, ref: string): unknown => {
  const name = ref.replace(/^#\/(\$defs|definitions)\//, "")
  if (!isObject(root)) return undefined
  const definitions = root.$defs ?? root.definitions
  return isObject(definitions) ? definitions[name] : undefined
}

/** A time of the video, as a schema wants it written. */
export const timestamp = (format: unknown, seconds: number): unknown => {
  if (format !== "hh:mm:ss" && format !== "hh:mm:ss.fff") return seconds
  const clock = new Date(Math.round(seconds * 1000)).toISOString()
  return clock.slice(11, format === "hh:mm:ss" ? 19 : 23)
}

const text = (schema: JsonObject, name: string): string => {
  if (name === "start_time") return String(timestamp("hh:mm:ss.fff", 12.5))
  if (name === "end_time") return String(timestamp("hh:mm:ss.fff", 31.5))
  switch (schema.format) {
    case "time":
      return "03:04:05Z"
    case "uuid":
      return "01999999-0000-7000-8000-000000000001"
    case "date-time":
      return "2026-01-02T03:04:05Z"
    case "date":
      return "2026-01-02"
    case "uri":
      return "https://example.com/"
    default:
      return [...`a ${name} 🎬`]
        .slice(0, number(schema.maxLength, 200))
        .join("")
        .padEnd(number(schema.minLength, 0), ".")
  }
}
