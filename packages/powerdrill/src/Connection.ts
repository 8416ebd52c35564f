/**
 * Where the API is and who asks: the settings that all resources share, checked once, with the HTTP client in them.
 *
 * `Powerdrill` makes one by itself. Make one by hand to use a single resource, such as `Jobs`, and bundle little else.
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
import * as Result from "effect/Result"
import { vendor } from "./PowerdrillError.ts"

/**
 * The public service. Private deployments have addresses of their own, such as `https://example.com/app/api`.
 */
export const defaultBaseUrl = "https://ai.data.cloud/api"

/**
 * The header of the API key.
 */
export const apiKeyHeader = "x-pd-api-key"

/**
 * Options of a client.
 */
export interface Options extends Core.Defaults {
  /** A project's key, from the admin console. */
  readonly apiKey: Redacted.Redacted
  /** The user in whose name requests are made (`tmm-…`), from the admin console. A redacted one is kept out of errors. */
  readonly userId: string | Redacted.Redacted
  /** What stands before `/v2/team`; it may end in that. Default {@link defaultBaseUrl}. */
  readonly baseUrl?: string | undefined
  /** Allows plain http to other hosts than this machine: whoever is in between then reads the key. Default false. */
  readonly allowInsecure?: boolean | undefined
  /**
   * Changes the HTTP client that requests to the API go through: a limit of rates, a log. Requests to object stores
   * go past it. It sees the key, in the requests' headers.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
  /** Your own id for what you do, at most 128 characters, sent with every request for the vendor's support. */
  readonly externalTraceId?: string | undefined
}

/**
 * Options of one request.
 */
export interface CallOptions extends JsonCall.Options {
  /** Another user than the client's, in whose name this request is made. */
  readonly userId?: string | undefined
}

/**
 * Options of reading a list.
 */
export interface ListOptions extends CallOptions {
  /** How many items a page is asked to have; the vendor's own number, and its limit, is 10 and undocumented. */
  readonly pageSize?: number | undefined
}

/**
 * Options of {@link fromConfig}.
 */
export interface ConfigOptions extends Omit<Options, "apiKey" | "userId" | "baseUrl"> {
  /** Where the key comes from. Default: the variable `POWERDRILL_API_KEY`. */
  readonly apiKey?: Config.Config<Redacted.Redacted> | undefined
  /** Where the user's id comes from. Default: the variable `POWERDRILL_USER_ID`, redacted. */
  readonly userId?: Config.Config<string | Redacted.Redacted> | undefined
  /** Where the base URL comes from. Default: the variable `POWERDRILL_BASE_URL`, which may be missing. */
  readonly baseUrl?: Config.Config<string> | undefined
}

/**
 * A connection: how resources send what they have to send, on paths below `/v2/team`.
 */
export interface Connection extends Core.Connection {
  /** The user in whose name requests are made. */
  readonly userId: Redacted.Redacted
}

const setting = {
  apiKey: { vendor: vendor.name, setting: "apiKey", variable: "POWERDRILL_API_KEY" },
  userId: { vendor: vendor.name, setting: "userId", variable: "POWERDRILL_USER_ID" },
  baseUrl: { vendor: vendor.name, setting: "baseUrl", variable: "POWERDRILL_BASE_URL" },
  externalTraceId: { vendor: vendor.name, setting: "externalTraceId" }
} as const

/** A user id is there and is one word. */
const checkUserId = (
  userId: string | Redacted.Redacted | undefined
): Result.Result<Redacted.Redacted, ConfigurationError> => {
  const redacted = Redacted.isRedacted(userId) ? userId : Redacted.make(userId ?? "")
  const value = Redacted.value(redacted)
  if (value.trim() === "") {
    return Setting.refuse(
      setting.userId,
      "is missing or empty: set it to a user's id (tmm-…) from Powerdrill's admin console"
    )
  }
  return /[\s\p{Cc}]/u.test(value)
    ? Setting.refuse(
        setting.userId,
        "has white space or control characters in it: copy the id again, without what stands around it"
      )
    : Result.succeed(redacted)
}

const checkTraceId = (traceId: string | undefined): Result.Result<string | undefined, ConfigurationError> =>
  traceId === undefined || (traceId.length <= 128 && /^[\x21-\x7e]+$/.test(traceId))
    ? Result.succeed(traceId)
    : Setting.refuse(setting.externalTraceId, "must have 1 to 128 visible ASCII characters")

/**
 * Makes a connection. Fails with a `ConfigurationError` when the options are not fit for it; sends nothing.
 *
 * **Example** (Jobs and nothing else)
 *
 * ```ts
 * import * as Connection from "@effect-sse/powerdrill/Connection"
 * import * as Jobs from "@effect-sse/powerdrill/Jobs"
 * import { Effect, Redacted } from "effect"
 *
 * const jobs = Connection.make({ apiKey: Redacted.make("proj-…"), userId: "tmm-…" }).pipe(Effect.map(Jobs.make))
 * ```
 */
export const make = (options: Options): Effect.Effect<Connection, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const apiKey = yield* Effect.fromResult(
      Setting.apiKey(setting.apiKey, options.apiKey, "set it to a project's API key from Powerdrill's admin console")
    )
    const userId = yield* Effect.fromResult(checkUserId(options.userId))
    const baseUrl = yield* Effect.fromResult(
      Setting.baseUrl(
        setting.baseUrl,
        options.baseUrl ?? defaultBaseUrl,
        defaultBaseUrl,
        options.allowInsecure ?? false
      )
    )
    const traceId = yield* Effect.fromResult(checkTraceId(options.externalTraceId))
    const connection = yield* Core.make({
      vendor,
      baseUrl: `${baseUrl.replace(/\/v2\/team$/, "")}/v2/team`,
      headers: { [apiKeyHeader]: apiKey, ...(traceId === undefined ? {} : { "x-pd-external-trace-id": traceId }) },
      secrets: Redacted.isRedacted(options.userId) ? [userId] : [],
      stream: options.stream,
      call: options.call,
      transformClient: options.transformClient
    })
    return { ...connection, userId }
  })

/**
 * Makes a connection from `POWERDRILL_API_KEY`, `POWERDRILL_USER_ID` and `POWERDRILL_BASE_URL` (which may be missing), as
 * the current `ConfigProvider` has them.
 *
 * Fails with a `ConfigurationError` when one of them is missing or unfit, with a `ConfigError` when the provider itself
 * (or a `Config` of yours) fails.
 */
export const fromConfig = (
  options?: ConfigOptions | undefined
): Effect.Effect<Connection, ConfigurationError | Config.ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const missing = Redacted.make("")
    const apiKey = yield* options?.apiKey ?? Config.withDefault(Config.Redacted(setting.apiKey.variable), missing)
    const userId = yield* options?.userId ?? Config.withDefault(Config.Redacted(setting.userId.variable), missing)
    const baseUrl = yield* Config.option(options?.baseUrl ?? Config.String(setting.baseUrl.variable))
    return yield* make({
      ...options,
      apiKey,
      userId,
      // An empty variable is how many tools spell one that is not set.
      baseUrl: Option.getOrUndefined(Option.filter(baseUrl, (url) => url.trim() !== ""))
    })
  })
