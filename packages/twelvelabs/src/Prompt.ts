/**
 * Texts that point at items and collections, without counting.
 *
 * On the wire, a text points at what a request selects by its position: `{{sel:0}}` is the first of that same request's
 * `selections`, whatever earlier turns of its conversation selected. A template takes the positions over:
 *
 * **Example** (Two videos compared)
 *
 * ```ts
 * import { type ItemId, type KnowledgeStoreId, Prompt, TwelveLabs } from "@effect-sse/twelvelabs"
 *
 * const compare = (knowledgeStoreId: KnowledgeStoreId, one: ItemId, other: ItemId) =>
 *   TwelveLabs.use(({ responses }) =>
 *     responses.run({
 *       knowledgeStoreId,
 *       ...Prompt.text`How does the seasoning in ${Prompt.item(one)} differ from that in ${Prompt.item(other)}?`
 *     })
 *   )
 * ```
 */
import type { CollectionId, ItemId } from "./Ids.ts"
import type { Selection } from "./ResponseRequest.ts"

/**
 * A text with what it points at: to be spread into a request, or to be a turn of a conversation.
 */
export interface Prompt {
  /** The text, with its pointers. */
  readonly input: string
  /** What the pointers point at, and what else is selected, each once. */
  readonly selections: ReadonlyArray<Selection>
  /** What the text is made of, as it was given. */
  readonly parts: ReadonlyArray<string | Selection>
}

/**
 * What can stand in a template: a text as it is, a selection as a pointer, another prompt as both.
 */
export type Value = string | number | Selection | Prompt

/**
 * Selects an item, such as a video or an image.
 */
export const item = (id: ItemId): Selection => ({ kind: "item", id })

/**
 * Selects a collection of items.
 */
export const collection = (id: CollectionId): Selection => ({ kind: "collection", id })

/**
 * Makes a prompt of a template. A selection that stands in it twice has one position.
 *
 * Only a selection becomes a pointer. Where any text in it, a user's or the template's own, reads like one (`{{sel:0}}`), a
 * word joiner (U+2060, which is not seen) between its braces makes it a text again.
 *
 * **Example** (What a user asks about a collection)
 *
 * ```ts
 * import { type CollectionId, Prompt } from "@effect-sse/twelvelabs"
 *
 * const prompt = (id: CollectionId, question: string) =>
 *   Prompt.text`Within ${Prompt.collection(id)}, in at most ${3} sentences: ${question}`
 * // { input: "Within {{sel:0}}, in at most 3 sentences: …", selections: [{ kind: "collection", id }], … }
 * ```
 */
export const text = (template: TemplateStringsArray, ...values: ReadonlyArray<Value>): Prompt => {
  const parts: Array<Value> = []
  template.forEach((literal, index) => {
    parts.push(literal)
    if (index < values.length) parts.push(values[index]!)
  })
  return concat(parts)
}

/**
 * Joins prompts, and whatever else can stand in a template, to one.
 *
 * @param separator a text between each two of them
 */
export const join = (values: ReadonlyArray<Value>, separator = ""): Prompt =>
  concat(values.flatMap((value, index) => (index === 0 ? [value] : [separator, value])))

/**
 * Selects more than the text points at. These come first and keep their positions; the pointers move behind them.
 */
export const withSelections = (prompt: Prompt, selections: ReadonlyArray<Selection>): Prompt =>
  render(prompt.parts, [...selections, ...prompt.selections])

const isSelection = (value: string | Selection): value is Selection => typeof value === "object"

const concat = (values: ReadonlyArray<Value>): Prompt => {
  const parts: Array<string | Selection> = []
  const selections: Array<Selection> = []
  for (const value of values) {
    if (typeof value === "object" && "parts" in value) {
      for (const part of value.parts) parts.push(part)
      for (const selection of value.selections) selections.push(selection)
    } else if (typeof value === "object") {
      parts.push(value)
      selections.push(value)
    } else parts.push(String(value))
  }
  return render(parts, selections)
}

/** @param chosen what is selected, in order; it may have a selection more than once */
const render = (parts: ReadonlyArray<string | Selection>, chosen: ReadonlyArray<Selection>): Prompt => {
  const positions = new Map<string, number>()
  const selections: Array<Selection> = []
  for (const selection of chosen) {
    // Items and collections have ids of different forms.
    if (positions.has(selection.id)) continue
    positions.set(selection.id, selections.length)
    selections.push(selection)
  }
  let input = ""
  // Texts that touch are one: a pointer may not come together from two of them either.
  let run = ""
  for (const part of parts) {
    if (!isSelection(part)) run += part
    else {
      input += `${plain(run)}{{sel:${positions.get(part.id)}}}`
      run = ""
    }
  }
  return { input: input + plain(run), selections, parts }
}

/** A text that is no pointer to anyone who reads tolerantly: spaces and capitals do not make it one. */
const plain = (text: string): string => text.replaceAll(/\{(?=\{\s*sel)/gi, "{\u2060")
