/**
 * Places in a video, for the schemas of structured answers.
 *
 * All of them decode to a `Duration`: the time from the start of the video's clock. A number would not say whether it counts
 * seconds or milliseconds, and what was asked for as a clock would differ from what was asked for as seconds.
 *
 * In the JSON Schema of an analysis they stand as the vendor's own type, `{ "type": "timestamp", "format": … }`, which the
 * vendor takes from the video instead of from the text of the model. There they may stand only as the properties of the whole
 * answer, and of objects directly in an array. In the other dialects they are numbers and strings of the same form.
 *
 * **Example** (Scenes with their times)
 *
 * ```ts
 * import { JsonSchemaDialect, Timestamp } from "@effect-sse/twelvelabs"
 * import { Schema } from "effect"
 *
 * const Scenes = Schema.Struct({
 *   scenes: Schema.Array(Schema.Struct({ start: Timestamp.seconds, title: Schema.String }))
 * })
 * const jsonSchema = JsonSchemaDialect.fromSchema(JsonSchemaDialect.analyze, Scenes)
 * ```
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { type TimestampFormat, timestampFormat } from "./internal/timestampFormat.ts"

/** Six digits of hours are more than a century. */
const clockPattern = /^\d{2,6}:[0-5]\d:[0-5]\d$/u
const clockMillisPattern = /^\d{2,6}:[0-5]\d:[0-5]\d\.\d{3}$/u
const maxMillis = 1_000_000 * 3_600_000

const VideoTime = Schema.Duration.check(
  Schema.makeFilter((time: Duration.Duration) => {
    const millis = Duration.toMillis(time)
    return (millis >= 0 && millis < maxMillis) || "a time between 0 and a million hours"
  })
)

const marked = (format: TimestampFormat) => ({ [timestampFormat]: format })

const twoDigits = (value: number): string => String(value).padStart(2, "0")

const written = (time: Duration.Duration): string => {
  const seconds = Math.floor(Duration.toMillis(time) / 1000)
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(":")
}

const read = (text: string): Duration.Duration => {
  const [hours, minutes, seconds] = text.split(":").map(Number) as [number, number, number]
  return Duration.millis(Math.round((hours * 3600 + minutes * 60 + seconds) * 1000))
}

/**
 * Seconds as a JSON number, with fractions: `754.25`.
 */
export const seconds: Schema.decodeTo<Schema.Duration, Schema.Finite> = Schema.Finite.check(
  Schema.isGreaterThanOrEqualTo(0)
)
  .annotate(marked("seconds"))
  .pipe(
    Schema.decodeTo(VideoTime, SchemaTransformation.transform({ decode: Duration.seconds, encode: Duration.toSeconds }))
  )

/**
 * Hours, minutes and seconds: `"00:12:34"`. What is encoded loses its fraction of a second.
 */
export const clock: Schema.decodeTo<Schema.Duration, Schema.String> = Schema.String.check(
  Schema.isPattern(clockPattern)
)
  .annotate(marked("hh:mm:ss"))
  .pipe(Schema.decodeTo(VideoTime, SchemaTransformation.transform({ decode: read, encode: written })))

/**
 * Hours, minutes, seconds and milliseconds: `"00:12:34.250"`. What is encoded loses what is below a millisecond.
 */
export const clockMillis: Schema.decodeTo<Schema.Duration, Schema.String> = Schema.String.check(
  Schema.isPattern(clockMillisPattern)
)
  .annotate(marked("hh:mm:ss.fff"))
  .pipe(
    Schema.decodeTo(
      VideoTime,
      SchemaTransformation.transform({
        decode: read,
        encode: (time) => `${written(time)}.${String(Math.floor(Duration.toMillis(time)) % 1000).padStart(3, "0")}`
      })
    )
  )
