/** However the network cuts the bytes, the events and the end are the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema, Stream } from "effect"
import { readdirSync } from "node:fs"
import { TwelveLabs } from "@effect-sse/twelvelabs"
import { answeredWith, bytesOf, request } from "./Fixture.ts"

const chunked = (chunks: ReadonlyArray<Uint8Array<ArrayBuffer>>) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    }
  })

/** All that came, and how it ended. */
const outcome = (chunks: ReadonlyArray<Uint8Array<ArrayBuffer>>) =>
  Effect.gen(function* () {
    const { responses } = yield* TwelveLabs
    const seen: Array<unknown> = []
    const end = yield* responses.stream(request).pipe(
      Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
      Effect.result
    )
    return { seen, end: Result.isFailure(end) ? { ...end.failure, message: end.failure.message } : "done" }
  }).pipe(Effect.provide(answeredWith(chunked(chunks))))

describe("any cut gives the same events and the same end", () => {
  for (const name of readdirSync(new URL("fixtures/", import.meta.url)).filter((name) => name.endsWith(".sse"))) {
    const bytes = bytesOf(name)
    const place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: bytes.length }))
    it.effect.prop(`of ${name}`, [Schema.Array(place)], ([cuts]) =>
      Effect.gen(function* () {
        const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
        const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end))
        assert.deepStrictEqual(yield* outcome(chunks), yield* outcome([bytes]))
      })
    )
  }
})
