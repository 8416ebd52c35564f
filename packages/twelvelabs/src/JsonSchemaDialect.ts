/**
 * The vendor's three dialects of JSON Schema: what may be asked for, checked before anything is sent.
 *
 * | dialect | for | has | has not |
 * |---|---|---|---|
 * | {@link responses} | `text.format` of a response | draft 2020-12, `anyOf`, `$ref` into `$defs` | `oneOf`, `not`, `if`, `default`, `prefixItems`, `contains`, `patternProperties`, objects with free keys |
 * | {@link enrichment} | the enrichment of a knowledge store | a short list of keywords | anything else; properties without a `description` |
 * | {@link analyze} | `response_format` of an analysis | the type `timestamp`, `anyOf`, `$ref` into `$defs` | most keywords that narrow a value |
 *
 * The vendor refuses what a dialect has not or, in responses, ignores it without a word, so both {@link check} and
 * {@link fromSchema} fail where it would.
 *
 * **From a schema**
 *
 * {@link fromSchema} derives a JSON Schema of the encoded side of an Effect Schema, and rewrites it for the dialect:
 *
 * - Structure is kept or refused. Records and tuples, a schema that holds itself where there is no `$ref`, a union where there
 *   is no `anyOf` fail with an {@link UnsupportedSchemaError}.
 * - A check that only narrows (`Schema.isMinLength`, `isPattern`, `isBetween` …) and that the dialect cannot say is written into
 *   the description instead, for the model to read. Decoding still enforces it. (Of a regular expression Effect tells only with
 *   the flag `u`, and of a filter of your own nothing: say in the description what it wants.)
 * - An optional property (`Schema.optionalKey`) of a response is asked for as one that may be `null`, since the vendor makes
 *   every property required; reading takes `null` for absent. In the other dialects it is just not required.
 * - Descriptions are kept, those of transformed schemas too, and dates are asked for in the format `date-time`. Defaults,
 *   examples and other annotations are left out.
 *
 * **Example** (A schema of an analysis)
 *
 * ```ts
 * import { JsonSchemaDialect, Timestamp } from "@effect-sse/twelvelabs"
 * import { Result, Schema } from "effect"
 *
 * const Goals = Schema.Struct({
 *   goals: Schema.Array(
 *     Schema.Struct({
 *       at: Timestamp.clock,
 *       scorer: Schema.String.annotate({ description: "the name on the shirt" }).check(Schema.isMaxLength(40))
 *     })
 *   )
 * })
 *
 * const jsonSchema = Result.getOrThrow(JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, Goals))
 * ```
 */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { derive } from "./internal/deriveJsonSchema.ts"
import * as DialectRules from "./internal/dialectRules.ts"
import { type Issue, walk } from "./internal/jsonSchemaWalk.ts"
import { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

export { UnsupportedSchemaError } from "./UnsupportedSchemaError.ts"

/**
 * A dialect: {@link responses}, {@link enrichment} or {@link analyze}.
 */
export interface Dialect {
  readonly name: "responses" | "enrichment" | "analyze"
}

/**
 * A JSON Schema, as it is sent.
 */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The dialect of `text.format` in a request for a response.
 *
 * A JSON Schema fails that has `oneOf`, `default`, `if`, `not`, `patternProperties`, `contains` or `prefixItems` (the vendor
 * ignores them), `additionalProperties` other than `false` or an object without `properties` (it lets none be), or a `$ref`
 * that does not lead into `$defs` at the root.
 */
export const responses: Dialect = { name: "responses" }

/**
 * The dialect of the enrichment of a knowledge store: the root is an object, every property has a `description`, and the
 * keywords are `type`, `title`, `description`, `enum`, `properties`, `required`, `additionalProperties` (a boolean), `items`,
 * `prefixItems`, `minItems`, `maxItems`, `minimum`, `maximum` and `format`.
 */
export const enrichment: Dialect = { name: "enrichment" }

/**
 * The dialect of `response_format` in an analysis, at once, as a task or in a batch.
 *
 * It has the type `timestamp`, see `Timestamp`. A property named `start_time` or `end_time` is filled with a time of the video:
 * it must be a number, an integer, a string without `format`, or a timestamp.
 */
export const analyze: Dialect = { name: "analyze" }

const rules: Readonly<Record<Dialect["name"], DialectRules.Rules>> = {
  responses: DialectRules.responses,
  enrichment: DialectRules.enrichment,
  analyze: DialectRules.analyze
}

const unsupported = (dialect: Dialect, issue: Issue): UnsupportedSchemaError =>
  new UnsupportedSchemaError({ dialect: dialect.name, ...issue })

/**
 * Checks a JSON Schema that was written by hand: gives it as it is, or the first thing in it that the dialect has not.
 *
 * A schema may be 64 levels deep and have 10,000 subschemas. (For responses, the vendor advises five levels and a hundred
 * properties.)
 *
 * **Example** (A keyword that the vendor would ignore)
 *
 * ```ts
 * import { JsonSchemaDialect } from "@effect-sse/twelvelabs"
 *
 * const result = JsonSchemaDialect.check(JsonSchemaDialect.responses, {
 *   type: "object",
 *   properties: { mood: { oneOf: [{ type: "string" }, { type: "null" }] } }
 * })
 * // fails: oneOf at /properties/mood: use anyOf
 * ```
 */
export const check = (dialect: Dialect, jsonSchema: unknown): Result.Result<JsonSchema, UnsupportedSchemaError> => {
  const { keyword: keywordIssue, node: nodeIssue } = rules[dialect.name]
  const issue = walk(jsonSchema, (node, place) => {
    for (const keyword of Object.keys(node)) {
      const issue = keywordIssue(keyword, node, place)
      if (issue !== undefined) return { keyword, issue }
    }
    return nodeIssue(node, place)
  })
  return issue === undefined ? Result.succeed(jsonSchema as JsonSchema) : Result.fail(unsupported(dialect, issue))
}

/**
 * Derives the JSON Schema of an Effect Schema in a dialect, or says what in it the dialect cannot ask for.
 *
 * What is derived describes the JSON form of the schema's encoded side, and not all of what the schema checks: what fits it
 * need not decode. `StructuredOutput` decodes with the schema itself.
 */
export const fromSchema = (
  dialect: Dialect,
  schema: Schema.Constraint
): Result.Result<JsonSchema, UnsupportedSchemaError> =>
  derive(rules[dialect.name], schema).pipe(
    Result.mapError((issue) => unsupported(dialect, issue)),
    Result.flatMap((jsonSchema) => check(dialect, jsonSchema))
  )
