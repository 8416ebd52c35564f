/** The vendor's own client: assets, and uploads of them in chunks. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { TwelvelabsApi } from "twelvelabs-js"
import { read } from "./Api.ts"
import { all, ask, assertKnown, official, once, refusal, until } from "./Official.ts"

const chunkSize = 100_000

layer(Emulator.layer({ twelvelabs: { processMillis: 40, chunkSize } }))("the vendor's own client", (it) => {
  it.effect("uploads a file in one piece, waits for it, and reads all about it", () =>
    Effect.gen(function* () {
      const { assets } = yield* official()
      const bytes = new Uint8Array(Crypto.randomBytes(2000))
      const made = yield* ask(() =>
        assets.create({
          method: "direct",
          file: new File([bytes], "kite.jpg", { type: "image/jpeg" }),
          filename: "Kite.jpg",
          enableHls: false,
          enableThumbnail: true,
          userMetadata: JSON.stringify({ take: 1, camera: "left", good: true })
        })
      )
      const id = made.id ?? ""
      assert.match(id, /^[0-9a-f]{24}$/)
      assert.deepStrictEqual(
        [made.method, made.status, made.filename, made.fileType, made.createdAt instanceof Date],
        ["direct", "processing", "Kite.jpg", "image/jpeg", true]
      )
      const ready = yield* until(
        () => assets.retrieve(id),
        ({ thumbnail }) => thumbnail?.status === "ready"
      )
      assert.deepStrictEqual(
        [ready.status, ready.size, ready.technicalMetadata?.imageWidth, ready.technicalMetadata?.fileSizeBytes],
        ["ready", 2000, 1280, 2000]
      )
      const picture = yield* read(ready.thumbnail?.representativeUrl ?? "")
      assert.isTrue(picture.body.equals(bytes))

      yield* ask(() => assets.updateUserMetadata(id, { userMetadata: { take: 2, camera: "" } }))
      assert.deepStrictEqual((yield* ask(() => assets.retrieve(id))).userMetadata, {
        take: 2,
        camera: "left",
        good: true
      })
      yield* ask(() => assets.replaceUserMetadata(id, { userMetadata: { light: "soft" } }))
      assert.deepStrictEqual((yield* ask(() => assets.retrieve(id))).userMetadata, { light: "soft" })
      yield* ask(() => assets.deleteUserMetadata(id))
      assert.deepStrictEqual((yield* ask(() => assets.retrieve(id))).userMetadata, {})
      assert.deepStrictEqual(
        (yield* all(() => assets.list({ assetIds: [id], assetTypes: ["image"], filename: "KITE" }))).map(
          (one) => one.id
        ),
        [id]
      )
      yield* ask(() => assets.delete(id, { force: true }))
      assert.instanceOf(yield* refusal(() => assets.retrieve(id, once)), TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("has a video fetched, and reads what is said in it", () =>
    Effect.gen(function* () {
      const { assets } = yield* official()
      const { id = "" } = yield* ask(() =>
        assets.create({ method: "url", url: "https://media.example.com/kite.mp4", enableHls: true })
      )
      const ready = yield* until(
        () => assets.retrieve(id),
        ({ hls }) => hls?.status === "ready"
      )
      assert.isDefined(ready.hls?.manifestUrl)
      const [pictures] = ready.technicalMetadata?.videoStreams ?? []
      assert.deepStrictEqual([pictures?.displayAspectRatio, pictures?.avgFps], ["16:9", 25])
      assert.strictEqual(ready.technicalMetadata?.audioStreams?.[0]?.sampleRate, 48_000)
      const said = yield* ask(() => assets.retrieveTranscription(id, { include: ["words", "utterances"] }))
      assert.deepStrictEqual(
        [said.status, said.words?.[0], said.sentences, said.utterances?.at(-1)?.speaker],
        ["ready", { start: 0, end: 0.5, value: "Today" }, undefined, "speaker_2"]
      )
    })
  )

  it.effect("uploads a file in chunks with its own helper", () =>
    Effect.gen(function* () {
      const { assets, multipartUpload } = yield* official()
      const bytes = Crypto.randomBytes(12 * chunkSize + 1)
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "official-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true })))
      const path = Path.join(folder, "kite.mp4")
      Fs.writeFileSync(path, bytes)
      const { assetId, assetUrl } = yield* ask(() => multipartUpload.uploadFile(path, { retryDelay: 0.01 }))
      assert.isTrue((yield* read(assetUrl)).body.equals(bytes))
      const ready = yield* until(
        () => assets.retrieve(assetId),
        ({ status }) => status === "ready"
      )
      assert.deepStrictEqual([ready.method, ready.size], ["multipart", bytes.length])
      assert.deepStrictEqual(yield* all(() => multipartUpload.listIncompleteUploads()), [])
    })
  )

  it.effect("does the steps of an upload in chunks by hand", () =>
    Effect.gen(function* () {
      const { multipartUpload } = yield* official()
      const { uploadHeaders, ...started } = yield* Effect.promise(() =>
        multipartUpload.create({
          filename: "kite.mp4",
          type: "video",
          totalSize: 2 * chunkSize + 1,
          userMetadata: { take: 1 }
        })
      )
      assertKnown(started)
      assert.deepStrictEqual(uploadHeaders, { "Content-Type": "application/octet-stream" })
      const id = started.uploadId ?? ""
      assert.deepStrictEqual([started.chunkSize, started.totalChunks], [chunkSize, 3])
      assert.deepStrictEqual(
        [started.expiresAt instanceof Date, started.uploadUrls?.map(({ chunkIndex }) => chunkIndex)],
        [true, [1, 2]]
      )
      const [session] = yield* all(() => multipartUpload.listIncompleteUploads({ pageLimit: 1 }))
      assert.deepStrictEqual([session?.uploadId, session?.status, session?.totalChunks], [id, "active", 3])
      const more = yield* ask(() => multipartUpload.getAdditionalPresignedUrls(id, { start: 3, count: 1 }))
      assert.deepStrictEqual([more.startIndex, more.count, more.uploadUrls?.[0]?.chunkIndex], [3, 1, 3])
      assert.instanceOf(more.generatedAt, Date)
      const headers = { "content-type": "application/octet-stream" }
      const put = yield* read(more.uploadUrls?.[0]?.url ?? "", { method: "PUT", body: new Uint8Array(1), headers })
      const chunk = {
        chunkIndex: 3,
        proof: put.headers.get("etag") ?? "",
        proofType: "etag" as const,
        chunkSize: 1
      }
      const answer = yield* ask(() => multipartUpload.reportChunkBatch(id, { completedChunks: [chunk, chunk] }))
      assert.deepStrictEqual(
        [answer.assetId, answer.processedChunks, answer.duplicateChunks, answer.totalCompleted, answer.url],
        [started.assetId, 1, 1, 1, undefined]
      )
      const chunks = yield* all(() => multipartUpload.getStatus(id, { pageLimit: 2 }))
      assert.deepStrictEqual(
        chunks.map(({ index, status, uploadedAt }) => [index, status, uploadedAt instanceof Date]),
        [
          [1, "pending", false],
          [2, "pending", false],
          [3, "completed", true]
        ]
      )
    })
  )
})
