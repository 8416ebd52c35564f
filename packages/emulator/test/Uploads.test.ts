import { assert, describe, it, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect, Exit, Scope } from "effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { call, data, formOf, type Json, read, refusal, until, uploaded, wait } from "./Api.ts"
import { bare, codeOf, complete, landed, md5, put, start } from "./Parts.ts"
import { send } from "./Wire.ts"

layer(Emulator.layer())("small uploads", (it) => {
  it.effect("arrive byte for byte, whatever the file is called", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const bytes = new Uint8Array(Crypto.randomBytes(300_000))
      const form = formOf("../../价格 final.CSV", bytes, "text/csv")
      const { file_object_key } = yield* data(emulator, "POST /file/upload-datasource", form)
      assert.match(file_object_key, /^uploads\/[a-z0-9]+\.csv$/)
      const { body, headers } = yield* landed(emulator, file_object_key)
      assert.isTrue(body.equals(bytes))
      assert.strictEqual(headers.get("content-type"), "text/csv")
      assert.strictEqual(headers.get("etag"), `"${md5(bytes)}"`)
      const request = (yield* emulator.requests).find(({ path }) => path.endsWith("/upload-datasource"))
      assert.strictEqual(request?.body, "")
      assert.isAbove(request?.bytesReceived ?? 0, bytes.length)
    })
  )

  it.effect("are refused when they are empty, are no form, or lack something", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const line = "POST /file/upload-datasource"
      assert.deepStrictEqual(yield* refusal(emulator, line, formOf("a.csv", "")), [200, 300005])
      assert.deepStrictEqual(yield* refusal(emulator, line, formOf("a.csv", "a"), { user: null }), [400, 300001])
      assert.deepStrictEqual(yield* refusal(emulator, line, new FormData()), [400, 300001])
      assert.deepStrictEqual(yield* refusal(emulator, line, { file: "a,b" }), [415, 300001])
      const broken = yield* send({
        url: `${emulator.powerdrill.url()}/v2/team/file/upload-datasource`,
        headers: {
          "x-pd-api-key": String((yield* emulator.requests)[0]?.headers["x-pd-api-key"]),
          "content-type": "multipart/form-data; boundary=x"
        },
        body: "--x\r\nno form"
      })
      assert.deepStrictEqual([broken.status, JSON.parse(broken.text).code], [400, 300001])
    })
  )

  it.effect("are refused after their last byte, so that no client loses the answer", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const form = () => formOf("a.csv", new Uint8Array(3_000_000))
      const line = "POST /file/upload-datasource"
      const late = [
        yield* call(emulator, line, form(), { key: "wrong" }),
        yield* call(emulator, line, form(), { play: { fault: "unavailable" } }),
        yield* call(emulator, line, form(), { user: null })
      ]
      assert.deepStrictEqual(
        late.map(({ json, status }) => [status, json.code]),
        [
          [403, 1004],
          [503, 9999],
          [400, 300001]
        ]
      )
      for (const request of (yield* emulator.requests).slice(-3)) assert.isAbove(request.bytesReceived, 3_000_000)
    })
  )
})

layer(Emulator.layer({ powerdrill: { partSize: 100_000 } }))("uploads in parts", (it) => {
  it.effect("land byte for byte, whatever the order of their parts", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const file = Crypto.randomBytes(250_000)
      const upload = yield* start(emulator, file.length)
      assert.deepStrictEqual(Object.keys(upload).toSorted(), ["file_object_key", "part_items", "upload_id"])
      assert.deepStrictEqual(
        upload.part_items.map(({ number, size, ...rest }: Json) => [number, size, Object.keys(rest)]),
        [
          [1, 100_000, ["upload_url"]],
          [2, 100_000, ["upload_url"]],
          [3, 50_000, ["upload_url"]]
        ]
      )
      const etags: Array<Json> = []
      for (const part of upload.part_items.toReversed()) {
        const { headers, status } = yield* put(part, file, 100_000)
        assert.strictEqual(status, 200)
        assert.strictEqual(
          headers.get("etag"),
          `"${md5(file.subarray((part.number - 1) * 100_000, part.number * 100_000))}"`
        )
        etags.unshift({ number: part.number, etag: bare(headers.get("etag")) })
      }
      const { file_object_key } = yield* data(emulator, ...complete(upload, etags))
      assert.strictEqual(file_object_key, upload.file_object_key)
      const whole = yield* landed(emulator, file_object_key)
      assert.isTrue(whole.body.equals(file))
      assert.match(String(whole.headers.get("etag")), /^"[0-9a-f]{32}-3"$/)
      for (const from of [0, 99_999, 100_000, 249_999]) {
        const rest = yield* read(whole.url, { headers: { range: `bytes=${from}-` } })
        assert.strictEqual(rest.status, 206)
        assert.strictEqual(rest.headers.get("content-range"), `bytes ${from}-249999/250000`)
        assert.isTrue(rest.body.equals(file.subarray(from)), `from ${from}`)
      }
      assert.strictEqual((yield* read(whole.url, { headers: { range: "bytes=250000-" } })).status, 416)
      const puts = (yield* emulator.requests).filter(({ method }) => method === "PUT")
      assert.deepStrictEqual(
        puts.map(({ body, bytesReceived, service }) => [service, body, bytesReceived]),
        [
          ["store", "", 50_000],
          ["store", "", 100_000],
          ["store", "", 100_000]
        ]
      )
    })
  )

  it.effect("are completed with all parts in ascending order, and the store's own etags without quotes", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const file = Crypto.randomBytes(200_001)
      const upload = yield* start(emulator, file.length)
      const etags: Array<Json> = []
      const refused = (parts: ReadonlyArray<unknown>, change: Record<string, unknown> = {}) => {
        const [line, body] = complete({ ...upload, ...change }, parts)
        return refusal(emulator, line, body)
      }
      for (const part of upload.part_items) {
        assert.deepStrictEqual(yield* refused([...etags, { number: part.number, etag: "x" }]), [400, 300001])
        const { headers } = yield* put(part, file, 100_000)
        etags.push({ number: part.number, etag: bare(headers.get("etag")) })
      }
      const [one, two, three] = etags
      for (const parts of [
        [],
        [one, two],
        [one, three, two],
        [one, two, two, three],
        [one, two, three, { number: 4, etag: three.etag }],
        [one, two, { ...three, etag: two.etag }],
        [one, two, { ...three, etag: `"${three.etag}"` }],
        etags.map(({ etag, number }) => ({ part_number: number, etag })),
        etags.map(({ number }) => ({ number }))
      ]) {
        assert.deepStrictEqual(yield* refused(parts), [400, 300001], JSON.stringify(parts))
      }
      assert.deepStrictEqual(yield* refused(etags, { upload_id: "upload-none" }), [200, 300003])
      assert.deepStrictEqual(yield* refused(etags, { file_object_key: "uploads/other.csv" }), [200, 300003])
      const source = { name: "sales.csv", type: "FILE", file_object_key: upload.file_object_key }
      assert.deepStrictEqual(yield* refusal(emulator, "POST /datasources", source), [200, 300003])
      yield* data(emulator, ...complete(upload, etags))
      // The answer may have been lost: completing once more is answered the same, taking parts is over.
      assert.deepStrictEqual(yield* data(emulator, ...complete(upload, etags)), {
        file_object_key: upload.file_object_key
      })
      const late = yield* put(upload.part_items[0], file, 100_000)
      assert.deepStrictEqual([late.status, codeOf(late.body)], [404, "NoSuchUpload"])
    })
  )

  it.effect("take the last of several bodies for the same part", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const upload = yield* start(emulator, 3)
      const [part] = upload.part_items
      const first = yield* put(part, Buffer.from("one"), 3)
      const second = yield* put(part, Buffer.from("two"), 3)
      const old = complete(upload, [{ number: 1, etag: bare(first.headers.get("etag")) }])
      assert.deepStrictEqual(yield* refusal(emulator, ...old), [400, 300001])
      yield* data(emulator, ...complete(upload, [{ number: 1, etag: bare(second.headers.get("etag")) }]))
      assert.strictEqual((yield* landed(emulator, upload.file_object_key)).body.toString(), "two")
    })
  )

  it.effect("are not begun for nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const line = "POST /file/init-multipart-upload"
      assert.deepStrictEqual(yield* refusal(emulator, line, { file_name: "a.csv", file_size: 0 }), [200, 300005])
      for (const body of [
        { file_name: "a.csv", file_size: -1 },
        { file_name: "a.csv", file_size: 1.5 },
        { file_name: "a.csv", file_size: 100_000 * 10_000 + 1 },
        { file_name: "", file_size: 1 },
        { file_name: "a.csv" }
      ]) {
        assert.deepStrictEqual(yield* refusal(emulator, line, body), [400, 300001], JSON.stringify(body))
      }
    })
  )

  it.effect("have links that grant one part, to write, until they expire", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const file = Crypto.randomBytes(200_000)
      const { part_items } = yield* start(emulator, file.length)
      const [one, two] = part_items
      const link = new URL(one.upload_url)
      assert.strictEqual(link.searchParams.get("X-Amz-Expires"), "86400")
      assert.strictEqual(codeOf((yield* read(one.upload_url)).body), "SignatureDoesNotMatch")
      const swapped = `${link.origin}${new URL(two.upload_url).pathname}${link.search}`
      const forged = yield* put({ number: 2, upload_url: swapped }, file, 100_000)
      assert.deepStrictEqual([forged.status, codeOf(forged.body)], [403, "SignatureDoesNotMatch"])
      const unsigned = yield* put({ number: 1, upload_url: `${link.origin}${link.pathname}` }, file, 100_000)
      assert.deepStrictEqual([unsigned.status, codeOf(unsigned.body)], [403, "AccessDenied"])
      const dead = yield* start(emulator, file.length, { ttl: 0 })
      const expired = yield* put(dead.part_items[0], file, 100_000)
      assert.strictEqual(expired.status, 403)
      assert.include(expired.body.toString(), "Request has expired")
      const brief = yield* start(emulator, file.length, { ttl: 1 })
      assert.strictEqual((yield* put(brief.part_items[0], file, 100_000)).status, 200)
      yield* wait(1020)
      assert.strictEqual((yield* put(brief.part_items[1], file, 100_000)).status, 403)
    })
  )

  it.effect("want the exact length of a part beforehand, as S3 does", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { part_items } = yield* start(emulator, 10)
      const url = part_items[0].upload_url
      const chunked = yield* send({
        url,
        method: "PUT",
        headers: { "transfer-encoding": "chunked" },
        body: "0123456789"
      })
      assert.deepStrictEqual([chunked.status, codeOf(chunked.text)], [411, "MissingContentLength"])
      for (const [body, code] of [
        ["0123456789a", "EntityTooLarge"],
        ["012345678", "EntityTooSmall"]
      ] as const) {
        const refused = yield* read(url, { method: "PUT", body })
        assert.deepStrictEqual([refused.status, codeOf(refused.body)], [400, code])
      }
    })
  )
})

describe("the disk", () => {
  it.effect("has files of any size, which are not in memory, and nothing when the emulator is gone", () =>
    Effect.gen(function* () {
      // The directory for temporary files is this test's alone.
      const before = process.env["TMPDIR"]
      const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "emulator-test-"))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (before === undefined) delete process.env["TMPDIR"]
          else process.env["TMPDIR"] = before
          Fs.rmSync(directory, { recursive: true })
        })
      )
      process.env["TMPDIR"] = directory
      const left = () => Fs.readdirSync(directory, { recursive: true })

      const scope = yield* Scope.make()
      const emulator = yield* Emulator.make().pipe(Scope.provide(scope))
      const part = Crypto.randomBytes(5 * 1024 * 1024)
      const size = 40 * part.length
      const upload = yield* start(emulator, size)
      const memory = process.memoryUsage().rss
      const etags: Array<Json> = []
      for (const { number, upload_url } of upload.part_items) {
        const { headers } = yield* read(upload_url, { method: "PUT", body: new Uint8Array(part) })
        etags.push({ number, etag: bare(headers.get("etag")) })
      }
      yield* data(emulator, ...complete(upload, etags))
      const source = { name: "sales.csv", type: "FILE", file_object_key: upload.file_object_key }
      const { dataset_id, id } = yield* data(emulator, "POST /datasources", source)
      const { presigned_url } = yield* data(emulator, `POST /datasets/${dataset_id}/datasources/${id}/presign`)
      const received = Crypto.createHash("md5")
      yield* Effect.promise(async () => {
        for await (const bytes of (await fetch(presigned_url)).body ?? []) received.update(bytes)
      })
      const expected = Crypto.createHash("md5")
      for (const _ of etags) expected.update(part)
      assert.strictEqual(received.digest("hex"), expected.digest("hex"))
      // The test's own client is in there too.
      assert.isBelow(process.memoryUsage().rss - memory, size * 0.7)
      assert.isAtLeast(left().length, 40)

      // What was begun and given up leaves nothing, and neither does a form.
      const abandoned = yield* start(emulator, 1_000_000)
      const pieces = left().length
      yield* send({
        url: abandoned.part_items[0].upload_url,
        method: "PUT",
        headers: { "content-length": "1000000" },
        body: Buffer.alloc(400_000),
        stopAfter: 200
      })
      yield* until(emulator.openConnections, (open) => open === 0)
      yield* until(
        Effect.sync(() => left().length),
        (count) => count === pieces
      )
      yield* uploaded(emulator, "small")
      yield* until(
        Effect.sync(() => left().length),
        (count) => count === pieces + 1
      )

      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(left(), [])
    })
  )

  it.effect("is full where the option says so, until something is deleted", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ powerdrill: { storageLimit: 100 } })
      const first = yield* uploaded(emulator, "x".repeat(60))
      const line = "POST /file/upload-datasource"
      assert.deepStrictEqual(yield* refusal(emulator, line, formOf("a.csv", "x".repeat(41))), [200, 300006])
      const begin = { file_name: "a.csv", file_size: 40 }
      yield* data(emulator, "POST /file/init-multipart-upload", begin)
      assert.deepStrictEqual(
        yield* refusal(emulator, "POST /file/init-multipart-upload", { ...begin, file_size: 1 }),
        [200, 300006]
      )
      const body = { name: "sales.csv", type: "FILE", file_object_key: first }
      const source = yield* data(emulator, "POST /datasources", body)
      yield* data(emulator, `DELETE /datasets/${source.dataset_id}`)
      yield* uploaded(emulator, "x".repeat(60))
    })
  )
})
