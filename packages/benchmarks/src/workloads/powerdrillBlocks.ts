/** The blocks of a Powerdrill job, in a mix like that of a long answer, with the heartbeats between them. */
import * as Random from "./Random.ts"
import type { Wire } from "./Workload.ts"

/** How many blocks a step of the job has. */
const step = 100

const block = (name: string, content: unknown, group: string): string => {
  const envelope = {
    id: group,
    model: "",
    choices: [{ delta: { role: null, content }, index: 0, finish_reason: null }],
    created: 1760000000,
    group_id: group,
    group_name: "Total revenue per shop",
    stage: "Respond"
  }
  return `id:${group}\nevent:${name}\ndata:${JSON.stringify(envelope)}\n\n`
}

/** A table in Markdown, which comes in one piece. */
const markdownTable = (random: () => number): string => {
  const size = 2_000 + random() * 18_000
  const rows = ["| shop | month | revenue |", "|---|---|---|"]
  for (let length = 0; length < size;) {
    const row = `| ${Random.token(random).trim()} | ${Math.ceil(random() * 12)} | ${(random() * 1e6).toFixed(2)} |`
    rows.push(row)
    length += row.length
  }
  return rows.join("\n")
}

const link = (random: () => number, extension: string) => ({
  name: `revenue.${extension}`,
  url: `https://static.example.com/code_result/${Math.floor(random() * 1e12)}.${extension}?X-Amz-Signature=${"0a".repeat(32)}`,
  expires_at: "2025-10-09T09:03:25.40712Z"
})

/** A block and the text that is counted for it. */
const blockAt = (index: number, random: () => number): { readonly frame: string; readonly text: string } => {
  const place = index % step
  const group = `5b0c6a52-0000-4000-8000-${String((index - place) / step).padStart(12, "0")}`
  const silent = (name: string, content: unknown) => ({ frame: block(name, content, group), text: "" })
  const speaking = (name: string, text: string) => ({ frame: block(name, text, group), text })
  if (place < 6) {
    return silent("TASK", {
      name: "Total revenue per shop",
      id: group,
      status: place % 2 === 0 ? "running" : "done",
      parent_id: null,
      stage: "Analyze",
      properties: { files: "beans.csv" }
    })
  }
  switch (place) {
    case 20:
    case 60:
      return speaking("CODE", `\`\`\`python\n\n${Random.prose(random, 400)}\n\n\`\`\``)
    case 30:
      return silent("TABLE", link(random, "csv"))
    case 31:
      return silent("IMAGE", link(random, "png"))
    case 50:
      return speaking("MESSAGE", markdownTable(random))
    case 99:
      return silent("QUESTIONS", ["Which month is weakest?", "How do weekends differ?"])
    default:
      return speaking("MESSAGE", Random.prose(random, 10 + random() * 40))
  }
}

/**
 * Of the hundred blocks of each step 88 are short texts, one a text with a Markdown table of 2 to 20 kB, six states of tasks, two code, and
 * one each a table's link, an image's link and questions. Every twentieth follows a heartbeat.
 */
export const powerdrillBlocks = (count: number): Wire => {
  const random = Random.numbers(2)
  const frames = ["event:JOB_ID\ndata:job-cm3ikdeuj02zk01l1yeuirt77\n\n"]
  const texts: Array<string> = []
  for (let index = 0; index < count; index++) {
    if (index % 20 === 0) frames.push(":keep-alive\n\n")
    const { frame, text } = blockAt(index, random)
    frames.push(frame)
    texts.push(text)
  }
  frames.push("event:END_MARK\ndata:[DONE]\n\n")
  return { frames, events: count + 1, text: texts.join("") }
}
