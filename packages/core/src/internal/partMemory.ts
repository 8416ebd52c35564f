/**
 * Memory that parts are read into, used again for later parts. With memory of its own for each part the runtime would collect
 * its garbage every few parts, which takes longer than to read and send them.
 */

/** The memory of one upload. It grows to what attempts had at the same time, and no further. */
export class PartMemory {
  readonly #free: Array<ArrayBuffer> = []
  readonly #lent = new WeakSet<ArrayBufferLike>()

  /** Gives so many bytes; what is in them is left from before. */
  readonly allocate = (length: number): Uint8Array => {
    const free = this.#free.pop()
    const memory = free !== undefined && free.byteLength >= length ? free : new ArrayBuffer(length)
    this.#lent.add(memory)
    return new Uint8Array(memory, 0, length)
  }

  /**
   * Takes back what the bytes of a part are in, if it came from here, once the store has said that it has the part: then it has
   * read it to its end. Nothing else comes back. After any other end of an attempt the client may still send the bytes, as after
   * a refusal that came before the store had read them, and a read that was given up may still write into its memory; that is
   * left to the garbage collector.
   */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#lent.delete(buffer)) this.#free.push(buffer as ArrayBuffer)
  }
}
