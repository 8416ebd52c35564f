import { FileSource, type Polling, type StreamError } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { AssetId, type ProcessingError, TwelveLabs } from "../src/index.ts"
import { asked, bytesOf, file, hash, landed, puts } from "./Files.ts"
import { live, soon } from "./Live.ts"

describe("assets", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made of a file, noted about and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { assets } = yield* TwelveLabs
          const bytes = bytesOf(300_000, 5)
          const made = yield* assets.create({
            file: yield* FileSource.fromBytes(bytes, { name: "kite.png", contentType: "image/png" }),
            filename: "Kite, 图.png",
            thumbnail: true,
            userMetadata: { camera: "left", take: 3, good: true }
          })
          assert.deepStrictEqual(
            [made.method, made.status, made.filename, made.fileType],
            ["direct", "processing", "Kite, 图.png", "image/png"]
          )
          assert.deepStrictEqual(made.userMetadata, { camera: "left", take: 3, good: true })
          assert.isDefined(made.createdAt)

          const ready = yield* assets.awaitReady(made.id, { ...soon, thumbnail: true })
          assert.deepStrictEqual([ready.status, ready.sizeBytes, ready.durationSeconds], ["ready", 300_000, undefined])
          assert.deepStrictEqual(
            [ready.technicalMetadata?.fileMimeType, ready.technicalMetadata?.hasAudio],
            ["image/png", false]
          )
          // The picture of an image is the image itself: it came whole.
          assert.strictEqual(yield* landed(ready.thumbnail?.url), hash(bytes))

          yield* assets.mergeMetadata(made.id, { take: 4, good: null, camera: "", light: "soft" })
          assert.deepStrictEqual((yield* assets.get(made.id)).userMetadata, { camera: "left", take: 4, light: "soft" })
          yield* assets.replaceMetadata(made.id, { take: 5, camera: "" })
          assert.deepStrictEqual((yield* assets.get(made.id)).userMetadata, { take: 5 })
          yield* assets.clearMetadata(made.id)
          assert.deepStrictEqual((yield* assets.get(made.id)).userMetadata, {})

          yield* assets.delete(made.id)
          const gone = (yield* Effect.flip(assets.get(made.id))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status], ["NotFound", 404])
        }),
      { http }
    )

    live(
      `say what is said in them, cut as it is wanted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { assets } = yield* TwelveLabs
          const { twelvelabs } = yield* Emulator
          const { id } = yield* assets.create({ url: "https://media.example.com/a/kite.mp3?sig=secret", hls: true })
          const seen: Array<string> = []
          const all = yield* assets.awaitTranscription(id, {
            ...soon,
            include: ["sentences", "utterances"],
            onProgress: ({ status }) => Effect.sync(() => seen.push(status))
          })
          assert.deepStrictEqual([seen[0], seen.at(-1)], ["pending", "ready"])
          assert.deepStrictEqual(all.sentences?.[0], {
            startSeconds: 0,
            endSeconds: 2.5,
            value: "Today we build a kite."
          })
          assert.strictEqual(all.utterances?.at(-1)?.speaker, "speaker_2")
          assert.isUndefined(all.words)
          const words = (yield* assets.transcription(AssetId.make(twelvelabs.assetId))).words
          assert.deepStrictEqual(
            words?.slice(0, 2).map(({ value }) => value),
            ["Today", "we"]
          )
          const queries = (yield* (yield* Emulator).requests).filter(({ path }) => path.endsWith("/transcription"))
          assert.deepStrictEqual(
            [queries[0]?.query, queries.at(-1)?.query],
            ["include=sentences&include=utterances", ""]
          )
        }),
      { http }
    )
  }

  live("are listed newest first, by id, by type, and by a part of the name", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const make = (name: string) => Effect.flatMap(file(name, 10), (each) => assets.create({ file: each }))
      const notes = yield* make("Notes.txt")
      const wind = yield* make("wind.wav")
      const kites: Array<AssetId> = []
      for (let index = 0; index < 11; index++) kites.push((yield* make(`a kite ${index}.jpg`)).id)
      const idsOf = (filter: Parameters<typeof assets.list>[0]) =>
        Effect.map(Stream.runCollect(assets.list(filter)), (all) => all.map(({ id }) => id))
      const newest = [...kites.toReversed(), wind.id, notes.id]
      assert.deepStrictEqual((yield* idsOf({ pageSize: 4 })).slice(0, newest.length), newest)
      assert.deepStrictEqual((yield* idsOf({})).slice(0, newest.length), newest)
      assert.deepStrictEqual(yield* idsOf({ assetIds: [notes.id, kites[3]!] }), [kites[3], notes.id])
      assert.deepStrictEqual(yield* idsOf({ assetTypes: ["document", "audio"] }), [wind.id, notes.id])
      assert.deepStrictEqual(yield* idsOf({ filename: "A KITE 1", assetTypes: ["image"] }), [kites[10], kites[1]])
      const error = (yield* Effect.flip(idsOf({ assetTypes: ["smell"] }))) as StreamError.ApiError
      assert.strictEqual(error.status, 400)
    })
  )

  live("are waited for with what is made of them, and each state is seen", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const { id } = yield* assets.create({ file: yield* file("kite.mp4", 500_000), hls: true, thumbnail: true })
      const seen = new Set<string>()
      const ready = yield* assets.awaitReady(id, {
        ...soon,
        hls: true,
        thumbnail: true,
        onProgress: ({ hls, status }) => Effect.sync(() => seen.add(`${status}, ${hls?.status}`))
      })
      assert.deepStrictEqual([...seen], ["processing, pending", "ready, processing", "ready, ready"])
      assert.match(ready.hls!.manifestUrl!, /scene\.m3u8/)
      assert.strictEqual(ready.technicalMetadata?.videoStreams?.[0]?.displayAspectRatio, "16:9")
    })
  )

  live(
    "fail with the vendor's reason when it cannot use them",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const { id } = yield* assets.create({ file: yield* file("kite.mp4", 1000) })
        const wait = Effect.flip(assets.awaitReady(id, soon))
        const error = (yield* wait) as ProcessingError
        assert.deepStrictEqual(
          [error._tag, error.subject, error.id, error.status],
          ["ProcessingError", "asset", id, "failed"]
        )
        assert.match(error.detail ?? "", /not what its name says/)
        const detail = yield* assets.get(id)
        assert.deepStrictEqual([detail.sizeBytes, detail.technicalMetadata?.fileSizeBytes], [undefined, 1000])
        const mute = (yield* Effect.flip(assets.awaitTranscription(id, soon))) as ProcessingError
        assert.deepStrictEqual([mute.subject, mute.status], ["transcription of the asset", "failed"])
      }),
    { play: { sync: "invalid" } }
  )

  live("fail when no stream for players can be made of them", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const { id } = yield* assets.create({ file: yield* file("wind.mp3", 1000), hls: true })
      const error = (yield* Effect.flip(assets.awaitReady(id, { ...soon, hls: true }))) as ProcessingError
      assert.deepStrictEqual([error._tag, error.status], ["ProcessingError", "error"])
      assert.strictEqual((yield* assets.awaitReady(id, soon)).status, "ready")
    })
  )

  live(
    "are waited for no longer than the deadline, and the error says what for",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const { twelvelabs } = yield* Emulator
        const short = { ...soon, deadline: "100 millis" } as const
        const { id } = yield* assets.create({ file: yield* file("kite.mp4", 1000) })
        const error = (yield* Effect.flip(assets.awaitReady(id, short))) as Polling.NotReadyError
        assert.deepStrictEqual([error._tag, error.subject, error.state], ["NotReadyError", `asset ${id}`, "processing"])
        const ready = AssetId.make(twelvelabs.assetId)
        const other = (yield* Effect.flip(assets.awaitReady(ready, { ...short, hls: true }))) as Polling.NotReadyError
        assert.strictEqual(other.state, "hls not there")
      }),
    { play: { sync: "never" } }
  )

  live("have no transcription where nobody can speak", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const { id } = yield* assets.create({ file: yield* file("kite.png", 1000) })
      const error = (yield* Effect.flip(assets.awaitTranscription(id, soon))) as StreamError.ApiError
      assert.deepStrictEqual([error._tag, error.kind], ["ApiError", "NotFound"])
    })
  )

  live("are kept while an index has them, unless that is to lose them too", () =>
    Effect.gen(function* () {
      const { assets, indexedAssets, indexes } = yield* TwelveLabs
      const { id } = yield* assets.create({ file: yield* file("kite.mp4", 1000) })
      yield* assets.awaitReady(id, soon)
      const indexId = yield* indexes.create({ name: "kites", models: [{ name: "marengo3.0", options: ["visual"] }] })
      yield* indexedAssets.create(indexId, { assetId: id })
      const error = (yield* Effect.flip(assets.delete(id))) as StreamError.ApiError
      assert.deepStrictEqual([error.kind, error.status], ["Conflict", 409])
      assert.strictEqual((yield* assets.get(id)).id, id)
      yield* assets.delete(id, { force: true })
      assert.lengthOf(yield* Stream.runCollect(indexedAssets.list(indexId)), 0)
    })
  )

  live(
    "are refused when they are too large, nothing, of no use, or without a name",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const statusOf = (request: Parameters<typeof assets.create>[0]) =>
          Effect.map(Effect.flip(assets.create(request)), (error) => (error as StreamError.ApiError).status)
        assert.strictEqual(yield* statusOf({ file: yield* file("kite.mp4", 100_001) }), 413)
        assert.strictEqual(yield* statusOf({ file: yield* file("kite.exe", 10) }), 400)
        assert.strictEqual(yield* statusOf({ file: yield* file("kite.mp4", 10), filename: "" }), 400)
        assert.strictEqual(yield* statusOf({ file: yield* file("k.mp4", 10), filename: `${"k".repeat(252)}.mp4` }), 400)
        assert.strictEqual(yield* statusOf({ url: "https://www.youtube.com/watch?v=1" }), 400)
        assert.strictEqual(yield* statusOf({ url: "kite.mp4" }), 400)
        const nested = { file: yield* file("kite.mp4", 10), userMetadata: { a: { b: 1 } } as never }
        assert.strictEqual(yield* statusOf(nested), 400)
        const longest = { file: yield* file("k.mp4", 10), filename: `${"k".repeat(251)}.mp4` }
        assert.lengthOf((yield* assets.create(longest)).filename ?? "", 255)
        const paper = yield* assets.create({ file: yield* file("kite.pdf", 10) })
        assert.strictEqual(
          ((yield* Effect.flip(assets.awaitReady(paper.id, soon))) as ProcessingError).status,
          "failed"
        )
      }),
    { emulator: { twelvelabs: { directSize: 100_000 } } }
  )

  live("show nothing of a link that the vendor was to fetch, in no error", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const error = yield* Effect.flip(assets.create({ url: "https://vimeo.com/kite.mp4?X-Signature=topsecret1" }))
      assert.match(String(error), /vimeo\.com\/kite\.mp4\?<redacted>/)
      assert.notInclude(JSON.stringify(error) + String(error), "topsecret1")
      const { id } = yield* assets.create({ url: "https://media.example.com/kite?a=1&X-Signature=topsecret1" })
      const failed = yield* Effect.flip(assets.awaitReady(id, soon))
      assert.match(String(failed), /media\.example\.com\/kite\?<redacted>/)
      assert.notInclude(JSON.stringify(failed) + String(failed), "topsecret1")
    })
  )

  live("are asked for by no id that would lead elsewhere", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(assets.delete(AssetId.make(id), { force: true }))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
      assert.lengthOf(yield* asked, 0)
    })
  )
})

describe("assets.upload", () => {
  const chunked = { singlePieceLimit: 1000 } as const
  const small = { emulator: { twelvelabs: { chunkSize: 65_536 } } } as const

  live(
    "sends a small file in one piece and a large one in chunks, and gives the asset of each",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const seen: Array<readonly [number, number]> = []
        const onProgress = (progress: { readonly sentBytes: number; readonly bytes: number }) =>
          Effect.sync(() => seen.push([progress.sentBytes, progress.bytes]))
        const one = yield* assets.upload(yield* file("kite.mp4", 1000), { ...chunked, onProgress })
        assert.deepStrictEqual([one.method, one.status], ["direct", "processing"])
        assert.deepStrictEqual(seen.splice(0), [
          [0, 1000],
          [1000, 1000]
        ])
        assert.deepStrictEqual(yield* asked, ["POST /assets"])
        const many = yield* assets.upload(yield* file("kite.mp4", 200_000), {
          ...chunked,
          onProgress,
          filename: "Kite.mp4",
          userMetadata: { take: 1 },
          hls: true
        })
        assert.deepStrictEqual(
          [many.method, many.status, many.filename, many.userMetadata],
          ["multipart", "processing", "Kite.mp4", { take: 1 }]
        )
        assert.deepStrictEqual(
          [seen[0], seen.at(-1)],
          [
            [0, 200_000],
            [200_000, 200_000]
          ]
        )
        assert.lengthOf(yield* puts, 4)
        const ready = yield* assets.awaitReady(many.id, { ...soon, hls: true })
        assert.deepStrictEqual([ready.sizeBytes, ready.fileType], [200_000, "video/mp4"])
      }),
    small
  )

  live(
    "sends documents in one piece, whatever their size, and goes by the media type or the option before the name",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const methodOf = (name: string, contentType?: string, type?: "video") =>
          Effect.gen(function* () {
            const source = yield* FileSource.fromBytes(bytesOf(100_000), { name, contentType })
            return (yield* assets.upload(source, { ...chunked, type })).method
          })
        assert.strictEqual(yield* methodOf("kite.pdf"), "direct")
        assert.strictEqual(yield* methodOf("kite.txt", "text/plain"), "direct")
        assert.strictEqual(yield* methodOf("kite.MOV"), "multipart")
        assert.strictEqual(yield* methodOf("kite", "video/mp4"), "multipart")
        assert.strictEqual(yield* methodOf("kite.dat", undefined, "video"), "multipart")
        assert.strictEqual(yield* methodOf("kite.mp4", "application/octet-stream"), "multipart")
      }),
    small
  )

  live("has the vendor fetch what stands at an address", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const asset = yield* assets.upload(
        { url: "https://media.example.com/kites/kite.mp4" },
        { filename: "Kite.mp4", userMetadata: { take: 1 } }
      )
      assert.deepStrictEqual([asset.method, asset.filename, asset.userMetadata], ["url", "Kite.mp4", { take: 1 }])
      const ready = yield* assets.awaitReady(asset.id, soon)
      assert.isAbove(ready.sizeBytes ?? 0, 0)
      const missing = yield* assets.upload({ url: "https://media.example.com/kites" })
      assert.strictEqual((yield* Effect.flip(assets.awaitReady(missing.id, soon)))._tag, "ProcessingError")
    })
  )

  live("does not send what is too large for one piece and cannot go in chunks", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const source: FileSource.FileSource = {
        name: "kite.pdf",
        size: 200_000_001,
        read: () => Effect.die("nothing is read")
      }
      const error = (yield* Effect.flip(assets.upload(source))) as StreamError.TransportError
      assert.deepStrictEqual([error._tag, error.reason], ["TransportError", "InvalidRequest"])
      assert.lengthOf(yield* asked, 0)
    })
  )

  live(
    "is no failure when all has arrived, and only the asset cannot be looked at",
    () =>
      Effect.gen(function* () {
        const { assets } = yield* TwelveLabs
        const asset = yield* assets.upload(yield* file("kite.mp4", 100_000), { ...chunked, userMetadata: { take: 1 } })
        assert.deepStrictEqual(
          [asset.method, asset.status, asset.filename, asset.userMetadata],
          ["multipart", "processing", "kite.mp4", { take: 1 }]
        )
        assert.include(yield* asked, `GET /assets/${asset.id}0`)
      }),
    {
      ...small,
      // Nobody finds what was just uploaded.
      transformClient: HttpClient.mapRequest((request) =>
        request.method === "GET" ? HttpClientRequest.setUrl(request, `${request.url}0`) : request
      )
    }
  )

  live("stops when it is interrupted, and leaves no connection open", () =>
    Effect.gen(function* () {
      const { assets } = yield* TwelveLabs
      const { awaitIdle } = yield* Emulator
      const began = yield* Deferred.make<void>()
      const upload = yield* assets
        .upload(yield* file("kite.mp4", 5_000_000), { onProgress: () => Deferred.succeed(began, undefined) })
        .pipe(Effect.forkChild)
      yield* Deferred.await(began)
      yield* Fiber.interrupt(upload)
      yield* Effect.timeout(awaitIdle, "2 seconds")
    })
  )
})
