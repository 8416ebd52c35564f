import { Artifact, type StreamError } from "@effect-sse/core"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, FileSystem, Layer, Path, type Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import type * as Http from "node:http"
import { serve } from "./LoopbackServer.ts"

const artifact = (url: string, fields?: Partial<Artifact.Artifact>): Artifact.Artifact => ({
  kind: "table",
  name: "prices.csv",
  url,
  expiresAt: undefined,
  ...fields
})

const services = Layer.merge(NodeServices.layer, FetchHttpClient.layer)
const live = (
  promise: string,
  test: () => Effect.Effect<void, unknown, Scope.Scope | FileSystem.FileSystem | Path.Path | HttpClient.HttpClient>
) => it.live(promise, () => Effect.provide(test(), services))

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const list = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.map(files.readDirectory(directory), (names) => names.toSorted())
  )
const table: Http.RequestListener = (_, response) =>
  response.writeHead(200, { "content-length": "8" }).end("a,b\n1,2\n")
const reachable = { allowPrivateHosts: true } as const

describe("Artifact.stream", () => {
  live("reads the bytes, and sends no header but the transport's own", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const text = yield* Artifact.stream(artifact(server.url), reachable).pipe(Stream.decodeText(), Stream.mkString)
      assert.strictEqual(text, "a,b\n1,2\n")
      const headers = Object.keys(server.requests[0]!.headers)
      for (const name of headers) assert.notMatch(name, /key|cookie|authorization|trace|b3/)
      yield* server.allClosed
    })
  )

  live("fails with ExpiredArtifactError by the clock, and asks nobody", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const expiresAt = DateTime.makeUnsafe("2020-01-01T00:00:00Z")
      const error = yield* Effect.flip(
        Stream.runDrain(Artifact.stream(artifact(`${server.url}/a?sig=secret`, { expiresAt }), reachable))
      )
      assert.strictEqual(error._tag, "ExpiredArtifactError")
      assert.strictEqual((error as StreamError.ExpiredArtifactError).detectedBy, "clock")
      assert.notInclude(JSON.stringify(error) + error.message, "secret")
      assert.lengthOf(server.requests, 0)
    })
  )

  live("fails with ExpiredArtifactError by the store's word, or by its clock", () =>
    Effect.gen(function* () {
      const soon = DateTime.makeUnsafe(Date.now() + 60_000)
      const answers: ReadonlyArray<readonly [body: string, date: string]> = [
        ["<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", new Date().toUTCString()],
        ["<Error><Code>AccessDenied</Code></Error>", new Date(Date.now() + 120_000).toUTCString()]
      ]
      for (const [body, date] of answers) {
        const server = yield* serve((_, response) => response.writeHead(403, { date }).end(body))
        const error = yield* Effect.flip(
          Stream.runDrain(Artifact.stream(artifact(server.url, { expiresAt: soon }), reachable))
        )
        assert.strictEqual((error as StreamError.ExpiredArtifactError).detectedBy, "store")
      }
    })
  )

  live("fails with ApiError at the store's other refusals", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>No</Message></Error>")
      )
      const error = yield* Effect.flip(Stream.runDrain(Artifact.stream(artifact(server.url), reachable)))
      assert.strictEqual(error._tag, "ApiError")
      assert.strictEqual((error as StreamError.ApiError).code, "AccessDenied")
    })
  )

  live("follows no link to plain http, to private or loopback hosts, or to anything but http", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const links = [
        server.url,
        "file:///etc/passwd",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://192.168.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0x7f.1/x",
        "https://2130706433/x",
        "https://printer.local./x",
        "https://user:pass@example.com/x",
        "s3://bucket/key",
        "not a url"
      ]
      for (const link of links) {
        const error = yield* Effect.flip(Stream.runDrain(Artifact.stream(artifact(link))))
        assert.strictEqual(error._tag === "TransportError" && error.reason, "InvalidRequest", link)
      }
      assert.lengthOf(server.requests, 0)
    })
  )

  live("bounds the size, and notices a body shorter than announced", () =>
    Effect.gen(function* () {
      const endless = yield* serve((_, response) => {
        const fill = () => {
          while (!response.destroyed) if (!response.write("x".repeat(65_536))) return void response.once("drain", fill)
        }
        fill()
      })
      const tooLarge = yield* Effect.flip(
        Stream.runDrain(Artifact.stream(artifact(endless.url), { ...reachable, maxSize: 100_000 }))
      )
      assert.deepStrictEqual(tooLarge._tag === "ParseError" && tooLarge.limit, { option: "maxSize", value: 100_000 })
      yield* endless.allClosed
      const short = yield* serve((_, response) => {
        response.writeHead(200, { "content-length": "100" }).write("a,b\n")
        setTimeout(() => response.socket?.end(), 20)
      })
      const error = yield* Effect.flip(Stream.runDrain(Artifact.stream(artifact(short.url), reachable)))
      assert.strictEqual(error._tag, "TransportError")
    })
  )
})

describe("Artifact.save", () => {
  live("saves under the vendor's name, numbers names that are taken, and overwrites nothing", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const directory = yield* folder
      const saved = yield* Effect.forEach(
        [1, 2, 3],
        () => Artifact.save(artifact(server.url), { ...reachable, directory: `${directory}/new/deep` }),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(yield* list(`${directory}/new/deep`), ["prices (2).csv", "prices (3).csv", "prices.csv"])
      const files = yield* FileSystem.FileSystem
      for (const { path, size } of saved) {
        assert.strictEqual(size, 8)
        assert.strictEqual(yield* files.readFileString(path), "a,b\n1,2\n")
      }
    })
  )

  live("confines every name to the folder", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const path = yield* Path.Path
      const names = [
        "../../x",
        "/etc/passwd",
        "..\\..\\x.csv",
        "C:\\x",
        "CON",
        "nul.csv",
        "a".repeat(300),
        "你".repeat(200),
        "line\nfeed.csv",
        ".",
        "..",
        "",
        "  ",
        ".hidden",
        "trailing. ",
        "a\u0000b.csv",
        "right\u202eleft.csv",
        "x:stream",
        "\ud800lone"
      ]
      for (const name of names) {
        const directory = yield* folder
        const saved = yield* Artifact.save(artifact(server.url, { name }), { ...reachable, directory })
        assert.strictEqual(path.dirname(saved.path), directory)
        const [file = "", ...more] = yield* list(directory)
        assert.lengthOf(more, 0)
        assert.isAtMost(new TextEncoder().encode(file).length, 220)
        assert.notMatch(file, /[/\\:\n\u0000\u202e]|^\.|[. ]$|^(con|nul)(\.|$)/i)
        assert.match(file, /\.csv$/)
      }
    })
  )

  live("does not write through a link that stands where the file should be", () =>
    Effect.gen(function* () {
      const server = yield* serve(table)
      const files = yield* FileSystem.FileSystem
      const directory = yield* folder
      const outside = yield* folder
      yield* files.writeFileString(`${outside}/victim`, "untouched")
      yield* files.symlink(`${outside}/victim`, `${directory}/prices.csv`)
      yield* files.symlink(`${outside}/absent`, `${directory}/prices (2).csv`)
      const saved = yield* Artifact.save(artifact(server.url), { ...reachable, directory })
      assert.strictEqual(saved.path, `${directory}/prices (3).csv`)
      assert.strictEqual(yield* files.readFileString(`${outside}/victim`), "untouched")
      assert.deepStrictEqual(yield* list(outside), ["victim"])
    })
  )

  live("tries again after a broken connection, and saves whole files only", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (server.requests.length > 1) return void table(request, response)
        response.writeHead(200, { "content-length": "8" }).write("a,b")
        setTimeout(() => response.socket?.resetAndDestroy(), 20)
      })
      const directory = yield* folder
      const { path } = yield* Artifact.save(artifact(server.url), { ...reachable, directory })
      assert.strictEqual(
        yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)),
        "a,b\n1,2\n"
      )
      assert.deepStrictEqual(yield* list(directory), ["prices.csv"])
    })
  )

  live("leaves nothing behind when it fails or is interrupted", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const refusing = yield* serve((_, response) => response.writeHead(404).end())
      yield* Effect.flip(Artifact.save(artifact(refusing.url), { ...reachable, directory }))
      assert.deepStrictEqual(yield* list(directory), [])
      const slow = yield* serve((_, response) => response.writeHead(200, { "content-length": "8" }).write("a,b"))
      const fiber = yield* Effect.forkChild(Artifact.save(artifact(slow.url), { ...reachable, directory }))
      yield* Effect.sleep("200 millis")
      assert.lengthOf(yield* list(directory), 1)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.andThen(Fiber.interrupt(fiber), Fiber.join(fiber)))))
      assert.deepStrictEqual(yield* list(directory), [])
      yield* slow.allClosed
    })
  )
})
