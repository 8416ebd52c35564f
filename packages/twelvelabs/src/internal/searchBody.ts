/**
 * The body of a search of a knowledge store.
 */
import * as Schema from "effect/Schema"
import { ItemId } from "../Ids.ts"
import { AssetType } from "../Items.ts"
import { Modality, type SearchRequest } from "../KnowledgeStoreSearch.ts"

/** One value, or one of several. */
const condition = <S extends Schema.Top>(value: S) =>
  Schema.optional(Schema.Struct({ eq: Schema.optional(value), in: Schema.optional(Schema.Array(value)) }))

/** What is sent. */
export const SearchBody = Schema.Struct({
  query: Schema.Struct({ text: Schema.String }),
  filter: Schema.optional(
    Schema.Struct({ assetType: condition(AssetType), itemId: condition(ItemId) }).pipe(
      Schema.encodeKeys({ assetType: "asset_type", itemId: "item_id" })
    )
  ),
  searchOptions: Schema.optional(
    Schema.Struct({ video: Schema.optional(Schema.Struct({ modalities: Schema.Array(Modality) })) })
  ),
  groupBy: Schema.optional(Schema.String),
  pageSize: Schema.optional(Schema.Int),
  pageToken: Schema.optional(Schema.String),
  includeMetadata: Schema.optional(Schema.Boolean)
}).pipe(
  Schema.encodeKeys({
    searchOptions: "search_options",
    groupBy: "group_by",
    pageSize: "page_size",
    pageToken: "page_token",
    includeMetadata: "include_metadata"
  })
)

/** Which page is wanted. */
export interface PageRequest {
  readonly pageSize?: number | undefined
  readonly pageToken?: string | undefined
}

/** What is sent for a page of a search. */
export const searchBody = (
  { filter, groupBy, includeMetadata, query, videoModalities }: SearchRequest,
  { pageSize, pageToken }: PageRequest
): typeof SearchBody.Type => ({
  query: { text: query },
  filter:
    filter === undefined ? undefined : { assetType: conditionOf(filter.assetType), itemId: conditionOf(filter.itemId) },
  searchOptions: videoModalities === undefined ? undefined : { video: { modalities: videoModalities } },
  groupBy,
  includeMetadata,
  pageSize,
  pageToken
})

const conditionOf = <A extends string>(wanted: A | ReadonlyArray<A> | undefined) => {
  if (wanted === undefined) return undefined
  return typeof wanted === "string" ? { eq: wanted } : { in: wanted }
}
