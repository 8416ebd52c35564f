import { assert, describe, it } from "@effect/vitest"
import { Fault, Scenario } from "@effect-sse/emulator"
import { Effect } from "effect"
import * as ChildProcess from "node:child_process"
import * as Url from "node:url"
import { send } from "./Wire.ts"

const main = Url.fileURLToPath(new URL("../src/main.ts", import.meta.url))

interface Finished {
  readonly output: string
  readonly code: number | null
}

/** Runs the command; `onOutput` sees all that was printed so far. */
const run = (args: ReadonlyArray<string>, onOutput?: (output: string, child: ChildProcess.ChildProcess) => void) =>
  Effect.callback<Finished>((resume) => {
    const child = ChildProcess.spawn(process.execPath, [main, ...args], { env: { ...process.env, NO_COLOR: "1" } })
    let output = ""
    const more = (piece: Buffer) => {
      output += piece.toString()
      onOutput?.(output, child)
    }
    child.stdout.on("data", more)
    child.stderr.on("data", more)
    child.once("close", (code) => resume(Effect.succeed({ output, code })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe("the command", () => {
  it.effect("lists faults and scenarios", () =>
    Effect.gen(function* () {
      const faults = yield* run(["faults"])
      assert.strictEqual(faults.code, 0)
      for (const { description, name } of Fault.all) {
        assert.isTrue(
          faults.output.split("\n").some((line) => line.trim().startsWith(`${name} `) && line.endsWith(description))
        )
      }
      const scenarios = yield* run(["scenarios"])
      for (const { name } of [...Scenario.powerdrill, ...Scenario.twelvelabs]) assert.include(scenarios.output, name)
    })
  )

  it.effect("prints what to copy, serves, logs a line for each request, and stops cleanly on Ctrl-C", () =>
    Effect.gen(function* () {
      let asked = false
      let stopped = false
      const { code, output } = yield* run(["--port", "0", "--pace", "instant"], (output, child) => {
        const base = /POWERDRILL_BASE_URL=(\S+)/.exec(output)?.[1]
        const key = /POWERDRILL_API_KEY=(\S+)/.exec(output)?.[1]
        const session = /POWERDRILL_SESSION_ID=(\S+)/.exec(output)?.[1]
        if (!asked && base !== undefined && key !== undefined && session !== undefined && output.includes("v1.3\n\n")) {
          asked = true
          const post = (play: string, stopAfter: number) =>
            Effect.runPromise(
              send({
                url: `${base}/${play}/v2/team/jobs`,
                headers: { "x-pd-api-key": key },
                body: { session_id: session, user_id: "u", question: "q", stream: true },
                stopAfter
              })
            )
          void post("~fault=silence", 10_000)
          void post("~fault=cut,after=1", 10_000)
        }
        if (!stopped && output.includes("cut, ")) {
          stopped = true
          child.kill("SIGINT")
        }
      })
      assert.strictEqual(code, 130)
      for (const name of [
        "POWERDRILL_USER_ID",
        "TWELVELABS_BASE_URL",
        "TWELVE_LABS_API_KEY",
        "TWELVELABS_KNOWLEDGE_STORE_ID"
      ]) {
        assert.match(output, new RegExp(`export ${name}=\\S+`))
      }
      assert.match(output, /POST \/powerdrill\/v2\/team\/jobs ~fault=cut,after=1: 200, cut, \d+ bytes in \d+ ms/)
    })
  )

  it.effect("says in one line that the port is taken", () =>
    Effect.gen(function* () {
      let second: Promise<Finished> | undefined
      yield* run(["--port", "0"], (output, child) => {
        const port = /127\.0\.0\.1:(\d+)/.exec(output)?.[1]
        if (second !== undefined || port === undefined) return
        second = Effect.runPromise(run(["--port", port]))
        void second.finally(() => child.kill("SIGINT"))
      })
      const finished = yield* Effect.promise(() => second ?? Promise.reject(new Error("never started")))
      assert.strictEqual(finished.code, 1)
      assert.match(finished.output, /Cannot listen on port \d+/)
      assert.notMatch(finished.output, /at Server\./)
    })
  )
})
