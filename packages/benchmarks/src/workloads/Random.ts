/** Random numbers that are the same in every process, so that all candidates read the same bytes. */

/** Numbers from 0 up to 1 (mulberry32). */
export const numbers = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of some values. */
const oneOf = <A>(random: () => number, values: ReadonlyArray<A>): A => values[Math.floor(random() * values.length)]!

const plain = [
  " the",
  " potter",
  " trims",
  " a",
  " foot",
  " ring",
  ",",
  " turns",
  " bowl",
  " over",
  " and",
  ".",
  " glaze"
]
const beyondAscii = [" naïve", " café", " –", " “slip”", " 釉薬", " 🏺", " Größe", " élan"]

/** A text like the tokens of a language model: one in ten has characters beyond ASCII. */
export const token = (random: () => number): string => oneOf(random, random() < 0.1 ? beyondAscii : plain)

/** Tokens up to at least so many UTF-16 code units. */
export const prose = (random: () => number, size: number): string => {
  const tokens: Array<string> = []
  for (let length = 0; length < size;) {
    const next = token(random)
    tokens.push(next)
    length += next.length
  }
  return tokens.join("")
}
