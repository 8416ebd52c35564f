/**
 * Shapes of the wire that all resources share: the envelope, pages of a list, and what the vendor leaves out or spells in
 * more than one way.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** A whole number that is not negative, perhaps as a text. */
export const Count = Schema.Union([
  Schema.Finite,
  Schema.String.check(Schema.isPattern(/^\d{1,20}$/)).pipe(
    Schema.decodeTo(Schema.Finite, SchemaTransformation.transform({ decode: Number, encode: String }))
  )
])

/** The envelope of an answer. Its `code` was looked at before: an answer with another code than 0 is a refusal. */
export const envelope = <A, I>(data: Schema.Codec<A, I>) =>
  Schema.Struct({ code: Schema.optionalKey(Schema.Unknown), data }).pipe(
    Schema.decodeTo(
      Schema.toType(data),
      SchemaTransformation.transform({
        decode: (answer) => answer.data,
        encode: (data) => ({ code: 0, data })
      })
    )
  )

/**
 * The envelope of an answer without a result: `data` is null, `{}`, or missing. Not `Schema.Void`, which would stand for an
 * answer without a body.
 */
export const done = Schema.Struct({
  code: Schema.optionalKey(Schema.Unknown),
  data: Schema.optionalKey(Schema.Unknown)
}).pipe(
  Schema.decodeTo(
    Schema.Undefined,
    SchemaTransformation.transform({
      decode: (): undefined => undefined,
      encode: (): { readonly code?: unknown; readonly data?: unknown } => ({ code: 0, data: {} })
    })
  )
)

/** A record that one of the guides shows wrapped in an envelope of its own. */
export const perhapsWrapped = <A, I>(record: Schema.Codec<A, I>) => Schema.Union([record, envelope(record)])

/** A page of a list, a `Pagination.NumberedPage` when decoded. */
export const page = <A, I>(record: Schema.Codec<A, I>) =>
  envelope(
    Schema.Struct({
      items: Schema.Array(record),
      pageNumber: Count,
      pageSize: Count,
      total: Count
    }).pipe(
      Schema.encodeKeys({ items: "records", pageNumber: "page_number", pageSize: "page_size", total: "total_items" })
    )
  )

/** The query of a list. */
export const listQuery = {
  userId: Schema.String,
  pageNumber: Schema.optional(Schema.Int),
  pageSize: Schema.optional(Schema.Int)
} as const

/** Their names on the wire. */
export const listKeys = { userId: "user_id", pageNumber: "page_number", pageSize: "page_size" } as const

/** Who asks, where nothing else is sent: the query of a GET, the body of a DELETE. */
export const Asker = Schema.Struct({ userId: Schema.String }).pipe(Schema.encodeKeys({ userId: "user_id" }))
