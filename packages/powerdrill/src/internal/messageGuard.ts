/**
 * The short way for the event that nearly all of a stream consists of. It builds what the schema would, or gives up.
 */
import * as JsonTemplate from "@effect-sse/core/JsonTemplate"
import type { Message } from "../JobEvent.ts"
import { groupIdOf } from "./contents.ts"

/** The shape that is hoped for. Nothing of it is believed before it is checked. */
interface Hoped {
  readonly choices?: ReadonlyArray<{ readonly delta?: { readonly content?: unknown } | null } | null>
  readonly created?: unknown
  readonly group_id?: unknown
  readonly group_name?: unknown
  readonly stage?: unknown
}

/**
 * Recognises a `MESSAGE` as the vendor sends it today, with all its fields; `undefined` in every doubt.
 *
 * @param json what `JSON.parse` gave
 */
export const messageOf = (json: unknown): Message | undefined => {
  const hoped = json as Hoped | null
  if (hoped === null || !Array.isArray(hoped.choices)) return undefined
  const { created, group_id: groupId, group_name: groupName, stage } = hoped
  const text = (hoped.choices as NonNullable<Hoped["choices"]>)[0]?.delta?.content
  return typeof text === "string" &&
    typeof groupId === "string" &&
    typeof groupName === "string" &&
    typeof stage === "string" &&
    typeof created === "number"
    ? {
        _tag: "Message",
        text,
        groupId: groupIdOf(groupId),
        groupName: groupName === "" ? undefined : groupName,
        stage: stage === "" ? undefined : stage,
        created
      }
    : undefined
}

const fields: JsonTemplate.Fields = { text: "content" }

const alike: JsonTemplate.Build<Message> = ({ created, groupId, groupName, stage }, text) => ({
  _tag: "Message",
  text,
  groupId,
  groupName,
  stage,
  created
})

/** For the messages of one stream: most are like the one before but for their text. */
export const messageTemplate = (): JsonTemplate.JsonTemplate<Message> => JsonTemplate.make(fields, alike)
