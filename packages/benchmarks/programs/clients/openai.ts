/** The same with OpenAI's client. */
import OpenAI from "openai"

export const ask = async (input: string, onText: (text: string) => void): Promise<void> => {
  const client = new OpenAI({ apiKey: "key" })
  for await (const event of await client.responses.create({ model: "m", input, stream: true })) {
    if (event.type === "response.output_text.delta") onText(event.delta)
  }
}
