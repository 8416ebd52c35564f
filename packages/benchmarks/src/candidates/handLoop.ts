/**
 * The reference: the loop that one writes by hand. It trusts the server in everything: no validation, LF only, no limits, no
 * time-outs, nothing for an event of several lines, nothing for a stream that is cut.
 */
import type { Make, Read } from "../candidates.ts"

/** Calls `onLine` for each line until that says `false`. */
export const eachLine = async (body: ReadableStream<Uint8Array>, onLine: (line: string) => boolean): Promise<void> => {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let buffer = ""
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    buffer += decoder.decode(value, { stream: true })
    let start = 0
    for (let end = buffer.indexOf("\n"); end !== -1; end = buffer.indexOf("\n", start)) {
      if (!onLine(buffer.slice(start, end))) return void reader.cancel()
      start = end + 1
    }
    buffer = buffer.slice(start)
  }
}

/** Asks as the vendors' clients do. */
export const post = async (fetch: typeof globalThis.fetch, url: string): Promise<ReadableStream<Uint8Array>> => {
  const headers = { "content-type": "application/json", "x-api-key": "key" }
  const response = await fetch(url, { method: "POST", headers, body: `{"stream":true}` })
  return response.body!
}

/** Reads the events of a response. */
export const responses: Make = async (source) => async () => {
  let events = 0
  let text = ""
  await eachLine(await post(source.fetch, `${source.baseUrl}/responses`), (line) => {
    if (!line.startsWith("data: ")) return true
    const data = line.slice(6)
    if (data === "[DONE]") return false
    const event = JSON.parse(data)
    events++
    if (event.type === "response.output_text.delta") text += event.delta
    return true
  })
  return { events, text }
}

/** Reads the blocks of a job. */
export const jobs: Make = async (source) => async (): Promise<Read> => {
  let events = 0
  let text = ""
  let name = ""
  await eachLine(await post(source.fetch, `${source.baseUrl}/v2/team/jobs`), (line) => {
    if (line.startsWith("event:")) name = line.slice(6)
    if (!line.startsWith("data:")) return true
    if (name === "END_MARK") return false
    events++
    if (name === "JOB_ID") return true
    const block = JSON.parse(line.slice(5))
    if (name === "MESSAGE" || name === "CODE") text += block.choices[0].delta.content
    return true
  })
  return { events, text }
}
