/**
 * Searching a knowledge store: which moments of which videos, and which images, fit a text.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"
import { ItemId } from "./Ids.ts"
import { unknownKind } from "./internal/unknownKind.ts"
import { list } from "./internal/wire.ts"
import { AssetType } from "./Items.ts"

/**
 * What of a video is searched: what is to be seen, what is to be heard.
 */
export const Modality = WireSchema.openEnum("visual", "audio")

/** What of a video is searched. */
export type Modality = typeof Modality.Type

/**
 * What is searched for.
 */
export interface SearchRequest {
  /** In plain language. */
  readonly query: string
  /** What to leave out. All conditions must hold. */
  readonly filter?: SearchFilter | undefined
  /** What of a video is searched. The vendor's own way: what is to be seen. Images always are. */
  readonly videoModalities?: ReadonlyArray<Modality> | undefined
  /**
   * `"item"` for one hit per item, with all its clips; `"none"` for one hit per clip, so that an item can come often. The vendor's
   * own way is `"none"`.
   */
  readonly groupBy?: "none" | "item" | (string & {}) | undefined
  /** Whether hits tell about their items. The vendor's own way: no. */
  readonly includeMetadata?: boolean | undefined
}

/**
 * Which items are searched: one value that must be met, or several of which one must be.
 */
export interface SearchFilter {
  /** Only videos, or only images. */
  readonly assetType?: AssetType | ReadonlyArray<AssetType> | undefined
  /** Only these items. */
  readonly itemId?: ItemId | ReadonlyArray<ItemId> | undefined
}

/**
 * A moment of a video that fits.
 */
export const Match = Schema.Struct({
  startSeconds: Schema.Finite,
  endSeconds: Schema.Finite,
  /** Where it fits: in what is to be seen, in what is to be heard, or in both. */
  modalities: list(Modality),
  /** What is said. */
  transcription: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ startSeconds: "start_sec", endSeconds: "end_sec" }))

/** A moment of a video that fits. */
export type Match = typeof Match.Type

const imageFile = {
  /** In pixels. */
  width: WireSchema.maybe(Schema.Finite),
  /** In pixels. */
  height: WireSchema.maybe(Schema.Finite),
  sizeBytes: WireSchema.maybe(Schema.Finite)
} as const

const user = WireSchema.maybe(Schema.Record(Schema.String, Schema.Unknown))

const hitFields = {
  /** The best hit has the rank 1. */
  rank: Schema.Finite,
  itemId: ItemId
} as const

const hitKeys = { _tag: "asset_type", itemId: "item_id" } as const

/**
 * A video that fits, with the moments at which it does.
 */
export const VideoHit = Schema.Struct({
  _tag: Schema.Literal("video").transform("VideoHit"),
  ...hitFields,
  /** The moments; one, unless hits are grouped by item. */
  matches: list(Match),
  /** With `includeMetadata`. */
  metadata: WireSchema.maybe(
    Schema.Struct({
      /** What the vendor found out about the file. */
      system: WireSchema.maybe(
        Schema.Struct({ ...imageFile, durationSeconds: WireSchema.maybe(Schema.Finite) }).pipe(
          Schema.encodeKeys({ sizeBytes: "size", durationSeconds: "duration" })
        )
      ),
      /** The item's own metadata. */
      user
    })
  )
}).pipe(Schema.encodeKeys(hitKeys))

/** A video that fits. */
export type VideoHit = typeof VideoHit.Type

/**
 * An image that fits.
 */
export const ImageHit = Schema.Struct({
  _tag: Schema.Literal("image").transform("ImageHit"),
  ...hitFields,
  /** With `includeMetadata`. */
  metadata: WireSchema.maybe(
    Schema.Struct({
      /** What the vendor found out about the file. */
      system: WireSchema.maybe(Schema.Struct(imageFile).pipe(Schema.encodeKeys({ sizeBytes: "size" }))),
      /** The item's own metadata. */
      user
    })
  )
}).pipe(Schema.encodeKeys(hitKeys))

/** An image that fits. */
export type ImageHit = typeof ImageHit.Type

/**
 * Something that fits, of a kind that this version does not know.
 */
export const UnknownHit = unknownKind("UnknownHit", ["video", "image"])

/** Something that fits, of a kind that this version does not know. */
export type UnknownHit = typeof UnknownHit.Type

/**
 * What was found.
 */
export const Hit = Schema.Union([VideoHit, ImageHit, UnknownHit])

/** What was found. */
export type Hit = typeof Hit.Type

const VideoOptions = Schema.Struct({ modalities: list(Modality) })

/**
 * How the vendor searched, its own ways included.
 */
export const EffectiveSearchOptions = Schema.Struct({ video: WireSchema.maybe(VideoOptions) })

/** How the vendor searched. */
export type EffectiveSearchOptions = typeof EffectiveSearchOptions.Type

/**
 * A page of what was found.
 */
export const SearchPage = Schema.Struct({
  hits: list(Hit),
  /** Asks for the next page; `undefined` on the last one. It expires. */
  nextPageToken: WireSchema.maybe(Schema.String),
  effectiveSearchOptions: WireSchema.maybe(EffectiveSearchOptions)
}).pipe(
  Schema.encodeKeys({
    hits: "data",
    nextPageToken: "next_page_token",
    effectiveSearchOptions: "effective_search_options"
  })
)

/** A page of what was found. */
export type SearchPage = typeof SearchPage.Type
