import type * as HttpClientRequest from "effect/http/HttpClientRequest"

/**
 * The categories of endpoints that have limits of their own.
 *
 * - `index`: videos that are indexed; `upload`: assets that are made; `search`: in an index or in a knowledge store.
 * - `analyze`: analyses at once, as tasks and in batches.
 * - `embedMedia`: embeddings of audio and video; `embedText`: of text and images.
 * - `responses`: what the agent is asked.
 */
export type Category = "index" | "upload" | "search" | "analyze" | "embedMedia" | "embedText" | "responses"

/**
 * The category that a request counts in, if any: by its path and, for embeddings, by what its body says of the media. The vendor
 * does not document where every endpoint belongs, so some are a guess: a search of a knowledge store, an upload in parts.
 */
export const categoryOf = (request: HttpClientRequest.HttpClientRequest): Category | undefined => {
  if (request.method !== "POST") return undefined
  const [last, parent, grandparent] = request.url.split(/[?#]/, 1)[0]!.split("/").reverse()
  switch (last) {
    case "responses":
    case "search":
    case "analyze":
      return last
    case "batches":
      return parent === "analyze" ? "analyze" : undefined
    case "tasks":
      if (parent === "analyze") return "analyze"
      return parent === "embed-v2" || parent === "embed" ? categoryOfMedia(request) : "index"
    case "indexed-assets":
      return "index"
    case "assets":
      // Those that are added to an entity exist already.
      return grandparent === "entities" ? undefined : "upload"
    case "multipart-uploads":
      return "upload"
    case "embed-v2":
    case "embed":
      return categoryOfMedia(request)
    default:
      return undefined
  }
}

/** What cannot be told counts as media, whose limit is the lower one. */
const categoryOfMedia = ({ body }: HttpClientRequest.HttpClientRequest): Category => {
  if (body._tag === "FormData") {
    const names = [...body.formData.keys()]
    const isMedia = names.some((name) => name.startsWith("audio_") || name.startsWith("video_"))
    return isMedia || !names.some((name) => name === "text" || name.startsWith("image_")) ? "embedMedia" : "embedText"
  }
  const json = body._tag === "Uint8Array" ? endsOf(body.body) : ""
  const type = /"input_type"\s*:\s*"(\w+)"/.exec(json)?.[1]
  if (type === "multi_input") return /"media_type"\s*:\s*"(?:video|audio)"/.test(json) ? "embedMedia" : "embedText"
  return type !== undefined && textTypes.has(type) ? "embedText" : "embedMedia"
}

const textTypes: ReadonlySet<string> = new Set(["text", "image", "text_image"])

const endLength = 16 * 1024

/** The body without its middle: that may be megabytes of an image. Texts in it cannot be mistaken, as their quotes are escaped. */
const endsOf = (bytes: Uint8Array): string => {
  const decoder = new TextDecoder()
  return bytes.length <= 2 * endLength
    ? decoder.decode(bytes)
    : decoder.decode(bytes.subarray(0, endLength)) + decoder.decode(bytes.subarray(-endLength))
}
