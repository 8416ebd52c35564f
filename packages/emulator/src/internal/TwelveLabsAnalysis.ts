/**
 * What an analysis answers, in each scenario: a text, how it ends, and how it is streamed.
 */
import type { Play } from "../Play.ts"
import * as Frame from "./Frame.ts"
import * as JsonSchemaSample from "./JsonSchemaSample.ts"
import * as TwelveLabsScenarios from "./TwelveLabsScenarios.ts"
import type { FaultFrames } from "./WirePlan.ts"

type Fields = Readonly<Record<string, unknown>>

/** What was asked for. */
export interface Wanted {
  readonly id: string
  readonly play: Play
  /** The JSON Schema of the answer. */
  readonly schema?: unknown
  /** What segments to look for. */
  readonly definitions?: ReadonlyArray<Fields> | undefined
  /** How their times are written. */
  readonly timeFormat?: unknown
}

/** How an answer ends. */
type Ending =
  | { readonly finishReason: string; readonly warning?: string | undefined }
  | { readonly error: Fields; readonly code: string; readonly message: string }

/** An answer, made while it is sent. */
interface Answer {
  readonly deltas: Iterable<string>
  readonly ending: Ending
  /** Milliseconds between deltas. */
  readonly wait?: number | undefined
  /** Lines that come before the last one, of which a document knows nothing. */
  readonly others?: ReadonlyArray<unknown> | undefined
  /** Whether ids and usage are left out. */
  readonly isBare?: boolean | undefined
}

/** What an analysis has come to. */
export interface Outcome {
  readonly text: string
  readonly finishReason: string
  readonly warning: string | undefined
}

const stop: Ending = { finishReason: "stop" }

const prose = [
  "Three cooks prepare fresh pasta 🍝 in a bright kitchen: one kneads the dough,",
  " one rolls it out with a bottle, and the third cuts it into ribbons of 𝟓 mm at 0:12.5.",
  " At 0:58 the water boils; a sign on the wall reads 𠮷田製麺.",
  "\nThen they eat, and somebody off camera says “buon appetito” 👩🏽‍🍳."
].join("")

/** Pieces that end anywhere, as the service cuts: in words and in numbers. */
const pieces = (text: string, length: number): ReadonlyArray<string> =>
  text.match(new RegExp(`[^]{1,${length}}`, "gu")) ?? []

const scenesSchema = {
  type: "object",
  properties: {
    title: { type: "string" },
    scenes: {
      type: "array",
      items: {
        type: "object",
        properties: { start: { type: "timestamp", format: "seconds" }, what: { type: "string" } }
      }
    }
  }
}

const structured = (schema: unknown): string => JSON.stringify(JsonSchemaSample.sample(schema))

const fieldValue = (field: Fields, index: number): unknown => {
  if (Array.isArray(field.enum)) {
    const word: unknown = field.enum[index % field.enum.length]
    return field.type === "array" ? [word] : word
  }
  switch (field.type) {
    case "timestamp":
      return JsonSchemaSample.timestamp(field.format, 3.25 + index * 10)
    case "array":
      return JsonSchemaSample.sample({ type: "array", items: field.items })
    default:
      return JsonSchemaSample.sample({ type: field.type })
  }
}

/** Two segments of each definition, in its ranges where it has any. */
const segments = (definitions: ReadonlyArray<Fields>, timeFormat: unknown): string =>
  JSON.stringify(
    Object.fromEntries(
      definitions.map(({ fields, id, time_ranges }) => {
        const ranges =
          Array.isArray(time_ranges) && time_ranges.length > 0 ? (time_ranges as ReadonlyArray<Fields>) : []
        return [
          id,
          [0, 1].map((index) => {
            const from = Number(ranges[index % Math.max(1, ranges.length)]?.start_time ?? index * 10)
            return {
              start_time: JsonSchemaSample.timestamp(timeFormat, from),
              end_time: JsonSchemaSample.timestamp(timeFormat, from + 2),
              metadata: Object.fromEntries(
                ((fields ?? []) as ReadonlyArray<Fields>).map((field) => [field.name, fieldValue(field, index)])
              )
            }
          })
        ]
      })
    )
  )

const textOf = ({ definitions, schema, timeFormat }: Wanted): string | undefined =>
  definitions !== undefined ? segments(definitions, timeFormat) : schema === undefined ? undefined : structured(schema)

const refusal = { code: "generic_error", message: "Something went wrong while the answer was generated." }

const broken = (error: Fields) => (): Answer => ({
  deltas: ["Three cooks ", "prepare fresh "],
  ending: { error, ...refusal }
})

const kilobytes = "0123456789abcdef".repeat(256)

function* flood(bytes: number): Generator<string, void> {
  for (let sent = 0; sent < bytes; sent += kilobytes.length + 50) yield kilobytes
}

function* words(count: number): Generator<string, void> {
  // Two lines around the deltas.
  for (let index = 0; index < count - 2; index++) yield `word${index} `
}

const warning = "The maximum response length was reached."

/** The first half of an answer. */
const cut = (text: string): Answer => ({
  deltas: pieces(text.slice(0, text.length / 2), 9),
  ending: { finishReason: "length", warning }
})

const answers: Readonly<Record<TwelveLabsScenarios.TwelveLabsScenarioName, (wanted: Wanted) => Answer>> = {
  videos: (wanted) => ({ deltas: pieces(textOf(wanted) ?? prose, 9), ending: stop, wait: 60 }),
  "follow-up": (wanted) => ({ deltas: pieces(textOf(wanted) ?? prose, 9), ending: stop }),
  structured: (wanted) => ({ deltas: pieces(textOf(wanted) ?? structured(scenesSchema), 7), ending: stop, wait: 60 }),
  "structured-incomplete": (wanted) => cut(textOf(wanted) ?? structured(scenesSchema)),
  incomplete: (wanted) => cut(textOf(wanted) ?? prose),
  failed: broken(refusal),
  "error-event": broken({ event_type: "error", ...refusal }),
  "nested-error-event": broken({ event_type: "stream_error", error: refusal }),
  "unknown-events": (wanted) => ({
    deltas: pieces(textOf(wanted) ?? "The pasta is ready 🍝.", 9),
    ending: { finishReason: "satisfied" },
    others: [
      { event_type: "mood_changed", mood: "curious 🤔", nested: { deep: [1, 2, 3] } },
      { no_type: true },
      [1, 2, 3],
      { event_type: null }
    ]
  }),
  "no-event-lines": (wanted) => ({ deltas: pieces(textOf(wanted) ?? prose, 9), ending: stop, isBare: true }),
  "done-in-text": () => ({
    deltas: [
      "The stream ends with ",
      '{"event_type":"stream_end"}',
      "\n",
      "stream_end",
      "\n\n[DONE]\r\n",
      "as a line 🏁."
    ],
    ending: stop
  }),
  long: ({ play }) => ({ deltas: words(play.count ?? 10_000), ending: stop, wait: 2 }),
  flood: ({ play }) => ({ deltas: flood(play.bytes ?? 100_000_000), ending: stop })
}

const answerOf = (wanted: Wanted): Answer => {
  const named = TwelveLabsScenarios.names.find((name) => name === wanted.play.scenario)
  return answers[named ?? "videos"](wanted)
}

const usageOf = (characters: number): Fields => ({ output_tokens: Math.ceil(characters / 4), input_tokens: 2310 })

const text = (delta: string, wait = 0): Frame.Frame => Frame.line({ event_type: "text_generation", text: delta }, wait)

/** The lines of a streamed answer. */
export function* lines(wanted: Wanted): Generator<Frame.Frame, void> {
  const { deltas, ending, isBare = false, others = [], wait } = answerOf(wanted)
  const metadata = isBare ? undefined : { generation_id: wanted.id }
  yield Frame.line({ event_type: "stream_start", metadata }, 300)
  let characters = 0
  for (const delta of deltas) {
    yield text(delta, wait)
    characters += delta.length
  }
  for (const other of others) yield Frame.line(other)
  if ("error" in ending) return yield Frame.line(ending.error, 100, "mark")
  yield Frame.line(
    {
      event_type: "stream_end",
      finish_reason: ending.finishReason,
      metadata: isBare ? undefined : { ...metadata, usage: usageOf(characters) },
      error: ending.warning === undefined ? undefined : { message: ending.warning }
    },
    100,
    "mark"
  )
}

/** What it comes to as a whole, or the error that it ends with. */
export const outcome = (wanted: Wanted): Outcome | { readonly code: string; readonly message: string } => {
  const { deltas, ending } = answerOf(wanted)
  if ("error" in ending) return { code: ending.code, message: ending.message }
  return { text: [...deltas].join(""), finishReason: ending.finishReason, warning: ending.warning }
}

/** The document of an answer that is not streamed. */
export const document = (wanted: Wanted, { finishReason, text, warning }: Outcome): Fields => {
  const isBare = answerOf(wanted).isBare === true
  return {
    id: isBare ? undefined : wanted.id,
    data: text,
    finish_reason: finishReason,
    usage: isBare ? undefined : usageOf(text.length),
    error: warning === undefined ? undefined : { message: warning }
  }
}

/** The result of a task. */
export const result = (id: string, { finishReason, text }: Outcome) => ({
  id,
  text,
  finishReason,
  usage: { outputTokens: Math.ceil(text.length / 4), inputTokens: 2310 }
})

/** The lines of the faults. */
export const faultFrames = (play: Play): FaultFrames => {
  const error = { ...refusal, code: play.code ?? refusal.code }
  const isNested = play.body === "nested"
  return {
    hasTerminal: false,
    framing: Frame.ndjson,
    delta: (delta) => text(delta),
    malformed: () => ({ ...text(""), lines: ['{"event_type":"text_generation","text":"half a'] }),
    wrongShape: () => Frame.line({ event_type: "text_generation", text: { unexpected: ["not", "a", "text"] } }),
    streamError: () => [Frame.line({ event_type: "error", ...(isNested ? { error } : error) })],
    errorMark: () => [Frame.line(isNested ? { error } : error)]
  }
}
