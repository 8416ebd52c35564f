/** `eventsource-parser` with `JSON.parse`, unvalidated. */
import { createParser } from "eventsource-parser"
import type { Make } from "../candidates.ts"
import { post } from "./handLoop.ts"

export const make: Make = async (source) => async () => {
  let events = 0
  let text = ""
  let isDone = false
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === "[DONE]") {
        isDone = true
        return
      }
      const event = JSON.parse(data)
      events++
      if (event.type === "response.output_text.delta") text += event.delta
    }
  })
  const reader = (await post(source.fetch, `${source.baseUrl}/responses`)).getReader()
  const decoder = new TextDecoder()
  while (!isDone) {
    const { done, value } = await reader.read()
    if (done) break
    parser.feed(decoder.decode(value, { stream: true }))
  }
  return { events, text }
}
