/**
 * Goes through a JSON Schema, whoever wrote it: every subschema once for each kind of place that it stands at, with a stack of
 * its own, and with bounds, since schemas may be deep, share parts, and hold themselves.
 */

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value is an object of JSON. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What is wrong with a schema, and where. */
export interface Issue {
  /** A JSON pointer. */
  readonly path: string
  readonly keyword: string
  readonly issue: string
}

/** How deep a schema may be. The vendor advises five levels of objects. */
export const maxSchemaDepth = 64

/** How many subschemas a schema may have. The vendor advises a hundred properties. */
export const maxSchemaNodes = 10_000

/** What a subschema is to the one that holds it. */
export type Kind = "root" | "property" | "items" | "branch" | "definition" | "other"

/** Where a subschema stands. */
export interface Place {
  readonly kind: Kind
  /** The name of the property that the subschema describes. */
  readonly name: string | undefined
  /** The place around it. */
  readonly parent: Place | undefined
  /** The path from there; for what a `$ref` leads to, its own path from the root. */
  readonly steps: ReadonlyArray<string>
  readonly isAbsolute: boolean
  readonly depth: number
}

/** The place of the whole schema. */
export const rootPlace: Place = {
  kind: "root",
  name: undefined,
  parent: undefined,
  steps: [],
  isAbsolute: true,
  depth: 0
}

/** The place of a subschema in another one. */
export const placeIn = (parent: Place, kind: Kind, steps: ReadonlyArray<string>, name?: string | undefined): Place => ({
  kind,
  name,
  parent,
  steps,
  isAbsolute: false,
  depth: parent.depth + 1
})

/** The JSON pointer to a place; written only for an issue. */
export const pointer = (place: Place): string => {
  const steps: Array<string> = []
  for (let at: Place | undefined = place; at !== undefined; at = at.isAbsolute ? undefined : at.parent) {
    steps.unshift(...at.steps)
  }
  return steps.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
}

/** The name that a `$ref` into the `$defs` at the root has there. */
export const definitionName = (ref: unknown): string | undefined => {
  if (typeof ref !== "string" || !ref.startsWith("#/$defs/")) return undefined
  const token = ref.slice("#/$defs/".length)
  if (token === "" || token.includes("/")) return undefined
  try {
    return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~")
  } catch {
    return undefined
  }
}

/** The definition of that name, if there is one. */
const definitionOf = (root: JsonObject, name: string): unknown =>
  isJsonObject(root["$defs"]) && Object.hasOwn(root["$defs"], name) ? root["$defs"][name] : undefined

const kindOf: ReadonlyMap<string, { readonly form: "map" | "list" | "one"; readonly kind: Kind }> = new Map([
  ["properties", { form: "map", kind: "property" }],
  ["patternProperties", { form: "map", kind: "other" }],
  ["dependentSchemas", { form: "map", kind: "other" }],
  ["anyOf", { form: "list", kind: "branch" }],
  ["allOf", { form: "list", kind: "branch" }],
  ["oneOf", { form: "list", kind: "branch" }],
  ["prefixItems", { form: "list", kind: "other" }],
  ["items", { form: "one", kind: "items" }],
  ["additionalProperties", { form: "one", kind: "other" }],
  ["unevaluatedProperties", { form: "one", kind: "other" }],
  ["unevaluatedItems", { form: "one", kind: "other" }],
  ["propertyNames", { form: "one", kind: "other" }]
])

/** Looks at a subschema; an issue ends the walk. */
export type Visit = (node: JsonObject, place: Place) => Omit<Issue, "path"> | undefined

/**
 * Visits all subschemas, in the order in which they are written; what a `$ref` leads to comes where the `$ref` stands.
 */
export const walk = (schema: unknown, visit: Visit): Issue | undefined => {
  if (!isJsonObject(schema)) return { path: "", keyword: "type", issue: "a JSON Schema is a JSON object" }
  const followed = new Set<string>()
  const reached = new Set<string>()
  const stack: Array<readonly [node: unknown, place: Place]> = []
  let nodes = 0

  /** What one subschema holds, in order; or what is wrong with its form. */
  const inside = (node: JsonObject, place: Place): Array<readonly [unknown, Place]> | Omit<Issue, "path"> => {
    const found: Array<readonly [unknown, Place]> = []
    for (const [keyword, value] of Object.entries(node)) {
      const known = kindOf.get(keyword)
      if (known === undefined || (known.form === "one" && typeof value === "boolean")) continue
      if (known.form === "one") found.push([value, placeIn(place, known.kind, [keyword])])
      else if (known.form === "list" ? !Array.isArray(value) : !isJsonObject(value)) {
        return { keyword, issue: `must be ${known.form === "list" ? "an array" : "an object"} of schemas` }
      } else {
        for (const [key, child] of Object.entries(value as JsonObject)) {
          const name = known.kind === "property" ? key : undefined
          found.push([child, placeIn(place, known.kind, [keyword, key], name)])
        }
      }
    }
    return found
  }

  /** What a `$ref` leads to, unless it was there already as the same kind of thing. */
  const target = (ref: unknown, place: Place): readonly [unknown, Place] | Omit<Issue, "path"> | undefined => {
    const name = definitionName(ref)
    const definition = name === undefined ? undefined : definitionOf(schema, name)
    if (name === undefined || definition === undefined) {
      return { keyword: "$ref", issue: "there is no such definition in $defs at the root" }
    }
    reached.add(name)
    const key = `${place.kind} ${name}`
    if (followed.has(key)) return undefined
    followed.add(key)
    return [definition, { ...place, steps: ["$defs", name], isAbsolute: true, depth: place.depth + 1 }]
  }

  const run = (): Issue | undefined => {
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [node, place] = next
      const wrong = ({ issue, keyword }: Omit<Issue, "path">): Issue => ({ path: pointer(place), keyword, issue })
      nodes += 1
      if (place.depth > maxSchemaDepth) {
        return wrong({ keyword: "depth", issue: `a schema may be ${maxSchemaDepth} levels deep` })
      }
      if (nodes > maxSchemaNodes) {
        return wrong({ keyword: "size", issue: `a schema may have ${maxSchemaNodes} subschemas` })
      }
      if (!isJsonObject(node)) return wrong({ keyword: "type", issue: "must be a schema, and say what the value is" })
      const issue = visit(node, place)
      if (issue !== undefined) return wrong(issue)
      const found = inside(node, place)
      if (!Array.isArray(found)) return wrong(found)
      const referred = "$ref" in node ? target(node["$ref"], place) : undefined
      if (referred !== undefined) {
        if ("issue" in referred) return wrong(referred)
        stack.push(referred)
      }
      for (const child of found.reverse()) stack.push(child)
    }
    return undefined
  }

  stack.push([schema, rootPlace])
  const issue = run()
  if (issue !== undefined || !isJsonObject(schema["$defs"])) return issue
  for (const [name, definition] of Object.entries(schema["$defs"])) {
    if (!reached.has(name)) stack.push([definition, placeIn(rootPlace, "definition", ["$defs", name])])
  }
  return run()
}
