/**
 * The last member of a union by `asset_type`: what has one that is not known, as it came.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const Raw = Schema.Record(Schema.String, Schema.Unknown)

/** What has another `asset_type` than the known ones, so that what has a known one and a wrong shape still fails. */
export const unknownKind = <const Tag extends string>(tag: Tag, known: ReadonlyArray<string>) =>
  Raw.check(Schema.makeFilter((raw) => !known.includes(raw["asset_type"] as string))).pipe(
    Schema.decodeTo(
      Schema.Struct({
        _tag: Schema.Literal(tag),
        /** The vendor's `asset_type`, when it is a text. */
        assetType: Schema.UndefinedOr(Schema.String),
        /** All of it, as it came. */
        raw: Raw
      }),
      SchemaTransformation.transform({
        decode: (raw) => {
          const type = raw["asset_type"]
          return { _tag: tag, assetType: typeof type === "string" ? type : undefined, raw }
        },
        encode: ({ raw }) => raw
      })
    )
  )
