/**
 * Requests that are forms.
 */
import type { FileSource, FileSourceError } from "@effect-sse/core/FileSource"
import * as Effect from "effect/Effect"

/** What a field of a form can be; a list is a field that comes more than once, and `undefined` none at all. */
export type Field = string | number | boolean | ReadonlyArray<string> | undefined

/** Makes a form. */
export const formOf = (fields: Readonly<Record<string, Field>>): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value ?? []].flat()) form.append(name, String(one))
  }
  return form
}

/** More in one piece than this, and its bytes would be in memory twice for long. */
const pieceSize = 16 * 1024 * 1024

/** Adds a file to a form. All of it is in memory then, until it is sent. */
export const appendFile = (
  form: FormData,
  name: string,
  source: FileSource
): Effect.Effect<FormData, FileSourceError> =>
  Effect.gen(function* () {
    const pieces: Array<Blob> = []
    for (let offset = 0; offset < source.size; offset += pieceSize) {
      const bytes = yield* source.read(offset, Math.min(pieceSize, source.size - offset))
      // A copy in a buffer of its own, as the types of `Blob` want it.
      pieces.push(new Blob([new Uint8Array(bytes)]))
    }
    form.append(name, new Blob(pieces, { type: source.contentType ?? "" }), source.name)
    return form
  })
