/** Up to so many bytes it is quicker to make the text by hand than to call the runtime's decoder. */
const fewBytes = 8

// One for all, and never asked to stream: what a chunk cuts is kept here, so that no open stream holds a decoder of its own. The
// mark is taken off by hand: cut in pieces, it takes a second one with it in some runtimes.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const noBytes = new Uint8Array(0)

/**
 * Decodes UTF-8 that comes in chunks, and knows where its text stands in the bytes. Invalid bytes become U+FFFD, and a byte order
 * mark at the very beginning is none of the text.
 */
export class Utf8Decoder {
  #hasBegun = false
  #bytes = 0
  // The bytes of a character that the last chunk cut.
  #unfinished: Uint8Array = noBytes
  // The latest text, to find places in; of plain ASCII only its length, so that a stream that waits holds no text.
  #latest: string | number = 0

  /** The text of a chunk, as far as its characters are whole. */
  push(chunk: Uint8Array): string {
    const length = chunk.length
    this.#bytes += length
    if (length <= fewBytes && this.#unfinished.length === 0) {
      let text = ""
      let i = 0
      for (; i < length; i++) {
        const byte = chunk[i]!
        if (byte >= 0x80) break
        text += String.fromCharCode(byte)
      }
      if (i === length) {
        this.#hasBegun ||= length > 0
        this.#latest = length
        return text
      }
    }
    const whole = this.#unfinished.length === 0 ? chunk : joined(this.#unfinished, chunk)
    const end = whole.length - unfinishedIn(whole)
    // A copy, also of a Buffer, whose `slice` makes none.
    this.#unfinished = end === whole.length ? noBytes : new Uint8Array(whole.subarray(end))
    let text = decoder.decode(whole.subarray(0, end))
    // As many units as bytes: each character is a byte.
    this.#latest = text.length === end ? end : text
    if (!this.#hasBegun && text !== "") {
      this.#hasBegun = true
      if (text.startsWith("\uFEFF")) this.#latest = text = text.slice(1)
    }
    return text
  }

  /** What a character that the input left unfinished becomes. */
  end(): string {
    const text = decoder.decode(this.#unfinished)
    this.#unfinished = noBytes
    return text
  }

  /** How many bytes stand before the unit `index` of the latest text, or before what comes next. */
  offsetOf(index: number): number {
    const latest = this.#latest
    const rest =
      typeof latest === "number" ? Math.max(0, latest - index) : new TextEncoder().encode(latest.slice(index)).length
    return this.#bytes - this.#unfinished.length - rest
  }
}

const joined = (start: Uint8Array, end: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(start.length + end.length)
  bytes.set(start)
  bytes.set(end, start.length)
  return bytes
}

/** How many bytes at the end begin a character and do not finish it. What no character begins with may be among them. */
const unfinishedIn = (bytes: Uint8Array): number => {
  for (let back = 1; back < 4; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}
