/**
 * What each of the vendor's three dialects of JSON Schema has, and what to use instead of what it has not.
 */
import { isJsonObject, type Issue, type JsonObject, type Place } from "./jsonSchemaWalk.ts"
import { timestampFormats } from "./timestampFormat.ts"

/** The rules of a dialect. */
export interface Rules {
  /** Whether `$ref` into `$defs` at the root is understood. */
  readonly hasRefs: boolean
  /** Whether alternatives can be said with `anyOf`. */
  readonly hasAnyOf: boolean
  /** Whether the type `timestamp` exists. */
  readonly hasTimestamps: boolean
  /** Whether the vendor makes every property required. */
  readonly requiresAll: boolean
  /** Whether every property must have a description. */
  readonly needsDescriptions: boolean
  /** Whether a property may have its own rule by its name, see {@link isVideoTime}. */
  readonly hasVideoTimes: boolean
  /** Why a keyword cannot stand in a subschema. */
  readonly keyword: (keyword: string, node: JsonObject, place: Place) => string | undefined
  /** What is wrong with a subschema besides its keywords. */
  readonly node: (node: JsonObject, place: Place) => Omit<Issue, "path"> | undefined
}

const jsonTypes = ["array", "boolean", "integer", "null", "number", "object", "string"]

/** Advice that holds in all dialects. */
const advice: ReadonlyMap<string, string> = new Map([
  ["oneOf", "use anyOf"],
  ["allOf", "write the parts as one schema"],
  ["not", "say what the value may be, with enum or other keywords"],
  ["if", "use anyOf with a schema for each case"],
  ["then", "use anyOf with a schema for each case"],
  ["else", "use anyOf with a schema for each case"],
  ["default", "leave it out, and fill in defaults when the answer is read"],
  ["patternProperties", "use an array of objects that have a property for the key and one for the value"],
  ["propertyNames", "use an array of objects that have a property for the key and one for the value"],
  ["additionalProperties", "use an array of objects that have a property for the key and one for the value"],
  ["contains", "describe all items with items"],
  ["minContains", "describe all items with items"],
  ["maxContains", "describe all items with items"],
  ["prefixItems", "use an object with a property for each place"],
  ["const", "use enum with one value"],
  ["$ref", "write the schema where it is used; a schema that holds itself cannot be had"],
  ["$defs", "write each schema where it is used"]
])

const instead = (keyword: string): string => advice.get(keyword) ?? "leave it out, and check it when the answer is read"

const typeIssue = (node: JsonObject, types: ReadonlyArray<string>, lists: boolean): Omit<Issue, "path"> | undefined => {
  const { type } = node
  if (type === undefined) {
    const says = ["enum", "const", "anyOf", "allOf", "$ref", "properties", "items", "prefixItems"].some(
      (key) => key in node
    )
    return says
      ? undefined
      : { keyword: "type", issue: "say what the value is; a value of any kind cannot be asked for" }
  }
  if (Array.isArray(type) && !lists) return { keyword: "type", issue: "must be one type, not a list of them" }
  const unknown = (Array.isArray(type) ? type : [type]).find((name) => !types.includes(name as string))
  return unknown === undefined ? undefined : { keyword: "type", issue: `must be one of ${types.join(", ")}` }
}

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((element) => typeof element === "string")

/** What must hold of keywords in all dialects that have them. */
const formIssue = (keyword: string, node: JsonObject): string | undefined => {
  const value = node[keyword]
  if (keyword === "enum" && !(Array.isArray(value) && value.length > 0))
    return "must be an array with at least one value"
  if (keyword === "anyOf" && Array.isArray(value) && value.length === 0) return "must have at least one schema"
  if (keyword === "required" && !isTextList(value)) return "must be an array of property names"
  return undefined
}

const foreignRefs = ["$dynamicRef", "$recursiveRef"]

const definitionsIssue = (keyword: string, place: Place): string | undefined =>
  (keyword === "$defs" && place.kind !== "root") || keyword === "definitions"
    ? "definitions must be in $defs at the root"
    : undefined

const missingInResponses = new Set([
  "oneOf",
  "default",
  "if",
  "then",
  "else",
  "not",
  "patternProperties",
  "contains",
  "minContains",
  "maxContains",
  "prefixItems"
])

/** Draft 2020-12, less what the vendor ignores without a word. */
export const responses: Rules = {
  hasRefs: true,
  hasAnyOf: true,
  hasTimestamps: false,
  requiresAll: true,
  needsDescriptions: false,
  hasVideoTimes: false,
  keyword: (keyword, node, place) => {
    if (missingInResponses.has(keyword)) return instead(keyword)
    if (foreignRefs.includes(keyword)) return "use $ref into $defs at the root"
    if (keyword === "additionalProperties" && node[keyword] !== false) {
      return `the vendor allows no other properties than those that are named; ${instead(keyword)}`
    }
    return definitionsIssue(keyword, place) ?? formIssue(keyword, node)
  },
  node: (node) => {
    if (node["type"] === "object" && !isJsonObject(node["properties"]) && !("anyOf" in node || "allOf" in node)) {
      return {
        keyword: "properties",
        issue: "the vendor allows only the properties that are named, so without any the object stays empty"
      }
    }
    return typeIssue(node, jsonTypes, true)
  }
}

const enrichmentKeywords = new Set([
  "type",
  "title",
  "description",
  "enum",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "prefixItems",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "format"
])

/** A short list of keywords, and a description of every property. */
export const enrichment: Rules = {
  hasRefs: false,
  hasAnyOf: false,
  hasTimestamps: false,
  requiresAll: false,
  needsDescriptions: true,
  hasVideoTimes: false,
  keyword: (keyword, node) => {
    if (keyword === "anyOf") return "use one type; a value that may be missing is a property that is not required"
    if (!enrichmentKeywords.has(keyword)) return instead(keyword)
    if (keyword === "additionalProperties" && typeof node[keyword] !== "boolean")
      return `must be true or false; ${instead(keyword)}`
    return formIssue(keyword, node)
  },
  node: (node, place) => {
    if (place.kind === "root" && node["type"] !== "object") return { keyword: "type", issue: 'must be "object"' }
    const { description } = node
    if (place.kind === "property" && (typeof description !== "string" || description.trim() === "")) {
      return { keyword: "description", issue: "every property must have one: it is what the model goes by" }
    }
    return typeIssue(node, jsonTypes, false)
  }
}

const analyzeKeywords: ReadonlyMap<string, ReadonlyArray<string> | undefined> = new Map([
  ["type", undefined],
  ["title", undefined],
  ["description", undefined],
  ["anyOf", undefined],
  ["$ref", undefined],
  ["$defs", undefined],
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
  ["const", ["boolean", "null", "number", "string"]]
])

const analyzeFormats = ["uuid", "date-time", "date", "time"]

/** Properties that the vendor fills with times of the video, at any depth. */
const videoTimes = ["start_time", "end_time"]

/** Whether a place is that of a property which the vendor fills with a time of the video. */
export const isVideoTime = (place: Place): boolean => place.name !== undefined && videoTimes.includes(place.name)

const isPrimitive = (value: unknown): boolean => value === null || typeof value !== "object"

/** Whether the properties of an object that stands there may be timestamps. */
const mayHoldTimestamps = (place: Place | undefined): boolean => place?.kind === "root" || place?.kind === "items"

/** The type `timestamp`, and else not much. */
export const analyze: Rules = {
  hasRefs: true,
  hasAnyOf: true,
  hasTimestamps: true,
  requiresAll: false,
  needsDescriptions: false,
  hasVideoTimes: true,
  keyword: (keyword, node, place) => {
    if (keyword === "additionalProperties" && typeof node[keyword] === "boolean") return "leave it out"
    if (!analyzeKeywords.has(keyword)) return instead(keyword)
    const types = analyzeKeywords.get(keyword)
    const { type } = node
    if (types !== undefined && type !== undefined && !types.includes(type as string)) {
      return `can stand only with the type ${types.join(", ")}`
    }
    const value = node[keyword]
    if (keyword === "minItems" && value !== 0 && value !== 1) return "must be 0 or 1"
    if (keyword === "format" && type !== "timestamp") {
      if (isVideoTime(place)) return "a start_time or end_time that is a string has none"
      if (!analyzeFormats.includes(value as string)) return `must be one of ${analyzeFormats.join(", ")}`
    }
    if (
      (keyword === "enum" && Array.isArray(value) && !value.every(isPrimitive)) ||
      (keyword === "const" && !isPrimitive(value))
    ) {
      return "can have only booleans, null, numbers and strings"
    }
    return definitionsIssue(keyword, place) ?? formIssue(keyword, node)
  },
  node: (node, place) => {
    const { format, type } = node
    if (isVideoTime(place) && !["number", "integer", "string", "timestamp"].includes(type as string)) {
      return {
        keyword: "type",
        issue:
          "a property named start_time or end_time must be a number, an integer, a string or a timestamp; a value that may be missing is a property that is not required"
      }
    }
    if (type === "timestamp") {
      if (!timestampFormats.includes(format as never)) {
        return { keyword: "format", issue: `a timestamp must have one of ${timestampFormats.join(", ")}` }
      }
      if (place.kind !== "definition" && !(place.kind === "property" && mayHoldTimestamps(place.parent))) {
        return {
          keyword: "type",
          issue: "a timestamp can only be a property of the root, or of an object directly in an array"
        }
      }
    }
    return typeIssue(node, [...jsonTypes, "timestamp"], false)
  }
}
