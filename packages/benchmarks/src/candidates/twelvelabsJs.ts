/** TwelveLabs' own client, with its validators. */
import { TwelveLabs } from "twelvelabs-js"
import type { Make } from "../candidates.ts"

export const make: Make = async ({ baseUrl, fetch }) => {
  // It takes no `fetch`, and ignores the base URL that its constructor takes.
  globalThis.fetch = fetch
  process.env["TWELVELABS_BASE_URL"] = baseUrl
  const client = new TwelveLabs({ apiKey: "key" })
  return async () => {
    let events = 0
    let text = ""
    const stream = await client.responses.createStream({
      knowledgeStoreId: "ks_01999999-0000-7000-8000-000000000001",
      input: [{ type: "message", role: "user", content: "q" }]
    })
    for await (const event of stream) {
      events++
      if (event.type === "response.output_text.delta") text += event.delta
    }
    return { events, text }
  }
}
