/** Files in chunks: chunks that fail, links that expire, uploads that stop and go on, and what of it is in memory. */
import { FileSource, RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { NodeServices } from "@effect/platform-node"
import { assert, describe } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber, FileSystem, Path, Redacted, Result, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { type ProcessingError, TwelveLabs, type Upload, UploadCheckpoint, UploadError, UploadId } from "../src/index.ts"
import { asked, bytesOf, file, hash, landed, puts } from "./Files.ts"
import { client, live, type LiveOptions } from "./Live.ts"

const chunkSize = 65_536
const small: LiveOptions = { emulator: { twelvelabs: { chunkSize, proofs: "bare" } } }

/** Sends what fails again at once. */
const eager = RetryPolicy.make({ retries: RetryPolicy.isTransient, times: 20, base: "1 millis" })
const eagerly: Upload.UploadOptions = { parts: { retry: eager } }

const kite = (chunks: number) => file("kite.mp4", chunks * chunkSize)
const kiteHash = (chunks: number) => hash(bytesOf(chunks * chunkSize))

/** How often each chunk was taken by the store. */
const taken = Effect.map(puts, (all) => all.filter(({ status }) => status === 200).map(({ path }) => path))

/** A clock that is wrong by some milliseconds. */
const clockThatIs = (wrongBy: () => number) =>
  Effect.map(Clock.Clock, (clock): Clock.Clock =>
    Object.assign(Object.create(clock), {
      currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe() + wrongBy())
    })
  )

const uploadErrorOf = (error: { readonly _tag: string }): UploadError => {
  assert.strictEqual(error._tag, "UploadError")
  return error as UploadError
}

describe("multipartUploads", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `can be done step by step, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { assets, multipartUploads } = yield* TwelveLabs
          const started = yield* multipartUploads.create({
            filename: "Kite.mp4",
            type: "video",
            sizeBytes: 2 * chunkSize + 1,
            thumbnail: true,
            userMetadata: { take: 1, good: true }
          })
          assert.deepStrictEqual([started.chunkSizeBytes, started.totalChunks], [chunkSize, 3])
          assert.deepStrictEqual(
            started.links?.map(({ number }) => number),
            [1, 2]
          )
          assert.deepStrictEqual(Object.keys(started.headers ?? {}), ["Content-Type"])
          assert.isDefined(started.expiresAt)

          const [third] = yield* multipartUploads.presign(started.uploadId, { start: 3, count: 50 })
          assert.deepStrictEqual([third?.number, Redacted.isRedacted(third?.url)], [3, true])
          assert.isDefined(third?.expiresAt)

          const [session] = yield* Stream.runCollect(multipartUploads.list())
          assert.deepStrictEqual(
            [session?.uploadId, session?.status, session?.sizeBytes, session?.chunkSizeBytes, session?.totalChunks],
            [started.uploadId, "active", 2 * chunkSize + 1, chunkSize, 3]
          )

          const bytes = bytesOf(2 * chunkSize + 1)
          const etags: Array<string> = []
          for (const { number, url } of [...started.links!, third!]) {
            const body = bytes.slice((number! - 1) * chunkSize, number! * chunkSize)
            const response = yield* Effect.promise(() =>
              fetch(Redacted.value(url!), {
                method: "PUT",
                body,
                headers: { "content-type": "application/octet-stream" }
              })
            )
            etags.push(response.headers.get("etag")?.replaceAll('"', "") ?? "")
          }
          const reported = etags.map((etag, index) => ({
            number: index + 1,
            etag,
            sizeBytes: index === 2 ? 1 : chunkSize
          }))
          const first = yield* multipartUploads.report(started.uploadId, reported.slice(0, 2))
          assert.deepStrictEqual(
            [first.url, first.assetId, first.processedChunks, first.duplicateChunks, first.totalCompleted],
            [undefined, started.assetId, 2, 0, 2]
          )
          const half = yield* multipartUploads.get(started.uploadId, { pageSize: 2, pageNumber: 2 })
          assert.deepStrictEqual(
            [
              half.status,
              half.chunksCompleted,
              half.chunksFailed,
              half.chunksPending,
              half.sizeBytes,
              half.uploadedBytes
            ],
            ["active", 2, 0, 1, 2 * chunkSize + 1, 2 * chunkSize]
          )
          assert.deepStrictEqual(
            half.chunks?.map(({ number, status, uploadedAt }) => [number, status, uploadedAt]),
            [[3, "pending", undefined]]
          )
          const all = yield* Stream.runCollect(multipartUploads.chunks(started.uploadId, { pageSize: 1 }))
          assert.deepStrictEqual(
            all.map(({ number, status }) => [number, status]),
            [
              [1, "completed"],
              [2, "completed"],
              [3, "pending"]
            ]
          )
          const last = yield* multipartUploads.report(started.uploadId, reported.slice(1))
          assert.deepStrictEqual([last.processedChunks, last.duplicateChunks, last.totalCompleted], [1, 1, 3])
          assert.strictEqual(yield* landed(last.url), hash(bytes))
          assert.strictEqual((yield* multipartUploads.get(started.uploadId)).status, "completed")
          assert.lengthOf(yield* Stream.runCollect(multipartUploads.list()), 0)
          const asset = yield* assets.get(started.assetId)
          assert.deepStrictEqual([asset.filename, asset.userMetadata], ["Kite.mp4", { take: 1, good: true }])
        }),
      { ...small, http }
    )

    live(
      `send a file in the vendor's chunks, the last one shorter, and without its key, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { multipartUploads } = yield* TwelveLabs
          const { twelvelabs } = yield* Emulator
          const size = 20 * chunkSize + 17
          const seen: Array<number> = []
          const { assetId, uploadId, url } = yield* multipartUploads.upload(yield* file("kite.mp4", size), {
            onProgress: ({ bytes, parts, sentBytes }) => {
              assert.deepStrictEqual([bytes, parts], [size, 21])
              return Effect.sync(() => seen.push(sentBytes))
            }
          })
          // Two links came with the first answer; the 19 others were asked for in one go, and all of it was told in one report.
          assert.deepStrictEqual(yield* asked, [
            "POST /assets/multipart-uploads",
            "POST /assets/multipart-uploads/ID/presigned-urls",
            "POST /assets/multipart-uploads/ID"
          ])
          assert.strictEqual(yield* landed(url), hash(bytesOf(size)))
          assert.isNotEmpty(assetId)
          assert.strictEqual((yield* multipartUploads.get(uploadId)).status, "completed")
          assert.deepStrictEqual([seen[0], seen.at(-1), seen.length], [0, size, 22])
          assert.deepStrictEqual(
            seen,
            seen.toSorted((a, b) => a - b)
          )
          const sent = yield* puts
          assert.lengthOf(sent, 21)
          for (const { headers } of sent) {
            assert.notInclude(JSON.stringify(headers), Redacted.value(twelvelabs.apiKey))
            for (const name of Object.keys(headers))
              assert.notMatch(name, /^x-api|cookie|authorization|traceparent|^b3/)
          }
        }),
      { ...small, http }
    )
  }

  live(
    "take a path, a Blob and a stream just as well",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const disk = yield* FileSystem.FileSystem
        const { join } = yield* Path.Path
        const bytes = bytesOf(300_000, 7)
        const path = join(yield* disk.makeTempDirectoryScoped(), "kite.mp4")
        yield* disk.writeFile(path, bytes)
        const sources = [
          yield* FileSource.fromPath(path),
          yield* FileSource.fromBlob(new File([new Uint8Array(bytes)], "kite.mp4")),
          yield* FileSource.fromStream(Stream.fromIterable([bytes.subarray(0, 77), bytes.subarray(77)]), {
            name: "kite.mp4"
          })
        ]
        for (const source of sources) {
          assert.strictEqual(yield* landed((yield* multipartUploads.upload(source)).url), hash(bytes))
        }
      }).pipe(Effect.provide(NodeServices.layer)),
    small
  )

  live(
    "send chunks that fail at random again, each with a fresh link, and none that arrived",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { url } = yield* multipartUploads.upload(yield* kite(40), eagerly)
        assert.strictEqual(yield* landed(url), kiteHash(40))
        const sent = yield* puts
        assert.isAbove(sent.length, 40)
        assert.lengthOf(new Set(yield* taken), 40)
        assert.lengthOf(yield* taken, 40)
        assert.lengthOf(new Set(sent.map(({ query }) => query)), sent.length)
        assert.notInclude(
          sent.map(({ status }) => status),
          403
        )
      }),
    { ...small, play: { store: "server-error", chance: 30 } }
  )

  live(
    "ask for a fresh link after a 403, which need not say why",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { url } = yield* multipartUploads.upload(yield* kite(3))
        assert.strictEqual(yield* landed(url), kiteHash(3))
        assert.deepStrictEqual((yield* puts).map(({ status }) => status).toSorted(), [200, 200, 200, 403, 403, 403])
      }),
    { ...small, play: { store: "forbidden", times: 1 } }
  )

  live(
    "send a chunk again with a fresh link when the answer was lost, though it had arrived",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { url } = yield* multipartUploads.upload(yield* kite(3), eagerly)
        assert.strictEqual(yield* landed(url), kiteHash(3))
        assert.lengthOf(yield* puts, 6)
      }),
    { ...small, play: { store: "reset-before-headers", times: 1 } }
  )

  live(
    "use no link that has expired by the clock",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        // Two minutes are left: links are young for a while, and then they are not.
        let slow = 0
        const late = yield* clockThatIs(() => slow)
        const { url } = yield* multipartUploads
          .upload(yield* kite(8), {
            parts: { concurrency: 1 },
            onProgress: ({ sentParts }) => Effect.sync(() => (slow = sentParts >= 4 ? 100_000 : 0))
          })
          .pipe(Effect.provideService(Clock.Clock, late))
        assert.strictEqual(yield* landed(url), kiteHash(8))
        assert.lengthOf(yield* puts, 8)
        // The six that did not come at once, and from the fifth on each by itself, since by this clock all are about to expire.
        assert.lengthOf(
          (yield* asked).filter((request) => request.endsWith("/presigned-urls")),
          5
        )
      }),
    { ...small, play: { ttl: 120 } }
  )

  live(
    "ask for a fresh link when the store says that one has expired",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        // So that links seem young.
        const early = yield* clockThatIs(() => -3_600_000)
        const { url } = yield* multipartUploads
          .upload(yield* kite(2), {
            onProgress: ({ sentParts }) => (sentParts === 0 ? Effect.sleep("3.1 seconds") : Effect.void)
          })
          .pipe(Effect.provideService(Clock.Clock, early))
        assert.strictEqual(yield* landed(url), kiteHash(2))
        assert.deepStrictEqual((yield* puts).map(({ status }) => status).toSorted(), [200, 200, 403, 403])
      }),
    { ...small, play: { ttl: 3 } }
  )

  live(
    "give up when the fresh link has expired too",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        // So that links seem young.
        const early = yield* clockThatIs(() => -3_600_000)
        const error = uploadErrorOf(
          yield* multipartUploads
            .upload(yield* kite(1), eagerly)
            .pipe(Effect.provideService(Clock.Clock, early), Effect.flip)
        )
        assert.deepStrictEqual([error.step, error.cause._tag], ["chunks", "ExpiredArtifactError"])
        assert.deepStrictEqual(
          (yield* puts).map(({ status }) => status),
          [403, 403]
        )
        assert.include(yield* asked, "POST /assets/multipart-uploads/ID/presigned-urls")
      }),
    { ...small, play: { ttl: 0 } }
  )

  live(
    "stop with a checkpoint when a chunk cannot be sent, and go on from it in another process",
    () =>
      Effect.gen(function* () {
        const error = uploadErrorOf(
          yield* TwelveLabs.use(({ multipartUploads }) =>
            Effect.flatMap(kite(10), (source) =>
              multipartUploads.upload(source, { parts: { retry: RetryPolicy.none, concurrency: 1 } })
            )
          ).pipe(Effect.provide(client({ play: { store: "server-error", chance: 30, id: "stops" } })), Effect.flip)
        )
        assert.strictEqual(error.step, "chunks")
        assert.isAbove(error.sentChunks, 0)
        assert.include(error.message, `${error.sentChunks} of 10 chunks sent`)
        assert.strictEqual((error.cause as StreamError.ApiError).status, 500)
        assert.lengthOf(error.checkpoint.unreported, error.sentChunks)
        assert.notMatch(JSON.stringify(error) + error.message, /X-Amz-Signature|emulator-secret/)

        // As it would be kept in a file.
        const kept = JSON.stringify(yield* Schema.encodeEffect(UploadCheckpoint)(error.checkpoint))
        assert.notInclude(kept, "http")
        const checkpoint = yield* Schema.decodeEffect(Schema.fromJsonString(UploadCheckpoint))(kept)
        const { multipartUploads } = yield* TwelveLabs
        const seen: Array<number> = []
        const { assetId, url } = yield* multipartUploads.resume(yield* kite(10), checkpoint, {
          onProgress: ({ sentParts }) => Effect.sync(() => seen.push(sentParts))
        })
        assert.strictEqual(seen[0], error.sentChunks)
        assert.strictEqual(assetId, error.checkpoint.assetId)
        assert.strictEqual(yield* landed(url), kiteHash(10))
        assert.lengthOf(yield* taken, 10)
        assert.lengthOf(new Set(yield* taken), 10)
        // The token was sent with each chunk, also after the checkpoint.
        for (const { headers } of yield* puts) assert.strictEqual(headers["x-store-token"], "emulator-secret")
      }),
    { emulator: { twelvelabs: { chunkSize, uploadHeaders: { "X-Store-Token": "emulator-secret" } } } }
  )

  live(
    "go on by their id alone, with what the vendor was not told of",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        // An unfinished one beside it, which it is not taken for.
        yield* multipartUploads.create({ filename: "other.mp4", type: "video", sizeBytes: 5 })
        let uploadId: UploadId | undefined
        const some = yield* Deferred.make<void>()
        // More than one report has, so that the vendor knows of some chunks, and not of the last ones.
        const upload = yield* multipartUploads
          .upload(yield* kite(60), {
            parts: { concurrency: 1 },
            onProgress: ({ checkpoint, sentParts }) => {
              uploadId = checkpoint?.uploadId
              return sentParts === 40 ? Effect.andThen(Deferred.succeed(some, undefined), Effect.never) : Effect.void
            }
          })
          .pipe(Effect.forkChild)
        yield* Deferred.await(some)
        yield* Fiber.interrupt(upload)
        const { chunksCompleted = 0 } = yield* multipartUploads.get(uploadId!)
        assert.isTrue(chunksCompleted >= 25 && chunksCompleted < 40)
        const seen: Array<number> = []
        const { url } = yield* multipartUploads.resume(yield* kite(60), uploadId!, {
          onProgress: ({ sentParts }) => Effect.sync(() => seen.push(sentParts))
        })
        assert.deepStrictEqual([seen[0], seen.at(-1)], [chunksCompleted, 60])
        assert.strictEqual(yield* landed(url), kiteHash(60))
        assert.lengthOf(yield* taken, 40 + 60 - chunksCompleted)
      }),
    small
  )

  live(
    "go on by their id alone with the headers that the store wants, when these are given",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { uploadId } = yield* multipartUploads.create({ filename: "k.mp4", type: "video", sizeBytes: chunkSize })
        const bare = uploadErrorOf(yield* Effect.flip(multipartUploads.resume(yield* kite(1), uploadId)))
        assert.strictEqual((bare.cause as StreamError.ApiError).code, "SignatureDoesNotMatch")
        const headers = { "X-Store-Token": "emulator-secret" }
        const { url } = yield* multipartUploads.resume(yield* kite(1), uploadId, { parts: { headers } })
        assert.strictEqual(yield* landed(url), kiteHash(1))
      }),
    { emulator: { twelvelabs: { chunkSize, uploadHeaders: { "X-Store-Token": "emulator-secret" } } } }
  )

  live(
    "that are complete send nothing when they are resumed",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        let checkpoint: UploadCheckpoint | undefined
        const done = yield* multipartUploads.upload(yield* kite(3), {
          onProgress: (progress) => Effect.sync(() => (checkpoint = progress.checkpoint))
        })
        const again = yield* multipartUploads.resume(yield* kite(3), checkpoint!)
        assert.strictEqual(again.assetId, done.assetId)
        assert.lengthOf(yield* puts, 3)
        // Nothing tells the asset of one that is known by its id alone.
        const error = yield* Effect.flip(multipartUploads.resume(yield* kite(3), done.uploadId))
        assert.strictEqual(error._tag, "ParseError")
      }),
    small
  )

  live(
    "stop all chunks when they are interrupted, and the last checkpoint goes on",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { awaitIdle } = yield* Emulator
        let checkpoint: UploadCheckpoint | undefined
        const some = yield* Deferred.make<void>()
        const upload = yield* multipartUploads
          .upload(yield* kite(12), {
            onProgress: (progress) => {
              checkpoint = progress.checkpoint
              return progress.sentParts === 3
                ? Effect.andThen(Deferred.succeed(some, undefined), Effect.never)
                : Effect.void
            }
          })
          .pipe(Effect.forkChild)
        yield* Deferred.await(some)
        yield* Fiber.interrupt(upload)
        yield* Effect.timeout(awaitIdle, "2 seconds")
        assert.isBelow((yield* puts).length, 12)
        const { url } = yield* multipartUploads.resume(yield* kite(12), checkpoint!)
        assert.strictEqual(yield* landed(url), kiteHash(12))
      }),
    small
  )

  live(
    "stop in mid-chunk when they are interrupted",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { awaitIdle, openConnections } = yield* Emulator
        const upload = yield* Effect.forkChild(multipartUploads.upload(yield* kite(8)))
        while ((yield* openConnections) < 4) yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(upload)
        yield* Effect.timeout(awaitIdle, "2 seconds")
        const sent = yield* puts
        assert.lengthOf(sent, 4)
        assert.deepStrictEqual([...new Set(sent.map(({ ended }) => ended))], ["closed by the client"])
      }),
    { ...small, play: { store: "silence" } }
  )

  live(
    "write the proof with its quotes when the vendor refuses it without them, and from then on at once",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { requests } = yield* Emulator
        const { url } = yield* multipartUploads.upload(yield* kite(60))
        assert.strictEqual(yield* landed(url), kiteHash(60))
        const reports = (yield* requests).filter(({ path }) => /multipart-uploads\/[^/]+$/.test(path))
        const statuses = reports.map(({ status }) => status)
        assert.deepStrictEqual(statuses.slice(0, 2), [400, 200])
        assert.notInclude(statuses.slice(2), 400)
        assert.isAbove(statuses.length, 2)
      }),
    { emulator: { twelvelabs: { chunkSize, proofs: "quoted" } } }
  )

  live(
    "are told of again when only the report failed, and no chunk is sent twice",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const started = yield* multipartUploads.create({
          filename: "kite.mp4",
          type: "video",
          sizeBytes: 3 * chunkSize
        })
        const { assetId, uploadId } = started
        const checkpoint = {
          uploadId,
          assetId,
          sizeBytes: 3 * chunkSize,
          chunkSizeBytes: chunkSize,
          headers: {},
          unreported: []
        }
        const source = yield* kite(3)
        // The third request to the upload itself is the report: before it, what has arrived is asked for in a page.
        const failing = client({
          play: { fault: "server-error", chance: 55, id: "reports" },
          call: { retry: RetryPolicy.none }
        })
        const error = uploadErrorOf(
          yield* Effect.flip(
            Effect.provide(
              TwelveLabs.use((under) => under.multipartUploads.resume(source, checkpoint)),
              failing
            )
          )
        )
        assert.deepStrictEqual([error.step, error.sentChunks, error.checkpoint.unreported.length], ["completion", 3, 3])
        const { url } = yield* multipartUploads.resume(source, error.checkpoint)
        assert.strictEqual(yield* landed(url), kiteHash(3))
        assert.lengthOf(yield* puts, 3)
      }),
    small
  )

  live(
    "go on with no other file in their place",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { assetId, uploadId } = yield* multipartUploads.create({ filename: "k.mp4", type: "video", sizeBytes: 5 })
        const checkpoint = { uploadId, assetId, sizeBytes: 5, chunkSizeBytes: chunkSize, headers: {}, unreported: [] }
        for (const from of [uploadId, checkpoint]) {
          const error = yield* Effect.flip(multipartUploads.resume(yield* kite(1), from))
          assert.deepStrictEqual(
            [error._tag, (error as FileSource.FileSourceError).reason],
            ["FileSourceError", "Changed"]
          )
        }
        assert.lengthOf(yield* puts, 0)
      }),
    small
  )

  live(
    "that have expired are not gone on with",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const { assetId, uploadId } = yield* multipartUploads.create({ filename: "k.mp4", type: "video", sizeBytes: 5 })
        const checkpoint = { uploadId, assetId, sizeBytes: 5, chunkSizeBytes: chunkSize, headers: {}, unreported: [] }
        for (const from of [uploadId, checkpoint]) {
          const error = (yield* Effect.flip(multipartUploads.resume(yield* file("k.mp4", 5), from))) as ProcessingError
          assert.deepStrictEqual([error._tag, error.subject, error.status], ["ProcessingError", "upload", "expired"])
        }
        const other = yield* Effect.flip(multipartUploads.presign(uploadId, { start: 1, count: 1 }))
        assert.strictEqual((other as StreamError.ApiError).kind, "Conflict")
        const unknown = yield* Effect.flip(multipartUploads.resume(yield* file("k.mp4", 5), UploadId.make("up_none")))
        assert.strictEqual((unknown as StreamError.ApiError).kind, "NotFound")
      }),
    { emulator: { twelvelabs: { uploadSeconds: 0 } } }
  )

  live(
    "follow no redirect, neither of the vendor nor of its store",
    () =>
      Effect.gen(function* () {
        const { requests } = yield* Emulator
        for (const play of [{ fault: "redirect" }, { store: "redirect" }] as const) {
          const error = yield* TwelveLabs.use(({ multipartUploads }) =>
            Effect.flatMap(kite(2), (source) => multipartUploads.upload(source))
          ).pipe(Effect.provide(client({ play })), Effect.flip)
          const cause = error._tag === "UploadError" ? error.cause : error
          assert.strictEqual((cause as StreamError.TransportError).reason, "Redirect")
        }
        assert.notInclude(
          (yield* requests).map(({ service }) => service),
          "elsewhere"
        )
      }),
    small
  )

  live("are not begun when nobody can tell what the file is, and refused when it is too large", () =>
    Effect.gen(function* () {
      const { multipartUploads } = yield* TwelveLabs
      const error = yield* Effect.flip(multipartUploads.upload(yield* file("kite", 10)))
      assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      assert.lengthOf(yield* asked, 0)
      const create = (type: "video" | "image", sizeBytes: number) =>
        Effect.result(multipartUploads.create({ filename: "kite.png", type, sizeBytes }))
      assert.isTrue(Result.isSuccess(yield* create("image", 32_000_000)))
      assert.isTrue(Result.isFailure(yield* create("image", 32_000_001)))
      assert.isTrue(Result.isSuccess(yield* create("video", 10_000_000_000)))
      assert.isTrue(Result.isFailure(yield* create("video", 10_000_000_001)))
      assert.isTrue(Result.isFailure(yield* create("video", 0)))
    })
  )

  live(
    "send 300 MB with chunks failing at random in bounded memory, and every byte arrives",
    () =>
      Effect.gen(function* () {
        const { multipartUploads } = yield* TwelveLabs
        const disk = yield* FileSystem.FileSystem
        const { join } = yield* Path.Path
        const path = join(yield* disk.makeTempDirectoryScoped(), "large.mp4")
        const size = 300_000_000
        const block = bytesOf(1_000_000, 3)
        const sent = createHash("sha256")
        // Each block begins with its number, so that no two chunks are alike.
        yield* Stream.range(1, size / block.length).pipe(
          Stream.map((number) => {
            new DataView(block.buffer).setUint32(0, number)
            const copy = block.slice()
            sent.update(copy)
            return copy
          }),
          Stream.run(disk.sink(path))
        )
        const before = process.memoryUsage.rss()
        let most = before
        const watching = yield* Effect.forkChild(
          Effect.forever(
            Effect.andThen(
              Effect.sync(() => (most = Math.max(most, process.memoryUsage.rss()))),
              Effect.sleep("10 millis")
            )
          )
        )
        const { url } = yield* multipartUploads.upload(yield* FileSource.fromPath(path), eagerly)
        yield* Fiber.interrupt(watching)
        assert.strictEqual(yield* landed(url), sent.digest("hex"))
        assert.isAbove((yield* puts).filter(({ status }) => status === 500).length, 0)
        // Four chunks of 5 MiB, in the hands of the client, of the socket, and of the emulator in the same process, until they are
        // collected; the file is more than that.
        assert.isBelow(most - before, 150_000_000)
      }).pipe(Effect.provide(NodeServices.layer)),
    { play: { store: "server-error", chance: 15 }, timeout: 120_000 }
  )
})
