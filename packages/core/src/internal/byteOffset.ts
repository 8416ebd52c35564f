/**
 * Where a place in decoded text stands in the bytes.
 *
 * @param bytes all bytes given to the UTF-8 decoder so far
 * @param lastChunk the latest of them, whose end may have cut a character
 * @param rest the decoded text behind the place
 */
export const byteOffset = (bytes: number, lastChunk: Uint8Array, rest: string): number =>
  bytes - incompleteTail(lastChunk) - new TextEncoder().encode(rest).length

/** The number of bytes at the end of a chunk that begin a character without finishing it. */
const incompleteTail = (chunk: Uint8Array): number => {
  for (let back = 1; back <= 3 && back <= chunk.length; back++) {
    const byte = chunk[chunk.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}
