/**
 * TwelveLabs' search of an index, and the pages of what was found.
 */
import { PageToken } from "@effect-sse/twelvelabs/Search"
import type { Hit } from "@effect-sse/twelvelabs/SearchHit"
import * as Effect from "effect/Effect"
import type { PersistedFile } from "effect/http/Multipart"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as FileSystem from "effect/FileSystem"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Linker } from "./StoreLinks.ts"
import * as Indexing from "./TwelveLabsIndexing.ts"
import * as IndexSearch from "./TwelveLabsIndexSearch.ts"
import { mediaOf } from "./TwelveLabsMedia.ts"
import { invalid, notFound, type Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as Vectors from "./TwelveLabsVectors.ts"

/** A search, for those who come for its further pages. */
interface Searched extends IndexSearch.Found {
  readonly groupBy: string
  readonly pageSize: number
  readonly number: number
}

/** A page that can be asked for. */
interface Ticket {
  readonly searched: Searched
  readonly offset: number
  /** In milliseconds since 1970. */
  readonly expiresAt: number
}

/** Seconds that a page can be asked for. */
const pageLife = 600

/** The most words of a text, which stand for the vendor's tokens here. */
const mostWords = 500

const mostImages = 10

const known = {
  search_options: ["visual", "audio", "transcription"],
  transcription_options: ["lexical", "semantic"],
  group_by: ["clip", "video"],
  operator: ["or", "and"]
} as const

const requireKnown = (name: keyof typeof known, words: ReadonlyArray<string>): Effect.Effect<void, Refused> => {
  const unknown = words.find((word) => !known[name].some((one) => one === word))
  return unknown === undefined
    ? Effect.void
    : Effect.fail(invalid(`${name}: ${unknown} is none of ${known[name].join(", ")}`))
}

/** What is asked of the text and the images. */
interface Media {
  readonly text?: string | undefined
  readonly mediaType?: string | undefined
  readonly mediaUrls?: ReadonlyArray<string> | undefined
  readonly mediaFiles?: ReadonlyArray<PersistedFile> | undefined
}

/** Checks what is searched for, and gives a text that stands for it. */
const queryOf = ({ mediaFiles = [], mediaType, mediaUrls = [], text }: Media) =>
  Effect.gen(function* () {
    const images = mediaFiles.length + mediaUrls.length
    if (text === undefined && images === 0) return yield* invalid("query_text: a text or an image is required")
    if (text !== undefined && text.trim() === "") return yield* invalid("query_text: must not be blank")
    if (text !== undefined && text.split(/\s+/).length > mostWords) return yield* invalid("query_text: is too long")
    if (images > mostImages) return yield* invalid(`query_media_file: at most ${mostImages} images`)
    if (images > 0 && mediaType !== "image") return yield* invalid("query_media_type: must be image")
    for (const url of mediaUrls) {
      if (!URL.canParse(url)) return yield* invalid("query_media_url: not a URL")
    }
    const disk = yield* FileSystem.FileSystem
    const hashes: Array<string> = []
    for (const { contentType, name, path } of mediaFiles) {
      // Clients that stream a file do not say what it is.
      if (!contentType.startsWith("image/") && mediaOf(name)?.kind !== "image") {
        return yield* invalid("query_media_file: not an image")
      }
      hashes.push(Vectors.hashOf(yield* Effect.orDie(disk.readFile(path))).toString("hex"))
    }
    return JSON.stringify([text, mediaUrls, hashes])
  })

/** The endpoints of the group `search`. */
export const layer = (indexing: Indexing.Indexing, linker: (play: Play) => Linker) => {
  const { state } = indexing
  const tickets = new Map<string, Ticket>()

  const tokenOf = (searched: Searched, offset: number, expiresAt: number): PageToken => {
    // With characters that mean something else in a path, as the vendor's tokens are any text.
    const token = PageToken.make(`search/${searched.number}?hits=${offset}+%2F#`)
    tickets.set(token, { searched, offset, expiresAt })
    return token
  }

  const pageOf = ({ offset, searched }: Pick<Ticket, "searched" | "offset">, play: Play, withMetadata: boolean) => {
    const { clips, groupBy, hits, pageSize, pool } = searched
    const expiresAt = state.now() + (play.ttl ?? pageLife) * 1000
    const token = (at: number) => tokenOf(searched, at, expiresAt)
    return {
      hits: hits.slice(offset, offset + pageSize).map((hit): Hit => (withMetadata ? hit : withoutMetadata(hit))),
      pool,
      info: {
        pageSize,
        total: hits.length,
        totalClips: groupBy === "video" ? clips : undefined,
        nextPageToken: offset + pageSize < hits.length ? token(offset + pageSize) : undefined,
        previousPageToken: offset > 0 ? token(Math.max(0, offset - pageSize)) : undefined,
        expiresAt: State.timeOf(expiresAt),
        expiredAt: undefined
      }
    }
  }

  return HttpApiBuilder.group(Api, "search", (handlers) =>
    handlers.handleAll({
      query: ({ payload }) =>
        Effect.gen(function* () {
          const { now, play } = yield* Exchange.Exchange
          const { filter = {}, groupBy = "clip", operator = "or", pageSize = 10, searchOptions } = payload
          const { transcriptionOptions = known.transcription_options } = payload
          const index = yield* Indexing.findIndex(indexing, payload.indexId)
          yield* requireKnown("search_options", searchOptions)
          yield* requireKnown("transcription_options", transcriptionOptions)
          yield* requireKnown("group_by", [groupBy])
          yield* requireKnown("operator", [operator])
          if (payload.transcriptionOptions !== undefined && !searchOptions.includes("transcription")) {
            return yield* invalid("transcription_options: only with the search option transcription")
          }
          const looksAt = new Set(index.models.flatMap(({ options }) => options))
          for (const option of searchOptions) {
            // What is said is heard.
            if (looksAt.has(option === "transcription" ? "audio" : option)) continue
            return yield* invalid(`search_options: no model of the index looks at ${option}`)
          }
          if (pageSize < 1 || pageSize > 50) return yield* invalid("page_limit: must be 1 to 50")
          const query = yield* queryOf(payload)
          const link = linker(play)
          const found = IndexSearch.search(
            indexing,
            { index, query: `${query} ${transcriptionOptions.join()}`, searchOptions, groupBy, operator, filter },
            (name) => link("twelvelabs", name, now())
          )
          const searched = { ...found, groupBy, pageSize, number: state.count("search") }
          return pageOf({ searched, offset: 0 }, play, payload.includeUserMetadata ?? false)
        }),
      page: ({ params: { token }, query: { includeUserMetadata = false } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const ticket = tickets.get(token)
          if (ticket === undefined) return yield* notFound("page token")
          if (state.now() >= ticket.expiresAt) return yield* invalid("page_token: has expired; search again")
          return pageOf(ticket, play, includeUserMetadata)
        })
    })
  )
}

const withoutMetadata = (hit: Hit): Hit => ({ ...hit, userMetadata: undefined })
