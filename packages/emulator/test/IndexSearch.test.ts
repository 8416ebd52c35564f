import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import type { Json } from "./Api.ts"

const request = (path: string, init: RequestInit = {}) =>
  Effect.flatMap(Emulator, ({ twelvelabs }) =>
    Effect.promise(async (signal) => {
      const headers = { ...init.headers, "x-api-key": Redacted.value(twelvelabs.apiKey) }
      const response = await fetch(`${twelvelabs.url()}${path}`, { ...init, headers, signal })
      return { status: response.status, json: JSON.parse(await response.text()) as Json }
    })
  )

const post = (path: string, body: unknown) =>
  request(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })

/** Asks with a form; fields that come more than once are named more than once. */
const search = (...fields: ReadonlyArray<readonly [name: string, value: string]>) => {
  const body = new FormData()
  for (const [name, value] of fields) body.append(name, value)
  return request("/search", { method: "POST", body })
}

/** An index with a video in it. */
const prepared = Effect.gen(function* () {
  const { twelvelabs } = yield* Emulator
  const models = [{ model_name: "marengo3.0", model_options: ["visual", "audio"] }]
  const index = yield* post("/indexes", { index_name: "workshop", models })
  const indexed = yield* post(`/indexes/${index.json["_id"]}/indexed-assets`, { asset_id: twelvelabs.assetId })
  return [
    [
      ["index_id", String(index.json["_id"])],
      ["search_options", "visual"],
      ["query_text", "a knot"]
    ],
    String(indexed.json["_id"])
  ] as const
})

const live = (promise: string, test: Effect.Effect<void, unknown, Emulator>) =>
  it.live(promise, () => test.pipe(Effect.provide(Emulator.layer({ twelvelabs: { processMillis: 0 } }))))

describe("a search in an index, by a form that is written by hand", () => {
  live(
    "answers in the words of the wire",
    Effect.gen(function* () {
      const [least, videoId] = yield* prepared
      const clips = yield* search(...least)
      assert.strictEqual(clips.status, 200)
      const { start, end, rank, video_id } = clips.json["data"][0]
      assert.deepStrictEqual([video_id, rank, end - start], [videoId, 1, 10])
      assert.notProperty(clips.json["data"][0], "user_metadata")
      assert.deepStrictEqual(clips.json["search_pool"], {
        total_count: 1,
        total_duration: 120,
        index_id: least[0][1]
      })
      assert.property(clips.json["page_info"], "page_expires_at")
      const videos = yield* search(...least, ["group_by", "video"], ["search_options", "audio"])
      const [video] = videos.json["data"]
      assert.deepStrictEqual(Object.keys(video).sort(), ["clips", "id"])
      assert.strictEqual(videos.json["page_info"]["total_inner_matches"], video.clips.length)
    })
  )

  live(
    "takes the operators of the filter that are documented, and no others",
    Effect.gen(function* () {
      const [least, videoId] = yield* prepared
      const statusAndCount = (filter: string) =>
        Effect.map(search(...least, ["filter", filter]), ({ json, status }) => [
          status,
          json["search_pool"]?.total_count as unknown
        ])
      const found = [
        `{"id":"${videoId}"}`,
        `{"id":["${videoId}","other"]}`,
        '{"duration":120}',
        '{"duration":{"gte":1,"lte":120}}',
        "{}"
      ]
      for (const filter of found) assert.deepStrictEqual(yield* statusAndCount(filter), [200, 1], filter)
      for (const filter of ['{"id":["other"]}', '{"duration":{"lte":1}}', '{"season":"autumn"}']) {
        assert.deepStrictEqual(yield* statusAndCount(filter), [200, 0], filter)
      }
      const wrong = ["{", "[]", "7", '{"duration":{"gt":1}}', '{"duration":"long"}', '{"season":["a"]}', '{"x":{}}']
      for (const filter of wrong) assert.deepStrictEqual(yield* statusAndCount(filter), [400, undefined], filter)
    })
  )

  live(
    "is refused without what is required",
    Effect.gen(function* () {
      const [[index, options, text]] = yield* prepared
      for (const fields of [[index, options], [index, text], [options, text], []]) {
        const { json, status } = yield* search(...fields)
        assert.deepStrictEqual([status, json["code"]], [400, "parameter_invalid"])
      }
      const url = ["query_media_url", "https://example.com/a.png"] as const
      assert.strictEqual((yield* search(index, options, url)).status, 400)
      assert.strictEqual((yield* search(index, options, url, ["query_media_type", "image"])).status, 200)
      assert.strictEqual((yield* search(index, options, text, ["page_limit", "many"])).status, 400)
      const most = Array.from({ length: 11 }, () => url)
      assert.strictEqual((yield* search(index, options, ["query_media_type", "image"], ...most)).status, 400)
    })
  )
})
