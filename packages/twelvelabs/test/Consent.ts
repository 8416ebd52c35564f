/** What a user does in a browser, so that there is a connection. */
import { Emulator } from "@effect-sse/emulator"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type ConnectionId, DataConnections, TwelveLabs } from "../src/index.ts"

export const redirectUri = "https://app.example.com/done?step=2"

/** Opens a page of the provider and gives the query with which it sends the browser back. */
export const open = (url: string): Effect.Effect<URL> =>
  Effect.promise(async () => {
    const response = await fetch(url, { redirect: "manual" })
    assert.strictEqual(response.status, 302, await response.text())
    return new URL(response.headers.get("location") ?? "")
  })

/** A connection of a user who has consented. */
export const connected = (
  request: Partial<DataConnections.AuthorizeRequest> = {}
): Effect.Effect<ConnectionId, unknown, TwelveLabs> =>
  Effect.gen(function* () {
    const { connections } = yield* TwelveLabs
    const { authorizeUrl } = yield* connections.authorize({ redirectUri, ...request })
    const consent = DataConnections.consentOf((yield* open(authorizeUrl)).searchParams)
    if (consent._tag === "Refused") return yield* Effect.fail(consent)
    return consent.connectionId
  })

/** The user takes the consent back, at the provider. */
export const withdraw = (id: ConnectionId): Effect.Effect<void, never, Emulator> =>
  Effect.gen(function* () {
    const { url } = yield* Emulator
    const page = `${url}/twelvelabs/consent/withdraw?connection_id=${id}`
    assert.strictEqual((yield* Effect.promise(() => fetch(page))).status, 200)
  })
