/** An answer that comes as text deltas, as TwelveLabs and OpenAI send it, and as Anthropic does. */
import * as Random from "./Random.ts"
import type { Wire } from "./Workload.ts"

const frame = <E extends { readonly type: string }>(event: E): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

const response = (status: string) => ({
  id: "resp_0bb22222-0000-7000-8000-000000000002",
  type: "response",
  object: "response",
  status,
  incomplete_details: null,
  knowledge_store_id: "ks_0aa11111-0000-7000-8000-000000000001",
  session_id: "sess_0cc33333-0000-7000-8000-000000000003",
  output: [],
  created_at: "2026-09-01T08:30:00Z"
})

const part = { type: "output_text", text: "", annotations: [] }

const place = {
  item_id: "msg_sess_0cc33333-0000-7000-8000-000000000003_0",
  output_index: 0,
  content_index: 0
}

/** What comes before the deltas: three events. */
export const opening: ReadonlyArray<string> = [
  frame({ type: "response.created", sequence_number: 0, response: response("in_progress") }),
  frame({
    type: "response.output_item.added",
    sequence_number: 1,
    output_index: 0,
    item: {
      type: "message",
      id: place.item_id,
      status: "in_progress",
      role: "assistant",
      phase: "final_answer",
      content: [part]
    }
  }),
  frame({ type: "response.content_part.added", sequence_number: 2, ...place, part })
]

/** The event of a delta. */
export const delta = (text: string, sequence: number, itemId = place.item_id): string =>
  frame({ type: "response.output_text.delta", sequence_number: sequence, ...place, item_id: itemId, delta: text })

/**
 * What comes after the deltas: an event and the end mark. It does not repeat the text, as the vendor would: a hand-written
 * loop takes a time for such an event that grows with its square, and would lose by it.
 */
export const closing = (sequence: number): ReadonlyArray<string> => [
  frame({ type: "response.completed", sequence_number: sequence, response: response("completed") }),
  "data: [DONE]\n\n"
]

const texts = (count: number, size: number | undefined): ReadonlyArray<string> => {
  const random = Random.numbers(1)
  return Array.from({ length: count }, () => (size === undefined ? Random.token(random) : Random.prose(random, size)))
}

/** Deltas of a token each, or of `size` UTF-16 code units; all of one item, or each of its own. */
export const textDeltas = (count: number, size?: number, unlike = false): Wire => {
  const deltas = texts(count, size)
  const itemOf = (index: number) =>
    unlike ? `msg_${String(index).padStart(place.item_id.length - 4, "0")}` : undefined
  return {
    frames: [...opening, ...deltas.map((text, index) => delta(text, index + 3, itemOf(index))), ...closing(count + 3)],
    events: count + 4,
    text: deltas.join("")
  }
}

/** The same texts as Anthropic sends them; there the end mark is an event. */
export const messageDeltas = (count: number): Wire => {
  const deltas = texts(count, undefined)
  const usage = { input_tokens: 1, output_tokens: 1 }
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, usage }
  return {
    frames: [
      frame({ type: "message_start", message }),
      frame({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      ...deltas.map((text) => frame({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
      frame({ type: "content_block_stop", index: 0 }),
      frame({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage }),
      frame({ type: "message_stop" })
    ],
    events: count + 5,
    text: deltas.join("")
  }
}
