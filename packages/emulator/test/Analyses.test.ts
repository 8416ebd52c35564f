/** TwelveLabs' analyses as they are on the wire. */
import { assert, layer } from "@effect/vitest"
import { Emulator, Fault, Scenario } from "@effect-sse/emulator"
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import { send, type TwelveLabsPlay } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
type Json = ReturnType<typeof JSON.parse>

const ask = (
  emulator: EmulatorService,
  path: string,
  body: unknown,
  { play, stopAfter }: { readonly play?: TwelveLabsPlay; readonly stopAfter?: number } = {}
) =>
  send({
    url: `${emulator.twelvelabs.url(play)}${path}`,
    headers: { "x-api-key": Redacted.value(emulator.twelvelabs.apiKey), "content-type": "application/json" },
    body,
    ...(stopAfter === undefined ? {} : { stopAfter })
  })

const question = (emulator: EmulatorService, more: Json = {}) => ({
  video: { type: "asset_id", asset_id: emulator.twelvelabs.assetId },
  prompt: "What is cooked?",
  ...more
})

const linesOf = (text: string): ReadonlyArray<Json> => {
  const lines = text.split("\n")
  if (lines.pop() !== "") throw new Error("the stream does not end with a line end")
  return lines.map((line) => JSON.parse(line))
}

layer(Emulator.layer())("analyses", (it) => {
  it.effect("are streamed unless the request says otherwise", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const stream of [undefined, null, true]) {
        const received = yield* ask(emulator, "/analyze", question(emulator, { stream }))
        assert.strictEqual(received.headers["content-type"], "application/x-ndjson")
        const lines = linesOf(received.text)
        assert.deepStrictEqual([lines[0].event_type, lines.at(-1).event_type], ["stream_start", "stream_end"])
      }
      const whole = yield* ask(emulator, "/analyze", question(emulator, { stream: false }))
      assert.strictEqual(whole.headers["content-type"], "application/json")
      assert.strictEqual(JSON.parse(whole.text).finish_reason, "stop")
    })
  )

  for (const { name } of Scenario.twelvelabs) {
    it.effect(`${name} is lines that end with one end, and say what the document says`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const play = { scenario: name, count: 50, bytes: 200_000 }
        const streamed = yield* ask(emulator, "/analyze", question(emulator), { play })
        const lines = linesOf(streamed.text)
        const ends = lines.filter(({ event_type }) => event_type === "stream_end")
        const whole = yield* ask(emulator, "/analyze", question(emulator, { stream: false }), { play })
        const document: Json = JSON.parse(whole.text)
        if (ends.length === 0) {
          assert.strictEqual((lines.at(-1).error ?? lines.at(-1)).code, "generic_error")
          assert.deepStrictEqual([whole.status, document.code], [500, "generic_error"])
          return
        }
        assert.deepStrictEqual([ends.length, lines.at(-1)], [1, ends[0]])
        assert.strictEqual(lines.map(({ text = "" }) => text).join(""), document.data)
        assert.strictEqual(ends[0].finish_reason, document.finish_reason)
        assert.deepStrictEqual(ends[0].error, document.error)
      })
    )
  }

  it.effect("every fault of a stream does something to lines", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const plain = (text: string) => text.replaceAll(/"generation_id":"[^"]*"/g, "")
      const good = plain((yield* ask(emulator, "/analyze", question(emulator))).text)
      for (const fault of Fault.names) {
        if (Fault.placeOf(fault) === "answer") continue
        const play = { fault, after: 2, interval: 20, bytes: 10_000 }
        const received = yield* ask(emulator, "/analyze", question(emulator), { play, stopAfter: 200 })
        const same = plain(received.text) === good && received.ended === "complete"
        assert.isFalse(same && received.headers["content-encoding"] === undefined, fault)
        if (["crlf", "bom", "no-final-newline", "retry-line"].includes(fault)) {
          const lines = received.text.replace("\ufeff", "").split(/\r?\n/)
          for (const line of lines) if (line.trim() !== "") JSON.parse(line)
        }
      }
    })
  )

  const time = { type: "timestamp", format: "hh:mm:ss" }
  const list = (items: Json) => ({ type: "object", properties: { all: { type: "array", items } } })
  const schemas: ReadonlyArray<readonly [name: string, status: number, schema: Json]> = [
    ["a time of the answer", 200, { type: "object", properties: { at: time } }],
    ["a time of an object in a list", 200, list({ type: "object", properties: { at: time } })],
    ["a time in $defs", 200, { type: "object", properties: { at: { $ref: "#/$defs/at" } }, $defs: { at: time } }],
    ["times of the video", 200, list({ type: "object", properties: { start_time: { type: "string" } } })],
    ["bounds of an integer", 200, { type: "object", properties: { n: { type: "integer", minimum: 1, maximum: 5 } } }],
    ["alternatives", 200, { type: "object", properties: { n: { anyOf: [{ type: "null" }, { type: "number" }] } } }],
    ["a time without a format", 400, { type: "object", properties: { at: { type: "timestamp" } } }],
    ["a time in an object", 400, { type: "object", properties: { a: { type: "object", properties: { at: time } } } }],
    ["a time in a list", 400, list(time)],
    ["a time as the answer", 400, time],
    ["a time of the video with a format", 400, list({ properties: { end_time: { type: "string", format: "time" } } })],
    ["a time of the video that is none", 400, { type: "object", properties: { start_time: { type: "boolean" } } }],
    ["a length", 422, { type: "object", properties: { a: { type: "string", maxLength: 3 } } }],
    ["no further properties", 422, { type: "object", properties: {}, additionalProperties: false }],
    ["no item twice", 422, { type: "array", items: { type: "string" }, uniqueItems: true }],
    ["at most so many items", 422, { type: "array", items: { type: "string" }, maxItems: 3 }],
    ["at least two items", 422, { type: "array", items: { type: "string" }, minItems: 2 }],
    ["bounds of a number", 422, { type: "object", properties: { n: { type: "number", minimum: 1 } } }],
    ["words of an integer", 422, { type: "object", properties: { n: { type: "integer", enum: [1] } } }],
    ["one of", 422, { type: "object", properties: { n: { oneOf: [{ type: "string" }] } } }],
    ["an unknown format", 422, { type: "object", properties: { a: { type: "string", format: "email" } } }],
    ["a reference to nowhere", 422, { type: "object", properties: { a: { $ref: "#/$defs/no" } } }],
    ["a reference elsewhere", 422, { type: "object", properties: { a: { $ref: "https://example.com" } } }]
  ]
  for (const [name, status, json_schema] of schemas) {
    it.effect(`answer ${status} to a schema with ${name}, at once and as a task`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const request = question(emulator, { response_format: { type: "json_schema", json_schema }, stream: false })
        const received = yield* ask(emulator, "/analyze", request)
        assert.strictEqual(received.status, status, received.text)
        if (status !== 200) assert.strictEqual(JSON.parse(received.text).code, "parameter_invalid")
        else assert.strictEqual(typeof JSON.parse(JSON.parse(received.text).data), "object")
        const { stream: _, ...task } = request
        assert.strictEqual((yield* ask(emulator, "/analyze/tasks", task)).status, status === 200 ? 202 : status)
      })
    )
  }

  it.effect("fill a schema with times as they are asked for", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const properties = {
        a: { type: "timestamp", format: "seconds" },
        b: { type: "timestamp", format: "hh:mm:ss" },
        c: { type: "timestamp", format: "hh:mm:ss.fff" },
        start_time: { type: "string" },
        end_time: { type: "number" },
        d: { type: "string", format: "uuid" }
      }
      const response_format = { type: "json_schema", json_schema: { type: "object", properties } }
      const received = yield* ask(emulator, "/analyze", question(emulator, { response_format, stream: false }))
      assert.deepStrictEqual(JSON.parse(JSON.parse(received.text).data), {
        a: 12.5,
        b: "00:00:12",
        c: "00:00:12.500",
        start_time: "00:00:12.500",
        end_time: 12.5,
        d: "01999999-0000-7000-8000-000000000001"
      })
    })
  )

  const definition = { id: "a", description: "b" }
  const segments = (more: Json = {}, ...definitions: ReadonlyArray<Json>) => ({
    analysis_mode: "time_based_metadata",
    response_format: {
      type: "segment_definitions",
      segment_definitions: definitions.length === 0 ? [definition] : definitions
    },
    ...more
  })
  const field = (more: Json) => ({ ...definition, fields: [{ name: "x", type: "string", description: "y", ...more }] })
  const ranges = (...time_ranges: ReadonlyArray<readonly [number, number]>) => ({
    ...definition,
    time_ranges: time_ranges.map(([start_time, end_time]) => ({ start_time, end_time }))
  })

  const refused: ReadonlyArray<readonly [name: string, path: string, status: number, more: Json]> = [
    ["no prompt", "", 400, { prompt: undefined }],
    ["two prompts", "", 400, { prompt_v2: { input_text: "x" } }],
    ["no video", "", 400, { video: undefined }],
    ["an asset that is not there", "", 404, { video: { type: "asset_id", asset_id: "66ff00000000000000000000" } }],
    ["a URL that is none", "", 400, { video: { type: "url", url: "pasta.mp4" } }],
    ["what is not base64", "", 400, { video: { type: "base64_string", base64_string: "a video" } }],
    ["a model that is not there", "", 400, { model_name: "marengo3.0" }],
    ["a window of three seconds", "", 400, { start_time: 1, end_time: 4 }],
    ["too many tokens", "", 400, { max_tokens: 98_305 }],
    ["a temperature of 2", "", 400, { temperature: 2 }],
    ["an image without a place", "", 400, imagePrompt({ name: "a", media_type: "image" })],
    ["an image in two places", "", 400, imagePrompt({ name: "a", media_type: "image", url: "x", asset_id: "y" })],
    ["too few tokens", "/tasks", 400, { max_tokens: 511 }],
    ["too few tokens for segments", "/tasks", 400, segments({ max_tokens: 2047 })],
    ["an empty custom id", "/tasks", 400, { custom_id: "" }],
    ["segments in the mode general", "/tasks", 400, segments({ analysis_mode: "general" })],
    ["the other mode without segments", "/tasks", 400, { analysis_mode: "time_based_metadata" }],
    ["images in the other mode", "/tasks", 400, segments({ prompt: undefined, prompt_v2: { input_text: "x" } })],
    ["a length of segments in the mode general", "/tasks", 400, { min_segment_duration: 3 }],
    ["a length of one second", "/tasks", 400, segments({ min_segment_duration: 1 })],
    ["lengths the wrong way round", "/tasks", 400, segments({ min_segment_duration: 4, max_segment_duration: 3 })],
    ["21 definitions", "/tasks", 400, segments({}, ...Array.from({ length: 21 }, (_, id) => ({ ...definition, id })))],
    ["definitions of one id", "/tasks", 400, segments({}, definition, definition)],
    ["a reserved name", "/tasks", 400, segments({}, field({ name: "end_time" }))],
    ["a timestamp without a format", "/tasks", 400, segments({}, field({ type: "timestamp" }))],
    ["a list of nothing", "/tasks", 400, segments({}, field({ type: "array" }))],
    ["a range of a second", "/tasks", 400, segments({}, ranges([1, 2]))],
    ["ranges that overlap", "/tasks", 400, segments({}, ranges([4, 8], [0, 5]))],
    ["ranges and a window", "/tasks", 400, segments({ start_time: 1 }, ranges([4, 8]))]
  ]
  for (const [name, path, status, more] of refused) {
    it.effect(`refuse ${name}`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const received = yield* ask(emulator, `/analyze${path}`, question(emulator, more))
        assert.strictEqual(received.status, status, received.text)
        assert.isString(JSON.parse(received.text).code)
      })
    )
  }

  it.effect("take what only looks like it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const more of [
        segments({ max_tokens: "unlimited", min_segment_duration: 2, max_segment_duration: 2 }),
        segments({}, ranges([4, 8], [0, 4])),
        { max_tokens: 512, start_time: 1, end_time: 5, novelty: [1] }
      ]) {
        const received = yield* ask(emulator, "/analyze/tasks", question(emulator, more))
        assert.strictEqual(received.status, 202, received.text)
        assert.deepStrictEqual(Object.keys(JSON.parse(received.text)), ["task_id", "status"])
      }
    })
  )
})

function imagePrompt(image: Json): Json {
  return { prompt: undefined, prompt_v2: { input_text: "x", media_sources: [image] } }
}

layer(Emulator.layer({ twelvelabs: { processMillis: 60_000 } }))("analyses of what is not ready", (it) => {
  it.effect("are refused, as one and in a batch", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const form = new FormData()
      form.append("method", "url")
      form.append("url", "https://example.com/pasta.mp4")
      const made = yield* Effect.promise(() =>
        fetch(`${emulator.twelvelabs.url()}/assets`, {
          method: "POST",
          headers: { "x-api-key": Redacted.value(emulator.twelvelabs.apiKey) },
          body: form
        }).then((response) => response.json() as Promise<Json>)
      )
      const video = { type: "asset_id", asset_id: made._id }
      assert.strictEqual((yield* ask(emulator, "/analyze", question(emulator, { video }))).status, 400)
      const batch = {
        model_name: "pegasus1.5",
        analysis_mode: "general",
        requests: [{ video, prompt: { input_text: "x" } }]
      }
      assert.strictEqual((yield* ask(emulator, "/analyze/batches", batch)).status, 409)
      const plainPrompt = { ...batch, requests: [{ video, prompt: "x" }] }
      assert.strictEqual((yield* ask(emulator, "/analyze/batches", plainPrompt)).status, 400)
    })
  )
})
