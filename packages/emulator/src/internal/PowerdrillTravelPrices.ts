/**
 * The scenario `travel-prices`: parallel steps that interleave, a step that fails once and is retried, tables and images
 * between the pieces of the answer.
 */
import * as Bookings from "./Bookings.ts"
import type { Job, JobFrame } from "./PowerdrillJob.ts"
import { noGroup } from "./PowerdrillJob.ts"

const byAgencyCode = `import pandas as pd

def invoke(bookings: pd.DataFrame) -> pd.DataFrame:
    grouped = bookings.groupby("agency")["price"].agg(["count", "mean"])
    return grouped.sort_values("mean", ascending=False).reset_index()

output = invoke(input_0)`

const byMonthCode = `import pandas as pd

def invoke(bookings: pd.DataFrame) -> pd.DataFrame:
    # 按月份汇总
    return bookings.groupby("month", sort=True)["price"].agg(["count", "mean"]).reset_index()

output = invoke(input_0)`

const chartCode = (column: string) => `import io
import matplotlib.pyplot as plt

def invoke(prices) -> io.BytesIO:
    figure, axes = plt.subplots(figsize=(8, 5))
    axes.bar(prices["agency"], prices["${column}"])
    axes.set_ylabel("US$")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out

output = invoke(average_price_by_agency)`

const [dearest, second] = Bookings.byAgency
const cheapest = Bookings.byAgency.at(-1)
const dollars = (average: Bookings.Average | undefined) => Bookings.dollars(average?.price ?? 0)
const spread = Bookings.dollars((dearest?.price ?? 0) - (cheapest?.price ?? 0))

/** Cuts a text into line-sized or phrase-sized pieces, as the service streams them. */
const pieces = (text: string): ReadonlyArray<string> => text.match(/[^\n]{1,28}(?:\s|$)|[^\n]{1,28}|\n+/gu) ?? []

function* say(job: Job, group: ReturnType<Job["group"]>, text: string): Generator<JobFrame, void> {
  for (const piece of pieces(text)) yield job.message(group, piece, 90)
}

/** The frames. */
export function* travelPrices(job: Job): Generator<JobFrame, void> {
  yield job.jobId()

  const plan = job.group("Look at the data", "Analyze")
  yield job.task(plan, "running", 350)
  yield job.task(plan, "running", 100, { files: "" })
  yield job.message(plan, "The file `bookings.csv` has one row per booking: agency, month and price.", 300)
  yield job.task(plan, "done", 150, { files: "bookings.csv" })

  const agencies = job.group("Average booking price of each agency, dearest first", "Analyze")
  const months = job.group("Average booking price of each month", "Analyze")
  yield job.task(agencies, "running", 250)
  yield job.task(months, "running", 20)
  yield job.task(noGroup, "running", 20)
  yield job.task(agencies, "running", 120, { files: "bookings.csv" })
  yield job.code(agencies, byAgencyCode, 350)
  yield job.task(months, "running", 60, { files: "bookings.csv" })
  yield job.code(months, byMonthCode, 200)
  yield job.task(noGroup, "done", 80)
  yield job.keepAlive(200)
  // Texts of parallel steps in turns: a fold must join them step by step.
  yield job.message(agencies, "Grouped by agency, ", 80)
  yield job.message(months, "Grouped by month: ", 80)
  yield job.message(agencies, "dearest first: ", 80)
  yield job.message(months, "six rows.", 80)
  yield job.message(agencies, "six rows.", 80)
  yield job.stored("TABLE", agencies, "average_price_by_agency.csv", 250)
  yield job.task(agencies, "done", 40, { files: "bookings.csv" })
  yield job.stored("TABLE", months, "average_price_by_month.csv", 120, "expired_at")
  yield job.task(months, "done", 30, { files: "bookings.csv" })
  yield job.task(months, "done", 10, { files: "bookings.csv" })

  const chart = job.group("Draw a bar chart of the agencies' prices 📊", "Analyze")
  const calendar = job.group("Draw the months", "Analyze")
  yield job.task(chart, "running", 200, { files: "average_price_by_agency.csv" })
  yield job.task(calendar, "running", 20, { files: "average_price_by_month.csv" })
  yield job.code(chart, chartCode("average"), 300)
  yield job.code(calendar, chartCode("mean").replaceAll("agency", "month"), 120)
  yield job.task(chart, "error", 250, { files: "average_price_by_agency.csv" })
  yield job.task(chart, "running", 200, { files: "average_price_by_agency.csv" })
  yield job.stored("IMAGE", calendar, "price_by_month.png", 150, "expired_at")
  yield job.code(chart, chartCode("average_price"), 300)
  yield job.task(calendar, "done", 40, { files: "average_price_by_month.csv" })
  yield job.keepAlive(150)
  yield job.stored("IMAGE", chart, "price_by_agency.png", 250, "expired_at")
  yield job.task(chart, "done", 40, { files: "average_price_by_agency.csv" })

  const answer = job.group("Conclusions", "Respond")
  yield job.task(answer, "running", 150)
  yield job.message(answer, "\n\n`Writing the answer` \n\n", 200)
  yield* say(job, answer, "### Which agency is the dearest? 🧳\n\n")
  yield job.message(answer, "", 30)
  yield* say(job, answer, `**${dearest?.name}** asks **$${dollars(dearest)}** for a booking on average, `)
  yield* say(job, answer, `ahead of ${second?.name} with $${dollars(second)}.\n\n`)
  yield job.stored("TABLE", answer, "average_price_by_agency.csv", 120)
  yield* say(job, answer, "\n\n### How far apart are they?\n\n")
  yield* say(job, answer, `- Dearest to cheapest: **$${spread}** 💸\n`)
  yield* say(job, answer, `- Cheapest: ${cheapest?.name} with $${dollars(cheapest)}\n`)
  yield* say(job, answer, "- 漫游假期的价格在二月份最高，其余月份平稳 🏮\n\n")
  yield job.stored("IMAGE", answer, "price_by_agency.png", 120, "expiredAt")
  yield job.keepAlive(100)
  yield* say(job, answer, "\n\nPrices of most agencies rise towards summer; ")
  yield* say(job, answer, "Nordlicht Reisen ❄️ goes the other way, because its season is winter.\n\n")
  yield job.stored("IMAGE", answer, "price_by_month.png", 120, "expired_at")
  yield* say(
    job,
    answer,
    "\n\n👩🏽‍💻 *Averages are plain means of six bookings each; a larger sample may change the order.*"
  )
  yield job.questions(
    answer,
    [
      "How does the price of each agency develop from month to month?",
      "Which month has the widest spread between agencies?",
      "各旅行社的价格差异来自哪里？"
    ],
    250
  )
  yield job.trigger(answer)
  yield job.task(answer, "done", 50)
  yield job.sources(noGroup, [{ source: "bookings.csv", page: null, content: null, fileType: "csv" }], 60)
  yield job.end()
}
