/**
 * What TwelveLabs demands of those who ask for embeddings, whether at once or in a task.
 */
import type * as Embedding from "@effect-sse/twelvelabs/Embedding"
import type { AssetId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import { invalid, type Refused } from "./TwelveLabsRefusal.ts"
import * as State from "./TwelveLabsState.ts"
import { type Cut, hashOf, type Span } from "./TwelveLabsVectors.ts"

/** Where a client says that media are. */
export interface Source {
  readonly url?: string | undefined
  readonly assetId?: AssetId | undefined
  readonly bytes?: Uint8Array | undefined
}

/** Media that were found. */
export interface Media {
  /** What stands for the content: equal for equal media. */
  readonly key: string
  /** What an asset is; of others nobody knows before they are read. */
  readonly kind: State.AssetKind | undefined
  /** In seconds. */
  readonly duration: number
  readonly url: string | undefined
  readonly filename: string | undefined
}

/** In seconds, of media that are no asset. */
export const durationElsewhere = 30

/** Checks that a model makes embeddings. */
export const requireModel = (model: string): Effect.Effect<void, Refused> =>
  model === "marengo3.0" || model === "marengo3.5"
    ? Effect.void
    : Effect.fail(invalid("model_name: must be marengo3.0 or marengo3.5"))

/** Checks an address that the vendor would read from. */
export const requireUrl = (place: string, url: string): Effect.Effect<void, Refused> =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? Effect.void
    : Effect.fail(invalid(`${place}: must be a URL`))

/** Finds media: exactly one place must be named, and an asset must be ready. */
export const locate = (
  state: State.TwelveLabsState,
  place: string,
  { assetId, bytes, url }: Source
): Effect.Effect<Media, Refused> =>
  Effect.gen(function* () {
    if ([assetId, bytes, url].filter((one) => one !== undefined).length !== 1) {
      return yield* invalid(`${place}: must have exactly one of url, base64_string, asset_id`)
    }
    if (assetId !== undefined) {
      const asset = yield* State.findReadyAsset(state, assetId)
      const { duration = 0, filename, kind } = asset
      return { key: `asset ${assetId}`, kind, duration, filename, url: undefined }
    }
    const elsewhere = { kind: undefined, duration: durationElsewhere, filename: undefined }
    if (url !== undefined) {
      yield* requireUrl(`${place}.url`, url)
      return { ...elsewhere, key: `url ${url}`, url }
    }
    return { ...elsewhere, key: `bytes ${hashOf(bytes!).toString("hex")}`, url: undefined }
  })

/** Checks a list of words, and gives all that there are where none was sent. */
export const wordsOf = (
  place: string,
  sent: ReadonlyArray<string> | undefined,
  known: ReadonlyArray<string>,
  fallback = known
): Effect.Effect<ReadonlyArray<string>, Refused> =>
  sent !== undefined && (sent.length === 0 || sent.some((word) => !known.includes(word)))
    ? Effect.fail(invalid(`${place}: must be some of ${known.join(", ")}`))
    : Effect.succeed(sent === undefined ? fallback : [...new Set(sent)])

/** Which vectors a client wants. */
export interface Wanted {
  readonly options?: ReadonlyArray<string> | undefined
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly types?: ReadonlyArray<string> | undefined
}

/** Checks which vectors are wanted. */
export const wantedOf = (
  place: string,
  { options, scopes, types }: Wanted,
  known: { readonly options: ReadonlyArray<string>; readonly scopes: ReadonlyArray<string> },
  scopesByDefault?: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const wanted = {
      options: yield* wordsOf(`${place}.embedding_option`, options, known.options),
      scopes: yield* wordsOf(`${place}.embedding_scope`, scopes, known.scopes, scopesByDefault),
      types: yield* wordsOf(
        `${place}.embedding_type`,
        types,
        ["separate_embedding", "fused_embedding"],
        ["separate_embedding"]
      )
    }
    if (wanted.types.includes("fused_embedding") && wanted.options.length < 2) {
      return yield* invalid(`${place}.embedding_type: fused_embedding needs at least two options`)
    }
    return wanted
  })

/** Checks which part of media is wanted. */
export const partOf = (
  place: string,
  { duration }: Media,
  {
    endSeconds,
    startSeconds = 0
  }: { readonly startSeconds?: number | undefined; readonly endSeconds?: number | undefined }
): Effect.Effect<Span, Refused> => {
  const end = endSeconds ?? duration
  if (startSeconds < 0) return Effect.fail(invalid(`${place}.start_sec: must not be negative`))
  if (end > duration) return Effect.fail(invalid(`${place}.end_sec: the media end at ${duration}`))
  if (end <= startSeconds) return Effect.fail(invalid(`${place}.end_sec: must be after the start`))
  return Effect.succeed({ start: startSeconds, end })
}

type FlatSegmentation =
  | { readonly strategy: "fixed"; readonly fixed: { readonly seconds?: number | undefined } }
  | { readonly strategy: "dynamic"; readonly dynamic: { readonly minSeconds?: number | undefined } }

/** How a client says that media are to be cut. */
export type Segmentation = FlatSegmentation | { readonly temporal: FlatSegmentation }

/** Checks how media are to be cut. `isWrapped` says in which of the two forms. */
export const cutOf = (
  place: string,
  segmentation: Segmentation | undefined,
  isWrapped: boolean,
  fallback: Cut
): Effect.Effect<Cut, Refused> => {
  if (segmentation === undefined) return Effect.succeed(fallback)
  if ("temporal" in segmentation !== isWrapped) {
    const form = isWrapped ? "must have a field temporal" : "must not be in a field temporal"
    return Effect.fail(invalid(`${place}.segmentation: ${form} with this model`))
  }
  const flat = "temporal" in segmentation ? segmentation.temporal : segmentation
  const within = (value: number, most: number) => value >= 2 && value <= most
  if (flat.strategy === "fixed") {
    const { seconds = 6 } = flat.fixed
    return within(seconds, 10)
      ? Effect.succeed({ strategy: "fixed", seconds })
      : Effect.fail(invalid(`${place}.segmentation.fixed.duration_sec: must be 2 to 10`))
  }
  const { minSeconds = fallback.strategy === "dynamic" ? fallback.minSeconds : 2 } = flat.dynamic
  return within(minSeconds, 5)
    ? Effect.succeed({ strategy: "dynamic", minSeconds })
    : Effect.fail(invalid(`${place}.segmentation.dynamic.min_duration_sec: must be 2 to 5`))
}

/** What a client says about audio or video. */
export interface TimedBody extends Wanted {
  readonly source: Source
  readonly startSeconds?: number | undefined
  readonly endSeconds?: number | undefined
  readonly segmentation?: Segmentation | undefined
  readonly timedTexts?: ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }> | undefined
}

/** The object that is named like the input type is missing. */
export const missing = (field: string): Refused => invalid(`${field}: is required for this input_type`)

/** How media are cut by default; the newer model cuts all of them alike. */
export const cutByDefault = (model: string, kind: "audio" | "video"): Cut => {
  if (model === "marengo3.5") return { strategy: "dynamic", minSeconds: 2 }
  return kind === "video" ? { strategy: "dynamic", minSeconds: 4 } : { strategy: "fixed", seconds: 6 }
}

/** What an answer says about media, and about the vectors that were wanted of them. */
export const metadataOf = (inputType: string, fields: Partial<Embedding.Metadata>): Embedding.Metadata => ({
  url: undefined,
  filename: undefined,
  options: undefined,
  scopes: undefined,
  durationSeconds: undefined,
  startSeconds: undefined,
  endSeconds: undefined,
  clipSeconds: undefined,
  ...fields,
  inputType
})

/** What an answer says about audio or video. */
export const timedMetadata = (
  kind: "audio" | "video",
  { duration, filename, url }: Media,
  { end, start }: Span,
  cut: Cut,
  wanted: { readonly options: ReadonlyArray<string>; readonly scopes: ReadonlyArray<string> }
): Embedding.Metadata =>
  metadataOf(kind, {
    url,
    filename,
    options: wanted.options,
    scopes: wanted.scopes,
    durationSeconds: duration,
    startSeconds: start,
    endSeconds: end,
    clipSeconds: kind === "video" && cut.strategy === "fixed" ? cut.seconds : undefined
  })
