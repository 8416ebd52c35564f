/** Folds the `allOf` of a JSON Schema into it. Effect writes one for every annotation of a key and many a check. */
import { isJsonObject, type JsonObject, maxSchemaDepth } from "./jsonSchemaWalk.ts"

const lower = new Set(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"])
const upper = new Set(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"])
const notes = new Set(["title", "description"])

/**
 * The schema without `allOf`, as far as that says the same. A second `pattern` or `format` that cannot stand beside the first
 * is left to decoding. Where parts cannot be one, the `allOf` stays.
 */
export const merged = (schema: JsonObject, depth = 0): JsonObject => {
  const { allOf, ...own } = schema
  if (!Array.isArray(allOf) || depth > maxSchemaDepth) return schema
  const result: Record<string, unknown> = own
  const left: Array<unknown> = []
  for (const part of allOf as ReadonlyArray<unknown>) {
    const flat = isJsonObject(part) ? merged(part, depth + 1) : part
    if (!isJsonObject(flat) || "allOf" in flat || !Object.keys(flat).every((key) => isMergeable(result, flat, key))) {
      left.push(part)
      continue
    }
    for (const [keyword, value] of Object.entries(flat)) {
      const before = result[keyword]
      if (before === undefined || notes.has(keyword)) result[keyword] = value
      else if (lower.has(keyword)) result[keyword] = Math.max(before as number, value as number)
      else if (upper.has(keyword)) result[keyword] = Math.min(before as number, value as number)
      else if (keyword === "type" && value === "integer") result[keyword] = value
    }
  }
  return left.length === 0 ? result : { ...result, allOf: left }
}

const isMergeable = (result: JsonObject, part: JsonObject, keyword: string): boolean => {
  const before = result[keyword]
  const value = part[keyword]
  if (before === undefined || before === value || notes.has(keyword)) return true
  if (keyword === "pattern" || keyword === "format" || keyword === "multipleOf") return true
  if (keyword === "type") return isNumeric(before) && isNumeric(value)
  if (keyword === "additionalProperties") return before === true
  return (lower.has(keyword) || upper.has(keyword)) && typeof before === "number" && typeof value === "number"
}

const isNumeric = (type: unknown): boolean => type === "number" || type === "integer"
