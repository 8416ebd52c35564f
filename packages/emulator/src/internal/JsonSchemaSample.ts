/**
 * Makes a value that fits a JSON Schema, for structured answers to schemas that nobody has seen before.
 */

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const deepest = 16

/** Makes a value; what the schema leaves open becomes a short text. */
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
      return Math.ceil(number(schema.minimum, Math.min(3, number(schema.maximum, 3))))
    case "number":
      return number(schema.minimum, Math.min(12.5, number(schema.maximum, 12.5)))
    case "boolean":
      return true
    case "null":
      return null
    default:
      return text(schema, name)
  }
}

const guess = (schema: JsonObject): string =>
  "properties" in schema ? "object" : "items" in schema ? "array" : "string"

const number = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback)

const definition = (root: unknown, ref: string): unknown => {
  const name = ref.replace(/^#\/(\$defs|definitions)\//, "")
  if (!isObject(root)) return undefined
  const definitions = root.$defs ?? root.definitions
  return isObject(definitions) ? definitions[name] : undefined
}

const text = (schema: JsonObject, name: string): string => {
  switch (schema.format) {
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
