import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import { type Block, GroupId, type JobEvent, JobId, JobReport, Powerdrill } from "../src/index.ts"
import { answeredWith, bytesOf, events, request } from "./Fixture.ts"

const run = (name: string) =>
  Powerdrill.use(({ jobs }) => jobs.run(request)).pipe(Effect.provide(answeredWith(bytesOf(name))))

const ask = (name: string) =>
  Powerdrill.use(({ jobs }) => jobs.ask(request)).pipe(
    Effect.provide(answeredWith(bytesOf(name), { headers: { "content-type": "application/json" } }))
  )

/** What two runs of a job have in common: not its id, not the signatures and times of its links. */
const essence = (block: Block.Block): unknown => {
  switch (block._tag) {
    case "Message":
      return [block._tag, block.groupId, block.stage, block.text]
    case "Code":
      return [block._tag, block.groupId, block.stage, block.code]
    case "Table":
    case "Image":
      return [block._tag, block.groupId, block.stage, block.name, block.url.replace(/\?.*/, "")]
    case "Sources":
      return [block._tag, block.sources.map(({ datasourceId, source }) => [source, datasourceId])]
    case "Questions":
      return [block._tag, block.questions]
    default:
      return block
  }
}

const event = (text: string, groupId: string, stage: string = "Respond"): JobEvent.Message => ({
  _tag: "Message",
  text,
  groupId: GroupId.make(groupId),
  groupName: groupId,
  stage,
  created: 1
})

const table = (url: string, expiresAt: string | undefined, groupId = "g"): JobEvent.Table => ({
  _tag: "Table",
  name: "t.csv",
  url,
  expiresAt: expiresAt === undefined ? undefined : DateTime.makeUnsafe(expiresAt),
  expiresAtRaw: expiresAt,
  groupId: GroupId.make(groupId),
  groupName: groupId,
  stage: "Respond",
  created: 1
})

const code = (text: string, groupId = "g"): JobEvent.Code => ({
  _tag: "Code",
  code: text,
  groupId: GroupId.make(groupId),
  groupName: groupId,
  stage: "Analyze",
  created: 1
})

const reportOf = (elements: ReadonlyArray<JobReport.Element>) => JobReport.fold(Stream.fromIterable(elements))

describe("fold", () => {
  it.effect("gives the answer that the vendor gives without a stream", () =>
    Effect.gen(function* () {
      const streamed = yield* run("library-loans.sse")
      const asked = yield* ask("library-loans.json")
      assert.deepStrictEqual(streamed.blocks.map(essence), asked.blocks.map(essence))
      assert.strictEqual(streamed.answer, asked.answer)
      assert.deepStrictEqual(streamed.questions, asked.questions)
      assert.deepStrictEqual(
        streamed.groups
          .filter(({ blocks }) => blocks.length > 0)
          .map(({ blocks, id, name }) => [id, name, blocks.length]),
        asked.groups.map(({ blocks, id, name }) => [id, name, blocks.length])
      )
      assert.deepStrictEqual([streamed.jobId, asked.jobId], [JobId.make("job-loans0001"), JobId.make("job-loans0002")])
    })
  )

  it.effect("joins the pieces of the answering stage into its text, and only those", () =>
    Effect.gen(function* () {
      const { answer } = yield* run("library-loans.sse")
      assert.strictEqual(
        answer,
        "\n\n`Looking at the results` \n\n## Where people borrow 📚\n\n- **Harbour** lends 4,210 items, " +
          "中央图书馆 lends 3,877.\n\n\n\nAutumn is the busiest season 🍂.\n\nThat is all."
      )
      assert.strictEqual((yield* run("older-names.sse")).answer, "Harbour leads.")
    })
  )

  it.effect("keeps steps apart that write at the same time", () =>
    Effect.gen(function* () {
      const report = yield* reportOf([event("a1 ", "a"), event("b1 ", "b"), event("a2", "a"), event("b2", "b")])
      assert.deepStrictEqual(
        report.groups.map(({ blocks, id }) => [id, blocks.map((block) => block._tag === "Message" && block.text)]),
        [
          [GroupId.make("a"), ["a1 a2"]],
          [GroupId.make("b"), ["b1 b2"]]
        ]
      )
    })
  )

  it.effect("lets tables keep their place between texts", () =>
    Effect.gen(function* () {
      const report = yield* reportOf([
        event("1", "g"),
        table("https://x/t", undefined),
        event("2", "g"),
        event("3", "g")
      ])
      assert.deepStrictEqual(
        report.blocks.map((block) => (block._tag === "Message" ? block.text : block._tag)),
        ["1", "Table", "23"]
      )
    })
  )

  it.effect("is not led to another group's text by a block in between", () =>
    Effect.gen(function* () {
      const report = yield* reportOf([event("1", "a"), table("https://x/t", undefined, "b"), event("2", "a")])
      assert.deepStrictEqual(
        report.blocks.map((block) => (block._tag === "Message" ? block.text : block._tag)),
        ["12", "Table"]
      )
    })
  )

  it.effect("shows each file once, with the link that lives longest", () =>
    Effect.gen(function* () {
      const report = yield* run("library-loans.sse")
      assert.deepStrictEqual(
        report.tables.map(({ expiresAtRaw, url }) => [url, expiresAtRaw]),
        [["https://files.example.com/answers/loans/branch.csv?sig=a2", "2025-10-20T22:50:12.4071Z"]]
      )
      assert.deepStrictEqual(
        report.images.map(({ expiresAtRaw, url }) => [url, expiresAtRaw]),
        [["https://files.example.com/answers/loans/month.png?sig=b2", "2025-10-20T22:50:13.5Z"]]
      )
      const late = "2030-01-01T00:00:02Z"
      const { tables } = yield* reportOf([
        table("https://x/t?1", late),
        table("https://x/t?2", "2030-01-01T00:00:01Z"),
        table("https://x/t?3", undefined),
        table("https://x/u", undefined),
        table("https://x/u#new", undefined)
      ])
      assert.deepStrictEqual(
        tables.map(({ url }) => url),
        ["https://x/t?1", "https://x/u#new"]
      )
    })
  )

  it.effect("keeps the code of a retried step in two blocks, and joins one that came in pieces", () =>
    Effect.gen(function* () {
      const step = (yield* run("library-loans.sse")).groups[1]
      assert.strictEqual(step?.blocks.filter(({ _tag }) => _tag === "Code").length, 2)
      const pieces = (yield* run("code-in-pieces.sse")).blocks.map((block) => block._tag === "Code" && block.code)
      assert.deepStrictEqual(pieces, [
        "```python\nprint(1)\nprint(2)\n```\n",
        "~~~~\nfenced by tildes\n```\n~~~\n~~~~",
        "```python\n\nwhole()\n\n```",
        "no fence at all",
        "nor here"
      ])
    })
  )

  it.effect("knows the latest state of each step", () =>
    Effect.gen(function* () {
      const { tasks } = yield* run("library-loans.sse")
      assert.deepStrictEqual(
        tasks.map(({ name, status }) => [name, status]),
        [
          ["Count the loans of each branch", "done"],
          ["Draw the loans of each month", "done"],
          ["Search the catalogue", "done"],
          ["Conclusions", "done"]
        ]
      )
    })
  )

  it.effect("takes what has no place in an answer aside", () =>
    Effect.gen(function* () {
      const older = yield* run("older-names.sse")
      assert.strictEqual(older.title, "Loans of 2024 📚")
      assert.deepStrictEqual(
        older.others.map(({ _tag }) => _tag),
        ["AiMessageId", "Tag", "Process", "Process", "Chart"]
      )
      const unknown = yield* run("unknown.sse")
      assert.strictEqual(unknown.others.length, 5)
      assert.strictEqual(unknown.answer, "")
      assert.strictEqual(unknown.blocks.length, 1)
    })
  )

  it.effect('keeps what could not be read, under onMalformed: "emit"', () =>
    Effect.gen(function* () {
      const report = yield* Powerdrill.use(({ jobs }) => jobs.run(request, { onMalformed: "emit" })).pipe(
        Effect.provide(answeredWith(bytesOf("wrong-shape.sse")))
      )
      assert.strictEqual(report.answer, "Begun. and on.")
      assert.deepStrictEqual(
        report.others.map(({ _tag }) => _tag),
        Array(4).fill("Malformed")
      )
    })
  )

  it.effect("begins anew when a stream was restarted", () =>
    Effect.gen(function* () {
      const all = yield* events("library-loans.sse")
      const error = yield* run("broken-json.sse").pipe(Effect.flip)
      const report = yield* reportOf([
        event("of the first run", "10a75000-0000-4000-8000-000000000004"),
        { _tag: "Restarted", attempt: 1, error },
        ...all
      ])
      assert.deepStrictEqual(report, yield* reportOf(all))
    })
  )

  it.effect("gives the same report however often it is asked for one on the way", () =>
    Effect.gen(function* () {
      const all = yield* events("library-loans.sse")
      const builder = JobReport.builder()
      const growing: Array<number> = []
      for (const element of all) {
        builder.add(element)
        growing.push(builder.report().answer.length)
      }
      assert.deepStrictEqual(builder.report(), yield* reportOf(all))
      assert.deepStrictEqual(
        growing,
        growing.toSorted((a, b) => a - b)
      )
    })
  )

  it.effect("changes no report that was handed out before", () =>
    Effect.sync(() => {
      const builder = JobReport.builder()
      builder.add(event("one ", "g"))
      const first = builder.report()
      builder.add(event("two", "g"))
      builder.add(table("https://x/t", undefined))
      assert.strictEqual(first.answer, "one ")
      assert.strictEqual(first.blocks.length, 1)
      assert.strictEqual(first.groups[0]?.blocks.length, 1)
      assert.strictEqual(builder.report().answer, "one two")
    })
  )

  it.effect("is not confused by groups and tasks with the names of object properties", () =>
    Effect.gen(function* () {
      const report = yield* reportOf([event("1", "__proto__"), event("2", "constructor"), event("3", "__proto__")])
      assert.deepStrictEqual(
        report.groups.map(({ id }) => String(id)),
        ["__proto__", "constructor"]
      )
      assert.strictEqual(report.answer, "132")
      assert.notProperty({}, "blocks")
    })
  )

  it("stays linear for a text and for a code that come in a million pieces", () => {
    const pieces = 1_000_000
    const fold = (element: JobReport.Element) => {
      const builder = JobReport.builder()
      for (let i = 0; i < pieces; i++) builder.add(element)
      return builder.report()
    }
    assert.strictEqual(fold(event("word ", "g")).answer.length, 5 * pieces)
    const codes = fold(code("```\nopen")).blocks.map((block) => (block._tag === "Code" ? block.code.length : 0))
    assert.strictEqual(
      codes.reduce((sum, length) => sum + length),
      8 * pieces
    )
  })

  it("is empty of nothing", () => {
    assert.deepStrictEqual(JobReport.empty, JobReport.builder().report())
    assert.strictEqual(JobReport.empty.answer, "")
  })
})

describe("the answer that is not streamed", () => {
  const answer = (blocks: ReadonlyArray<unknown>) =>
    Powerdrill.use(({ jobs }) => jobs.ask(request)).pipe(
      Effect.provide(
        answeredWith(JSON.stringify({ code: 0, data: { job_id: "job-1", blocks } }), {
          headers: { "content-type": "application/json" }
        })
      )
    )

  it.effect("has tables as bare URLs, and blocks of unknown types, as they came", () =>
    Effect.gen(function* () {
      const { blocks, groups } = yield* answer([
        { type: "TABLE", content: "https://x/t.csv?sig=1", group_id: "g" },
        { type: "HOLOGRAM", content: { a: 1 }, group_id: "-1", stage: "Respond" },
        { type: "VOID" }
      ])
      assert.deepInclude(blocks[0], {
        _tag: "Table",
        name: "t.csv",
        url: "https://x/t.csv?sig=1",
        expiresAt: undefined
      })
      assert.deepInclude(blocks[1], { _tag: "Unknown", name: "HOLOGRAM", raw: { a: 1 }, groupId: undefined })
      assert.deepInclude(blocks[2], { _tag: "Unknown", name: "VOID", raw: undefined })
      assert.strictEqual(groups.length, 1)
    })
  )

  it.effect("is a ParseError when a block of a known type has another content", () =>
    Effect.gen(function* () {
      const error = yield* answer([{ type: "MESSAGE", content: { text: "an object" } }]).pipe(Effect.flip)
      assert.strictEqual(error._tag, "ParseError")
      assert.deepInclude(error, { stage: "schema" })
    })
  )
})
