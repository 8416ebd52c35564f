/** The client of OpenAI, whose events are those of TwelveLabs. It does not validate. */
import OpenAI from "openai"
import type { Make } from "../candidates.ts"

export const make: Make = async ({ baseUrl, fetch }) => {
  const client = new OpenAI({ apiKey: "key", baseURL: baseUrl, fetch })
  return async () => {
    let events = 0
    let text = ""
    for await (const event of await client.responses.create({ model: "m", input: "q", stream: true })) {
      events++
      if (event.type === "response.output_text.delta") text += event.delta
    }
    return { events, text }
  }
}
