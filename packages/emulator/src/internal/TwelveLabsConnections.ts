/**
 * TwelveLabs' connections to users' files, and the addresses that users may be sent back to.
 */
import type * as DataConnections from "@effect-sse/twelvelabs/DataConnections"
import { RedirectUriId } from "@effect-sse/twelvelabs/Ids"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Redacted from "effect/Redacted"
import * as Net from "node:net"
import * as Exchange from "./Exchange.ts"
import { consentUrl } from "./TwelveLabsConsent.ts"
import * as Connectors from "./TwelveLabsConnectors.ts"
import { conflict, invalid, Refused } from "./TwelveLabsRefusal.ts"
import { Api } from "./TwelveLabsServer.ts"
import * as State from "./TwelveLabsState.ts"

/** The vendor does not say how many it takes. */
const mostRedirectUris = 20

/** Seconds that a token of a picker lives. */
const tokenLifetime = 3600

/** The endpoints of the group `connections`. */
export const layer = (state: State.TwelveLabsState, connectors: Connectors.Connectors) => {
  const { connections, consents, redirectUris } = connectors

  const view = (connection: Connectors.OwnConnection): DataConnections.DataConnection => ({
    id: connection.id,
    provider: Connectors.provider,
    status: Connectors.statusOf(state, connection),
    customId: connection.customId,
    account: { externalId: "100000000000000000001", displayName: "curator@example.com" },
    scopes: Connectors.scopes,
    connectedAt: State.timeOf(connection.connectedAt),
    lastUsedAt: connection.lastUsedAt === undefined ? undefined : State.timeOf(connection.lastUsedAt)
  })

  const isRegistered = (uri: string) => [...redirectUris.values()].some(({ redirectUri }) => redirectUri === uri)

  return HttpApiBuilder.group(Api, "connections", (handlers) =>
    handlers.handleAll({
      authorize: ({ payload: { customId, provider, redirectUri } }) =>
        Effect.gen(function* () {
          if (provider !== Connectors.provider) return yield* invalid(`provider: must be ${Connectors.provider}`)
          if (!URL.canParse(redirectUri)) return yield* invalid("redirect_uri: must be an absolute URL")
          if (redirectUris.size > 0 && !isRegistered(redirectUri)) {
            const message = "redirect_uri: is none of those that are registered, and so only those are taken"
            return yield* new Refused({ status: 400, code: "redirect_uri_invalid", message })
          }
          const { headers, play } = yield* Exchange.Exchange
          const key = state.nextUuid("state_")
          consents.set(key, {
            redirectUri,
            customId,
            isGranted: play.sync !== "invalid",
            lifetime: play.ttl === undefined ? Infinity : play.ttl * 1000
          })
          return { authorizeUrl: consentUrl(headers["host"] ?? "", key), state: key }
        }),
      list: ({ query }) =>
        Effect.flatMap(State.sorted(connections.values(), {}), (all) => State.pageOf(all.map(view), query)),
      get: ({ params: { id } }) => Effect.map(Connectors.find(connectors, id), view),
      delete: ({ params: { id } }) =>
        Effect.map(Connectors.find(connectors, id), () => {
          connections.delete(id)
        }),
      pickerToken: ({ params: { id } }) =>
        Effect.map(Connectors.use(state, connectors, id), () => ({
          accessToken: Redacted.make(`ya29.emulator-${state.count("picker-token")}`),
          expiresInSeconds: tokenLifetime,
          scope: Connectors.scopes.join(" "),
          appId: "100000000001",
          developerKey: Redacted.make("AIzaEMULATOR")
        })),
      listRedirectUris: ({ query }) =>
        Effect.flatMap(State.sorted(redirectUris.values(), {}), (all) => State.pageOf(all, query)),
      createRedirectUri: ({ payload: { redirectUri } }) =>
        Effect.gen(function* () {
          const problem = problemOf(redirectUri)
          if (problem !== undefined) {
            return yield* new Refused({
              status: 422,
              code: "redirect_uri_invalid",
              message: `The redirect URI ${problem}.`
            })
          }
          if (isRegistered(redirectUri)) {
            return yield* conflict("redirect_uri_already_exists", "The redirect URI is registered already.")
          }
          if (redirectUris.size >= mostRedirectUris) {
            const message = `There are ${mostRedirectUris} redirect URIs already.`
            return yield* new Refused({ status: 422, code: "redirect_uri_limit_exceeded", message })
          }
          const id = RedirectUriId.make(state.nextHexId("redirect-uri"))
          const made: DataConnections.RedirectUri = { id, redirectUri, createdAt: State.timeOf(state.now()) }
          redirectUris.set(id, made)
          return made
        }),
      deleteRedirectUri: ({ params: { id } }) =>
        Effect.map(State.find(redirectUris, id, "redirect URI"), () => {
          redirectUris.delete(id)
        })
    })
  )
}

const privateHosts = new Net.BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16]
] as const) {
  privateHosts.addSubnet(network, prefix, "ipv4")
}
privateHosts.addSubnet("::", 127, "ipv6")
privateHosts.addSubnet("fc00::", 7, "ipv6")
privateHosts.addSubnet("fe80::", 10, "ipv6")

const isPrivate = (hostname: string): boolean => {
  const address = hostname.replace(/^\[(.*)\]$/, "$1")
  const version = Net.isIP(address)
  return version === 0
    ? !hostname.includes(".") || /\.(localhost|local|internal)$/.test(hostname)
    : privateHosts.check(address, version === 6 ? "ipv6" : "ipv4")
}

/** Why an address cannot be registered. */
const problemOf = (redirectUri: string): string | undefined => {
  const url = URL.parse(redirectUri)
  if (url === null) return "is no URL"
  if (redirectUri.includes("*")) return "has a wildcard"
  if (url.protocol !== "https:") return "is not https"
  return isPrivate(url.hostname) ? "is not on a public host" : undefined
}
