/** How bytes are cut into the chunks that a network would deliver. */

/**
 * How to cut. Chunks of 16 kB end between two characters: `twelvelabs-js` gets characters wrong that a chunk cuts, and would be
 * out of the race. Small ones cut wherever it comes.
 */
export type Chunking = "16 kB" | "7 bytes" | "1 byte" | "event"

const isInsideCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** The chunks of a stream of events. */
export const chunksOf = (frames: ReadonlyArray<string>, chunking: Chunking): ReadonlyArray<Uint8Array> => {
  const encoder = new TextEncoder()
  if (chunking === "event") return frames.map((frame) => encoder.encode(frame))
  const bytes = encoder.encode(frames.join(""))
  const size = { "16 kB": 16 * 1024, "7 bytes": 7, "1 byte": 1 }[chunking]
  const chunks: Array<Uint8Array> = []
  for (let start = 0; start < bytes.length;) {
    let end = start + size
    if (chunking === "16 kB") while (isInsideCharacter(bytes[end])) end--
    chunks.push(bytes.subarray(start, end))
    start = end
  }
  return chunks
}
