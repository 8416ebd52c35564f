/**
 * Reading JSON texts that repeat each other but for a text and perhaps a number, as the tokens of an answer do: an event that
 * is known but for these is compared instead of parsed, at a third of the cost.
 *
 * It is sure or it gives up. Every character is compared, counted as a digit, or read as JSON; a text that differs anywhere else,
 * were it by a space, is left to `JSON.parse`.
 */

/**
 * The fields that differ, by their names, at whatever depth they are.
 */
export interface Fields {
  /** The field whose value is a text. */
  readonly text: string
  /** The field whose value is a whole number, not negative. It must come before the text. */
  readonly number?: string | undefined
}

/**
 * What a JSON text was read as, and what its fields were.
 */
export interface Example<A> {
  readonly value: A
  /** What the text's field holds, as it is: not trimmed, no default. */
  readonly text: string
  /** What the number's field holds, in the same way. Ignored if no number is among the fields. */
  readonly number?: number | undefined
}

/**
 * Makes the value of a JSON text that is like the example's but for its text and its number.
 *
 * @param number `undefined` if none is among the fields
 */
export type Build<A> = (example: A, text: string, number: number | undefined) => A

/**
 * A template of one stream's events. It has state: its methods are to be called on it.
 */
export interface JsonTemplate<A> {
  /** Reads a JSON text that is like the one learned last; `undefined` for any other, valid or not. */
  read(json: string): A | undefined
  /**
   * Learns from a JSON text, unless that does not tell for certain where its fields are, or too little came of what was learned
   * before. The first of all is only noted: one is no repetition.
   *
   * @param json valid JSON
   */
  learn(json: string, example: Example<A>): void
}

/**
 * Makes a template that has learned nothing yet.
 *
 * **Example** (A decoder of events that differ in their index and their text)
 *
 * ```ts
 * import { JsonTemplate } from "@effect-sse/core"
 * import { Schema } from "effect"
 *
 * const Delta = Schema.Struct({ item: Schema.String, index: Schema.Int, delta: Schema.String })
 * const decodeDelta = Schema.decodeUnknownSync(Schema.fromJsonString(Delta))
 *
 * const deltas = JsonTemplate.make<typeof Delta.Type>(
 *   { text: "delta", number: "index" },
 *   ({ item }, delta, index = 0) => ({ item, index, delta })
 * )
 *
 * const decode = (json: string) => {
 *   const alike = deltas.read(json)
 *   if (alike !== undefined) return alike
 *   const value = decodeDelta(json)
 *   deltas.learn(json, { value, text: value.delta, number: value.index })
 *   return value
 * }
 * ```
 */
export const make = <A>(fields: Fields, build: Build<A>): JsonTemplate<A> => new Template(fields, build)

/** The largest text to learn from, in UTF-16 code units: what is larger is no token, and costs more to learn. */
const maxExample = 1024

// Learning takes as long as eight texts that are read save. What is saved is credit for learning again; without credit it is tried
// now and then, so that what only changes for a while is found again.
const price = 64
const earnedByReading = 8
const earnedByWaiting = 1
const maxCredit = 8 * price

/** What stands around the fields, and what the whole was read as. */
interface Pattern<A> {
  /** Up to the number; `undefined` without one. */
  readonly head: string | undefined
  /** From there on into the quotes of the text. */
  readonly middle: string
  /** From the closing quote on. */
  readonly tail: string
  readonly value: A
}

/** A class, as there is one for each open stream: its methods are shared. */
class Template<A> implements JsonTemplate<A> {
  readonly #fields: Fields
  readonly #build: Build<A>
  #pattern: Pattern<A> | undefined
  #isFirst = true
  #credit = maxCredit / 2

  constructor(fields: Fields, build: Build<A>) {
    this.#fields = fields
    this.#build = build
  }

  read(json: string): A | undefined {
    if (this.#pattern === undefined) return undefined
    const { head, middle, tail, value } = this.#pattern
    let number: number | undefined
    let at = 0
    if (head !== undefined) {
      const begin = head.length
      if (json.slice(0, begin) !== head) return undefined
      number = 0
      at = begin
      for (let code = json.charCodeAt(at); isDigit(code) && at <= begin + maxDigits; code = json.charCodeAt(++at)) {
        number = 10 * number + code - ZERO
      }
      const digits = at - begin
      if (digits === 0 || digits > maxDigits || (digits > 1 && json.charCodeAt(begin) === ZERO)) return undefined
    }
    const start = at + middle.length
    const end = json.length - tail.length
    if (start > end || json.slice(at, start) !== middle || json.slice(end) !== tail) return undefined
    const text = textOf(json, start, end)
    if (text === undefined) return undefined
    if (this.#credit < maxCredit) this.#credit += earnedByReading
    return this.#build(value, text, number)
  }

  learn(json: string, example: Example<A>): void {
    if (this.#isFirst) {
      this.#isFirst = false
      return
    }
    if (json.length > maxExample) return
    if (this.#credit < price) {
      // Not even a comparison is spent.
      this.#pattern = undefined
      this.#credit += earnedByWaiting
      return
    }
    this.#credit -= price
    this.#pattern = patternOf(json, this.#fields, example)
  }
}

const patternOf = <A>(json: string, fields: Fields, { number, text, value }: Example<A>): Pattern<A> | undefined => {
  const quote = valueOf(json, fields.text)
  const literal = matchAt(stringLiteral, json, quote)
  if (literal === undefined || textOf(json, quote + 1, quote + literal.length - 1) !== text) return undefined
  let head: string | undefined
  let at = 0
  if (fields.number !== undefined) {
    const begin = valueOf(json, fields.number)
    const digits = matchAt(wholeNumber, json, begin)
    if (digits === undefined || Number(digits) !== number || begin > quote) return undefined
    head = copyOf(json.slice(0, begin))
    at = begin + digits.length
  }
  const middle = copyOf(json.slice(at, quote + 1))
  const tail = copyOf(json.slice(quote + literal.length - 1))
  // The name of a field could be spelt with escapes, and so be there a second time.
  return [head ?? "", middle, tail].some((part) => part.includes("\\")) ? undefined : { head, middle, tail, value }
}

/** A copy, which unlike a part does not keep the whole chunk in memory. */
const copyOf = (text: string): string => JSON.parse(JSON.stringify(text)) as string

const maxDigits = 15
const wholeNumber = /(?:0|[1-9]\d{0,14})(?![\d.eE])/y
const stringLiteral = /"(?:[^"\\]|\\.)*"/y
const colon = /[ \t\n\r]*:[ \t\n\r]*/y

const matchAt = (pattern: RegExp, text: string, index: number): string | undefined => {
  if (index === -1) return undefined
  pattern.lastIndex = index
  return pattern.exec(text)?.[0]
}

/** Where the value of a field begins; -1 if its name is not there, or there in more places than one. */
const valueOf = (json: string, name: string): number => {
  const key = JSON.stringify(name)
  const at = json.indexOf(key)
  if (at === -1 || json.includes(key, at + 1)) return -1
  const end = at + key.length
  const between = matchAt(colon, json, end)
  return between === undefined ? -1 : end + between.length
}

const ZERO = 48
const NINE = 57
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

/** From so many code units on V8 does not copy a part of a string: who collects such tokens would collect whole chunks. */
const minShared = 13

/** The text between two quotes, one before `start` and one at `end`; `undefined` if it is not one. */
const textOf = (json: string, start: number, end: number): string | undefined => {
  if (end - start < minShared && isPlain(json, start, end)) return json.slice(start, end)
  try {
    return JSON.parse(json.slice(start - 1, end + 1)) as string
  } catch {
    return undefined
  }
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE

const isPlain = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code < SPACE || code === QUOTE || code === BACKSLASH) return false
  }
  return true
}
