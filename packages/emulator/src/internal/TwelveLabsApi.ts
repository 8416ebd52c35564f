/**
 * TwelveLabs' operations: the SDK's declaration of the API, with the emulator's handlers behind it.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpPlatform from "@effect/platform-node/NodeHttpPlatform"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Etag from "effect/http/Etag"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import type { Play } from "../Play.ts"
import * as StoreLinks from "./StoreLinks.ts"
import * as TwelveLabsAnalysisBatches from "./TwelveLabsAnalysisBatches.ts"
import * as TwelveLabsAnalysisTable from "./TwelveLabsAnalysisTable.ts"
import * as TwelveLabsAnalysisTasks from "./TwelveLabsAnalysisTasks.ts"
import * as TwelveLabsAnalyze from "./TwelveLabsAnalyze.ts"
import * as TwelveLabsAssets from "./TwelveLabsAssets.ts"
import * as TwelveLabsConnections from "./TwelveLabsConnections.ts"
import * as TwelveLabsConnectors from "./TwelveLabsConnectors.ts"
import * as TwelveLabsConsent from "./TwelveLabsConsent.ts"
import * as TwelveLabsImports from "./TwelveLabsImports.ts"
import * as TwelveLabsItemCollections from "./TwelveLabsItemCollections.ts"
import * as TwelveLabsItems from "./TwelveLabsItems.ts"
import * as TwelveLabsEmbeddings from "./TwelveLabsEmbeddings.ts"
import * as TwelveLabsEmbeddingTasks from "./TwelveLabsEmbeddingTasks.ts"
import * as TwelveLabsEmbedV1 from "./TwelveLabsEmbedV1.ts"
import * as TwelveLabsEntities from "./TwelveLabsEntities.ts"
import * as TwelveLabsIndexedAssets from "./TwelveLabsIndexedAssets.ts"
import * as TwelveLabsIndexes from "./TwelveLabsIndexes.ts"
import * as TwelveLabsIndexing from "./TwelveLabsIndexing.ts"
import * as TwelveLabsKnowledgeStores from "./TwelveLabsKnowledgeStores.ts"
import * as TwelveLabsMultipartUploads from "./TwelveLabsMultipartUploads.ts"
import * as TwelveLabsResponses from "./TwelveLabsResponses.ts"
import * as TwelveLabsSearch from "./TwelveLabsSearch.ts"
import * as TwelveLabsServer from "./TwelveLabsServer.ts"
import type { TwelveLabsState } from "./TwelveLabsState.ts"
import * as TwelveLabsTasks from "./TwelveLabsTasks.ts"
import * as TwelveLabsVideos from "./TwelveLabsVideos.ts"

/** The routes. `linkMaker` makes the links of an answer, for the play that it is asked with. */
export const layer = (state: TwelveLabsState, linkMaker: (play: Play) => StoreLinks.LinkMaker) => {
  const linker = (play: Play) => StoreLinks.linker(linkMaker(play))
  const analyses = TwelveLabsAnalysisTable.make()
  const connectors = TwelveLabsConnectors.make()
  const indexing = TwelveLabsIndexing.make(state)
  return HttpApiBuilder.layer(TwelveLabsServer.Api).pipe(
    Layer.provide([
      TwelveLabsAnalysisBatches.layer(state, analyses),
      TwelveLabsAnalysisTasks.layer(state, analyses),
      TwelveLabsAnalyze.layer(state),
      TwelveLabsAssets.layer(state, linkMaker),
      TwelveLabsMultipartUploads.layer(state, linkMaker),
      TwelveLabsConnections.layer(state, connectors),
      TwelveLabsImports.layer(state, connectors),
      TwelveLabsItemCollections.layer(state),
      TwelveLabsItems.layer(state),
      TwelveLabsEmbeddings.layer(state),
      TwelveLabsEmbeddingTasks.layer(state),
      TwelveLabsEmbedV1.layer(state),
      TwelveLabsEntities.layer(state),
      TwelveLabsIndexedAssets.layer(indexing, linker),
      TwelveLabsIndexes.layer(indexing),
      TwelveLabsKnowledgeStores.layer(state),
      TwelveLabsResponses.layer(state, linker),
      TwelveLabsSearch.layer(indexing, linker),
      TwelveLabsTasks.layer(indexing, linker),
      TwelveLabsVideos.layer(indexing, linker)
    ]),
    Layer.provide([
      TwelveLabsServer.middleware(state),
      NodeFileSystem.layer,
      NodePath.layer,
      NodeHttpPlatform.layer,
      Etag.layerWeak
    ]),
    Layer.merge(TwelveLabsConsent.layer(state, connectors))
  )
}
