/**
 * What is in the videos that TwelveLabs indexes. Nobody looks into them here: it follows from their names and lengths, and is the same
 * in every run.
 */
import type { Embedding, Utterance } from "@effect-sse/twelvelabs/IndexedVideo"
import * as Vectors from "./TwelveLabsVectors.ts"

/** Seconds of a scene. */
const sceneSeconds = 10

/** The scenes of a video. */
export const scenesOf = (duration: number): ReadonlyArray<Vectors.Span> =>
  Vectors.segmentsOf("", { start: 0, end: duration }, { strategy: "fixed", seconds: sceneSeconds })

const sentences = [
  "First we cut two sticks of bamboo.",
  "Measure the paper twice, and then cut it once.",
  "Tie a knot here, and another one at the end.",
  "The glue needs a minute before it holds.",
  "Now the tail, which keeps it steady in the wind.",
  "Look how it climbs."
] as const

/** What is said in a scene. */
export const sentenceOf = (filename: string, { start }: Vectors.Span): string =>
  sentences[(Vectors.hashOf(filename)[0]! + start / sceneSeconds) % sentences.length]!

/** What is said. */
export const transcriptionOf = (filename: string, duration: number): ReadonlyArray<Utterance> =>
  scenesOf(duration).map((scene) => ({
    startSeconds: scene.start,
    endSeconds: scene.end,
    text: sentenceOf(filename, scene)
  }))

/** The vectors of a video: of each scene, and of all of it. */
export const embeddingOf = (key: string, duration: number, options: ReadonlyArray<string>): Embedding => ({
  model: "marengo3.0",
  videoEmbedding: {
    segments: [
      ...scenesOf(duration).map((scene) => ({ ...scene, scope: "clip" })),
      { start: 0, end: duration, scope: "video" }
    ].flatMap(({ end, scope, start }) =>
      options.map((option) => ({
        embedding: Vectors.vectorOf(`${key} ${option} ${scope} ${start}`),
        startSeconds: start,
        endSeconds: end,
        option,
        scope
      }))
    )
  }
})

/** How well something fits, from 0 to 1. */
export const scoreOf = (seed: string): number => Vectors.hashOf(seed).readUInt32BE() / 2 ** 32
