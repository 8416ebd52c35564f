/**
 * The vendor's API as a declaration, from which clients, servers and an OpenAPI document can be derived.
 *
 * A refusal is not declared with each operation: any status can carry one (see `Vendor`).
 */
import * as Sse from "effect/encoding/Sse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import * as AnalysisBatches from "./AnalysisBatches.ts"
import { AnalyzeBody } from "./internal/analysisBody.ts"
import * as AnalysisTasks from "./AnalysisTasks.ts"
import { AnalysisWire, LineWire } from "./internal/analysisWire.ts"
import * as Assets from "./Assets.ts"
import { apiKeyHeader } from "./Connection.ts"
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
import { ResponseBody } from "./internal/responseBody.ts"
import { ResponseWire } from "./internal/responseWire.ts"
import * as Search from "./Search.ts"
import * as Tasks from "./Tasks.ts"
import * as Videos from "./Videos.ts"

/**
 * The key in the header `x-api-key`, which every request carries. A server implements it; clients made by this package send it
 * by themselves.
 */
export class ApiKey extends HttpApiMiddleware.Service<ApiKey>()("@effect-sse/twelvelabs/TwelveLabsApi/ApiKey", {
  security: { apiKey: HttpApiSecurity.apiKey({ key: apiKeyHeader, in: "header" }) }
}) {}

/**
 * Responses: one operation with two kinds of answers. With `stream` it is a stream of events, which `Responses` reads through
 * the engine of `@effect-sse/core`.
 */
export const ResponsesGroup = HttpApiGroup.make("responses").add(
  HttpApiEndpoint.post("create", "/responses", {
    payload: ResponseBody,
    success: [ResponseWire, HttpApiSchema.StreamSse({ events: Sse.EventEncoded })]
  })
)

/**
 * Analyses at once: one operation with two kinds of answers. Unless `stream` is false it is a stream of lines, which `Analyze`
 * reads through the engine of `@effect-sse/core`.
 */
export const AnalyzeGroup = HttpApiGroup.make("analyze").add(
  HttpApiEndpoint.post("create", "/analyze", {
    payload: AnalyzeBody,
    success: [AnalysisWire, HttpApiSchema.StreamNdjson({ schema: LineWire })]
  })
)

/** The groups of {@link TwelveLabsApi}, by name: written out, their types would be many times as long. */
type Groups =
  | typeof Assets.Group
  | typeof MultipartUploads.Group
  | typeof KnowledgeStores.Group
  | typeof Items.Group
  | typeof ItemCollections.Group
  | typeof ResponsesGroup
  | typeof AnalyzeGroup
  | typeof AnalysisTasks.Group
  | typeof AnalysisBatches.Group
  | typeof Search.Group
  | typeof Indexes.Group
  | typeof IndexedAssets.Group
  | typeof Embeddings.Group
  | typeof EmbeddingTasks.Group
  | typeof EntityCollections.Group
  | typeof Entities.Group
  | typeof DataConnections.Group
  | typeof Imports.Group
  | typeof Videos.Group
  | typeof Tasks.Group
  | typeof EmbedV1.Group
  | typeof EmbedTasksV1.Group

/**
 * The API, below `https://api.twelvelabs.io/v1.3`.
 *
 * **Example** (Its OpenAPI document)
 *
 * ```ts
 * import { TwelveLabsApi } from "@effect-sse/twelvelabs"
 * import { OpenApi } from "effect/http-api"
 *
 * const document = OpenApi.fromApi(TwelveLabsApi.TwelveLabsApi)
 * ```
 */
export const TwelveLabsApi: HttpApi.HttpApi<"twelvelabs", HttpApiGroup.AddMiddleware<Groups, ApiKey>> = HttpApi.make(
  "twelvelabs"
)
  .add(Assets.Group)
  .add(MultipartUploads.Group)
  .add(KnowledgeStores.Group)
  .add(Items.Group)
  .add(ItemCollections.Group)
  .add(ResponsesGroup)
  .add(AnalyzeGroup)
  .add(AnalysisTasks.Group)
  .add(AnalysisBatches.Group)
  .add(Search.Group)
  .add(Indexes.Group)
  .add(IndexedAssets.Group)
  .add(Embeddings.Group)
  .add(EmbeddingTasks.Group)
  .add(EntityCollections.Group)
  .add(Entities.Group)
  .add(DataConnections.Group)
  .add(Imports.Group)
  .add(Videos.Group)
  .add(Tasks.Group)
  .add(EmbedV1.Group)
  .add(EmbedTasksV1.Group)
  .middleware(ApiKey)
  .annotateMerge(OpenApi.annotations({ title: "TwelveLabs API", version: "1.3" }))
