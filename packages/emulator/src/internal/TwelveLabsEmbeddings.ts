/**
 * TwelveLabs' embeddings at once.
 */
import type * as Embedding from "@effect-sse/twelvelabs/Embedding"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Rules from "./TwelveLabsEmbeddingRules.ts"
import { invalid, type Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import type * as State from "./TwelveLabsState.ts"
import * as Vectors from "./TwelveLabsVectors.ts"

/** In seconds. */
const longest = { "marengo3.0": 600, "marengo3.5": 30 } as const

/** What an input has become. */
interface Made {
  readonly vectors: ReadonlyArray<Embedding.Vector>
  readonly metadata: Partial<Embedding.Metadata>
  /** By kind of content. */
  readonly tokens: Readonly<Record<string, number>>
  readonly truncated?: boolean
}

/** The endpoints of the group `embeddings`. */
export const layer = (state: State.TwelveLabsState) =>
  HttpApiBuilder.group(Api, "embeddings", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          const { inputType, model } = payload
          yield* Rules.requireModel(model)
          const isNewer = model === "marengo3.5"
          if (isNewer && inputType !== "multi_input") {
            return yield* invalid("input_type: marengo3.5 takes only multi_input here")
          }
          if (!isNewer && payload.autoTruncate !== undefined) {
            return yield* invalid("auto_truncate: only with marengo3.5")
          }
          if (!isNewer && payload.uncertainty !== undefined) {
            return yield* invalid("embedding_uncertainty: only with marengo3.5")
          }
          const { metadata, tokens, truncated = false, vectors } = yield* madeOf(state, payload)
          return {
            vectors,
            metadata: Rules.metadataOf(inputType, metadata),
            usage: isNewer ? { inputTokens: tokens, truncated } : undefined
          }
        })
    })
  )

interface MultiInputBody {
  readonly text?: string | undefined
  readonly media?:
    | ReadonlyArray<Rules.Source & { readonly kind: string; readonly name?: string | undefined }>
    | undefined
}

interface Body {
  readonly inputType: string
  readonly model: string
  readonly uncertainty?: boolean | undefined
  readonly autoTruncate?: boolean | undefined
  readonly text?: { readonly text: string } | undefined
  readonly image?: { readonly source: Rules.Source } | undefined
  readonly textImage?: { readonly text: string; readonly source: Rules.Source } | undefined
  readonly audio?: Rules.TimedBody | undefined
  readonly video?: Rules.TimedBody | undefined
  readonly multiInput?: MultiInputBody | undefined
}

const madeOf = (state: State.TwelveLabsState, body: Body): Effect.Effect<Made, Refused> =>
  Effect.gen(function* () {
    const { audio, image, inputType, model, multiInput, text, textImage, video } = body
    switch (inputType) {
      case "text": {
        if (text === undefined) return yield* Rules.missing(inputType)
        yield* requireShort("text.input_text", text.text, 500)
        return one(model, `text ${text.text}`, "text")
      }
      case "image": {
        if (image === undefined) return yield* Rules.missing(inputType)
        const media = yield* still(state, "image.media_source", image.source)
        return one(model, media.key, "visual", media)
      }
      case "text_image": {
        if (textImage === undefined) return yield* Rules.missing(inputType)
        yield* requireShort("text_image.input_text", textImage.text, 500)
        const media = yield* still(state, "text_image.media_source", textImage.source)
        return one(model, `${media.key} ${textImage.text}`, "fused", media)
      }
      case "audio": {
        if (audio === undefined) return yield* Rules.missing(inputType)
        return yield* timed(state, model, inputType, audio, ["audio", "transcription"])
      }
      case "video": {
        if (video === undefined) return yield* Rules.missing(inputType)
        return yield* timed(state, model, inputType, video, ["visual", "audio", "transcription"])
      }
      case "multi_input": {
        if (multiInput === undefined) return yield* Rules.missing(inputType)
        return yield* several(state, body, multiInput)
      }
      default:
        return yield* invalid("input_type: must be one of text, image, text_image, audio, video, multi_input")
    }
  })

/** A word is a token here. */
const wordsOf = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

const requireShort = (place: string, text: string, most: number) => {
  if (text.trim() === "") return Effect.fail(invalid(`${place}: must not be blank`))
  return wordsOf(text).length > most ? Effect.fail(invalid(`${place}: has more than ${most} tokens`)) : Effect.void
}

const still = (state: State.TwelveLabsState, place: string, source: Rules.Source) =>
  Effect.flatMap(Rules.locate(state, place, source), (media) =>
    media.kind === undefined || media.kind === "image"
      ? Effect.succeed(media)
      : Effect.fail(invalid(`${place}: the asset is of the kind ${media.kind}, not an image`))
  )

const one = (model: string, key: string, option: string, media?: Rules.Media): Made => ({
  vectors: [{ ...Vectors.vector(`${model} ${key}`, false), option }],
  metadata: { url: media?.url, filename: media?.filename },
  tokens: {}
})

const timed = (
  state: State.TwelveLabsState,
  model: string,
  kind: "audio" | "video",
  body: Rules.TimedBody,
  options: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const media = yield* Rules.locate(state, `${kind}.media_source`, body.source)
    if (media.kind !== undefined && media.kind !== kind && media.kind !== "video") {
      return yield* invalid(`${kind}.media_source: the asset is of the kind ${media.kind}`)
    }
    if (body.timedTexts !== undefined) return yield* invalid(`${kind}.time_based_metadata: only in tasks`)
    if (media.duration > longest["marengo3.0"]) {
      return yield* invalid(`${kind}: longer than ${longest["marengo3.0"]} seconds`)
    }
    const part = yield* Rules.partOf(kind, media, body)
    const wanted = yield* Rules.wantedOf(kind, body, { options, scopes: ["clip", "asset"] })
    const cut = yield* Rules.cutOf(kind, body.segmentation, false, Rules.cutByDefault(model, kind))
    if (kind === "audio" && cut.strategy !== "fixed") {
      return yield* invalid("audio.segmentation.strategy: must be fixed")
    }
    return {
      vectors: Vectors.timedVectors({ model, key: media.key, part, cut, ...wanted, uncertainty: false }),
      metadata: Rules.timedMetadata(kind, media, part, cut, wanted),
      tokens: {}
    }
  })

const several = (state: State.TwelveLabsState, body: Body, { media = [], text }: MultiInputBody) =>
  Effect.gen(function* () {
    const { autoTruncate = false, model, uncertainty = false } = body
    const words = wordsOf(text ?? "")
    const place = "multi_input.media_sources"
    if (text === undefined && media.length === 0) return yield* invalid("multi_input: has neither a text nor media")
    if (media.length > 10) return yield* invalid(`${place}: must be at most 10`)
    const kinds = new Set(media.map(({ kind }) => kind))
    const known = model === "marengo3.5" ? ["image", "video", "audio"] : ["image"]
    yield* Rules.wordsOf(`${place}.media_type`, kinds.size === 0 ? undefined : [...kinds], known)
    if (kinds.size > 1 && text === undefined) {
      return yield* invalid("multi_input.input_text: is required where media are of different kinds")
    }
    if (uncertainty && text !== undefined && media.length > 0) {
      return yield* invalid("embedding_uncertainty: only of text alone or of media alone")
    }
    const names = new Set(media.map(({ name }) => name))
    for (const [, name] of (text ?? "").matchAll(/<@([^<>]+)>/g)) {
      if (!names.has(name)) return yield* invalid(`multi_input.input_text: nothing has the name ${name}`)
    }
    const most = model === "marengo3.5" ? 2000 : 500
    const truncated = autoTruncate && words.length > most
    if (text !== undefined && !truncated) yield* requireShort("multi_input.input_text", text, most)
    const keys: Array<string> = []
    const tokens: Record<string, number> = text === undefined ? {} : { text: Math.min(words.length, most) }
    for (const [index, source] of media.entries()) {
      const { kind } = source
      const found = yield* Rules.locate(state, `${place}.${index}`, source)
      if (found.kind !== undefined && found.kind !== kind) {
        return yield* invalid(`${place}.${index}.media_type: the asset is of the kind ${found.kind}`)
      }
      if (kind !== "image" && found.duration > longest["marengo3.5"]) {
        return yield* invalid(`${place}.${index}: longer than ${longest["marengo3.5"]} seconds`)
      }
      tokens[kind] = (tokens[kind] ?? 0) + 258
      keys.push(`${source.name ?? ""} ${found.key}`)
    }
    return {
      vectors: [Vectors.vector(`${model} ${words.slice(0, most).join(" ")} ${keys.join(" ")}`, uncertainty)],
      metadata: {},
      tokens,
      truncated
    }
  })
