/** How many pieces are kept before they are joined: enough to be rare, few enough to die young. */
const most = 256

/**
 * A text that grows by many small pieces. They are joined now and then, because a hundred thousand little strings that
 * live until the end cost the garbage collector more than all the rest of a fold. Linear in the text.
 */
export class GrowingText {
  #whole: Array<string> = []
  #pieces: Array<string> = []

  /** Appends a piece. */
  push(piece: string): void {
    if (this.#pieces.push(piece) < most) return
    this.#whole.push(this.#pieces.join(""))
    this.#pieces = []
  }

  /** The text so far. Asking again costs little more than what came since. */
  value(): string {
    const text = this.#whole.join("") + this.#pieces.join("")
    this.#whole = [text]
    this.#pieces = []
    return text
  }
}
