/**
 * Hits as the types promise them, however the vendor grouped them.
 */
import type { Clip, GroupBy, Hit, HitOf, Video } from "../SearchHit.ts"

/** Makes hits of one that came. */
export type Regroup<H extends Hit> = (hit: Hit) => ReadonlyArray<H>

/** Brings hits into the groups that were asked for. */
export const grouping = <G extends GroupBy>(groupBy: GroupBy = "clip"): Regroup<HitOf<G>> =>
  // Which of the two it is, is in the value and not in the types.
  (groupBy === "video" ? byVideo : byClip) as Regroup<Hit> as Regroup<HitOf<G>>

const byVideo: Regroup<Video> = (hit) =>
  hit._tag === "Video"
    ? [hit]
    : [{ _tag: "Video", videoId: hit.videoId, userMetadata: hit.userMetadata, clips: [hit], extra: {} }]

const byClip: Regroup<Clip> = (hit) =>
  hit._tag === "Clip"
    ? [hit]
    : hit.clips.map((clip) => ({
        ...clip,
        videoId: clip.videoId ?? hit.videoId,
        userMetadata: clip.userMetadata ?? hit.userMetadata
      }))
