/**
 * Files that clients put into the object store. They are on disk, in a directory that goes away with the scope, so that their
 * size does not matter; what a file is called there is the emulator's own choice.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { Scope } from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Crypto from "node:crypto"
import type * as WirePlan from "./WirePlan.ts"

/** Bytes on disk. */
export interface Piece {
  readonly path: string
  readonly size: number
  /** The MD5 of the bytes in hexadecimal, which is what S3 has in its ETag. */
  readonly etag: string
}

/** A whole file, of one piece or of the parts that it was uploaded in. */
export interface StoredFile {
  readonly key: string
  readonly contentType: string
  readonly size: number
  readonly etag: string
  readonly pieces: ReadonlyArray<Piece>
}

/** An upload in parts: how it was laid out, and what has come so far. */
export interface Upload {
  readonly id: string
  /** The key that the file will have. */
  readonly key: string
  readonly size: number
  readonly parts: ReadonlyArray<{ readonly number: number; readonly size: number; readonly path: string }>
  /** By number. */
  readonly received: Map<number, Piece>
  /** The file, once the upload is complete. */
  file: StoredFile | undefined
}

/** The files of one emulator. */
export interface FileStore {
  /** Bytes that files take, those that uploads in progress will take included. */
  readonly used: () => number
  /** Writes bytes to the disk. What was written of bytes that break off is removed. */
  readonly write: <E>(bytes: Stream.Stream<Uint8Array, E>) => Effect.Effect<Piece, E>
  readonly discard: (pieces: Iterable<Pick<Piece, "path">>) => Effect.Effect<void>
  /** Makes a file of one piece. */
  readonly add: (name: string, contentType: string, piece: Piece) => StoredFile
  readonly find: (key: string) => StoredFile | undefined
  readonly remove: (file: StoredFile) => Effect.Effect<void>
  /** The bytes of a file, read while they are sent. */
  readonly read: (file: StoredFile) => WirePlan.Body
  /** Lays out an upload. */
  readonly begin: (name: string, size: number, partSize: number) => Upload
  readonly findUpload: (id: string) => Upload | undefined
  /** The part that a path of the store stands for, if its upload still takes parts. */
  readonly findPart: (
    path: string
  ) => { readonly upload: Upload; readonly number: number; readonly size: number } | undefined
  /** Makes the file of an upload that has all its parts. */
  readonly complete: (upload: Upload) => StoredFile
}

/** Makes a store that lives as long as the scope. */
export const make: Effect.Effect<FileStore, never, FileSystem.FileSystem | Scope> = Effect.gen(function* () {
  const disk = yield* FileSystem.FileSystem
  const directory = yield* Effect.orDie(disk.makeTempDirectoryScoped({ prefix: "effect-sse-emulator-" }))
  const files = new Map<string, StoredFile>()
  const uploads = new Map<string, Upload>()
  let pieces = 0
  let keys = 0

  const newKey = (name: string) => {
    keys += 1
    return `uploads/emulator${String(keys).padStart(8, "0")}${extensionOf(name)}`
  }

  const keep = (file: StoredFile) => {
    files.set(file.key, file)
    return file
  }

  const discard: FileStore["discard"] = (pieces) =>
    Effect.forEach(pieces, ({ path }) => Effect.orDie(disk.remove(path, { force: true })), { discard: true })

  return {
    used: () => {
      let bytes = 0
      for (const { size } of files.values()) bytes += size
      for (const { file, size } of uploads.values()) bytes += file === undefined ? size : 0
      return bytes
    },
    write: (bytes) =>
      Effect.suspend(() => {
        pieces += 1
        const path = `${directory}/${pieces}`
        const hash = Crypto.createHash("md5")
        let size = 0
        const counted = Stream.map(bytes, (piece) => {
          hash.update(piece)
          size += piece.length
          return piece
        })
        return Stream.run(counted, disk.sink(path)).pipe(
          Effect.catchTag("PlatformError", Effect.die),
          Effect.map((): Piece => ({ path, size, etag: hash.digest("hex") })),
          Effect.onError(() => discard([{ path }]))
        )
      }),
    discard,
    add: (name, contentType, piece) =>
      keep({ key: newKey(name), contentType, size: piece.size, etag: piece.etag, pieces: [piece] }),
    find: (key) => files.get(key),
    remove: (file) => {
      files.delete(file.key)
      return discard(file.pieces)
    },
    read: (file) => ({
      size: file.size,
      slice: (start, end) => ({
        _tag: "Pour",
        bytes: Stream.orDie(
          Stream.flatMap(Stream.fromIterable(rangesOf(file.pieces, start, end)), ({ path, ...range }) =>
            disk.stream(path, range)
          )
        )
      })
    }),
    begin: (name, size, partSize) => {
      const key = newKey(name)
      const id = `upload-emulator${String(keys).padStart(8, "0")}`
      const parts = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => ({
        number: index + 1,
        size: Math.min(partSize, size - index * partSize),
        path: `parts/${id}/${index + 1}`
      }))
      const upload: Upload = { id, key, size, parts, received: new Map(), file: undefined }
      uploads.set(id, upload)
      return upload
    },
    findUpload: (id) => uploads.get(id),
    findPart: (path) => {
      const [, id = "", number] = path.split("/")
      const upload = uploads.get(id)
      const part = upload?.parts[Number(number) - 1]
      if (upload === undefined || upload.file !== undefined || part?.path !== path) return undefined
      return { upload, number: part.number, size: part.size }
    },
    complete: (upload) => {
      const parts = upload.parts.flatMap(({ number }) => upload.received.get(number) ?? [])
      upload.file = keep({
        key: upload.key,
        contentType: "binary/octet-stream",
        size: upload.size,
        etag: etagOfParts(parts),
        pieces: parts
      })
      return upload.file
    }
  }
})

/** The extension of a file's name with its dot, in lower case; the empty text where there is none. */
export const extensionOf = (name: string): string => /\.[a-z0-9]+$/.exec(name.toLowerCase())?.[0] ?? ""

/** What of which piece lies between two offsets of the whole. */
const rangesOf = (pieces: ReadonlyArray<Piece>, start: number, end: number) => {
  let at = 0
  return pieces.flatMap(({ path, size }) => {
    const offset = Math.max(0, start - at)
    const bytesToRead = Math.min(size, end - at) - offset
    at += size
    return bytesToRead > 0 ? [{ path, offset, bytesToRead }] : []
  })
}

/** S3's ETag of a file that came in parts: the MD5 of their MD5s, and how many they were. */
const etagOfParts = (parts: ReadonlyArray<Piece>): string => {
  const hash = Crypto.createHash("md5")
  for (const { etag } of parts) hash.update(Buffer.from(etag, "hex"))
  return `${hash.digest("hex")}-${parts.length}`
}
