/** The AI SDK's `parseJsonEventStream`, validated with zod. */
import { parseJsonEventStream, zodSchema } from "ai"
import { z } from "zod"
import type { Make } from "../candidates.ts"
import { post } from "./handLoop.ts"

const Response = z.object({ id: z.string(), status: z.string(), session_id: z.string() })
const place = { sequence_number: z.number(), item_id: z.string(), output_index: z.number(), content_index: z.number() }
const Part = z.object({ type: z.string(), text: z.string() })

const Event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("response.output_text.delta"), ...place, delta: z.string() }),
  z.object({ type: z.literal("response.content_part.added"), ...place, part: Part }),
  z.object({
    type: z.literal("response.output_item.added"),
    sequence_number: z.number(),
    output_index: z.number(),
    item: z.object({ id: z.string(), type: z.string(), content: z.array(Part) })
  }),
  z.object({ type: z.literal("response.created"), sequence_number: z.number(), response: Response }),
  z.object({ type: z.literal("response.completed"), sequence_number: z.number(), response: Response })
])

const schema = zodSchema(Event)

export const make: Make = async (source) => async () => {
  let events = 0
  let text = ""
  const stream = await post(source.fetch, `${source.baseUrl}/responses`)
  for await (const result of parseJsonEventStream({ stream, schema })) {
    if (!result.success) throw result.error
    events++
    if (result.value.type === "response.output_text.delta") text += result.value.delta
  }
  return { events, text }
}
