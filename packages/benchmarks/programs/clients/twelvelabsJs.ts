/** The same with TwelveLabs' own client. */
import { TwelveLabs } from "twelvelabs-js"

export const ask = async (input: string, onText: (text: string) => void): Promise<void> => {
  const client = new TwelveLabs({ apiKey: "key" })
  const stream = await client.responses.createStream({
    knowledgeStoreId: "ks_01999999-0000-7000-8000-000000000001",
    input: [{ type: "message", role: "user", content: input }]
  })
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") onText(event.delta ?? "")
  }
}
