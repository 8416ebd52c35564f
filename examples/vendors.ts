/**
 * Whom the examples ask: a vendor when the environment holds its key, else the emulator, which is started for them.
 */
import { Emulator } from "@effect-sse/emulator"
import { Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"
import { Config, Context, Effect, Layer, Option } from "effect"
import { FetchHttpClient } from "effect/http"

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

/** The client, and the knowledge store that the questions are about. */
export class KnowledgeStore extends Context.Service<
  KnowledgeStore,
  {
    readonly knowledgeStoreId: KnowledgeStoreId
    readonly where: string
  }
>()("examples/KnowledgeStore") {}

const twelveLabsItself = Layer.effect(
  KnowledgeStore,
  Effect.map(Config.NonEmptyString("TWELVELABS_KNOWLEDGE_STORE_ID"), (id) =>
    KnowledgeStore.of({ knowledgeStoreId: KnowledgeStoreId.make(id), where: "TwelveLabs" })
  )
).pipe(Layer.provideMerge(TwelveLabs.layerConfig()))

const twelveLabsEmulated = Layer.unwrap(
  Effect.gen(function* () {
    const { twelvelabs, url } = yield* Emulator
    return Layer.merge(
      TwelveLabs.layer({ apiKey: twelvelabs.apiKey, baseUrl: twelvelabs.url() }),
      Layer.succeed(KnowledgeStore, {
        knowledgeStoreId: KnowledgeStoreId.make(twelvelabs.knowledgeStoreId),
        where: `the emulator at ${url}`
      })
    )
  })
).pipe(Layer.provide(emulator))

export const TwelveLabsLive = Layer.unwrap(
  Effect.map(has("TWELVE_LABS_API_KEY"), (real) => (real ? twelveLabsItself : twelveLabsEmulated))
).pipe(Layer.provide(FetchHttpClient.layer))
