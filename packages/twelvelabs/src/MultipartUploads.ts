/**
 * Files in, in chunks that go straight to the vendor's object store: for all but small ones (see also `Assets`, whose `upload`
 * chooses by itself).
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import { type FileSource, FileSourceError } from "@effect-sse/core/FileSource"
import * as Pagination from "@effect-sse/core/Pagination"
import { ParseError, type RequestError, TransportError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { UploadId } from "./Ids.ts"
import * as ChunkedUpload from "./internal/chunkedUpload.ts"
import { listing } from "./internal/listing.ts"
import { mediaKind } from "./internal/mediaKind.ts"
import { stateOf } from "./internal/readiness.ts"
import * as Wire from "./internal/wire.ts"
import { withoutAnswer } from "./internal/withoutAnswer.ts"
import { ProcessingError } from "./ProcessingError.ts"
import type { AssetOptions, MediaKind, Uploaded, UploadOptions } from "./Upload.ts"
import { type UploadCheckpoint, UploadError } from "./UploadError.ts"
import {
  ChunkLink,
  type ChunkStatus,
  ReportAnswer,
  type ReportedChunk,
  StartedUpload,
  UploadSession,
  UploadStatus
} from "./UploadSession.ts"

const params = { id: WireSchema.inPath(UploadId) } as const

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("multipartUploads").add(
  HttpApiEndpoint.post("create", "/assets/multipart-uploads", {
    payload: Schema.Struct({
      filename: Schema.String,
      type: Schema.Literals(["video", "audio", "image"]),
      sizeBytes: Schema.Int,
      hls: Schema.optional(Schema.Boolean),
      thumbnail: Schema.optional(Schema.Boolean),
      userMetadata: Schema.optional(Wire.OwnMetadata)
    }).pipe(
      Schema.encodeKeys({
        sizeBytes: "total_size",
        hls: "enable_hls",
        thumbnail: "enable_thumbnail",
        userMetadata: "user_metadata"
      })
    ),
    success: StartedUpload.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.get("list", "/assets/multipart-uploads", {
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: Wire.page(UploadSession)
  }),
  HttpApiEndpoint.get("get", "/assets/multipart-uploads/:id", {
    params,
    query: Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys)),
    success: UploadStatus
  }),
  HttpApiEndpoint.post("report", "/assets/multipart-uploads/:id", {
    params,
    payload: Schema.Struct({
      chunks: Schema.Array(
        Schema.Struct({
          number: Schema.Int,
          proof: Schema.String,
          proofType: Schema.Literal("etag"),
          sizeBytes: Schema.Int
        }).pipe(Schema.encodeKeys({ number: "chunk_index", proofType: "proof_type", sizeBytes: "chunk_size" }))
      )
    }).pipe(Schema.encodeKeys({ chunks: "completed_chunks" })),
    success: ReportAnswer
  }).annotate(ApiClient.Idempotent, true),
  HttpApiEndpoint.post("presign", "/assets/multipart-uploads/:id/presigned-urls", {
    params,
    payload: Schema.Struct({ start: Schema.Int, count: Schema.Int }),
    success: Schema.Struct({
      uploadId: WireSchema.maybe(UploadId),
      start: WireSchema.maybe(Schema.Finite),
      count: WireSchema.maybe(Schema.Finite),
      links: WireSchema.maybe(Schema.Array(ChunkLink)),
      generatedAt: WireSchema.maybeTime,
      expiresAt: WireSchema.maybeTime
    }).pipe(
      Schema.encodeKeys({
        uploadId: "upload_id",
        start: "start_index",
        links: "upload_urls",
        generatedAt: "generated_at",
        expiresAt: "expires_at"
      })
    )
  }).annotate(ApiClient.Idempotent, true)
)

/**
 * What an upload in chunks begins with.
 */
export interface CreateRequest extends AssetOptions {
  readonly filename: string
  /** What the file is. Documents do not come in chunks. */
  readonly type: MediaKind
  /** Of the file. */
  readonly sizeBytes: number
}

/**
 * What can be done with uploads in chunks.
 */
export interface MultipartUploads {
  /**
   * Uploads a video, a sound or an image, and gives the asset that it becomes. Wait for that with `assets.awaitReady`.
   *
   * **Details**
   *
   * The file goes in chunks of the vendor's size straight to its object store, without the API key: so many at once as
   * `parts.concurrency` says, read from the file just before, each tried again by itself and with a fresh link. Links are asked
   * for just before they are needed. The vendor is told of what has arrived all the time. An interruption stops all of it;
   * for a limit in time, put `Effect.timeout` around it.
   * Where an upload began and did not end, the error is an `UploadError` with a checkpoint for {@link MultipartUploads.resume};
   * after an interruption the last `onProgress` has it.
   *
   * **Example** (A file from the disk, which goes on after a failure)
   *
   * ```ts
   * import { FileSource } from "@effect-sse/core"
   * import { TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect } from "effect"
   *
   * const upload = Effect.gen(function*() {
   *   const { multipartUploads } = yield* TwelveLabs
   *   const source = yield* FileSource.fromPath("workshop.mp4")
   *   return yield* multipartUploads.upload(source, {
   *     onProgress: ({ bytes, sentBytes }) => Console.log(`${Math.floor((100 * sentBytes) / bytes)} %`)
   *   }).pipe(
   *     Effect.catchTag("UploadError", (error) => multipartUploads.resume(source, error.checkpoint))
   *   )
   * })
   * ```
   */
  readonly upload: (
    source: FileSource,
    options?: UploadOptions | undefined
  ) => Effect.Effect<Uploaded, RequestError | UploadError>
  /**
   * Goes on with an upload: asks the vendor what has arrived, sends what has not, and completes it.
   *
   * An upload's id alone will do, while it is not complete; but a checkpoint knows more: the asset, the headers that the store
   * wants, the chunks that the store has and the vendor does not know of. What the file was called, and what else was said of it, stays
   * as it was.
   *
   * Fails with `ProcessingError` when the upload has expired or was given up: begin again; with `FileSourceError` when the file
   * has another size; with `ParseError` when there is only an id, and the vendor does not list it any more.
   */
  readonly resume: (
    source: FileSource,
    from: UploadCheckpoint | UploadId,
    options?: UploadOptions | undefined
  ) => Effect.Effect<Uploaded, RequestError | FileSourceError | ProcessingError | UploadError>
  /** Begins an upload, for a program that sends the chunks itself. */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<StartedUpload, RequestError>
  /** The uploads that are not complete, page by page. They expire a day after they began. */
  readonly list: (options?: ListOptions | undefined) => Stream.Stream<UploadSession, RequestError>
  /** How far an upload is, with a page of its chunks: the first one, unless `pageNumber` names another. */
  readonly get: (
    id: UploadId,
    options?: (ListOptions & { readonly pageNumber?: number | undefined }) | undefined
  ) => Effect.Effect<UploadStatus, RequestError>
  /** What the vendor knows of the chunks of an upload, page by page. */
  readonly chunks: (id: UploadId, options?: ListOptions | undefined) => Stream.Stream<ChunkStatus, RequestError>
  /** Tells the vendor of chunks that the store has taken. Telling it again does no harm. */
  readonly report: (
    id: UploadId,
    chunks: ReadonlyArray<ReportedChunk>,
    options?: CallOptions | undefined
  ) => Effect.Effect<ReportAnswer, RequestError>
  /** Gives fresh links to `count` chunks, 50 at most, from the one with the number `start` on. */
  readonly presign: (
    id: UploadId,
    range: { readonly start: number; readonly count: number },
    options?: CallOptions | undefined
  ) => Effect.Effect<ReadonlyArray<ChunkLink>, RequestError>
}

/** The most that a page has. */
const pageSize = 50

/**
 * Makes the uploads in chunks of a connection. `TwelveLabs` has them as its member `multipartUploads`.
 */
export const make = (connection: Connection): Effect.Effect<MultipartUploads> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => {
    const vendor = connection.vendor.name

    const create: MultipartUploads["create"] = (payload, options) =>
      Effect.mapError(
        call(({ multipartUploads }) => multipartUploads.create({ payload }), options),
        // Links are scrubbed anyway; the headers for the store are secrets too.
        withoutAnswer
      )

    const list: MultipartUploads["list"] = (options) =>
      listing(connection, options, (query) => call(({ multipartUploads }) => multipartUploads.list({ query }), options))

    const get: MultipartUploads["get"] = (id, options) => {
      const query = { pageNumber: options?.pageNumber, pageSize: options?.pageSize }
      return call(({ multipartUploads }) => multipartUploads.get({ params: { id }, query }), options)
    }

    /** All chunks; `onPage` sees what each page says of the upload itself. */
    const chunksOf = (
      id: UploadId,
      options: ListOptions | undefined,
      onPage: (status: UploadStatus) => void
    ): Stream.Stream<ChunkStatus, RequestError> =>
      Pagination.numbered(vendor, (pageNumber) =>
        Effect.map(get(id, { ...options, pageNumber }), (status) => {
          onPage(status)
          // Where nothing is said about pages, one that is not full is the last one.
          return { items: status.chunks ?? [], ...(status.page ?? { pageSize: options?.pageSize }) }
        })
      )

    const report: MultipartUploads["report"] = (id, reported, options) => {
      const chunks = reported.map(({ etag, number, sizeBytes }) => ({
        number,
        proof: etag,
        proofType: "etag" as const,
        sizeBytes
      }))
      return call(({ multipartUploads }) => multipartUploads.report({ params: { id }, payload: { chunks } }), options)
    }

    const presign: MultipartUploads["presign"] = (id, { count, start }, options) =>
      call(
        ({ multipartUploads }) => multipartUploads.presign({ params: { id }, payload: { start, count } }),
        options
      ).pipe(
        Effect.map(({ expiresAt, links }) =>
          (links ?? []).map((link) => ({ ...link, expiresAt: link.expiresAt ?? expiresAt }))
        )
      )

    const run = (
      source: FileSource,
      begun: UploadCheckpoint,
      options: UploadOptions | undefined,
      known: Pick<ChunkedUpload.Run, "given" | "hasArrived" | "totalChunks">
    ): Effect.Effect<Uploaded, UploadError> =>
      ChunkedUpload.run({
        ...known,
        connection,
        source,
        begun,
        options,
        presign: (start, count) => presign(begun.uploadId, { start, count }, options),
        report: (chunks) => report(begun.uploadId, chunks, options),
        status: get(begun.uploadId, options)
      })

    /** What the vendor has of an upload. */
    const survey = (id: UploadId, options: CallOptions | undefined) =>
      Effect.gen(function* () {
        let status: UploadStatus | undefined
        const completed = new Set<number>()
        yield* chunksOf(id, { ...options, pageSize }, (page) => (status = page)).pipe(
          // Pages come from outside: they end here at the latest.
          Stream.take(ChunkedUpload.mostChunks),
          Stream.runForEach((chunk) =>
            Effect.sync(() => {
              if (chunk.number !== undefined && chunk.status === "completed") completed.add(chunk.number)
            })
          )
        )
        return {
          status: status?.status,
          sizeBytes: status?.sizeBytes,
          hasArrived: (number: number) => status?.status === "completed" || completed.has(number)
        }
      })

    /** What can be known of an upload by its id. */
    const find = (source: FileSource, uploadId: UploadId, options: UploadOptions | undefined) =>
      Effect.gen(function* () {
        const session = yield* Stream.runHead(
          Stream.filter(list({ ...options, pageSize }), (one) => one.uploadId === uploadId)
        )
        if (Option.isNone(session)) {
          const issue = `the upload ${uploadId} is not listed among those that are not complete, so that its chunks are not known; resume it with a checkpoint`
          return yield* new ParseError({ vendor, stage: "schema", issue, excerpt: "" })
        }
        const { chunkSizeBytes, totalChunks } = session.value
        const headers = Record.map(options?.parts?.headers ?? {}, (value) => Redacted.make(value))
        return { begun: { uploadId, sizeBytes: source.size, chunkSizeBytes, headers, unreported: [] }, totalChunks }
      })

    return {
      upload: (source, options) =>
        Effect.gen(function* () {
          const { filename = source.name, hls, thumbnail, userMetadata } = options ?? {}
          const type = options?.type ?? mediaKind(filename, source.contentType)
          if (type === undefined) return yield* unknownKind(connection, filename)
          const request = { filename, type, sizeBytes: source.size, hls, thumbnail, userMetadata }
          const { assetId, chunkSizeBytes, headers, links, totalChunks, uploadId } = yield* create(request, options)
          const begun = {
            uploadId,
            assetId,
            sizeBytes: source.size,
            chunkSizeBytes,
            headers: headers ?? {},
            unreported: []
          }
          return yield* run(source, begun, options, { given: links ?? [], hasArrived: () => false, totalChunks })
        }),
      resume: (source, from, options) =>
        Effect.gen(function* () {
          const uploadId = typeof from === "string" ? from : from.uploadId
          const { hasArrived, sizeBytes, status } = yield* survey(uploadId, options)
          const expected = typeof from === "string" ? sizeBytes : from.sizeBytes
          if ((expected ?? source.size) !== source.size) {
            return yield* new FileSourceError({ name: source.name, reason: "Changed" })
          }
          if (status !== undefined && stateOf(status) === "Failed") {
            return yield* new ProcessingError({ subject: "upload", id: uploadId, status })
          }
          if (typeof from !== "string") {
            return yield* run(source, from, options, { given: [], hasArrived, totalChunks: undefined })
          }
          const { begun, totalChunks } = yield* find(source, from, options)
          return yield* run(source, begun, options, { given: [], hasArrived, totalChunks })
        }),
      create,
      list,
      get,
      chunks: (id, options) => chunksOf(id, options, () => {}),
      report,
      presign
    }
  })

/** The vendor wants to be told what it gets. */
const unknownKind = ({ baseUrl, vendor }: Connection, filename: string): TransportError =>
  new TransportError({
    vendor: vendor.name,
    reason: "InvalidRequest",
    phase: "connect",
    method: "POST",
    url: baseUrl,
    detail: `what ${filename} is cannot be told by its name: give the option type`
  })
