/**
 * Embeddings at once: of texts, images, and media of a few minutes. Longer ones take a task (see `EmbeddingTasks`).
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import type { CallOptions, Connection } from "./Connection.ts"
import * as Embedding from "./Embedding.ts"
import type * as EmbeddingInput from "./EmbeddingInput.ts"
import { EmbeddingBody, inputOf } from "./internal/embeddingBody.ts"

/**
 * What embeddings are asked for with.
 */
export interface CreateRequest {
  readonly model: Embedding.Model
  readonly input: EmbeddingInput.Input
  /** Leaves out the end of a text that is too long, which is refused without it. Only with Marengo 3.5. */
  readonly autoTruncate?: boolean | undefined
  /** Asks how sure the model is. Only with Marengo 3.5, and of text alone or media alone. */
  readonly uncertainty?: boolean | undefined
}

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("embeddings").add(
  HttpApiEndpoint.post("create", "/embed-v2", { payload: EmbeddingBody, success: Embedding.Result }).annotate(
    ApiClient.Idempotent,
    true
  )
)

/**
 * What can be embedded at once.
 */
export interface Embeddings {
  /**
   * Makes embeddings and waits for them. It is tried again after any transient fault, since nothing is kept of it.
   *
   * Marengo 3.5 takes the input `multiInput` only; other inputs are Marengo 3.0's. Bytes of more than 36 MB are not sent: the
   * error is a `TransportError` with the reason `InvalidRequest`. For media of many minutes `connectTimeout`, which is 60
   * seconds, may be too short.
   *
   * **Example** (A text and a video, compared)
   *
   * ```ts
   * import { type AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Effect } from "effect"
   *
   * const similarity = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
   *   a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
   *
   * const segmentsLike = (text: string, assetId: AssetId) =>
   *   Effect.gen(function*() {
   *     const { embeddings } = yield* TwelveLabs
   *     const model = "marengo3.0"
   *     const question = yield* embeddings.create({ model, input: { type: "text", text } })
   *     const video = yield* embeddings.create({
   *       model,
   *       input: { type: "video", source: { assetId }, options: ["visual"], scopes: ["clip"] }
   *     })
   *     const wanted = question.vectors[0]?.embedding ?? []
   *     return video.vectors.map(({ embedding, startSeconds }) => ({
   *       startSeconds,
   *       score: similarity(wanted, embedding)
   *     }))
   *   })
   * ```
   *
   * **Example** (Media that the text speaks of)
   *
   * ```ts
   * import { type AssetId, TwelveLabs } from "@effect-sse/twelvelabs"
   *
   * const embed = (assetId: AssetId) =>
   *   TwelveLabs.use(({ embeddings }) =>
   *     embeddings.create({
   *       model: "marengo3.5",
   *       input: {
   *         type: "multiInput",
   *         text: "<@kite> over a lake",
   *         media: [{ kind: "image", name: "kite", assetId }]
   *       }
   *     })
   *   )
   * ```
   */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Embedding.Result, RequestError>
}

/**
 * Makes the embeddings of a connection. `TwelveLabs` has them as its member `embeddings`.
 */
export const make = (connection: Connection): Effect.Effect<Embeddings> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    create: ({ input, ...request }, options) =>
      call(({ embeddings }) => embeddings.create({ payload: { ...request, ...inputOf(input) } }), options)
  }))
