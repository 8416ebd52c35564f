/** The client of Anthropic, which does not validate. It drops events that are not Anthropic's, so it reads those. */
import Anthropic from "@anthropic-ai/sdk"
import type { Make } from "../candidates.ts"

export const make: Make = async ({ baseUrl, fetch }) => {
  const client = new Anthropic({ apiKey: "key", baseURL: baseUrl, fetch })
  return async () => {
    let events = 0
    let text = ""
    const messages = [{ role: "user", content: "q" } as const]
    for await (const event of await client.messages.create({ model: "m", max_tokens: 1, messages, stream: true })) {
      events++
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text
    }
    return { events, text }
  }
}
