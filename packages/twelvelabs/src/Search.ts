/**
 * Search in an index: by words, by images, or both. What is found are moments of videos.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import { FileSourceError } from "@effect-sse/core/FileSource"
import * as Pagination from "@effect-sse/core/Pagination"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Multipart from "effect/http/Multipart"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { type EntityId, IndexId, VideoId } from "./Ids.ts"
import type { Range } from "./IndexedVideo.ts"
import { appendFile, formOf } from "./internal/form.ts"
import { grouping, type Regroup } from "./internal/regroup.ts"
import * as SearchForm from "./internal/searchForm.ts"
import * as Wire from "./internal/wire.ts"
import type { MediaFile } from "./MediaSource.ts"
import { type GroupBy, Hit, type HitOf } from "./SearchHit.ts"

/** The schema of a {@link PageToken}; `PageToken.make` makes one of a string. */
export const PageToken: Schema.brand<Schema.String, "@effect-sse/twelvelabs/Search/PageToken"> = Schema.String.pipe(
  Schema.brand("@effect-sse/twelvelabs/Search/PageToken")
)

/** What asks for another page of what was found. It expires. */
export type PageToken = typeof PageToken.Type

/**
 * What is searched for: words, images, or both, which then must both fit.
 */
export type Query =
  | {
      /** In plain language, up to 500 tokens. {@link mention} puts an entity into it. */
      readonly text: string
      /** At most 10. */
      readonly images?: ReadonlyArray<MediaFile> | undefined
    }
  | { readonly text?: undefined; readonly images: readonly [MediaFile, ...Array<MediaFile>] }

/**
 * Which videos are searched. All of it must hold; a number stands for itself, a range for all in it.
 */
export interface Filter {
  /** Only these videos. */
  readonly ids?: ReadonlyArray<VideoId> | undefined
  /** The exact name. */
  readonly filename?: string | undefined
  readonly durationSeconds?: number | Range | undefined
  /** In pixels. */
  readonly width?: number | Range | undefined
  /** In pixels. */
  readonly height?: number | Range | undefined
  readonly sizeBytes?: number | Range | undefined
  /**
   * What the user's own metadata must be. A key that means something by itself, such as `duration`, cannot be asked for: that fails
   * with the reason `InvalidRequest`, as a range without any bound does.
   */
  readonly userMetadata?: Readonly<Record<string, string | number | boolean | Range>> | undefined
}

/**
 * A search.
 */
export type SearchRequest<G extends GroupBy = GroupBy> = Query & {
  /** The index that is searched. */
  readonly indexId: IndexId
  /** What of the videos is searched: what is seen, heard, said. The models of the index must look at it. */
  readonly searchOptions: readonly [SearchOption, ...Array<SearchOption>]
  /** How words that are said are compared: as they are, by what they mean. Default: both. */
  readonly transcriptionOptions?: ReadonlyArray<"lexical" | "semantic" | (string & {})> | undefined
  /** Default `"clip"`. */
  readonly groupBy?: G | undefined
  /** Whether one of the search options must fit, or all of them. Default `"or"`. */
  readonly operator?: "or" | "and" | undefined
  /** Which of its videos are searched. Default: all. */
  readonly filter?: Filter | undefined
  /** Whether hits have the user's own metadata. Default false. */
  readonly includeUserMetadata?: boolean | undefined
}

/**
 * What of a video is searched.
 */
export type SearchOption = "visual" | "audio" | "transcription" | (string & {})

/**
 * Options of a search.
 */
export interface QueryOptions extends ListOptions {
  /** The largest image that is sent, in bytes; all of them are in memory. Default 32 MB. */
  readonly maxSize?: number | undefined
}

/**
 * Options of asking for another page.
 */
export interface PageOptions extends CallOptions {
  /** As in the request. */
  readonly includeUserMetadata?: boolean | undefined
}

/**
 * What was searched.
 */
export const Pool = Schema.Struct({
  /** How many videos. */
  totalCount: WireSchema.maybe(Schema.Finite),
  totalDurationSeconds: WireSchema.maybe(Schema.Finite),
  indexId: WireSchema.maybe(IndexId)
}).pipe(Schema.encodeKeys({ totalCount: "total_count", totalDurationSeconds: "total_duration", indexId: "index_id" }))

/** What was searched. */
export type Pool = typeof Pool.Type

/**
 * A page of what was found.
 */
export interface Page<H extends Hit = Hit> {
  readonly hits: ReadonlyArray<H>
  readonly pool: Pool | undefined
  readonly pageSize: number | undefined
  /** How many hits there are in all. */
  readonly total: number | undefined
  /** How many moments there are in all, where they are grouped by video. */
  readonly totalClips: number | undefined
  /** Asks for the next page; `undefined` on the last one. */
  readonly nextPageToken: PageToken | undefined
  /** Asks for the page before; only pages that were asked for with a token have it. */
  readonly previousPageToken: PageToken | undefined
  /** When the tokens expire. */
  readonly expiresAt: DateTime.Utc | undefined
}

/**
 * Writes an entity so that it is searched for, within the text of a search.
 *
 * **Example** (Somebody does something)
 *
 * ```ts
 * import { EntityId, Search } from "@effect-sse/twelvelabs"
 *
 * const text = `${Search.mention(EntityId.make("66dd00000000000000000001"))} flies a kite`
 * ```
 */
export const mention = (entityId: EntityId): string => `<@${entityId}>`

const Info = Schema.Struct({
  pageSize: WireSchema.maybe(Schema.Finite),
  total: WireSchema.maybe(Schema.Finite),
  totalClips: WireSchema.maybe(Schema.Finite),
  nextPageToken: WireSchema.maybe(PageToken),
  previousPageToken: WireSchema.maybe(PageToken),
  expiresAt: WireSchema.maybeTime,
  /** As it was spelt before. */
  expiredAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    pageSize: "limit_per_page",
    total: "total_results",
    totalClips: "total_inner_matches",
    nextPageToken: "next_page_token",
    previousPageToken: "prev_page_token",
    expiresAt: "page_expires_at",
    expiredAt: "page_expired_at"
  })
)

const Answer = Schema.Struct({
  hits: Wire.list(Hit),
  pool: WireSchema.maybe(Pool),
  info: WireSchema.maybe(Info)
}).pipe(Schema.encodeKeys({ hits: "data", pool: "search_pool", info: "page_info" }))

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("search").add(
  HttpApiEndpoint.post("query", "/search", {
    payload: Schema.Struct({ ...SearchForm.fields, mediaFiles: Schema.optional(Multipart.FilesSchema) }).pipe(
      Schema.encodeKeys({ ...SearchForm.keys, mediaFiles: "query_media_file" }),
      HttpApiSchema.asMultipart()
    ),
    success: Answer
  }).annotate(ApiClient.Idempotent, true),
  HttpApiEndpoint.get("page", "/search/:token", {
    params: { token: WireSchema.inPath(PageToken) },
    query: Schema.Struct({ includeUserMetadata: Schema.optional(WireSchema.BooleanText) }).pipe(
      Schema.encodeKeys({ includeUserMetadata: "include_user_metadata" })
    ),
    success: Answer
  })
)

/**
 * What can be searched for.
 */
export interface Search {
  /**
   * Streams what was found, the best first. A page is asked for when its first hit is wanted; all but the first are free of charge.
   *
   * Further pages can be had for a while only: an `ApiError` after many hits can mean that it took too long to come to the next page.
   * A `FileSourceError` is about an image that cannot be read here, or is larger than `maxSize`.
   *
   * **Example** (The ten best moments)
   *
   * ```ts
   * import { type IndexId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect, Stream } from "effect"
   *
   * const best = (indexId: IndexId) =>
   *   Effect.flatMap(TwelveLabs, ({ search }) =>
   *     search.query({ indexId, text: "somebody ties a knot", searchOptions: ["visual", "audio"] }).pipe(
   *       Stream.take(10),
   *       Stream.runForEach((clip) => Console.log(clip.videoId, clip.startSeconds, clip.endSeconds))
   *     )
   *   )
   * ```
   *
   * **Example** (By video, in long ones of the autumn)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { type IndexId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect, Stream } from "effect"
   *
   * const byVideo = (indexId: IndexId, picture: FileSource.FileSource) =>
   *   Effect.flatMap(TwelveLabs, ({ search }) =>
   *     search
   *       .query({
   *         indexId,
   *         images: [{ file: picture }],
   *         searchOptions: ["visual"],
   *         groupBy: "video",
   *         filter: { durationSeconds: { gte: 600 }, userMetadata: { season: "autumn" } }
   *       })
   *       .pipe(Stream.map(({ clips, videoId }) => ({ videoId, moments: clips.length })), Stream.runCollect)
   *   )
   * ```
   */
  readonly query: <const G extends GroupBy = "clip">(
    request: SearchRequest<G>,
    options?: QueryOptions | undefined
  ) => Stream.Stream<HitOf<G>, RequestError | FileSourceError>
  /** Searches, and gives the first page with what is told besides: how much was searched, how much was found. */
  readonly firstPage: <const G extends GroupBy = "clip">(
    request: SearchRequest<G>,
    options?: QueryOptions | undefined
  ) => Effect.Effect<Page<HitOf<G>>, RequestError | FileSourceError>
  /** Gets another page, for a program that shows pages itself. A token that has expired is an `ApiError`: search again. */
  readonly page: (token: PageToken, options?: PageOptions | undefined) => Effect.Effect<Page, RequestError>
}

/** What the vendor takes of images elsewhere. */
const defaultMaxSize = 32_000_000

/**
 * Makes the search of a connection. `TwelveLabs` has it as its member `search`.
 */
export const make = (connection: Connection): Effect.Effect<Search> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const firstPage: Search["firstPage"] = <const G extends GroupBy>(
      { images = [], ...request }: SearchRequest<G>,
      { maxSize = defaultMaxSize, pageSize, ...options }: QueryOptions = {}
    ) =>
      Effect.gen(function* () {
        const urls = images.flatMap(({ url }) => (url === undefined ? [] : [url]))
        const files = images.flatMap(({ file }) => (file === undefined ? [] : [file]))
        const tooLarge = files.find(({ size }) => size > maxSize)
        if (tooLarge !== undefined) return yield* new FileSourceError({ name: tooLarge.name, reason: "TooLarge" })
        const fields = SearchForm.encode({
          ...request,
          pageSize,
          imageCount: images.length,
          mediaType: images.length === 0 ? undefined : "image",
          mediaUrls: urls
        })
        const { imageCount: _, ...checked } = yield* call(() => fields, options)
        const form = formOf(checked)
        for (const file of files) yield* appendFile(form, "query_media_file", file)
        const answer = yield* call(({ search }) => search.query({ payload: form }), options)
        return pageOf(answer, grouping<G>(request.groupBy))
      })

    const page: Search["page"] = (token, { includeUserMetadata, ...options } = {}) =>
      Effect.map(
        call(({ search }) => search.page({ params: { token }, query: { includeUserMetadata } }), options),
        (answer) => pageOf(answer, (hit) => [hit])
      )

    const query: Search["query"] = <const G extends GroupBy>(request: SearchRequest<G>, options?: QueryOptions) => {
      const { includeUserMetadata } = request
      const regroup = grouping<G>(request.groupBy)
      return Pagination.byToken(connection.vendor.name, (token) =>
        Effect.map(
          token === undefined
            ? firstPage(request, options)
            : page(PageToken.make(token), { ...options, includeUserMetadata }),
          ({ hits, nextPageToken: next }) => ({ items: hits.flatMap(regroup), next })
        )
      )
    }

    return { query, firstPage, page }
  })

const pageOf = <H extends Hit>({ hits, info, pool }: typeof Answer.Type, regroup: Regroup<H>): Page<H> => ({
  hits: hits.flatMap(regroup),
  pool,
  pageSize: info?.pageSize,
  total: info?.total,
  totalClips: info?.totalClips,
  nextPageToken: notEmpty(info?.nextPageToken),
  previousPageToken: notEmpty(info?.previousPageToken),
  expiresAt: info?.expiresAt ?? info?.expiredAt
})

const notEmpty = (token: PageToken | undefined): PageToken | undefined => (token === "" ? undefined : token)
