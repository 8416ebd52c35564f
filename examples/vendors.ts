/**
 * Whom the examples ask: a vendor when the environment holds its key, else the emulator, which is started for them.
 */
import { Emulator } from "@effect-sse/emulator"
import { Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
import { Config, Context, Effect, Layer, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { failWith } from "./failure.ts"

const emulator = Emulator.layer({ pace: "realistic" })

const has = (variable: string) => Effect.map(Config.option(Config.NonEmptyString(variable)), Option.isSome)

/** The client, and the session that the questions are asked in. */
export class PowerdrillSession extends Context.Service<
  PowerdrillSession,
  {
    readonly sessionId: SessionId
    /** The emulator's links lead to this machine, where links from a vendor may not. */
    readonly allowPrivateHosts: boolean
    readonly where: string
  }
>()("examples/PowerdrillSession") {}

const powerdrillItself = Layer.effect(
  PowerdrillSession,
  Effect.gen(function* () {
    const { sessions } = yield* Powerdrill
    const given = yield* Config.option(Config.NonEmptyString("POWERDRILL_SESSION_ID"))
    const sessionId = Option.isSome(given)
      ? SessionId.make(given.value)
      : yield* sessions.create({ name: "effect-sse example" })
    return PowerdrillSession.of({ sessionId, allowPrivateHosts: false, where: "Powerdrill" })
  })
).pipe(Layer.provideMerge(Powerdrill.layerConfig()))

const powerdrillEmulated = Layer.unwrap(
  Effect.gen(function* () {
    const { powerdrill, url } = yield* Emulator
    return Layer.merge(
      Powerdrill.layer({ apiKey: powerdrill.apiKey, userId: powerdrill.userId, baseUrl: powerdrill.url() }),
      Layer.succeed(PowerdrillSession, {
        sessionId: SessionId.make(powerdrill.sessionId),
        allowPrivateHosts: true,
        where: `the emulator at ${url}`
      })
    )
  })
).pipe(Layer.provide(emulator))

export const PowerdrillLive = Layer.unwrap(
  Effect.map(has("POWERDRILL_API_KEY"), (real) => (real ? powerdrillItself : powerdrillEmulated))
).pipe(Layer.provide(FetchHttpClient.layer))

/** Who is asked about videos. */
export class VideoVendor extends Context.Service<
  VideoVendor,
  {
    readonly where: string
    /** The emulator does not look into files, so that an example may send it any bytes for a video. */
    readonly isEmulated: boolean
  }
>()("examples/VideoVendor") {}

/** The knowledge store that questions are about. */
export class KnowledgeStore extends Context.Service<KnowledgeStore, { readonly knowledgeStoreId: KnowledgeStoreId }>()(
  "examples/KnowledgeStore"
) {}

const twelveLabsItself = Layer.merge(
  TwelveLabs.layerConfig(),
  Layer.succeed(VideoVendor, { where: "TwelveLabs", isEmulated: false })
)

const twelveLabsEmulated = Layer.unwrap(
  Effect.gen(function* () {
    const { twelvelabs, url } = yield* Emulator
    return Layer.merge(
      TwelveLabs.layer({ apiKey: twelvelabs.apiKey, baseUrl: twelvelabs.url() }),
      Layer.succeed(VideoVendor, { where: `the emulator at ${url}`, isEmulated: true })
    )
  })
)

const existingStore = Layer.effect(
  KnowledgeStore,
  Effect.gen(function* () {
    const id = yield* Config.option(Config.NonEmptyString("TWELVELABS_KNOWLEDGE_STORE_ID"))
    if (Option.isSome(id)) return KnowledgeStore.of({ knowledgeStoreId: KnowledgeStoreId.make(id.value) })
    return yield* failWith(
      "Set TWELVELABS_KNOWLEDGE_STORE_ID to a knowledge store with videos; " +
        "npx tsx examples/video-to-cited-answer.ts FILE --keep makes one"
    )
  })
)

const emulatedStore = Layer.effect(
  KnowledgeStore,
  Effect.map(Emulator, ({ twelvelabs }) =>
    KnowledgeStore.of({ knowledgeStoreId: KnowledgeStoreId.make(twelvelabs.knowledgeStoreId) })
  )
)

const hasTwelveLabs = has("TWELVE_LABS_API_KEY")

/** The client alone. */
export const TwelveLabsLive = Layer.unwrap(
  Effect.map(hasTwelveLabs, (real) => (real ? twelveLabsItself : Layer.provide(twelveLabsEmulated, emulator)))
).pipe(Layer.provide(FetchHttpClient.layer))

/** The client, with a knowledge store that has something in it. */
export const KnowledgeStoreLive = Layer.unwrap(
  Effect.map(hasTwelveLabs, (real) =>
    real
      ? Layer.merge(twelveLabsItself, existingStore)
      : Layer.provide(Layer.merge(twelveLabsEmulated, emulatedStore), emulator)
  )
).pipe(Layer.provide(FetchHttpClient.layer))
