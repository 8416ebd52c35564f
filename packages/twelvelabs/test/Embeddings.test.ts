import type { StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { AssetId, Embedding, type EmbeddingInput, type Embeddings, TwelveLabs } from "../src/index.ts"
import { answering } from "./Answering.ts"
import { live } from "./Live.ts"

/** The emulator has these from the start: a video of two minutes, and an image. */
const videoId = AssetId.make("66e000000000000000000001")
const imageId = AssetId.make("66e000000000000000000003")

const older = (input: EmbeddingInput.Input): Embeddings.CreateRequest => ({ model: "marengo3.0", input })
const newer = (input: EmbeddingInput.Input): Embeddings.CreateRequest => ({ model: "marengo3.5", input })

const video = (more: Partial<EmbeddingInput.Video> = {}): EmbeddingInput.Video => ({
  type: "video",
  source: { assetId: videoId },
  ...more
})

/** The numbers of each vector. */
const numbers = ({ vectors }: Embedding.Result) => vectors.map(({ embedding }) => embedding)

describe("embeddings", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made of every kind of input, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { embeddings } = yield* TwelveLabs
          const tagsOf = (request: Embeddings.CreateRequest) =>
            Effect.map(embeddings.create(request), ({ metadata, vectors }) => {
              for (const { embedding } of vectors) assert.lengthOf(embedding, 512)
              return [metadata?.inputType, vectors.length, ...new Set(vectors.map(({ option }) => option))]
            })
          assert.deepStrictEqual(yield* tagsOf(older({ type: "text", text: "a kite" })), ["text", 1, "text"])
          const source = { assetId: imageId }
          assert.deepStrictEqual(yield* tagsOf(older({ type: "image", source })), ["image", 1, "visual"])
          assert.deepStrictEqual(yield* tagsOf(older({ type: "textImage", text: "a kite", source })), [
            "text_image",
            1,
            "fused"
          ])
          const segmentation = { strategy: "fixed", seconds: 10 } as const
          assert.deepStrictEqual(
            yield* tagsOf(older({ type: "audio", source: { url: "https://example.com/a.mp3" }, segmentation })),
            ["audio", 2 * (3 + 1), "audio", "transcription"]
          )
          assert.deepStrictEqual(
            yield* tagsOf(
              older(video({ startSeconds: 20, endSeconds: 45, segmentation, options: ["visual"], scopes: ["clip"] }))
            ),
            ["video", 3, "visual"]
          )
          assert.deepStrictEqual(
            yield* tagsOf(
              newer({
                type: "multiInput",
                text: "<@kite> over a lake",
                media: [
                  { kind: "image", name: "kite", assetId: imageId },
                  { kind: "video", url: "https://example.com/lake.mp4" }
                ]
              })
            ),
            ["multi_input", 1, undefined]
          )
        }),
      { http }
    )
  }

  live("of the same input are the same, of another they are others, and all have the length 1", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const inputs: ReadonlyArray<EmbeddingInput.Input> = [
        { type: "text", text: "a kite" },
        { type: "text", text: "a kite over a lake" },
        { type: "image", source: { assetId: imageId } },
        { type: "image", source: { url: "https://example.com/a.png" } },
        { type: "image", source: { bytes: new Uint8Array([1, 2, 3]) } },
        { type: "image", source: { bytes: new Uint8Array([1, 2, 4]) } },
        video()
      ]
      const once = yield* Effect.forEach(inputs, (input) => embeddings.create(older(input)))
      const again = yield* Effect.forEach(inputs, (input) => embeddings.create(older(input)))
      assert.deepStrictEqual(once.map(numbers), again.map(numbers))
      const all = once.flatMap(numbers)
      assert.lengthOf(new Set(all.map((vector) => vector.join())), all.length)
      for (const vector of all) assert.closeTo(Math.hypot(...vector), 1, 1e-6)
    })
  )

  live("of a video cover all of it, in segments as they were asked for", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const spans = (segmentation: EmbeddingInput.Segmentation | undefined, part: EmbeddingInput.Part = {}) =>
        Effect.map(
          embeddings.create(older(video({ segmentation, options: ["visual"], scopes: ["clip"], ...part }))),
          ({ vectors }) => vectors.map(({ endSeconds = 0, startSeconds = 0 }) => [startSeconds, endSeconds] as const)
        )
      const fixed = yield* spans({ strategy: "fixed", seconds: 7 })
      assert.deepStrictEqual(
        [fixed[0], fixed[1], fixed.at(-1)],
        [
          [0, 7],
          [7, 14],
          [119, 120]
        ]
      )
      for (const [segmentation, least] of [
        [undefined, 4],
        [{ strategy: "dynamic", minSeconds: 3 }, 3]
      ] as const) {
        const dynamic = yield* spans(segmentation, { startSeconds: 10.5, endSeconds: 99 })
        assert.deepStrictEqual([dynamic[0]![0], dynamic.at(-1)![1]], [10.5, 99])
        assert.isTrue(
          dynamic.every(([start, end], index) => start === (dynamic[index - 1]?.[1] ?? 10.5) && end - start >= least)
        )
        assert.isAbove(new Set(dynamic.map(([start, end]) => end - start)).size, 1)
      }
    })
  )

  live("say which option and which part each vector is of, and can be of all options together", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const { metadata, usage, vectors } = yield* embeddings.create(
        older(
          video({
            segmentation: { strategy: "fixed", seconds: 10 },
            endSeconds: 15,
            options: ["visual", "audio"],
            types: ["separate_embedding", "fused_embedding"]
          })
        )
      )
      assert.deepStrictEqual(
        vectors.map(({ endSeconds, option, scope, startSeconds }) => [option, scope, startSeconds, endSeconds]),
        (
          [
            ["clip", 0, 10],
            ["clip", 10, 15],
            ["asset", 0, 15]
          ] as const
        ).flatMap(([scope, start, end]) => ["visual", "audio", "fused"].map((option) => [option, scope, start, end]))
      )
      assert.deepStrictEqual(metadata, {
        inputType: "video",
        url: undefined,
        filename: "kite-workshop.mp4",
        options: ["visual", "audio"],
        scopes: ["clip", "asset"],
        durationSeconds: 120,
        startSeconds: 0,
        endSeconds: 15,
        clipSeconds: 10
      })
      assert.isUndefined(usage)
    })
  )

  live("of the newer model say what they took, how sure it is, and whether the text was cut", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const text = "kite ".repeat(2001)
      const long = newer({ type: "multiInput", text })
      const refused = (yield* Effect.flip(embeddings.create(long))) as StreamError.ApiError
      assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400])
      const { usage, vectors } = yield* embeddings.create({ ...long, autoTruncate: true, uncertainty: true })
      assert.deepStrictEqual(usage, { inputTokens: { text: 2000 }, truncated: true })
      assert.lengthOf(vectors[0]!.uncertainty!, 512)
      const short = yield* embeddings.create(newer({ type: "multiInput", text: text.slice(0, 5 * 2000) }))
      assert.deepStrictEqual(short.usage?.truncated, false)
      assert.deepStrictEqual(short.vectors[0]!.embedding, vectors[0]!.embedding)
    })
  )

  live("are refused as the vendor refuses them", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const image = { kind: "image", assetId: imageId } as const
      const clip = { kind: "video", url: "https://example.com/lake.mp4" } as const
      const requests: ReadonlyArray<readonly [request: Embeddings.CreateRequest, word: string]> = [
        [{ model: "marengo9", input: { type: "text", text: "a" } }, "model_name"],
        [newer({ type: "text", text: "a" }), "input_type"],
        [newer(video()), "input_type"],
        [older({ type: "text", text: " " }), "input_text"],
        [older({ type: "text", text: "a ".repeat(501) }), "input_text"],
        [{ ...older({ type: "text", text: "a" }), uncertainty: true }, "embedding_uncertainty"],
        [{ ...older({ type: "text", text: "a" }), autoTruncate: true }, "auto_truncate"],
        [older({ type: "image", source: { assetId: videoId } }), "video"],
        [older({ type: "image", source: { url: "a.png" } }), "url"],
        [older({ type: "image", source: { url: "ftp://example.com/a.png" } }), "url"],
        [older(video({ source: { assetId: imageId } })), "image"],
        [older(video({ startSeconds: -1 })), "start_sec"],
        [older(video({ startSeconds: 20, endSeconds: 20 })), "end_sec"],
        [older(video({ endSeconds: 121 })), "end_sec"],
        [older(video({ segmentation: { strategy: "fixed", seconds: 11 } })), "duration_sec"],
        [older(video({ segmentation: { strategy: "dynamic", minSeconds: 1 } })), "min_duration_sec"],
        [older(video({ options: ["smell"] })), "embedding_option"],
        [older(video({ options: [] })), "embedding_option"],
        [older(video({ scopes: ["local"] })), "embedding_scope"],
        [older(video({ options: ["audio"], types: ["fused_embedding"] })), "embedding_type"],
        [older({ type: "multiInput" }), "multi_input"],
        [older({ type: "multiInput", media: [clip] }), "media_type"],
        [newer({ type: "multiInput", media: [image, clip] }), "input_text"],
        [newer({ type: "multiInput", text: "<@kite>", media: [image] }), "kite"],
        [newer({ type: "multiInput", media: Array.from({ length: 11 }, () => image) }), "at most 10"],
        [newer({ type: "multiInput", media: [{ kind: "video", assetId: videoId }] }), "30 seconds"],
        [newer({ type: "multiInput", media: [{ kind: "video", assetId: imageId }] }), "media_type"],
        [{ ...newer({ type: "multiInput", text: "a", media: [image] }), uncertainty: true }, "embedding_uncertainty"]
      ]
      for (const [request, word] of requests) {
        const refused = (yield* Effect.flip(embeddings.create(request))) as StreamError.ApiError
        assert.deepStrictEqual([refused.kind, refused.status], ["InvalidRequest", 400], word)
        assert.include(refused.message, word)
      }
      const unknown = older({ type: "image", source: { assetId: AssetId.make("66e0ffffffffffffffffffff") } })
      assert.strictEqual(((yield* Effect.flip(embeddings.create(unknown))) as StreamError.ApiError).status, 404)
    })
  )

  live("are refused where the media are in two places, or in none", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const post = (image: unknown) =>
        HttpClientRequest.post(`${twelvelabs.url()}/embed-v2`).pipe(
          HttpClientRequest.setHeader("x-api-key", Redacted.value(twelvelabs.apiKey)),
          HttpClientRequest.bodyJsonUnsafe({ input_type: "image", model_name: "marengo3.0", image }),
          HttpClient.execute,
          Effect.map(({ status }) => status)
        )
      assert.strictEqual(yield* post({ media_source: { asset_id: imageId } }), 200)
      assert.strictEqual(yield* post({ media_source: {} }), 400)
      assert.strictEqual(yield* post({ media_source: { asset_id: imageId, url: "https://example.com/a.png" } }), 400)
      assert.strictEqual(yield* post({ media_source: { base64_string: "no base64!" } }), 400)
      assert.strictEqual(yield* post(undefined), 400)
    })
  )

  live(
    "are asked for again after a transient fault",
    () =>
      Effect.gen(function* () {
        const { embeddings } = yield* TwelveLabs
        const { requests } = yield* Emulator
        yield* embeddings.create(older({ type: "text", text: "a kite" }))
        assert.deepStrictEqual(
          (yield* requests).map(({ status }) => status),
          [500, 200]
        )
      }),
    { play: { fault: "server-error", times: 1 } }
  )

  live("are not asked for with more bytes than the vendor takes", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* TwelveLabs
      const { requests } = yield* Emulator
      const bytes = new Uint8Array(36 * 1024 * 1024 + 1)
      for (const request of [
        older({ type: "image", source: { bytes } }),
        newer({ type: "multiInput", media: [{ kind: "image", bytes }] })
      ]) {
        const error = (yield* Effect.flip(embeddings.create(request))) as StreamError.TransportError
        assert.deepStrictEqual([error._tag, error.reason], ["TransportError", "InvalidRequest"])
        assert.include(error.message, "bytes")
        assert.isFalse(error.isRetryable)
      }
      assert.lengthOf(yield* requests, 0)
    })
  )

  it.effect("are asked for as the vendor spells it, and with nothing that was not said", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array([250, 251, 252])
      const requests: ReadonlyArray<Embeddings.CreateRequest> = [
        older({ type: "text", text: "a kite" }),
        older({ type: "image", source: { url: "https://example.com/a.png" } }),
        older({ type: "textImage", text: "a kite", source: { bytes } }),
        older({
          type: "audio",
          source: { assetId: videoId },
          startSeconds: 1,
          endSeconds: 9.5,
          segmentation: { strategy: "fixed", seconds: 2 },
          options: ["transcription"],
          scopes: ["clip"],
          types: ["separate_embedding"]
        }),
        older(video({ segmentation: { strategy: "dynamic", minSeconds: 4 } })),
        {
          ...newer({
            type: "multiInput",
            text: "<@a>",
            media: [
              { kind: "image", name: "a", bytes },
              { kind: "video", url: "https://example.com/a.mp4" }
            ]
          }),
          autoTruncate: true,
          uncertainty: false
        }
      ]
      const { sent } = yield* answering(
        () => ({ json: { data: [] } }),
        ({ embeddings }) => Effect.forEach(requests, (request) => embeddings.create(request))
      )
      assert.isTrue(sent.every(({ method, path }) => method === "POST" && path === "/embed-v2"))
      const [model_name, newer_name] = ["marengo3.0", "marengo3.5"]
      assert.deepStrictEqual(
        sent.map(({ body }) => body),
        [
          { input_type: "text", model_name, text: { input_text: "a kite" } },
          { input_type: "image", model_name, image: { media_source: { url: "https://example.com/a.png" } } },
          {
            input_type: "text_image",
            model_name,
            text_image: { input_text: "a kite", media_source: { base64_string: "+vv8" } }
          },
          {
            input_type: "audio",
            model_name,
            audio: {
              media_source: { asset_id: videoId },
              start_sec: 1,
              end_sec: 9.5,
              segmentation: { strategy: "fixed", fixed: { duration_sec: 2 } },
              embedding_option: ["transcription"],
              embedding_scope: ["clip"],
              embedding_type: ["separate_embedding"]
            }
          },
          {
            input_type: "video",
            model_name,
            video: {
              media_source: { asset_id: videoId },
              segmentation: { strategy: "dynamic", dynamic: { min_duration_sec: 4 } }
            }
          },
          {
            input_type: "multi_input",
            model_name: newer_name,
            auto_truncate: true,
            embedding_uncertainty: false,
            multi_input: {
              input_text: "<@a>",
              media_sources: [
                { name: "a", media_type: "image", base64_string: "+vv8" },
                { media_type: "video", url: "https://example.com/a.mp4" }
              ]
            }
          }
        ]
      )
    })
  )

  it.effect("are read whatever they lack, and whatever they are of", () =>
    Effect.gen(function* () {
      const create = (json: unknown) =>
        Effect.map(
          answering(
            () => ({ json }),
            ({ embeddings }) => embeddings.create(older({ type: "text", text: "a" }))
          ),
          ({ value }) => value
        )
      const { metadata, usage, vectors } = yield* create({
        data: [
          { embedding: [0.5, -1, 1e-9] },
          {
            embedding: [],
            embedding_uncertainty: null,
            embedding_option: null,
            embedding_scope: null,
            start_sec: null,
            end_sec: null,
            start_page_number: null,
            end_page_number: null
          },
          { embedding: [1], embedding_option: "smell", embedding_scope: "chapter", start_page_number: 2, new_field: 1 }
        ],
        usage: { input_tokens: { smell: 3 }, truncated: null },
        metadata: {
          input_filename: "a.png",
          embedding_scopes: ["local"],
          duration: 3,
          clip_length: null,
          new_field: {}
        }
      })
      const nothing = {
        uncertainty: undefined,
        option: undefined,
        scope: undefined,
        startSeconds: undefined,
        endSeconds: undefined,
        startPage: undefined,
        endPage: undefined
      }
      assert.deepStrictEqual<unknown>(vectors, [
        { ...nothing, embedding: [0.5, -1, 1e-9] },
        { ...nothing, embedding: [] },
        { ...nothing, embedding: [1], option: "smell", scope: "chapter", startPage: 2 }
      ])
      assert.deepStrictEqual(usage, { inputTokens: { smell: 3 }, truncated: undefined })
      assert.deepStrictEqual(
        [metadata?.inputType, metadata?.filename, metadata?.scopes, metadata?.durationSeconds, metadata?.clipSeconds],
        [undefined, "a.png", ["local"], 3, undefined]
      )
      for (const rest of [{}, { usage: null, metadata: null }, { usage: {}, metadata: {} }]) {
        assert.deepStrictEqual((yield* create({ data: [], ...rest })).vectors, [])
      }
      for (const wrong of [{}, { data: null }, { data: [{}] }, { data: [{ embedding: ["0.5"] }] }]) {
        assert.strictEqual((yield* Effect.flip(create(wrong)))._tag, "ParseError")
      }
    })
  )

  it.prop("keep every number, in its place", [Schema.Array(Schema.Array(Schema.Finite))], ([embeddings]) => {
    const text = JSON.stringify({ data: embeddings.map((embedding) => ({ embedding })) })
    const { vectors } = Schema.decodeUnknownSync(Embedding.Result)(JSON.parse(text))
    assert.strictEqual(JSON.stringify({ data: vectors.map(({ embedding }) => ({ embedding })) }), text)
  })
})
