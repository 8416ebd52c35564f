/**
 * TwelveLabs' tasks that make embeddings.
 */
import type * as Embedding from "@effect-sse/twelvelabs/Embedding"
import type * as EmbeddingTasks from "@effect-sse/twelvelabs/EmbeddingTasks"
import { EmbeddingTaskId } from "@effect-sse/twelvelabs/Ids"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Exchange from "./Exchange.ts"
import * as Rules from "./TwelveLabsEmbeddingRules.ts"
import { invalid, type Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as Vectors from "./TwelveLabsVectors.ts"

/** What tasks of both kinds have, for their lists. */
export interface OwnTask {
  readonly id: EmbeddingTaskId
  readonly model: string
  readonly work: State.Work
}

/** How long tasks are listed by themselves, and embeddings are kept. */
const keptMillis = 7 * 24 * 60 * 60 * 1000

/** Whether the vendor still has the embeddings of a task. */
export const areKept = ({ now }: State.TwelveLabsState, { work }: OwnTask): boolean => now() < work.begunAt + keptMillis

/** How far a task is. */
export const statusOf = (state: State.TwelveLabsState, { work }: OwnTask) => State.statusOf(state, work, ["processing"])

/** When a task was begun, and when it changed. */
export const timesOf = ({ now }: State.TwelveLabsState, { work: { begunAt, doneAt } }: OwnTask) => ({
  createdAt: State.timeOf(begunAt),
  updatedAt: State.timeOf(now() < doneAt ? begunAt : doneAt)
})

/** Which tasks a list has. */
export interface ListQuery extends State.PageQuery {
  readonly startedAt?: DateTime.Utc | undefined
  readonly endedAt?: DateTime.Utc | undefined
  readonly status?: string | undefined
}

/** The tasks of a list, newest first. */
export const listOf = <T extends OwnTask>(
  state: State.TwelveLabsState,
  tasks: ReadonlyMap<string, T>,
  { endedAt, startedAt, status }: ListQuery
): Effect.Effect<ReadonlyArray<T>, Refused> => {
  if (status !== undefined && !["processing", "ready", "failed"].includes(status)) {
    return Effect.fail(invalid("status: must be processing, ready or failed"))
  }
  const from = startedAt?.epochMilliseconds ?? state.now() - keptMillis
  const to = endedAt?.epochMilliseconds ?? Infinity
  const found = [...tasks.values()].filter(
    (task) =>
      task.work.begunAt >= from && task.work.begunAt <= to && (status === undefined || statusOf(state, task) === status)
  )
  return Effect.succeed(found.reverse())
}

type Kind = "audio" | "video" | "document" | "image"

interface OwnEmbeddingTask extends OwnTask {
  readonly kind: Kind
  /** What the summary says about the media. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Why it fails, if it does. */
  readonly failure: string | undefined
  /** Made when it is asked for: the vectors of a long video take more memory than what they are made of. */
  readonly result: () => Embedding.Result
}

/** The endpoints of the group `embeddingTasks`. */
export const layer = (state: State.TwelveLabsState) => {
  const tasks = new Map<string, OwnEmbeddingTask>()

  const taskOf = (task: OwnEmbeddingTask): EmbeddingTasks.EmbeddingTask => {
    const status = statusOf(state, task)
    const result = status === "ready" ? task.result() : undefined
    return {
      id: task.id,
      status,
      vectors: areKept(state, task) ? result?.vectors : undefined,
      usage: result?.usage,
      metadata: result?.metadata,
      error: status === "failed" ? { message: task.failure } : undefined,
      ...timesOf(state, task)
    }
  }

  return HttpApiBuilder.group(Api, "embeddingTasks", (handlers) =>
    handlers.handleAll({
      create: ({ payload }) =>
        Effect.gen(function* () {
          yield* Rules.requireModel(payload.model)
          const { play, headers } = yield* Exchange.Exchange
          const { failure, kind, metadata, result } = yield* planOf(state, payload)
          const work = State.begin(state, play)
          const task: OwnEmbeddingTask = {
            id: EmbeddingTaskId.make(state.nextHexId("embedding task")),
            model: payload.model,
            kind,
            metadata,
            work: { ...work, succeeds: work.succeeds && failure === undefined },
            failure: failure ?? "The media could not be decoded.",
            result
          }
          tasks.set(task.id, task)
          const { host = "" } = headers
          return HttpServerResponse.jsonUnsafe(
            { _id: task.id, status: "processing", data: null },
            { status: 202, headers: { location: `http://${host}/twelvelabs/v1.3/embed-v2/tasks/${task.id}` } }
          )
        }),
      list: ({ query }) =>
        listOf(state, tasks, query).pipe(
          Effect.flatMap((found) => State.pageOf(found, query)),
          Effect.map(({ info, items }) => ({ info, items: items.map((task) => summaryOf(state, task)) }))
        ),
      get: ({ params: { id } }) => Effect.map(State.find(tasks, id, "embedding task"), taskOf)
    })
  )
}

const summaryOf = (state: State.TwelveLabsState, task: OwnEmbeddingTask): EmbeddingTasks.EmbeddingTaskSummary => {
  const described = (kind: Kind) => (task.kind === kind ? { metadata: task.metadata } : undefined)
  return {
    id: task.id,
    model: task.model,
    status: statusOf(state, task),
    video: described("video"),
    audio: described("audio"),
    document: described("document"),
    image: described("image"),
    ...timesOf(state, task)
  }
}

interface StillBody extends Rules.Wanted {
  readonly source: Rules.Source
}

interface Body {
  readonly inputType: string
  readonly model: string
  readonly uncertainty?: boolean | undefined
  readonly audio?: Rules.TimedBody | undefined
  readonly video?: Rules.TimedBody | undefined
  readonly document?: StillBody | undefined
  readonly image?: StillBody | undefined
}

type Plan = Pick<OwnEmbeddingTask, "kind" | "metadata" | "failure" | "result">

const planOf = (state: State.TwelveLabsState, body: Body): Effect.Effect<Plan, Refused> =>
  Effect.gen(function* () {
    const { inputType } = body
    if (body.uncertainty !== undefined && body.model !== "marengo3.5") {
      return yield* invalid("embedding_uncertainty: only with marengo3.5")
    }
    switch (inputType) {
      case "audio":
      case "video": {
        const timed = body[inputType]
        return timed === undefined ? yield* Rules.missing(inputType) : yield* timedPlan(state, body, inputType, timed)
      }
      case "document":
      case "image": {
        const still = body[inputType]
        return still === undefined ? yield* Rules.missing(inputType) : yield* stillPlan(state, body, inputType, still)
      }
      default:
        return yield* invalid("input_type: must be one of audio, video, document, image")
    }
  })

const timedPlan = (
  state: State.TwelveLabsState,
  { model, uncertainty = false }: Body,
  kind: "audio" | "video",
  body: Rules.TimedBody
): Effect.Effect<Plan, Refused> =>
  Effect.gen(function* () {
    const isNewer = model === "marengo3.5"
    const media = yield* Rules.locate(state, `${kind}.media_source`, body.source)
    const options = [...(kind === "video" ? ["visual"] : []), "audio", ...(isNewer ? [] : ["transcription"])]
    const scopes = isNewer ? ["clip", "local", "asset"] : ["clip", "asset"]
    const wanted = yield* Rules.wantedOf(kind, body, { options, scopes }, uncertainty ? ["clip"] : ["clip", "asset"])
    if (uncertainty && wanted.scopes.includes("asset")) {
      return yield* invalid(`${kind}.embedding_scope: must be without asset for embedding_uncertainty`)
    }
    if (body.timedTexts !== undefined && !(isNewer && wanted.types.includes("fused_embedding"))) {
      return yield* invalid(`${kind}.time_based_metadata: only with marengo3.5 and fused_embedding`)
    }
    if (body.timedTexts?.some(({ endSeconds, startSeconds }) => startSeconds < 0 || endSeconds <= startSeconds)) {
      return yield* invalid(`${kind}.time_based_metadata: each must end after its start`)
    }
    const cut = yield* Rules.cutOf(kind, body.segmentation, isNewer, Rules.cutByDefault(model, kind))
    // A video has sound as well; anything else is found out only when it is worked on.
    const failure =
      media.kind === undefined || media.kind === kind || media.kind === "video"
        ? undefined
        : `The media are of the kind ${media.kind}, not ${kind}.`
    const part = failure === undefined ? yield* Rules.partOf(kind, media, body) : { start: 0, end: 0 }
    const clipSeconds = cut.strategy === "fixed" ? cut.seconds : undefined
    return {
      kind,
      failure,
      metadata: {
        ...whereOf(media),
        duration: media.duration,
        [`${kind}_embedding_option`]: wanted.options,
        [`${kind}_embedding_scope`]: wanted.scopes,
        ...(kind === "audio" ? { start_offset_sec: part.start, end_offset_sec: part.end } : {}),
        ...(kind === "video" && clipSeconds !== undefined ? { video_clip_length: clipSeconds } : {})
      },
      result: () => ({
        vectors: Vectors.timedVectors({ model, key: media.key, part, cut, uncertainty, ...wanted }),
        usage: isNewer ? usageOf(kind, Math.ceil(part.end - part.start) * 10) : undefined,
        metadata: Rules.timedMetadata(kind, media, part, cut, wanted)
      })
    }
  })

/** How many pages a document has here. */
const pages = 3

const stillPlan = (
  state: State.TwelveLabsState,
  { model, uncertainty = false }: Body,
  kind: "document" | "image",
  body: StillBody
): Effect.Effect<Plan, Refused> =>
  Effect.gen(function* () {
    if (model !== "marengo3.5") return yield* invalid(`input_type: ${kind} only with marengo3.5`)
    const media = yield* Rules.locate(state, `${kind}.media_source`, body.source)
    const wanted = yield* Rules.wantedOf(kind, body, { options: ["visual"], scopes: ["local"] })
    const failure =
      media.kind === undefined || media.kind === kind
        ? undefined
        : `The media are of the kind ${media.kind}, not ${kind}.`
    const seed = `${model} ${media.key}`
    return {
      kind,
      failure,
      metadata: {
        ...whereOf(media),
        [`${kind}_embedding_option`]: wanted.options,
        [`${kind}_embedding_scope`]: wanted.scopes
      },
      result: () => ({
        vectors:
          kind === "image"
            ? [{ ...Vectors.vector(seed, uncertainty), option: "visual" }]
            : Array.from({ length: pages }, (_, index) => ({
                ...Vectors.vector(`${seed} page ${index + 1}`, uncertainty),
                option: "visual",
                scope: "page",
                startPage: index + 1,
                endPage: index + 1
              })),
        usage: usageOf(kind, 258 * (kind === "image" ? 1 : pages)),
        metadata: Rules.metadataOf(kind, {
          url: media.url,
          filename: media.filename,
          options: wanted.options,
          scopes: wanted.scopes
        })
      })
    }
  })

const whereOf = ({ filename, url }: Rules.Media) => ({
  ...(url === undefined ? {} : { input_url: url }),
  ...(filename === undefined ? {} : { input_filename: filename })
})

const usageOf = (kind: string, tokens: number): Embedding.Usage => ({
  inputTokens: { [kind]: tokens },
  truncated: false
})
