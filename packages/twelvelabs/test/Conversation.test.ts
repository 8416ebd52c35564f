/** On real sockets, against the emulator. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result, Stream } from "effect"
import { EventStream, RetryPolicy } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import {
  CollectionId,
  Conversation,
  ItemId,
  KnowledgeStoreId,
  Prompt,
  Response,
  SessionId,
  TwelveLabs
} from "@effect-sse/twelvelabs"
import { answeredWith, request, type Sent } from "./Fixture.ts"
import { live } from "./Live.ts"

const begin = (options: Partial<Conversation.Options> = {}) =>
  Effect.gen(function* () {
    const { twelvelabs } = yield* Emulator
    const knowledgeStoreId = KnowledgeStoreId.make(twelvelabs.knowledgeStoreId)
    return yield* Conversation.make(yield* TwelveLabs, { knowledgeStoreId, ...options })
  })

const bodies = Effect.gen(function* () {
  const { requests } = yield* Emulator
  return (yield* requests).map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>)
})

const sessionIds = Effect.map(bodies, (sent) => sent.map(({ session_id }) => session_id))

/** Never two at a time, as the server saw it. Answers that the client left may end later there. */
const inTurn = Effect.gen(function* () {
  const { requests } = yield* Emulator
  let end = 0
  for (const { ended, endedAt, receivedAt } of yield* requests) {
    if (ended !== "finished") continue
    assert.isAtLeast(receivedAt, end)
    end = endedAt!
  }
})

describe("a conversation", () => {
  live("carries the session of its first response into all later turns", () =>
    Effect.gen(function* () {
      const { create, run, sessionId, stream } = yield* begin()
      assert.isUndefined(yield* sessionId)
      const first = yield* run("How are kites built?")
      assert.strictEqual(yield* sessionId, first.sessionId)
      const second = yield* create("And bowls?")
      yield* Stream.runDrain(stream("And cups?"))
      assert.match(first.sessionId!, /^sess_/)
      assert.strictEqual(second.sessionId, first.sessionId)
      assert.deepStrictEqual(yield* sessionIds, [undefined, first.sessionId, first.sessionId])
      assert.notStrictEqual(Response.text(first), "")
    })
  )

  live("takes its session from an answer as a whole, too", () =>
    Effect.gen(function* () {
      const { create, run, sessionId } = yield* begin()
      const first = yield* create("How are kites built?")
      assert.strictEqual(yield* sessionId, first.sessionId)
      yield* run("And bowls?")
      assert.deepStrictEqual(yield* sessionIds, [undefined, first.sessionId])
    })
  )

  live("knows its session while the first answer still comes", () =>
    Effect.gen(function* () {
      const { sessionId, stream } = yield* begin()
      const known = yield* stream("How are kites built?").pipe(
        Stream.take(1),
        Stream.mapEffect(() => sessionId),
        Stream.runHead
      )
      assert.match(String(known._tag === "Some" ? known.value : undefined), /^sess_/)
    })
  )

  live("goes on with one that exists, over the same knowledge store only", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* TwelveLabs
      const { run, sessionId } = yield* begin()
      yield* run("How are kites built?")
      const id = yield* sessionId
      const later = yield* begin({ sessionId: id })
      assert.strictEqual(yield* later.sessionId, id)
      yield* later.run("And bowls?")
      assert.strictEqual(yield* later.sessionId, id)
      assert.deepStrictEqual(yield* sessionIds, [undefined, id])
      const other = yield* knowledgeStores.create({ name: "Other" })
      const elsewhere = yield* begin({ sessionId: id, knowledgeStoreId: other.id })
      const error = yield* Effect.flip(elsewhere.run("And cups?"))
      assert(error._tag === "ApiError")
      assert.strictEqual(error.kind, "InvalidRequest")
    })
  )

  it.effect("keeps its session when an answer does not name one", () => {
    const sent: Array<Sent> = []
    const sessionId = SessionId.make("sess_1")
    return Effect.gen(function* () {
      const talk = yield* Conversation.make(yield* TwelveLabs, {
        knowledgeStoreId: request.knowledgeStoreId,
        sessionId
      })
      yield* talk.create("1")
      yield* talk.create("2")
      assert.deepStrictEqual(
        sent.map(({ body }) => body["session_id"]),
        [sessionId, sessionId]
      )
    }).pipe(
      Effect.provide(
        answeredWith('{"id":"resp_1","session_id":null}', { sent, headers: { "content-type": "application/json" } })
      )
    )
  })

  live("has one turn at a time, and two that begin it at once are in one session", () =>
    Effect.gen(function* () {
      const { create, run, sessionId, stream } = yield* begin()
      yield* Effect.all([run("1"), create("2"), Stream.runDrain(stream("3")), run("4"), create("5")], {
        concurrency: "unbounded"
      })
      const id = yield* sessionId
      assert.deepStrictEqual(yield* sessionIds, [undefined, id, id, id, id])
      yield* inTurn
    })
  )

  live("is kept waiting by no stream that does not run, and takes a turn for each run of one", () =>
    Effect.gen(function* () {
      const { run, sessionId, stream } = yield* begin()
      const question = stream("How are kites built?")
      yield* run("And bowls?")
      yield* Stream.runDrain(question)
      yield* Stream.runDrain(question)
      const id = yield* sessionId
      assert.deepStrictEqual(yield* sessionIds, [undefined, id, id])
    })
  )

  live("goes on when its consumer has enough of an answer", () =>
    Effect.gen(function* () {
      const { run, sessionId, stream } = yield* begin()
      yield* stream("How are kites built?").pipe(Stream.take(3), Stream.runDrain)
      const id = yield* sessionId
      yield* run("And bowls?")
      assert.deepStrictEqual(yield* sessionIds, [undefined, id])
      assert.isDefined(id)
    })
  )
})

describe("a turn", () => {
  live(
    "that is interrupted lets the next begin, in the session that it had",
    () =>
      Effect.gen(function* () {
        const { run, sessionId, stream } = yield* begin()
        const seen: Array<string> = []
        const first = yield* stream("How are kites built?").pipe(
          Stream.runForEach(({ _tag }) => Effect.sync(() => seen.push(_tag))),
          Effect.forkChild
        )
        const second = yield* Effect.forkChild(run("And bowls?"))
        while (seen.length < 2) yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(first)
        yield* Fiber.join(second)
        const id = yield* sessionId
        assert.isDefined(id)
        assert.deepStrictEqual(yield* sessionIds, [undefined, id])
      }),
    { play: { fault: "silence", after: 2, times: 1 } }
  )

  live(
    "that is interrupted while it waits is never asked",
    () =>
      Effect.gen(function* () {
        const { create, run } = yield* begin()
        const first = yield* Effect.forkChild(run("1"))
        yield* Effect.sleep("20 millis")
        const waiting = yield* Effect.forEach([run("2"), create("3"), run("4")], (turn) => Effect.forkChild(turn))
        const last = yield* Effect.forkChild(run("5"))
        yield* Effect.sleep("20 millis")
        yield* Fiber.interruptAll(waiting)
        yield* Fiber.join(first)
        yield* Fiber.join(last)
        const asked = (yield* bodies).map(({ input }) => (input as ReadonlyArray<{ content: string }>)[0]!.content)
        assert.deepStrictEqual(asked, ["1", "5"])
      }),
    { play: { delay: 200 } }
  )

  live(
    "that fails before the vendor names a session leaves none",
    () =>
      Effect.gen(function* () {
        const { create, run, sessionId } = yield* begin()
        for (const turn of [run("1"), create("2")]) {
          const error = yield* Effect.flip(turn)
          assert.strictEqual(error._tag, "ApiError")
          assert.isUndefined(yield* sessionId)
        }
        yield* run("3")
        assert.deepStrictEqual(yield* sessionIds, [undefined, undefined, undefined])
        assert.isDefined(yield* sessionId)
      }),
    { play: { fault: "server-error", times: 2 } }
  )

  live(
    "that breaks in its session leaves it to the next",
    () =>
      Effect.gen(function* () {
        const { run, sessionId } = yield* begin()
        const error = yield* Effect.flip(run("1"))
        assert.strictEqual(error._tag, "MissingDoneError")
        const id = yield* sessionId
        assert.isDefined(id)
        yield* run("2")
        assert.deepStrictEqual(yield* sessionIds, [undefined, id])
      }),
    { play: { fault: "cut", after: 2, times: 1 } }
  )

  live(
    "may start over, which is another turn of the session",
    () =>
      Effect.gen(function* () {
        const { sessionId, stream } = yield* begin()
        const policy = RetryPolicy.make({ retries: () => true, times: 2, base: "1 millis" })
        const events = yield* stream("How are kites built?").pipe(EventStream.restarting(policy), Stream.runCollect)
        assert.include(
          events.map(({ _tag }) => _tag as string),
          "Restarted"
        )
        assert.deepStrictEqual(yield* sessionIds, [undefined, yield* sessionId])
      }),
    { play: { fault: "cut", after: 3, times: 1 } }
  )

  live(
    "never waits for ever, whoever is interrupted and when",
    () =>
      Effect.gen(function* () {
        const { create, run, stream } = yield* begin()
        const turns = [
          run("a"),
          create("b"),
          Stream.runDrain(stream("c")),
          Stream.runDrain(Stream.take(stream("d"), 2))
        ]
        for (let round = 0; round < 40; round++) {
          const fibers = yield* Effect.forEach(turns, (turn) => Effect.forkChild(turn))
          yield* Effect.sleep(round % 7)
          yield* Fiber.interruptAll(fibers.filter((_, index) => (round + index) % 3 !== 0))
          yield* Effect.forEach(fibers, Fiber.await).pipe(
            Effect.timeoutOrElse({ duration: "5 seconds", orElse: () => Effect.die(new Error("a turn hangs")) })
          )
        }
        yield* inTurn
      }),
    { play: { delay: 2 } }
  )
})

describe("what a conversation's turns share", () => {
  const bowl = Prompt.item(ItemId.make("ksi_bowl"))
  const cup = Prompt.item(ItemId.make("ksi_cup"))
  const shelf = Prompt.collection(CollectionId.make("ksic_shelf"))

  live("is sent with each, unless it says otherwise", () =>
    Effect.gen(function* () {
      const { create, run } = yield* begin({ instructions: "Briefly.", include: ["intermediate_outputs"] })
      yield* run("1")
      yield* run({ input: "2", instructions: "At length.", include: undefined })
      yield* create({ input: [{ content: "3" }], include: [] })
      const sent = yield* bodies
      assert.deepStrictEqual(
        sent.map(({ include, instructions }) => [instructions, include]),
        [
          ["Briefly.", ["intermediate_outputs"]],
          ["At length.", ["intermediate_outputs"]],
          ["Briefly.", []]
        ]
      )
      assert.isFalse("selections" in sent[0]!)
    })
  )

  live("is selected too, behind what a turn's text points at", () =>
    Effect.gen(function* () {
      const { run } = yield* begin({ selections: [shelf, bowl] })
      yield* run("1")
      yield* run(Prompt.text`Compare ${cup} with ${bowl}.`)
      const sent = yield* bodies
      assert.deepStrictEqual(
        sent.map(({ selections }) => (selections as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)),
        [
          ["ksic_shelf", "ksi_bowl"],
          ["ksi_cup", "ksi_bowl", "ksic_shelf"]
        ]
      )
      assert.include(JSON.stringify(sent[1]!["input"]), "Compare {{sel:0}} with {{sel:1}}.")
    })
  )

  live("is checked with each turn, which is not asked when it is wrong", () =>
    Effect.gen(function* () {
      const { create, run } = yield* begin({ sessionId: SessionId.make("") })
      for (const turn of [run("1"), create("2")]) {
        const result = yield* Effect.result(turn)
        assert(Result.isFailure(result) && result.failure._tag === "TransportError")
        assert.strictEqual(result.failure.reason, "InvalidRequest")
      }
      assert.deepStrictEqual(yield* bodies, [])
    })
  )
})
