/**
 * Connections to what users have elsewhere, such as their Google Drive. A user consents in a browser, and then files of theirs
 * can be imported (see `Imports`).
 */
import * as ApiClient from "@effect-sse/core/ApiClient"
import * as Excerpt from "@effect-sse/core/Excerpt"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions, Connection, ListOptions } from "./Connection.ts"
import { ConnectionId, RedirectUriId } from "./Ids.ts"
import { listing } from "./internal/listing.ts"
import { withoutAnswer } from "./internal/withoutAnswer.ts"
import * as Wire from "./internal/wire.ts"

/**
 * Where a user's files are. New providers may come.
 */
export const Provider: Schema.Codec<Provider> = WireSchema.openEnum("google_drive")

/** Where a user's files are. */
export type Provider = "google_drive" | (string & {})

/**
 * Whether a connection works: `active`, or its consent has `expired` or was `revoked`; then the user has to consent again. New
 * statuses may come.
 */
export const ConnectionStatus: Schema.Codec<ConnectionStatus> = WireSchema.openEnum("active", "expired", "revoked")

/** Whether a connection works. */
export type ConnectionStatus = "active" | "expired" | "revoked" | (string & {})

const Account = Schema.Struct({
  /** The provider's id of the account. It does not change. */
  externalId: WireSchema.maybe(Schema.String),
  /** A name for people, such as an address of email. */
  displayName: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ externalId: "external_id", displayName: "display_name" }))

/**
 * A connection to a user's files.
 */
export const DataConnection = Schema.Struct({
  id: ConnectionId,
  provider: WireSchema.maybe(Provider),
  status: WireSchema.maybe(ConnectionStatus),
  /** What {@link AuthorizeRequest} named it by. Several connections can have the same. */
  customId: WireSchema.maybe(Schema.String),
  /** Whose files they are. */
  account: WireSchema.maybe(Account),
  /** What the user consented to, in the provider's words. */
  scopes: WireSchema.maybe(Schema.Array(Schema.String)),
  connectedAt: WireSchema.maybeTime,
  lastUsedAt: WireSchema.maybeTime
}).pipe(
  Schema.encodeKeys({
    id: "_id",
    customId: "custom_id",
    connectedAt: "connected_at",
    lastUsedAt: "last_used_at"
  })
)

/** A connection to a user's files. */
export type DataConnection = typeof DataConnection.Type

/**
 * What a user is asked to consent to.
 */
export interface AuthorizeRequest {
  /** Default `"google_drive"`. */
  readonly provider?: Provider | undefined
  /**
   * Where the user's browser goes in the end, with the outcome in its query: see {@link consentOf}. Any address will do, unless
   * some were registered (see {@link RedirectUris}): then it must be one of them, letter by letter.
   */
  readonly redirectUri: string
  /** Your own name for the connection, which comes back with it. It should not tell who the user is. */
  readonly customId?: string | undefined
}

const Authorization = Schema.Struct({
  authorizeUrl: Schema.String,
  state: WireSchema.maybe(Schema.String)
}).pipe(Schema.encodeKeys({ authorizeUrl: "authorize_url" }))

/**
 * Where to send the user's browser: to `authorizeUrl`. `state` is in that URL already, and only there to find a request again.
 */
export type Authorization = typeof Authorization.Type

/**
 * How a user has decided.
 */
export type Consent = Granted | Refused

/**
 * There is a connection now.
 */
export interface Granted {
  readonly _tag: "Granted"
  readonly connectionId: ConnectionId
  readonly customId: string | undefined
}

/**
 * There is none: the user declined, or something went wrong. `error` is the vendor's code, such as `access_denied`; empty when
 * none came.
 */
export interface Refused {
  readonly _tag: "Refused"
  readonly error: string
}

/**
 * Reads the query that a user's browser comes back with. Anyone can write one: before you take a connection for one of your
 * user, compare its `customId`, as {@link DataConnections.get} has it, with what you know.
 *
 * **Example** (The end of the way)
 *
 * ```ts
 * import { DataConnections } from "@effect-sse/twelvelabs"
 *
 * const url = new URL("https://app.example.com/done?connection_id=665f0a2c9b1e4d0012a3f7c9&status=ok")
 * const consent = DataConnections.consentOf(url.searchParams)
 * if (consent._tag === "Granted") console.log(consent.connectionId)
 * ```
 */
export const consentOf = (query: URLSearchParams): Consent => {
  const connectionId = query.get("connection_id") ?? ""
  const error = query.get("error")
  if (error === null && query.get("status") === "ok" && connectionId !== "") {
    const customId = query.get("custom_id") ?? undefined
    return { _tag: "Granted", connectionId: ConnectionId.make(connectionId), customId }
  }
  return { _tag: "Refused", error: Excerpt.of(error ?? "") }
}

const PickerToken = Schema.Struct({
  accessToken: Schema.RedactedFromValue(Schema.String),
  expiresInSeconds: WireSchema.maybe(Schema.Finite),
  scope: WireSchema.maybe(Schema.String),
  appId: WireSchema.maybe(Schema.String),
  developerKey: WireSchema.maybe(Schema.RedactedFromValue(Schema.String))
}).pipe(
  Schema.encodeKeys({
    accessToken: "access_token",
    expiresInSeconds: "expires_in",
    appId: "app_id",
    developerKey: "developer_key"
  })
)

/**
 * What the provider's own file picker needs to show a user's files, for reading only and for a short time.
 */
export interface PickerToken {
  readonly accessToken: Redacted.Redacted
  readonly expiresInSeconds: number | undefined
  /** What the token is good for, in the provider's words with spaces between them. */
  readonly scope: string | undefined
  /** The `setAppId` of Google's picker. */
  readonly appId: string | undefined
  /** The `setDeveloperKey` of Google's picker. */
  readonly developerKey: Redacted.Redacted | undefined
}

/**
 * An address that users may be sent back to.
 */
export const RedirectUri = Schema.Struct({
  id: RedirectUriId,
  redirectUri: WireSchema.maybe(Schema.String),
  createdAt: WireSchema.maybeTime
}).pipe(Schema.encodeKeys({ id: "_id", redirectUri: "redirect_uri", createdAt: "created_at" }))

/** An address that users may be sent back to. */
export type RedirectUri = typeof RedirectUri.Type

const params = { id: WireSchema.inPath(ConnectionId) } as const

const pages = Schema.Struct(Wire.listQuery).pipe(Schema.encodeKeys(Wire.listKeys))

/**
 * The endpoints, as a group of the vendor's API.
 */
export const Group = HttpApiGroup.make("connections").add(
  HttpApiEndpoint.post("authorize", "/connections:authorize", {
    // None: or a router would take what follows the colon for the name of one.
    params: {},
    payload: Schema.Struct({
      provider: Provider,
      redirectUri: Schema.String,
      customId: Schema.optional(Schema.String)
    }).pipe(Schema.encodeKeys({ redirectUri: "redirect_uri", customId: "custom_id" })),
    success: Authorization
  }),
  HttpApiEndpoint.get("list", "/connections", { query: pages, success: Wire.page(DataConnection) }),
  HttpApiEndpoint.get("get", "/connections/:id", { params, success: DataConnection }),
  HttpApiEndpoint.delete("delete", "/connections/:id", { params, success: HttpApiSchema.NoContent }),
  HttpApiEndpoint.post("pickerToken", "/connections/:id/picker-token", { params, success: PickerToken }),
  HttpApiEndpoint.get("listRedirectUris", "/connections/redirect-uris", {
    query: pages,
    success: Wire.page(RedirectUri)
  }),
  HttpApiEndpoint.post("createRedirectUri", "/connections/redirect-uris", {
    payload: Schema.Struct({ redirectUri: Schema.String }).pipe(Schema.encodeKeys({ redirectUri: "redirect_uri" })),
    success: RedirectUri.pipe(HttpApiSchema.status(201))
  }),
  HttpApiEndpoint.delete("deleteRedirectUri", "/connections/redirect-uris/:id", {
    params: { id: WireSchema.inPath(RedirectUriId) },
    success: HttpApiSchema.NoContent
  })
)

/**
 * What can be done with connections.
 *
 * **Example** (Send a user to the consent)
 *
 * ```ts
 * import { TwelveLabs } from "@effect-sse/twelvelabs"
 * import { Effect } from "effect"
 *
 * const redirectTo = Effect.gen(function*() {
 *   const { connections } = yield* TwelveLabs
 *   const { authorizeUrl } = yield* connections.authorize({
 *     redirectUri: "https://app.example.com/done",
 *     customId: "project-7"
 *   })
 *   return authorizeUrl
 * })
 * ```
 */
export interface DataConnections {
  /** Begins a user's consent. There is a connection only when the user has given it. */
  readonly authorize: (
    request: AuthorizeRequest,
    options?: CallOptions | undefined
  ) => Effect.Effect<Authorization, RequestError>
  /** The connections of the account, page by page, newest first. */
  readonly list: (options?: ListOptions | undefined) => Stream.Stream<DataConnection, RequestError>
  /** A connection, and whether it still works. */
  readonly get: (id: ConnectionId, options?: CallOptions | undefined) => Effect.Effect<DataConnection, RequestError>
  /** Ends a connection and takes the consent back at the provider. The assets that came through it stay. */
  readonly delete: (id: ConnectionId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
  /**
   * Makes a token for the provider's file picker. A connection that is not `active` is refused: an `ApiError` of the kind
   * `Conflict`. Errors show nothing of what was answered.
   */
  readonly pickerToken: (
    id: ConnectionId,
    options?: CallOptions | undefined
  ) => Effect.Effect<PickerToken, RequestError>
  /** Where users may be sent back to after they have consented. */
  readonly redirectUris: RedirectUris
}

/**
 * The addresses that users may be sent back to. Without any, all are allowed.
 */
export interface RedirectUris {
  /** The registered ones, page by page, newest first. */
  readonly list: (options?: ListOptions | undefined) => Stream.Stream<RedirectUri, RequestError>
  /**
   * Registers one: of the scheme https, on a public host, without wildcards. Refused with an `ApiError` of the kind `Conflict` when
   * it is registered already, `InvalidRequest` when it is unfit, `QuotaExceeded` when there are too many.
   */
  readonly create: (redirectUri: string, options?: CallOptions | undefined) => Effect.Effect<RedirectUri, RequestError>
  /** Takes one off the list. */
  readonly delete: (id: RedirectUriId, options?: CallOptions | undefined) => Effect.Effect<void, RequestError>
}

/**
 * Makes the connections of a client. `TwelveLabs` has them as its member `connections`.
 */
export const make = (connection: Connection): Effect.Effect<DataConnections> =>
  Effect.map(ApiClient.make(HttpApi.make("twelvelabs").add(Group), connection), ({ call }) => ({
    authorize: ({ provider = "google_drive", ...request }, options) =>
      call(({ connections }) => connections.authorize({ params: {}, payload: { provider, ...request } }), options),
    list: (options) =>
      listing(connection, options, (query) => call(({ connections }) => connections.list({ query }), options)),
    get: (id, options) => call(({ connections }) => connections.get({ params: { id } }), options),
    delete: (id, options) => call(({ connections }) => connections.delete({ params: { id } }), options),
    pickerToken: (id, options) =>
      Effect.mapError(
        call(({ connections }) => connections.pickerToken({ params: { id } }), options),
        withoutAnswer
      ),
    redirectUris: {
      list: (options) =>
        listing(connection, options, (query) =>
          call(({ connections }) => connections.listRedirectUris({ query }), options)
        ),
      create: (redirectUri, options) =>
        call(({ connections }) => connections.createRedirectUri({ payload: { redirectUri } }), options),
      delete: (id, options) => call(({ connections }) => connections.deleteRedirectUri({ params: { id } }), options)
    }
  }))
