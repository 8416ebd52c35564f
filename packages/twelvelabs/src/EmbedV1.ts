/**
 * Embeddings at once, of the older kind. New programs use `Embeddings`.
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import type { FileSourceError } from "@effect-sse/core/FileSource"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Multipart from "effect/http/Multipart"
import * as Schema from "effect/Schema"
import type { CallOptions, Connection } from "./Connection.ts"
import * as Embedding from "./Embedding.ts"
import { appendFile, formOf } from "./internal/form.ts"
import * as Wire from "./internal/wire.ts"
import type { MediaFile } from "./MediaSource.ts"

/**
 * What became of one of the inputs: some can be embedded while others cannot. Segments of one that failed are what there is
 * nevertheless, most often nothing.
 */
export type Outcome = {
  readonly segments: ReadonlyArray<Embedding.Segment>
  readonly metadata: Readonly<Record<string, unknown>> | undefined
} & ({ readonly _tag: "Embedded" } | { readonly _tag: "Failed"; readonly message: string })

/**
 * The outcomes, one for each kind of input that was there.
 */
export interface Embedded {
  readonly model: Embedding.Model | undefined
  readonly text: Outcome | undefined
  readonly image: Outcome | undefined
  readonly audio: Outcome | undefined
}

/**
 * What is to be embedded: at least one of the inputs.
 */
export interface CreateRequest {
  readonly model: Embedding.Model
  /** A text to embed. */
  readonly text?: string | undefined
  /** An image to embed. */
  readonly image?: MediaFile | undefined
  /** A sound to embed. */
  readonly audio?: MediaFile | undefined
  /** Where in the audio to begin. */
  readonly audioStartSeconds?: number | undefined
}

const OutcomeWire = Schema.Struct({
  segments: WireSchema.maybe(Schema.Array(Embedding.Segment)),
  errorMessage: WireSchema.maybe(Schema.String),
  metadata: WireSchema.maybe(Wire.Metadata)
}).pipe(Schema.encodeKeys({ errorMessage: "error_message" }))

const EmbeddedWire = Schema.Struct({
  model: WireSchema.maybe(Embedding.Model),
  text: WireSchema.maybe(OutcomeWire),
  image: WireSchema.maybe(OutcomeWire),
  audio: WireSchema.maybe(OutcomeWire)
}).pipe(
  Schema.encodeKeys({
    model: "model_name",
    text: "text_embedding",
    image: "image_embedding",
    audio: "audio_embedding"
  })
)

const file = Schema.optional(Multipart.SingleFileSchema)

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("embedV1").add(
  HttpApiEndpoint.post("create", "/embed", {
    payload: Schema.Struct({
      model: Schema.String,
      text: Schema.optional(Schema.String),
      imageUrl: Schema.optional(Schema.String),
      imageFile: file,
      audioUrl: Schema.optional(Schema.String),
      audioFile: file,
      audioStartSeconds: Schema.optional(Schema.FiniteFromString)
    }).pipe(
      Schema.encodeKeys({
        model: "model_name",
        imageUrl: "image_url",
        imageFile: "image_file",
        audioUrl: "audio_url",
        audioFile: "audio_file",
        audioStartSeconds: "audio_start_offset_sec"
      }),
      HttpApiSchema.asMultipart()
    ),
    success: EmbeddedWire
  })
)

/**
 * What can be embedded at once.
 */
export interface EmbedV1 {
  /**
   * Makes embeddings of each input and waits for them. An input that the vendor cannot embed is an outcome, not an error; a
   * `FileSourceError` is about a file that cannot be read here.
   *
   * **Example** (A text and an image)
   *
   * ```ts
   * import { TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { embedV1 } = yield* TwelveLabs
   *   const { image } = yield* embedV1.create({
   *     model: "marengo3.0",
   *     text: "a kite over a lake",
   *     image: { url: "https://example.com/kite.jpg" }
   *   })
   *   if (image?._tag === "Failed") yield* Console.error(image.message)
   * })
   * ```
   */
  readonly create: (
    request: CreateRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Embedded, RequestError | FileSourceError>
}

/**
 * Makes what embeds at once, of a connection. `TwelveLabs` has it as its member `embedV1`.
 */
export const make = (connection: Connection): Effect.Effect<EmbedV1> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    create: ({ audio, audioStartSeconds, image, model, text }, options) =>
      Effect.gen(function* () {
        const form = formOf({
          model_name: model,
          text,
          image_url: image?.url,
          audio_url: audio?.url,
          audio_start_offset_sec: audioStartSeconds
        })
        if (image?.file !== undefined) yield* appendFile(form, "image_file", image.file)
        if (audio?.file !== undefined) yield* appendFile(form, "audio_file", audio.file)
        const came = yield* call(({ embedV1 }) => embedV1.create({ payload: form }), options)
        return {
          model: came.model,
          text: outcomeOf(came.text),
          image: outcomeOf(came.image),
          audio: outcomeOf(came.audio)
        }
      })
  }))

const outcomeOf = (came: typeof OutcomeWire.Type | undefined): Outcome | undefined => {
  if (came === undefined) return undefined
  const { errorMessage = "", metadata, segments = [] } = came
  return errorMessage === ""
    ? { _tag: "Embedded", segments, metadata }
    : { _tag: "Failed", message: errorMessage, segments, metadata }
}
