/**
 * What is said in TwelveLabs' assets: the same in each of them.
 */
import type * as Transcription from "@effect-sse/twelvelabs/Transcription"

const script = [
  { speaker: "speaker_1", value: "Today we build a kite." },
  { speaker: "speaker_1", value: "First the frame, from two rods." },
  { speaker: "speaker_2", value: "And the sail is of paper." }
] as const

const secondsPerWord = 0.5

/** What is said, cut in each way. */
export const make = (): Required<Pick<Transcription.Transcription, "words" | "sentences" | "utterances">> => {
  const words: Array<Transcription.Segment> = []
  const utterances = script.map(({ speaker, value }) => {
    const startSeconds = words.length * secondsPerWord
    for (const word of value.split(" ")) {
      const start = words.length * secondsPerWord
      words.push({ startSeconds: start, endSeconds: start + secondsPerWord, value: word })
    }
    return { startSeconds, endSeconds: words.length * secondsPerWord, value, speaker }
  })
  const sentences = utterances.map(({ speaker: _, ...sentence }) => sentence)
  return { words, sentences, utterances }
}
