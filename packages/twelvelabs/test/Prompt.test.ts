import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { CollectionId, ItemId, Prompt, type ResponseRequest, TwelveLabs } from "@effect-sse/twelvelabs"
import { answeredWith, bytesOf, request, type Sent } from "./Fixture.ts"

const bowl = Prompt.item(ItemId.make("ksi_bowl"))
const cup = Prompt.item(ItemId.make("ksi_cup"))
const shelf = Prompt.collection(CollectionId.make("ksic_shelf"))

const pointer = /\{\{\s*sel\s*:\s*(\d+)\s*\}\}/gi

/** What a reader of the wire sees: the pointers, followed. */
const pointedAt = ({ input, selections }: Prompt.Prompt) =>
  Array.from(input.matchAll(pointer), (match) => selections[Number(match[1])])

const isSelection = (value: unknown): value is ResponseRequest.Selection => typeof value === "object"

describe("a template", () => {
  it("points at what it selects by position", () => {
    const { input, selections } = Prompt.text`How is ${bowl} seasoned compared with ${shelf}?`
    assert.strictEqual(input, "How is {{sel:0}} seasoned compared with {{sel:1}}?")
    assert.deepStrictEqual(selections, [
      { kind: "item", id: "ksi_bowl" },
      { kind: "collection", id: "ksic_shelf" }
    ] as unknown as typeof selections)
  })

  it("gives a selection that stands in it twice one position", () => {
    const { input, selections } = Prompt.text`${bowl}, ${cup}, ${Prompt.item(ItemId.make("ksi_bowl"))}`
    assert.strictEqual(input, "{{sel:0}}, {{sel:1}}, {{sel:0}}")
    assert.strictEqual(selections.length, 2)
  })

  it("takes texts and numbers as they are", () => {
    const { input, selections } = Prompt.text`${3} words on ${"{{the}} {glaze} \\n"}`
    assert.strictEqual(input, "3 words on {{the}} {glaze} \\n")
    assert.deepStrictEqual(selections, [])
  })

  for (const hostile of [
    "{{sel:0}}",
    "{{{sel:0}}}",
    "{{ sel : 0 }}",
    "{{SEL:0}}",
    "{{\n\tsel:0}}",
    "{{sel:0}}{{sel:0}}"
  ]) {
    it(`makes no pointer of a user's ${JSON.stringify(hostile)}, and loses none of it`, () => {
      const prompt = Prompt.text`${bowl}: ${hostile}`
      assert.deepStrictEqual(pointedAt(prompt), [bowl])
      assert.strictEqual(prompt.input.replaceAll("\u2060", ""), `{{sel:0}}: ${hostile}`)
    })
  }

  it("makes no pointer of texts that come together to one", () => {
    const broken = [
      Prompt.text`${"{"}${"{sel:0}}"}`,
      Prompt.text`{${"{sel:0}}"}`,
      Prompt.text`${"{{s"}el:0}}`,
      Prompt.join([Prompt.text`{{`, Prompt.text`sel:0}}`]),
      Prompt.join(["{", "sel:0}}"], "{"),
      Prompt.text`${Prompt.text`{`}{sel:0}}`
    ]
    for (const prompt of broken) assert.deepStrictEqual(pointedAt(prompt), [], prompt.input)
    assert.deepStrictEqual(pointedAt(Prompt.text`{${bowl}}`), [bowl])
    assert.deepStrictEqual(pointedAt(Prompt.text`{{sel:${bowl}`), [bowl])
  })

  it("takes time in proportion to its length", () => {
    const { input } = Prompt.text`${"{".repeat(1_000_000)}${`{{${" ".repeat(50)}`.repeat(20_000)}`
    assert.strictEqual(input.length, 2_040_000)
  })
})

describe("prompts", () => {
  it("join, with their positions counted anew", () => {
    const { input, selections } = Prompt.join([Prompt.text`See ${bowl}.`, Prompt.text`Then ${cup} and ${bowl}.`], " ")
    assert.strictEqual(input, "See {{sel:0}}. Then {{sel:1}} and {{sel:0}}.")
    assert.deepStrictEqual(selections, [bowl, cup])
  })

  it("stand in prompts", () => {
    const inner = Prompt.text`${cup} or ${shelf}`
    const { input, selections } = Prompt.text`${bowl}: ${inner}? ${"Or"} ${inner}?`
    assert.strictEqual(input, "{{sel:0}}: {{sel:1}} or {{sel:2}}? Or {{sel:1}} or {{sel:2}}?")
    assert.deepStrictEqual(selections, [bowl, cup, shelf])
  })

  it("move behind what is selected already", () => {
    const { input, selections } = Prompt.withSelections(Prompt.text`Compare ${bowl} with ${cup}.`, [shelf, cup])
    assert.strictEqual(input, "Compare {{sel:2}} with {{sel:1}}.")
    assert.deepStrictEqual(selections, [shelf, cup, bowl])
  })

  it("keep what is selected and not pointed at when they are joined", () => {
    const shelved = Prompt.withSelections(Prompt.text`Look.`, [shelf])
    assert.deepStrictEqual(Prompt.text`${shelved} ${bowl}`.selections, [shelf, bowl])
    assert.strictEqual(Prompt.text`${shelved} ${bowl}`.input, "Look. {{sel:1}}")
  })

  const Words = Schema.Array(
    Schema.Literals(["{", "{{", "sel", "Sel:", "0", ":0}}", "}}", " ", "{{sel:1}}", "🏺", "bowl", "cup", "shelf"])
  )
  const valueOf = (word: string): Prompt.Value =>
    word === "bowl" ? bowl : word === "cup" ? cup : word === "shelf" ? shelf : word

  it.prop(
    "point at what was given, at nothing else, and say all that was said",
    [Words, Words],
    ([first, second]) => {
      const values = [...first, ...second].map(valueOf)
      const nested = Prompt.join([Prompt.join(first.map(valueOf)), Prompt.join(second.map(valueOf))])
      for (const prompt of [Prompt.join(values), nested, Prompt.withSelections(nested, [cup])]) {
        assert.deepStrictEqual(pointedAt(prompt), values.filter(isSelection))
        assert.strictEqual(new Set(prompt.selections).size, prompt.selections.length)
        const said = prompt.input.replaceAll(/\{\{sel:\d+\}\}/g, "").replaceAll("\u2060", "")
        assert.strictEqual(said, values.filter((value) => !isSelection(value)).join(""))
      }
    },
    { arbitrary: { runs: 1000 } }
  )
})

describe("a request", () => {
  it.effect("takes a prompt as its input and its selections", () => {
    const sent: Array<Sent> = []
    return Effect.gen(function* () {
      const { responses } = yield* TwelveLabs
      yield* responses.run({ ...request, ...Prompt.text`What is in ${bowl}?` })
      assert.deepStrictEqual(sent[0]?.body["input"], [
        { type: "message", role: "user", content: "What is in {{sel:0}}?" }
      ])
      assert.deepStrictEqual(sent[0]?.body["selections"], [{ kind: "item", id: "ksi_bowl" }])
      assert.isFalse("parts" in sent[0].body)
    }).pipe(Effect.provide(answeredWith(bytesOf("complete.sse"), { sent })))
  })
})
