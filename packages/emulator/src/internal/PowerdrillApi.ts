/**
 * Powerdrill's 22 operations: the SDK's declaration of the API, with the emulator's handlers behind it.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpPlatform from "@effect/platform-node/NodeHttpPlatform"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Etag from "effect/http/Etag"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import type { Play } from "../Play.ts"
import * as PowerdrillDatasets from "./PowerdrillDatasets.ts"
import * as PowerdrillDatasources from "./PowerdrillDatasources.ts"
import * as PowerdrillFiles from "./PowerdrillFiles.ts"
import * as PowerdrillJobs from "./PowerdrillJobs.ts"
import * as PowerdrillServer from "./PowerdrillServer.ts"
import * as PowerdrillSessions from "./PowerdrillSessions.ts"
import type { PowerdrillState } from "./PowerdrillState.ts"
import * as StoreLinks from "./StoreLinks.ts"

/** The routes. `linkMaker` makes the links of an answer, for the play that it is asked with. */
export const layer = (state: PowerdrillState, linkMaker: (play: Play) => StoreLinks.LinkMaker) => {
  const linker = (play: Play) => StoreLinks.linker(linkMaker(play))
  return HttpApiBuilder.layer(PowerdrillServer.Api).pipe(
    Layer.provide([
      PowerdrillSessions.layer(state, linker),
      PowerdrillDatasets.layer(state),
      PowerdrillDatasources.layer(state, linkMaker),
      PowerdrillFiles.layer(state, linkMaker),
      PowerdrillJobs.layer(state, linker)
    ]),
    Layer.provide([
      PowerdrillServer.middleware(state),
      NodeFileSystem.layer,
      NodePath.layer,
      NodeHttpPlatform.layer,
      Etag.layerWeak
    ])
  )
}
