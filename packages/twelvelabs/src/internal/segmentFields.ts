/**
 * From an Effect Schema to the fields that the vendor is told to fill for each segment: a list of names with scalar types, which is
 * no JSON Schema.
 */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { SegmentField } from "../Segments.ts"
import { UnsupportedSchemaError } from "../UnsupportedSchemaError.ts"
import { derive } from "./deriveJsonSchema.ts"
import type { Rules } from "./dialectRules.ts"
import { isJsonObject, type JsonObject } from "./jsonSchemaWalk.ts"
import type { TimestampFormat } from "./timestampFormat.ts"

/** Names that the vendor fills itself. */
export const reservedNames: ReadonlyArray<string> = ["start_time", "end_time", "metadata"]

/** The most words that a field can be limited to. */
export const maxEnum = 100

const keywords = new Set(["type", "title", "description", "enum", "items", "properties", "required"])

const rules: Rules = {
  hasRefs: false,
  hasAnyOf: false,
  hasTimestamps: true,
  requiresAll: false,
  needsDescriptions: true,
  hasVideoTimes: false,
  keyword: (keyword) => (keywords.has(keyword) ? undefined : "a field has none"),
  node: () => undefined
}

const scalars = ["string", "boolean", "number", "integer"] as const

type Scalar = (typeof scalars)[number]

const isScalar = (type: unknown): type is Scalar => scalars.includes(type as Scalar)

/** The fields of a struct, or what in it cannot be asked for. */
export const segmentFields = (
  schema: Schema.Constraint
): Result.Result<ReadonlyArray<SegmentField>, UnsupportedSchemaError> =>
  derive(rules, schema).pipe(
    Result.mapError((issue) => new UnsupportedSchemaError({ dialect: "analyze", ...issue })),
    Result.flatMap((root) => {
      const { properties } = root
      if (!isJsonObject(properties)) {
        return Result.fail(unsupported("", "type", "the fields of a segment are a struct"))
      }
      return Result.all(Object.entries(properties).map(([name, node]) => fieldOf(name, node as JsonObject)))
    })
  )

const unsupported = (path: string, keyword: string, issue: string): UnsupportedSchemaError =>
  new UnsupportedSchemaError({ dialect: "analyze", path, keyword, issue })

const fieldOf = (name: string, node: JsonObject): Result.Result<SegmentField, UnsupportedSchemaError> => {
  const path = `/properties/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`
  const fail = (keyword: string, issue: string) => Result.fail(unsupported(path, keyword, issue))
  const { description, enum: words, format, items, type } = node
  if (reservedNames.includes(name)) return fail("properties", `the names ${reservedNames.join(", ")} are the vendor's`)
  if (typeof description !== "string" || description.trim() === "") {
    return fail("description", "every field must have one: it is what the model goes by")
  }
  if (type === "timestamp") return Result.succeed({ name, type, description, format: format as TimestampFormat })
  if (type === "array") {
    if (!isJsonObject(items) || !isScalar(items["type"])) {
      return fail("items", `the items of a list must be of the type ${scalars.join(", ")}`)
    }
    return Result.succeed({ name, type, description: inWords(description, items["enum"]), items: items["type"] })
  }
  if (!isScalar(type)) {
    return fail(
      "anyOf" in node ? "anyOf" : "type",
      `a field must be a text, a boolean, a number, a timestamp, or a list; one that may be missing is Schema.optionalKey`
    )
  }
  if (type !== "string" || !Array.isArray(words)) {
    return Result.succeed({ name, type, description: inWords(description, words) })
  }
  if (words.length > maxEnum) return fail("enum", `at most ${maxEnum} words`)
  return Result.succeed({ name, type, description, enum: words as ReadonlyArray<string> })
}

/** Values that cannot be listed go into the description, for the model to read. */
const inWords = (description: string, values: unknown): string =>
  Array.isArray(values) ? `${description} (one of ${values.map(String).join(", ")})` : description
