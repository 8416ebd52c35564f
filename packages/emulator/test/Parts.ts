/** Uploads in parts, for the tests. */
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect } from "effect"
import * as Crypto from "node:crypto"
import { type Asked, data, type Json, read } from "./Api.ts"
import type { PowerdrillPlay } from "./Wire.ts"

/** What S3 has in its ETag. */
export const md5 = (bytes: Uint8Array) => Crypto.createHash("md5").update(bytes).digest("hex")
/** The code of an error of S3. */
export const codeOf = (xml: Buffer | string) => /<Code>(.*)<\/Code>/.exec(xml.toString())?.[1]

/** Begins an upload. */
export const start = (emulator: EmulatorService, size: number, play: PowerdrillPlay = {}) =>
  data(emulator, "POST /file/init-multipart-upload", { file_name: "sales.csv", file_size: size }, { play })

/** Sends the bytes of a part, as they lie in the file. */
export const put = (part: Json, file: Buffer, partSize: number) =>
  read(part.upload_url, {
    method: "PUT",
    body: new Uint8Array(file.subarray((part.number - 1) * partSize, part.number * partSize))
  })

/** An ETag without its quotes. */
export const bare = (etag: string | null) => etag?.replaceAll('"', "")

/** The request that completes an upload. */
export const complete = ({ file_object_key, upload_id }: Json, part_etags: ReadonlyArray<unknown>) =>
  ["POST /file/complete-multipart-upload", { file_object_key, upload_id, part_etags }] as const

/** What landed, read back by a link. */
export const landed = (emulator: EmulatorService, key: string, asked: Asked = {}) =>
  Effect.gen(function* () {
    const body = { name: "sales.csv", type: "FILE", file_object_key: key }
    const source = yield* data(emulator, "POST /datasources", body)
    const line = `POST /datasets/${source.dataset_id}/datasources/${source.id}/presign` as const
    const link = yield* data(emulator, line, {}, asked)
    return { size: source.size, url: link.presigned_url as string, ...(yield* read(link.presigned_url)) }
  })
