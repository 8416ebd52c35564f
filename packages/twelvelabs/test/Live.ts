/** Tests on real sockets, each with an emulator of its own, so that what it finds there is what it made. */
import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import { NodeHttpClient } from "@effect/platform-node"
import { it } from "@effect/vitest"
import { Effect, Layer, Schedule, type Scope } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { type Connection, TwelveLabs } from "../src/index.ts"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici } as const

/** Options of a test. */
export interface LiveOptions extends Partial<Connection.Options> {
  readonly http?: keyof typeof clients
  readonly play?: Play.Play<Scenario.TwelveLabsScenario>
  readonly emulator?: Parameters<typeof Emulator.layer>[0]
  /** In milliseconds, for a test that has much to send. */
  readonly timeout?: number
}

/** A client of the emulator, and the HTTP client that it uses. */
export const client = ({ emulator: _, http = "fetch", play, timeout: __, ...options }: LiveOptions = {}) =>
  Layer.unwrap(
    Effect.map(Emulator, ({ twelvelabs }) =>
      TwelveLabs.layer({ apiKey: twelvelabs.apiKey, baseUrl: twelvelabs.url(play), ...options }).pipe(
        Layer.provideMerge(clients[http])
      )
    )
  )

/** A test with an emulator of its own. */
export const live = (
  promise: string,
  test: () => Effect.Effect<void, unknown, TwelveLabs | Emulator | HttpClient.HttpClient | Scope.Scope>,
  options: LiveOptions = {}
) =>
  it.live(
    promise,
    () => test().pipe(Effect.provide(Layer.provideMerge(client(options), Emulator.layer(options.emulator)))),
    options.timeout
  )

/** Polls without the waits of the real service. */
export const soon = { schedule: Schedule.spaced("20 millis"), deadline: "10 seconds" } as const
