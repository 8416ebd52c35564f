/**
 * Where the API is and with which key: the settings that all resources share, checked once, with the HTTP client in them.
 *
 * `TwelveLabs` makes one by itself. Make one by hand to use a single resource, such as `Responses`, and bundle little else.
 */
import type { ConfigurationError } from "@effect-sse/core/ConfigurationError"
import * as Core from "@effect-sse/core/Connection"
import type * as JsonCall from "@effect-sse/core/JsonCall"
import * as Setting from "@effect-sse/core/Setting"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { vendor } from "./Vendor.ts"

/**
 * The vendor's own address. The version is part of it.
 */
export const defaultBaseUrl = "https://api.twelvelabs.io/v1.3"

/**
 * The header of the API key.
 */
export const apiKeyHeader = "x-api-key"

/**
 * Options of a client.
 */
export interface Options extends Core.Defaults {
  /** The key, from the vendor's dashboard. */
  readonly apiKey: Redacted.Redacted
  /** What stands before `/responses`. May have a path, for a proxy. Default {@link defaultBaseUrl}. */
  readonly baseUrl?: string | undefined
  /** Allows plain http to other hosts than this machine: whoever is in between then reads the key. Default false. */
  readonly allowInsecure?: boolean | undefined
  /**
   * Changes the HTTP client that requests to the API go through: a limit of rates (see `RateLimit`), a log. Requests to object stores
   * go past it. It sees the key, in the requests' headers.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * Options of {@link fromConfig}.
 */
export interface ConfigOptions extends Omit<Options, "apiKey" | "baseUrl"> {
  /** Where the key comes from. Default: the variable `TWELVE_LABS_API_KEY`. */
  readonly apiKey?: Config.Config<Redacted.Redacted> | undefined
  /** Where the base URL comes from. Default: the variable `TWELVELABS_BASE_URL`, which may be missing. */
  readonly baseUrl?: Config.Config<string> | undefined
}

/**
 * Options of one request.
 */
export type CallOptions = JsonCall.Options

/**
 * Options of reading a list.
 */
export interface ListOptions extends CallOptions {
  /** How many items a page has, 1 to 50; the vendor's own number is 10. */
  readonly pageSize?: number | undefined
}

/**
 * How a list is sorted. The vendor's own way is by `created_at`, newest first.
 */
export interface SortOptions<Field extends string> {
  /** What it is sorted by. */
  readonly sortBy?: Field | (string & {}) | undefined
  /** Upwards or downwards; downwards has the newest first. */
  readonly sortOption?: "asc" | "desc" | undefined
}

/**
 * A connection: how resources send what they have to send.
 */
export type Connection = Core.Connection

/** The variables are spelt as the vendor's own client spells those that it reads: two ways, with and without `_`. */
const setting = {
  apiKey: { vendor: vendor.name, setting: "apiKey", variable: "TWELVE_LABS_API_KEY" },
  baseUrl: { vendor: vendor.name, setting: "baseUrl", variable: "TWELVELABS_BASE_URL" }
} as const

/**
 * Makes a connection. Fails with a `ConfigurationError` when the options are not fit for it; sends nothing.
 *
 * **Example** (Responses and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/twelvelabs/Connection"
 * import * as Responses from "@effect-sse/twelvelabs/Responses"
 * import { Effect, Redacted } from "effect"
 *
 * const responses = Connection.make({ apiKey: Redacted.make("tlk_…") }).pipe(Effect.map(Responses.make))
 * ```
 */
export const make = (options: Options): Effect.Effect<Connection, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const apiKey = yield* Effect.fromResult(
      Setting.apiKey(setting.apiKey, options.apiKey, "create a key in the TwelveLabs dashboard")
    )
    const baseUrl = yield* Effect.fromResult(
      Setting.baseUrl(
        setting.baseUrl,
        options.baseUrl ?? defaultBaseUrl,
        defaultBaseUrl,
        options.allowInsecure ?? false
      )
    )
    const { call, stream, transformClient } = options
    return yield* Core.make({ vendor, baseUrl, headers: { [apiKeyHeader]: apiKey }, stream, call, transformClient })
  })

/**
 * Makes a connection from `TWELVE_LABS_API_KEY` and `TWELVELABS_BASE_URL` (which may be missing), as the current
 * `ConfigProvider` has them.
 *
 * Fails with a `ConfigurationError` when one of them is missing or unfit, with a `ConfigError` when the provider itself
 * (or a `Config` of yours) fails.
 */
export const fromConfig = (
  options?: ConfigOptions | undefined
): Effect.Effect<Connection, ConfigurationError | Config.ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const apiKey = yield* (
      options?.apiKey ?? Config.withDefault(Config.Redacted(setting.apiKey.variable), Redacted.make(""))
    )
    const baseUrl = yield* Config.option(options?.baseUrl ?? Config.String(setting.baseUrl.variable))
    return yield* make({
      ...options,
      apiKey,
      // An empty variable is how many tools spell one that is not set.
      baseUrl: Option.getOrUndefined(Option.filter(baseUrl, (url) => url.trim() !== ""))
    })
  })
