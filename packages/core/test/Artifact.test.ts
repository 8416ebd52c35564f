import { Artifact, type StreamError } from "@effect-sse/core"
import { assert, describe } from "@effect/vitest"
import { Data, DateTime, Effect, Exit, Fiber, FileSystem, Path, Stream } from "effect"
import { artifact, expired, folder, list, live, reachable, readText, table, tableText } from "./ArtifactFixture.ts"
import { serve } from "./LoopbackServer.ts"

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

  live("shows nothing of the signature, though the store repeats it in its refusal", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const signature = new URL(request.url ?? "", "http://x").searchParams.get("X-Amz-Signature")
        response
          .writeHead(403)
          .end(`<Error><Code>SignatureDoesNotMatch</Code><SignatureProvided>${signature}</SignatureProvided></Error>`)
      })
      const link = artifact(`${server.url}/a.csv?X-Amz-Signature=5ec3e75ec3e7`)
      const error = yield* Effect.flip(Stream.runDrain(Artifact.stream(link, reachable)))
      assert.strictEqual(error._tag === "ApiError" && error.code, "SignatureDoesNotMatch")
      assert.notInclude(JSON.stringify(error) + error.message, "5ec3e75ec3e7")
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

  live(
    "asks once for a fresh link when the old one has expired, by the clock or by the store, and goes on with it",
    () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) =>
          request.url === "/fresh" ? table(request, response) : expired(request, response)
        )
        const past = DateTime.makeUnsafe("2020-01-01T00:00:00Z")
        for (const expiresAt of [past, undefined]) {
          const asked: Array<string> = []
          const text = yield* Artifact.stream(artifact(`${server.url}/old`, { expiresAt }), {
            ...reachable,
            refresh: (old) =>
              Effect.sync(() => (asked.push(old.url), { ...old, url: `${server.url}/fresh`, expiresAt: undefined }))
          }).pipe(Stream.decodeText(), Stream.mkString)
          assert.strictEqual(text, tableText)
          assert.deepStrictEqual(asked, [`${server.url}/old`])
        }
        assert.deepStrictEqual(
          server.requests.map(({ url }) => url),
          ["/fresh", "/old", "/fresh"]
        )
        yield* server.allClosed
      })
  )

  live("fails with ExpiredArtifactError when the fresh link has expired too, and with what refresh fails with", () =>
    Effect.gen(function* () {
      class NoHistory extends Data.TaggedError("NoHistory") {}
      const server = yield* serve(expired)
      let asked = 0
      const still = yield* Artifact.stream(artifact(server.url), {
        ...reachable,
        refresh: (old) => Effect.sync(() => (asked++, old))
      }).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual(still._tag, "ExpiredArtifactError")
      assert.strictEqual(asked, 1)
      assert.lengthOf(server.requests, 2)
      const error = yield* Artifact.stream(artifact(server.url), {
        ...reachable,
        refresh: () => Effect.fail(new NoHistory())
      }).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual(error._tag, "NoHistory")
    })
  )

  live("follows no fresh link that leads to a private host", () =>
    Effect.gen(function* () {
      const expiresAt = DateTime.makeUnsafe("2020-01-01T00:00:00Z")
      const error = yield* Artifact.stream(artifact("https://example.com/x", { expiresAt }), {
        refresh: (old) => Effect.succeed({ ...old, url: "https://169.254.169.254/x", expiresAt: undefined })
      }).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual(error._tag === "TransportError" && error.reason, "InvalidRequest")
    })
  )

  live("refuses web pages and XML documents in place of a table or an image, however they are cut", () =>
    Effect.gen(function* () {
      const pages = [
        "<!DOCTYPE html><title>Sign in</title>",
        "\ufeff \n<html lang=en><body>",
        "<!-- gateway --><script>location = '/'</script>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html>',
        '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'
      ]
      const server = yield* serve((request, response) => {
        const bytes = Buffer.from(pages[Number(request.url?.slice(1))] ?? "")
        response.writeHead(200, { "content-type": "image/png" })
        response.write(bytes.subarray(0, 5))
        setTimeout(() => response.end(bytes.subarray(5)), 20)
      })
      for (const index of pages.keys()) {
        for (const kind of ["table", "image"] as const) {
          const error = yield* Effect.flip(
            Stream.runDrain(Artifact.stream(artifact(`${server.url}/${index}`, { kind }), reachable))
          )
          assert.strictEqual(error._tag === "ParseError" && error.stage, "content", pages[index])
        }
        const pieces = yield* Stream.runCollect(
          Artifact.stream(artifact(`${server.url}/${index}`, { kind: "file" }), reachable)
        )
        assert.strictEqual(Buffer.concat(pieces).toString(), pages[index])
      }
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

  for (const name of ["../../x", "CON", "x".repeat(300), "line\nfeed"]) {
    live(`saves ${JSON.stringify(name.slice(0, 12))} inside the folder and nowhere else`, () =>
      Effect.gen(function* () {
        const server = yield* serve(table)
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const root = yield* folder
        const directory = path.join(root, "a", "b")
        const saved = yield* Artifact.save(artifact(server.url, { name }), { ...reachable, directory })
        const [file, ...others] = yield* list(directory)
        assert.lengthOf(others, 0)
        assert.strictEqual(yield* files.realPath(saved.path), path.join(yield* files.realPath(directory), file ?? ""))
        assert.strictEqual(yield* readText(saved.path), tableText)
        // Nothing else came to be, above the folder or in it.
        assert.deepStrictEqual((yield* files.readDirectory(root, { recursive: true })).length, 3)
      })
    )
  }

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

  live(
    "goes on with a fresh link, names the file as asked for at first, and retries the fresh link, not the refresh",
    () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) => {
          if (request.url === "/old") return void expired(request, response)
          if (server.requests.length > 2) return void table(request, response)
          response.writeHead(200, { "content-length": "8" }).write("a,b")
          setTimeout(() => response.socket?.resetAndDestroy(), 20)
        })
        const directory = yield* folder
        let asked = 0
        const saved = yield* Artifact.save(artifact(`${server.url}/old`), {
          ...reachable,
          directory,
          refresh: () => Effect.sync(() => (asked++, artifact(`${server.url}/fresh`, { name: "0f0f.csv" })))
        })
        assert.strictEqual(asked, 1)
        assert.strictEqual(saved.artifact.url, `${server.url}/fresh`)
        assert.deepStrictEqual(yield* list(directory), ["prices.csv"])
        assert.strictEqual(yield* readText(saved.path), tableText)
        assert.deepStrictEqual(
          server.requests.map(({ url }) => url),
          ["/old", "/fresh", "/fresh"]
        )
      })
  )

  live("tells the type of a file by its bytes, and takes a missing extension from there", () =>
    Effect.gen(function* () {
      const files: ReadonlyArray<readonly [bytes: string, contentType: string | undefined, name: string]> = [
        ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", "Revenue.png"],
        ["\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", "Revenue.jpg"],
        ["GIF89a\x01\0", "image/gif", "Revenue.gif"],
        ["RIFF\x24\0\0\0WEBPVP8 ", "image/webp", "Revenue.webp"],
        ['<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml", "Revenue.svg"],
        ['<?xml version="1.0"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC "x">\n<svg>', "image/svg+xml", "Revenue.svg"],
        ["%PDF-1.7\n", "application/pdf", "Revenue.pdf"],
        ["BM\x36\0", undefined, "Revenue"]
      ]
      const server = yield* serve((request, response) => {
        const bytes = Buffer.from(files[Number(request.url?.slice(1))]?.[0] ?? "", "latin1")
        response.write(bytes.subarray(0, 3))
        setTimeout(() => response.end(bytes.subarray(3)), 20)
      })
      for (const [index, [, contentType, name]] of files.entries()) {
        const image = artifact(`${server.url}/${index}`, { kind: "image", name: "Revenue" })
        const saved = yield* Artifact.save(image, { ...reachable, directory: yield* folder })
        assert.strictEqual(saved.contentType, contentType)
        assert.match(saved.path, new RegExp(`/${name}$`))
      }
      const directory = yield* folder
      const jpeg = artifact(`${server.url}/1`, { kind: "image", name: "Growth in 1.5" })
      assert.strictEqual(
        (yield* Artifact.save(jpeg, { ...reachable, directory })).path,
        `${directory}/Growth in 1.5.jpg`
      )
      const named = artifact(`${server.url}/1`, { kind: "image", name: "photo.jpeg" })
      assert.strictEqual((yield* Artifact.save(named, { ...reachable, directory })).path, `${directory}/photo.jpeg`)
      const plain = yield* serve(table)
      const csv = yield* Artifact.save(artifact(plain.url, { name: "prices" }), { ...reachable, directory })
      assert.strictEqual(csv.contentType, "text/csv")
      assert.strictEqual(csv.path, `${directory}/prices.csv`)
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

describe("Artifact.saveText", () => {
  live("writes a text under a name that stays in the folder, and overwrites nothing", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const first = yield* Artifact.saveText("one", { directory, fileName: "../report.md" })
      const second = yield* Artifact.saveText("two", { directory, fileName: "../report.md" })
      assert.deepStrictEqual(yield* list(directory), ["_report (2).md", "_report.md"])
      assert.deepStrictEqual([yield* readText(first), yield* readText(second)], ["one", "two"])
    })
  )
})
