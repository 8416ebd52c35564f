/**
 * One run of an upload in chunks: sends those that are missing, and beside that tells the vendor of those that are sent.
 */
import type { FileSource } from "@effect-sse/core/FileSource"
import * as PartUpload from "@effect-sse/core/PartUpload"
import { ParseError, type RequestError } from "@effect-sse/core/StreamError"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Queue from "effect/Queue"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Connection } from "../Connection.ts"
import type { AssetId } from "../Ids.ts"
import type { Uploaded, UploadOptions, UploadProgress } from "../Upload.ts"
import { type UploadCheckpoint, UploadError } from "../UploadError.ts"
import type { ReportAnswer, ReportedChunk, UploadStatus } from "../UploadSession.ts"
import * as ChunkLinks from "./chunkLinks.ts"
import { untilReady } from "./readiness.ts"

/** What is to be done. */
export interface Run {
  readonly connection: Connection
  readonly source: FileSource
  /** The upload, and what the store has that the vendor does not know of. */
  readonly begun: UploadCheckpoint
  /** The vendor's own number of chunks, if it gave one. */
  readonly totalChunks: number | undefined
  /** Whether the vendor knows that it has a chunk. */
  readonly hasArrived: (number: number) => boolean
  /** Links that are there already. */
  readonly given: ReadonlyArray<ChunkLinks.ChunkLink>
  readonly options: UploadOptions | undefined
  readonly presign: ChunkLinks.ChunkLinksOptions["presign"]
  readonly report: (chunks: ReadonlyArray<ReportedChunk>) => Effect.Effect<ReportAnswer, RequestError>
  readonly status: Effect.Effect<UploadStatus, RequestError>
}

/** More would be no file that anybody takes, and a chunk size of a byte would fill the memory with the plan alone. */
export const mostChunks = 100_000

/** A report has so many chunks at most, and waits no longer than that for more of them. */
const reportSize = 25
const reportEvery = "5 seconds"

const wrong = (vendor: string, issue: string) => new ParseError({ vendor, stage: "schema", issue, excerpt: "" })

/** Says which bytes each chunk has, from sizes that come from outside. */
const layOut = ({
  begun: { chunkSizeBytes, sizeBytes },
  connection,
  options,
  totalChunks
}: Run): Result.Result<ReadonlyArray<PartUpload.Part>, ParseError> => {
  const vendor = connection.vendor.name
  if (!Number.isSafeInteger(chunkSizeBytes) || chunkSizeBytes <= 0) {
    return Result.fail(wrong(vendor, `${chunkSizeBytes} is no size of a chunk`))
  }
  const count = Math.ceil(sizeBytes / chunkSizeBytes)
  if (count > mostChunks)
    return Result.fail(wrong(vendor, `chunks of ${chunkSizeBytes} bytes would be ${count} of them`))
  if (totalChunks !== undefined && totalChunks !== count) {
    return Result.fail(
      wrong(vendor, `${sizeBytes} bytes in chunks of ${chunkSizeBytes} are ${count} chunks, and not ${totalChunks}`)
    )
  }
  const sizes = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    size: Math.min(chunkSizeBytes, sizeBytes - index * chunkSizeBytes)
  }))
  return PartUpload.layout(sizes, sizeBytes, { vendor, maxPartSize: options?.parts?.maxPartSize })
}

const quoted = /^(?:W\/)?"(.*)"$/

/** Sends what is missing, and gives the asset that the file has become. */
export const run = (upload: Run): Effect.Effect<Uploaded, UploadError> =>
  Effect.gen(function* () {
    const { begun, connection, hasArrived, options, source } = upload
    const { uploadId } = begun
    let assetId: AssetId | undefined = begun.assetId
    let url: Redacted.Redacted | undefined
    let isComplete = false
    let areProofsAsSent = false
    let sentChunks = 0
    let chunks = 0
    // Those that the vendor has not been told of; small, since it is told all the time.
    const unreported = new Map<number, string>()

    const checkpoint = (): UploadCheckpoint => ({
      ...begun,
      ...(assetId === undefined ? {} : { assetId }),
      unreported: Array.from(unreported, ([number, etag]) => ({ number, etag }))
    })
    const stopped = (cause: UploadError["cause"]): UploadError =>
      new UploadError({
        step: chunks > 0 && sentChunks === chunks ? "completion" : "chunks",
        name: source.name,
        sentChunks,
        chunks,
        checkpoint: checkpoint(),
        cause
      })
    const tell = (progress: PartUpload.Progress): Effect.Effect<void> => {
      const all: UploadProgress = { ...progress, checkpoint: checkpoint() }
      return options?.onProgress?.(all) ?? Effect.void
    }

    return yield* Effect.gen(function* () {
      const parts = yield* Effect.fromResult(layOut(upload))
      chunks = parts.length
      for (const { etag, number } of begun.unreported) {
        if (!hasArrived(number) && parts[number - 1] !== undefined) unreported.set(number, etag)
      }
      const sent = parts.flatMap(({ number }) =>
        hasArrived(number) || unreported.has(number) ? [{ number, etag: unreported.get(number) ?? "" }] : []
      )
      const isSent = new Set(sent.map(({ number }) => number))
      sentChunks = sent.length
      yield* tell({
        sentParts: sent.length,
        parts: parts.length,
        sentBytes: sent.reduce((sum, { number }) => sum + parts[number - 1]!.size, 0),
        bytes: source.size
      })

      const toReport = yield* Queue.unbounded<PartUpload.SentPart, Cause.Done>()
      yield* Queue.offerAll(
        toReport,
        sent.filter(({ number }) => unreported.has(number))
      )

      const report = (batch: ReadonlyArray<PartUpload.SentPart>, asSent: boolean) =>
        upload.report(
          batch.map(({ etag, number }) => ({
            number,
            etag: asSent ? etag : etag.replace(quoted, "$1"),
            sizeBytes: parts[number - 1]!.size
          }))
        )

      const reportAll = Stream.fromQueue(toReport).pipe(
        Stream.groupedWithin(reportSize, reportEvery),
        Stream.runForEach((batch) =>
          report(batch, areProofsAsSent).pipe(
            // The vendor does not say whether the quotes of an ETag belong to the proof; its own client leaves them out.
            Effect.catchIf(
              (error) => !areProofsAsSent && isRefusedProof(error) && batch.some(({ etag }) => quoted.test(etag)),
              (refused) =>
                report(batch, true).pipe(
                  Effect.tap(() => Effect.sync(() => (areProofsAsSent = true))),
                  Effect.mapError((error) => (isRefusedProof(error) ? refused : error))
                )
            ),
            // A proof from an earlier run that is refused now will be at the next one too: its chunk is sent again then.
            Effect.tapError((error) =>
              Effect.sync(() => {
                if (isRefusedProof(error)) for (const { number } of begun.unreported) unreported.delete(number)
              })
            ),
            Effect.map((answer) => {
              for (const { number } of batch) unreported.delete(number)
              assetId ??= answer.assetId
              url ??= answer.url
              isComplete ||= answer.url !== undefined || answer.totalCompleted === parts.length
            })
          )
        )
      )

      const sendAll = Effect.gen(function* () {
        const locate = yield* ChunkLinks.make({
          vendor: connection.vendor.name,
          given: upload.given,
          isMissing: (number) => number <= parts.length && !isSent.has(number),
          presign: upload.presign
        })
        yield* PartUpload.send(source, parts, {
          ...options?.parts,
          headers: Record.map(begun.headers, Redacted.value),
          allowPrivateHosts: options?.parts?.allowPrivateHosts ?? connection.isLocal,
          etags: "asSent",
          singleUse: true,
          locate,
          sent,
          onSent: (part, progress) => {
            isSent.add(part.number)
            unreported.set(part.number, part.etag)
            sentChunks = progress.sentParts
            return Effect.andThen(Queue.offer(toReport, part), tell(progress))
          }
        }).pipe(Effect.provideService(HttpClient.HttpClient, connection.httpClient))
        yield* Queue.end(toReport)
      })

      // Beside each other: the one that fails stops the other.
      yield* Effect.all([sendAll, reportAll], { concurrency: 2, discard: true })

      if (!isComplete) {
        yield* untilReady(
          { subject: "upload", id: uploadId, poll: upload.status, statusOf: ({ status }) => status },
          { deadline: "1 minute" }
        )
      }
      if (assetId === undefined) {
        return yield* wrong(connection.vendor.name, `the upload ${uploadId} is complete, and no answer names its asset`)
      }
      return { uploadId, assetId, url }
    }).pipe(Effect.mapError(stopped))
  })

const isRefusedProof = (error: RequestError): boolean =>
  error._tag === "ApiError" && (error.status === 400 || error.status === 422)
