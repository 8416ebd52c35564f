/**
 * Memory that parts are read into, used again for later parts. With memory of its own for each part the runtime would collect
 * its garbage every few parts, which takes longer than to read and send them.
 */
import * as Effect from "effect/Effect"

/** Gives so many bytes of memory; what is in them is left from before. */
export type Allocate = (length: number) => Uint8Array

/**
 * Runs one attempt to send a part, with memory to read it into; the attempt's scope has to end within it.
 *
 * Only an attempt that succeeds gives its memory back: a store that says it has a part has read it to its end. After any other
 * the client may still send the bytes, as after a refusal that came before the store had read them, and a read that was
 * interrupted may still write them. Their memory is left to the garbage collector.
 */
export type PartMemory = <A, E, R>(attempt: (allocate: Allocate) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Makes the memory of one upload. It grows to what attempts had at the same time, and no further. */
export const make = (): PartMemory => {
  const free: Array<ArrayBuffer> = []
  return (attempt) =>
    Effect.suspend(() => {
      const lent: Array<ArrayBuffer> = []
      const allocate: Allocate = (length) => {
        const before = free.pop()
        const memory = before !== undefined && before.byteLength >= length ? before : new ArrayBuffer(length)
        lent.push(memory)
        return new Uint8Array(memory, 0, length)
      }
      return Effect.tap(attempt(allocate), () =>
        Effect.sync(() => {
          free.push(...lent)
        })
      )
    })
}
