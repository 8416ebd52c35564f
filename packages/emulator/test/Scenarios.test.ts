import { assert, layer } from "@effect/vitest"
import { Emulator, Scenario } from "@effect-sse/emulator"
import { Effect } from "effect"
import * as PowerdrillJob from "../src/internal/PowerdrillJob.ts"
import * as PowerdrillScenarios from "../src/internal/PowerdrillScenarios.ts"
import * as TwelveLabsScenarios from "../src/internal/TwelveLabsScenarios.ts"
import * as TwelveLabsTurn from "../src/internal/TwelveLabsTurn.ts"
import { blocks, events, job, respond } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
type Json = ReturnType<typeof JSON.parse>

const plain = new Set(["JOB_ID", "END_MARK", "TITLE_GENERATION", "AI_MESSAGE_ID", "HOLOGRAM"])
const contentOf = (event: Readonly<Record<string, string>>): Json =>
  JSON.parse(event.data ?? "").choices[0].delta.content

layer(Emulator.layer())("scenarios", (it) => {
  for (const { name } of Scenario.powerdrill) {
    it.effect(`powerdrill ${name} is well-formed and ends with its mark`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const received = yield* job(emulator, { scenario: name, count: 50, bytes: 200_000 })
        assert.strictEqual(received.ended, "complete")
        assert.strictEqual(received.headers["content-type"], "text/event-stream")
        assert.match(String(received.headers["x-pd-trace-id"]), /^[0-9a-f]{32}$/)
        const all = events(received.text)
        assert.deepStrictEqual(all.at(-1), { event: "END_MARK", data: "[DONE]" })
        assert.strictEqual(all.filter(({ event }) => event === "END_MARK").length, 1)
        assert.strictEqual(all.filter(({ event }) => event === "JOB_ID").length, 1)
        assert.notInclude(received.text.replaceAll(/"(?:[^"\\]|\\.)*"/g, ""), ": ", "no space after the colon")
        for (const event of all) {
          if (plain.has(event.event ?? "")) continue
          const data: Json = JSON.parse(event.data ?? "")
          assert.strictEqual(data.choices.length, 1)
          if (event.id !== undefined) assert.strictEqual(event.id, data.group_id)
        }
      })
    )
  }

  for (const { name } of Scenario.twelvelabs) {
    it.effect(`twelvelabs ${name} is well-formed and ends with its mark`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const play = { scenario: name, count: 50, bytes: 200_000 }
        const received = yield* respond(emulator, play, { body: { include: ["intermediate_outputs"] } })
        assert.strictEqual(received.ended, "complete")
        const all = events(received.text)
        assert.deepStrictEqual(all.at(-1), { data: "[DONE]" })
        const datas: ReadonlyArray<Json> = all.slice(0, -1).map(({ data }) => JSON.parse(data ?? ""))
        all.slice(0, -1).forEach(({ event }, index) => {
          if (event !== undefined) assert.strictEqual(event, datas[index].type)
        })
        const terminal = datas.filter(
          ({ type }) => type === "response.completed" || type === "response.failed" || type === "error"
        )
        assert.strictEqual(terminal.length, 1)
        assert.strictEqual(terminal[0], datas.at(-1))
        const numbers = datas.map((data) => data.sequence_number).filter((number) => number !== undefined)
        if (name !== "unknown-events") {
          numbers.slice(1).forEach((number, index) => assert.isAbove(number, numbers[index]))
        }
        if (name === "videos")
          assert.deepStrictEqual(
            numbers,
            numbers.map((_, index) => index)
          )
      })
    )
  }

  it.effect("travel-prices has everything that a client must cope with", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { text } = yield* job(emulator)
      const all = events(text)
      assert.isAtLeast(all.length, 60)
      assert.isAtMost(all.length, 120)
      assert.isAtLeast(blocks(text).filter(({ comment }) => comment === "keep-alive").length, 2)
      const kinds = new Set(all.map(({ event }) => event))
      for (const kind of ["JOB_ID", "TASK", "CODE", "TABLE", "IMAGE", "MESSAGE", "SOURCES", "QUESTIONS", "TRIGGER"]) {
        assert.isTrue(kinds.has(kind), kind)
      }
      const chart = all.filter(({ data }) => data?.includes("Draw a bar chart")).map((event) => [event.event, event])
      const statuses = chart.filter(([kind]) => kind === "TASK").map(([, event]) => contentOf(event as Json).status)
      assert.deepStrictEqual(statuses, ["running", "error", "running", "done"])
      assert.strictEqual(chart.filter(([kind]) => kind === "CODE").length, 2)
      // Parallel steps: a step's frames are not in one run.
      const ids = all.map(({ id }) => id).filter((id, index, list) => id !== list[index - 1])
      assert.isAbove(ids.length, new Set(ids).size)
      // A file comes in Analyze and again in Respond, with the same path.
      const paths = all.filter(({ event }) => event === "IMAGE").map((event) => new URL(contentOf(event).url).pathname)
      assert.strictEqual(paths.length, 4)
      assert.strictEqual(new Set(paths).size, 2)
      for (const spelling of ["expires_at", "expired_at", "expiredAt"]) assert.include(text, `"${spelling}"`)
      assert.strictEqual(all.find(({ event }) => event === "SOURCES")?.id, "-1")
      assert.match(text, /[\u4e00-\u9fff]/)
      assert.match(text, /\p{Extended_Pictographic}/u)
    })
  )

  it.effect("takes eight to twelve seconds at the realistic pace", () =>
    Effect.sync(() => {
      const link = () => ({ url: "http://127.0.0.1/", expiresAt: 0 })
      const job = PowerdrillJob.make({ jobId: "job", seed: "seed", question: "q", now: () => 0, link })
      const turn = TwelveLabsTurn.make({
        number: 1,
        sessionId: "s",
        knowledgeStoreId: "k",
        question: "q",
        items: [],
        collections: [],
        intermediate: false,
        schema: undefined,
        now: () => 0,
        link
      })
      for (const frames of [
        PowerdrillScenarios.scenarios["travel-prices"].frames(job),
        TwelveLabsScenarios.scenarios.videos.frames(turn)
      ]) {
        const seconds = [...frames].reduce((sum, frame) => sum + frame.wait, 0) / 1000
        assert.isAbove(seconds, 5)
        assert.isBelow(seconds, 12)
      }
    })
  )

  for (const { name } of Scenario.powerdrill) {
    if (name === "flood" || name === "hostile") continue
    it.effect(`powerdrill ${name} says the same without a stream`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const play = { scenario: name, count: 50 }
        const streamed = events((yield* job(emulator, play)).text)
        const whole = yield* job(emulator, play, { stream: false })
        assert.strictEqual(whole.headers["content-type"], "application/json")
        const { code, data }: Json = JSON.parse(whole.text)
        assert.strictEqual(code, 0)
        assert.match(data.job_id, /^job-/)
        // An independent fold: texts of a step are joined unless another block of that step came between them.
        const blockKinds = ["MESSAGE", "CODE", "TABLE", "IMAGE", "CHART_INFO", "SOURCES", "QUESTIONS"]
        const expected: Array<Array<Json>> = []
        for (const event of streamed.filter(({ event }) => blockKinds.includes(event ?? ""))) {
          const kind = event.event
          const group =
            kind === "SOURCES" || kind === "QUESTIONS" ? kind : (JSON.parse(event.data ?? "").group_id ?? "")
          const last = expected.findLast((block) => block[1] === group)
          if (kind === "MESSAGE" && last?.[0] === kind) last[2] += contentOf(event)
          else expected.push([kind, group, kind === "MESSAGE" || kind === "CODE" ? contentOf(event) : undefined])
        }
        const order = (block: Array<Json>) => (block[0] === "SOURCES" ? 1 : block[0] === "QUESTIONS" ? 2 : 0)
        assert.deepStrictEqual(
          data.blocks.map(({ content, group_id, type }: Json) => [
            type,
            type === "SOURCES" || type === "QUESTIONS" ? type : group_id,
            type === "MESSAGE" || type === "CODE" ? content : undefined
          ]),
          expected.toSorted((a, b) => order(a) - order(b))
        )
        const expiries = data.blocks.flatMap(({ content }: Json) => content.expires_at ?? [])
        assert.isAtMost(new Set(expiries).size, 1)
        assert.notInclude(whole.text, "expired")
      })
    )
  }

  it.effect("twelvelabs answers without a stream with the response of the terminal event", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const scenario of ["videos", "structured", "incomplete", "failed"] as const) {
        const streamed: Json = JSON.parse(
          events((yield* respond(emulator, { scenario })).text).at(-2)?.data ?? ""
        ).response
        const whole: Json = JSON.parse((yield* respond(emulator, { scenario }, { stream: false })).text)
        const timeless = ({ created_at: _, id: __, session_id: ___, ...rest }: Json) =>
          JSON.stringify(rest).replaceAll(/X-Amz-[^"]*|msg_sess[^"]*/g, "")
        assert.strictEqual(timeless(whole), timeless(streamed))
      }
      const failed = yield* respond(emulator, { scenario: "error-event" }, { stream: false })
      assert.strictEqual(failed.status, 500)
      assert.strictEqual(JSON.parse(failed.text).code, "generic_error")
    })
  )

  it.effect("citations point at their markers, in code points and with an inclusive end", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { text } = yield* respond(emulator)
      const datas: ReadonlyArray<Json> = events(text)
        .slice(0, -1)
        .map(({ data }) => JSON.parse(data ?? ""))
      const { part } = datas.find(({ type }) => type === "response.content_part.done")
      const characters = Array.from(part.text as string)
      const markers = part.annotations.map(({ end_index, start_index }: Json) =>
        characters.slice(start_index, end_index + 1).join("")
      )
      assert.deepStrictEqual(markers, ["[1]", "[2]", "[3]", "[4]", "[5]", "[6]"])
      // Astral characters before the markers, so that UTF-16 offsets would be wrong.
      assert.notStrictEqual(part.text.indexOf("[4]"), part.annotations[3].start_index)
      const kinds = new Set(part.annotations.map(({ type }: Json) => type))
      assert.deepStrictEqual(
        kinds,
        new Set(["video_citation", "image_citation", "collection_citation", "url_citation"])
      )
      const deltas = datas.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta)
      assert.strictEqual(deltas.join(""), part.text)
    })
  )

  it.effect("steps of the agent come only when they are asked for", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const kinds = (text: string) =>
        ["function_call", "jockey:web_search", "commentary"].filter((kind) => text.includes(kind))
      assert.deepStrictEqual(kinds((yield* respond(emulator)).text), [])
      const { text } = yield* respond(emulator, {}, { body: { include: ["intermediate_outputs"] } })
      assert.deepStrictEqual(kinds(text), ["function_call", "jockey:web_search", "commentary"])
    })
  )

  it.effect("a JSON Schema gets an answer that fits it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const schema = {
        type: "object",
        $defs: { mood: { enum: ["calm", "tense"] } },
        properties: {
          count: { type: "integer", minimum: 7 },
          scenes: {
            type: "array",
            minItems: 3,
            maxItems: 3,
            items: { type: "object", properties: { mood: { $ref: "#/$defs/mood" } } }
          },
          note: { anyOf: [{ type: "null" }, { type: "string" }] }
        }
      }
      const text = { format: { type: "json_schema", name: "scenes", schema } }
      const received = yield* respond(emulator, {}, { body: { text }, stream: false })
      const { output }: Json = JSON.parse(received.text)
      const value: Json = JSON.parse(output[0].content[0].text)
      assert.deepStrictEqual(value, {
        count: 7,
        scenes: [{ mood: "calm" }, { mood: "calm" }, { mood: "calm" }],
        note: null
      })
    })
  )

  it.effect("long has exactly the events that were asked for, ten thousand by default", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      assert.strictEqual(events((yield* job(emulator, { scenario: "long" })).text).length, 10_000)
      assert.strictEqual(events((yield* respond(emulator, { scenario: "long" })).text).length, 10_000)
      assert.strictEqual(events((yield* job(emulator, { scenario: "long", count: 321 })).text).length, 321)
      assert.strictEqual(events((yield* respond(emulator, { scenario: "long", count: 321 })).text).length, 321)
    })
  )

  it.effect("a delta may contain the text of the mark", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { text } = yield* respond(emulator, { scenario: "done-in-text" })
      const deltas = events(text)
        .slice(0, -1)
        .map(({ data }): Json => JSON.parse(data ?? "").delta)
      assert.include(deltas, "[DONE]")
    })
  )
})
