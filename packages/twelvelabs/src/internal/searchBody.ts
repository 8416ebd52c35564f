/**
 * The body of a search of a knowledge store.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { ItemId } from "../Ids.ts"
import { AssetType } from "../Items.ts"
import { Modality, type SearchRequest } from "../KnowledgeStoreSearch.ts"

/** One value, or one of several. */
const condition = <S extends Schema.Top>(value: S) =>
  WireSchema.given(Schema.Struct({ eq: WireSchema.given(value), in: WireSchema.given(Schema.Array(value)) }))

/** What is sent. */
export const SearchBody = Schema.Struct({
  query: Schema.Struct({ text: Schema.String }),
  filter: WireSchema.given(
    Schema.Struct({ assetType: condition(AssetType), itemId: condition(ItemId) }).pipe(
      Schema.encodeKeys({ assetType: "asset_type", itemId: "item_id" })
    )
  ),
  searchOptions: WireSchema.given(
    Schema.Struct({ video: WireSchema.given(Schema.Struct({ modalities: Schema.Array(Modality) })) })
  ),
  groupBy: WireSchema.given(Schema.String),
  pageSize: WireSchema.given(Schema.Int),
  pageToken: WireSchema.given(Schema.String),
  includeMetadata: WireSchema.given(Schema.Boolean)
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
