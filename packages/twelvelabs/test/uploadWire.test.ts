/** Uploads against answers that no emulator gives: sizes that cannot be, links that are missing, words that are left out. */
import { FileSource, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { AssetId, TwelveLabs, type Upload, UploadCheckpoint, UploadError, UploadId } from "../src/index.ts"
import { bytesOf } from "./Files.ts"
import { key } from "./Fixture.ts"

interface Asked {
  readonly line: string
  readonly headers: Readonly<Record<string, string>>
  /** Whatever the JSON is: assertions say what it must be. */
  readonly body: ReturnType<typeof JSON.parse>
}

interface Answer {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

const signature = "X-Amz-Signature=5ec2e75ec2e7"
const link = (number: number) => ({
  chunk_index: number,
  url: `https://uploads.example.com/p${number}?X-Amz-Date=20261121\u0026${signature}`,
  expires_at: "2099-01-01T00:00:00Z"
})

/** The answers of a vendor that behaves, to an upload of 12 bytes in chunks of 5. */
const good: Readonly<Record<string, (asked: Asked) => Answer>> = {
  "POST /assets/multipart-uploads": () => ({
    status: 201,
    json: {
      upload_id: "up_1",
      asset_id: "66aa00000000000000000001",
      upload_urls: [link(1)],
      upload_headers: { "Content-Type": "application/x-chunk", "X-Store-Token": "t0ken-of-the-store" },
      chunk_size: 5,
      total_chunks: 3,
      expires_at: "2099-01-01T00:00:00Z"
    }
  }),
  "POST /assets/multipart-uploads/up_1/presigned-urls": ({ body: { count, start } }) => ({
    json: { upload_id: "up_1", upload_urls: Array.from({ length: count }, (_, index) => link(start + index)) }
  }),
  "POST /assets/multipart-uploads/up_1": ({ body: { completed_chunks } }) => ({
    json: {
      ...(completed_chunks.length === 3 ? { url: "https://media.example.com/a" } : {}),
      asset_id: "66aa00000000000000000001",
      processed_chunks: completed_chunks.length,
      duplicate_chunks: 0,
      total_completed: completed_chunks.length
    }
  }),
  "GET /assets/multipart-uploads/up_1": () => ({ json: { status: "completed" } }),
  PUT: () => ({ headers: { etag: '"e"' } })
}

/** Runs a program against a vendor that is good but for some answers, and tells what was sent. */
const against = <A, E>(
  answers: Readonly<Record<string, (asked: Asked, nth: number) => Answer>>,
  program: (client: TwelveLabs["Service"]) => Effect.Effect<A, E>
) =>
  Effect.suspend(() => {
    const sent: Array<Asked> = []
    const httpClient = HttpClient.make((request, url) =>
      Effect.sync(() => {
        const bytes = request.body._tag === "Uint8Array" ? request.body.body : new Uint8Array()
        const isPut = request.method === "PUT"
        const asked: Asked = {
          line: isPut ? `PUT ${url.href}` : `${request.method} ${url.pathname.replace("/v1.3", "")}`,
          headers: request.headers,
          body: isPut ? [...bytes] : bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes))
        }
        const route = isPut ? "PUT" : asked.line
        const nth = sent.filter(({ line }) => line === asked.line).length
        sent.push(asked)
        const answer = (answers[route] ?? good[route])?.(asked, nth) ?? { status: 404 }
        return HttpClientResponse.fromWeb(
          request,
          new Response(answer.text ?? (answer.json === undefined ? null : JSON.stringify(answer.json)), {
            status: answer.status ?? 200,
            headers: { "content-type": "application/json", ...answer.headers }
          })
        )
      })
    )
    return TwelveLabs.use(program).pipe(
      Effect.result,
      Effect.map((result) => ({ result, sent })),
      Effect.provide(
        TwelveLabs.layer({ apiKey: Redacted.make(key) }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, httpClient)),
          Layer.orDie
        )
      )
    )
  })

const twelve = bytesOf(12)
const source = FileSource.fromBytes(twelve, { name: "kite.mp4" })

const upload =
  (options?: Upload.UploadOptions) =>
  ({ multipartUploads }: TwelveLabs["Service"]) =>
    Effect.flatMap(source, (each) => multipartUploads.upload(each, options))

const puts = (sent: ReadonlyArray<Asked>) => sent.filter(({ line }) => line.startsWith("PUT"))

/** The error of a program that fails, without a word of the links in it. */
const failure = <A, E extends { readonly _tag: string }>(result: {
  readonly _tag: "Success" | "Failure"
  readonly failure?: E
  readonly success?: A
}) => {
  const error = result.failure!
  assert.strictEqual(result._tag, "Failure")
  for (const secret of ["5ec2e7", "20261121", "t0ken-of-the-store", key]) {
    assert.notInclude(JSON.stringify(error) + String(error) + String("stack" in error ? error.stack : ""), secret)
  }
  return error
}

const uploadError = (result: Parameters<typeof failure>[0]) => {
  const error = failure(result)
  assert.strictEqual(error._tag, "UploadError")
  return error as unknown as UploadError
}

const begun: UploadCheckpoint = {
  uploadId: UploadId.make("up_1"),
  assetId: AssetId.make("66aa00000000000000000001"),
  sizeBytes: 12,
  chunkSizeBytes: 5,
  headers: {},
  unreported: []
}

describe("an upload in chunks", () => {
  it.effect(
    "sends to each link the chunk's own bytes, with the headers that the vendor wants, and reports what came back",
    () =>
      Effect.gen(function* () {
        const { result, sent } = yield* against(
          { PUT: (asked) => ({ headers: { etag: `"${asked.body.length}"` } }) },
          upload()
        )
        assert.strictEqual(result._tag, "Success")
        for (const [index, { body, headers, line }] of puts(sent).entries()) {
          assert.strictEqual(line, `PUT ${link(index + 1).url}`)
          assert.deepStrictEqual(body, [...twelve.subarray(index * 5, index * 5 + 5)])
          assert.deepStrictEqual(
            Object.keys(headers).toSorted(),
            ["content-length", "content-type", "x-store-token"].filter((name) => name in headers)
          )
          assert.deepStrictEqual(
            [headers["content-type"], headers["x-store-token"]],
            ["application/x-chunk", "t0ken-of-the-store"]
          )
        }
        const others = sent.filter(({ line }) => !line.startsWith("PUT"))
        assert.deepStrictEqual(others[0]?.body, { filename: "kite.mp4", type: "video", total_size: 12 })
        assert.deepStrictEqual(others[1]?.body, { start: 2, count: 2 })
        assert.deepStrictEqual(others[2]?.body, {
          completed_chunks: [
            { chunk_index: 1, proof: "5", proof_type: "etag", chunk_size: 5 },
            { chunk_index: 2, proof: "5", proof_type: "etag", chunk_size: 5 },
            { chunk_index: 3, proof: "2", proof_type: "etag", chunk_size: 2 }
          ]
        })
      })
  )

  it.effect("sends nothing when the sizes cannot be right", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [fields: object, stage: string, issue: RegExp]> = [
        [{ chunk_size: 0 }, "schema", /0 is no size/],
        [{ chunk_size: -5 }, "schema", /-5 is no size/],
        [{ chunk_size: 2.5 }, "schema", /2\.5 is no size/],
        [{ total_chunks: 2 }, "schema", /3 chunks, and not 2/],
        [{ total_chunks: 4 }, "schema", /3 chunks, and not 4/],
        [{ chunk_size: 5e-6 }, "schema", /is no size/],
        [{ chunk_size: 2 ** 60 }, "schema", /is no size/]
      ]
      for (const [fields, stage, issue] of wrong) {
        const { result, sent } = yield* against(
          {
            "POST /assets/multipart-uploads": (asked) => {
              const { json } = good["POST /assets/multipart-uploads"]!(asked)
              return { json: { ...(json as object), ...fields } }
            }
          },
          upload()
        )
        const cause = uploadError(result).cause as StreamError.ParseError
        assert.deepStrictEqual([cause._tag, cause.stage], ["ParseError", stage])
        assert.match(cause.issue, issue)
        assert.lengthOf(puts(sent), 0)
      }
    })
  )

  it.effect("holds no larger chunk in memory than it may, and plans no more of them than there can be", () =>
    Effect.gen(function* () {
      const large = yield* against({}, upload({ parts: { maxPartSize: 4 } }))
      assert.strictEqual((uploadError(large.result).cause as StreamError.ParseError).stage, "limit")
      assert.lengthOf(puts(large.sent), 0)
      const many = yield* against({}, ({ multipartUploads }) =>
        multipartUploads.upload({ name: "kite.mp4", size: 10_000_000_000, read: () => Effect.die("nothing is read") })
      )
      assert.match((uploadError(many.result).cause as StreamError.ParseError).issue, /2000000000 of them/)
      assert.lengthOf(puts(many.sent), 0)
    })
  )

  it.effect("takes what is null or missing for not said", () =>
    Effect.gen(function* () {
      for (const nothing of [null, undefined]) {
        const { result, sent } = yield* against(
          {
            "POST /assets/multipart-uploads": () => ({
              json: {
                upload_id: "up_1",
                asset_id: "a",
                chunk_size: 5,
                upload_urls: nothing,
                upload_headers: nothing,
                total_chunks: nothing,
                expires_at: nothing
              }
            }),
            "POST /assets/multipart-uploads/up_1": () => ({
              json: { url: nothing, asset_id: nothing, processed_chunks: nothing, total_completed: 3 }
            })
          },
          upload()
        )
        assert.strictEqual(result._tag, "Success")
        assert.lengthOf(puts(sent), 3)
        assert.strictEqual(puts(sent)[0]?.headers["content-type"], "application/octet-stream")
      }
    })
  )

  it.effect("asks again for links that did not come, and fails when there is none to be had", () =>
    Effect.gen(function* () {
      const presign = "POST /assets/multipart-uploads/up_1/presigned-urls"
      // One at a time, whatever was asked for, among others that nobody can use.
      const one = yield* against(
        {
          [presign]: ({ body: { start } }) => ({
            json: { upload_urls: [{ chunk_index: start }, { url: "https://a.example" }, link(99), link(start)] }
          })
        },
        upload({ parts: { concurrency: 1 } })
      )
      assert.strictEqual(one.result._tag, "Success")
      assert.deepStrictEqual(
        one.sent.filter(({ line }) => line === presign).map(({ body }) => body),
        [
          { start: 2, count: 2 },
          { start: 3, count: 1 }
        ]
      )
      const none = yield* against({ [presign]: () => ({ json: { upload_urls: [link(1)] } }) }, upload())
      const error = uploadError(none.result)
      assert.match((error.cause as StreamError.ParseError).issue, /no link to chunk 2 came/)
    })
  )

  it.effect("sends to no link that leads to a private network, and no header that is not the vendor's to set", () =>
    Effect.gen(function* () {
      const wrong = [
        { upload_urls: [{ chunk_index: 1, url: `http://uploads.example.com/p?${signature}` }] },
        { upload_urls: [{ chunk_index: 1, url: `https://169.254.169.254/latest?${signature}` }] },
        { upload_headers: { Authorization: "Bearer t0ken-of-the-store" } },
        { upload_headers: { "X-Api-Key": "t0ken-of-the-store" } },
        { upload_headers: { "X-Fine": "t0ken-of-the-store\r\nHost: elsewhere" } }
      ]
      for (const fields of wrong) {
        const { result, sent } = yield* against(
          {
            "POST /assets/multipart-uploads": (asked) => {
              const { json } = good["POST /assets/multipart-uploads"]!(asked)
              return { json: { ...(json as object), ...fields } }
            }
          },
          upload({ parts: { concurrency: 1 } })
        )
        const cause = uploadError(result).cause as StreamError.TransportError
        assert.deepStrictEqual([cause._tag, cause.reason], ["TransportError", "InvalidRequest"])
        assert.lengthOf(puts(sent), 0)
      }
    })
  )

  it.effect("shows no word of a link when an answer with links is not what it should be", () =>
    Effect.gen(function* () {
      const created = JSON.stringify({ upload_urls: [link(1)], upload_id: "up_1", asset_id: "a", chunk_size: "five" })
      // As a careful server writes it, for pages in which it might end up.
      for (const text of [created, created.replaceAll("&", "\\u0026").replaceAll("/", "\\/"), created.slice(0, -1)]) {
        const { result } = yield* against({ "POST /assets/multipart-uploads": () => ({ text }) }, upload())
        assert.strictEqual(failure(result)._tag, "ParseError")
      }
      const text = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${signature} t0ken-of-the-store</StringToSign></Error>`
      const refused = yield* against({ PUT: () => ({ status: 403, text }) }, upload())
      assert.strictEqual((uploadError(refused.result).cause as StreamError.ApiError).code, "SignatureDoesNotMatch")
    })
  )

  it.effect("asks whether it is complete when no report says so, and waits for that", () =>
    Effect.gen(function* () {
      const vague = { "POST /assets/multipart-uploads/up_1": () => ({ json: {} }) }
      const at = (status: ReadonlyArray<string>) => ({
        ...vague,
        "GET /assets/multipart-uploads/up_1": (_: Asked, nth: number) => ({
          json: { status: status[nth] ?? status.at(-1) }
        })
      })
      const run = (status: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          // The time that it waits passes at once.
          const time = Effect.andThen(TestClock.adjust("500 millis"), TestClock.withLive(Effect.sleep("1 millis")))
          return (yield* Effect.raceFirst(against(at(status), upload()), Effect.forever(time))).result
        })
      assert.strictEqual((yield* run(["active", "a new word", "completed"]))._tag, "Success")
      const never = uploadError(yield* run(["active"]))
      assert.deepStrictEqual([never.step, never.cause._tag, never.isRetryable], ["completion", "NotReadyError", true])
      const failed = uploadError(yield* run(["failed"]))
      assert.deepStrictEqual(
        [failed.step, failed.cause._tag, failed.isRetryable],
        ["completion", "ProcessingError", false]
      )
      assert.include(failed.message, "begin again")
    })
  )

  it.effect("that goes on sends what has failed, is pending, or is in a state that nobody knows", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const page = (chunks: ReadonlyArray<object>) => ({
        status: "active",
        total_size: 12,
        uploaded_chunks: chunks,
        page_info: { page: 1, limit_per_page: 50, total_page: 1 }
      })
      for (const status of ["failed", "pending", "quarantined", null]) {
        const { result, sent } = yield* against(
          {
            "GET /assets/multipart-uploads/up_1": () => ({
              json: page([
                { index: 1, status: "completed", uploaded_at: "2026-11-21T00:00:00Z" },
                { index: 2, status, uploaded_at: null, error: "checksum" },
                { index: 3, status: "completed" },
                { index: null, status: "completed" },
                { index: 77, status: "completed" }
              ])
            }),
            "POST /assets/multipart-uploads/up_1": () => ({ json: { total_completed: 3 } })
          },
          ({ multipartUploads }) =>
            Effect.flatMap(source, (each) =>
              multipartUploads.resume(each, begun, {
                onProgress: ({ sentBytes }) => Effect.sync(() => seen.push(sentBytes))
              })
            )
        )
        assert.strictEqual(result._tag, "Success")
        assert.deepStrictEqual(
          puts(sent).map(({ body }) => body),
          [[...twelve.subarray(5, 10)]]
        )
        assert.deepStrictEqual(seen.splice(0), [7, 12])
      }
    })
  )

  it.effect("that goes on with a proof that the vendor refuses sends that chunk again the next time", () =>
    Effect.gen(function* () {
      const proofs = (asked: Asked): ReadonlyArray<{ readonly proof: string; readonly chunk_index: number }> =>
        asked.body.completed_chunks
      const answers = {
        "GET /assets/multipart-uploads/up_1": () => ({ json: { status: "active", uploaded_chunks: [] } }),
        "POST /assets/multipart-uploads/up_1": (asked: Asked): Answer =>
          proofs(asked).some(({ proof }) => proof.includes("forged"))
            ? { status: 400, json: { code: "parameter_invalid", message: "not the proof of this chunk" } }
            : { json: { total_completed: 3 } }
      }
      const resume = (checkpoint: UploadCheckpoint) =>
        against(answers, ({ multipartUploads }) =>
          Effect.flatMap(source, (each) => multipartUploads.resume(each, checkpoint))
        )
      const first = yield* resume({ ...begun, unreported: [{ number: 1, etag: '"forged"' }] })
      const { checkpoint } = uploadError(first.result)
      assert.isFalse(checkpoint.unreported.some(({ number }) => number === 1))
      const second = yield* resume(checkpoint)
      assert.strictEqual(second.result._tag, "Success")
      assert.isTrue(puts(second.sent).some(({ line }) => line.includes("/p1?")))
    })
  )

  it.effect("shows nothing of what the store wants where the answer that begins it cannot be read", () =>
    Effect.gen(function* () {
      const { result } = yield* against(
        {
          "POST /assets/multipart-uploads": () => ({
            status: 201,
            json: { upload_id: 7, upload_headers: { "X-Store-Token": "t0ken-of-the-store" }, upload_urls: [link(1)] }
          })
        },
        upload()
      )
      assert.strictEqual(failure(result)._tag, "ParseError")
    })
  )

  it.effect("that goes on tells of what the store has first, and asks for the links of what is missing only", () =>
    Effect.gen(function* () {
      const file = yield* FileSource.fromBytes(bytesOf(1000), { name: "kite.mp4" })
      const has = new Set([1, 2, 5, 120])
      const { result, sent } = yield* against(
        {
          "GET /assets/multipart-uploads/up_1": () => ({
            json: { status: "active", uploaded_chunks: [...has].map((index) => ({ index, status: "completed" })) }
          }),
          "POST /assets/multipart-uploads/up_1": (_, nth) => ({ json: { total_completed: nth === 0 ? 50 : 200 } })
        },
        ({ multipartUploads }) =>
          multipartUploads.resume(file, {
            ...begun,
            sizeBytes: 1000,
            // 5 is known already, and 999 is no chunk.
            unreported: [3, 5, 999].map((number) => ({ number, etag: '"old"' }))
          })
      )
      assert.strictEqual(result._tag, "Success")
      assert.lengthOf(puts(sent), 195)
      assert.deepStrictEqual(
        sent.filter(({ line }) => line.endsWith("/presigned-urls")).map(({ body }) => [body.start, body.count]),
        [
          [4, 1],
          [6, 50],
          [56, 50],
          [106, 14],
          [121, 50],
          [171, 30]
        ]
      )
      const reported = sent
        .filter(({ line }) => line === "POST /assets/multipart-uploads/up_1")
        .flatMap(({ body }) => body.completed_chunks as ReadonlyArray<{ chunk_index: number; proof: string }>)
      assert.deepStrictEqual([reported[0]?.chunk_index, reported[0]?.proof], [3, "old"])
      assert.lengthOf(new Set(reported.map(({ chunk_index }) => chunk_index)), 196)
      assert.lengthOf(reported, 196)
    })
  )

  it.live("keeps its checkpoint small: it does not have what the vendor was told of", () =>
    Effect.gen(function* () {
      const file = yield* FileSource.fromBytes(bytesOf(300), { name: "kite.mp4" })
      const sizes: Array<number> = []
      const { result, sent } = yield* against(
        {
          "POST /assets/multipart-uploads": (asked) => {
            const { json } = good["POST /assets/multipart-uploads"]!(asked)
            return { json: { ...(json as object), total_chunks: 60 } }
          },
          "POST /assets/multipart-uploads/up_1": (_, nth) => ({ json: { total_completed: nth < 2 ? 1 : 60 } })
        },
        ({ multipartUploads }) =>
          multipartUploads.upload(file, {
            parts: { concurrency: 1 },
            onProgress: ({ checkpoint }) => {
              sizes.push(checkpoint?.unreported.length ?? 0)
              // Reports go their own way: they get the time to come to their end.
              return sizes.length % 25 === 1 ? Effect.sleep("100 millis") : Effect.void
            }
          })
      )
      assert.strictEqual(result._tag, "Success")
      assert.lengthOf(puts(sent), 60)
      assert.strictEqual(Math.max(...sizes), 25)
      assert.deepStrictEqual([sizes[0], sizes[25], sizes[26], sizes[51]], [0, 25, 1, 1])
    })
  )

  it.effect("stops when a report is refused for another reason than its quotes", () =>
    Effect.gen(function* () {
      const reports = "POST /assets/multipart-uploads/up_1"
      const refuse = (status: number) => () => ({ status, json: { code: "nope", message: "no" } })
      const wrong = yield* against({ [reports]: refuse(400) }, upload())
      assert.strictEqual((uploadError(wrong.result).cause as StreamError.ApiError).status, 400)
      // Without the quotes, and once with them.
      assert.lengthOf(
        wrong.sent.filter(({ line }) => line === reports),
        2
      )
      const forbidden = yield* against({ [reports]: refuse(403) }, upload())
      assert.strictEqual((uploadError(forbidden.result).cause as StreamError.ApiError).status, 403)
      assert.lengthOf(
        forbidden.sent.filter(({ line }) => line === reports),
        1
      )
    })
  )
})
