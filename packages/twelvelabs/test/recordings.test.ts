/** Only where EFFECT_SSE_SAMPLES names a folder with recordings of the vendor: they are not ours to ship. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Response, ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { answeredWith, created, request } from "./Fixture.ts"

const folder = join(process.env["EFFECT_SSE_SAMPLES"] ?? "", "twelvelabs")
const recorded = process.env["EFFECT_SSE_SAMPLES"] !== undefined && existsSync(join(folder, "response.sse"))
const read = (name: string) => readFileSync(join(folder, name), "utf8")

describe.runIf(recorded)("a recorded response", () => {
  it.effect("is the same streamed and not", () =>
    Effect.gen(function* () {
      const whole = yield* created(read("response.json"))
      const events = yield* TwelveLabs.use(({ responses }) => Stream.runCollect(responses.stream(request))).pipe(
        Effect.provide(answeredWith(read("response.sse")))
      )
      assert.notInclude(
        events.map((event) => event._tag),
        "Unknown"
      )
      const fold = events.reduce((fold, event) => fold.add(event), ResponseFold.make())
      assert.deepStrictEqual(fold.response(), whole)
      assert.notInclude(JSON.stringify(whole.output), '"_tag":"Unknown')
      const citations = Response.citations(whole)
      assert.isAbove(citations.length, 0)
      for (const { marker } of citations) assert.match(marker, /^\[\d+\]$/)
    })
  )
})
