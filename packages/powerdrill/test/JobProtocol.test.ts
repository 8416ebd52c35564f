import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Stream } from "effect"
import { Headers } from "effect/http"
import { Block, JobEvent, JobProtocol, Powerdrill } from "../src/index.ts"
import { answeredWith, broken, bytesOf, events, request } from "./Fixture.ts"

const only = <Tag extends JobEvent.JobEvent["_tag"]>(all: ReadonlyArray<JobEvent.JobEvent>, tag: Tag) =>
  all.filter((event): event is Extract<JobEvent.JobEvent, { _tag: Tag }> => event._tag === tag)

const steps = "10a75000-0000-4000-8000-00000000000"

describe("events", () => {
  it.effect("delivers every event of a job, in order", () =>
    Effect.gen(function* () {
      const all = yield* events("library-loans.sse")
      assert.deepStrictEqual(
        all.map(({ _tag }) => _tag).join(" "),
        "JobId Task Task Task Task Message Message Message Code Code Task Task Task Message Table Code Task Task Image " +
          "Task Task Message Message Message Message Message Table Message Message Image Message Message Questions " +
          "Trigger Task Sources"
      )
      assert.deepStrictEqual(all[0], { _tag: "JobId", jobId: "job-loans0001" } as JobEvent.JobId)
      assert.deepStrictEqual(all[4] as unknown, {
        _tag: "Task",
        taskId: `${steps}1`,
        name: "Count the loans of each branch",
        status: "running",
        parentId: undefined,
        files: "loans.csv",
        properties: { files: "loans.csv" },
        groupId: `${steps}1`,
        groupName: "Count the loans of each branch",
        stage: "Analyze",
        created: 1761000002
      })
      assert.deepStrictEqual(all[5] as unknown, {
        _tag: "Message",
        text: "The file has one row ",
        groupId: `${steps}1`,
        groupName: "Count the loans of each branch",
        stage: "Analyze",
        created: 1761000003
      })
      assert.deepStrictEqual(only(all, "Code")[0]?.code, '```python\n\ncounts = loans.groupby("branch").size()\n\n```')
      assert.deepStrictEqual(only(all, "Trigger")[0]?.arguments, { answer: "$answer" })
      assert.strictEqual(only(all, "Questions")[0]?.questions.length, 3)
      const sources = only(all, "Sources")[0]
      assert.strictEqual(sources?.groupId, undefined)
      assert.strictEqual(sources?.sources[0]?.source, "loans.csv")
    })
  )

  it.effect("keys a step by its own id where its group is none", () =>
    Effect.gen(function* () {
      const search = only(yield* events("library-loans.sse"), "Task").find(
        ({ name }) => name === "Search the catalogue"
      )
      assert.strictEqual(search?.taskId, `${steps}3`)
      assert.strictEqual(search?.groupId, undefined)
    })
  )

  it.effect("reads the names and shapes of older versions", () =>
    Effect.gen(function* () {
      const all = yield* events("older-names.sse")
      const older = { groupId: undefined, groupName: undefined, stage: undefined, created: undefined }
      assert.deepStrictEqual(all as ReadonlyArray<unknown>, [
        { _tag: "AiMessageId", id: "msg-2024-0001" },
        { _tag: "TitleGeneration", title: "Loans of 2024 📚" },
        { _tag: "Tag", text: "plan: read, count, answer", ...older, created: 1730000000 },
        { _tag: "Process", name: "count", type: "code", status: "running", ...older },
        { _tag: "Process", name: "draw", type: "image", status: "done", ...older },
        { _tag: "Chart", content: { chartName: "By month", chartType: "bar" }, ...older },
        { _tag: "Message", text: "Harbour ", ...older },
        { _tag: "Message", text: "leads.", ...older },
        {
          _tag: "Task",
          taskId: "t1",
          name: "",
          status: "cancelled",
          parentId: undefined,
          files: undefined,
          properties: {},
          ...older
        }
      ])
    })
  )

  it.effect("delivers unknown names as they came, whatever they are, and goes on", () =>
    Effect.gen(function* () {
      const all = yield* events("unknown.sse")
      const unknown = only(all, "Unknown")
      assert.deepStrictEqual(
        unknown.map(({ name }) => name),
        ["QUICK_QUERY", "HOLOGRAM", "__proto__", "constructor", "message"]
      )
      assert.nestedPropertyVal(unknown[0]?.raw, "choices[0].delta.content.text", "new")
      assert.deepStrictEqual(
        unknown.slice(1).map(({ raw }) => raw),
        ["{not JSON", { a: 1 }, "plain", "without a name"]
      )
      assert.strictEqual(only(all, "Message")[0]?.text, "Extra fields do no harm.")
    })
  )

  it.effect("reads an expiry in each spelling and precision, and keeps those that it cannot read", () =>
    Effect.gen(function* () {
      const all = yield* events("expiries.sse")
      const links = all.filter((event) => event._tag === "Table" || event._tag === "Image")
      assert.deepStrictEqual(
        links.map(({ expiresAt, expiresAtRaw }) => [
          expiresAt === undefined ? undefined : DateTime.formatIso(expiresAt),
          expiresAtRaw
        ]),
        [
          ["2025-10-20T22:50:00.000Z", "2025-10-20T22:50:00Z"],
          ["2025-10-20T22:50:00.500Z", "2025-10-20T22:50:00.5Z"],
          ["2025-10-20T22:50:00.123Z", "2025-10-20T22:50:00.123456Z"],
          ["2025-10-20T22:50:00.123Z", "2025-10-20T22:50:00.123456789Z"],
          ["2025-10-20T22:50:00.250Z", "2025-10-21T00:50:00.25+02:00"],
          ["2025-10-20T22:50:00.000Z", "2025-10-20 22:50:00"],
          [undefined, "in ten minutes"],
          [undefined, undefined],
          [undefined, undefined],
          [undefined, "2025-99-99T00:00:00Z"],
          [undefined, undefined],
          [undefined, undefined],
          [undefined, undefined]
        ]
      )
    })
  )

  it.effect("takes a bare URL for a link, and its last part for a name that is missing", () =>
    Effect.gen(function* () {
      const links = (yield* events("expiries.sse")).slice(-3) as ReadonlyArray<JobEvent.Table>
      assert.deepStrictEqual(
        links.map(({ name, url }) => [name, url]),
        [
          ["no-expiry.csv", "https://files.example.com/answers/loans/no-expiry.csv?sig=1"],
          ["bare.csv", "https://files.example.com/answers/loans/bare.csv?X-Sig=2"],
          ["bare.png", "s3://bucket/bare.png"]
        ]
      )
    })
  )

  it.effect("reads charts, of which nothing is certain", () =>
    Effect.gen(function* () {
      const [chart, bare] = only(yield* events("chart-info.sse"), "ChartInfo")
      assert.deepInclude(chart, {
        name: "by_month.csv",
        codeType: "PYTHON",
        options: ["bar", "line"],
        columns: ["month", "loans"]
      })
      assert.deepStrictEqual(Block.chartConfig(chart!), Option.some({ series: [{ type: "bar" }] }))
      assert.deepInclude(bare, { name: "bare", url: "", options: [], chartConfig: undefined })
      assert.deepStrictEqual(Block.chartConfig(bare!), Option.none())
    })
  )

  it.effect("reads sources however much of them is null, empty or missing", () =>
    Effect.gen(function* () {
      const [found, none] = only(yield* events("sources.sse"), "Sources")
      const nothing = {
        id: undefined,
        source: undefined,
        pageNo: undefined,
        content: undefined,
        datasourceId: undefined,
        datasetId: undefined,
        fileType: undefined,
        externalId: undefined
      }
      assert.deepStrictEqual(found?.sources as unknown, [
        {
          ...nothing,
          id: "1",
          source: "rules.pdf",
          pageNo: "10",
          content: "Loans last four weeks.",
          datasourceId: "ds-1",
          datasetId: "dset-1",
          fileType: "pdf"
        },
        { ...nothing, source: "rules.pdf", datasourceId: "ds-2", datasetId: "dset-1", fileType: "pdf" },
        { ...nothing, id: "3", source: "faq.md", pageNo: "4" },
        nothing
      ])
      assert.deepStrictEqual(none?.sources, [])
    })
  )

  it.effect('knows that "-1", "", null and nothing mean no group', () =>
    Effect.gen(function* () {
      const messages = only(yield* events("no-group.sse"), "Message")
      assert.strictEqual(messages.map(({ text }) => text).join(""), "abcd")
      assert.isTrue(messages.every(({ groupId, groupName }) => groupId === undefined && groupName === undefined))
      assert.strictEqual(messages[3]?.created, 1761000000)
    })
  )

  it.effect("tells the answer from what working steps say", () =>
    Effect.gen(function* () {
      const all = yield* events("library-loans.sse")
      const texts: ReadonlyArray<JobEvent.Message> = all.filter(JobEvent.isAnswer)
      assert.strictEqual(texts.length, 10 - 1)
      assert.isTrue(texts.every(({ stage }) => stage === "Respond"))
      assert.strictEqual((yield* events("older-names.sse")).filter(JobEvent.isAnswer).length, 2)
    })
  )
})

describe("the end", () => {
  it.effect("is END_MARK whatever its data, and [DONE] whatever its name; nothing after it is delivered", () =>
    Effect.gen(function* () {
      for (const name of ["done-by-name.sse", "done-by-data.sse"]) {
        assert.deepStrictEqual(
          (yield* events(name)).map(({ _tag }) => _tag),
          ["JobId", "Message"],
          name
        )
      }
    })
  )

  it.effect("is never seen in the text of an answer or a title", () =>
    Effect.gen(function* () {
      const all = yield* events("mark-in-text.sse")
      assert.deepStrictEqual(only(all, "TitleGeneration")[0]?.title, "[DONE]")
      assert.deepStrictEqual(
        only(all, "Message").map(({ text }) => text),
        ["Begun. ", "[DONE]", "event:END_MARK\ndata:[ERROR]\n\n"]
      )
      assert.deepStrictEqual(
        only(all, "Unknown").map(({ raw }) => raw),
        [["[DONE]", "[ERROR]"], "[DONE] not yet"]
      )
    })
  )

  it.effect("is missing: MissingDoneError tells the job and how far it came", () =>
    Effect.gen(function* () {
      const whole = bytesOf("library-loans.sse")
      const cut = whole.slice(0, whole.length - "event:END_MARK\ndata:[DONE]\n\n".length)
      const error = yield* Powerdrill.use(({ jobs }) => jobs.run(request)).pipe(
        Effect.provide(answeredWith(cut, { headers: { "x-pd-trace-id": "trace-1" } })),
        Effect.flip
      )
      assert.strictEqual(error._tag, "MissingDoneError")
      assert.deepInclude(error, {
        events: 36,
        bytes: cut.length,
        lastEvent: "SOURCES",
        ids: { job: "job-loans0001", trace: "trace-1" },
        terminalSeen: false
      })
    })
  )
})

describe("errors inside a stream", () => {
  const cases = [
    ["error-envelope.sse", "QuotaExceeded", undefined, "Job quota exceeded"],
    ["error-object.sse", "Failed", "210020", "The job could not be carried out"],
    ["error-content.sse", "Conflict", "210023", "Selected files are not ready"],
    ["error-text.sse", "Failed", undefined, "The planner gave up"],
    ["error-mark.sse", "Failed", undefined, "the job failed, and the vendor gave no reason"],
    ["error-data.sse", "Failed", undefined, "the job failed, and the vendor gave no reason"]
  ] as const

  for (const [name, kind, code, detail] of cases) {
    it.effect(`${name}: an ApiError, ${kind}, after the events before it`, () =>
      Effect.gen(function* () {
        const { error, seen } = yield* broken(name)
        assert.deepStrictEqual(seen, ["JobId", "Message"])
        assert.strictEqual(error._tag, "ApiError")
        if (error._tag !== "ApiError") return
        assert.deepStrictEqual(
          [error.channel, error.kind, error.code, error.detail, error.requestId],
          ["stream", kind, code, detail, "trace-1"]
        )
      })
    )
  }
})

describe("what cannot be read", () => {
  it.effect("is a ParseError that tells where, by default", () =>
    Effect.gen(function* () {
      const { error, seen } = yield* broken("broken-json.sse")
      assert.deepStrictEqual(seen, ["JobId", "Message"])
      assert.strictEqual(error._tag, "ParseError")
      assert.deepInclude(error, { stage: "json", eventNumber: 3, eventName: "MESSAGE" })
    })
  )

  it.effect('is delivered in its place under onMalformed: "emit"', () =>
    Effect.gen(function* () {
      const all = yield* Powerdrill.use(({ jobs }) =>
        Stream.runCollect(jobs.stream(request, { onMalformed: "emit" }))
      ).pipe(Effect.provide(answeredWith(bytesOf("wrong-shape.sse"))))
      assert.deepStrictEqual(
        all.map((event) => (event._tag === "Malformed" ? `${event.error.stage} ${event.error.eventName}` : event._tag)),
        ["JobId", "Message", "schema TABLE", "schema MESSAGE", "schema MESSAGE", "schema JOB_ID", "Message"]
      )
    })
  )

  it.effect("never throws, whatever JSON an event holds", () =>
    Effect.sync(() => {
      const session = JobProtocol.protocol.session({ status: 200, headers: Headers.empty, attempt: 1 })
      const names = ["MESSAGE", "TASK", "TABLE", "SOURCES", "QUESTIONS", "CHART_INFO", "TRIGGER", "ERROR", "CHART", "X"]
      const values = [
        "null",
        "0",
        '""',
        "[]",
        "{}",
        '{"choices":null}',
        '{"choices":[]}',
        '{"choices":[null]}',
        '{"choices":["x"]}',
        '{"choices":[{"delta":null}]}',
        '{"choices":{"0":{"delta":{"content":"x"}}}}',
        '{"__proto__":{"choices":[]},"error":{"code":{"code":{}}}}',
        `${"[".repeat(5000)}${"]".repeat(5000)}`
      ]
      for (const name of names) {
        for (const value of values) assert.isDefined(session.decode(value, name))
      }
    })
  )
})
