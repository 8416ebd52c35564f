/** Decodes UTF-8 that comes in chunks, and knows where its text stands in the bytes. Invalid bytes become U+FFFD. */
export interface Utf8Decoder {
  /** The text of a chunk, as far as its characters are whole. */
  readonly push: (chunk: Uint8Array) => string
  /** What a character that the input left unfinished becomes. */
  readonly end: () => string
  /** How many bytes stand before `rest`, which is the end of the text so far. */
  readonly offsetBefore: (rest: string) => number
}

/** Up to so many bytes it is quicker to make the text by hand than to call the runtime's decoder. */
const fewBytes = 8

const streaming: TextDecodeOptions = { stream: true }
const noBytes = new Uint8Array(0)

/** Makes a decoder. A byte order mark at the very beginning is none of the text. */
export const makeUtf8Decoder = (): Utf8Decoder => {
  // Made when it is needed: a stream that is open and silent does without.
  let decoder: TextDecoder | undefined
  let hasBegun = false
  let bytes = 0
  // The bytes of a character that the last chunk cut.
  let unfinished: Uint8Array = noBytes

  const decode = (chunk: Uint8Array): string => {
    // The mark is taken off by hand: cut in pieces, it takes a second one with it in some runtimes.
    decoder ??= new TextDecoder("utf-8", { ignoreBOM: true })
    let text = decoder.decode(chunk, streaming)
    if (!hasBegun && text !== "") {
      hasBegun = true
      if (text.startsWith("\uFEFF")) text = text.slice(1)
    }
    const last = chunk.length === 0 ? unfinished.at(-1) : chunk[chunk.length - 1]
    unfinished = last === undefined || last < 0x80 ? noBytes : unfinishedAfter(unfinished, chunk)
    return text
  }

  return {
    push: (chunk) => {
      const length = chunk.length
      let text = ""
      if (length <= fewBytes && unfinished.length === 0) {
        let i = 0
        for (; i < length; i++) {
          const byte = chunk[i]!
          if (byte >= 0x80) break
          text += String.fromCharCode(byte)
        }
        if (i < length) text = decode(chunk)
        else if (length > 0) hasBegun = true
      } else text = decode(chunk)
      bytes += length
      return text
    },
    end: () => {
      unfinished = noBytes
      return decoder?.decode() ?? ""
    },
    offsetBefore: (rest) => bytes - unfinished.length - new TextEncoder().encode(rest).length
  }
}

/** The bytes at the end that begin a character and do not finish it. */
const unfinishedAfter = (before: Uint8Array, chunk: Uint8Array): Uint8Array => {
  const tail = chunk.length >= 3 ? chunk.slice(-3) : new Uint8Array([...before, ...chunk]).slice(-3)
  for (let back = 1; back <= tail.length; back++) {
    const byte = tail[tail.length - back]!
    if (byte < 0x80) return noBytes
    if (byte >= 0xc0) return back < lengthOf(byte) ? tail.slice(-back) : noBytes
  }
  return noBytes
}

/** How many bytes a character has, by its first one; 0 for what no character begins with. */
const lengthOf = (first: number): number =>
  first > 0xf4 || first < 0xc2 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
