/**
 * Schemas that only check: what they let pass is the value itself, with the fields that they do not know.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"

/** A schema that passes what another one accepts, as it is. The other one must not transform. */
export const passing = <A>(schema: Schema.Codec<A>): Schema.Codec<A> => {
  const check = SchemaParser.decodeUnknownEffect(schema)
  return Schema.declareConstructor<A>()([], () => (value, _, options) => Effect.as(check(value, options), value as A))
}

/** The value's own `type`, when it is a text. */
export const typeOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  const type = (value as { readonly type?: unknown }).type
  return typeof type === "string" ? type : undefined
}

/**
 * A union told apart by `type` that stays open: a member that is known must have its shape, any other value passes. (A
 * `Schema.Union` with a catch-all would tell of the catch-all too when a known member is malformed.)
 */
export const openUnion = (members: Readonly<Record<string, Schema.Codec<unknown>>>): Schema.Codec<unknown> => {
  const checks = new Map(
    Object.entries(members).map(([type, member]) => [type, SchemaParser.decodeUnknownEffect(member)])
  )
  return Schema.declareConstructor<unknown>()([], () => (value, _, options) => {
    const check = checks.get(typeOf(value) ?? "")
    return check === undefined ? Effect.succeed(value) : Effect.as(check(value, options), value)
  })
}
