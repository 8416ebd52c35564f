/**
 * Powerdrill's uploads: small files as a form, others in parts that go to the object store.
 */
import { FileObjectKey, UploadId } from "@effect-sse/powerdrill/Ids"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Redacted from "effect/Redacted"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { StoredFile, Upload } from "./FileStore.ts"
import { invalid, notFound, Refused } from "./PowerdrillRefusal.ts"
import { Api } from "./PowerdrillServer.ts"
import * as State from "./PowerdrillState.ts"
import type { LinkMaker } from "./StoreLinks.ts"

/** Seconds that links to parts live. */
const partLifetime = 24 * 60 * 60

/** S3 takes no more parts of one file. */
const mostParts = 10_000

const empty = () => new Refused({ status: 200, code: 300005, message: "Empty file" })

const uploaded = ({ key }: StoredFile) => ({ fileObjectKey: FileObjectKey.make(key) })

/** The endpoints of the group `files`. */
export const layer = (state: State.PowerdrillState, linkMaker: (play: Play) => LinkMaker) => {
  const requireSpace = (size: number) =>
    state.files.used() + size > state.limits.storageLimit
      ? Effect.fail(new Refused({ status: 200, code: 300006, message: "Insufficient storage" }))
      : Effect.void

  return HttpApiBuilder.group(Api, "files", (handlers) =>
    handlers.handleAll({
      upload: ({ payload: { file, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const disk = yield* FileSystem.FileSystem
          const piece = yield* Effect.orDie(state.files.write(disk.stream(file.path)))
          const refusal = piece.size === 0 ? Effect.fail(empty()) : requireSpace(piece.size)
          yield* Effect.onError(refusal, () => state.files.discard([piece]))
          return uploaded(state.files.add(file.name, file.contentType, piece))
        }),
      start: ({ payload: { fileName, fileSize, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          yield* State.requireText("file_name", fileName)
          if (fileSize < 0) return yield* invalid("file_size: must not be negative")
          if (fileSize === 0) return yield* empty()
          const { partSize } = state.limits
          if (fileSize > partSize * mostParts) return yield* invalid("file_size: too large")
          yield* requireSpace(fileSize)
          const upload = state.files.begin(fileName, fileSize, partSize)
          const { now, play } = yield* Exchange.Exchange
          const link = linkMaker(play)
          return {
            uploadId: UploadId.make(upload.id),
            fileObjectKey: FileObjectKey.make(upload.key),
            parts: upload.parts.map(({ number, path, size }) => ({
              number,
              size,
              url: Redacted.make(link({ method: "PUT", key: path, now: now(), seconds: partLifetime }).url)
            }))
          }
        }),
      complete: ({ payload: { fileObjectKey, parts, uploadId, userId } }) =>
        Effect.gen(function* () {
          yield* State.requireText("user_id", userId)
          const upload = state.files.findUpload(uploadId)
          if (upload === undefined || upload.key !== fileObjectKey) return yield* notFound("upload")
          const problem = problemOf(upload, parts)
          if (problem !== undefined) return yield* invalid(`part_etags: ${problem}`)
          // Completing once more, with the same parts, is no mistake at S3.
          return uploaded(upload.file ?? state.files.complete(upload))
        })
    })
  )
}

/** What is wrong with the parts that an upload is to be completed with. */
const problemOf = (
  upload: Upload,
  given: ReadonlyArray<{ readonly number: number; readonly etag: string }>
): string | undefined => {
  if (given.some(({ number }, index) => number !== index + 1) || given.length !== upload.parts.length) {
    return `must be the parts 1 to ${upload.parts.length}, each once and in ascending order`
  }
  for (const { etag, number } of given) {
    const received = upload.received.get(number)
    if (received === undefined) return `part ${number} has not been uploaded`
    if (etag.includes('"')) return `the etag of part ${number} has quotes`
    if (etag !== received.etag) return `the etag of part ${number} is not what the store has`
  }
  return undefined
}
