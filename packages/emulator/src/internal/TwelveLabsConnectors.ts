/**
 * What TwelveLabs knows of users' files elsewhere: connections, the consents on their way, and imports. All users have the same
 * account at the provider.
 */
import type * as DataConnections from "@effect-sse/twelvelabs/DataConnections"
import type { AssetId, ConnectionId, ImportId } from "@effect-sse/twelvelabs/Ids"
import type * as Imports from "@effect-sse/twelvelabs/Imports"
import * as Effect from "effect/Effect"
import { conflict } from "./TwelveLabsRefusal.ts"
import * as State from "./TwelveLabsState.ts"

/** The only provider there is. */
export const provider = "google_drive"

/** What a user consents to. */
export const scopes: ReadonlyArray<string> = ["https://www.googleapis.com/auth/drive.file"]

/** A user who is to consent. */
export interface OwnConsent {
  readonly redirectUri: string
  readonly customId: string | undefined
  readonly isGranted: boolean
  /** Milliseconds that the connection works. */
  readonly lifetime: number
}

/** A connection before its status, which time tells. Times are in milliseconds since 1970. */
export interface OwnConnection {
  readonly id: ConnectionId
  readonly customId: string | undefined
  readonly connectedAt: number
  readonly expiresAt: number
  readonly lastUsedAt: number | undefined
  readonly isRevoked: boolean
}

/** A file of an import: of its asset nothing but the id is kept. */
export type OwnItem = Required<Pick<Imports.ImportItem, "sourceId" | "action" | "error">> & {
  readonly assetId: AssetId | undefined
}

/** An import. */
export interface OwnImport {
  readonly id: ImportId
  readonly connectionId: ConnectionId
  /** Of the connection. */
  readonly customId: string | undefined
  readonly items: ReadonlyArray<OwnItem>
  readonly createdAt: number
}

/** The tables. */
export interface Connectors {
  /** By the `state` of their URL. */
  readonly consents: Map<string, OwnConsent>
  readonly connections: Map<string, OwnConnection>
  readonly redirectUris: Map<string, DataConnections.RedirectUri>
  readonly imports: Map<string, OwnImport>
  /** The asset of each file that was imported. */
  readonly fetched: Map<string, AssetId>
}

/** Makes the tables, with nothing in them. */
export const make = (): Connectors => ({
  consents: new Map(),
  connections: new Map(),
  redirectUris: new Map(),
  imports: new Map(),
  fetched: new Map()
})

/** Whether a connection works now. */
export const statusOf = (
  { now }: State.TwelveLabsState,
  { expiresAt, isRevoked }: OwnConnection
): "active" | "expired" | "revoked" => (isRevoked ? "revoked" : now() >= expiresAt ? "expired" : "active")

/** Finds a connection. */
export const find = ({ connections }: Connectors, id: string) => State.find(connections, id, "connection")

/** Finds a connection to use it: one that works. */
export const use = (state: State.TwelveLabsState, connectors: Connectors, id: string) =>
  Effect.flatMap(find(connectors, id), (connection) => {
    const status = statusOf(state, connection)
    if (status !== "active") {
      return Effect.fail(
        conflict("connection_not_active", `The connection is ${status}: the user has to consent again.`)
      )
    }
    const used: OwnConnection = { ...connection, lastUsedAt: state.now() }
    connectors.connections.set(used.id, used)
    return Effect.succeed(used)
  })
