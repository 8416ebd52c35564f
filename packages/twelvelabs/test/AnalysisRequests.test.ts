/** What is checked of requests for analyses before they are sent. */
import { assert, describe, it } from "@effect/vitest"
import type { StreamError } from "@effect-sse/core"
import { Effect, Result, Schema } from "effect"
import {
  AnalysisBatchRequest,
  AnalysisTaskRequest,
  AnalyzeRequest,
  AssetId,
  type Segments,
  TwelveLabs
} from "@effect-sse/twelvelabs"
import { request } from "./AnalyzeFixture.ts"
import { answeredWith, type Sent } from "./Fixture.ts"

const image = { name: "logo", url: "https://example.com/logo.png" }

const segments: ReadonlyArray<Segments.SegmentDefinition> = [
  {
    id: "steps",
    description: "A step of the work",
    fields: [
      { name: "tool", type: "string", description: "With what", enum: ["knife", "bottle"] },
      { name: "people", type: "array", description: "Who", items: "string" },
      { name: "peak", type: "timestamp", description: "When it is best seen", format: "hh:mm:ss" }
    ],
    images: [image],
    timeRanges: [
      { startSeconds: 0, endSeconds: 4 },
      { startSeconds: 4, endSeconds: 6 }
    ]
  }
]

const task = { video: request.video!, prompt: "What is cooked?" }
const segmentTask = { mode: "time_based_metadata", video: request.video!, segments } as const
const [steps] = segments as [Segments.SegmentDefinition]
const withSteps = (change: Partial<Segments.SegmentDefinition>) => ({
  ...segmentTask,
  segments: [{ ...steps, ...change }]
})
const field = (change: object) =>
  withSteps({
    fields: [{ name: "tool", type: "string", description: "With what", ...change } as Segments.SegmentField]
  })
const batch = {
  model: "pegasus1.5",
  requests: [{ assetId: AssetId.make("66bb00000000000000000001"), prompt: "x" }]
}

/** Name, endpoint, request, what the message says. */
const wrong: ReadonlyArray<readonly [string, "analyze" | "task" | "batch", unknown, string]> = [
  ["nothing to look at", "analyze", { prompt: "PROMPT" }, '["video"]'],
  ["two places of a video", "analyze", { ...request, video: { url: "URL", assetId: "x" } }, "exactly one of"],
  ["a video without a place", "analyze", { ...request, video: {} }, "exactly one of"],
  ["an empty URL", "analyze", { ...request, video: { url: "" } }, '["url"]'],
  ["no bytes", "analyze", { ...request, video: { bytes: new Uint8Array(0) } }, '["bytes"]'],
  ["more than 30 MB", "analyze", { ...request, video: { bytes: new Uint8Array(30 * 1024 * 1024 + 1) } }, '["bytes"]'],
  ["an empty prompt", "analyze", { ...request, prompt: "" }, '["prompt"]'],
  ["five images", "analyze", { ...request, prompt: { text: "PROMPT", images: Array(5).fill(image) } }, '["images"]'],
  [
    "an image without a place",
    "analyze",
    { ...request, prompt: { text: "x", images: [{ name: "a" }] } },
    "exactly one"
  ],
  ["too high a temperature", "analyze", { ...request, temperature: 1.1 }, '["temperature"]'],
  ["half a token", "analyze", { ...request, maxTokens: 0.5 }, '["maxTokens"]'],
  ["a window that ends first", "analyze", { ...request, startSeconds: 9, endSeconds: 8 }, '["endSeconds"]'],
  ["a number that is none", "analyze", { ...request, startSeconds: Number.NaN }, '["startSeconds"]'],
  ["a body that is no JSON", "analyze", { ...request, extraBody: { big: 1n } }, "BigInt"],
  ["a custom id of 65 letters", "task", { ...task, customId: "x".repeat(65) }, '["customId"]'],
  ["an empty custom id", "task", { ...task, customId: "" }, '["customId"]'],
  ["no definitions", "task", { ...segmentTask, segments: [] }, '["segments"]'],
  ["21 definitions", "task", { ...segmentTask, segments: Array(21).fill(steps) }, '["segments"]'],
  ["definitions of one id", "task", { ...segmentTask, segments: [steps, steps] }, '["segments"][1]["id"]'],
  ["a reserved name", "task", field({ name: "start_time" }), '["name"]'],
  ["the name metadata", "task", field({ name: "metadata" }), '["name"]'],
  [
    "fields of one name",
    "task",
    withSteps({ fields: [steps.fields![0]!, steps.fields![0]!] }),
    '["fields"][1]["name"]'
  ],
  ["a timestamp without a format", "task", field({ type: "timestamp" }), '["format"]'],
  ["a text with a format", "task", field({ format: "seconds" }), '["format"]'],
  ["a timestamp with words", "task", field({ type: "timestamp", format: "seconds", enum: ["x"] }), '["enum"]'],
  ["a list of nothing", "task", field({ type: "array" }), '["items"]'],
  ["101 words", "task", field({ enum: Array.from({ length: 101 }, String) }), '["enum"]'],
  ["five images of a definition", "task", withSteps({ images: Array(5).fill(image) }), '["images"]'],
  ["a short range", "task", withSteps({ timeRanges: [{ startSeconds: 0, endSeconds: 1.9 }] }), '["endSeconds"]'],
  [
    "ranges that overlap",
    "task",
    withSteps({
      timeRanges: [
        { startSeconds: 4, endSeconds: 8 },
        { startSeconds: 0, endSeconds: 4.1 }
      ]
    }),
    "overlap"
  ],
  ["ranges and a window", "task", { ...segmentTask, startSeconds: 1 }, '["startSeconds"]'],
  ["ranges and a length", "task", { ...segmentTask, maxSegmentSeconds: 9 }, '["maxSegmentSeconds"]'],
  [
    "a length of one second",
    "task",
    { ...withSteps({ timeRanges: undefined }), minSegmentSeconds: 1 },
    "minSegmentSec"
  ],
  [
    "lengths the wrong way round",
    "task",
    { ...withSteps({ timeRanges: undefined }), minSegmentSeconds: 5, maxSegmentSeconds: 4 },
    '["maxSegmentSeconds"]'
  ],
  ["no items", "batch", { ...batch, requests: [] }, '["requests"]'],
  ["1001 items", "batch", { ...batch, requests: Array(1001).fill(batch.requests[0]) }, '["requests"]'],
  [
    "two items of one name",
    "batch",
    { ...batch, requests: Array(2).fill({ ...batch.requests[0], customId: "a" }) },
    "no other item"
  ],
  ["an item without an asset", "batch", { ...batch, requests: [{ prompt: "PROMPT" }] }, '["requests"][0]["assetId"]'],
  ["a wrong default", "batch", { ...batch, defaults: { temperature: 7 } }, '["defaults"]["temperature"]'],
  [
    "a wrong definition of an item",
    "batch",
    { ...batch, mode: "time_based_metadata", requests: [{ assetId: "x", segments: [] }] },
    '["requests"][0]["segments"]'
  ]
]

describe("a request that is wrong", () => {
  for (const [name, endpoint, bad, told] of wrong) {
    it.effect(`is not sent, and the error says why and repeats nothing (${endpoint}: ${name})`, () =>
      Effect.gen(function* () {
        const sent: Array<Sent> = []
        const client = yield* Effect.provide(TwelveLabs, answeredWith("{}", { sent }))
        const attempts: Record<typeof endpoint, ReadonlyArray<Effect.Effect<unknown, StreamError.StreamError>>> = {
          analyze: [client.analyze.run(bad as never), client.analyze.create(bad as never)],
          task: [client.analysisTasks.create(bad as never)],
          batch: [client.analysisBatches.create(bad as never)]
        }
        const errors = yield* Effect.all(attempts[endpoint].map((attempt) => Effect.flip(attempt)))
        for (const error of errors) {
          assert(error._tag === "TransportError", error._tag)
          assert.strictEqual(error.reason, "InvalidRequest")
          assert.isFalse(error.isRetryable)
          assert.include(error.message, told)
          assert.include(error.url, "/analyze")
          for (const secret of ["PROMPT", "URL", "\n"]) assert.notInclude(error.detail, secret)
        }
        assert.deepStrictEqual(sent, [])
      })
    )
  }
})

const given = (body: Result.Result<unknown, string>): unknown => Result.getOrThrow(body)

describe("the body", () => {
  it("of an analysis of what this version does not know has no video", () => {
    const body = Result.getOrThrow(AnalyzeRequest.toBody({ prompt: "x", extraBody: { images: [1] } }, true))
    assert.deepStrictEqual(JSON.parse(body), { images: [1], prompt: "x", stream: true })
  })

  it("of a task has what the vendor wants it to have", () => {
    assert.deepStrictEqual(
      given(
        AnalysisTaskRequest.toBody({
          ...task,
          prompt: { text: "Is it <@logo>?", images: [image] },
          customId: "a_1-B",
          model: "pegasus1.5",
          maxTokens: "unlimited",
          temperature: 0,
          startSeconds: 0,
          endSeconds: 9,
          jsonSchema: { type: "object" },
          extraBody: { video: "no", seed: 1 }
        })
      ),
      {
        seed: 1,
        video: { type: "asset_id", asset_id: "66bb00000000000000000001" },
        model_name: "pegasus1.5",
        custom_id: "a_1-B",
        prompt_v2: { input_text: "Is it <@logo>?", media_sources: [{ ...image, media_type: "image" }] },
        response_format: { type: "json_schema", json_schema: { type: "object" } },
        temperature: 0,
        max_tokens: "unlimited",
        start_time: 0,
        end_time: 9
      }
    )
    assert.deepStrictEqual(
      given(AnalysisTaskRequest.toBody({ ...segmentTask, timeFormat: "hh:mm:ss" as const, prompt: "x" })),
      {
        video: { type: "asset_id", asset_id: "66bb00000000000000000001" },
        analysis_mode: "time_based_metadata",
        prompt: "x",
        response_format: {
          type: "segment_definitions",
          segment_definitions: [
            {
              id: "steps",
              description: "A step of the work",
              fields: [
                { name: "tool", type: "string", description: "With what", enum: ["knife", "bottle"] },
                { name: "people", type: "array", description: "Who", items: { type: "string" } },
                { name: "peak", type: "timestamp", description: "When it is best seen", format: "hh:mm:ss" }
              ],
              media_sources: [{ ...image, media_type: "image" }],
              time_ranges: [
                { start_time: 0, end_time: 4 },
                { start_time: 4, end_time: 6 }
              ]
            }
          ],
          segment_time_format: "hh:mm:ss"
        }
      }
    )
  })

  it("of a batch has prompts that are objects", () => {
    assert.deepStrictEqual(
      given(
        AnalysisBatchRequest.toBody({
          ...batch,
          defaults: { prompt: "What is it?", temperature: 0.1 },
          requests: [
            { assetId: AssetId.make("a") },
            {
              assetId: AssetId.make("b"),
              customId: "b-1",
              prompt: { text: "Is it <@logo>?", images: [image] },
              maxTokens: 600,
              extraBody: { seed: 2, video: "no" }
            }
          ],
          extraBody: { model_name: "no", priority: "low" }
        })
      ),
      {
        priority: "low",
        model_name: "pegasus1.5",
        analysis_mode: "general",
        defaults: { prompt: { input_text: "What is it?" }, temperature: 0.1 },
        requests: [
          { video: { type: "asset_id", asset_id: "a" } },
          {
            seed: 2,
            video: { type: "asset_id", asset_id: "b" },
            custom_id: "b-1",
            prompt: { input_text: "Is it <@logo>?", media_sources: [{ ...image, media_type: "image" }] },
            max_tokens: 600
          }
        ]
      }
    )
  })

  it("decodes from JSON", () => {
    for (const [schema, json] of [
      [AnalyzeRequest.AnalyzeRequest, request],
      [AnalysisTaskRequest.AnalysisTaskRequest, task],
      [AnalysisTaskRequest.AnalysisTaskRequest, segmentTask],
      [AnalysisBatchRequest.AnalysisBatchRequest, batch]
    ] as const) {
      const decode = Schema.decodeUnknownSync(schema as Schema.Codec<unknown>)
      assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(json))), JSON.parse(JSON.stringify(json)))
    }
  })
})
