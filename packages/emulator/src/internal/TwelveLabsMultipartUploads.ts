/**
 * TwelveLabs' uploads in chunks: sessions that live for a day, links that are good for one request, and reports of what the store
 * has.
 */
import { AssetId, UploadId } from "@effect-sse/twelvelabs/Ids"
import type * as UploadSession from "@effect-sse/twelvelabs/UploadSession"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Upload } from "./FileStore.ts"
import type { LinkMaker } from "./StoreLinks.ts"
import * as Media from "./TwelveLabsMedia.ts"
import { conflict, invalid, type Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** An upload of TwelveLabs'. */
interface Session {
  readonly id: UploadId
  readonly assetId: AssetId
  /** The upload as the store has it. */
  readonly upload: Upload
  /** In milliseconds since 1970. */
  readonly createdAt: number
  /** In milliseconds since 1970. */
  readonly expiresAt: number
  /** When each chunk was reported, in milliseconds since 1970. */
  readonly completed: Map<number, number>
}

/** Seconds that a link to a chunk lives. */
const linkLifetime = 60 * 60

/** Links that come when an upload begins: for the others, they have to be asked for. */
const firstLinks = 2

/** Links that can be asked for at once. */
const mostLinks = 50

/** Bytes of the largest video, and of the largest audio. */
const mostOfAll = 10_000_000_000

/** The endpoints of the group `multipartUploads`. */
export const layer = (state: State.TwelveLabsState, linkMaker: (play: Play) => LinkMaker) => {
  const { chunkSize, proofs, uploadHeaders, uploadSeconds } = state.limits
  const sessions = new Map<string, Session>()
  const find = (id: string) => State.find(sessions, id, "upload")

  const statusOf = ({ expiresAt, upload }: Session) => {
    if (upload.file !== undefined) return "completed"
    return state.now() < expiresAt ? "active" : "expired"
  }

  /** Finds an upload that still takes chunks. */
  const findOpen = (id: string) =>
    Effect.flatMap(find(id), (session) =>
      statusOf(session) === "expired"
        ? Effect.fail(conflict("upload_expired", "The upload has expired. Begin a new one."))
        : Effect.succeed(session)
    )

  const linksTo = (upload: Upload, numbers: { readonly start: number; readonly count: number }, play: Play) => {
    const link = linkMaker(play)
    return upload.parts.slice(numbers.start - 1, numbers.start - 1 + numbers.count).map(({ number, path }) => {
      const { expiresAt, url } = link({
        method: "PUT",
        key: path,
        now: state.now(),
        seconds: linkLifetime,
        once: true,
        headers: uploadHeaders
      })
      return { number, url: Redacted.make(url), expiresAt: State.timeOf(expiresAt) }
    })
  }

  /** The file has come: now it is worked on. */
  const complete = ({ assetId, upload }: Session, play: Play) => {
    const content = state.files.complete(upload)
    const asset = state.assets.get(assetId)
    if (asset === undefined) return
    const work = State.begin(state, play)
    // What the first request wanted of the work counts too.
    state.assets.set(assetId, { ...asset, content, work: { ...work, succeeds: work.succeeds && asset.work.succeeds } })
  }

  return HttpApiBuilder.group(Api, "multipartUploads", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { filename, hls = false, thumbnail = false, sizeBytes, type, userMetadata } }) =>
        Effect.gen(function* () {
          const length = Media.lengthOf(filename)
          if (length < 1 || length > 255) return yield* invalid("filename: must have 1 to 255 characters")
          const most = type === "image" ? Media.mostOfImage : mostOfAll
          if (sizeBytes < 1 || sizeBytes > most) return yield* invalid(`total_size: must be 1 to ${most} bytes`)
          const { play } = yield* Exchange.Exchange
          const upload = state.files.begin(filename, sizeBytes, chunkSize)
          const now = state.now()
          const session: Session = {
            id: UploadId.make(upload.id),
            assetId: AssetId.make(state.nextHexId("asset")),
            upload,
            createdAt: now,
            expiresAt: now + uploadSeconds * 1000,
            completed: new Map()
          }
          sessions.set(session.id, session)
          state.assets.set(session.assetId, {
            id: session.assetId,
            method: "multipart",
            kind: type,
            filename,
            fileType: Media.mediaOf(filename)?.fileType ?? `${type}/*`,
            size: sizeBytes,
            duration: Media.durationOf(type, sizeBytes),
            userMetadata,
            createdAt: now,
            // Nothing happens before the file is there.
            work: { ...State.begin(state, play), doneAt: Infinity },
            hls,
            thumbnail,
            source: undefined
          })
          return {
            uploadId: session.id,
            assetId: session.assetId,
            links: linksTo(upload, { start: 1, count: firstLinks }, play),
            headers: Record.map(uploadHeaders, (value) => Redacted.make(value)),
            chunkSizeBytes: chunkSize,
            totalChunks: upload.parts.length,
            expiresAt: State.timeOf(session.expiresAt)
          }
        }),
      list: ({ query }) =>
        Effect.gen(function* () {
          const open = [...sessions.values()].filter((session) => statusOf(session) === "active").toReversed()
          return yield* State.pageOf(
            open.map((session): UploadSession.UploadSession => ({
              uploadId: session.id,
              status: statusOf(session),
              sizeBytes: session.upload.size,
              chunkSizeBytes: chunkSize,
              totalChunks: session.upload.parts.length,
              createdAt: State.timeOf(session.createdAt),
              expiresAt: State.timeOf(session.expiresAt)
            })),
            query
          )
        }),
      get: ({ params: { id }, query }) =>
        Effect.gen(function* () {
          const session = yield* find(id)
          const { completed, createdAt, upload } = session
          const chunks = upload.parts.map(({ number }): UploadSession.ChunkStatus => {
            const reportedAt = completed.get(number)
            const at = reportedAt === undefined ? undefined : State.timeOf(reportedAt)
            return {
              number,
              status: at === undefined ? "pending" : "completed",
              uploadedAt: at,
              updatedAt: at ?? State.timeOf(createdAt),
              error: undefined
            }
          })
          const { info, items } = yield* State.pageOf(chunks, query)
          const sizes = upload.parts.map(({ number, size }) => (completed.has(number) ? size : 0))
          return {
            uploadId: session.id,
            status: statusOf(session),
            chunks: items,
            page: info,
            chunksCompleted: completed.size,
            chunksFailed: 0,
            chunksPending: upload.parts.length - completed.size,
            sizeBytes: upload.size,
            uploadedBytes: sizes.reduce((sum, size) => sum + size, 0),
            createdAt: State.timeOf(createdAt),
            updatedAt: State.timeOf(Math.max(createdAt, ...completed.values()))
          }
        }),
      report: ({ params: { id }, payload: { chunks } }) =>
        Effect.gen(function* () {
          const session = yield* findOpen(id)
          const { assetId, completed, upload } = session
          if (chunks.length === 0) return yield* invalid("completed_chunks: must not be empty")
          // All or nothing.
          for (const chunk of chunks) {
            const problem = problemOf(upload, chunk, proofs)
            if (problem !== undefined) return yield* problem
          }
          const before = completed.size
          for (const { number } of chunks) if (!completed.has(number)) completed.set(number, state.now())
          const { play } = yield* Exchange.Exchange
          if (upload.file === undefined && completed.size === upload.parts.length) complete(session, play)
          const file = upload.file
          const url =
            file === undefined
              ? undefined
              : linkMaker(play)({ method: "GET", key: file.key, now: state.now(), seconds: linkLifetime }).url
          return {
            url: url === undefined ? undefined : Redacted.make(url),
            assetId,
            processedChunks: completed.size - before,
            duplicateChunks: chunks.length - (completed.size - before),
            totalCompleted: completed.size
          }
        }),
      presign: ({ params: { id }, payload: { count, start } }) =>
        Effect.gen(function* () {
          const { id: uploadId, upload } = yield* findOpen(id)
          if (start < 1 || start > upload.parts.length) {
            return yield* invalid(`start: must be 1 to ${upload.parts.length}`)
          }
          if (count < 1 || count > mostLinks) return yield* invalid(`count: must be 1 to ${mostLinks}`)
          const { play } = yield* Exchange.Exchange
          const links = linksTo(upload, { start, count }, play)
          const now = state.now()
          return {
            uploadId,
            start,
            count: links.length,
            links,
            generatedAt: State.timeOf(now),
            expiresAt: links[0]?.expiresAt
          }
        })
    })
  )
}

/** What is wrong with a chunk in a report. */
const problemOf = (
  upload: Upload,
  { number, proof, sizeBytes }: { readonly number: number; readonly proof: string; readonly sizeBytes: number },
  proofs: State.Limits["proofs"]
): Refused | undefined => {
  const part = upload.parts[number - 1]
  if (part === undefined) return invalid(`completed_chunks: there is no chunk ${number}`)
  if (sizeBytes !== part.size) return invalid(`completed_chunks: chunk ${number} has ${part.size} bytes`)
  const received = upload.received.get(number)
  if (received === undefined) return invalid(`completed_chunks: chunk ${number} has not been uploaded`)
  const isRight =
    (proofs !== "quoted" && proof === received.etag) || (proofs !== "bare" && proof === `"${received.etag}"`)
  return isRight ? undefined : invalid(`completed_chunks: the proof of chunk ${number} is wrong`)
}
