/**
 * TwelveLabs' assets. Files that are uploaded in one piece are kept; what stands at an address is not fetched, and what is in it
 * follows from its name.
 */
import { AssetId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { Play } from "../Play.ts"
import * as Exchange from "./Exchange.ts"
import type { Piece } from "./FileStore.ts"
import type { LinkMaker } from "./StoreLinks.ts"
import * as View from "./TwelveLabsAssetView.ts"
import * as Media from "./TwelveLabsMedia.ts"
import { conflict, invalid, notFound, Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"
import * as Transcript from "./TwelveLabsTranscript.ts"

/** Bytes of what stands at an address, of which nobody fetches any. */
const sizeElsewhere = 12_345_678

const segmentations = ["words", "sentences", "utterances"] as const

const kinds: ReadonlySet<string> = new Set<State.AssetKind>(["image", "video", "audio", "document"])

/** The endpoints of the group `assets`. */
export const layer = (state: State.TwelveLabsState, linkMaker: (play: Play) => LinkMaker) => {
  const find = (id: string) => State.findAsset(state, id)
  const linkOfPlay = Effect.map(Exchange.Exchange, ({ play }) => linkMaker(play))

  const keep = (asset: State.OwnAsset) => {
    state.assets.set(asset.id, asset)
    return View.brief(state, asset)
  }

  const setMetadata = (asset: State.OwnAsset, userMetadata: State.OwnAsset["userMetadata"]) => {
    state.assets.set(asset.id, { ...asset, userMetadata })
  }

  /** What is wrong with a file by its size and kind. */
  const problemOf = ({ kind }: Media.Media, size: number): Refused | undefined => {
    if (size === 0) return invalid("file: must not be empty")
    if (size > state.limits.directSize) {
      const message = `The file is larger than ${state.limits.directSize} bytes: upload it in chunks, or by its URL.`
      return new Refused({ status: 413, code: "parameter_invalid", message })
    }
    return kind === "image" && size > Media.mostOfImage
      ? invalid(`file: an image must not be larger than ${Media.mostOfImage} bytes`)
      : undefined
  }

  return HttpApiBuilder.group(Api, "assets", (handlers) =>
    handlers.handleAll({
      create: ({ payload: { file, filename: given, hls = false, method, thumbnail = false, url, userMetadata } }) =>
        Effect.gen(function* () {
          const { play } = yield* Exchange.Exchange
          const filename = given ?? (method === "direct" ? file?.name : nameIn(url)) ?? ""
          const begun = { method, filename, userMetadata, hls, thumbnail, source: undefined }
          const make = (media: Media.Media, size: number, work: State.Work): State.OwnAsset => ({
            ...begun,
            ...media,
            id: AssetId.make(state.nextHexId("asset")),
            size,
            duration: Media.durationOf(media.kind, size),
            createdAt: state.now(),
            work
          })

          if (method === "url") {
            if (url === undefined) return yield* invalid("url: is missing")
            const problem = problemOfUrl(url)
            if (problem !== undefined) return yield* invalid(`url: ${problem}`)
            if (given !== undefined) yield* requireName(given)
            const work = State.begin(state, play)
            const media = Media.mediaOf(filename)
            // What an address leads to is seen when it is fetched.
            return media === undefined
              ? keep({
                  ...make({ kind: "video", fileType: "application/octet-stream" }, 0, { ...work, succeeds: false }),
                  failure: `No file of a known type was found at ${url}.`
                })
              : keep(make(media, sizeElsewhere, work))
          }

          if (file === undefined) return yield* invalid("file: is missing")
          yield* requireName(filename)
          const media = Media.mediaOf(filename)
          if (media === undefined) return yield* invalid("file: must be a video, audio, an image, a PDF or a text")
          const disk = yield* FileSystem.FileSystem
          const piece = yield* Effect.orDie(state.files.write(disk.stream(file.path)))
          const problem = problemOf(media, piece.size)
          if (problem !== undefined) {
            yield* state.files.discard([piece])
            return yield* problem
          }
          const work = State.begin(state, play)
          const succeeds = work.succeeds && (yield* isWhatItsNameSays(media, piece))
          const content = state.files.add(filename, media.fileType, piece)
          return keep({ ...make(media, piece.size, { ...work, succeeds }), content })
        }),
      list: ({ query: { assetIds, assetTypes, filename, ...query } }) =>
        Effect.gen(function* () {
          const unknown = assetTypes?.find((type) => !kinds.has(type))
          if (unknown !== undefined) return yield* invalid("asset_types: must be image, video, audio or document")
          const ids = assetIds === undefined ? undefined : new Set<string>(assetIds)
          const named = filename?.toLowerCase() ?? ""
          const assets = yield* State.sorted(state.assets.values(), {})
          const link = yield* linkOfPlay
          const page = yield* State.pageOf(
            assets.filter(
              (asset) =>
                ids?.has(asset.id) !== false &&
                assetTypes?.includes(asset.kind) !== false &&
                asset.filename.toLowerCase().includes(named)
            ),
            query
          )
          return { ...page, items: page.items.map((asset) => View.detail(state, asset, link)) }
        }),
      get: ({ params: { id } }) =>
        Effect.gen(function* () {
          return View.detail(state, yield* find(id), yield* linkOfPlay)
        }),
      delete: ({ params: { id }, query: { force = false } }) =>
        Effect.gen(function* () {
          const asset = yield* find(id)
          if (!force && state.references.some(({ holds }) => holds(id))) {
            return yield* conflict(
              "asset_in_use",
              "Indexed assets refer to the asset. Use force=true to delete it too."
            )
          }
          for (const { drop } of state.references) drop(id)
          state.assets.delete(id)
          if (asset.content !== undefined) yield* state.files.remove(asset.content)
        }),
      transcription: ({ params: { id }, query: { include } }) =>
        Effect.gen(function* () {
          const asset = yield* find(id)
          const { kind, work } = asset
          const asked = (include ?? ["words"]).flatMap((some) => some.split(","))
          const isKnown = (word: string) => segmentations.some((name) => name === word)
          if (!asked.every(isKnown)) return yield* invalid(`include: must be of ${segmentations.join(", ")}`)
          if (kind !== "video" && kind !== "audio") return yield* notFound("transcription")
          const status = State.statusOf(state, work, ["pending", "processing"])
          const all = Transcript.make()
          const segments = <Name extends (typeof segmentations)[number]>(name: Name) =>
            status === "ready" && asked.includes(name) ? all[name] : undefined
          return {
            status,
            words: segments("words"),
            sentences: segments("sentences"),
            utterances: segments("utterances"),
            error: status === "failed" ? { message: View.failureOf(asset) } : undefined
          }
        }),
      replaceMetadata: ({ params: { id }, payload: { userMetadata } }) =>
        Effect.gen(function* () {
          const kept = Object.entries(userMetadata).filter(([, value]) => value !== "" && value !== null)
          setMetadata(yield* find(id), Object.fromEntries(kept))
        }),
      mergeMetadata: ({ params: { id }, payload: { userMetadata } }) =>
        Effect.gen(function* () {
          const asset = yield* find(id)
          const all = new Map(Object.entries(asset.userMetadata ?? {}))
          for (const [name, value] of Object.entries(userMetadata)) {
            if (value === null) all.delete(name)
            else if (value !== "") all.set(name, value)
          }
          setMetadata(asset, Object.fromEntries(all))
        }),
      clearMetadata: ({ params: { id } }) =>
        Effect.gen(function* () {
          setMetadata(yield* find(id), {})
        })
    })
  )
}

const requireName = (filename: string) => {
  const length = Media.lengthOf(filename)
  return length < 1 || length > 255 ? Effect.fail(invalid("filename: must have 1 to 255 characters")) : Effect.void
}

/** The name of a file in its address. */
const nameIn = (url: string | undefined): string | undefined =>
  URL.parse(url ?? "")
    ?.pathname.split("/")
    .at(-1)

const hostsOfPages = /(?:^|\.)(?:youtube\.com|youtu\.be|vimeo\.com|drive\.google\.com|dropbox\.com)$/

const problemOfUrl = (text: string): string | undefined => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return "must be a URL"
  return hostsOfPages.test(url.hostname) ? `must lead to the file itself, not to a page with it: ${text}` : undefined
}

/** Of documents, it is looked at whether they are what they are called. */
const isWhatItsNameSays = ({ fileType }: Media.Media, { path }: Piece) =>
  Effect.gen(function* () {
    if (fileType !== "application/pdf") return true
    const disk = yield* FileSystem.FileSystem
    const first = yield* Effect.orDie(Stream.runCollect(disk.stream(path, { bytesToRead: 5 })))
    return Buffer.concat(first).toString("latin1") === "%PDF-"
  })
