/**
 * Foreign texts as parts of a Markdown document (CommonMark with GitHub's extensions) that they cannot break out of.
 */
import * as Fence from "./fence.ts"

/** A text on one line that shows as it is written: no markup, no link, no HTML, no entity. */
export const plain = (text: string): string =>
  text
    // Characters that reorder text could make a name look like another.
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    // An underscore inside a word is no markup.
    .replaceAll(/[\\`*[\]<>|~${}]|&(?=[#A-Za-z])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&")
    // What ends a heading, and what makes a heading, a list or a rule at the beginning of a line.
    .replace(/#$/, "\\#")
    .replace(/^[#+=-]/, "\\$&")
    .replace(/^(\d{1,9})([.)])/, "$1\\$2")

/** A relative path, with `/` between folders, as the target of a link. */
export const pathTarget = (path: string): string =>
  path
    .toWellFormed()
    .split("/")
    .map((part) => percentEncode(encodeURIComponent(part), /[!'()*]/g))
    .join("/")

/** A web address as the target of a link; `undefined` for what is none. */
export const urlTarget = (url: string): string | undefined => {
  const parsed = URL.parse(url)
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) return undefined
  return percentEncode(parsed.href, /[^A-Za-z0-9\-._~:/?#[\]@$&+,;=%]/g).replaceAll(/&(?=#?[A-Za-z0-9]+;)/g, "&amp;")
}

const percentEncode = (text: string, characters: RegExp): string =>
  text.replaceAll(characters, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)

/** A text that is Markdown already: kept, but for controls, blank lines around it, and a code block that it leaves open. */
export const markdown = (text: string): string => closed(withoutControls(text).replace(/^(?:[^\S\n]*\n)+/, ""))

/** A code block, whether it comes with its fence or without. */
export const code = (text: string): string => {
  const block = markdown(text)
  if (/^ {0,3}(`{3,}[^`\n]*(\n|$)|~{3})/.test(block) || block === "") return block
  const fence = "`".repeat(Math.max(3, longestRun(block, "`") + 1))
  return `${fence}\n${block}\n${fence}`
}

/** What would be left of a text in a terminal: no escape sequences. */
const withoutControls = (text: string): string =>
  text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "").trimEnd()

/** An open code block would swallow all that follows. Its closing fence may be longer than the opening one. */
const closed = (text: string): string => {
  const fence = Fence.make()
  fence.push(text)
  if (!fence.isOpen()) return text
  const mark = (character: string) => `\n${character.repeat(Math.max(3, longestRun(text, character)))}`
  fence.push(`${mark("`")}\n`)
  return text + mark(fence.isOpen() ? "~" : "`")
}

const longestRun = (text: string, character: string): number => {
  let longest = 0
  let run = 0
  for (let i = 0; i < text.length; i++) {
    run = text[i] === character ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}
