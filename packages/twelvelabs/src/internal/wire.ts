/**
 * Shapes of the wire that all resources share: pages of a list, their queries, and metadata.
 */
import type * as Pagination from "@effect-sse/core/Pagination"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/** What the vendor says about a page; it may say nothing. */
export const PageInfo = Schema.Struct({
  pageNumber: WireSchema.maybe(Schema.Finite),
  pageSize: WireSchema.maybe(Schema.Finite),
  totalPages: WireSchema.maybe(Schema.Finite),
  total: WireSchema.maybe(Schema.Finite)
}).pipe(
  Schema.encodeKeys({
    pageNumber: "page",
    pageSize: "limit_per_page",
    totalPages: "total_page",
    total: "total_results"
  })
)

/** A page of a list. */
export const page = <S extends Schema.Top>(record: S) =>
  Schema.Struct({ items: Schema.NullOr(Schema.Array(record)), info: WireSchema.maybe(PageInfo) }).pipe(
    Schema.encodeKeys({ items: "data", info: "page_info" })
  )

/** A page when it is decoded. */
export interface Page<A> {
  readonly items: ReadonlyArray<A> | null
  readonly info: typeof PageInfo.Type | undefined
}

/** The page as core reads it; what the vendor does not say of its size is what was asked for. */
export const numberedPage = <A>({ info, items }: Page<A>, askedSize: number): Pagination.NumberedPage<A> => ({
  ...info,
  pageSize: info?.pageSize ?? askedSize,
  items: items ?? []
})

/** The query of a list. */
export const listQuery = {
  pageNumber: Schema.optional(Schema.Int),
  pageSize: Schema.optional(Schema.Int)
} as const

/** Its names on the wire. */
export const listKeys = { pageNumber: "page", pageSize: "page_limit" } as const

/** The query of a list that can be sorted. */
export const sortQuery = { sortBy: Schema.optional(Schema.String), sortOption: Schema.optional(Schema.String) } as const

/** Its names on the wire. */
export const sortKeys = { sortBy: "sort_by", sortOption: "sort_option" } as const

/** The metadata of knowledge stores and what is in them: texts only. Null stands for a text that is empty. */
export const TextMetadata = Schema.Record(Schema.String, Schema.NullOr(Schema.String))

/** The metadata of assets, of what is indexed, and of entities. Values that are not documented pass. */
export const Metadata = Schema.Record(Schema.String, Schema.Unknown)

/** The query of a list that can be narrowed down by times: of that day, at that time or later. */
export const sinceQuery = {
  createdSince: Schema.optional(Schema.DateTimeUtcFromString),
  updatedSince: Schema.optional(Schema.DateTimeUtcFromString)
} as const

/** Its names on the wire. */
export const sinceKeys = { createdSince: "created_at", updatedSince: "updated_at" } as const

/** Metadata of the user's own, as it is sent. */
export const OwnMetadata = Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))

/** A change of metadata: null takes a value away. */
export const OwnMetadataChange = Schema.Record(
  Schema.String,
  Schema.NullOr(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))
)

/** A list that may be missing or null, which both mean that it is empty. */
export const list = <S extends Schema.Top>(member: S) =>
  Schema.optionalKey(Schema.NullOr(Schema.Array(member))).pipe(
    Schema.decodeTo(Schema.Array(Schema.toType(member)), {
      decode: SchemaGetter.transformOptional(
        (value: Option.Option<ReadonlyArray<S["Type"]> | null>): Option.Option<ReadonlyArray<S["Type"]>> =>
          Option.some(Option.getOrUndefined(value) ?? [])
      ),
      encode: SchemaGetter.passthroughSubtype<ReadonlyArray<S["Type"]> | null, ReadonlyArray<S["Type"]>>()
    })
  )
