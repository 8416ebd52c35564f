import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import {
  CollectionId,
  ItemId,
  KnowledgeStoreId,
  ResponseRequest,
  SessionId,
  type TwelveLabs as Client,
  TwelveLabs
} from "@effect-sse/twelvelabs"
import { answeredWith, bytesOf, key, request, type Sent, textOf } from "./Fixture.ts"

const sentBy = (use: (client: Client["Service"]) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const sent: Array<Sent> = []
    yield* TwelveLabs.use(use).pipe(
      Effect.ignore,
      Effect.provide(answeredWith(bytesOf("not-repeated.sse"), { sent })),
      Effect.orDie
    )
    return sent
  })

describe("a request", () => {
  it.effect("sends what it must, to the vendor, with the key", () =>
    Effect.gen(function* () {
      const [sent, ...more] = yield* sentBy(({ responses }) => responses.run(request))
      assert.deepStrictEqual(more, [])
      assert.strictEqual(sent?.method, "POST")
      assert.strictEqual(sent?.url, "https://api.twelvelabs.io/v1.3/responses")
      assert.strictEqual(sent?.headers["x-api-key"], key)
      assert.strictEqual(sent?.headers["content-type"], "application/json")
      assert.deepStrictEqual(sent?.body, {
        knowledge_store_id: request.knowledgeStoreId,
        input: [{ type: "message", role: "user", content: request.input }],
        stream: true
      })
    })
  )

  it.effect("always says whether it wants a stream", () =>
    Effect.gen(function* () {
      const [sent] = yield* sentBy(({ responses }) => responses.create(request))
      assert.strictEqual(sent?.body["stream"], false)
    })
  )

  it.effect("sends every field under the vendor's name", () =>
    Effect.gen(function* () {
      const format = { type: "json_schema", name: "scenes", schema: { type: "object" }, strict: true } as const
      const [sent] = yield* sentBy(({ responses }) =>
        responses.run({
          knowledgeStoreId: KnowledgeStoreId.make("ks_1"),
          input: [{ content: "What is {{sel:0}}?" }, { role: "user", content: "And then?" }],
          instructions: "Be brief.",
          sessionId: SessionId.make("sess_1"),
          selections: [
            { kind: "item", id: ItemId.make("ksi_1") },
            { kind: "collection", id: CollectionId.make("ksic_1") }
          ],
          include: ["intermediate_outputs"],
          text: { format },
          tools: [{ type: "jockey:web_search" }],
          model: "jockey1.0",
          extraBody: { temperature: 0.5, stream: false, model: "other" }
        })
      )
      assert.deepStrictEqual(sent?.body, {
        temperature: 0.5,
        knowledge_store_id: "ks_1",
        input: [
          { type: "message", role: "user", content: "What is {{sel:0}}?" },
          { type: "message", role: "user", content: "And then?" }
        ],
        instructions: "Be brief.",
        session_id: "sess_1",
        selections: [
          { kind: "item", id: "ksi_1" },
          { kind: "collection", id: "ksic_1" }
        ],
        include: ["intermediate_outputs"],
        text: { format },
        tools: [{ type: "jockey:web_search" }],
        model: "jockey1.0",
        stream: true
      })
    })
  )

  const wrong: ReadonlyArray<readonly [string, Partial<ResponseRequest.ResponseRequest>, string]> = [
    ["an empty input", { input: "" }, "input"],
    ["no message", { input: [] }, "input"],
    ["an empty message", { input: [{ content: "" }] }, '["input"][0]["content"]'],
    ["no knowledge store", { knowledgeStoreId: KnowledgeStoreId.make("") }, "knowledgeStoreId"],
    ["an empty session", { sessionId: SessionId.make("") }, "sessionId"],
    ["an item that is none", { selections: [{ kind: "item", id: ItemId.make("ksic_1") }] }, "begins with ksi_"],
    [
      "a collection that is none",
      { selections: [{ kind: "collection", id: CollectionId.make("col") }] },
      "begins with ksic_"
    ],
    ["a body that is no JSON", { extraBody: { big: 1n } }, "BigInt"]
  ]
  for (const [name, fields, told] of wrong) {
    it.effect(`with ${name} is not sent, and the error says why and repeats nothing`, () =>
      Effect.gen(function* () {
        const sent: Array<Sent> = []
        const secret = { instructions: "PROMPT" }
        const bad = { ...request, ...secret, ...fields }
        const errors = yield* TwelveLabs.use(({ responses }) =>
          Effect.all([Effect.flip(responses.run(bad)), Effect.flip(responses.create(bad))])
        ).pipe(Effect.provide(answeredWith(textOf("complete.json"), { sent })))
        for (const error of errors) {
          assert(error._tag === "TransportError")
          assert.strictEqual(error.reason, "InvalidRequest")
          assert.isFalse(error.isRetryable)
          assert.include(error.message, told)
          assert.notInclude(error.message, "PROMPT")
          assert.notInclude(error.message, "\n")
        }
        assert.deepStrictEqual(sent, [])
      })
    )
  }

  it("decodes from JSON", () => {
    const json = { ...request, selections: [{ kind: "item", id: "ksi_1" }] }
    assert.deepStrictEqual(Schema.decodeUnknownSync(ResponseRequest.ResponseRequest)(json), json as never)
  })
})
