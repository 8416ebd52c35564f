/**
 * The scenarios of Powerdrill.
 */
import * as Bookings from "./Bookings.ts"
import type { Job, JobFrame } from "./PowerdrillJob.ts"
import { noGroup } from "./PowerdrillJob.ts"
import { travelPrices } from "./PowerdrillTravelPrices.ts"

/** Sizes that a play may set. */
export interface ScenarioSizes {
  readonly count: number
  readonly bytes: number
}

/** A scenario: its name, a line about it, and its frames, made while they are sent. */
export interface PowerdrillScenario {
  readonly description: string
  readonly frames: (job: Job, sizes: ScenarioSizes) => Iterable<JobFrame>
}

function* chinese(job: Job): Generator<JobFrame, void> {
  yield job.jobId()
  const work = job.group("计算各旅行社的平均价格", "Analyze")
  yield job.task(work, "running", 300, { files: "预订.csv" })
  yield job.code(work, "result = 预订.groupby('旅行社')['价格'].mean()", 400)
  yield job.stored("TABLE", work, "各社均价.csv", 300, "expired_at")
  yield job.task(work, "done", 50, { files: "预订.csv" })
  const answer = job.group("结论", "Respond")
  yield job.task(answer, "running", 200)
  const text = "### 结论 🎯\n\n“漫游假期”的平均价格是 **"
  for (const character of text) yield job.message(answer, character, 40)
  const average = Bookings.byAgency.find(({ name }) => name === "漫游假期")
  yield job.message(answer, Bookings.dollars(average?.price ?? 0), 60)
  for (const character of "** 美元，低于整体水平 📉。𠮷野旅行（👨‍👩‍👧‍👦 家庭游）暂无数据。") {
    yield job.message(answer, character, 40)
  }
  yield job.stored("TABLE", answer, "各社均价.csv", 100, "expired_at")
  yield job.questions(answer, ["哪个月份最贵？", "价格为什么会波动？", "家庭游与个人游有何不同？"], 100)
  yield job.trigger(answer)
  yield job.task(answer, "done", 50)
  yield job.sources(noGroup, [{ source: "预订.csv", page: null, content: null, fileType: "csv" }], 50)
  yield job.end()
}

function* charts(job: Job): Generator<JobFrame, void> {
  yield job.jobId()
  const work = job.group("Prepare an interactive chart", "Analyze")
  yield job.task(work, "running", 300, { files: "bookings.csv" })
  const table = job.link("average_price_by_month.csv")
  const image = job.link("price_by_month.png")
  const chart = {
    code: "bar = Bar().add_xaxis(months).add_yaxis('price', prices)",
    code_type: "PYTHON",
    name: "average_price_by_month.csv",
    url: table.url,
    image: image.url,
    options: ["bar", "line", "pie"],
    columns: ["month", "bookings", "average_price"],
    chart_config: JSON.stringify({
      xAxis: { type: "category", data: Bookings.byMonth.map(({ name }) => name) },
      yAxis: { type: "value" },
      series: [{ type: "bar", data: Bookings.byMonth.map(({ price }) => Number(Bookings.dollars(price))) }]
    }),
    expires_at: table.expires
  }
  const frame = job.enveloped("CHART_INFO", work, chart, 400)
  const block = { type: "CHART_INFO", content: chart, group_id: work.id, group_name: work.name, stage: work.stage }
  yield { ...frame, block }
  yield job.task(work, "done", 50, { files: "bookings.csv" })
  const answer = job.group("Conclusions", "Respond")
  yield job.task(answer, "running", 100)
  yield job.message(answer, "The chart shows the average price of each month. ", 100)
  yield job.message(answer, "You can switch it between bars, a line and a pie 🥧.", 100)
  yield job.task(answer, "done", 50)
  yield job.sources(noGroup, [{ source: "bookings.csv", page: null, content: null, fileType: "csv" }], 50)
  yield job.end()
}

/** Frames as they were before groups had names, and names that no client knows. */
function* older(job: Job): Generator<JobFrame, void> {
  const bare = (event: string, content: unknown, wait = 50): JobFrame =>
    job.raw(event, JSON.stringify({ id: "older", model: "", choices: [{ delta: { content }, index: 0 }] }), wait)
  yield job.raw("AI_MESSAGE_ID", "ai-message-emulator-0001")
  yield job.jobId()
  yield job.raw("TITLE_GENERATION", "Prices of agencies ✈️", 100)
  yield bare("TAG", "planner: [read file] -> [compute] -> [draw]")
  yield bare("PROCESS", { name: "compute", type: "code", status: "running" })
  const work = job.group("Compute", "Analyze")
  yield job.task(work, "running", 100)
  yield job.stored("TABLE", work, "average_price_by_agency.csv", 200, "expired_at")
  yield bare("PROCESS", { name: "compute", type: "code", status: "done" })
  yield job.stored("IMAGE", work, "price_by_agency.png", 200, "expiredAt")
  const chart = job.link("price_by_month.png")
  yield bare("CHART", { chartName: "By month", chartType: "bar", imageUrl: chart.url, expiredAt: chart.expires })
  yield job.task(work, "cancelled", 50)
  yield job.enveloped("QUICK_QUERY", work, { text: "a block that no client knows" }, 50)
  yield job.raw("HOLOGRAM", "not even JSON", 50)
  for (const text of ["An answer ", "from before ", "groups had names 🕰️."]) {
    const frame = bare("MESSAGE", text, 100)
    yield { ...frame, block: { type: "MESSAGE", content: text, group_id: "", group_name: null, stage: "Respond" } }
  }
  yield job.end()
}

/** A retrieval job: it cites pages, and asks nothing. */
function* sourcesOnly(job: Job): Generator<JobFrame, void> {
  yield job.jobId()
  const search = job.group("Search in the documents", "Analyze")
  yield job.task(search, "running", 300)
  yield job.sources(
    search,
    [
      {
        source: "terms.pdf",
        page: "10",
        content: "Cancellation is free until 48 hours before departure.",
        fileType: ".pdf"
      },
      { source: "terms.pdf", page: "", content: "", fileType: ".pdf" },
      { source: "faq.md", page: null, content: null, fileType: "md" }
    ],
    500
  )
  yield job.task(search, "done", 50)
  const answer = job.group("Answer", "Respond")
  yield job.task(answer, "running", 100)
  for (const piece of ["Bookings can be cancelled ", "without a fee ", "until **48 hours** ", "before departure 🛫."]) {
    yield job.message(answer, piece, 120)
  }
  yield job.task(answer, "done", 50)
  yield job.end()
}

/** What a hostile or broken service might send: names, links and texts that must not be trusted. */
function* hostile(job: Job): Generator<JobFrame, void> {
  yield job.jobId()
  const work = job.group("\u001b[31mred\u001b[0m\u202e group", "Analyze")
  yield job.task(work, "running")
  const good = job.link("average_price_by_agency.csv").url
  const names = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/cron.d/job",
    "CON.csv",
    "a\u0000b.csv",
    ".",
    "",
    "line\nbreak\u001b]0;title\u0007.csv",
    `${"long".repeat(100)}.csv`,
    "trailing. "
  ]
  for (const name of names) yield job.file("TABLE", work, name, good)
  const links = [
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]:1/",
    "s3://bucket/key.csv",
    "javascript:alert(1)",
    "not a link"
  ]
  for (const link of links) yield job.file("IMAGE", work, "picture.png", link)
  yield job.task(work, "done")
  const answer = job.group("Conclusions", "Respond")
  yield job.message(answer, "Plain text, \u001b[2J\u001b[1;1H a cleared screen, \u0000 a zero, \u202e reversed. ")
  yield job.enveloped("MESSAGE", { ...answer, id: "__proto__" }, "A step called __proto__. ", 0)
  yield job.message(answer, "[DONE]")
  yield job.message(answer, "event:END_MARK\ndata:[DONE]\n\n")
  yield job.end()
}

function* long(job: Job, { count }: ScenarioSizes): Generator<JobFrame, void> {
  yield job.jobId()
  const answer = job.group("Conclusions", "Respond")
  // The id of the job and the mark count too.
  for (let index = 0; index < count - 2; index++) yield job.message(answer, `word${index} `, 2)
  yield job.end()
}

const kilobytes = "0123456789abcdef".repeat(256)

function* flood(job: Job, { bytes }: ScenarioSizes): Generator<JobFrame, void> {
  yield job.jobId()
  const answer = job.group("Conclusions", "Respond")
  for (let sent = 0; sent < bytes;) {
    const frame = job.message(answer, kilobytes)
    sent += frame.lines.reduce((sum, line) => sum + line.length + 1, 1)
    yield frame
  }
  yield job.end()
}

/** The table of scenarios; the first one is the default. */
export const scenarios = {
  "travel-prices": {
    description: "agencies' prices: parallel steps, a retried one, tables, images, keep-alives, Chinese, emoji",
    frames: travelPrices
  },
  chinese: { description: "an answer in Chinese with emoji, streamed character by character", frames: chinese },
  charts: { description: "an interactive chart (CHART_INFO)", frames: charts },
  older: { description: "event names, shapes and spellings of older versions, and unknown ones", frames: older },
  "sources-only": { description: "a retrieval job: pages of documents as sources, no questions", frames: sourcesOnly },
  hostile: { description: "names, links and texts that must not be trusted", frames: hostile },
  long: { description: "`count` small events (default 10000)", frames: long },
  flood: { description: "`bytes` of text (default 100 MB), made while it is sent", frames: flood }
} as const satisfies Record<string, PowerdrillScenario>

/** The name of a scenario. */
export type PowerdrillScenarioName = keyof typeof scenarios

/** The names, default first. */
export const names = Object.keys(scenarios) as ReadonlyArray<PowerdrillScenarioName>
