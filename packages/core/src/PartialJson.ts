/**
 * JSON that is still being written: the best value so far, of text that comes in fragments.
 *
 * What is open is taken as closed: strings, arrays and objects stand with what they have. What is in doubt is left out until
 * it is not: a key whose value has not begun, a number inside an array or object that may go on, a half-written `true`, an
 * escape, one half of a surrogate pair. So values only grow: strings get longer, arrays and objects get members. (The
 * exceptions are in the text: an object that has a key twice, and a number that is the whole document, which is shown as it
 * stands since nothing will ever settle it.)
 *
 * Values are for display. Decode the whole text, strictly, for what a program relies on.
 *
 * **Example** (A value at each fragment)
 *
 * ```ts
 * import { PartialJson } from "@effect-sse/core"
 *
 * const json = PartialJson.make()
 * for (const fragment of ["{\"title\": \"A ki", "te\", \"minu", "tes\": 1", "2}"]) {
 *   console.log(json.add(fragment).value())
 * }
 * // { title: "A ki" }, { title: "A kite" }, { title: "A kite" }, { title: "A kite", minutes: 12 }
 * ```
 */
import * as Result from "effect/Result"

/**
 * Why a text is no JSON, or not all of it.
 *
 * `"Syntax"`: not even the beginning of a JSON text. `"Depth"`: deeper than the option `maxDepth`. `"Incomplete"`: the text
 * ended early; only {@link PartialJson.end} says so.
 */
export interface Problem {
  readonly _tag: "Problem"
  readonly reason: "Syntax" | "Depth" | "Incomplete"
  /** Where, in UTF-16 units from the start of the text. */
  readonly offset: number
  /** In words; quotes nothing of the text but the character that does not fit. */
  readonly issue: string
}

/**
 * Options of a parser.
 */
export interface Options {
  /** How many arrays and objects may be open at once. Default {@link defaultMaxDepth}. */
  readonly maxDepth?: number | undefined
}

/**
 * 256 arrays and objects inside each other.
 */
export const defaultMaxDepth = 256

/**
 * The state of a parser. It is changed by `add`, in time linear in the text however it is cut: make one for each text.
 */
export interface PartialJson {
  /** Takes the next fragment. Never throws; after a problem, text changes nothing. */
  readonly add: (fragment: string) => PartialJson
  /**
   * The value so far; `undefined` until one has begun. It is never changed afterwards: what is finished is shared between
   * values, what is open is copied. While nothing new came, it is the same one.
   */
  readonly value: () => unknown
  /**
   * How many members the next {@link PartialJson.value} would copy: those of the arrays and objects that are open. For a
   * caller that takes values often and wants to stay linear too.
   */
  readonly openMembers: () => number
  /** What is wrong with the text so far, if anything is. The value is then what stood before it. */
  readonly problem: () => Problem | undefined
  /** Ends the text: the value, as `JSON.parse` would give it, or why there is none. */
  readonly end: () => Result.Result<unknown, Problem>
}

/** An array or object that is open. */
type Frame =
  | { readonly isArray: true; readonly members: Array<unknown>; count: number }
  | { readonly isArray: false; readonly members: Record<string, unknown>; key: string; count: number }

/** What is due next. */
type State =
  | "value"
  | "first-element"
  | "first-key"
  | "key"
  | "colon"
  | "after-value"
  | "string"
  | "escape"
  | "unicode"
  | "number"
  | "literal"
  | "done"
  | "broken"

const due: Record<State, string> = {
  value: "a value",
  "first-element": "a value or ]",
  "first-key": "a key or }",
  key: "a key",
  colon: "a colon",
  "after-value": "a comma or the end of the array or object",
  string: "a character that a string may hold",
  escape: "an escape",
  unicode: "a hexadecimal digit",
  number: "a number",
  literal: "true, false or null",
  done: "nothing more",
  broken: "nothing more"
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"]
])

const literals: ReadonlyMap<string, readonly [word: string, value: unknown]> = new Map([
  ["t", ["true", true]],
  ["f", ["false", false]],
  ["n", ["null", null]]
])

const wholeNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** The longest number of which there is a value before it ends, in UTF-16 units. */
const longestNumber = 400

const numberSoFar = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isInNumber = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x2b || code === 0x2d || code === 0x65 || code === 0x45
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** Sets a member as `JSON.parse` does: `__proto__` is a key like any other. */
const setOwn = (members: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true })
  } else members[key] = value
}

/**
 * Starts a parser.
 */
export const make = (options?: Options | undefined): PartialJson => {
  const maxDepth = options?.maxDepth ?? defaultMaxDepth
  const stack: Array<Frame> = []
  let state: State = "value"
  let root: unknown
  let problem: Problem | undefined
  /** How many UTF-16 units came in the fragments before. */
  let before = 0
  let openMembers = 0

  // The token that is being read.
  let token = ""
  let isKey = false
  /** A high surrogate at the end of the token, kept out of it until its other half, or something else, follows. */
  let held = ""
  let hex = ""
  let word = ""
  let literal: unknown

  let changed = false
  let snapshot: unknown

  const stop = (reason: Problem["reason"], offset: number, issue: string): void => {
    // Now, as what is open can no longer be told from what is done.
    value()
    problem = { _tag: "Problem", reason, offset, issue }
    state = "broken"
  }

  const unexpected = (fragment: string, at: number): void => {
    const found = JSON.stringify(String.fromCodePoint(fragment.codePointAt(at) ?? 0))
    stop("Syntax", before + at, `${due[state]} was due, and ${found} came`)
  }

  /**
   * Puts a finished value where it belongs.
   *
   * @param isNew whether it shows more than when it was unfinished
   */
  const finish = (value: unknown, isNew: boolean): void => {
    if (isNew) changed = true
    const frame = stack.at(-1)
    if (frame === undefined) {
      root = value
      state = "done"
      return
    }
    frame.count += 1
    openMembers += 1
    if (frame.isArray) frame.members.push(value)
    else setOwn(frame.members, frame.key, value)
    state = "after-value"
  }

  const open = (frame: Frame, offset: number): void => {
    if (stack.length >= maxDepth) return stop("Depth", offset, `more than ${maxDepth} arrays and objects are open`)
    changed = true
    stack.push(frame)
    state = frame.isArray ? "first-element" : "first-key"
  }

  const close = (): void => {
    const frame = stack.pop()!
    openMembers -= frame.count
    finish(frame.members, false)
  }

  const append = (text: string): void => {
    if (text === "") return
    const isHalf = isHighSurrogate(text.charCodeAt(text.length - 1))
    // By concatenation and without a look at the token, which would copy it: strings may come a character at a time.
    token += held + (isHalf ? text.slice(0, -1) : text)
    held = isHalf ? text.slice(-1) : ""
    if (!isKey) changed = true
  }

  const beginString = (asKey: boolean): void => {
    token = ""
    held = ""
    isKey = asKey
    if (!asKey) changed = true
    state = "string"
  }

  const endString = (): void => {
    const text = token + held
    if (!isKey) return finish(text, held !== "")
    const frame = stack.at(-1)!
    if (!frame.isArray) frame.key = text
    state = "colon"
  }

  const beginValue = (fragment: string, at: number): void => {
    const character = fragment[at]!
    const known = literals.get(character)
    if (character === '"') beginString(false)
    else if (character === "{") open({ isArray: false, members: {}, key: "", count: 0 }, before + at)
    else if (character === "[") open({ isArray: true, members: [], count: 0 }, before + at)
    else if (known !== undefined) {
      token = character
      word = known[0]
      literal = known[1]
      state = "literal"
    } else if (character === "-" || isDigit(fragment.charCodeAt(at))) {
      token = character
      if (stack.length === 0) changed = true
      state = "number"
    } else unexpected(fragment, at)
  }

  /** Reads a string's characters up to its end, an escape, or the fragment's end. */
  const readString = (fragment: string, from: number): number => {
    let at = from
    for (; at < fragment.length; at++) {
      const code = fragment.charCodeAt(at)
      if (code === 0x22 || code === 0x5c || code < 0x20) break
    }
    append(fragment.slice(from, at))
    if (at === fragment.length) return at
    const code = fragment.charCodeAt(at)
    if (code === 0x22) endString()
    else if (code === 0x5c) state = "escape"
    else unexpected(fragment, at)
    return at + 1
  }

  const readEscape = (fragment: string, at: number): void => {
    const character = fragment[at]!
    const plain = escapes.get(character)
    if (plain !== undefined) {
      append(plain)
      state = "string"
    } else if (character === "u") {
      hex = ""
      state = "unicode"
    } else unexpected(fragment, at)
  }

  const readHex = (fragment: string, at: number): void => {
    if (!/[\da-fA-F]/.test(fragment[at]!)) return unexpected(fragment, at)
    hex += fragment[at]
    if (hex.length < 4) return
    append(String.fromCharCode(Number.parseInt(hex, 16)))
    state = "string"
  }

  /** Reads a number's characters; what follows it is left to be read as what follows a value. */
  const readNumber = (fragment: string, from: number): number => {
    let at = from
    while (at < fragment.length && isInNumber(fragment.charCodeAt(at))) at++
    if (at > from) {
      token += fragment.slice(from, at)
      if (stack.length === 0) changed = true
    }
    if (at < fragment.length) endNumber(before + at)
    return at
  }

  const endNumber = (offset: number): void => {
    if (wholeNumber.test(token)) finish(Number(token), true)
    else stop("Syntax", offset, "a number is not written as JSON writes it")
  }

  const readLiteral = (fragment: string, at: number): void => {
    if (fragment[at] !== word[token.length]) return unexpected(fragment, at)
    token += fragment[at]
    if (token.length === word.length) finish(literal, true)
  }

  const readBetween = (fragment: string, at: number): void => {
    if (isSpace(fragment.charCodeAt(at))) return
    const character = fragment[at]
    const isArray = stack.at(-1)?.isArray
    switch (state) {
      case "first-element":
        return character === "]" ? close() : beginValue(fragment, at)
      case "value":
        return beginValue(fragment, at)
      case "first-key":
        if (character === "}") return close()
        return character === '"' ? beginString(true) : unexpected(fragment, at)
      case "key":
        return character === '"' ? beginString(true) : unexpected(fragment, at)
      case "colon":
        if (character !== ":") return unexpected(fragment, at)
        state = "value"
        return
      case "after-value":
        if (character === ",") state = isArray ? "value" : "key"
        else if (character === (isArray ? "]" : "}")) close()
        else unexpected(fragment, at)
        return
      default:
        return unexpected(fragment, at)
    }
  }

  const read = (fragment: string): void => {
    let at = 0
    while (at < fragment.length && problem === undefined) {
      switch (state) {
        case "string":
          at = readString(fragment, at)
          break
        case "number":
          at = readNumber(fragment, at)
          break
        case "escape":
          readEscape(fragment, at++)
          break
        case "unicode":
          readHex(fragment, at++)
          break
        case "literal":
          readLiteral(fragment, at++)
          break
        default:
          readBetween(fragment, at++)
      }
    }
    before += fragment.length
  }

  /** What there is of the token that is being read; `undefined` while it is in doubt. */
  const unfinished = (): unknown => {
    if (state === "string" || state === "escape" || state === "unicode") return isKey ? undefined : token
    // A number that long is none that anybody shows, and reading it again at each step would cost more and more.
    if (state !== "number" || stack.length > 0 || token.length > longestNumber) return undefined
    const number = numberSoFar.exec(token)?.[0]
    return number === undefined ? undefined : Number(number)
  }

  const copy = (): unknown => {
    if (stack.length === 0 && state === "done") return root
    let inner = unfinished()
    for (let i = stack.length - 1; i >= 0; i--) {
      const frame = stack[i]!
      if (frame.isArray) {
        const members = frame.members.slice()
        if (inner !== undefined) members.push(inner)
        inner = members
      } else {
        const members = { ...frame.members }
        if (inner !== undefined) setOwn(members, frame.key, inner)
        inner = members
      }
    }
    return inner
  }

  const value = (): unknown => {
    if (changed) {
      snapshot = copy()
      changed = false
    }
    return snapshot
  }

  const json: PartialJson = {
    add: (fragment) => {
      if (problem === undefined) read(fragment)
      return json
    },
    value,
    openMembers: () => openMembers,
    problem: () => problem,
    end: () => {
      if (state === "number" && stack.length === 0) endNumber(before)
      if (problem !== undefined) return Result.fail(problem)
      if (state === "done") return Result.succeed(value())
      return Result.fail({
        _tag: "Problem",
        reason: "Incomplete",
        offset: before,
        issue: before === 0 ? "there is no text" : `the text ends where ${due[state]} was due`
      })
    }
  }
  return json
}

/**
 * The value of the beginning of a JSON text: {@link make}, for a text that is there at once. `undefined` is the value of a
 * text in which none has begun.
 *
 * **Example** (What is there of an answer that was cut)
 *
 * ```ts
 * import { PartialJson } from "@effect-sse/core"
 * import { Result } from "effect"
 *
 * console.log(Result.getOrUndefined(PartialJson.parse("[1, 2, {\"a\": tr"))) // [1, 2, {}]
 * ```
 */
export const parse = (text: string, options?: Options | undefined): Result.Result<unknown, Problem> => {
  const json = make(options).add(text)
  const problem = json.problem()
  return problem === undefined ? Result.succeed(json.value()) : Result.fail(problem)
}
