/**
 * The provider's side of a connection, which a user's browser sees: the page where one consents, and the one where one takes the
 * consent back. Nobody needs to click: to open a page is to do what it is for.
 */
import { ConnectionId } from "@effect-sse/twelvelabs/Ids"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Exchange from "./Exchange.ts"
import type { Connectors } from "./TwelveLabsConnectors.ts"
import type { TwelveLabsState } from "./TwelveLabsState.ts"

const path = "/twelvelabs/consent"

/** Where a user consents, by the address under which the client has found the emulator. */
export const consentUrl = (host: string, state: string): string =>
  `http://${host}${path}?${new URLSearchParams({ state })}`

const queryOf = ({ url }: HttpServerRequest.HttpServerRequest) => new URL(url, "http://localhost").searchParams

const refuse = (message: string) => Exchange.json(400, { code: "parameter_invalid", message })

/**
 * The pages:
 *
 * - `/twelvelabs/consent?state=…` sends the browser back with the outcome; with `&deny` the user declines;
 * - `/twelvelabs/consent/withdraw?connection_id=…` makes a connection one that was revoked.
 */
export const layer = (state: TwelveLabsState, { connections, consents }: Connectors) =>
  Layer.mergeAll(
    HttpRouter.add("GET", path, (request) => {
      const query = queryOf(request)
      const key = query.get("state") ?? ""
      const consent = consents.get(key)
      if (consent === undefined) return refuse("state: none that is waited for; each is good for one consent")
      consents.delete(key)
      const target = new URL(consent.redirectUri)
      if (!consent.isGranted || query.has("deny")) {
        target.searchParams.set("error", "access_denied")
      } else {
        const id = ConnectionId.make(state.nextHexId("connection"))
        const connectedAt = state.now()
        connections.set(id, {
          id,
          customId: consent.customId,
          connectedAt,
          expiresAt: connectedAt + consent.lifetime,
          lastUsedAt: undefined,
          isRevoked: false
        })
        target.searchParams.set("connection_id", id)
        target.searchParams.set("status", "ok")
        if (consent.customId !== undefined) target.searchParams.set("custom_id", consent.customId)
      }
      return Exchange.whole(302, "", { location: target.href })
    }),
    HttpRouter.add("GET", `${path}/withdraw`, (request) => {
      const connection = connections.get(queryOf(request).get("connection_id") ?? "")
      if (connection === undefined) return refuse("connection_id: none that exists")
      connections.set(connection.id, { ...connection, isRevoked: true })
      return Exchange.json(200, { withdrawn: true })
    })
  )
