/**
 * Objects that have keys of anybody's choosing beside those that are known: metadata among the parameters of a query, fields of an
 * answer that this version does not know.
 */
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { given } from "./given.ts"

type Fields = Readonly<Record<string, unknown>>

/** What stands before a bracket: `duration` of `duration[gte]`. */
const stem = (name: string): string => name.split("[", 1)[0]!

/**
 * An object whose unknown keys are gathered in one field, and spread out again when it is encoded.
 *
 * A key to be spread that is empty, or means something by itself, is refused: it would be taken for what it is not.
 *
 * @param known has the field; its encoded side must be an object
 * @param field the field's name, which is not one on the wire
 * @param value what the unknown keys have on the wire
 * @param isOne tells such an object from others on the wire, where it stands in a union
 */
export const gathered = <T>(
  known: Schema.ConstraintCodec<T, unknown> & Schema.Top,
  field: string,
  value: Schema.Codec<unknown>,
  isOne: (wire: Fields) => boolean = constTrue
): Schema.Codec<T, Fields> => {
  const { propertySignatures } = Schema.toEncoded(known).ast as SchemaAST.Objects
  const own = propertySignatures.filter(({ name }) => name !== field)
  const names = new Set(own.map(({ name }) => String(name)))
  const stems = new Set([...names].map(stem))
  const wire = Schema.StructWithRest(
    Schema.Struct(Object.fromEntries(own.map(({ name, type }) => [name, Schema.make<Schema.Codec<unknown>>(type)]))),
    [Schema.Record(Schema.String, value)]
  ).check(Schema.makeFilter(isOne))
  return wire.pipe(
    Schema.decodeTo(
      known,
      SchemaTransformation.transformEffect<unknown, Fields>({
        decode: (all) => {
          const parts: { readonly [Part in "own" | "rest"]: Array<[string, unknown]> } = { own: [], rest: [] }
          for (const entry of Object.entries(all)) parts[names.has(entry[0]) ? "own" : "rest"].push(entry)
          return Effect.succeed({ ...Object.fromEntries(parts.own), [field]: Object.fromEntries(parts.rest) })
        },
        encode: (encoded) => {
          const { [field]: rest, ...fields } = encoded as Fields
          const spread = (rest ?? {}) as Fields
          const wrong = Object.keys(spread).find((key) => key === "" || stems.has(stem(key)))
          return wrong === undefined
            ? Effect.succeed(given({ ...spread, ...fields }))
            : Effect.fail(
                new SchemaIssue.Pointer(
                  [field, wrong],
                  new SchemaIssue.InvalidValue({ message: "a key that means something by itself" })
                )
              )
        }
      })
    )
  )
}
