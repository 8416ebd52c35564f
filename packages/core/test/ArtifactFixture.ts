/** What the tests of artifacts share: folders of their own, a table on loopback, and the services for both. */
import type { Artifact } from "@effect-sse/core"
import { NodeServices } from "@effect/platform-node"
import { it } from "@effect/vitest"
import { Effect, FileSystem, Layer, type Path, type Scope } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import type * as Http from "node:http"

export const artifact = (url: string, fields?: Partial<Artifact.Artifact>): Artifact.Artifact => ({
  kind: "table",
  name: "prices.csv",
  url,
  expiresAt: undefined,
  ...fields
})

const services = Layer.merge(NodeServices.layer, FetchHttpClient.layer)

/** A test in real time, on real sockets and files. */
export const live = (
  promise: string,
  test: () => Effect.Effect<void, unknown, Scope.Scope | FileSystem.FileSystem | Path.Path | HttpClient.HttpClient>
) => it.live(promise, () => Effect.provide(test(), services))

export const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

export const list = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.map(files.readDirectory(directory), (names) => names.toSorted())
  )

export const readText = (path: string) => Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path))

export const tableText = "a,b\n1,2\n"

export const table: Http.RequestListener = (_, response) =>
  response.writeHead(200, { "content-length": "8" }).end(tableText)

/** The answer of a store to a link that is past its time. */
export const expired: Http.RequestListener = (_, response) =>
  response
    .writeHead(403, { "content-type": "application/xml" })
    .end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")

/** The emulator's and these servers' links lead to loopback. */
export const reachable = { allowPrivateHosts: true } as const
