import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { Response, type ResponseEvent, ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { ParseError } from "@effect-sse/core/StreamError"
import { answeredWith, bytesOf, created, events, request, textOf } from "./Fixture.ts"

const folded = (name: string) =>
  Effect.map(events(name), (all) => all.reduce((fold, event) => fold.add(event), ResponseFold.make()))

const run = (name: string) =>
  TwelveLabs.use(({ responses }) => responses.run(request)).pipe(Effect.provide(answeredWith(bytesOf(name))))

const delta = (outputIndex: number, delta: string): ResponseEvent.TextDelta => ({
  _tag: "TextDelta",
  sequenceNumber: undefined,
  itemId: undefined,
  outputIndex,
  contentIndex: 0,
  delta
})

describe("the fold", () => {
  for (const name of ["complete.sse", "bare.sse"]) {
    it.effect(`gives the answer that a request without a stream gives (${name})`, () =>
      Effect.gen(function* () {
        const whole = yield* created(textOf("complete.json"))
        assert.deepStrictEqual((yield* folded(name)).response(), whole)
        assert.deepStrictEqual(yield* run(name), whole)
      })
    )
  }

  it.effect("gives the same output when only the end of the stream lacks it", () =>
    Effect.gen(function* () {
      const whole = yield* created(textOf("complete.json"))
      const all = yield* events("complete.sse")
      const fold = ResponseFold.make()
      all.slice(0, -1).forEach(fold.add)
      assert.deepStrictEqual(fold.output(), whole.output)
      assert.strictEqual(fold.text(), Response.text(whole))
      assert.isUndefined(fold.response())
    })
  )

  it.effect("has the text so far, with narration apart", () =>
    Effect.gen(function* () {
      const fold = ResponseFold.make()
      const answer: Array<string> = []
      const narration: Array<string> = []
      for (const event of yield* events("complete.sse")) {
        fold.add(event)
        if (event._tag !== "TextDelta") continue
        const into = fold.isAnswer(event) ? answer : narration
        into.push(event.delta)
        assert.strictEqual(fold.text(), answer.join(""))
        assert.strictEqual(fold.commentary(), narration.join(""))
        assert.isUndefined(fold.response())
      }
      assert.strictEqual(narration.join(""), "Looking for glazing 🔎.")
      assert.isAbove(answer.length, 5)
    })
  )

  it.effect("lets an unknown phase be narration", () =>
    Effect.gen(function* () {
      const fold = yield* folded("unknown.sse")
      assert.strictEqual(fold.text(), "It spins [1].")
      assert.strictEqual(fold.commentary(), "A daydream.")
      const [citation, unplaced] = Response.citations(fold.response()!)
      assert.strictEqual(citation?.marker, "[1]")
      assert.strictEqual(unplaced?.marker, "")
    })
  )

  it.effect("prefers the finished text to fragments that do not add up, and keeps citations that the end lacks", () =>
    Effect.gen(function* () {
      const response = (yield* folded("abridged.sse")).response()!
      assert.strictEqual(Response.text(response), "The wheel turns slowly [1].")
      const [citation] = Response.citations(response)
      assert.strictEqual(citation?.marker, "[1]")
      assert(citation.annotation._tag === "VideoCitation")
      assert.match(citation.annotation.itemId!, /^ksi_/)
    })
  )

  it.effect("does not move citations to a text that they were not made for", () =>
    Effect.gen(function* () {
      const fold = ResponseFold.make()
      for (const event of yield* events("abridged.sse")) {
        if (event._tag === "ContentPartDone" && event.part._tag === "OutputText") {
          fold.add({ ...event, part: { ...event.part, text: "Another text [1]." } })
        } else fold.add(event)
      }
      assert.deepStrictEqual(Response.citations(fold.response()!), [])
    })
  )

  it.effect("takes the output from the stream when the terminal event does not repeat it", () =>
    Effect.gen(function* () {
      const response = yield* run("not-repeated.sse")
      assert.strictEqual(Response.text(response), "Only streamed.")
      assert.strictEqual(response.status, "completed")
      assert.strictEqual(response.usage, undefined)
    })
  )

  it.effect("gives an incomplete response as what it is", () =>
    Effect.gen(function* () {
      for (const name of ["incomplete.sse", "incomplete-event.sse"]) {
        const response = yield* run(name)
        assert.strictEqual(response.status, "incomplete")
        assert.strictEqual(Response.text(response), "First the cl")
      }
    })
  )

  it.effect("finds where events belong that do not say it", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* folded("absent.sse")).text(), "Bare bones.")
      const fold = yield* folded("nulls.sse")
      assert.deepStrictEqual(
        fold.output().map((item) => item._tag),
        ["Message", "FunctionCall", "FunctionCallOutput", "WebSearchCall"]
      )
      assert.strictEqual(fold.text(), "Nothing but text [1].")
      assert.strictEqual(Response.citations(fold.response()!)[0]?.marker, "[1]")
    })
  )

  it("orders messages by their place, not by their time", () => {
    const fold = ResponseFold.make().add(delta(2, "two")).add(delta(0, "zero ")).add(delta(2, "!"))
    assert.strictEqual(fold.text(), "zero two!")
  })

  it("never takes a stream without a terminal event for complete", () => {
    const fold = ResponseFold.make()
    assert.isUndefined(fold.response())
    assert.deepStrictEqual(fold.output(), [])
    fold.add(delta(0, "half an ans"))
    assert.isUndefined(fold.response())
    assert.deepStrictEqual(
      fold.output().map((item) => item._tag === "Message" && item.status),
      ["in_progress"]
    )
  })

  it.effect("of a stream that was left early has what came, and no response", () =>
    Effect.gen(function* () {
      const stream = Stream.fromIterable(yield* events("complete.sse"))
      const whole = yield* ResponseFold.run(stream)
      assert.strictEqual(whole.response()?.status, "completed")
      const early = yield* ResponseFold.run(Stream.take(stream, 6))
      assert.isUndefined(early.response())
      assert.strictEqual(early.commentary(), "Looking for glazin")
    })
  )

  it("passes over what could not be read, and begins anew after a restart", () => {
    const error = new ParseError({ vendor: "twelvelabs", stage: "json", issue: "", excerpt: "" })
    const fold = ResponseFold.make().add(delta(0, "one")).add({ _tag: "Malformed", error }).add(delta(0, " two"))
    assert.strictEqual(fold.text(), "one two")
    fold.add({ _tag: "Restarted", attempt: 1, error }).add(delta(0, "three"))
    assert.strictEqual(fold.text(), "three")
  })

  it("stays linear in the events", () => {
    const fold = ResponseFold.make()
    for (let i = 0; i < 1_000_000; i++) fold.add(delta(i % 300, "word "))
    assert.strictEqual(fold.text().length, 5_000_000)
  })
})

describe("tapping the answer", () => {
  const tapped = (...all: ReadonlyArray<ResponseEvent.ResponseEvent>) => Stream.fromIterable(all)
  const error = new ParseError({ vendor: "twelvelabs", stage: "json", issue: "", excerpt: "" })
  const restarted = { _tag: "Restarted", attempt: 1, error } as const

  it.effect("gives each fragment of the answer in order, without narration, and passes all events on", () =>
    Effect.gen(function* () {
      const all = yield* events("complete.sse")
      const given: Array<string> = []
      const answer = (text: string) => Effect.sync(() => given.push(text))
      const passed = yield* Stream.fromIterable(all).pipe(ResponseFold.tapAnswer(answer), Stream.runCollect)
      assert.deepStrictEqual(passed, all)
      const fold = all.reduce((fold, event) => fold.add(event), ResponseFold.make())
      assert.strictEqual(given.join(""), fold.text())
      assert.isAbove(given.length, 5)
      assert.notInclude(given.join(""), "Looking for")
    })
  )

  it.effect("runs before its event is passed on, one at a time", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const stream = tapped(delta(0, "a"), delta(0, "b")).pipe(
        ResponseFold.tapAnswer((text) =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => order.push(`given ${text}`))
          )
        )
      )
      yield* Stream.runForEach(stream, (event) =>
        Effect.sync(() => order.push(event._tag === "TextDelta" ? `passed ${event.delta}` : event._tag))
      )
      assert.deepStrictEqual(order, ["given a", "passed a", "given b", "passed b"])
    })
  )

  it.effect("says that an answer starts over, between the fragments of both", () =>
    Effect.gen(function* () {
      const given: Array<string> = []
      const note = (text: string) => Effect.sync(() => given.push(text))
      const stream = Stream.fromIterable([delta(0, "half an ans"), restarted, delta(0, "whole")])
      const fold = yield* stream.pipe(
        ResponseFold.tapAnswer(note, { onRestarted: ({ attempt }) => note(`restart ${attempt}`) }),
        ResponseFold.run
      )
      assert.deepStrictEqual(given, ["half an ans", "restart 1", "whole"])
      assert.strictEqual(fold.text(), "whole")
      given.length = 0
      yield* stream.pipe(ResponseFold.tapAnswer(note), Stream.runDrain)
      assert.deepStrictEqual(given, ["half an ans", "whole"])
    })
  )

  it.effect("forgets on a restart which messages were narration", () =>
    Effect.gen(function* () {
      const given: Array<string> = []
      const all = (yield* events("complete.sse")).filter(({ _tag }) => _tag !== "Completed")
      const narrated = all.slice(0, all.findIndex(({ _tag }) => _tag === "TextDelta") + 1)
      yield* Stream.fromIterable([...narrated, restarted, delta(0, "an answer")]).pipe(
        ResponseFold.tapAnswer((text) => Effect.sync(() => given.push(text))),
        Stream.runDrain
      )
      assert.deepStrictEqual(given, ["an answer"])
    })
  )

  it.effect("begins anew with each run of the stream", () =>
    Effect.gen(function* () {
      const given: Array<string> = []
      const all = yield* events("complete.sse")
      const narrated = all.slice(0, all.findIndex(({ _tag }) => _tag === "TextDelta") + 1)
      const runs = [narrated, [delta(0, "an answer")]]
      const stream = Stream.suspend(() => tapped(...runs.shift()!)).pipe(
        ResponseFold.tapAnswer((text) => Effect.sync(() => given.push(text)))
      )
      yield* Stream.runDrain(stream)
      yield* Stream.runDrain(stream)
      assert.deepStrictEqual(given, ["an answer"])
    })
  )

  it.effect("lets the stream's failure and its own through, after what came before", () =>
    Effect.gen(function* () {
      const given: Array<string> = []
      const note = (text: string) => Effect.sync(() => given.push(text))
      const broken = Stream.concat(tapped(delta(0, "half")), Stream.fail(error))
      assert.strictEqual(yield* Effect.flip(Stream.runDrain(ResponseFold.tapAnswer(note)(broken))), error)
      assert.deepStrictEqual(given, ["half"])

      const passed: Array<string> = []
      const failure = yield* tapped(delta(0, "one"), delta(0, "two"), delta(0, "three")).pipe(
        ResponseFold.tapAnswer((text) => (text === "two" ? Effect.fail("full" as const) : Effect.void)),
        Stream.runForEach((event) => Effect.sync(() => passed.push(event._tag))),
        Effect.flip
      )
      assert.strictEqual(failure, "full")
      assert.deepStrictEqual(passed, ["TextDelta"])
    })
  )

  it.effect("is interrupted with the stream", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      let isInterrupted = false
      const wait = Deferred.succeed(started, undefined).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() => Effect.sync(() => (isInterrupted = true)))
      )
      const fiber = yield* tapped(delta(0, "one")).pipe(
        ResponseFold.tapAnswer(() => wait),
        Stream.runDrain,
        Effect.forkChild
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(isInterrupted)
    })
  )
})
