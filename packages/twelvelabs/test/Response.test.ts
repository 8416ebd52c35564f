import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import { type Citation, OutputItem, Response } from "@effect-sse/twelvelabs"
import { created, textOf } from "./Fixture.ts"

const complete = created(textOf("complete.json"))

const message = (fields: object) => ({ type: "message", id: "msg_1", status: "completed", ...fields })
const part = (text: string, annotations?: ReadonlyArray<object> | null) => ({ type: "output_text", text, annotations })

describe("a response", () => {
  it.effect("has the vendor's fields under the names of here", () =>
    Effect.gen(function* () {
      const { output, raw, createdAt, ...response } = yield* complete
      assert.deepStrictEqual({ ...response }, {
        id: "resp_0bb22222-0000-7000-8000-000000000002",
        status: "completed",
        incompleteDetails: undefined,
        knowledgeStoreId: "ks_0aa11111-0000-7000-8000-000000000001",
        sessionId: "sess_0cc33333-0000-7000-8000-000000000003",
        usage: { inputTokens: 9120, outputTokens: 64 },
        model: undefined,
        metadata: undefined
      } as typeof response)
      assert.strictEqual(createdAt && DateTime.formatIso(createdAt), "2026-09-01T08:30:41.123Z")
      assert.strictEqual((raw as { readonly object: unknown }).object, "response")
      assert.deepStrictEqual(
        output.map((item) => item._tag),
        ["Message", "FunctionCall", "FunctionCallOutput", "WebSearchCall", "Message"]
      )
      assert.deepStrictEqual(
        output[1] as OutputItem.FunctionCall,
        {
          _tag: "FunctionCall",
          id: "fc_1",
          status: "completed",
          name: "find",
          callId: "call_1",
          arguments: '{"query":"glaze 🏺","limit":3}'
        } as OutputItem.FunctionCall
      )
      assert.deepStrictEqual((output[3] as OutputItem.WebSearchCall).action, {
        type: "search",
        queries: ["celadon glaze", "kiln 1260 °C"],
        url: undefined,
        pattern: undefined
      })
    })
  )

  it.effect("has times as far as they are times, and is never refused over one", () =>
    Effect.gen(function* () {
      const times: ReadonlyArray<readonly [unknown, string | undefined]> = [
        ["2026-09-01T08:30:00Z", "2026-09-01T08:30:00.000Z"],
        ["2026-09-01T08:30:00", "2026-09-01T08:30:00.000Z"],
        ["2026-09-01T10:30:00+02:00", "2026-09-01T08:30:00.000Z"],
        [1_788_251_400, "2026-09-01T08:30:00.000Z"],
        ["yesterday", undefined],
        ["", undefined],
        [null, undefined],
        [{ at: 1 }, undefined]
      ]
      for (const [created_at, expected] of times) {
        const { createdAt, raw } = yield* created({ id: "resp_1", created_at })
        assert.strictEqual(createdAt && DateTime.formatIso(createdAt), expected)
        assert.deepStrictEqual((raw as { readonly created_at: unknown }).created_at, created_at)
      }
    })
  )

  it.effect("that failed is an ApiError, one that is incomplete is a response", () =>
    Effect.gen(function* () {
      const failed = {
        id: "resp_1",
        object: "response",
        status: "failed",
        output: [],
        error: { code: "generic_error" }
      }
      const error = yield* Effect.flip(created(failed))
      assert(error._tag === "ApiError")
      assert.deepStrictEqual(
        [error.kind, error.channel, error.code, error.requestId],
        ["Failed", "envelope", "generic_error", "resp_1"]
      )
      const cut = yield* created({
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
        output: []
      })
      assert.strictEqual(cut.incompleteDetails?.reason, "max_output_tokens")
    })
  )

  it.effect("is not made of any JSON", () =>
    Effect.gen(function* () {
      for (const json of [{}, [], "null", { message: "hello" }, { id: 1 }, { id: "resp_1", output: "none" }]) {
        const error = yield* Effect.flip(created(json))
        assert.strictEqual(error._tag, "ParseError", JSON.stringify(json))
      }
    })
  )
})

describe("the text of a response", () => {
  it.effect("is that of the answer: final_answer or no phase, and no narration", () =>
    Effect.gen(function* () {
      const response = yield* created({
        id: "resp_1",
        output: [
          message({ phase: "commentary", content: [part("I look. ")] }),
          message({ phase: "final_answer", content: [part("One, "), { type: "output_smell" }, part("two, ")] }),
          message({ phase: "daydream", content: [part("I dream. ")] }),
          message({ phase: null, content: [part("three, ")] }),
          message({ content: [part("four.")] }),
          message({ content: null })
        ]
      })
      assert.strictEqual(Response.text(response), "One, two, three, four.")
      assert.deepStrictEqual(response.output.map(OutputItem.isAnswer), [false, true, false, true, true, true])
    })
  )
})

describe("the citations of a response", () => {
  it.effect("have their markers and moments", () =>
    Effect.gen(function* () {
      const response = yield* complete
      const citations = Response.citations(response)
      assert.deepStrictEqual(
        citations.map(({ annotation, marker }) => [marker, annotation._tag]),
        [
          ["[1]", "VideoCitation"],
          ["[2]", "ImageCitation"],
          ["[3]", "CollectionCitation"],
          ["[4]", "UrlCitation"]
        ]
      )
      const [video, image, collection, url] = citations.map(({ annotation }) => annotation)
      assert(video?._tag === "VideoCitation" && image?._tag === "ImageCitation")
      assert(collection?._tag === "CollectionCitation" && url?._tag === "UrlCitation")
      assert.deepStrictEqual([video.startSeconds, video.endSeconds, video.title], [12.5, 18, "Bowl, part two"])
      assert.strictEqual(video.hlsUrl, "https://media.example.com/a.m3u8?sig=2")
      assert.deepStrictEqual([image.title, image.thumbnailUrl], [undefined, undefined])
      assert.match(collection.collectionId!, /^ksic_/)
      assert.strictEqual(url.url, "https://example.com/glaze")
      assert.deepStrictEqual(
        citations.map(({ outputIndex, contentIndex }) => [outputIndex, contentIndex]),
        [
          [4, 0],
          [4, 0],
          [4, 0],
          [4, 0]
        ]
      )
    })
  )

  it.effect("have their places in the part and in the text as a whole", () =>
    Effect.gen(function* () {
      const video = (start_index: number, end_index: number) => ({ type: "video_citation", start_index, end_index })
      const response = yield* created({
        id: "resp_1",
        output: [
          message({ phase: "commentary", content: [part("Not this [9]. ", [video(9, 11)])] }),
          message({ content: [part("🏺🏺 [1] ", [video(3, 5)]), part("🏺 [2]", [video(2, 4), video(90, 92)])] }),
          message({ content: [part("!"), part(" [3]", [video(1, 3)]), part("", null)] })
        ]
      })
      const text = Response.text(response)
      const citations = Response.citations(response)
      assert.deepStrictEqual(
        citations.map(({ marker }) => marker),
        ["[1]", "[2]", "", "[3]"]
      )
      for (const { marker, part, range, textRange } of citations) {
        assert.strictEqual(range === undefined ? "" : part.text.slice(range.start, range.end), marker)
        assert.strictEqual(textRange === undefined ? "" : text.slice(textRange.start, textRange.end), marker)
      }
    })
  )
})

/** An answer of parts, each with annotations at places of it. */
const answer = (
  ...parts: ReadonlyArray<readonly [text: string, places: ReadonlyArray<readonly [number, number]>]>
): Pick<Response.Response, "output"> => ({
  output: [
    {
      _tag: "Message",
      id: undefined,
      status: "completed",
      role: "assistant",
      phase: undefined,
      content: parts.map(([text, places]) => ({
        _tag: "OutputText",
        text,
        annotations: places.map(([startIndex, endIndex], index): Citation.Annotation => ({
          _tag: "UrlCitation",
          startIndex,
          endIndex,
          url: `https://example.com/${index}`,
          title: undefined
        }))
      }))
    }
  ]
})

const passages = (response: Pick<Response.Response, "output">) => {
  const text = Response.text(response)
  return Response.citations(response).map(({ passage, passageRange }) => {
    assert.strictEqual(passage, passageRange === undefined ? "" : text.slice(passageRange.start, passageRange.end))
    return passage
  })
}

/** Places of markers such as `[1]`, in code points. */
const placesOf = (text: string) =>
  Array.from(text.matchAll(/\[\d\]/g), ({ index }) => {
    const start = Array.from(text.slice(0, index)).length
    return [start, start + 2] as const
  })

describe("the passage of a citation", () => {
  const cases: ReadonlyArray<readonly [text: string, expected: ReadonlyArray<string>]> = [
    [
      "The chef salts the 🍝 twice [1] and plates it [2]. Then she waits.[3]",
      ["The chef salts the 🍝 twice", "and plates it", "Then she waits."]
    ],
    ["Salt [1][2], pepper [3], [4] oil", ["Salt", "Salt", "pepper", "pepper"]],
    ["Steps:\n- boil [1]\n- drain\n  twice [2]", ["- boil", "twice"]],
    ["A line\n[1]\n\n“Next”, he says [2]", ["A line", "“Next”, he says"]],
    ["[1] First", [""]],
    [" . [1]", [""]]
  ]
  for (const [text, expected] of cases) {
    it(`is what the marker stands behind: ${JSON.stringify(text)}`, () => {
      assert.deepStrictEqual(passages(answer([text, placesOf(text)])), expected)
    })
  }

  it("is of the marker's own part, and has its place in the text as a whole", () => {
    const parts = ["🏺 One [1] and", " two [1] three"]
    assert.deepStrictEqual(passages(answer(...parts.map((text) => [text, placesOf(text)] as const))), ["🏺 One", "two"])
    assert.deepStrictEqual(passages(answer(["Nowhere", [[90, 92]]])), [""])
  })
})

describe("the segments of an answer", () => {
  it("are its texts and markers, those that overlap as one", () => {
    const text = "🏺 dipped [1] and [2] fired [3]."
    const response = answer([
      text,
      [
        [9, 11],
        [17, 19],
        [9, 11],
        [18, 24],
        [40, 41]
      ]
    ])
    assert.deepStrictEqual(
      Response.segments(response).map((segment) =>
        segment._tag === "Text"
          ? segment.text
          : [segment.text, ...segment.citations.map(({ annotation }) => (annotation as Citation.UrlCitation).url)]
      ),
      [
        "🏺 dipped ",
        ["[1]", "https://example.com/0", "https://example.com/2"],
        " and ",
        ["[2] fire", "https://example.com/1", "https://example.com/3"],
        "d [3]."
      ]
    )
  })

  it("may have other markers", () => {
    const text = "Salt [1][2], then wait [3]."
    const response = answer([text, placesOf(text).slice(0, 2)], [text, placesOf(text)])
    assert.strictEqual(
      Response.replaceMarkers(response, (citations, marker) => `(${marker}: ${citations.length})`),
      "Salt ([1]: 1)([2]: 1), then wait [3].Salt ([1]: 1)([2]: 1), then wait ([3]: 1)."
    )
    assert.strictEqual(
      Response.replaceMarkers(response, (_, marker) => marker),
      text + text
    )
  })

  // Texts of characters of one and two units, combining marks and lone surrogates among them.
  const Texts = Schema.Array(
    Schema.Literals(["a", "[1]", " ", ".", "\n", "e\u0301", "\u0327", "🏺", "👩🏽‍🎨", "\ud83c", "\udffa"])
  )
  const Index = Schema.Int.check(Schema.isBetween({ minimum: -2, maximum: 24 }))
  const Part = Schema.Tuple([Texts, Schema.Array(Schema.Tuple([Index, Index]))])

  it.prop(
    "are the whole text, and each citation that has a place is in one marker that covers it",
    [Part, Part],
    ([first, second]) => {
      const response = answer([first[0].join(""), first[1]], [second[0].join(""), second[1]])
      const segments = Response.segments(response)
      assert.strictEqual(segments.map(({ text }) => text).join(""), Response.text(response))
      const inMarkers = new Map<Citation.Annotation, number>()
      let offset = 0
      for (const segment of segments) {
        assert.isAbove(segment.text.length, 0)
        if (segment._tag === "Marker") {
          assert.isAbove(segment.citations.length, 0)
          for (const { annotation, textRange } of segment.citations) {
            inMarkers.set(annotation, (inMarkers.get(annotation) ?? 0) + 1)
            assert(textRange !== undefined)
            assert.isAtLeast(textRange.start, offset)
            assert.isAtMost(textRange.end, offset + segment.text.length)
          }
        }
        offset += segment.text.length
      }
      for (const { annotation, range } of Response.citations(response)) {
        assert.strictEqual(inMarkers.get(annotation), range === undefined ? undefined : 1)
      }
      for (const passage of passages(response)) assert.notMatch(passage, /^\s|\s$|\n/)
    },
    { arbitrary: { runs: 1000 } }
  )

  it("stay linear in the text and the citations", () => {
    const text = "🏺 salt, [1]\n".repeat(100_000)
    const places = Array.from({ length: 100_000 }, (_, index) => [index * 12 + 8, index * 12 + 10] as const)
    const response = answer([text, places])
    assert.strictEqual(Response.segments(response).length, 200_001)
    assert.strictEqual(Response.citations(response).at(-1)?.passage, "🏺 salt,")
    const same = answer(["salt [1]", Array.from({ length: 200_000 }, () => [5, 7] as const)])
    assert.strictEqual(Response.segments(same).length, 2)
  })
})
