/**
 * The client: one service with a member for each resource of the API.
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import type { RequestError } from "@effect-sse/core/StreamError"
import type * as Scope from "effect/Scope"
import * as Connection from "./Connection.ts"
import * as Conversation from "./Conversation.ts"
import * as Datasets from "./Datasets.ts"
import * as Datasources from "./Datasources.ts"
import * as Files from "./Files.ts"
import * as Jobs from "./Jobs.ts"
import * as Reports from "./Reports.ts"
import * as Sessions from "./Sessions.ts"

/**
 * Powerdrill, the client. It needs an `HttpClient` and nothing more; its methods need nothing, but for those of `reports`, which
 * write to the disk.
 *
 * **Example** (A program)
 *
 * ```ts
 * import { Powerdrill } from "@effect-sse/powerdrill"
 * import { Console, Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const { jobs, sessions } = yield* Powerdrill
 *   const sessionId = yield* sessions.create({ name: "Sales" })
 *   const report = yield* jobs.run({ sessionId, question: "Which shop earns most?" })
 *   yield* Console.log(report.answer)
 * }).pipe(Effect.provide(Powerdrill.layerConfig()), Effect.provide(FetchHttpClient.layer))
 * ```
 */
export class Powerdrill extends Context.Service<
  Powerdrill,
  {
    readonly jobs: Jobs.Jobs
    readonly sessions: Sessions.Sessions
    readonly datasets: Datasets.Datasets
    readonly datasources: Datasources.Datasources
    readonly files: Files.Files
    readonly reports: Reports.Reports
    /** Begins a conversation: several questions in one session, which may be deleted at the end. See `Conversation`. */
    readonly conversation: (
      options: Conversation.Options
    ) => Effect.Effect<Conversation.Conversation, RequestError, Scope.Scope>
  }
>()("@effect-sse/powerdrill/Powerdrill") {
  /**
   * Makes a client from options. Fails with a `ConfigurationError` that names the option when one is missing or unfit.
   *
   * **Example** (With a key from elsewhere)
   *
   * ```ts
   * import { Powerdrill } from "@effect-sse/powerdrill"
   * import { Redacted } from "effect"
   *
   * const layer = Powerdrill.layer({
   *   apiKey: Redacted.make("proj-…"),
   *   userId: "tmm-…",
   *   stream: { idleTimeout: "60 seconds" }
   * })
   * ```
   */
  static readonly layer = (
    options: Connection.Options
  ): Layer.Layer<Powerdrill, ConfigurationError, HttpClient.HttpClient> =>
    Layer.effect(Powerdrill, Effect.flatMap(Connection.make(options), ofConnection))

  /**
   * Makes a client from `POWERDRILL_API_KEY`, `POWERDRILL_USER_ID` and, for another deployment than the public one,
   * `POWERDRILL_BASE_URL`. They are read when the layer is built, from the current `ConfigProvider`.
   */
  static readonly layerConfig = (
    options?: Connection.ConfigOptions | undefined
  ): Layer.Layer<Powerdrill, ConfigurationError | Config.ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Powerdrill, Effect.flatMap(Connection.fromConfig(options), ofConnection))
}

const ofConnection = (connection: Connection.Connection): Effect.Effect<Powerdrill["Service"]> =>
  Effect.gen(function* () {
    const jobs = Jobs.make(connection)
    const sessions = yield* Sessions.make(connection)
    return Powerdrill.of({
      jobs,
      sessions,
      datasets: yield* Datasets.make(connection),
      datasources: yield* Datasources.make(connection),
      files: yield* Files.make(connection),
      reports: Reports.make(connection, sessions),
      conversation: (options) => Conversation.make({ jobs, sessions }, options)
    })
  })
