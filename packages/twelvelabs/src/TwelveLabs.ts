/**
 * The client: one service with a member for each resource of the API.
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import * as AnalysisBatches from "./AnalysisBatches.ts"
import * as AnalysisTasks from "./AnalysisTasks.ts"
import * as Analyze from "./Analyze.ts"
import * as Assets from "./Assets.ts"
import * as Connection from "./Connection.ts"
import * as Conversation from "./Conversation.ts"
import * as DataConnections from "./DataConnections.ts"
import * as Embeddings from "./Embeddings.ts"
import * as EmbeddingTasks from "./EmbeddingTasks.ts"
import * as EmbedTasksV1 from "./EmbedTasksV1.ts"
import * as EmbedV1 from "./EmbedV1.ts"
import * as Entities from "./Entities.ts"
import * as EntityCollections from "./EntityCollections.ts"
import * as Imports from "./Imports.ts"
import * as IndexedAssets from "./IndexedAssets.ts"
import * as Indexes from "./Indexes.ts"
import * as ItemCollections from "./ItemCollections.ts"
import * as Items from "./Items.ts"
import * as KnowledgeStores from "./KnowledgeStores.ts"
import * as MultipartUploads from "./MultipartUploads.ts"
import * as Responses from "./Responses.ts"
import * as Search from "./Search.ts"
import * as StructuredAnalyses from "./StructuredAnalyses.ts"
import * as StructuredResponses from "./StructuredResponses.ts"
import * as Tasks from "./Tasks.ts"
import * as Videos from "./Videos.ts"

/**
 * TwelveLabs, the client. It needs an `HttpClient` and nothing more; its methods need nothing.
 *
 * **Example** (A program)
 *
 * ```ts
 * import { KnowledgeStoreId, Response, TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Console, Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const { responses } = yield* TwelveLabs
 *   const response = yield* responses.run({
 *     knowledgeStoreId: KnowledgeStoreId.make("ks_01999999-0000-7000-8000-000000000001"),
 *     input: "Which tools are used to build the kite?"
 *   })
 *   yield* Console.log(Response.text(response))
 * }).pipe(Effect.provide(TwelveLabs.layerConfig()), Effect.provide(FetchHttpClient.layer))
 * ```
 */
export class TwelveLabs extends Context.Service<
  TwelveLabs,
  {
    readonly assets: Assets.Assets
    readonly multipartUploads: MultipartUploads.MultipartUploads
    readonly knowledgeStores: KnowledgeStores.KnowledgeStores
    readonly items: Items.Items
    readonly itemCollections: ItemCollections.ItemCollections
    readonly responses: Responses.Responses
    /** Begins a conversation: several questions in one session. See `Conversation`. */
    readonly conversation: (options: Conversation.Options) => Effect.Effect<Conversation.Conversation>
    /** Answers as typed values, by an Effect Schema: of the agent, and of the analysis of one video. */
    readonly structured: {
      readonly responses: StructuredResponses.StructuredResponses
      readonly analyze: StructuredAnalyses.StructuredAnalyses
    }
    readonly analyze: Analyze.Analyze
    readonly analysisTasks: AnalysisTasks.AnalysisTasks
    readonly analysisBatches: AnalysisBatches.AnalysisBatches
    readonly search: Search.Search
    readonly indexes: Indexes.Indexes
    readonly indexedAssets: IndexedAssets.IndexedAssets
    readonly embeddings: Embeddings.Embeddings
    readonly embeddingTasks: EmbeddingTasks.EmbeddingTasks
    readonly entityCollections: EntityCollections.EntityCollections
    readonly entities: Entities.Entities
    readonly connections: DataConnections.DataConnections
    readonly imports: Imports.Imports
    /** The older API, which the vendor means to remove. */
    readonly videos: Videos.Videos
    /** The older way to upload and index in one. */
    readonly tasks: Tasks.Tasks
    /** The older embeddings of texts, images and sounds. */
    readonly embedV1: EmbedV1.EmbedV1
    /** The older embeddings of videos. */
    readonly embedTasksV1: EmbedTasksV1.EmbedTasksV1
  }
>()("@effect-sse/twelvelabs/TwelveLabs") {
  /**
   * Makes a client from options. Fails with a `ConfigurationError` that names the option when one is missing or unfit: a key
   * that is empty or that no header can carry, a base URL that is none or would show the key to the network.
   *
   * **Example** (With a key from elsewhere)
   *
   * ```ts
   * import { TwelveLabs } from "@effect-sse/twelvelabs"
   * import { Redacted } from "effect"
   *
   * const layer = TwelveLabs.layer({
   *   apiKey: Redacted.make("tlk_…"),
   *   stream: { idleTimeout: "60 seconds" }
   * })
   * ```
   */
  static readonly layer = (
    options: Connection.Options
  ): Layer.Layer<TwelveLabs, ConfigurationError, HttpClient.HttpClient> =>
    Layer.effect(TwelveLabs, Effect.flatMap(Connection.make(options), ofConnection))

  /**
   * Makes a client from `TWELVE_LABS_API_KEY` and, for another address than the vendor's, `TWELVELABS_BASE_URL`. They are
   * read when the layer is built, from the current `ConfigProvider`.
   */
  static readonly layerConfig = (
    options?: Connection.ConfigOptions | undefined
  ): Layer.Layer<TwelveLabs, ConfigurationError | Config.ConfigError, HttpClient.HttpClient> =>
    Layer.effect(TwelveLabs, Effect.flatMap(Connection.fromConfig(options), ofConnection))
}

const ofConnection = (connection: Connection.Connection): Effect.Effect<TwelveLabs["Service"]> =>
  Effect.gen(function* () {
    const responses = Responses.make(connection)
    const analyze = Analyze.make(connection)
    return TwelveLabs.of({
      assets: yield* Assets.make(connection),
      multipartUploads: yield* MultipartUploads.make(connection),
      knowledgeStores: yield* KnowledgeStores.make(connection),
      items: yield* Items.make(connection),
      itemCollections: yield* ItemCollections.make(connection),
      responses,
      conversation: (options) => Conversation.make({ responses }, options),
      structured: { responses: StructuredResponses.make(responses), analyze: StructuredAnalyses.make(analyze) },
      analyze,
      analysisTasks: yield* AnalysisTasks.make(connection),
      analysisBatches: yield* AnalysisBatches.make(connection),
      search: yield* Search.make(connection),
      indexes: yield* Indexes.make(connection),
      indexedAssets: yield* IndexedAssets.make(connection),
      embeddings: yield* Embeddings.make(connection),
      embeddingTasks: yield* EmbeddingTasks.make(connection),
      entityCollections: yield* EntityCollections.make(connection),
      entities: yield* Entities.make(connection),
      connections: yield* DataConnections.make(connection),
      imports: yield* Imports.make(connection),
      videos: yield* Videos.make(connection),
      tasks: yield* Tasks.make(connection),
      embedV1: yield* EmbedV1.make(connection),
      embedTasksV1: yield* EmbedTasksV1.make(connection)
    })
  })
