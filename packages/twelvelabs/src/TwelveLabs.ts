/**
 * The client: one service with a member for each resource of the API.
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import * as Connection from "./Connection.ts"
import * as Responses from "./Responses.ts"

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
    readonly responses: Responses.Responses
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
    Layer.effect(TwelveLabs, Effect.map(Connection.make(options), ofConnection))

  /**
   * Makes a client from `TWELVE_LABS_API_KEY` and, for another address than the vendor's, `TWELVELABS_BASE_URL`. They are
   * read when the layer is built, from the current `ConfigProvider`.
   */
  static readonly layerConfig = (
    options?: Connection.ConfigOptions | undefined
  ): Layer.Layer<TwelveLabs, ConfigurationError | Config.ConfigError, HttpClient.HttpClient> =>
    Layer.effect(TwelveLabs, Effect.map(Connection.fromConfig(options), ofConnection))
}

const ofConnection = (connection: Connection.Connection) => TwelveLabs.of({ responses: Responses.make(connection) })
