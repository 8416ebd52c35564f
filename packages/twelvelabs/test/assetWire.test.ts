/** Assets as they may come: with fields left out, words that are new, and metadata of odd files. */
import type { StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Stream } from "effect"
import { AssetId } from "../src/index.ts"
import { answering } from "./Answering.ts"

const id = AssetId.make("66aa00000000000000000001")

const get = (json: unknown) =>
  Effect.map(
    answering(
      () => ({ json }),
      ({ assets }) => assets.get(id)
    ),
    ({ value }) => value
  )

describe("an asset", () => {
  it.effect("needs nothing but its id: what is missing and what is null is not known", () =>
    Effect.gen(function* () {
      const bare = yield* get({ _id: id })
      const { id: came, ...others } = bare
      assert.strictEqual(came, id)
      for (const value of Object.values(others)) assert.isUndefined(value)
      const nulls = {
        ...{ method: null, status: null, filename: null, file_type: null, created_at: null, user_metadata: null },
        ...{
          source: null,
          hls: null,
          thumbnail: null,
          technical_metadata: null,
          size: null,
          duration: null,
          error: null
        }
      }
      assert.deepStrictEqual(yield* get({ _id: id, ...nulls }), bare)
      const empty = yield* get({
        _id: id,
        hls: {},
        thumbnail: {},
        technical_metadata: {},
        error: {},
        source: { details: {} }
      })
      assert.deepStrictEqual(
        [empty.hls?.status, empty.thumbnail?.url, empty.error?.message],
        [undefined, undefined, undefined]
      )
    })
  )

  it.effect("may have words, fields and dates that nobody knows", () =>
    Effect.gen(function* () {
      const asset = yield* get({
        _id: id,
        method: "pigeon",
        status: "resting",
        created_at: "yesterday",
        user_metadata: { take: 1, nested: { deep: [true] } },
        hls: { status: "PROCESSING", manifest_url: "https://media.example.com/a.m3u8" },
        source: {
          type: "satellite",
          details: { provider: "dropbox", source_id: "s", original_filename: "f", source_link: "l" }
        },
        smell: "sweet"
      })
      assert.deepStrictEqual([asset.method, asset.status, asset.createdAt], ["pigeon", "resting", undefined])
      assert.deepStrictEqual(asset.userMetadata, { take: 1, nested: { deep: [true] } })
      assert.deepStrictEqual(asset.source, {
        type: "satellite",
        details: { provider: "dropbox", sourceId: "s", originalFilename: "f", sourceLink: "l" }
      })
      assert.strictEqual(asset.hls?.status, "PROCESSING")
    })
  )

  it.effect("is not lost over a word in its technical metadata that is not what it should be", () =>
    Effect.gen(function* () {
      const { technicalMetadata } = yield* get({
        _id: id,
        technical_metadata: {
          file_size_bytes: "unknown",
          file_mime_type: "video/mp4",
          container_creation_time: "1904-01-01T00:00:00Z",
          is_hdr: "no",
          drop_frame: true,
          storage_aspect_ratio: 1.777,
          video_streams: [{ index: 0, fps: "30000/1001", avg_fps: 29.97, display_aspect_ratio: "16:9" }, {}],
          audio_streams: "none",
          geospatial_altitude_meters: 12,
          document_page_count: null
        }
      })
      assert.deepStrictEqual(
        [technicalMetadata?.fileSizeBytes, technicalMetadata?.isHdr, technicalMetadata?.audioStreams],
        [undefined, undefined, undefined]
      )
      assert.deepStrictEqual(
        [technicalMetadata?.fileMimeType, technicalMetadata?.dropFrame, technicalMetadata?.storageAspectRatio],
        ["video/mp4", true, 1.777]
      )
      assert.strictEqual(DateTime.formatIso(technicalMetadata!.containerCreationTime!), "1904-01-01T00:00:00.000Z")
      const [pictures, others] = technicalMetadata?.videoStreams ?? []
      assert.deepStrictEqual(
        [pictures?.fps, pictures?.avgFps, pictures?.displayAspectRatio],
        [undefined, 29.97, "16:9"]
      )
      assert.isUndefined(others?.codec)
      assert.strictEqual(technicalMetadata?.geospatialAltitudeMeters, 12)
    })
  )

  it.effect("of which the vendor says what nobody can read is an error that says where", () =>
    Effect.gen(function* () {
      for (const json of [{}, { _id: 7 }, { _id: id, size: "large" }, [], "none"]) {
        assert.strictEqual((yield* Effect.flip(get(json)))._tag, "ParseError")
      }
    })
  )

  it.effect("is asked for with queries as the vendor wants them", () =>
    Effect.gen(function* () {
      const page = { data: [{ _id: id }], page_info: { page: 1, limit_per_page: 50, total_page: 1, total_results: 1 } }
      const { sent } = yield* answering(
        ({ method, path }) =>
          path.endsWith("/transcription")
            ? { json: { status: "ready" } }
            : method === "GET"
              ? { json: page }
              : { status: 204 },
        ({ assets }) =>
          Effect.gen(function* () {
            yield* Stream.runDrain(
              assets.list({
                pageSize: 50,
                assetIds: [id, AssetId.make("b")],
                assetTypes: ["video", "image"],
                filename: "kite & co"
              })
            )
            yield* assets.transcription(id, { include: ["words", "utterances"] })
            yield* assets.transcription(id)
            yield* assets.delete(id, { force: true })
            yield* assets.delete(id)
            yield* assets.replaceMetadata(id, { take: 1 })
            yield* assets.mergeMetadata(id, { take: null })
            yield* assets.clearMetadata(id)
          })
      )
      assert.deepStrictEqual(
        sent.map(({ body, method, path, query }) => [method, path, String(query), body]),
        [
          [
            "GET",
            "/assets",
            "page=1&page_limit=50&asset_ids=66aa00000000000000000001&asset_ids=b&asset_types=video&asset_types=image&filename=kite+%26+co",
            undefined
          ],
          ["GET", `/assets/${id}/transcription`, "include=words&include=utterances", undefined],
          ["GET", `/assets/${id}/transcription`, "", undefined],
          ["DELETE", `/assets/${id}`, "force=true", undefined],
          ["DELETE", `/assets/${id}`, "", undefined],
          ["PUT", `/assets/${id}/user-metadata`, "", { user_metadata: { take: 1 } }],
          ["PATCH", `/assets/${id}/user-metadata`, "", { user_metadata: { take: null } }],
          ["DELETE", `/assets/${id}/user-metadata`, "", undefined]
        ]
      )
    })
  )

  it.effect("that is in use is a conflict, in the vendor's words", () =>
    Effect.gen(function* () {
      const error = (yield* Effect.flip(
        answering(
          () => ({ status: 409, json: { code: "asset_in_use", message: "indexed assets refer to it" } }),
          ({ assets }) => assets.delete(id)
        )
      )) as StreamError.ApiError
      assert.deepStrictEqual(
        [error.kind, error.status, error.code, error.isRetryable],
        ["Conflict", 409, "asset_in_use", false]
      )
    })
  )
})
