import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { OutputItemId, ResponseEvent, TwelveLabs } from "@effect-sse/twelvelabs"
import { answeredWith, broken, bytesOf, events, request, textOf } from "./Fixture.ts"

const tags = (events: ReadonlyArray<{ readonly _tag: string }>) => events.map((event) => event._tag)

/** Without the many deltas in a row. */
const outline = (events: ReadonlyArray<{ readonly _tag: string }>) =>
  tags(events).filter((tag, index, all) => tag !== all[index - 1])

describe("events", () => {
  it.effect("delivers every documented event", () =>
    Effect.gen(function* () {
      const all = yield* events("complete.sse")
      const message = [
        "OutputItemAdded",
        "ContentPartAdded",
        "TextDelta",
        "TextDone",
        "ContentPartDone",
        "OutputItemDone"
      ]
      assert.deepStrictEqual(outline(all), [
        "Created",
        "InProgress",
        ...message,
        "OutputItemAdded",
        "FunctionCallArgumentsDone",
        "OutputItemDone",
        "OutputItemAdded",
        "OutputItemDone",
        "KeepAlive",
        "OutputItemAdded",
        "WebSearch",
        "OutputItemDone",
        ...message,
        "Completed"
      ])
      assert.deepStrictEqual(
        all.map((event) => event.sequenceNumber),
        all.map((_, index) => index)
      )
      assert.deepStrictEqual(
        all.flatMap((event) => (event._tag === "WebSearch" ? [event.phase] : [])),
        ["in_progress", "searching", "completed"]
      )
      const call = all.find((event) => event._tag === "FunctionCallArgumentsDone")
      assert.strictEqual(call?.arguments, '{"query":"glaze 🏺","limit":3}')
      assert.strictEqual(all.filter(ResponseEvent.isTerminal).length, 1)
    })
  )

  it.effect("reads the same without event: lines and without sequence numbers", () =>
    Effect.gen(function* () {
      const withoutNumber = (event: ResponseEvent.ResponseEvent) => ({ ...event, sequenceNumber: undefined })
      const bare = yield* events("bare.sse")
      assert.deepStrictEqual(bare, (yield* events("complete.sse")).map(withoutNumber))
    })
  )

  it.effect("reads the same in one-byte chunks", () =>
    Effect.gen(function* () {
      const bytes = bytesOf("complete.sse")
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          for (let i = 0; i < bytes.length; i++) controller.enqueue(bytes.subarray(i, i + 1))
          controller.close()
        }
      })
      const cut = yield* TwelveLabs.use(({ responses }) => Stream.runCollect(responses.stream(request))).pipe(
        Effect.provide(answeredWith(body))
      )
      assert.deepStrictEqual(cut, yield* events("complete.sse"))
    })
  )

  it.effect("delivers what it does not know as it came, and lets the JSON's type win over the event: line", () =>
    Effect.gen(function* () {
      const all = yield* events("unknown.sse")
      const unknown = all.filter((event) => event._tag === "Unknown")
      assert.deepStrictEqual(
        unknown.map((event) => event.type),
        ["response.queued", "response.refusal.delta", undefined, undefined, undefined, undefined]
      )
      assert.deepStrictEqual(unknown[0]!.raw, { type: "response.queued", sequence_number: 2, position: 2 })
      assert.deepStrictEqual(
        unknown.slice(2).map((event) => event.raw),
        [{ no_type: true }, [1, 2, 3], null, { delta: "no type", sequence_number: 7 }]
      )
      assert.deepStrictEqual(
        unknown.map((event) => event.sequenceNumber),
        [2, 3, undefined, undefined, undefined, 7]
      )
      assert.include(tags(all), "KeepAlive")
      const items = all.flatMap((event) => (event._tag === "OutputItemDone" ? [event.item] : []))
      assert.deepStrictEqual(items[0], {
        _tag: "UnknownItem",
        type: "hologram",
        id: OutputItemId.make("holo_1"),
        raw: { type: "hologram", id: "holo_1", sides: 7 }
      })
      const completed = all.at(-1)
      assert(completed?._tag === "Completed")
      assert.deepStrictEqual((completed.response.raw as { surprise: unknown }).surprise, { a: 1 })
      const message = completed.response.output[2]
      assert(message?._tag === "Message")
      assert.deepStrictEqual(message.content[1], {
        _tag: "UnknownPart",
        type: "output_smell",
        raw: { type: "output_smell", smell: "clay" }
      })
      const part = message.content[0]
      assert(part?._tag === "OutputText")
      assert.deepStrictEqual(tags(part.annotations), ["UnknownAnnotation", "UnknownAnnotation"])
      assert.deepStrictEqual(part.annotations[1], {
        _tag: "UnknownAnnotation",
        type: "unplaced",
        startIndex: undefined,
        endIndex: undefined,
        raw: { type: "unplaced" }
      })
    })
  )

  for (const name of ["nulls.sse", "absent.sse"]) {
    it.effect(`takes null and absent fields for not set (${name})`, () =>
      Effect.gen(function* () {
        const all = yield* events(name)
        assert.notInclude(tags(all), "Unknown")
        assert.notInclude(JSON.stringify(all.map((event) => ({ ...event, response: undefined }))), "null")
        const { raw: _, ...response } = (all[0] as ResponseEvent.Created).response
        assert.deepStrictEqual(response, {
          id: undefined,
          status: "in_progress",
          incompleteDetails: undefined,
          knowledgeStoreId: undefined,
          sessionId: undefined,
          output: [],
          usage: undefined,
          createdAt: undefined,
          model: undefined,
          metadata: undefined
        })
        const last = all.at(-1)
        assert(last?._tag === "Completed")
        assert.strictEqual(last.response.status, "completed")
      })
    )
  }

  it.effect("does not take a delta for the end mark", () =>
    Effect.gen(function* () {
      const deltas = (yield* events("done-in-text.sse")).flatMap((event) =>
        event._tag === "TextDelta" ? [event.delta] : []
      )
      assert.strictEqual(deltas[1], "[DONE]")
      assert.strictEqual(deltas.length, 6)
    })
  )

  it.effect("delivers an incomplete response as an event, whichever event says so", () =>
    Effect.gen(function* () {
      const [completed, incomplete] = [
        (yield* events("incomplete.sse")).at(-1)!,
        (yield* events("incomplete-event.sse")).at(-1)!
      ]
      assert(completed._tag === "Incomplete" && incomplete._tag === "Incomplete")
      assert.strictEqual(completed.response.status, "incomplete")
      assert.strictEqual(completed.response.incompleteDetails?.reason, "max_output_tokens")
      assert.strictEqual(incomplete.response.status, "incomplete")
      assert.strictEqual(incomplete.response.incompleteDetails?.reason, "out_of_clay")
    })
  )
})

describe("failures", () => {
  const before = ["Created", "InProgress", "OutputItemAdded", "TextDelta", "TextDelta"]
  const response = "resp_0bb22222-0000-7000-8000-000000000002"

  const refusals = [
    { name: "failed.sse", kind: "Failed", code: undefined, detail: "" },
    { name: "failed-with-reason.sse", kind: "QuotaExceeded", code: "insufficient_funds", detail: "No credit is left." },
    { name: "completed-failed.sse", kind: "Failed", code: undefined, detail: "" },
    { name: "error-flat.sse", kind: "Failed", code: "generic_error", detail: "Something went wrong." },
    { name: "error-nested.sse", kind: "Server", code: "INTERNAL_SERVER_ERROR", detail: "Something broke." },
    { name: "error-by-name.sse", kind: "RateLimited", code: "too_many_requests", detail: "Slow down." }
  ]
  for (const { name, ...refusal } of refusals) {
    it.effect(`fails with ApiError after the events before it (${name})`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* broken(name)
        assert.deepStrictEqual(seen, before)
        assert(error._tag === "ApiError")
        const { code, detail, kind } = error
        assert.deepStrictEqual({ code, detail, kind: kind as string }, refusal)
        assert.strictEqual(error.channel, "stream")
        assert.strictEqual(error.requestId, response)
        assert.strictEqual(error.vendor, "twelvelabs")
      })
    )
  }

  it.effect("fails when the end mark comes without a result", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* broken("no-result.sse")
      assert.deepStrictEqual(seen, before)
      assert(error._tag === "ParseError")
      assert.strictEqual(error.stage, "schema")
      assert.strictEqual(error.eventName, "[DONE]")
      assert.include(error.message, "without a result")
    })
  )

  it.effect("fails with ParseError on bad JSON", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* broken("bad-json.sse")
      assert.deepStrictEqual(seen, before)
      assert(error._tag === "ParseError")
      assert.strictEqual(error.stage, "json")
      assert.strictEqual(error.eventNumber, 6)
      assert.strictEqual(error.eventName, "response.output_text.delta")
    })
  )

  it.effect("fails with ParseError on a known event of the wrong shape, and says where", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* broken("bad-shape.sse")
      assert.deepStrictEqual(seen, before)
      assert(error._tag === "ParseError")
      assert.strictEqual(error.stage, "schema")
      assert.strictEqual(error.eventName, "response.output_item.done")
      assert.include(error.issue, '["item"]["content"][0]["text"]')
      assert.notInclude(error.issue, "Declaration")
    })
  )

  const emitted = (name: string) =>
    TwelveLabs.use(({ responses }) =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const end = yield* responses.stream(request, { onMalformed: "emit" }).pipe(
          Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
          Effect.result
        )
        return { seen, end }
      })
    ).pipe(Effect.provide(answeredWith(bytesOf(name))))

  for (const name of ["bad-json.sse", "bad-shape.sse"]) {
    it.effect(`delivers what it cannot read and goes on, if asked to (${name})`, () =>
      Effect.gen(function* () {
        const { end, seen } = yield* emitted(name)
        assert.deepStrictEqual(seen, [...before, "Malformed", "Completed"])
        assert.isTrue(Result.isSuccess(end))
      })
    )
  }

  it.effect("ends with the mark after a terminal event that it could not read, if asked to go on", () =>
    Effect.gen(function* () {
      const { end, seen } = yield* emitted("bad-terminal.sse")
      assert.deepStrictEqual(seen, [...before, "Malformed"])
      assert.isTrue(Result.isSuccess(end))
      assert.strictEqual((yield* broken("bad-terminal.sse")).error._tag, "ParseError")
    })
  )

  it.effect("never ends well without a result, not even if asked to go on", () =>
    Effect.gen(function* () {
      const { end, seen } = yield* emitted("no-result.sse")
      assert.deepStrictEqual(seen, before)
      assert(Result.isFailure(end))
      assert(end.failure._tag === "ParseError")
      assert.include(end.failure.message, "without a result")
    })
  )

  it.effect("tells the ids, and whether the response had come, when the mark is missing", () =>
    Effect.gen(function* () {
      const withoutMark = textOf("complete.sse").replace("data: [DONE]\n\n", "")
      const cutOff = (text: string) =>
        TwelveLabs.use(({ responses }) => Effect.flip(responses.run(request))).pipe(Effect.provide(answeredWith(text)))
      const announced = yield* cutOff(withoutMark)
      assert(announced._tag === "MissingDoneError")
      assert.isTrue(announced.terminalSeen)
      assert.strictEqual(announced.lastEvent, "response.completed")
      const cut = yield* cutOff(withoutMark.slice(0, withoutMark.indexOf("event: response.completed")))
      assert(cut._tag === "MissingDoneError")
      assert.isFalse(cut.terminalSeen)
      assert.deepStrictEqual(cut.ids, { response, session: "sess_0cc33333-0000-7000-8000-000000000003" })
    })
  )
})
