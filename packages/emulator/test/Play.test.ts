import { assert, describe, it } from "@effect/vitest"
import { Fault, Play, Scenario } from "@effect-sse/emulator"
import { Result } from "effect"
import * as Fs from "node:fs"

const scenarios = ["one", "two"] as const

describe("Play", () => {
  it("survives the way through a base URL", () => {
    const play: Play.Play<"one" | "two"> = {
      scenario: "two",
      fault: "rate-limited",
      after: 0,
      times: 2,
      id: "a,b=c/~d 价格",
      retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT",
      location: "http://localhost:1/x?y=z"
    }
    const segment = Play.toSegment(play)
    assert.match(segment, /^~[^/\s?#]+$/)
    const path = new URL(`http://127.0.0.1/powerdrill/${segment}/v2`).pathname.split("/")[2] ?? ""
    assert.deepStrictEqual(Result.getOrThrow(Play.fromSegment(path, scenarios)), play)
  })

  it("is the empty text when there is nothing to ask", () => {
    assert.strictEqual(Play.toSegment({}), "")
    assert.strictEqual(Play.toSegment({ fault: undefined }), "")
    assert.deepStrictEqual(Result.getOrThrow(Play.fromSegment("~", scenarios)), {})
  })

  it("reads numbers as numbers", () => {
    const play = Result.getOrThrow(Play.fromSegment("~after=7,chunk=1,ttl=0,bytes=1000", scenarios))
    assert.deepStrictEqual(play, { after: 7, chunk: 1, ttl: 0, bytes: 1000 })
  })

  it("says what is wrong with a play, and what exists", () => {
    for (const segment of [
      "~fault=explode",
      "~scenario=three",
      "~colour=red",
      "~after=-1",
      "~after=1.5",
      "~chunk=0",
      "~after",
      "~=1",
      "~id=%E0%A4%A",
      "~pace=fast",
      "~status=99",
      "~__proto__=1"
    ]) {
      const message = Result.match(Play.fromSegment(segment, scenarios), {
        onSuccess: () => "no failure",
        onFailure: (message) => message
      })
      assert.include(message, "cannot be played", segment)
      assert.include(message, "scenarios: one two", segment)
      for (const fault of Fault.names) assert.include(message, fault)
      for (const key of Play.keys) assert.include(message, key)
    }
  })

  it("has each fault once", () => {
    assert.strictEqual(new Set(Fault.names).size, Fault.names.length)
  })
})

describe("README", () => {
  const readme = Fs.readFileSync(new URL("../README.md", import.meta.url), "utf8")

  it("has every fault and scenario with its line, and every key of a play", () => {
    for (const { description, name } of [...Fault.all, ...Scenario.powerdrill, ...Scenario.twelvelabs]) {
      assert.include(readme, `| \`${name}\` | ${description} |`)
    }
    for (const key of Play.keys) assert.match(readme, new RegExp(`^\\| [^|]*\`${key}\``, "m"))
  })
})
