/**
 * The two sides of a schema that structured output needs: what is asked for, and how the answer is read.
 *
 * Both are about the JSON form of the schema's encoded side (`Schema.toCodecJson`): a `Date` is asked for as a string.
 */
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaTransformation from "effect/SchemaTransformation"

type AST = SchemaAST.AST

/** A schema as {@link Schema.toJsonSchemaDocument} takes it. */
const schemaOf = (ast: AST) => Schema.make<Schema.Codec<unknown>>(ast)

/**
 * The encoded side, with the titles and descriptions of the decoded side where it has none of its own. Effect leaves them
 * behind, and they are what the model is told about a `Schema.DateTimeUtcFromString.annotate({ description: … })`.
 */
export const describedEncoding = (schema: Schema.Constraint): Schema.Codec<unknown> => {
  const known = new Map<AST, AST>()
  const described = (ast: AST): AST => {
    const before = known.get(ast)
    if (before !== undefined) return before
    const after = annotated(encoded(ast), ast)
    known.set(ast, after)
    return after
  }
  const encoded = (ast: AST): AST => {
    const number = asJsonNumber(ast)
    if (number !== undefined) return number
    const to = ast.encoding?.at(-1)?.to
    if (to === undefined) return withChildren(SchemaAST.toEncoded(ast), ast, described)
    const inner = described(to)
    const original = renamed(ast, inner)
    return original === undefined
      ? inner
      : withChildren(inner, inner, (child, index) => annotated(child, original[index]!.type))
  }
  return schemaOf(described(Schema.toCodecJson(schema).ast))
}

/**
 * The properties of a struct whose encoded side is the same struct under other names, as `Schema.encodeKeys` makes it: that
 * side has the encoded types of the properties, without what was said of them.
 */
const renamed = (ast: AST, encoded: AST): ReadonlyArray<SchemaAST.PropertySignature> | undefined => {
  if (!SchemaAST.isObjects(ast) || !SchemaAST.isObjects(encoded) || ast.indexSignatures.length > 0) return undefined
  const { propertySignatures } = ast
  const sameShape =
    propertySignatures.length === encoded.propertySignatures.length &&
    propertySignatures.every(({ type }, index) => {
      const { _tag } = SchemaAST.toEncoded(Schema.toCodecJson(schemaOf(type)).ast)
      return _tag === encoded.propertySignatures[index]!.type._tag
    })
  return sameShape ? propertySignatures : undefined
}

/**
 * A number without the JSON form that Effect gives it for what JSON has not (`"NaN"`, `"Infinity"`): no model is to write that,
 * and the checks of the number are no part of that form.
 */
const asJsonNumber = (ast: AST): AST | undefined => {
  const form = ast.encoding?.[0]?.to
  if (!SchemaAST.isNumber(ast) || form === undefined || !SchemaAST.isUnion(form)) return undefined
  const isOwn = form.types.every((type) => SchemaAST.isNumber(type) || literalsOf(type).every(isNoNumber))
  return isOwn
    ? new SchemaAST.Number(ast.annotations, [Schema.isFinite(), ...(ast.checks ?? [])], undefined, ast.context)
    : undefined
}

const literalsOf = (ast: AST): ReadonlyArray<unknown> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap(literalsOf) : [SchemaAST.isLiteral(ast) ? ast.literal : undefined]

const isNoNumber = (literal: unknown): boolean => literal === "NaN" || literal === "Infinity" || literal === "-Infinity"

/** How the strings are to be written that Effect decodes to these; it does not say so itself. */
const formats: ReadonlyMap<unknown, string> = new Map([
  ["effect/schema/Date", "date-time"],
  ["effect/schema/DateTimeUtc", "date-time"],
  ["effect/schema/URL", "uri"]
])

const representationOf = ({ annotations }: AST): unknown =>
  (annotations?.["representation"] as { readonly id?: unknown } | undefined)?.id

const annotated = (encoded: AST, source: AST): AST => {
  let result = encoded
  for (let ast: AST | undefined = source; ast !== undefined; ast = ast.encoding?.at(-1)?.to) {
    const here = SchemaAST.resolve(ast)
    const there = SchemaAST.resolve(result)
    for (const key of ["title", "description"] as const) {
      const text = here?.[key]
      if (typeof text === "string" && there?.[key] === undefined)
        result = schemaOf(result).annotate({ [key]: text }).ast
      const ofKey = ast.context?.annotations?.[key]
      if (typeof ofKey === "string" && result.context?.annotations?.[key] === undefined) {
        result = schemaOf(result).annotateKey({ [key]: ofKey }).ast
      }
    }
    const format = formats.get(representationOf(ast))
    if (format !== undefined && SchemaAST.isString(result) && SchemaAST.resolve(result)?.["format"] === undefined) {
      result = schemaOf(result).annotate({ format }).ast
    }
  }
  return result
}

/**
 * The node `base` with the children that `change` makes of those of `from`, which has the same shape.
 *
 * @param change is told the index of a property, and -1 for other children
 */
const withChildren = (base: AST, from: AST, change: (child: AST, index: number) => AST): AST => {
  if (SchemaAST.isObjects(base) && SchemaAST.isObjects(from)) {
    return new SchemaAST.Objects(
      base.propertySignatures.map(({ name }, index) => {
        const child = from.propertySignatures[index]!
        return new SchemaAST.PropertySignature(name, change(child.type, index))
      }),
      base.indexSignatures.map(
        ({ parameter }, index) => new SchemaAST.IndexSignature(parameter, change(from.indexSignatures[index]!.type, -1))
      ),
      base.annotations,
      base.checks,
      undefined,
      base.context
    )
  }
  if (SchemaAST.isArrays(base) && SchemaAST.isArrays(from)) {
    return new SchemaAST.Arrays(
      base.isMutable,
      from.elements.map((element) => change(element, -1)),
      from.rest.map((rest) => change(rest, -1)),
      base.annotations,
      base.checks,
      undefined,
      base.context
    )
  }
  if (SchemaAST.isUnion(base) && SchemaAST.isUnion(from)) {
    return new SchemaAST.Union(
      from.types.map((member) => change(member, -1)),
      base.options,
      base.annotations,
      base.checks,
      undefined,
      base.context
    )
  }
  if (SchemaAST.isSuspend(base) && SchemaAST.isSuspend(from)) {
    return new SchemaAST.Suspend(() => change(from.thunk(), -1), base.annotations, undefined, undefined, base.context)
  }
  return base
}

/**
 * Decodes JSON by a schema. `null` is as good as absent for a property that may be absent and is not nullable itself: the
 * vendor makes every property required, so `null` is how a model says that there is none.
 */
export const makeDecoder = <S extends Schema.Constraint>(
  schema: S
): ((json: unknown) => Effect.Effect<S["Type"], Schema.SchemaError, S["DecodingServices"]>) => {
  const codec = Schema.toCodecJson(schema).ast
  const known = new Map<AST, AST>()
  const tolerant = (ast: AST): AST => {
    const before = known.get(ast)
    if (before !== undefined) return before
    const changed = withChildren(ast, ast, tolerant)
    const after = SchemaAST.isOptional(ast) && !acceptsNull(ast) ? nullIsAbsent(changed) : changed
    known.set(ast, after)
    return after
  }
  const from = tolerant(SchemaAST.toEncoded(codec))
  return Schema.decodeUnknownEffect(
    Schema.make<Schema.ConstraintCodec<S["Type"], unknown, S["DecodingServices"]>>(
      SchemaAST.decodeTo(from, codec, SchemaTransformation.passthrough())
    )
  )
}

const nullAst = new SchemaAST.Null()

const nullIsAbsent = (ast: AST): AST =>
  SchemaAST.decodeTo(
    new SchemaAST.Union([ast, nullAst], undefined, undefined, undefined, undefined, ast.context),
    // Not `ast` itself: it would be decoded on both sides, and what is in it four times, and so on.
    new SchemaAST.Unknown(undefined, undefined, undefined, ast.context),
    SchemaTransformation.transformOptional<unknown, unknown>({
      decode: Option.filter((value) => value !== null),
      encode: (value) => value
    })
  )

/** Whether `null` is a value of its own here. What is behind more unions and suspensions than anybody writes is taken not to. */
const acceptsNull = (ast: AST, depth = 0): boolean => {
  if (depth > 16) return false
  if (SchemaAST.isUnion(ast)) return ast.types.some((member) => acceptsNull(member, depth + 1))
  if (SchemaAST.isSuspend(ast)) return acceptsNull(ast.thunk(), depth + 1)
  return SchemaAST.isNull(ast) || SchemaAST.isUnknown(ast) || SchemaAST.isAny(ast) || SchemaAST.isDeclaration(ast)
}
