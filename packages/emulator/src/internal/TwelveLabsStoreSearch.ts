/**
 * TwelveLabs' search of a knowledge store. Nobody looks into the videos here: what is found, and in which order, follows from the
 * words of the query and the items that are ready, and is the same in every run.
 */
import type { KnowledgeStoreItem } from "@effect-sse/twelvelabs/Items"
import type { Hit, ImageHit, Match, SearchPage, VideoHit } from "@effect-sse/twelvelabs/KnowledgeStoreSearch"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Crypto from "node:crypto"
import type { Play } from "../Play.ts"
import { gone, invalid, type Refused } from "./TwelveLabsRefusal.ts"
import * as TwelveLabsItems from "./TwelveLabsItems.ts"
import type { TwelveLabsState } from "./TwelveLabsState.ts"

interface Condition {
  readonly eq?: string | undefined
  readonly in?: ReadonlyArray<string> | undefined
}

/** What is searched for. */
interface Search {
  readonly query: { readonly text: string }
  readonly filter?: { readonly assetType?: Condition | undefined; readonly itemId?: Condition | undefined } | undefined
  readonly searchOptions?: { readonly video?: { readonly modalities: ReadonlyArray<string> } | undefined } | undefined
  readonly groupBy?: string | undefined
  readonly includeMetadata?: boolean | undefined
}

/** A request for a page of it. */
interface SearchRequest extends Search {
  readonly pageSize?: number | undefined
  readonly pageToken?: string | undefined
}

/** A token is readable, as nobody here has anything to hide. */
const Token = Schema.fromJsonString(
  Schema.Struct({ search: Schema.String, offset: Schema.Int, expiresAt: Schema.Finite })
)
const readToken = Schema.decodeUnknownEffect(Token)
const writeToken = Schema.encodeSync(Token)

/** How long a token lives, in seconds. */
const tokenLife = 600

/** Searches a knowledge store that exists. */
export const search = (
  state: TwelveLabsState,
  storeId: string,
  { pageSize = 10, pageToken, ...wanted }: SearchRequest,
  play: Play
): Effect.Effect<SearchPage, Refused> =>
  Effect.gen(function* () {
    yield* check(wanted)
    if (pageSize < 1 || pageSize > 50) return yield* invalid("page_size: must be 1 to 50")
    const modalities = wanted.searchOptions?.video?.modalities ?? ["visual"]
    const fingerprint = hash(JSON.stringify([storeId, wanted]))
    const offset = pageToken === undefined ? 0 : yield* offsetOf(pageToken, fingerprint, state.now())
    const all = hitsOf(
      TwelveLabsItems.itemsOf(state, storeId).filter(
        ({ assetType, id, status }) =>
          status === "ready" && meets(assetType, wanted.filter?.assetType) && meets(id, wanted.filter?.itemId)
      ),
      { ...wanted, modalities }
    )
    const end = offset + pageSize
    return {
      hits: all.slice(offset, end),
      nextPageToken:
        end >= all.length
          ? undefined
          : Buffer.from(
              writeToken({
                search: fingerprint,
                offset: end,
                expiresAt: state.now() + (play.ttl ?? tokenLife) * 1000
              })
            ).toString("base64url"),
      effectiveSearchOptions: { video: { modalities } }
    }
  })

const check = ({ filter, groupBy, query, searchOptions }: Search): Effect.Effect<void, Refused> => {
  if (query.text.trim() === "") return Effect.fail(invalid("query.text: must not be blank"))
  if (groupBy !== undefined && groupBy !== "none" && groupBy !== "item") {
    return Effect.fail(invalid("group_by: must be none or item"))
  }
  const { eq, in: some = [] } = filter?.assetType ?? {}
  if (![eq ?? "video", ...some].every((type) => type === "video" || type === "image")) {
    return Effect.fail(invalid("filter.asset_type: must be video or image"))
  }
  const modalities = searchOptions?.video?.modalities ?? ["visual"]
  if (modalities.length === 0 || !modalities.every((modality) => modality === "visual" || modality === "audio")) {
    return Effect.fail(invalid("search_options.video.modalities: must be visual, audio or both"))
  }
  return Effect.void
}

const offsetOf = (pageToken: string, fingerprint: string, now: number) =>
  readToken(Buffer.from(pageToken, "base64url").toString()).pipe(
    Effect.mapError(() => invalid("page_token: is malformed")),
    Effect.flatMap(({ expiresAt, offset, search }) => {
      if (search !== fingerprint) return Effect.fail(invalid("page_token: belongs to another search"))
      return now < expiresAt ? Effect.succeed(offset) : Effect.fail(gone("page_token: has expired"))
    })
  )

const meets = (value: string, condition: Condition | undefined): boolean =>
  (condition?.eq === undefined || condition.eq === value) &&
  (condition?.in === undefined || condition.in.includes(value))

const hash = (text: string): string => Crypto.createHash("sha256").update(text).digest("hex")

type Found = { readonly score: string; readonly hit: Omit<VideoHit, "rank"> | Omit<ImageHit, "rank"> }

const hitsOf = (
  items: ReadonlyArray<KnowledgeStoreItem>,
  { groupBy, includeMetadata, modalities, query }: Search & { readonly modalities: ReadonlyArray<string> }
): ReadonlyArray<Hit> =>
  items
    .flatMap((item): ReadonlyArray<Found> => {
      const score = (part: number) => hash(`${query.text}\n${item.id}\n${part}`)
      const metadata = includeMetadata === true ? metadataOf(item) : undefined
      if (item.assetType === "image") {
        return [{ score: score(0), hit: { _tag: "ImageHit", itemId: item.id, metadata } }]
      }
      const clips = matchesOf(item, modalities).map((match, part) => ({ match, score: score(part) }))
      const hit = (matches: ReadonlyArray<Match>) => ({ _tag: "VideoHit", itemId: item.id, matches, metadata }) as const
      return groupBy === "item"
        ? [{ score: clips.map((clip) => clip.score).reduce(max), hit: hit(clips.map(({ match }) => match)) }]
        : clips.map(({ match, score }) => ({ score, hit: hit([match]) }))
    })
    .sort((a, b) => (a.score < b.score ? 1 : -1))
    .map(({ hit }, index) => ({ ...hit, rank: index + 1 }))

const max = (a: string, b: string) => (a > b ? a : b)

/** About every twenty seconds there is something, in one of the ways in which it is searched for, or in all of them. */
const matchesOf = (item: KnowledgeStoreItem, modalities: ReadonlyArray<string>): ReadonlyArray<Match> => {
  const { systemMetadata } = item
  const duration = systemMetadata?._tag === "VideoMetadata" ? (systemMetadata.durationSeconds ?? 0) : 0
  const count = Math.max(1, Math.min(5, Math.floor(duration / 20)))
  const ways = modalities.length > 1 ? [...modalities.map((modality) => [modality]), modalities] : [modalities]
  return Array.from({ length: count }, (_, part) => {
    const found = ways[part % ways.length]!
    return {
      startSeconds: Math.floor((part * duration * 100) / count) / 100,
      endSeconds: Math.floor(((part + 0.5) * duration * 100) / count) / 100,
      modalities: found,
      transcription: found.includes("audio") ? `What is said in part ${part + 1}.` : undefined
    }
  })
}

const metadataOf = ({ metadata, systemMetadata }: KnowledgeStoreItem) => {
  if (systemMetadata === undefined || systemMetadata._tag === "UnknownMetadata")
    return { system: undefined, user: metadata }
  const { height, sizeBytes, width } = systemMetadata
  const durationSeconds = systemMetadata._tag === "VideoMetadata" ? systemMetadata.durationSeconds : undefined
  return { system: { width, height, sizeBytes, durationSeconds }, user: metadata }
}
