/**
 * Content encodings of a body that is written bit by bit: each piece is flushed, so that it can be decoded at once.
 */
import * as Effect from "effect/Effect"
import * as Zlib from "node:zlib"

/** Encodes the pieces of one body. */
export interface ContentEncoder {
  /** The value of `content-encoding`. */
  readonly name: "gzip" | "br"
  readonly encode: (bytes: Uint8Array) => Effect.Effect<Uint8Array>
  /** What completes the encoded body. */
  readonly end: Effect.Effect<Uint8Array>
}

/** Makes an encoder. */
export const make = (name: "gzip" | "br"): ContentEncoder => {
  const encoder = name === "gzip" ? Zlib.createGzip() : Zlib.createBrotliCompress()
  const pieces: Array<Uint8Array> = []
  encoder.on("data", (piece: Uint8Array) => pieces.push(piece))
  const taken = () => Buffer.concat(pieces.splice(0))
  return {
    name,
    encode: (bytes) =>
      Effect.callback((resume) => {
        encoder.write(bytes)
        encoder.flush(() => resume(Effect.sync(taken)))
      }),
    end: Effect.callback((resume) => {
      encoder.once("end", () => resume(Effect.sync(taken)))
      encoder.end()
    })
  }
}

/** A deflate block of the reserved type, which no decoder accepts. */
export const corruption = new Uint8Array([0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
