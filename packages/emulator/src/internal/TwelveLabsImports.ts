/**
 * TwelveLabs' imports. Nothing is fetched: what the provider has under an id follows from the id itself.
 */
import { AssetId, ImportId } from "@effect-sse/twelvelabs/Ids"
import type * as Imports from "@effect-sse/twelvelabs/Imports"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import { extensionOf } from "./FileStore.ts"
import * as Connectors from "./TwelveLabsConnectors.ts"
import { durationOf, type Media, mediaOf } from "./TwelveLabsMedia.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** What the provider has under an id. */
interface FoundFile extends Media {
  readonly filename: string
  /** In bytes. */
  readonly size: number
  /** In seconds. */
  readonly duration: number | undefined
}

type Rejection = NonNullable<Imports.ImportItem["error"]>

const size = 12_345_678

/** What the provider has: by an id without an extension a video, by one that begins with `missing` nothing. */
const fileOf = (sourceId: string): FoundFile | Rejection => {
  if (sourceId.startsWith("missing")) {
    return { code: "file_not_found", message: "The file does not exist, or was not shared with this application." }
  }
  const filename = extensionOf(sourceId) === "" ? `${sourceId}.mp4` : sourceId
  const media = mediaOf(filename)
  if (media === undefined || media.kind === "document") {
    return { code: "file_type_not_supported", message: "Only videos, audio files and images can be imported." }
  }
  return { ...media, filename, size, duration: durationOf(media.kind, size) }
}

/** The endpoints of the group `imports`. */
export const layer = (state: State.TwelveLabsState, connectors: Connectors.Connectors) => {
  const { fetched, imports } = connectors

  const assetStatus = (id: string | undefined) => {
    const asset = id === undefined ? undefined : state.assets.get(id)
    return asset === undefined ? undefined : State.statusOf(state, asset.work, ["processing"])
  }

  /** Imports one file. */
  const fetchFile = (sourceId: string, play: Play): Connectors.OwnItem => {
    const file = fileOf(sourceId)
    if (!("kind" in file)) return { sourceId, action: "rejected", assetId: undefined, error: file }
    const before = state.assets.get(fetched.get(sourceId) ?? "")
    if (before !== undefined) {
      const action = assetStatus(before.id) === "failed" ? "retried" : "skipped"
      if (action === "retried") state.assets.set(before.id, { ...before, work: State.begin(state, play) })
      return { sourceId, action, assetId: before.id, error: undefined }
    }
    const id = AssetId.make(state.nextHexId("asset"))
    state.assets.set(id, {
      ...file,
      id,
      method: "connector",
      userMetadata: undefined,
      createdAt: state.now(),
      work: State.begin(state, play),
      hls: false,
      thumbnail: false,
      source: {
        type: "connector",
        details: {
          provider: Connectors.provider,
          source_id: sourceId,
          original_filename: file.filename,
          source_link: `https://drive.google.com/file/d/${encodeURIComponent(sourceId)}/view`
        }
      }
    })
    fetched.set(sourceId, id)
    return { sourceId, action: "created", assetId: id, error: undefined }
  }

  const itemsOf = ({ items }: Connectors.OwnImport): ReadonlyArray<Imports.ImportItem> =>
    items
      .filter(({ assetId }) => assetId === undefined || state.assets.has(assetId))
      .map((item) => ({ ...item, status: assetStatus(item.assetId) }))

  const view = ({ connectionId, createdAt, customId, id, items }: Connectors.OwnImport): Imports.Import => ({
    id,
    connectionId,
    provider: Connectors.provider,
    customId,
    itemCount: items.length,
    createdAt: State.timeOf(createdAt)
  })

  const ofConnection = (id: string) =>
    Effect.map(Connectors.find(connectors, id), () =>
      [...imports.values()].filter(({ connectionId }) => connectionId === id)
    )

  return HttpApiBuilder.group(Api, "imports", (handlers) =>
    handlers.handleAll({
      create: ({ params: { connectionId }, payload }) =>
        Effect.gen(function* () {
          const { customId } = yield* Connectors.use(state, connectors, connectionId)
          const { play } = yield* Exchange.Exchange
          const made: Connectors.OwnImport = {
            id: ImportId.make(state.nextHexId("import")),
            connectionId,
            customId,
            items: payload.items.map(({ sourceId }) => fetchFile(sourceId, play)),
            createdAt: state.now()
          }
          imports.set(made.id, made)
          const hasFailures = made.items.some(({ action }) => action === "rejected")
          return { id: made.id, hasFailures, items: itemsOf(made) }
        }),
      list: ({ params: { connectionId }, query }) =>
        Effect.gen(function* () {
          const newestFirst = yield* State.sorted(yield* ofConnection(connectionId), {})
          return yield* State.pageOf(newestFirst.map(view), query)
        }),
      get: ({ params: { connectionId, importId } }) =>
        Effect.gen(function* () {
          const own = yield* ofConnection(connectionId)
          const found = yield* State.find(new Map(own.map((each) => [each.id, each])), importId, "import")
          return { ...view(found), items: itemsOf(found) }
        })
    })
  )
}
