/**
 * Schemas for what JSON APIs leave open: fields that are missing or null, words that may become more, times that are none.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaTransformation from "effect/SchemaTransformation"

/**
 * The schema of {@link maybe}.
 */
export type Maybe<S extends Schema.Top> = Schema.decodeTo<
  Schema.UndefinedOr<Schema.toType<S>>,
  Schema.optionalKey<Schema.NullOr<S>>
>

/**
 * A field that may be missing or null, which both mean `undefined`.
 *
 * **Example** (A description that need not be there)
 *
 * ```ts
 * import { WireSchema } from "@effect-sse/core"
 * import { Schema } from "effect"
 *
 * const Note = Schema.Struct({ text: Schema.String, description: WireSchema.maybe(Schema.String) })
 *
 * const note = Schema.decodeUnknownSync(Note)({ text: "hello", description: null })
 * // { text: "hello", description: undefined }
 * ```
 */
export const maybe = <S extends Schema.Top>(schema: S): Maybe<S> =>
  Schema.optionalKey(Schema.NullOr(schema)).pipe(
    Schema.decodeTo(Schema.UndefinedOr(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional((value: Option.Option<S["Type"] | null>) =>
        Option.some(Option.getOrUndefined(value) ?? undefined)
      ),
      encode: SchemaGetter.transformOptional((value: Option.Option<S["Type"] | undefined>) =>
        Option.filter(value, (present) => present !== undefined)
      )
    })
  )

/**
 * The schema of {@link loosely}.
 */
export type Loosely<S extends Schema.Top> = Schema.decodeTo<
  Schema.UndefinedOr<Schema.toType<S>>,
  Schema.optionalKey<Schema.Unknown>
>

/**
 * A field that nothing depends on: where its value is not what it should be, it counts as missing, so that no answer is lost over it.
 *
 * **Example** (What a file says of itself)
 *
 * ```ts
 * import { WireSchema } from "@effect-sse/core"
 * import { Schema } from "effect"
 *
 * const Info = Schema.Struct({ codec: WireSchema.loosely(Schema.String) })
 *
 * const info = Schema.decodeUnknownSync(Info)({ codec: 7 })
 * // { codec: undefined }
 * ```
 */
export const loosely = <A, I>(schema: Schema.Codec<A, I>): Loosely<Schema.Codec<A, I>> => {
  const decode = Schema.decodeUnknownOption(schema)
  const encode = Schema.encodeOption(schema)
  return Schema.optionalKey(Schema.Unknown).pipe(
    Schema.decodeTo(Schema.UndefinedOr(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional((value: Option.Option<unknown>) =>
        Option.some(Option.getOrUndefined(Option.flatMap(value, (given) => decode(given))))
      ),
      encode: SchemaGetter.transformOptional((value: Option.Option<A | undefined>): Option.Option<unknown> =>
        Option.flatMap(value, (given) => (given === undefined ? Option.none() : encode(given)))
      )
    })
  )
}

/**
 * One of the words that are known, or one that is not known yet; editors offer the known ones.
 *
 * **Example** (A status)
 *
 * ```ts
 * import { WireSchema } from "@effect-sse/core"
 *
 * const Status = WireSchema.openEnum("queued", "ready", "failed")
 * type Status = typeof Status.Type // "queued" | "ready" | "failed" | (string & {})
 * ```
 */
export const openEnum = <const L extends ReadonlyArray<string>>(...known: L): Schema.Codec<L[number] | (string & {})> =>
  Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(known)])

/**
 * An id, or another text, that stands in a path: an empty one or dots alone would make another path of it.
 */
export const inPath = <B extends string>(id: Schema.brand<Schema.String, B>): Schema.brand<Schema.String, B> =>
  id.check(Schema.isPattern(/^(?!\.{1,2}$)[^]+$/, { message: "must be an id" }))

const zoned = (text: string): string => (/(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)

/** A time as a text; without an offset it is UTC. */
const readTime = (text: string): Option.Option<DateTime.Utc> => Option.map(DateTime.make(zoned(text)), DateTime.toUtc)

const Time = Schema.UndefinedOr(Schema.DateTimeUtc)

/**
 * A field with a time in RFC 3339, which may be missing or null. What is no time is `undefined` too: no answer should be lost over a
 * bad date.
 */
export const maybeTime: Schema.decodeTo<typeof Time, Schema.optionalKey<Schema.Unknown>> = Schema.optionalKey(
  Schema.Unknown
).pipe(
  Schema.decodeTo(Time, {
    decode: SchemaGetter.transformOptional((value: Option.Option<unknown>) =>
      Option.some(
        Option.getOrUndefined(
          Option.flatMap(value, (text) => (typeof text === "string" ? readTime(text) : Option.none()))
        )
      )
    ),
    encode: SchemaGetter.transformOptional((value: Option.Option<DateTime.Utc | undefined>) =>
      Option.flatMap(value, (time) => (time === undefined ? Option.none() : Option.some(DateTime.formatIso(time))))
    )
  })
)

/**
 * A word of a query that is a boolean.
 */
export const BooleanText: Schema.Codec<boolean, "true" | "false"> = Schema.Literals(["true", "false"]).pipe(
  Schema.decodeTo(
    Schema.Boolean,
    SchemaTransformation.transform({
      decode: (word) => word === "true",
      encode: (value): "true" | "false" => (value ? "true" : "false")
    })
  )
)
