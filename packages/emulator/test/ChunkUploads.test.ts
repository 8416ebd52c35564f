import { assert, describe, layer, it } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import * as Crypto from "node:crypto"
import { type Json, read, until } from "./Api.ts"
import { bare, codeOf, md5 } from "./Parts.ts"
import type { TwelveLabsPlay } from "./Wire.ts"

type Line = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} ${string}`

/** Sends a request with JSON, or with a form, below the base URL. */
const call = (line: Line, body?: unknown, play?: TwelveLabsPlay) =>
  Effect.gen(function* () {
    const { twelvelabs } = yield* Emulator
    const [method, path] = line.split(" ") as [string, string]
    const isForm = body instanceof FormData
    const { body: bytes, status } = yield* read(`${twelvelabs.url(play)}${path}`, {
      method,
      headers: {
        "x-api-key": Redacted.value(twelvelabs.apiKey),
        ...(isForm ? {} : { "content-type": "application/json" })
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) })
    })
    const text = bytes.toString()
    return { status, json: (text === "" ? undefined : JSON.parse(text)) as Json }
  })

const statusOf = (...request: Parameters<typeof call>) => Effect.map(call(...request), ({ status }) => status)

const chunkSize = 100_000
const file = Crypto.randomBytes(2 * chunkSize + 5)
const chunk = (number: number) => new Uint8Array(file.subarray((number - 1) * chunkSize, number * chunkSize))
const octets = { "content-type": "application/octet-stream" }
const path = "/assets/multipart-uploads"

const start = (play?: TwelveLabsPlay) =>
  Effect.map(
    call(`POST ${path}`, { filename: "kite.mp4", type: "video", total_size: file.length }, play),
    ({ json }) => json
  )

/** The link of a chunk, asked for anew. */
const linkTo = (upload: Json, number: number, play?: TwelveLabsPlay) =>
  Effect.map(
    call(`POST ${path}/${upload.upload_id}/presigned-urls`, { start: number, count: 1 }, play),
    ({ json }) => json.upload_urls[0].url as string
  )

const put = (url: string, number: number, headers: Record<string, string> = octets) =>
  read(url, { method: "PUT", body: chunk(number), headers })

const proofOf = (number: number, fields: object = {}) => ({
  chunk_index: number,
  proof: md5(chunk(number)),
  proof_type: "etag",
  chunk_size: chunk(number).length,
  ...fields
})

layer(Emulator.layer({ twelvelabs: { chunkSize, processMillis: 50 } }))("TwelveLabs' uploads in chunks", (it) => {
  it.effect("take each link once, whatever came of it, and answer to a second one that it was used", () =>
    Effect.gen(function* () {
      const upload = yield* start()
      assert.deepStrictEqual(Object.keys(upload).toSorted(), [
        ...["asset_id", "chunk_size", "expires_at", "total_chunks", "upload_headers", "upload_id", "upload_urls"]
      ])
      const [first, second] = upload.upload_urls
      assert.deepStrictEqual(Object.keys(first).toSorted(), ["chunk_index", "expires_at", "url"])
      assert.deepStrictEqual(
        [first.chunk_index, second.chunk_index, upload.upload_urls.length, upload.total_chunks],
        [1, 2, 2, 3]
      )
      const good = yield* put(first.url, 1)
      assert.deepStrictEqual([good.status, bare(good.headers.get("etag"))], [200, md5(chunk(1))])
      for (const use of [put(first.url, 1), put(first.url, 1)]) {
        const again = yield* use
        assert.deepStrictEqual([again.status, codeOf(again.body)], [403, "AccessDenied"])
      }
      // A fault uses it up too, and a fresh one to the same chunk is good.
      const unlucky = yield* linkTo(upload, 3, { store: "unavailable", times: 1 })
      assert.deepStrictEqual([(yield* put(unlucky, 3)).status, (yield* put(unlucky, 3)).status], [503, 403])
      assert.strictEqual((yield* put(yield* linkTo(upload, 3), 3)).status, 200)
    })
  )

  it.effect("take only what is signed: the method, the path, the time, and the headers", () =>
    Effect.gen(function* () {
      const upload = yield* start()
      const link = () => linkTo(upload, 1)
      const refusals = [
        yield* put(yield* link(), 1, {}),
        yield* put(yield* link(), 1, { "content-type": "video/mp4" }),
        yield* put((yield* link()).replace("/1?", "/2?"), 2),
        yield* put((yield* link()).replace(/content-type%3B/, ""), 1),
        yield* put(yield* linkTo(upload, 1, { ttl: 0 }), 1),
        yield* read(yield* link(), { headers: octets })
      ]
      assert.deepStrictEqual(
        refusals.map(({ body, status }) => [status, codeOf(body)]),
        [
          [403, "SignatureDoesNotMatch"],
          [403, "SignatureDoesNotMatch"],
          [403, "SignatureDoesNotMatch"],
          [403, "SignatureDoesNotMatch"],
          [403, "AccessDenied"],
          [403, "SignatureDoesNotMatch"]
        ]
      )
      const short = yield* read(yield* link(), { method: "PUT", body: new Uint8Array(7), headers: octets })
      assert.deepStrictEqual([short.status, codeOf(short.body)], [400, "EntityTooSmall"])
    })
  )

  it.effect("believe no report that is not true, and take none of its chunks then", () =>
    Effect.gen(function* () {
      const upload = yield* start()
      const report = (...chunks: ReadonlyArray<object>) =>
        call(`POST ${path}/${upload.upload_id}`, { completed_chunks: chunks })
      yield* put(upload.upload_urls[0].url, 1)
      const lies = [
        [],
        [proofOf(2)],
        [proofOf(1), proofOf(2)],
        [proofOf(1, { proof: md5(chunk(2)) })],
        [proofOf(1, { proof: `W/"${md5(chunk(1))}"` })],
        [proofOf(1, { proof_type: "sha256" })],
        [proofOf(1, { chunk_size: 5 })],
        [proofOf(1, { chunk_index: 0 })],
        [proofOf(1, { chunk_index: 4 })]
      ]
      for (const lie of lies) assert.strictEqual((yield* report(...lie)).status, 400, JSON.stringify(lie))
      const status = (yield* call(`GET ${path}/${upload.upload_id}`)).json
      assert.deepStrictEqual([status.status, status.chunks_completed, status.chunks_pending], ["active", 0, 3])
      assert.strictEqual((yield* report(proofOf(1, { proof: `"${md5(chunk(1))}"` }))).status, 200)
      assert.strictEqual(yield* statusOf(`POST ${path}/none`, { completed_chunks: [proofOf(1)] }), 404)
    })
  )

  it.effect("begin to be worked on when the last chunk is there, and are read whole then", () =>
    Effect.gen(function* () {
      const upload = yield* start({ sync: "invalid" })
      for (const number of [3, 1, 2]) yield* put(yield* linkTo(upload, number), number)
      const report = (numbers: ReadonlyArray<number>) =>
        call(`POST ${path}/${upload.upload_id}`, { completed_chunks: numbers.map((number) => proofOf(number)) })
      yield* report([3, 1])
      const asset = Effect.map(call(`GET /assets/${upload.asset_id}`), ({ json }) => json)
      assert.deepStrictEqual([(yield* asset).status, (yield* asset).size], ["processing", undefined])
      const done = (yield* report([1, 2])).json
      assert.deepStrictEqual(
        [done.asset_id, done.processed_chunks, done.duplicate_chunks, done.total_completed],
        [upload.asset_id, 1, 1, 3]
      )
      assert.isTrue((yield* read(done.url)).body.equals(file))
      // The same once more does no harm.
      assert.deepStrictEqual((yield* report([1, 2, 3])).json.duplicate_chunks, 3)
      const emulator = yield* Emulator
      const failed = yield* until(
        Effect.provideService(asset, Emulator, emulator),
        ({ status }) => status !== "processing"
      )
      assert.deepStrictEqual([failed.status, failed.method], ["failed", "multipart"])
      assert.isString(failed.error.message)
      // The store takes no more of it.
      const late = yield* put(yield* linkTo(upload, 1), 1)
      assert.deepStrictEqual([late.status, codeOf(late.body)], [404, "NoSuchUpload"])
    })
  )

  it.effect("are listed newest first while they are not complete, and give links to fifty chunks at most", () =>
    Effect.gen(function* () {
      const mine = [yield* start(), yield* start()]
      const { data, page_info } = (yield* call(`GET ${path}?page_limit=2`)).json
      assert.deepStrictEqual(
        data.map((session: Json) => session.upload_id),
        mine.map(({ upload_id }) => upload_id).toReversed()
      )
      assert.deepStrictEqual(Object.keys(data[0]).toSorted(), [
        ...["chunk_size", "created_at", "expires_at", "status", "total_chunks", "total_size", "upload_id"]
      ])
      assert.isAtLeast(page_info.total_results, 2)
      const links = (body: object) => call(`POST ${path}/${mine[0].upload_id}/presigned-urls`, body)
      const some = (yield* links({ start: 2, count: 50 })).json
      assert.deepStrictEqual([some.upload_id, some.start_index, some.count], [mine[0].upload_id, 2, 2])
      for (const wrong of [
        { start: 1, count: 51 },
        { start: 1, count: 0 },
        { start: 0, count: 1 },
        { start: 4, count: 1 },
        {}
      ]) {
        assert.strictEqual((yield* links(wrong)).status, 400)
      }
    })
  )

  it.effect("are refused when they are too large, empty, of no kind, or without a name", () =>
    Effect.gen(function* () {
      const good = { filename: "kite.png", type: "image", total_size: 32_000_000 }
      assert.strictEqual(yield* statusOf(`POST ${path}`, good), 201)
      const wrong: ReadonlyArray<object> = [
        { total_size: 32_000_001 },
        { total_size: 0 },
        { total_size: 1.5 },
        { type: "document" },
        { filename: "" },
        { filename: "k".repeat(256) },
        { user_metadata: '{"take":1}' },
        { user_metadata: { take: { number: 1 } } }
      ]
      for (const fields of wrong) assert.strictEqual(yield* statusOf(`POST ${path}`, { ...good, ...fields }), 400)
    })
  )
})

describe("TwelveLabs' uploads in chunks", () => {
  it.effect("expire", () =>
    Effect.gen(function* () {
      const upload = yield* start()
      assert.strictEqual((yield* call(`GET ${path}/${upload.upload_id}`)).json.status, "expired")
      assert.deepStrictEqual((yield* call(`GET ${path}`)).json.data, [])
      assert.strictEqual(
        yield* statusOf(`POST ${path}/${upload.upload_id}/presigned-urls`, { start: 1, count: 1 }),
        409
      )
    }).pipe(Effect.provide(Emulator.layer({ twelvelabs: { uploadSeconds: 0 } })))
  )

  it.effect("take proofs in the one way that was chosen", () =>
    Effect.gen(function* () {
      for (const proofs of ["quoted", "bare", "either"] as const) {
        const statuses = yield* Effect.gen(function* () {
          const upload = yield* start()
          yield* put(upload.upload_urls[0].url, 1)
          return yield* Effect.forEach([md5(chunk(1)), `"${md5(chunk(1))}"`], (proof) =>
            statusOf(`POST ${path}/${upload.upload_id}`, { completed_chunks: [proofOf(1, { proof })] })
          )
        }).pipe(Effect.provide(Emulator.layer({ twelvelabs: { chunkSize, proofs } })))
        const expected = { quoted: [400, 200], bare: [200, 400], either: [200, 200] }
        assert.deepStrictEqual(statuses, expected[proofs])
      }
    })
  )
})

layer(Emulator.layer({ twelvelabs: { processMillis: 50, directSize: 1000 } }))("TwelveLabs' assets", (it) => {
  const form = (fields: Record<string, string>, name?: string, content: string | Uint8Array<ArrayBuffer> = "bytes") => {
    const all = new FormData()
    for (const [key, value] of Object.entries(fields)) all.set(key, value)
    if (name !== undefined) all.set("file", new Blob([content]), name)
    return all
  }

  it.effect("come in forms whose metadata is a text, and whose booleans are words", () =>
    Effect.gen(function* () {
      const metadata = { user_metadata: '{"take":1,"good":true}' }
      const made = yield* call(
        "POST /assets",
        form({ method: "direct", enable_thumbnail: "true", ...metadata }, "kite.mp4")
      )
      assert.strictEqual(made.status, 201)
      assert.deepStrictEqual(
        [made.json.status, made.json.file_type, made.json.user_metadata],
        ["processing", "video/mp4", { take: 1, good: true }]
      )
      const detail = (yield* call(`GET /assets/${made.json._id}`)).json
      assert.deepStrictEqual([detail.thumbnail.status, detail.hls], ["pending", undefined])
    })
  )

  it.effect("are refused where something of them is wrong", () =>
    Effect.gen(function* () {
      const direct = { method: "direct" }
      const wrong: ReadonlyArray<readonly [body: FormData, status: number]> = [
        [form(direct), 400],
        [form({}, "kite.mp4"), 400],
        [form({ method: "mail" }, "kite.mp4"), 400],
        [form(direct, "kite.exe"), 400],
        [form(direct, "kite.mp4", ""), 400],
        [form(direct, "kite.mp4", new Uint8Array(1001)), 413],
        [form({ ...direct, filename: "k".repeat(256) }, "kite.mp4"), 400],
        [form({ ...direct, enable_hls: "yes" }, "kite.mp4"), 400],
        [form({ ...direct, user_metadata: "take 1" }, "kite.mp4"), 400],
        [form({ ...direct, user_metadata: '{"take":[1]}' }, "kite.mp4"), 400],
        [form({ method: "url" }), 400],
        [form({ method: "url", url: "ftp://example.com/kite.mp4" }), 400],
        [form({ method: "url", url: "https://www.youtube.com/watch?v=1" }), 400]
      ]
      for (const [body, status] of wrong) {
        const answer = yield* call("POST /assets", body)
        assert.strictEqual(answer.status, status, JSON.stringify(answer.json))
      }
      assert.strictEqual(yield* statusOf("GET /assets?asset_types=smell"), 400)
      assert.strictEqual(yield* statusOf("GET /assets/none"), 404)
    })
  )

  it.effect("know their metadata by other rules when it is replaced than when it is changed", () =>
    Effect.gen(function* () {
      const { _id } = (yield* call("POST /assets", form({ method: "direct" }, "kite.txt"))).json
      const metadata = (body: object, method: "PUT" | "PATCH" | "DELETE") =>
        Effect.gen(function* () {
          const sent = method === "DELETE" ? undefined : { user_metadata: body }
          assert.strictEqual(yield* statusOf(`${method} /assets/${_id}/user-metadata`, sent), 204)
          return (yield* call(`GET /assets/${_id}`)).json.user_metadata
        })
      assert.deepStrictEqual(yield* metadata({ a: 1, b: "", c: null, d: false }, "PUT"), { a: 1, d: false })
      assert.deepStrictEqual(yield* metadata({ a: null, d: "", e: 2 }, "PATCH"), { d: false, e: 2 })
      assert.deepStrictEqual(yield* metadata({}, "PATCH"), { d: false, e: 2 })
      assert.deepStrictEqual(yield* metadata({}, "PUT"), {})
      yield* metadata({ a: 1 }, "PATCH")
      assert.deepStrictEqual(yield* metadata({}, "DELETE"), {})
    })
  )

  it.effect("say what is said in them in the ways that are asked for, with commas or without", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const said = (query: string) =>
        Effect.map(call(`GET /assets/${twelvelabs.assetId}/transcription${query}`), ({ json }) =>
          Object.keys(json).toSorted()
        )
      assert.deepStrictEqual(yield* said(""), ["status", "words"])
      assert.deepStrictEqual(yield* said("?include=sentences,utterances"), ["sentences", "status", "utterances"])
      assert.deepStrictEqual(yield* said("?include=words&include=sentences"), ["sentences", "status", "words"])
      assert.strictEqual(yield* statusOf(`GET /assets/${twelvelabs.assetId}/transcription?include=sounds`), 400)
      const { _id } = (yield* call("POST /assets", form({ method: "direct" }, "kite.md"))).json
      assert.strictEqual(yield* statusOf(`GET /assets/${_id}/transcription`), 404)
    })
  )

  it.effect("that are documents must be what they are called", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const ends = (content: string) =>
        Effect.gen(function* () {
          const { _id } = (yield* call("POST /assets", form({ method: "direct" }, "kite.pdf", content))).json
          const asset = yield* until(
            Effect.provideService(call(`GET /assets/${_id}`), Emulator, emulator),
            ({ json }) => json.status !== "processing"
          )
          return asset.json.status
        })
      assert.deepStrictEqual([yield* ends("%PDF-1.7"), yield* ends("<html>")], ["ready", "failed"])
    })
  )
})
