/**
 * From an Effect Schema to a JSON Schema that a dialect takes.
 *
 * Effect derives draft 2020-12 of the encoded side. Here that is rewritten: what says the same in fewer words, what a dialect
 * can say only otherwise, and what it cannot say but decoding checks. What is left that the dialect has not, its check finds.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isVideoTime, type Rules } from "./dialectRules.ts"
import { describedEncoding } from "./encodedSchema.ts"
import {
  definitionName,
  isJsonObject,
  type Issue,
  type JsonObject,
  maxSchemaDepth,
  maxSchemaNodes,
  type Place,
  placeIn,
  pointer,
  rootPlace
} from "./jsonSchemaWalk.ts"
import { merged } from "./mergeJsonSchema.ts"
import { timestampFormat } from "./timestampFormat.ts"

/** What is being written; it may be changed until it is done. */
type Draft = Record<string, unknown>

type Definitions = Readonly<Record<string, JsonObject>>

/** Keywords that say nothing about the value that a model could use, or that decoding alone cares for. */
const annotations = new Set([
  "default",
  "examples",
  "readOnly",
  "writeOnly",
  "deprecated",
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
  "propertyNames",
  "$schema",
  "$id",
  "$comment"
])

/** Keywords that only narrow a value, in words, for where a dialect has not got them. */
const inWords: ReadonlyMap<string, (value: unknown) => string> = new Map<string, (value: unknown) => string>([
  ["minLength", (value) => `at least ${value} characters`],
  ["maxLength", (value) => `at most ${value} characters`],
  ["pattern", (value) => `matching the regular expression ${value}`],
  ["format", (value) => `in the format ${value}`],
  ["multipleOf", (value) => `a multiple of ${value}`],
  ["minimum", (value) => `at least ${value}`],
  ["maximum", (value) => `at most ${value}`],
  ["exclusiveMinimum", (value) => `greater than ${value}`],
  ["exclusiveMaximum", (value) => `less than ${value}`],
  ["minItems", (value) => `at least ${value} items`],
  ["maxItems", (value) => `at most ${value} items`],
  ["uniqueItems", () => "no item twice"],
  ["minProperties", (value) => `at least ${value} properties`],
  ["maxProperties", (value) => `at most ${value} properties`]
])

/** A looser keyword that a dialect may have where it has not got a strict one. */
const looser = (keyword: string, value: unknown): readonly [keyword: string, value: unknown] | undefined => {
  if (keyword === "exclusiveMinimum") return ["minimum", value]
  if (keyword === "exclusiveMaximum") return ["maximum", value]
  if (keyword === "minItems" && typeof value === "number" && value > 1) return ["minItems", 1]
  return undefined
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isNull = (schema: unknown): boolean =>
  isJsonObject(schema) && (schema["type"] === "null" || same(schema["enum"], [null]))

/**
 * Derives a JSON Schema for a dialect, or says what cannot be derived.
 */
export const derive = (rules: Rules, schema: Schema.Constraint): Result.Result<JsonObject, Issue> =>
  Result.try({
    try: () =>
      Schema.toJsonSchemaDocument(describedEncoding(schema), {
        includeAnnotationKey: (key) => key === timestampFormat
      }),
    // A key that is a symbol, say. The first line says what; others would quote code.
    catch: (cause): Issue => ({
      path: "",
      keyword: "type",
      issue: `no JSON Schema can be derived: ${String(cause instanceof Error ? cause.message : cause).split("\n")[0]}`
    })
  }).pipe(Result.flatMap((document) => rewrite(rules, document.schema, document.definitions)))

const rewrite = (rules: Rules, root: JsonObject, definitions: Definitions): Result.Result<JsonObject, Issue> => {
  let issue: Issue | undefined
  let nodes = 0
  /** The definitions that are referred to in what was written. */
  const referred = new Set<string>()

  const fail = (place: Place, keyword: string, text: string): JsonObject => {
    issue ??= { path: pointer(place), keyword, issue: text }
    return {}
  }

  /**
   * @param inlined the definitions that this subschema is part of
   * @param isRequired whether the value is always there
   */
  const schemaAt = (node: unknown, place: Place, inlined: ReadonlyArray<string>, isRequired = true): JsonObject => {
    nodes += 1
    if (issue !== undefined) return {}
    if (!isJsonObject(node)) return fail(place, "type", "must be a schema, and say what the value is")
    if (place.depth > maxSchemaDepth) return fail(place, "depth", `a schema may be ${maxSchemaDepth} levels deep`)
    if (nodes > maxSchemaNodes) return fail(place, "size", `a schema may have ${maxSchemaNodes} subschemas`)
    const flat = merged(node)
    if (
      same(flat["not"], { type: "null" }) &&
      Object.keys(flat).every((key) => key === "not" || inWords.has(key) || isNote(key))
    ) {
      return fail(place, "properties", "a struct without properties can hold nothing")
    }
    return "$ref" in flat ? reference(flat, place, inlined, isRequired) : structure(flat, place, inlined, isRequired)
  }

  const reference = (
    { $ref, ...notes }: JsonObject,
    place: Place,
    inlined: ReadonlyArray<string>,
    isRequired: boolean
  ): JsonObject => {
    const name = definitionName($ref)
    const definition = name === undefined ? undefined : definitions[name]
    if (name === undefined || definition === undefined) return fail(place, "$ref", "there is no such definition")
    const isOpen = inlined.includes(name)
    if (!rules.hasRefs && isOpen) {
      return fail(place, "$ref", "a schema that holds itself cannot be had; say how deep it goes")
    }
    const inline = !isOpen && (!rules.hasRefs || place.kind === "root" || isVideoTime(place) || isInlined(definition))
    if (inline) return schemaAt({ ...definition, ...notes }, place, [...inlined, name], isRequired)
    referred.add(name)
    return narrowed({ $ref, ...notes }, place)
  }

  /** Scalars are shorter where they are used, and a timestamp must be seen where it stands. */
  const isInlined = (definition: JsonObject): boolean =>
    !("properties" in definition || "items" in definition || "anyOf" in definition || "oneOf" in definition) ||
    (rules.hasTimestamps && holdsTimestamp(definition))

  const structure = (
    source: JsonObject,
    place: Place,
    inlined: ReadonlyArray<string>,
    isRequired: boolean
  ): JsonObject => {
    const { anyOf, const: constant, items, oneOf, prefixItems, properties, ...rest } = source
    const draft: Draft = { ...rest }
    const alternatives = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined
    if ("const" in source) draft["enum"] = [constant]
    if (isJsonObject(properties)) writeProperties(draft, properties, place, inlined)
    writeItems(draft, items, prefixItems, place, inlined)
    const extra = draft["additionalProperties"]
    if (extra === true || (extra === false && rules.keyword("additionalProperties", draft, place) !== undefined)) {
      delete draft["additionalProperties"]
    }
    if (draft["type"] === "object" && !("properties" in draft || typeof extra === "object")) {
      return fail(
        place,
        "additionalProperties",
        "an object with keys of any name cannot be asked for; use an array of objects that have a property for the key and one for the value"
      )
    }
    if (draft["type"] === "array" && !("items" in draft || "prefixItems" in draft)) {
      return fail(place, "items", "say what the items are; items of any kind cannot be asked for")
    }
    const whole =
      alternatives === undefined ? draft : writeAlternatives(draft, alternatives, place, inlined, isRequired)
    return narrowed(whole, place)
  }

  const writeProperties = (
    draft: Draft,
    properties: JsonObject,
    place: Place,
    inlined: ReadonlyArray<string>
  ): void => {
    const required = new Set(Array.isArray(draft["required"]) ? (draft["required"] as ReadonlyArray<string>) : [])
    const written = Object.entries(properties).map(([name, property]) => {
      const isRequired = required.has(name)
      const schema = schemaAt(property, placeIn(place, "property", ["properties", name], name), inlined, isRequired)
      return [name, rules.requiresAll && !isRequired ? nullable(schema) : schema] as const
    })
    draft["properties"] = Object.fromEntries(written)
    if (!rules.requiresAll) return
    draft["required"] = written.map(([name]) => name)
    draft["additionalProperties"] ??= false
    if (draft["additionalProperties"] === true) draft["additionalProperties"] = false
  }

  const writeItems = (
    draft: Draft,
    items: unknown,
    prefixItems: unknown,
    place: Place,
    inlined: ReadonlyArray<string>
  ): void => {
    const one = isJsonObject(items) ? schemaAt(items, placeIn(place, "items", ["items"]), inlined) : undefined
    if (!Array.isArray(prefixItems)) {
      if (one !== undefined) draft["items"] = one
      return
    }
    const written = prefixItems.map((item, index) =>
      schemaAt(item, placeIn(place, "items", ["prefixItems", String(index)]), inlined)
    )
    const [first] = written
    // As `Schema.NonEmptyArray` and tuples of one kind are: the places differ in nothing, and there are no others.
    const isClosed = one !== undefined || draft["maxItems"] === written.length
    if (isClosed && written.every((item) => same(item, one ?? first))) draft["items"] = first
    else {
      draft["prefixItems"] = written
      if (one !== undefined) draft["items"] = one
    }
  }

  const writeAlternatives = (
    draft: Draft,
    alternatives: ReadonlyArray<unknown>,
    place: Place,
    inlined: ReadonlyArray<string>,
    isRequired: boolean
  ): Draft => {
    const values = alternatives.filter((member) => !isNull(member))
    // What may be absent can be so instead of null, where null cannot be said.
    const mayDropNull =
      !isRequired &&
      values.length > 0 &&
      values.length < alternatives.length &&
      (!rules.hasAnyOf || (rules.hasVideoTimes && (isVideoTime(place) || values.some(isTimestamp))))
    const members = mayDropNull ? values : alternatives
    if (members.length === 1) return { ...schemaAt({ ...(members[0] as JsonObject), ...draft }, place, inlined) }
    const written = members.map((member, index) =>
      schemaAt(member, placeIn(place, "branch", ["anyOf", String(index)]), inlined)
    )
    return { ...draft, ...(oneEnum(written) ?? { anyOf: written }) }
  }

  const isTimestamp = (member: unknown): boolean => {
    if (!isJsonObject(member)) return false
    const name = definitionName(member["$ref"])
    const node = name === undefined ? member : (definitions[name] ?? {})
    return timestampFormat in merged(node)
  }

  const holdsTimestamp = (definition: JsonObject): boolean => {
    const seen = new Set<unknown>()
    const pending: Array<unknown> = [definition]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (typeof next !== "object" || next === null || seen.has(next)) continue
      seen.add(next)
      if (timestampFormat in next) return true
      pending.push(...Object.values(next))
      const name = isJsonObject(next) ? definitionName(next["$ref"]) : undefined
      if (name !== undefined) pending.push(definitions[name])
    }
    return false
  }

  /** Puts into words what the dialect cannot say otherwise, and leaves out what says nothing. */
  const narrowed = (draft: Draft, place: Place): JsonObject => {
    const { [timestampFormat]: format, ...node } = draft
    if (rules.hasTimestamps && typeof format === "string") {
      const { description, title } = node
      return { type: "timestamp", format, ...given("title", title), ...given("description", description) }
    }
    const result: Draft = {}
    const words: Array<string> = []
    for (const [keyword, value] of Object.entries(node)) {
      if (annotations.has(keyword) || isSafeBound(keyword, value)) continue
      const says = inWords.get(keyword)
      if (says === undefined || rules.keyword(keyword, node, place) === undefined) {
        result[keyword] = value
        continue
      }
      words.push(says(value))
      const other = looser(keyword, value)
      if (other === undefined || (other[0] in node && other[0] !== keyword)) continue
      if (rules.keyword(other[0], { ...node, [other[0]]: other[1] }, place) === undefined) result[other[0]] = other[1]
    }
    const { description } = result
    if (words.length > 0) {
      if (typeof description === "string") result["description"] = `${description} (${words.join(", ")})`
      // A description that must be there is not there if only these words are.
      else if (!rules.needsDescriptions || place.kind !== "property") result["description"] = words.join(", ")
    }
    return result
  }

  const written = schemaAt(root, rootPlace, [])
  const defs: Array<readonly [name: string, schema: JsonObject]> = []
  // It grows while it is gone through: a definition may refer to others.
  for (const name of referred) {
    defs.push([name, schemaAt(definitions[name], placeIn(rootPlace, "definition", ["$defs", name]), [name])])
  }
  if (issue !== undefined) return Result.fail(issue)
  return Result.succeed(defs.length === 0 ? written : { ...written, $defs: Object.fromEntries(defs) })
}

const isNote = (keyword: string): boolean =>
  keyword === "title" || keyword === "description" || annotations.has(keyword)

const given = (keyword: string, value: unknown): JsonObject => (value === undefined ? {} : { [keyword]: value })

/** The bounds of `Schema.Int` are those of every number that JSON readers can be trusted with. */
const isSafeBound = (keyword: string, value: unknown): boolean =>
  (keyword === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
  (keyword === "maximum" && value === Number.MAX_SAFE_INTEGER)

/** Alternatives that are nothing but values of one type, as one list of them. */
const oneEnum = (members: ReadonlyArray<JsonObject>): JsonObject | undefined => {
  const type = members[0]?.["type"]
  const values: Array<unknown> = []
  for (const { enum: some, title: _, type: own, ...rest } of members) {
    if (own !== type || !Array.isArray(some) || Object.keys(rest).length > 0) return undefined
    values.push(...some)
  }
  return { ...given("type", type), enum: [...new Set(values)] }
}

/** A schema that lets `null` be, too. */
const nullable = (schema: JsonObject): JsonObject => {
  if (isNull(schema)) return schema
  const { anyOf, description, title, ...rest } = schema
  const notes = { ...given("title", title), ...given("description", description) }
  if (!Array.isArray(anyOf)) return { anyOf: [rest, { type: "null" }], ...notes }
  if (anyOf.some(isNull)) return schema
  return Object.keys(rest).length === 0
    ? { anyOf: [...(anyOf as ReadonlyArray<unknown>), { type: "null" }], ...notes }
    : { anyOf: [{ ...rest, anyOf }, { type: "null" }], ...notes }
}
