/**
 * Assets: the videos, sounds, images and documents of an account. All else is made of them: items of knowledge stores, what indexes
 * hold, what is analyzed.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { FileSource, FileSourceError } from "@effect-sse/core/FileSource"
import type * as Polling from "@effect-sse/core/Polling"
import { type RequestError, TransportError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as Multipart from "effect/http/Multipart"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Asset, AssetDetail } from "./Asset.ts"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { AssetId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import { mediaKind } from "./internal/mediaKind.ts"
import { untilReady } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import type { MediaFile } from "./MediaSource.ts"
import * as MultipartUploads from "./MultipartUploads.ts"
import type { ProcessingError } from "./ProcessingError.ts"
import { type Segmentation, Transcription } from "./Transcription.ts"
import type { AssetOptions, UploadOptions as PartwiseOptions } from "./Upload.ts"
import type { UploadError } from "./UploadError.ts"
import type { UserMetadata, UserMetadataChange } from "./UserMetadata.ts"

const params = { id: WireSchema.inPath(AssetId) } as const

const userMetadataKey = { userMetadata: "user_metadata" } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("assets").add(
  HttpApiEndpoint.post("create", "/assets", {
    payload: Schema.Struct({
      method: Schema.Literals(["direct", "url"]),
      file: Schema.optional(Multipart.SingleFileSchema),
      url: Schema.optional(Schema.String),
      filename: Schema.optional(Schema.String),
      hls: Schema.optional(WireSchema.BooleanText),
      thumbnail: Schema.optional(WireSchema.BooleanText),
      // In a form it is a text that holds JSON.
      userMetadata: Schema.optional(Schema.fromJsonString(Wire.OwnMetadata))
    }).pipe(
      Schema.encodeKeys({ ...userMetadataKey, hls: "enable_hls", thumbnail: "enable_thumbnail" }),
      HttpApiSchema.asMultipart()
    ),
    success: Asset.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/assets", {
    query: Schema.Struct({
      ...Wire.listQuery,
      assetIds: Schema.optional(Schema.Array(AssetId)),
      assetTypes: Schema.optional(Schema.Array(Schema.String)),
      filename: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ ...Wire.listKeys, assetIds: "asset_ids", assetTypes: "asset_types" })),
    success: Wire.page(AssetDetail)
  }),
  HttpApiEndpoint.get("get", "/assets/:id", { params, success: AssetDetail }),
  HttpApiEndpoint.delete("delete", "/assets/:id", {
    params,
    query: { force: Schema.optional(WireSchema.BooleanText) },
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.get("transcription", "/assets/:id/transcription", {
    params,
    query: { include: Schema.optional(Schema.Array(Schema.String)) },
    success: Transcription
  }),
  HttpApiEndpoint.put("replaceMetadata", "/assets/:id/user-metadata", {
    params,
    payload: Schema.Struct({ userMetadata: Wire.OwnMetadataChange }).pipe(Schema.encodeKeys(userMetadataKey)),
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.patch("mergeMetadata", "/assets/:id/user-metadata", {
    params,
    payload: Schema.Struct({ userMetadata: Wire.OwnMetadataChange }).pipe(Schema.encodeKeys(userMetadataKey)),
    success: HttpApiSchema.NoContent
  }),
  HttpApiEndpoint.delete("clearMetadata", "/assets/:id/user-metadata", { params, success: HttpApiSchema.NoContent })
)

/**
 * What an asset is made of.
 */
export type CreateRequest = AssetOptions & MediaFile

/**
 * Options of an upload.
 */
export interface UploadOptions extends PartwiseOptions {
  /**
   * Files of up to so many bytes go in one piece, all of it in memory; larger ones in chunks. Documents always go in one piece.
   * Default 20 MB.
   */
  readonly singlePieceLimit?: number | undefined
}

/**
 * Which assets a list has.
 */
export interface Filter extends ListOptions {
  /** Only these. */
  readonly assetIds?: ReadonlyArray<AssetId> | undefined
  /** Only those of one of these types. */
  readonly assetTypes?: ReadonlyArray<"image" | "video" | "audio" | "document" | (string & {})> | undefined
  /** A part of the name, in upper or lower case. */
  readonly filename?: string | undefined
}

/**
 * What to wait for, besides the asset itself.
 */
export interface ReadyOptions extends CallOptions, Polling.Options<AssetDetail> {
  /** Also for its HLS stream. It must have been uploaded with `hls`. Default false. */
  readonly hls?: boolean | undefined
  /** Also for its thumbnail. It must have been uploaded with `thumbnail`. Default false. */
  readonly thumbnail?: boolean | undefined
}

/**
 * Options of reading a transcription.
 */
export interface TranscriptionOptions extends CallOptions {
  /** How it is to be cut. The vendor's own choice is words. */
  readonly include?: ReadonlyArray<Segmentation> | undefined
}

/**
 * What can be done with assets.
 */
export interface Assets {
  /**
   * Uploads a file, or has the vendor fetch it from an address, and gives the asset, which the vendor then works on: see
   * {@link Assets.awaitReady}.
   *
   * **Details**
   *
   * A small file and a document go in one piece. A larger video, sound or image goes in chunks (see
   * `multipartUploads.upload`, whose errors and options these are): what fails half way is an `UploadError`, and goes on with
   * `multipartUploads.resume`. An address must lead to the file itself, not to a page with it.
   *
   * **Example** (A file from the disk, until it can be used)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const upload = Effect.gen(function*() {
   *   const { assets } = yield* TwelveLabs
   *   const { id } = yield* assets.upload(yield* FileSource.fromPath("workshop.mp4"))
   *   return yield* assets.awaitReady(id)
   * })
   * ```
   */
  readonly upload: (
    source: FileSource | { readonly url: string },
    options?: UploadOptions | undefined
  ) => Effect.Effect<Asset, RequestError | FileSourceError | UploadError>
  /** Makes an asset in one request. A file is in memory as a whole; the vendor takes up to 200 MB in this way. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Asset, RequestError | FileSourceError>
  /** The assets of the account, the newest first, page by page. */
  readonly list: (options?: Filter | undefined) => Stream.Stream<AssetDetail, RequestError>
  /** An asset, as far as the vendor is with it. */
  readonly get: (id: AssetId, options?: CallOptions | undefined) => Effect.Effect<AssetDetail, RequestError>
  /**
   * Deletes an asset. Fails with an `ApiError` of the kind `Conflict` when an index has it; with `force`, it goes from there too.
   */
  readonly delete: (
    id: AssetId,
    options?: (CallOptions & { readonly force?: boolean | undefined }) | undefined
  ) => Effect.Effect<void, RequestError>
  /**
   * Waits until an asset can be used. `deadline` (default 1 hour) is for the whole wait.
   *
   * - `NotReadyError`: the time is up; the vendor may still be working;
   * - `ProcessingError`: the vendor cannot use it; its `detail` says why.
   */
  readonly awaitReady: (
    id: AssetId,
    options?: ReadyOptions | undefined
  ) => Effect.Effect<AssetDetail, RequestError | Polling.NotReadyError | ProcessingError>
  /** What is said in an asset, as far as it is known. `NotFound` also for an asset in which nobody can speak. */
  readonly transcription: (
    id: AssetId,
    options?: TranscriptionOptions | undefined
  ) => Effect.Effect<Transcription, RequestError>
  /**
   * Waits until it is known what is said in an asset. `deadline` (default 1 hour) is for the whole wait. Fails as
   * {@link Assets.awaitReady} does.
   */
  readonly awaitTranscription: (
    id: AssetId,
    options?: (TranscriptionOptions & Polling.Options<Transcription>) | undefined
  ) => Effect.Effect<Transcription, RequestError | Polling.NotReadyError | ProcessingError>
  /** Sets the metadata, in place of all that was. Empty texts are left out. */
  readonly replaceMetadata: (
    id: AssetId,
    userMetadata: UserMetadata,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Changes some of the metadata: null takes a value away, an empty text is left out, and so changes nothing. */
  readonly mergeMetadata: (
    id: AssetId,
    change: UserMetadataChange,
    options?: CallOptions | undefined
  ) => Effect.Effect<void, RequestError>
  /** Takes all metadata away. */
  readonly clearMetadata: (id: AssetId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
}

/** Much more would be a burden to the memory of a small machine; much less, three requests where one would do. */
const defaultSinglePieceLimit = 20_000_000

/** The vendor takes no larger file in one piece. */
const mostInOnePiece = 200_000_000

/**
 * Makes the assets of a connection. `TwelveLabs` has them as its member `assets`.
 */
export const make = (connection: Connection): Effect.Effect<Assets> =>
  Effect.gen(function* () {
    const { call } = yield* ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection)
    const multipartUploads = yield* MultipartUploads.make(connection)

    const create: Assets["create"] = ({ file, url, ...asset }, options) =>
      Effect.gen(function* () {
        const form = formOf(asset)
        if (file === undefined) {
          form.append("method", "url")
          form.append("url", url)
        } else {
          const bytes = yield* file.read(0, file.size)
          form.append("method", "direct")
          // A copy in a buffer of its own, as the types of `Blob` want it.
          form.append("file", new Blob([new Uint8Array(bytes)], { type: file.contentType ?? "" }), file.name)
        }
        return yield* call(({ assets }) => assets.create({ payload: form }), options)
      })

    const get: Assets["get"] = (id, options) => call(({ assets }) => assets.get({ params: { id } }), options)

    const transcription: Assets["transcription"] = (id, options) =>
      call(({ assets }) => assets.transcription({ params: { id }, query: { include: options?.include } }), options)

    const uploadFile = (file: FileSource, options: UploadOptions | undefined): ReturnType<Assets["upload"]> =>
      Effect.gen(function* () {
        const { filename, hls, thumbnail, userMetadata } = options ?? {}
        const kind = options?.type ?? mediaKind(filename ?? file.name, file.contentType)
        if (file.size <= (options?.singlePieceLimit ?? defaultSinglePieceLimit) || kind === undefined) {
          if (file.size > mostInOnePiece) return yield* tooLarge(connection, file)
          const progress = { checkpoint: undefined, parts: 1, bytes: file.size }
          const tell = options?.onProgress ?? (() => Effect.void)
          yield* tell({ ...progress, sentParts: 0, sentBytes: 0 })
          const asset = yield* create({ file, filename, hls, thumbnail, userMetadata }, options)
          yield* tell({ ...progress, sentParts: 1, sentBytes: file.size })
          return asset
        }
        const { assetId } = yield* multipartUploads.upload(file, { ...options, type: kind })
        const asset: Asset = {
          id: assetId,
          method: "multipart",
          status: "processing",
          filename: filename ?? file.name,
          fileType: file.contentType,
          createdAt: undefined,
          userMetadata,
          source: undefined
        }
        // All of the file has arrived: that the vendor cannot be asked about it just now is no failure of the upload.
        return yield* Effect.orElseSucceed(get(assetId, options), () => asset)
      })

    return {
      upload: (source, options) => {
        if (!("url" in source)) return uploadFile(source, options)
        const { filename, hls, thumbnail, userMetadata } = options ?? {}
        return create({ url: source.url, filename, hls, thumbnail, userMetadata }, options)
      },
      create,
      list: ({ assetIds, assetTypes, filename, ...options } = {}) =>
        // An empty list would be left out of the query, and so ask for all.
        assetIds?.length === 0
          ? Stream.empty
          : listing(connection, options, (query) =>
              call(({ assets }) => assets.list({ query: { ...query, assetIds, assetTypes, filename } }), options)
            ),
      get,
      delete: (id, options) =>
        call(({ assets }) => assets.delete({ params: { id }, query: { force: options?.force } }), options),
      awaitReady: (id, options = {}) =>
        untilReady(
          {
            subject: "asset",
            id,
            poll: get(id, options),
            statusOf: (asset) => standing(asset, options),
            detailOf: ({ error }) => error?.message
          },
          options
        ),
      transcription,
      awaitTranscription: (id, options = {}) =>
        untilReady(
          {
            subject: "transcription of the asset",
            id,
            poll: transcription(id, options),
            statusOf: ({ status }) => status,
            detailOf: ({ error }) => error?.message
          },
          options
        ),
      replaceMetadata: (id, userMetadata, options) =>
        call(({ assets }) => assets.replaceMetadata({ params: { id }, payload: { userMetadata } }), options),
      mergeMetadata: (id, userMetadata, options) =>
        call(({ assets }) => assets.mergeMetadata({ params: { id }, payload: { userMetadata } }), options),
      clearMetadata: (id, options) => call(({ assets }) => assets.clearMetadata({ params: { id } }), options)
    }
  })

const formOf = ({ filename, hls, thumbnail, userMetadata }: AssetOptions): FormData => {
  const form = new FormData()
  if (filename !== undefined) form.append("filename", filename)
  if (hls !== undefined) form.append("enable_hls", String(hls))
  if (thumbnail !== undefined) form.append("enable_thumbnail", String(thumbnail))
  if (userMetadata !== undefined) form.append("user_metadata", JSON.stringify(userMetadata))
  return form
}

/** Where an asset stands, in one word for it and for what else is waited for: the first one that is not ready. */
const standing = (asset: AssetDetail, options: ReadyOptions): string | undefined => {
  if (asset.status !== "ready") return asset.status
  for (const name of ["hls", "thumbnail"] as const) {
    if (options[name] !== true) continue
    const status = asset[name]?.status
    // A word of its own for each: the error says it.
    if (status !== "ready") return status === "error" ? "error" : `${name} ${status ?? "not there"}`
  }
  return "ready"
}

/** Before hundreds of megabytes are read and sent for nothing. */
const tooLarge = ({ baseUrl, vendor }: Connection, { name, size }: FileSource): TransportError =>
  new TransportError({
    vendor: vendor.name,
    reason: "InvalidRequest",
    phase: "connect",
    method: "POST",
    url: baseUrl,
    detail: `${name} has ${size} bytes, and only 200 MB go in one piece: give its address, or, for what is no document, the option type`
  })
