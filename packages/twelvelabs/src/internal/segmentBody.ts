/**
 * Definitions of segments, checked as far as the vendor documents what it refuses, and put on the wire.
 */
import * as Schema from "effect/Schema"
import type { SegmentDefinition, SegmentField } from "../Segments.ts"
import { type Fields, Images, imagesOf } from "./analysisParts.ts"
import { given } from "./given.ts"
import { maxEnum, reservedNames } from "./segmentFields.ts"
import { timestampFormats } from "./timestampFormat.ts"

const areUnique = <A>(key: keyof A & string) =>
  Schema.makeFilter((all: ReadonlyArray<A>) => {
    const seen = new Set<unknown>()
    const again = all.findIndex((one) => seen.size === seen.add(one[key]).size)
    return again === -1 || { path: [again, key], issue: "one that was not there before" }
  })

const Words = Schema.optional(Schema.Array(Schema.String).check(Schema.isMinLength(1), Schema.isMaxLength(maxEnum)))

const field = {
  name: Schema.NonEmptyString.check(
    Schema.makeFilter((name) => !reservedNames.includes(name) || "a name that is not the vendor's own")
  ),
  description: Schema.NonEmptyString
} as const

const Scalar = Schema.Literals(["string", "boolean", "number", "integer"])

const absent = Schema.optional(Schema.Undefined)

const Field = Schema.Union([
  Schema.Struct({ ...field, type: Scalar, enum: Words, format: absent, items: absent }),
  Schema.Struct({ ...field, type: Schema.Literal("array"), items: Scalar, enum: Words, format: absent }),
  Schema.Struct({
    ...field,
    type: Schema.Literal("timestamp"),
    format: Schema.Literals(timestampFormats),
    enum: absent,
    items: absent
  })
])

const Range = Schema.Struct({
  startSeconds: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
  endSeconds: Schema.Finite
}).check(
  Schema.makeFilter(
    ({ endSeconds, startSeconds }) =>
      endSeconds - startSeconds >= 2 || { path: ["endSeconds"], issue: "2 seconds or more after startSeconds" }
  )
)

const doNotOverlap = Schema.makeFilter((ranges: ReadonlyArray<typeof Range.Type>) => {
  const sorted = [...ranges].sort((a, b) => a.startSeconds - b.startSeconds)
  return (
    sorted.every((range, index) => index === 0 || range.startSeconds >= sorted[index - 1]!.endSeconds) ||
    "ranges that do not overlap"
  )
})

const Definition = Schema.Struct({
  id: Schema.NonEmptyString,
  description: Schema.NonEmptyString,
  fields: Schema.optional(Schema.Array(Field).check(areUnique<{ readonly name: string }>("name"))),
  images: Schema.optional(Images),
  timeRanges: Schema.optional(Schema.Array(Range).check(doNotOverlap))
})

/** What definitions are checked against. */
export const Definitions = Schema.Array(Definition).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(20),
  areUnique<{ readonly id: string }>("id")
)

const fieldOf = (field: SegmentField): Fields => {
  const { description, name, type } = field
  return given({
    name,
    type,
    description,
    format: field.type === "timestamp" ? field.format : undefined,
    enum: field.type === "timestamp" ? undefined : field.enum,
    items: field.type === "array" ? { type: field.items } : undefined
  })
}

/** A definition on the wire. */
export const definitionOf = ({ description, fields, id, images, timeRanges }: SegmentDefinition): Fields =>
  given({
    id,
    description,
    fields: fields?.map(fieldOf),
    media_sources: imagesOf(images),
    time_ranges: timeRanges?.map(({ endSeconds, startSeconds }) => ({ start_time: startSeconds, end_time: endSeconds }))
  })
