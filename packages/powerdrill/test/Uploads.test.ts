/** Files in: parts that fail, links that expire, uploads that stop and go on, and what of it is in memory. */
import { Artifact, FileSource, RetryPolicy, type StreamError } from "@effect-sse/core"
import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, FileSystem, Layer, Path, Redacted, Schema, type Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { createHash, type Hash } from "node:crypto"
import { type FileObjectKey, type Files, Powerdrill, UploadCheckpoint } from "../src/index.ts"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici } as const

const client = (play: Play.Play<Scenario.PowerdrillScenario> = {}, http: keyof typeof clients = "fetch") =>
  Layer.unwrap(
    Effect.map(Emulator, ({ powerdrill }) =>
      Powerdrill.layer({
        apiKey: powerdrill.apiKey,
        userId: powerdrill.userId,
        baseUrl: powerdrill.url(play)
      }).pipe(Layer.provide(clients[http]))
    )
  )

const partSize = 64 * 1024

const live = (
  promise: string,
  test: () => Effect.Effect<void, unknown, Emulator | FileSystem.FileSystem | Path.Path | Scope.Scope>,
  emulator: Parameters<typeof Emulator.layer>[0] = { powerdrill: { partSize } }
) => it.live(promise, () => Effect.provide(test(), Layer.merge(Emulator.layer(emulator), NodeServices.layer)))

/** Bytes of which no two stretches are alike. */
const bytesOf = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

const source = (size: number) => FileSource.fromBytes(bytesOf(size), { name: "loans.csv" })

/** Sends what fails again at once. */
const eager = RetryPolicy.make({ retries: RetryPolicy.isTransient, times: 20, base: "1 millis" })
const inParts: Files.UploadOptions = { singlePieceLimit: 1000, parts: { retry: eager, allowPrivateHosts: undefined } }

/** The hash of an uploaded file, read back by the link that the vendor gives to the data source of it. */
const landed = (key: FileObjectKey) =>
  Effect.gen(function* () {
    const { datasources } = yield* Powerdrill
    const { datasetId, id } = yield* datasources.create({ name: "loans.csv", fileObjectKey: key })
    const artifact = yield* datasources.presign({ datasetId, datasourceId: id })
    const options = { allowPrivateHosts: true, maxSize: 1024 ** 3 }
    return yield* hashOf(Artifact.stream(artifact, options).pipe(Stream.provide(FetchHttpClient.layer)))
  })

const hashOf = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(
    Stream.runFold(
      stream,
      () => createHash("sha256"),
      (hash: Hash, bytes) => hash.update(bytes)
    ),
    (hash) => hash.digest("hex")
  )

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const puts = Effect.map(
  Effect.flatMap(Emulator, ({ requests }) => requests),
  (requests) => requests.filter(({ method }) => method === "PUT")
)

describe("files.upload", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(`sends a small file in one piece, and tells of it, over ${http}`, () =>
      Effect.gen(function* () {
        const { files } = yield* Powerdrill
        const seen: Array<readonly [number, number]> = []
        const key = yield* files.upload(yield* source(900_000), {
          onProgress: ({ bytes, sentBytes }) => Effect.sync(() => seen.push([sentBytes, bytes]))
        })
        assert.strictEqual(yield* landed(key), hash(bytesOf(900_000)))
        assert.deepStrictEqual(seen, [
          [0, 900_000],
          [900_000, 900_000]
        ])
        assert.lengthOf(yield* puts, 0)
      }).pipe(Effect.provide(client({}, http)))
    )

    live(`sends a large file in the vendor's parts, the last one shorter, and without its key, over ${http}`, () =>
      Effect.gen(function* () {
        const { files } = yield* Powerdrill
        const { powerdrill } = yield* Emulator
        const size = 1_500_000
        const seen: Array<number> = []
        const key = yield* files.upload(yield* source(size), {
          onProgress: ({ sentBytes }) => Effect.sync(() => seen.push(sentBytes))
        })
        assert.strictEqual(yield* landed(key), hash(bytesOf(size)))
        const sent = yield* puts
        assert.lengthOf(sent, Math.ceil(size / partSize))
        for (const { headers } of sent) {
          assert.notInclude(JSON.stringify(headers), Redacted.value(powerdrill.apiKey))
          for (const name of Object.keys(headers)) assert.notMatch(name, /^x-pd|cookie|authorization|traceparent|^b3/)
        }
        assert.strictEqual(seen[0], 0)
        assert.deepStrictEqual(
          seen,
          seen.toSorted((a, b) => a - b)
        )
        assert.strictEqual(seen.at(-1), size)
      }).pipe(Effect.provide(client({}, http)))
    )
  }

  live("takes a path, a Blob and a stream just as well", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const disk = yield* FileSystem.FileSystem
      const { join } = yield* Path.Path
      const bytes = bytesOf(300_000, 7)
      const path = join(yield* disk.makeTempDirectoryScoped(), "loans.csv")
      yield* disk.writeFile(path, bytes)
      const sources = [
        yield* FileSource.fromPath(path),
        yield* FileSource.fromBlob(new File([new Uint8Array(bytes)], "loans.csv")),
        yield* FileSource.fromStream(Stream.fromIterable([bytes.subarray(0, 77), bytes.subarray(77)]), {
          name: "loans.csv"
        })
      ]
      for (const each of sources) {
        assert.strictEqual(yield* landed(yield* files.upload(each, inParts)), hash(bytes))
      }
    }).pipe(Effect.provide(client()))
  )

  live("sends parts that fail at random again, and none that arrived", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const size = 40 * partSize
      const key = yield* files.upload(yield* source(size), inParts)
      assert.strictEqual(yield* landed(key), hash(bytesOf(size)))
      const sent = yield* puts
      const taken = sent.filter(({ status }) => status === 200).map(({ path }) => path)
      assert.isAbove(sent.length, taken.length)
      assert.lengthOf(new Set(taken), 40)
      assert.lengthOf(taken, 40)
    }).pipe(Effect.provide(client({ store: "server-error", chance: 30 })))
  )

  live("stops with a checkpoint when a part cannot be sent, and goes on from it in another process", () =>
    Effect.gen(function* () {
      const size = 10 * partSize
      const failing = client({ store: "server-error", chance: 40, id: "stops" })
      const error = yield* Powerdrill.use(({ files }) =>
        Effect.flatMap(source(size), (each) =>
          files.upload(each, { ...inParts, parts: { retry: RetryPolicy.none, concurrency: 1 } })
        )
      ).pipe(Effect.provide(failing), Effect.flip)
      if (error._tag !== "UploadError") return assert.fail(error._tag)
      assert.strictEqual(error.step, "parts")
      assert.include(error.message, `${error.checkpoint!.sent.length} of 10 parts sent`)
      assert.strictEqual((error.cause as StreamError.ApiError).status, 500)
      assert.notInclude(JSON.stringify(error) + error.message, "X-Amz-Signature")

      // As it would be kept in a file.
      const kept = JSON.stringify(yield* Schema.encodeEffect(UploadCheckpoint)(error.checkpoint!))
      let checkpoint = yield* Schema.decodeEffect(Schema.fromJsonString(UploadCheckpoint))(kept)
      const key = yield* Powerdrill.use(({ files }) =>
        Effect.flatMap(source(size), (each) =>
          files.resume(each, checkpoint, {
            ...inParts,
            onProgress: (progress) => Effect.sync(() => (checkpoint = progress.checkpoint!))
          })
        )
      ).pipe(Effect.provide(client()))
      assert.lengthOf(checkpoint.sent, 10)
      assert.strictEqual(yield* Effect.provide(landed(key), client()), hash(bytesOf(size)))
      const taken = (yield* puts).filter(({ status }) => status === 200).map(({ path }) => path)
      assert.lengthOf(taken, 10)
      assert.lengthOf(new Set(taken), 10)
    })
  )

  live("stops all parts when it is interrupted, and its last checkpoint goes on", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const { awaitIdle } = yield* Emulator
      const size = 12 * partSize
      let checkpoint: UploadCheckpoint | undefined
      const some = yield* Deferred.make<void>()
      const upload = yield* Effect.flatMap(source(size), (each) =>
        files.upload(each, {
          ...inParts,
          onProgress: (progress) => {
            checkpoint = progress.checkpoint
            return progress.sentParts === 3
              ? Effect.andThen(Deferred.succeed(some, undefined), Effect.never)
              : Effect.void
          }
        })
      ).pipe(Effect.forkChild)
      yield* Deferred.await(some)
      yield* Fiber.interrupt(upload)
      yield* Effect.timeout(awaitIdle, "2 seconds")
      const before = (yield* puts).length
      assert.isBelow(before, 12)
      const key = yield* Effect.flatMap(source(size), (each) => files.resume(each, checkpoint!, inParts))
      assert.strictEqual(yield* landed(key), hash(bytesOf(size)))
    }).pipe(Effect.provide(client()))
  )

  live("says that a link to a part has expired", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const error = yield* Effect.flip(files.upload(yield* source(3 * partSize), inParts))
      if (error._tag !== "UploadError") return assert.fail(error._tag)
      assert.strictEqual(error.cause._tag, "ExpiredArtifactError")
    }).pipe(Effect.provide(client({ ttl: 0 })))
  )

  live("tries to complete again when only that failed, and sends no part twice", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const size = 3 * partSize
      const started = yield* files.start({ name: "loans.csv", size })
      const checkpoint: UploadCheckpoint = { ...started, fileSize: size, sent: [] }
      const each = yield* source(size)
      const once = client({ fault: "server-error", times: 1, id: "completion" })
      const error = yield* Effect.flip(
        Effect.provide(
          Powerdrill.use((under) => under.files.resume(each, checkpoint, inParts)),
          once
        )
      )
      if (error._tag !== "UploadError") return assert.fail(error._tag)
      assert.deepStrictEqual([error.step, error.checkpoint!.sent.length], ["completion", 3])
      const key = yield* files.resume(each, error.checkpoint!, inParts)
      assert.strictEqual(yield* landed(key), hash(bytesOf(size)))
      assert.lengthOf(yield* puts, 3)
    }).pipe(Effect.provide(client()))
  )

  live("goes on with no other file in its place", () =>
    Effect.gen(function* () {
      const { files } = yield* Powerdrill
      const started = yield* files.start({ name: "loans.csv", size: 2 * partSize })
      const error = yield* Effect.flip(
        files.resume(yield* source(partSize), { ...started, fileSize: 2 * partSize, sent: [] }, inParts)
      )
      assert.deepStrictEqual([error._tag, (error as FileSource.FileSourceError).reason], ["FileSourceError", "Changed"])
      assert.lengthOf(yield* puts, 0)
    }).pipe(Effect.provide(client()))
  )

  live("follows no redirect, neither of the vendor nor of its store", () =>
    Effect.gen(function* () {
      const { requests } = yield* Emulator
      for (const play of [{ fault: "redirect" }, { store: "redirect" }] as const) {
        const error = yield* Powerdrill.use(({ files }) =>
          Effect.flatMap(source(2 * partSize), (each) => files.upload(each, inParts))
        ).pipe(Effect.provide(client(play)), Effect.flip)
        const cause = error._tag === "UploadError" ? error.cause : error
        assert.strictEqual((cause as StreamError.TransportError).reason, "Redirect")
      }
      assert.notInclude(
        (yield* requests).map(({ service }) => service),
        "elsewhere"
      )
    })
  )

  live(
    "is refused where there is no room, and nothing was begun",
    () =>
      Effect.gen(function* () {
        const { files } = yield* Powerdrill
        const error = (yield* Effect.flip(files.upload(yield* source(3_000_000)))) as StreamError.ApiError
        assert.deepStrictEqual([error._tag, error.kind, error.code], ["ApiError", "QuotaExceeded", "300006"])
      }).pipe(Effect.provide(client())),
    { powerdrill: { storageLimit: 2_000_000 } }
  )

  live(
    "sends 200 MB with parts failing at random in bounded memory, and every byte arrives",
    () =>
      Effect.gen(function* () {
        const { files } = yield* Powerdrill
        const disk = yield* FileSystem.FileSystem
        const { join } = yield* Path.Path
        const path = join(yield* disk.makeTempDirectoryScoped(), "large.csv")
        const size = 200_000_000
        const block = bytesOf(1_000_000, 3)
        const sent = createHash("sha256")
        // Each block begins with its number, so that no two parts are alike.
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
        const key = yield* files.upload(yield* FileSource.fromPath(path), inParts)
        yield* Fiber.interrupt(watching)
        assert.strictEqual(yield* Effect.provide(landed(key), client()), sent.digest("hex"))
        assert.isAbove((yield* puts).filter(({ status }) => status === 500).length, 0)
        // Four parts of 5 MiB, in the hands of the client, of the socket, and of the emulator in the same process, until they are
        // collected; the file is more than that.
        assert.isBelow(most - before, 150_000_000)
      }).pipe(Effect.provide(client({ store: "server-error", chance: 15 }))),
    {}
  )
})
