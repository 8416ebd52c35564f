/** The vendor's own client: analyses, at once, in tasks and in batches. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Schedule } from "effect"
import { TwelvelabsApi } from "twelvelabs-js"
import { all, ask, codeOf, official, once, refusal, until } from "./Official.ts"

const nobody = "66ff00000000000000000000"

/** A value without what is undefined. */
const given = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

layer(Emulator.layer({ twelvelabs: { processMillis: 40 } }))("the vendor's own client", (it) => {
  const video = Effect.map(Emulator, ({ twelvelabs }) => ({ type: "asset_id", assetId: twelvelabs.assetId }) as const)

  it.effect("analyzes a video and gets one answer", () =>
    Effect.gen(function* () {
      const client = yield* official()
      const source = yield* video
      const answer = yield* ask(() =>
        client.analyze({ video: source, prompt: "What is built?", modelName: "pegasus1.5" })
      )
      assert.isAbove(answer.data?.length ?? 0, 0)
      assert.strictEqual(answer.finishReason, "stop")
      assert.isAbove(answer.usage?.outputTokens ?? 0, 0)
      const shaped = yield* ask(() =>
        client.analyze({
          video: source,
          prompt: "Which tools?",
          temperature: 0,
          startTime: 0,
          endTime: 20,
          responseFormat: {
            type: "json_schema",
            jsonSchema: {
              type: "object",
              properties: { tools: { type: "array", items: { type: "string" } } },
              required: ["tools"]
            }
          }
        })
      )
      assert.isArray(JSON.parse(shaped.data ?? "").tools)
      const picture = yield* ask(() =>
        client.analyze({
          video: source,
          promptV2: {
            inputText: "Who is <@her>?",
            mediaSources: [{ name: "her", mediaType: "image", url: "https://example.com/a.jpg" }]
          }
        })
      )
      assert.isDefined(picture.data)
      const nowhere = yield* refusal(() =>
        client.analyze({ video: { type: "asset_id", assetId: nobody }, prompt: "x" }, once)
      )
      assert.instanceOf(nowhere, TwelvelabsApi.NotFoundError)
      const mute = yield* refusal(() => client.analyze({ video: source }, once))
      assert.instanceOf(mute, TwelvelabsApi.BadRequestError)
    })
  )

  it.effect("reads an analysis as it is written", () =>
    Effect.gen(function* () {
      const client = yield* official()
      const source = yield* video
      const events = yield* all(() => client.analyzeStream({ video: source, prompt: "What is built?" }, once))
      assert.deepStrictEqual([events[0]?.eventType, events.at(-1)?.eventType], ["stream_start", "stream_end"])
      const text = events.flatMap((event) => (event.eventType === "text_generation" ? [event.text ?? ""] : [])).join("")
      const whole = yield* ask(() => client.analyze({ video: source, prompt: "What is built?" }))
      assert.strictEqual(text, whole.data)
      const last = events.at(-1)
      if (last?.eventType !== "stream_end") return assert.fail("no end")
      assert.strictEqual(last.finishReason, "stop")
      assert.isAbove(last.metadata?.usage?.outputTokens ?? 0, 0)
    })
  )

  it.effect("analyzes in a task", () =>
    Effect.gen(function* () {
      const { tasks } = (yield* official()).analyzeAsync
      const source = yield* video
      const { status, taskId } = yield* ask(() =>
        tasks.create({
          video: source,
          customId: "chapter-1",
          analysisMode: "time_based_metadata",
          responseFormat: {
            type: "segment_definitions",
            segmentDefinitions: [
              {
                id: "steps",
                description: "What is done",
                fields: [{ name: "tool", type: "string", description: "With what" }]
              }
            ]
          },
          minSegmentDuration: 4,
          maxSegmentDuration: 20
        })
      )
      assert.include(["queued", "pending"], status)
      const done = yield* until(
        () => tasks.retrieve(taskId),
        (task) => task.status === "ready"
      )
      assert.deepStrictEqual([done.customId, done.result?.finishReason], ["chapter-1", "stop"])
      assert.instanceOf(done.createdAt, Date)
      assert.instanceOf(done.completedAt, Date)
      assert.strictEqual(done.videoSource?.type, "asset_id")
      assert.deepStrictEqual(given(done.requestParams), {
        analysisMode: "time_based_metadata",
        minSegmentDuration: 4,
        maxSegmentDuration: 20,
        responseFormat: {
          type: "segment_definitions",
          segmentDefinitions: [
            {
              id: "steps",
              description: "What is done",
              fields: [{ name: "tool", type: "string", description: "With what" }]
            }
          ]
        }
      })
      const { steps } = JSON.parse(done.result?.data ?? "")
      assert.isAbove(steps.length, 0)
      assert.isString(steps[0].metadata.tool)
      const listed = yield* ask(() => tasks.list({ status: "ready", analysisMode: "time_based_metadata", page: 1 }))
      assert.deepStrictEqual(listed.data, [done])
      yield* ask(() => tasks.delete(taskId))
      assert.instanceOf(yield* refusal(() => tasks.retrieve(taskId, once)), TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("analyzes in a batch", () =>
    Effect.gen(function* () {
      const { batches, tasks } = (yield* official()).analyzeAsync
      const source = yield* video
      const made = yield* ask(() =>
        batches.create({
          modelName: "pegasus1.5",
          analysisMode: "general",
          defaults: { prompt: { inputText: "What is built?" }, temperature: 0.1 },
          requests: [
            { video: source, customId: "a-1" },
            { video: source, customId: "a-2", prompt: { inputText: "Who builds it?" } }
          ]
        })
      )
      assert.strictEqual(made.totalItems, 2)
      assert.deepStrictEqual(
        made.items.map(({ customId }) => customId),
        ["a-1", "a-2"]
      )
      const done = yield* until(
        () => batches.retrieve(made.batchId),
        ({ status }) => status === "completed"
      )
      assert.deepStrictEqual([done.readyItems, done.failedItems, done.analysisMode], [2, 0, "general"])
      assert.instanceOf(done.completedAt, Date)
      const results = yield* all(() => batches.results(made.batchId))
      assert.deepStrictEqual(results.map(({ customId, status }) => [customId, status]).toSorted(), [
        ["a-1", "ready"],
        ["a-2", "ready"]
      ])
      assert.isDefined(results[0]?.data?.usage.outputTokens)
      const item = yield* ask(() => tasks.retrieve(made.items[1]?.taskId ?? ""))
      assert.deepStrictEqual(given(item.requestParams), {
        analysisMode: "general",
        promptV2: { inputText: "Who builds it?" },
        temperature: 0.1
      })
      const listed = yield* all(() => batches.list({ status: ["completed", "expired"], analysisMode: "general" }))
      assert.deepStrictEqual(listed, [done])
      const late = yield* refusal(() => batches.cancel(made.batchId, once))
      assert.deepStrictEqual([late.statusCode, codeOf(late)], [409, "batch_completed"])
      yield* ask(() => batches.delete(made.batchId))
      assert.instanceOf(yield* refusal(() => batches.retrieve(made.batchId, once)), TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("cancels a batch that takes too long", () =>
    Effect.gen(function* () {
      const { batches } = (yield* official({ sync: "never" })).analyzeAsync
      const source = yield* video
      const { batchId } = yield* ask(() =>
        batches.create({
          modelName: "pegasus1.5",
          analysisMode: "general",
          requests: [{ video: source, prompt: { inputText: "What is built?" } }]
        })
      )
      const early = yield* refusal(() => batches.delete(batchId, once))
      assert.instanceOf(early, TwelvelabsApi.ConflictError)
      assert.strictEqual(codeOf(early), "batch_not_terminal")
      yield* ask(() => batches.retrieve(batchId)).pipe(
        Effect.repeat({
          until: ({ processingItems = 0 }) => processingItems > 0,
          schedule: Schedule.spaced("20 millis")
        })
      )
      const canceling = yield* ask(() => batches.cancel(batchId))
      // What is being worked on would be finished first, and this never is.
      assert.strictEqual(canceling.status, "canceling")
      assert.strictEqual((yield* ask(() => batches.retrieve(batchId))).status, "canceling")
    })
  )
})
