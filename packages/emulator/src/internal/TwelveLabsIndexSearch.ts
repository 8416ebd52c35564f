/**
 * What a search of an index finds. Nobody looks into the videos here: how well a scene fits follows from what is asked and from the
 * scene's place, and is the same in every run.
 */
import { type IndexId, VideoId } from "@effect-sse/twelvelabs/Ids"
import type { Pool } from "@effect-sse/twelvelabs/Search"
import type { Clip, Hit } from "@effect-sse/twelvelabs/SearchHit"
import * as TwelveLabsFootage from "./TwelveLabsFootage.ts"
import * as Indexing from "./TwelveLabsIndexing.ts"

interface Range {
  readonly gte?: number | undefined
  readonly lte?: number | undefined
}

/** Which videos are searched. */
interface Filter {
  readonly ids?: ReadonlyArray<string> | undefined
  readonly filename?: string | undefined
  readonly durationSeconds?: number | Range | undefined
  readonly width?: number | Range | undefined
  readonly height?: number | Range | undefined
  readonly sizeBytes?: number | Range | undefined
  readonly userMetadata?: Readonly<Record<string, string | number | boolean | Range>> | undefined
}

/** What is searched for. */
interface Wanted {
  readonly index: Indexing.OwnIndex
  /** Words and images, whatever they are. */
  readonly query: string
  readonly searchOptions: ReadonlyArray<string>
  readonly groupBy: string
  readonly operator: string
  readonly filter: Filter
}

/** What was found. */
export interface Found {
  readonly hits: ReadonlyArray<Hit>
  readonly clips: number
  readonly pool: Pool
}

/** How well something must fit to be found. */
const threshold = 0.4

/** Searches what is ready. */
export const search = (indexing: Indexing.Indexing, wanted: Wanted, link: Indexing.MakeLink): Found => {
  const { filter, groupBy, index } = wanted
  const searched = Indexing.inIndex(indexing, index.id).filter(
    (one) => Indexing.statusOf(indexing, one) === "ready" && meets(one, filter)
  )
  const clips = searched
    .flatMap((one) => clipsOf(one, wanted, link))
    .sort((a, b) => b.score - a.score)
    .map(({ clip }, place): Clip => ({ ...clip, rank: place + 1 }))
  return {
    hits: groupBy === "video" ? byVideo(clips) : clips,
    clips: clips.length,
    pool: poolOf(searched, index.id)
  }
}

const poolOf = (searched: ReadonlyArray<Indexing.Indexed>, indexId: IndexId): Pool => ({
  totalCount: searched.length,
  totalDurationSeconds: searched.reduce((sum, { asset }) => sum + (asset.duration ?? 0), 0),
  indexId
})

const clipsOf = (
  { asset, id, userMetadata }: Indexing.Indexed,
  { index, operator, query, searchOptions }: Wanted,
  link: Indexing.MakeLink
) =>
  TwelveLabsFootage.scenesOf(asset.duration ?? 0).flatMap((scene) => {
    const scores = searchOptions.map((option) => TwelveLabsFootage.scoreOf(`${query} ${option} ${id} ${scene.start}`))
    const [worst, best] = [Math.min(...scores), Math.max(...scores)]
    if ((operator === "and" ? worst : best) < threshold) return []
    const clip: Clip = {
      _tag: "Clip",
      videoId: VideoId.make(id),
      startSeconds: scene.start,
      endSeconds: scene.end,
      rank: undefined,
      thumbnailUrl: index.addons.includes("thumbnail") ? link("thumbnail.png").url : undefined,
      transcription: TwelveLabsFootage.sentenceOf(asset.filename, scene),
      userMetadata,
      extra: {}
    }
    return [{ clip, score: best }]
  })

/** Each video stands where the best of its clips does. */
const byVideo = (clips: ReadonlyArray<Clip>): ReadonlyArray<Hit> => {
  const groups = Map.groupBy(clips, ({ videoId }) => videoId)
  return Array.from(groups, ([videoId, ofVideo]) => ({
    _tag: "Video",
    videoId,
    userMetadata: ofVideo[0]?.userMetadata,
    clips: ofVideo.map((clip) => ({ ...clip, userMetadata: undefined })),
    extra: {}
  }))
}

const meets = (one: Indexing.Indexed, filter: Filter): boolean => {
  const { durationSeconds, filename, height, sizeBytes, width } = Indexing.systemMetadataOf(one)
  return (
    (filter.ids?.includes(one.id) ?? true) &&
    (filter.filename ?? filename) === filename &&
    fits(durationSeconds, filter.durationSeconds) &&
    fits(width, filter.width) &&
    fits(height, filter.height) &&
    fits(sizeBytes, filter.sizeBytes) &&
    Object.entries(filter.userMetadata ?? {}).every(
      ([key, condition]) => Object.hasOwn(one.userMetadata, key) && fits(one.userMetadata[key], condition)
    )
  )
}

const fits = (value: unknown, condition: string | number | boolean | Range | undefined): boolean => {
  if (condition === undefined) return true
  if (typeof condition !== "object") return value === condition
  return typeof value === "number" && Indexing.isWithin(value, condition.gte, condition.lte)
}
