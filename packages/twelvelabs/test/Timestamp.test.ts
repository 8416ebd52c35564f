import { Timestamp } from "@effect-sse/twelvelabs"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Duration, Effect, Exit, Schema } from "effect"

const formats = {
  seconds: { schema: Timestamp.seconds, precision: 1 },
  clock: { schema: Timestamp.clock, precision: 1000 },
  clockMillis: { schema: Timestamp.clockMillis, precision: 1 }
} as const

const decoded = (schema: Schema.Codec<Duration.Duration, unknown>, json: unknown) =>
  Effect.exit(Schema.decodeUnknownEffect(schema)(json))

describe("Timestamp", () => {
  it.effect("reads seconds, and clocks without and with milliseconds, as durations", () =>
    Effect.gen(function* () {
      const cases = [
        [Timestamp.seconds, 754.25, "754250 millis"],
        [Timestamp.seconds, 0, 0],
        [Timestamp.clock, "00:12:34", "754 seconds"],
        [Timestamp.clock, "123:00:01", "442801 seconds"],
        [Timestamp.clockMillis, "00:12:34.250", "754250 millis"],
        [Timestamp.clockMillis, "00:00:01.001", "1001 millis"]
      ] as const
      for (const [schema, json, expected] of cases) {
        const time = yield* Schema.decodeUnknownEffect(schema)(json)
        assert.deepStrictEqual(Duration.toMillis(time), Duration.toMillis(Duration.fromInputUnsafe(expected)))
      }
    })
  )

  it.effect("refuses what is no place in a video, or is written otherwise", () =>
    Effect.gen(function* () {
      const cases = [
        [Timestamp.seconds, [-1, "12", NaN, Infinity, 1e300, null]],
        [Timestamp.clock, ["12:34", "1:02:03", "00:60:00", "00:00:60", "00:00:01.5", "-00:00:01", "00:12:34 ", 12]],
        [Timestamp.clockMillis, ["00:00:01", "00:00:01.5", "00:00:01.0000", "1234567:00:00.000", "００:00:01.000"]]
      ] as const
      for (const [schema, jsons] of cases) {
        for (const json of jsons) assert.isTrue(Exit.isFailure(yield* decoded(schema, json)), String(json))
      }
      for (const { schema } of Object.values(formats)) {
        for (const time of [Duration.infinity, Duration.hours(2_000_000)]) {
          assert.isTrue(Exit.isFailure(yield* Effect.exit(Schema.encodeUnknownEffect(schema)(time))))
        }
      }
    })
  )

  for (const [name, { precision, schema }] of Object.entries(formats)) {
    const millis = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3_599_999_999_999 })))
    it.effect.prop(
      `${name} comes back from its encoded form, but for what the form cannot hold`,
      [millis],
      ([millis]) =>
        Effect.gen(function* () {
          const encoded = yield* Schema.encodeEffect(schema as Schema.Codec<Duration.Duration, unknown>)(
            Duration.millis(millis)
          )
          const back = yield* Schema.decodeUnknownEffect(schema)(encoded)
          assert.closeTo(Duration.toMillis(back), Math.floor(millis / precision) * precision, 1e-3)
        })
    )
  }
})
