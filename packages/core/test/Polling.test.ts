import { Polling } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Schedule } from "effect"
import { TestClock } from "effect/testing"

type State = "running" | "done" | "broken"

/** Something whose states follow each other, the last one for ever. */
const subject = (...states: ReadonlyArray<State>) => {
  let polls = 0
  const poll = Effect.suspend(() => {
    const state = states[Math.min(polls++, states.length - 1)]!
    return state === "broken" ? Effect.fail("broken" as const) : Effect.succeed(state)
  })
  return {
    polls: () => polls,
    subject: { subject: "the export", poll, isReady: (state: State) => state === "done", describe: String }
  }
}

describe("Polling.until", () => {
  it.effect("asks at once, and waits for nothing when it is ready", () =>
    Effect.gen(function* () {
      const { polls, subject: ready } = subject("done")
      assert.strictEqual(yield* Polling.until(ready), "done")
      assert.strictEqual(polls(), 1)
    })
  )

  it.effect("asks again by the schedule until it is ready, and tells of each state", () =>
    Effect.gen(function* () {
      const { polls, subject: slow } = subject("running", "running", "done")
      const seen: Array<State> = []
      const fiber = yield* Polling.until(slow, {
        schedule: Schedule.spaced("5 seconds"),
        onProgress: (state) => Effect.sync(() => seen.push(state))
      }).pipe(Effect.forkChild)
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(polls(), 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(polls(), 2)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "done")
      assert.deepStrictEqual(seen, ["running", "running", "done"])
    })
  )

  it.effect("fails with NotReadyError at the deadline, with the last state and the time", () =>
    Effect.gen(function* () {
      const { subject: endless } = subject("running")
      const fiber = yield* Polling.until(endless, { deadline: "1 minute" }).pipe(Effect.flip, Effect.forkChild)
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      if (error === "broken") return assert.fail("it did not break")
      assert.strictEqual(error._tag, "NotReadyError")
      assert.deepStrictEqual([error.state, error.waitedMillis], ["running", 60_000])
      assert.include(error.message, "the export is not ready after 1m")
      assert.isTrue(error.isRetryable)
    })
  )

  it.effect("fails with NotReadyError at the deadline though an answer never comes", () =>
    Effect.gen(function* () {
      const fiber = yield* Polling.until(
        { subject: "it", poll: Effect.never, isReady: () => true, describe: String },
        { deadline: "10 seconds" }
      ).pipe(Effect.flip, Effect.forkChild)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).state, "unknown")
    })
  )

  it.effect("fails with NotReadyError when the schedule ends first", () =>
    Effect.gen(function* () {
      const { polls, subject: endless } = subject("running")
      const error = yield* Effect.flip(Polling.until(endless, { schedule: Schedule.recurs(2) }))
      assert.instanceOf(error, Polling.NotReadyError)
      assert.strictEqual(polls(), 3)
    })
  )

  it.effect("outlasts errors that may pass, and tells of the last one only when the time is up", () =>
    Effect.gen(function* () {
      const down = { _tag: "Down", isRetryable: true } as const
      const polling = (goodFrom: number) => {
        let polls = 0
        const poll = Effect.suspend(() => (++polls < goodFrom ? Effect.fail(down) : Effect.succeed("done")))
        return Polling.until(
          { subject: "it", poll, isReady: (state) => state === "done", describe: String },
          { schedule: Schedule.spaced("1 second"), deadline: "10 seconds" }
        )
      }
      const soon = yield* Effect.forkChild(polling(5))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* Fiber.join(soon), "done")
      const late = yield* Effect.forkChild(Effect.flip(polling(50)))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(late), down)
    })
  )

  it.effect("fails as asking fails, at once", () =>
    Effect.gen(function* () {
      const { polls, subject: broken } = subject("running", "broken")
      const error = yield* Effect.flip(Polling.until(broken, { schedule: Schedule.recurs(9) }))
      assert.deepStrictEqual([error, polls()], ["broken", 2])
    })
  )

  it.effect("waits longer and longer by itself, and no longer than ten seconds at once", () =>
    Effect.gen(function* () {
      const { polls, subject: endless } = subject("running")
      const fiber = yield* Polling.until(endless, { deadline: Duration.infinity }).pipe(Effect.forkChild)
      yield* TestClock.adjust("1 minute")
      const early = polls()
      assert.isAtMost(early, 13)
      yield* TestClock.adjust("10 minutes")
      assert.isAtLeast(polls() - early, 60)
      yield* Fiber.interrupt(fiber)
    })
  )
})
