/**
 * The scenarios of TwelveLabs.
 */
import * as JsonSchemaSample from "./JsonSchemaSample.ts"
import type { ScenarioSizes } from "./PowerdrillScenarios.ts"
import * as TwelveLabsTurn from "./TwelveLabsTurn.ts"
import type { Citation, Turn, TurnFrame } from "./TwelveLabsTurn.ts"

/** A scenario: a line about it, and its frames, made while they are sent. */
export interface TwelveLabsScenario {
  readonly description: string
  readonly frames: (turn: Turn, sizes: ScenarioSizes) => Iterable<TurnFrame>
}

const answer = [
  "Three videos show how the workshop builds its kites 🪁.",
  " First the frame: two spars of split bamboo are crossed and bound with waxed thread [1],",
  " and the maker tests the balance on one finger 👩🏽‍🔧 before anything is glued [2].",
  " Then the sail: ripstop nylon is cut with a hot knife, so that its edge cannot fray [3];",
  " the drawing on the wall gives the span as 𝟏𝟖𝟎 cm, and the label reads 𠮷野工房 [4].",
  " The whole series is grouped under one collection [5], and the festival's page confirms the rules for tails [6].",
  " In the last minute the kite climbs, and somebody off camera shouts “bravo!” 🎉"
].join("")

/** What the markers stand for, as far as the knowledge store has it; a marker of what it has not stands for nothing. */
const citations = (turn: Turn): ReadonlyArray<Citation> => {
  const [first, second = first] = turn.items("video")
  const [image] = turn.items("image")
  const [collection] = turn.collections
  const cited: Array<Citation> = []
  const cite = (marker: string, fields: Citation["fields"]) => cited.push({ marker, fields })
  if (first !== undefined) {
    cite("[1]", {
      type: "video_citation",
      item_id: first.id,
      start_sec: 12.5,
      end_sec: 31,
      title: first.title,
      thumbnail_url: turn.link("thumbnail.png"),
      hls_url: turn.link("scene.m3u8")
    })
    cite("[2]", {
      type: "video_citation",
      item_id: first.id,
      start_sec: 58,
      end_sec: 64.25,
      title: null,
      thumbnail_url: null,
      hls_url: null
    })
  }
  if (second !== undefined) cite("[3]", { type: "video_citation", item_id: second.id })
  if (image !== undefined) {
    cite("[4]", {
      type: "image_citation",
      item_id: image.id,
      title: image.title,
      thumbnail_url: turn.link("thumbnail.png")
    })
  }
  if (collection !== undefined) {
    cite("[5]", { type: "collection_citation", collection_id: collection.id, title: collection.title })
  }
  cite("[6]", { type: "url_citation", url: "https://example.com/festival/rules", title: "Rules" })
  return cited
}

function* opening(turn: Turn): Generator<TurnFrame, void> {
  yield turn.created()
  yield turn.inProgress()
}

function* closing(turn: Turn): Generator<TurnFrame, void> {
  yield turn.completed()
  yield turn.end()
}

function* videos(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  yield turn.comment("ping", 200)
  if (turn.intermediate) {
    yield* turn.message({ phase: "commentary", text: "I will look for the steps of building a kite 🔎." })
    yield* turn.functionCall("search_items", { query: "bamboo frame", limit: 5 }, "2 matches: part one, part two")
    yield turn.keepalive(300)
    yield* turn.functionCall("view_item", { item_id: turn.items("image")[0]?.id ?? "" }, "a drawing with measures")
    yield* turn.webSearch(["kite festival rules tail length"])
  }
  yield turn.keepalive(300)
  yield* turn.message({ text: answer, citations: citations(turn) })
  yield* closing(turn)
}

/** A further turn of a session: short, and about what was asked. */
function* followUp(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  const text = `As to “${turn.question}”: the same two spars carry all of them [1], and the newest flies highest 🪁.`
  yield* turn.message({ text, citations: citations(turn).slice(0, 1) })
  yield* closing(turn)
}

const sceneSchema = {
  type: "object",
  properties: {
    title: { type: "string" },
    scenes: {
      type: "array",
      items: {
        type: "object",
        properties: {
          start_sec: { type: "number" },
          what: { type: "string" },
          mood: { type: "string", enum: ["calm", "tense", "happy"] }
        }
      }
    },
    indoors: { type: "boolean" }
  }
}

const sampleOf = (turn: Turn) => JSON.stringify(JsonSchemaSample.sample(turn.schema ?? sceneSchema))

/** What a tokenizer makes of a text, more or less. */
const tokens = (text: string) => text.match(/.{1,7}/gsu) ?? []

function* structured(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  if (turn.intermediate) {
    yield* turn.message({ phase: "commentary", text: 'I will answer with {"title": "a draft"} or the like.' })
  }
  const text = sampleOf(turn)
  yield* turn.message({ text, deltas: tokens(text), wait: 60 })
  yield* closing(turn)
}

function* structuredIncomplete(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  const whole = sampleOf(turn)
  const text = Array.from(whole)
    .slice(0, Math.floor(whole.length / 2))
    .join("")
  yield* turn.message({ text, deltas: tokens(text), wait: 60, status: "incomplete" })
  yield* cutShort(turn)
}

function* incomplete(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  yield* turn.message({ text: "The kite is built in three steps: first the fra", status: "incomplete" })
  yield* cutShort(turn)
}

/** The end of a response that the limit of tokens cut. */
function* cutShort(turn: Turn): Generator<TurnFrame, void> {
  const details = {
    incomplete_details: { reason: "max_output_tokens" },
    usage: { input_tokens: 9120, output_tokens: 4096 }
  }
  yield turn.terminal("response.completed", turn.responseOf("incomplete", details))
  yield turn.end()
}

function* failed(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  yield* begun(turn)
  yield turn.terminal("response.failed", turn.responseOf("failed", { error: { code: "generic_error" } }))
  yield turn.end()
}

/** A message of which only the beginning arrives. */
function* begun(turn: Turn): Generator<TurnFrame, void> {
  let deltas = 0
  for (const frame of turn.message({ text: "The first video shows a workshop with a wide table." })) {
    if (deltas === 2) return
    if (frame.lines[0] === "event: response.output_text.delta") deltas += 1
    yield frame
  }
}

const broken = (nested: boolean) =>
  function* (turn: Turn): Generator<TurnFrame, void> {
    yield* opening(turn)
    yield* begun(turn)
    yield TwelveLabsTurn.errorEvent(turn, nested)
    yield turn.end()
  }

/** Types of events, items, parts and annotations that no client knows; events without what others have. */
function* unknownEvents(turn: Turn): Generator<TurnFrame, void> {
  yield turn.created()
  yield turn.frame("response.queued", { position: 2 }, 50)
  yield turn.inProgress()
  yield turn.frame("response.mood.changed", { mood: "curious 🤔", nested: { deep: [1, 2, 3] } }, 50)
  yield { kind: "event", lines: ["event: response.unnumbered", 'data: {"type":"response.unnumbered"}'], wait: 50 }
  yield { kind: "event", lines: ['data: {"type":"response.nameless","sequence_number":900}'], wait: 50 }
  yield { kind: "event", lines: ['data: {"no_type":true}'], wait: 50 }
  yield { kind: "event", lines: ["data: [1,2,3]"], wait: 50 }
  const diagram = { type: "hologram", id: "holo_1", status: "rotating", shape: { sides: 7 } }
  yield turn.frame("response.output_item.added", { output_index: 7, item: diagram }, 50)
  yield turn.frame("response.output_item.done", { output_index: 7, item: diagram }, 50)
  yield* turn.message({ phase: "daydream", text: "A phase that no client knows: this is not the answer." })
  yield* turn.message({
    text: "The kite flies [1] 🪁.",
    citations: [
      { marker: "[1]", fields: { type: "smell_citation", item_id: turn.items("video")[0]?.id ?? "", strength: 0.5 } }
    ]
  })
  yield turn.frame("response.refusal.delta", { delta: "no" }, 50)
  yield* closing(turn)
}

/** The guide that shows only `data:` lines, and deltas without numbers. */
function* noEventLines(turn: Turn): Generator<TurnFrame, void> {
  for (const frame of videos(turn)) {
    const lines = frame.lines
      .filter((line) => !line.startsWith("event:"))
      .map((line) => (line.includes('.delta"') ? line.replace(/"sequence_number":\d+,/, "") : line))
    yield { ...frame, lines }
  }
}

/** Texts that look like the protocol. */
function* doneInText(turn: Turn): Generator<TurnFrame, void> {
  yield* opening(turn)
  const deltas = ["The stream ends with ", "[DONE]", ", written ", "data: [DONE]\n\n", "as a line of its own 🏁."]
  yield* turn.message({ text: deltas.join(""), deltas })
  yield* closing(turn)
}

function* long(turn: Turn, { count }: ScenarioSizes): Generator<TurnFrame, void> {
  // Ten frames around the deltas, the mark included.
  const deltas = Array.from({ length: Math.max(0, count - 10) }, (_, index) => `word${index} `)
  yield* opening(turn)
  yield* turn.message({ text: deltas.join(""), deltas, wait: 2 })
  yield turn.keepalive()
  yield turn.completed()
  yield turn.end()
}

const kilobytes = "0123456789abcdef".repeat(256)

/** The text is not repeated at the end, as it would be too large for one event. */
function* flood(turn: Turn, { bytes }: ScenarioSizes): Generator<TurnFrame, void> {
  yield* opening(turn)
  const place = { item_id: "msg_flood", output_index: 0, content_index: 0 }
  const item = { type: "message", id: "msg_flood", status: "in_progress", role: "assistant", content: [] }
  yield turn.frame("response.output_item.added", { output_index: 0, item: { ...item, phase: "final_answer" } })
  for (let sent = 0; sent < bytes;) {
    const frame = turn.frame("response.output_text.delta", { ...place, delta: kilobytes })
    sent += frame.lines.reduce((sum, line) => sum + line.length + 1, 1)
    yield frame
  }
  yield* closing(turn)
}

/** The table of scenarios; the first one is the default. */
export const scenarios = {
  videos: {
    description: "an answer on videos with citations, emoji, astral characters; steps with intermediate_outputs",
    frames: videos
  },
  "follow-up": {
    description: "a short answer that repeats the question; by itself for the second and later turns of a session",
    frames: followUp
  },
  structured: { description: "JSON that fits the request's schema, or one on scenes", frames: structured },
  "structured-incomplete": {
    description: "half of the JSON, then response.completed with status incomplete (max_output_tokens)",
    frames: structuredIncomplete
  },
  incomplete: {
    description: "response.completed with status incomplete (max_output_tokens); an analysis ends by length",
    frames: incomplete
  },
  failed: {
    description: "response.failed after two deltas; an analysis ends with a line that is an error",
    frames: failed
  },
  "error-event": { description: "a flat error event after two deltas", frames: broken(false) },
  "nested-error-event": { description: "a nested error event after two deltas", frames: broken(true) },
  "unknown-events": {
    description: "events, items, phases and annotations that no client knows; events without number or name",
    frames: unknownEvents
  },
  "no-event-lines": {
    description: "the videos without event: lines, deltas without number; an analysis without ids and usage",
    frames: noEventLines
  },
  "done-in-text": { description: "deltas that contain the text [DONE]", frames: doneInText },
  long: { description: "`count` small events (default 10000)", frames: long },
  flood: { description: "`bytes` of text (default 100 MB), made while it is sent", frames: flood }
} as const satisfies Record<string, TwelveLabsScenario>

/** The name of a scenario. */
export type TwelveLabsScenarioName = keyof typeof scenarios

/** The names, default first. */
export const names = Object.keys(scenarios) as ReadonlyArray<TwelveLabsScenarioName>
