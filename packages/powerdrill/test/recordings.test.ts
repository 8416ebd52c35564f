/**
 * The fold against recordings of the real service, which are not part of this project: EFFECT_SSE_SAMPLES names a folder
 * with `powerdrill/travel-agency-price.sse` and `.json`, the same question streamed and not streamed, in two runs.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Powerdrill } from "../src/index.ts"
import { answeredWith, request } from "./Fixture.ts"

const folder = process.env["EFFECT_SSE_SAMPLES"]
const recording = (extension: string) => join(folder ?? "", "powerdrill", `travel-agency-price.${extension}`)
const missing = folder === undefined || !existsSync(recording("sse"))

it.effect.skipIf(missing)("folds a recorded stream to the blocks of the recorded answer", () =>
  Effect.gen(function* () {
    const bytes = (extension: string) => new Uint8Array(readFileSync(recording(extension)))
    const streamed = yield* Powerdrill.use(({ jobs }) => jobs.run(request)).pipe(
      Effect.provide(answeredWith(bytes("sse")))
    )
    const asked = yield* Powerdrill.use(({ jobs }) => jobs.ask(request)).pipe(
      Effect.provide(answeredWith(bytes("json"), { headers: { "content-type": "application/json;charset=UTF-8" } }))
    )
    assert.deepStrictEqual(
      streamed.blocks.map(({ _tag }) => _tag),
      asked.blocks.map(({ _tag }) => _tag)
    )
    const steps = (report: typeof asked) =>
      report.groups.filter(({ blocks }) => blocks.length > 0).map(({ blocks }) => blocks.length)
    assert.deepStrictEqual(steps(streamed), steps(asked))
    assert.deepStrictEqual(streamed.questions.length, asked.questions.length)
    assert.deepStrictEqual(streamed.tables.length + streamed.images.length, asked.tables.length + asked.images.length)
    assert.isTrue([...streamed.tables, ...streamed.images].every(({ expiresAt }) => expiresAt !== undefined))
    assert.isTrue(streamed.tasks.every(({ status }) => status === "done"))
    assert.deepStrictEqual(
      streamed.others.map(({ _tag }) => _tag),
      ["Trigger"]
    )
  })
)
