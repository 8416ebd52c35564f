import type { Artifact } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { type Block, GroupId, JobId, JobMarkdown, JobReport } from "../src/index.ts"

const expiresAt = DateTime.makeUnsafe("2030-01-02T03:04:05.678Z")
const signed = "https://store.example/tmp/0f0f.csv?X-Amz-Signature=SECRET"

const answering: Block.Placed = { groupId: GroupId.make("g-answer"), groupName: "Conclusions", stage: "Respond" }
const working: Block.Placed = { groupId: GroupId.make("g-work"), groupName: "Sum up *all* shops", stage: "Analyze" }
const nowhere: Block.Placed = { groupId: undefined, groupName: undefined, stage: "Analyze" }

const message = (text: string, placed = answering): Block.Block => ({ ...placed, _tag: "Message", text })
const code = (code: string, placed = working): Block.Block => ({ ...placed, _tag: "Code", code })
const table = (name: string, url = signed, placed = answering): Block.Table => ({
  ...placed,
  _tag: "Table",
  name,
  url,
  expiresAt,
  expiresAtRaw: undefined
})
const image = (name: string, url = signed): Block.Image => ({ ...table(name, url), _tag: "Image" })
const source = (fields: Partial<Block.Source>): Block.Source => ({
  id: undefined,
  source: undefined,
  pageNo: undefined,
  content: undefined,
  datasourceId: undefined,
  datasetId: undefined,
  fileType: undefined,
  externalId: undefined,
  ...fields
})

const report = (...blocks: ReadonlyArray<Block.Block>) => JobReport.fromAnswer({ jobId: JobId.make("job-1"), blocks })
const saved = { files: (artifact: Artifact.Artifact) => artifact.name }

/** Names as a hostile service might choose them. */
const hostile = [
  "](javascript:x)",
  "a](https://evil.example) [b",
  "line\nfeed\n\n# heading",
  "a | b |\n|---|---|",
  "`code` and ```fence",
  "<img src=x onerror=alert(1)>",
  "<!-- comment",
  "&lt;img&gt; &#x5d;",
  "![x](https://evil.example/pixel)",
  "**bold** _it_ ~~gone~~ $x$",
  "back\\](slash",
  "1. item",
  "- item",
  "# heading #",
  "===",
  "\u202egnp.txt\u0007\u001b[2J"
]

describe("JobMarkdown.render", () => {
  it("keeps the order of texts, tables and pictures, and leaves working steps out", () => {
    const markdown = JobMarkdown.render(
      report(
        message("Planned.", working),
        table("work.csv", signed, working),
        message("\n\n### Shops\n\nThe **first**:\n"),
        table("shops.csv"),
        message("\nand the picture:\n\n"),
        image("shops.png"),
        message("- one\n- two\n")
      ),
      { ...saved, title: "Which shop?" }
    )
    assert.strictEqual(
      markdown,
      [
        "# Which shop?",
        "### Shops\n\nThe **first**:",
        "[shops.csv](shops.csv)",
        "and the picture:",
        "![shops.png](shops.png)",
        "- one\n- two\n"
      ].join("\n\n")
    )
  })

  it("takes the report's own title, and does without one", () => {
    const untitled = report(message("Text."))
    assert.strictEqual(JobMarkdown.render(untitled), "Text.\n")
    assert.strictEqual(JobMarkdown.render({ ...untitled, title: "Prices *" }), "# Prices \\*\n\nText.\n")
    assert.strictEqual(JobMarkdown.render(JobReport.empty), "\n")
  })

  it("shows the working steps on request, step by step, under their names and with their code", () => {
    const blocks = [
      message("Grouped ", working),
      message("Looked it up.", nowhere),
      code("```python\nsum(shops)\n```"),
      code("total = `x` ```y```"),
      table("work.csv", signed, working),
      message("The answer.")
    ]
    const markdown = JobMarkdown.render(report(...blocks), { ...saved, analysis: true })
    assert.strictEqual(
      markdown,
      [
        "## Sum up \\*all\\* shops",
        "Grouped",
        "```python\nsum(shops)\n```",
        "````\ntotal = `x` ```y```\n````",
        "[work.csv](work.csv)",
        "## Step",
        "Looked it up.",
        "## Conclusions",
        "The answer.\n"
      ].join("\n\n")
    )
  })

  it("writes no link to what was not saved, unless asked to", () => {
    const files = report(table("shops.csv"), image("", "https://store.example/a.png?X-Amz-Signature=SECRET"))
    const markdown = JobMarkdown.render(files)
    assert.notInclude(markdown, "http")
    assert.notInclude(markdown, "SECRET")
    assert.strictEqual(
      markdown,
      [
        "Table: shops.csv (not saved; its link expires on 2030-01-02T03:04:05.678Z)",
        "Image (not saved; its link expires on 2030-01-02T03:04:05.678Z)\n"
      ].join("\n\n")
    )
    assert.strictEqual(
      JobMarkdown.render(files, { links: true }),
      `[shops.csv](${signed})\n\n![Image](https://store.example/a.png?X-Amz-Signature=SECRET)\n`
    )
  })

  it("links to web addresses only, and these cannot break out", () => {
    for (const url of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "s3://bucket/key", "", "x"]) {
      assert.notInclude(JobMarkdown.render(report(table("t.csv", url)), { links: true }), "](")
    }
    const url = "https://store.example/a)b (c)/`d`/<e>?x=1&lt;=2\\'*|\n#\"f"
    const markdown = JobMarkdown.render(report(table("t.csv", url)), { links: true })
    const target = /^\[t\.csv\]\(([^\s()<>`\\"'*|]+)\)\n$/.exec(markdown)?.[1]
    assert.include(target ?? "", "x=1&amp;lt;=2")
    assert.strictEqual(decodeURIComponent(target?.replace("&amp;", "&") ?? ""), decodeURIComponent(new URL(url).href))
  })

  it("encodes the paths of saved files, folder by folder", () => {
    const markdown = JobMarkdown.render(report(table("t")), { files: () => "my files/各社 (2)*.csv" })
    assert.strictEqual(markdown, "[t](my%20files/%E5%90%84%E7%A4%BE%20%282%29%2A.csv)\n")
    assert.strictEqual(JobMarkdown.render(report(table("t")), { files: () => "javascript:x" }), "[t](javascript%3Ax)\n")
  })

  for (const name of hostile) {
    it(`shows ${JSON.stringify(name)} as it is written, and nothing of it works`, () => {
      const question: Block.Questions = { ...answering, _tag: "Questions", questions: [name] }
      const sources: Block.Sources = {
        ...nowhere,
        _tag: "Sources",
        sources: [source({ id: name, source: name, pageNo: name })]
      }
      const step = { ...working, groupName: name }
      const markdown = JobMarkdown.render(report(message("Step.", step), table(name), image(name), sources, question), {
        title: name,
        analysis: true,
        files: () => "file"
      })
      const lines = markdown.trimEnd().split("\n")
      const [title, , heading, , , , answer, , link, , picture, , , , item, , , , asked] = lines
      assert.lengthOf(lines, 19)
      assert.strictEqual(answer, "## Conclusions")
      const shown = [title?.slice(2), heading?.slice(3), link?.slice(1, -"](file)".length), asked?.slice(2)]
      for (const text of shown) {
        // Guarded characters aside, nothing is left that makes markup.
        const bare = text?.replaceAll(/\\[!-/:-@[-`{-~]/g, "x") ?? ""
        assert.notMatch(
          bare,
          /[`*[\]<>|~${}\\]|&[#A-Za-z]|^[#+=-]|^\d+[.)]|#$|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|[\u0000-\u001f\u202a-\u202e]/
        )
        // Without the backslashes it is the name on one line.
        assert.strictEqual(
          text?.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1"),
          name
            .replaceAll(/\u202e/g, "")
            .replaceAll(/[\s\u0000-\u001f]+/g, " ")
            .trim()
        )
      }
      assert.strictEqual(picture, `!${link}`)
      assert.include(item ?? "", `\\] ${link?.slice(1, -"](file)".length)}, page `)
    })
  }

  it("lists sources with their pages, and marks those whose id is not their number", () => {
    const sources: Block.Sources = {
      ...nowhere,
      _tag: "Sources",
      sources: [
        source({ id: "1", source: "terms.pdf", pageNo: "10" }),
        source({ id: "7", source: "faq.md" }),
        source({ externalId: "ext-3" }),
        source({})
      ]
    }
    const questions: Block.Questions = { ...answering, _tag: "Questions", questions: ["Why?", "How?"] }
    const whole = report(message("Text."), sources, questions)
    assert.strictEqual(
      JobMarkdown.render(whole),
      [
        "Text.",
        "## Sources",
        "1. terms.pdf, page 10\n2. \\[7\\] faq.md\n3. ext-3\n4. unnamed",
        "## Questions",
        "- Why?\n- How?\n"
      ].join("\n\n")
    )
    assert.strictEqual(JobMarkdown.render(whole, { sources: false, questions: false }), "Text.\n")
  })

  it("shows a chart by its picture and its data", () => {
    const chart: Block.ChartInfo = {
      ...table("by_month.csv"),
      _tag: "ChartInfo",
      code: undefined,
      codeType: undefined,
      image: "https://store.example/1.png",
      options: [],
      columns: [],
      chartConfig: undefined
    }
    const files = ({ kind }: Artifact.Artifact) => `${kind}.bin`
    assert.strictEqual(
      JobMarkdown.render(report(chart), { files }),
      "[by_month.csv](table.bin)\n\n![by_month](image.bin)\n"
    )
    assert.strictEqual(JobMarkdown.render(report({ ...chart, url: "", image: undefined }), { files }), "\n")
  })

  it("lets no open code block of a text swallow what follows, and no escape sequence through", () => {
    for (const [text, closed] of [
      ["```sql\nselect 1", "```sql\nselect 1\n```"],
      ["~~~~\nx ```", "~~~~\nx ```\n~~~~"],
      ["`````\n```\n", "`````\n```\n`````"],
      ["```\nx\n```", "```\nx\n```"]
    ] as const) {
      assert.strictEqual(JobMarkdown.render(report(message(text), table("t")), saved), `${closed}\n\n[t](t)\n`)
    }
    assert.strictEqual(JobMarkdown.render(report(message("a\u001b[2J\u0000b\tc"))), "a[2Jb\tc\n")
  })

  it.prop("gives one line for any name, in a link that ends where it should", [Schema.String], ([name]) => {
    const markdown = JobMarkdown.render(report(table(name)), { files: () => "x" })
    assert.match(markdown, /^\[(?:[^[\]\\\n]|\\[!-/:-@[-`{-~])+\]\(x\)\n$/)
  })
})
