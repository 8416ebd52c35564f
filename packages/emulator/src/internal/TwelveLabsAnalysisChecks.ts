/**
 * What TwelveLabs refuses to analyze, besides what its declaration already says.
 */
import * as Effect from "effect/Effect"
import * as TwelveLabsAnalyzeSchema from "./TwelveLabsAnalyzeSchema.ts"
import { invalid, Refused } from "./TwelveLabsRefusal.ts"
import * as State from "./TwelveLabsState.ts"

type Maybe<A> = A | null | undefined

const missing = (name: string): Refused =>
  new Refused({ status: 400, code: "parameter_not_provided", message: `The ${name} parameter is required.` })

const refuseIf = (isWrong: boolean, refused: () => Refused): Effect.Effect<void, Refused> =>
  isWrong ? Effect.fail(refused()) : Effect.void

/** A video, as all requests name it. */
interface Video {
  readonly type: string
  readonly asset_id?: string
  readonly url?: string
  readonly base64_string?: string
}

/** The largest video in a request. */
const maxBase64 = Math.ceil((30 * 1024 * 1024) / 3) * 4

/** The video can be looked at. */
export const video = (state: State.TwelveLabsState, video: Maybe<Video>): Effect.Effect<void, Refused> => {
  if (video === null || video === undefined) return Effect.fail(missing("video"))
  if (video.asset_id !== undefined) {
    return Effect.flatMap(State.findReadyAsset(state, video.asset_id), ({ kind }) =>
      refuseIf(kind !== "video", () => invalid("video: the asset is not a video"))
    )
  }
  if (video.base64_string !== undefined) {
    const { base64_string } = video
    return refuseIf(
      base64_string.length > maxBase64 || base64_string.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(base64_string),
      () => invalid("video.base64_string: not base64, or more than 30 MB")
    )
  }
  return refuseIf(!URL.canParse(video.url ?? "") || !/^https?:/.test(video.url ?? ""), () =>
    invalid("video.url: not an address that can be read")
  )
}

/** One prompt, and no more. */
export const prompt = (
  plain: Maybe<string>,
  withImages: Maybe<unknown>,
  isNeeded = true
): Effect.Effect<void, Refused> => {
  const count = [plain, withImages].filter((prompt) => prompt !== null && prompt !== undefined).length
  if (count === 0) return refuseIf(isNeeded, () => missing("prompt"))
  return refuseIf(count > 1, () => invalid("prompt: not together with prompt_v2"))
}

/** Loosely: the service has new models at any time. */
export const model = (name: Maybe<string>): Effect.Effect<void, Refused> =>
  refuseIf(!(name ?? "pegasus1.5").startsWith("pegasus"), () => invalid("model_name: no such model"))

/** Which part of the video is wanted. */
export interface Window {
  readonly start_time?: Maybe<number>
  readonly end_time?: Maybe<number>
}

/** A window of at least four seconds. */
export const window = ({ end_time, start_time }: Window): Effect.Effect<void, Refused> =>
  refuseIf((start_time ?? 0) < 0 || (end_time ?? Infinity) - (start_time ?? 0) < 4, () =>
    invalid("end_time: must be at least 4 seconds after start_time")
  )

/** A limit that the model has. */
export const tokens = (max: Maybe<number | "unlimited">, least: number): Effect.Effect<void, Refused> =>
  refuseIf(typeof max === "number" && (max < least || max > 98_304), () =>
    invalid(`max_tokens: must be ${least} to 98304`)
  )

/** A schema of the dialect. */
export const jsonSchema = (schema: unknown): Effect.Effect<void, Refused> => {
  const refused = schema === undefined ? undefined : TwelveLabsAnalyzeSchema.refusalOf(schema)
  return refused === undefined ? Effect.void : Effect.fail(refused)
}

/** What a task is told, as far as it is checked. */
export interface TaskSettings extends Window {
  readonly response_format?: Maybe<
    | { readonly type: "json_schema"; readonly json_schema: unknown }
    | { readonly type: "segment_definitions"; readonly segment_definitions: ReadonlyArray<Definition> }
  >
  readonly max_tokens?: Maybe<number | "unlimited">
  readonly min_segment_duration?: Maybe<number>
  readonly max_segment_duration?: Maybe<number>
}

interface Definition {
  readonly id: string
  readonly fields?: Maybe<ReadonlyArray<{ readonly name: string }>>
  readonly time_ranges?: Maybe<ReadonlyArray<{ readonly start_time: number; readonly end_time: number }>>
}

const reserved = ["start_time", "end_time", "metadata"]

/** What a task is told fits together. */
export const taskSettings = (mode: string, settings: TaskSettings): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const { max_segment_duration: longest, min_segment_duration: shortest, response_format: format } = settings
    const ofSegments = mode === "time_based_metadata"
    yield* window(settings)
    yield* tokens(settings.max_tokens, ofSegments ? 2048 : 512)
    const hasLengths = typeof shortest === "number" || typeof longest === "number"
    if (hasLengths && !ofSegments) return yield* invalid("min_segment_duration: only with time_based_metadata")
    if ((shortest ?? 2) < 2 || (longest ?? 2) < 2 || (shortest ?? 0) > (longest ?? Infinity)) {
      return yield* invalid("min_segment_duration: at least 2, and not more than max_segment_duration")
    }
    if (format?.type === "json_schema") return yield* jsonSchema(format.json_schema)
    if (format?.type !== "segment_definitions") {
      return ofSegments ? yield* missing("response_format") : undefined
    }
    if (!ofSegments) return yield* invalid("response_format: segment_definitions only with time_based_metadata")
    const isNarrowed = hasLengths || typeof settings.start_time === "number" || typeof settings.end_time === "number"
    yield* definitions(format.segment_definitions, isNarrowed)
  })

const definitions = (definitions: ReadonlyArray<Definition>, isNarrowed: boolean): Effect.Effect<void, Refused> => {
  const ids = definitions.map(({ id }) => id)
  if (new Set(ids).size < ids.length) return Effect.fail(invalid("segment_definitions: an id comes twice"))
  for (const { fields, time_ranges } of definitions) {
    const names = (fields ?? []).map(({ name }) => name)
    const wrong = names.find((name) => reserved.includes(name))
    if (wrong !== undefined) return Effect.fail(invalid(`segment_definitions: the name ${wrong} is reserved`))
    if (new Set(names).size < names.length) return Effect.fail(invalid("segment_definitions: a name comes twice"))
    const ranges = [...(time_ranges ?? [])].sort((a, b) => a.start_time - b.start_time)
    if (ranges.length > 0 && isNarrowed) {
      return Effect.fail(invalid("time_ranges: not together with a window or lengths of segments"))
    }
    for (const [index, { end_time, start_time }] of ranges.entries()) {
      if (end_time - start_time < 2) return Effect.fail(invalid("time_ranges: each at least 2 seconds"))
      if (index > 0 && start_time < ranges[index - 1]!.end_time) {
        return Effect.fail(invalid("time_ranges: must not overlap"))
      }
    }
  }
  return Effect.void
}
