/**
 * What TwelveLabs takes as the enrichment of a knowledge store. Its dialect of JSON Schema is strict: what is not in it is refused.
 */
import type { EnrichmentConfig } from "@effect-sse/twelvelabs/KnowledgeStores"
import * as Effect from "effect/Effect"
import { invalid, type Refused, unprocessable } from "./TwelveLabsRefusal.ts"

/** What each keyword must be. */
const keywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => typeof value === "string" && types.has(value),
  title: (value) => typeof value === "string",
  description: (value) => typeof value === "string",
  enum: (value) => Array.isArray(value) && value.length > 0,
  properties: (value) => isObject(value),
  required: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
  additionalProperties: (value) => typeof value === "boolean",
  items: (value) => isObject(value),
  prefixItems: (value) => Array.isArray(value) && value.every(isObject),
  minItems: (value) => isCount(value),
  maxItems: (value) => isCount(value),
  minimum: (value) => typeof value === "number",
  maximum: (value) => typeof value === "number",
  format: (value) => typeof value === "string"
}

const types = new Set(["object", "array", "string", "number", "integer", "boolean", "null"])

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0

/** Checks an enrichment. */
export const check = ({ description, jsonSchema, type }: EnrichmentConfig): Effect.Effect<void, Refused> => {
  switch (type) {
    case "description":
      return description === undefined || description.trim() === ""
        ? Effect.fail(invalid("ingestion_config.enrichment_config.description: must not be blank"))
        : Effect.void
    case "json_schema": {
      if (jsonSchema === undefined) {
        return Effect.fail(invalid("ingestion_config.enrichment_config.json_schema: is missing"))
      }
      const problem = problemOf(jsonSchema)
      return problem === undefined ? Effect.void : Effect.fail(unprocessable(`json_schema${problem}`))
    }
    default:
      return Effect.fail(invalid("ingestion_config.enrichment_config.type: must be json_schema or description"))
  }
}

/** The first thing that is wrong with a schema, as a place and words. */
const problemOf = (root: Readonly<Record<string, unknown>>): string | undefined => {
  if (root["type"] !== "object") return ': the type of the root must be "object"'
  if (!isObject(root["properties"])) return ": the root must have properties"
  const open: Array<readonly [place: string, schema: Readonly<Record<string, unknown>>]> = [["", root]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [place, schema] = next
    for (const [keyword, value] of Object.entries(schema)) {
      if (!Object.hasOwn(keywords, keyword)) return `${place}: the keyword ${keyword} is not supported`
      if (!keywords[keyword]!(value)) return `${place}.${keyword}: is not what it must be`
    }
    for (const [name, property] of Object.entries((schema["properties"] ?? {}) as Record<string, unknown>)) {
      const there = `${place}.properties.${name}`
      if (!isObject(property)) return `${there}: must be a schema`
      if (typeof property["description"] !== "string" || property["description"].trim() === "") {
        return `${there}: every property must have a description`
      }
      open.push([there, property])
    }
    if (isObject(schema["items"])) open.push([`${place}.items`, schema["items"]])
    if (Array.isArray(schema["prefixItems"])) {
      for (const [index, item] of schema["prefixItems"].entries()) open.push([`${place}.prefixItems.${index}`, item])
    }
  }
  return undefined
}
