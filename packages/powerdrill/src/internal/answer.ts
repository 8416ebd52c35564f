/**
 * The answer that is not streamed: its schema, and how it is read.
 */
import * as Schema from "effect/Schema"
import type * as Block from "../Block.ts"
import { JobId } from "../Ids.ts"
import * as Contents from "./contents.ts"

const typed = <T extends string, C extends Schema.Codec<unknown, unknown>>(type: T, content: C) =>
  Schema.Struct({ type: Schema.Literal(type), content, ...Contents.placeFields })

const known = [
  typed("MESSAGE", Schema.String),
  typed("CODE", Schema.String),
  typed("TABLE", Contents.Link),
  typed("IMAGE", Contents.Link),
  typed("SOURCES", Contents.Sources),
  typed("QUESTIONS", Contents.Questions),
  typed("CHART_INFO", Contents.ChartInfo)
] as const

const knownTypes: ReadonlySet<string> = new Set(known.map(({ fields }) => fields.type.literal))

/** Only unknown types: a known one with a wrong content must not pass as this. */
const UnknownBlock = Schema.Struct({
  type: Schema.String.check(Schema.makeFilter((type) => !knownTypes.has(type), { expected: "an unknown type" })),
  content: Schema.optionalKey(Schema.Unknown),
  ...Contents.placeFields
})

/** A block of an answer. */
export const AnswerBlock = Schema.Union([...known, UnknownBlock])

/** A whole answer to "Create job". */
export const Answer = Schema.Struct({ job_id: JobId, blocks: Schema.Array(AnswerBlock) })

/** The same in its envelope. */
export const JobAnswer = Schema.Struct({ data: Answer })

type Known = (typeof known)[number]["Type"]

const isKnown = (wire: typeof AnswerBlock.Type): wire is Known => knownTypes.has(wire.type)

/** Reads a block. */
export const blockOf = (wire: typeof AnswerBlock.Type): Block.Block => {
  const place = Contents.placeOf(wire)
  if (!isKnown(wire)) return { _tag: "Unknown", name: wire.type, raw: wire.content, ...place }
  switch (wire.type) {
    case "MESSAGE":
      return { _tag: "Message", text: wire.content, ...place }
    case "CODE":
      return { _tag: "Code", code: wire.content, ...place }
    case "TABLE":
      return { _tag: "Table", ...Contents.linkOf(wire.content), ...place }
    case "IMAGE":
      return { _tag: "Image", ...Contents.linkOf(wire.content), ...place }
    case "SOURCES":
      return { _tag: "Sources", sources: wire.content.map(Contents.sourceOf), ...place }
    case "QUESTIONS":
      return { _tag: "Questions", questions: wire.content, ...place }
    case "CHART_INFO":
      return { _tag: "ChartInfo", ...Contents.chartOf(wire.content), ...place }
  }
}
