import { FileSource, PartUpload, RetryPolicy, StreamError } from "@effect-sse/core"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Layer, type Path, Result, Schedule, Schema, type Scope } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { createHash, randomBytes } from "node:crypto"
import type * as Http from "node:http"
import { inspect } from "node:util"
import { type LoopbackServer, serve } from "./LoopbackServer.ts"

/** A request to put a part, read whole. */
interface Put {
  readonly number: number
  readonly url: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: Buffer
}

const etagOf = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

/** A store that takes parts at `/NUMBER`; `refuse` answers in its place when it gives true. */
const serveStore = (refuse?: (put: Put, response: Http.ServerResponse, request: Http.IncomingMessage) => boolean) =>
  Effect.gen(function* () {
    const puts: Array<Put> = []
    const server = yield* serve((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const url = request.url ?? ""
        const number = Number(/^\/(\d+)/.exec(url)?.[1])
        const put = { number, url, headers: request.headers, body: Buffer.concat(chunks) }
        puts.push(put)
        if (refuse?.(put, response, request) !== true) response.setHeader("etag", `"${etagOf(put.body)}"`).end()
      })
    })
    return { ...server, puts }
  })

/** A store that neither reads nor answers. */
const serveNothing = serve((request) => request.pause())

const partSize = 100_000
const content = randomBytes(10 * partSize - 1)
const bytesOf = (part: PartUpload.Part) => content.subarray(part.offset, part.offset + part.size)
const source = FileSource.fromBytes(content, { name: "prices.csv" })
const parts = Result.getOrThrow(
  PartUpload.layout(
    Array.from({ length: 10 }, (_, index) => ({ number: index + 1, size: index === 9 ? partSize - 1 : partSize })),
    content.length
  )
)
const whole = parts.map((part) => ({ number: part.number, etag: etagOf(bytesOf(part)) }))

const link = (server: Pick<LoopbackServer, "url">, part: PartUpload.Part) =>
  `${server.url}/${part.number}?X-Amz-Credential=AKIA%2F2024%2Fs3&sig=a%2Bb+c`
const quickly = RetryPolicy.make({ retries: RetryPolicy.isTransient, base: "1 millis" })

/** Sends all parts to the server, unless options say otherwise. */
const send = <E = never>(
  server: Pick<LoopbackServer, "url">,
  options?: Partial<PartUpload.Options<E>> & { readonly source?: FileSource.FileSource }
) =>
  Effect.flatMap(options?.source === undefined ? source : Effect.succeed(options.source), (source) =>
    PartUpload.send<E>(source, parts, {
      locate: (part) => Effect.succeed(link(server, part)),
      allowPrivateHosts: true,
      retry: quickly,
      ...options
    })
  )

const until = (open: Effect.Effect<boolean>) =>
  Effect.flatMap(open, (done) => (done ? Effect.void : Effect.fail("not yet"))).pipe(
    Effect.retry(Schedule.max([Schedule.spaced("5 millis"), Schedule.recurs(1000)])),
    Effect.orDie
  )

const numbersOf = (puts: ReadonlyArray<Put>) => puts.map(({ number }) => number).toSorted((a, b) => a - b)

const expectError = <E extends { readonly _tag: string }, Tag extends E["_tag"]>(error: E, tag: Tag) => {
  assert.strictEqual(error._tag, tag)
  return error as Extract<E, { readonly _tag: Tag }>
}

const liveOver =
  (client: Layer.Layer<HttpClient.HttpClient>) =>
  (
    promise: string,
    test: () => Effect.Effect<void, unknown, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | Scope.Scope>
  ) =>
    it.live(promise, () => Effect.provide(test(), Layer.merge(NodeServices.layer, client)))

const clients = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] as const

for (const [name, client] of clients) {
  describe(`PartUpload.send over ${name}`, () => {
    const live = liveOver(client)

    live("sends each part's own bytes, in one piece, to its own link, and gives the ETags without quotes", () =>
      Effect.gen(function* () {
        const server = yield* serveStore()
        assert.deepStrictEqual(yield* send(server), whole)
        assert.deepStrictEqual(
          numbersOf(server.puts),
          parts.map(({ number }) => number)
        )
        for (const put of server.puts) {
          const part = parts[put.number - 1]!
          assert.isTrue(put.body.equals(bytesOf(part)))
          assert.strictEqual(put.headers["content-length"], String(part.size))
          assert.notProperty(put.headers, "transfer-encoding")
          assert.strictEqual(put.headers["content-type"], "application/octet-stream")
          assert.strictEqual(server.url + put.url, link(server, part))
          for (const header of Object.keys(put.headers)) {
            assert.notMatch(header, /key|cookie|authorization|trace|b3|^x-/)
          }
        }
        yield* server.allClosed
      })
    )

    live("sends a part again after a 5xx, a reset, or a word of the store that it was too slow, and no other", () =>
      Effect.gen(function* () {
        const server = yield* serveStore((put, response, request) => {
          const nth = server.puts.filter(({ number }) => number === put.number).length
          if (put.number === 2 && nth === 1) request.socket.resetAndDestroy()
          else if (put.number === 5 && nth <= 2) response.writeHead(nth === 1 ? 500 : 503).end()
          else if (put.number === 7 && nth === 1)
            response.writeHead(400).end("<Error><Code>RequestTimeout</Code></Error>")
          else return false
          return true
        })
        assert.deepStrictEqual(yield* send(server), whole)
        assert.deepStrictEqual(numbersOf(server.puts), [1, 2, 2, 3, 4, 5, 5, 5, 6, 7, 7, 8, 9, 10])
        for (const put of server.puts) assert.isTrue(put.body.equals(bytesOf(parts[put.number - 1]!)))
      })
    )

    live("asks once for a fresh link when the store says that one has expired, before it has read the part too", () =>
      Effect.gen(function* () {
        const asked: Array<readonly [number: number, again: boolean]> = []
        const server = yield* serve((request, response) => {
          if (request.url!.includes("fresh"))
            return void request.resume().on("end", () => response.setHeader("etag", "e").end())
          response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
        })
        const sent = yield* send(server, {
          locate: (part, { again }) => {
            asked.push([part.number, again])
            return Effect.succeed(`${link(server, part)}${again || part.number !== 3 ? "&fresh" : ""}`)
          }
        })
        assert.lengthOf(sent, 10)
        assert.deepStrictEqual(
          asked.filter(([, again]) => again),
          [[3, true]]
        )
        assert.lengthOf(asked, 11)
      })
    )

    live("stops all parts and closes their sockets when it is interrupted in mid-send, and leaves the file alone", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* files.makeTempFileScoped()
        // Far more than the sockets' buffers take.
        const size = 16 * 1024 * 1024
        yield* files.truncate(path, 8 * size)
        const server = yield* serveNothing
        const fiber = yield* PartUpload.send(
          yield* FileSource.fromPath(path),
          Array.from({ length: 8 }, (_, index) => ({ number: index + 1, offset: index * size, size })),
          { locate: (part) => Effect.succeed(link(server, part)), allowPrivateHosts: true, concurrency: 3 }
        ).pipe(Effect.forkChild)
        yield* until(Effect.map(server.openSockets, (open) => open === 3))
        yield* Fiber.interrupt(fiber)
        // What is in the sockets' buffers still comes, and behind it the server sees that they are closed.
        for (const request of server.requests) request.resume()
        yield* server.allClosed
        assert.deepStrictEqual(
          server.requests.map(({ complete }) => complete),
          [false, false, false]
        )
        assert.strictEqual(Number((yield* files.stat(path)).size), 8 * size)
      })
    )

    live("has as many parts of a file in memory as are sent at once, and no more as it goes on", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* files.makeTempFileScoped()
        yield* files.writeFile(path, content)
        const server = yield* serveStore()
        const memory = new Set<ArrayBufferLike>()
        const disk = yield* FileSource.fromPath(path)
        const watched: FileSource.FileSource = {
          ...disk,
          read: (offset, length, allocate) =>
            Effect.tap(disk.read(offset, length, allocate), ({ buffer }) => Effect.sync(() => memory.add(buffer)))
        }
        assert.deepStrictEqual(yield* send(server, { source: watched, concurrency: 3 }), whole)
        for (const put of server.puts) assert.isTrue(put.body.equals(bytesOf(parts[put.number - 1]!)))
        assert.isAtMost(memory.size, 3)
      })
    )

    live("never reads into the memory of an attempt that failed, from which the client may still send", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* files.makeTempFileScoped()
        yield* files.writeFile(path, content)
        const attempts = new Map<number, number>()
        const server = yield* serve((request, response) => {
          const number = Number(/^\/(\d+)/.exec(request.url ?? "")?.[1])
          const nth = (attempts.get(number) ?? 0) + 1
          attempts.set(number, nth)
          // Neither waits until the part has arrived.
          if (number % 3 === 1 && nth === 1) response.writeHead(503).end()
          else if (number % 3 === 2 && nth === 1) request.socket.resetAndDestroy()
          else request.resume().on("end", () => response.setHeader("etag", "e").end())
        })
        const reads: Array<{ readonly offset: number; readonly bytes: Uint8Array }> = []
        const disk = yield* FileSource.fromPath(path)
        const watched: FileSource.FileSource = {
          ...disk,
          read: (offset, length, allocate) =>
            Effect.tap(disk.read(offset, length, allocate), (bytes) => Effect.sync(() => reads.push({ offset, bytes })))
        }
        yield* send(server, { source: watched, concurrency: 2 })
        let failed = 0
        for (const [index, { bytes, offset }] of reads.entries()) {
          const later = reads.slice(index + 1)
          if (!later.some((read) => read.offset === offset)) continue
          failed++
          assert.isTrue(content.subarray(offset, offset + bytes.length).equals(bytes))
          assert.isFalse(later.some((read) => read.bytes.buffer === bytes.buffer))
        }
        assert.strictEqual(failed, 7)
      })
    )

    live("stops the other parts at the first one that fails for good", () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) => {
          if (server.requests.length < 4) return void request.pause()
          response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>No</Message></Error>")
        })
        const error = expectError(yield* Effect.flip(send(server)), "ApiError")
        assert.strictEqual(error.code, "AccessDenied")
        yield* server.allClosed
        assert.lengthOf(server.requests, 4)
      })
    )

    live("waits for the store no longer than connectTimeout", () =>
      Effect.gen(function* () {
        const server = yield* serveNothing
        const error = yield* Effect.flip(send(server, { connectTimeout: "50 millis", retry: RetryPolicy.none }))
        assert.strictEqual(expectError(error, "TransportError").reason, "ConnectTimeout")
        yield* server.allClosed
      })
    )
  })
}

describe("PartUpload.send", () => {
  const live = liveOver(FetchHttpClient.layer)

  live("does not send again what was sent before, and gives it back in its place", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const stale = { number: 99, etag: "of another upload" }
      const sent = [{ number: 7, etag: "seven" }, stale, { number: 1, etag: "one" }]
      const located: Array<number> = []
      const steps: Array<PartUpload.Progress> = []
      const all = yield* send(server, {
        sent,
        locate: (part) => {
          located.push(part.number)
          return Effect.succeed(link(server, part))
        },
        onSent: (_, progress) => Effect.sync(() => steps.push(progress))
      })
      assert.deepStrictEqual(numbersOf(server.puts), [2, 3, 4, 5, 6, 8, 9, 10])
      assert.lengthOf(located, 8)
      assert.deepStrictEqual(
        all,
        whole.map((part) => sent.find(({ number }) => number === part.number) ?? part)
      )
      assert.strictEqual(steps[0]?.sentParts, 3)
      assert.deepStrictEqual(steps.at(-1), {
        sentParts: 10,
        parts: 10,
        sentBytes: content.length,
        bytes: content.length
      })
    })
  )

  live("goes on from what onSent noted before a failure", () =>
    Effect.gen(function* () {
      let down = true
      const server = yield* serveStore(({ number }, response) => {
        if (number === 6 && down) response.writeHead(403).end()
        return number === 6 && down
      })
      const noted: Array<PartUpload.SentPart> = []
      const onSent = (part: PartUpload.SentPart) => Effect.sync(() => noted.push(part))
      yield* Effect.flip(send(server, { concurrency: 1, onSent }))
      assert.deepStrictEqual(noted, whole.slice(0, 5))
      down = false
      assert.deepStrictEqual(yield* send(server, { concurrency: 1, onSent, sent: [...noted] }), whole)
      assert.deepStrictEqual(numbersOf(server.puts), [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10])
    })
  )

  live("tells of parts one after the other, with progress that only grows", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const steps: Array<PartUpload.Progress> = []
      let running = 0
      yield* send(server, {
        concurrency: 10,
        onSent: (_, progress) =>
          Effect.gen(function* () {
            assert.strictEqual(++running, 1)
            yield* Effect.sleep("2 millis")
            running--
            steps.push(progress)
          })
      })
      assert.deepStrictEqual(
        steps.map(({ sentParts }) => sentParts),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      )
      for (const [index, { sentBytes }] of steps.entries()) assert.isAbove(sentBytes, steps[index - 1]?.sentBytes ?? 0)
    })
  )

  live("has no more parts on the way, and in memory, than concurrency says", () =>
    Effect.gen(function* () {
      let held = 0
      let mostHeld = 0
      let open = 0
      let mostOpen = 0
      const server = yield* serve((request, response) => {
        mostOpen = Math.max(mostOpen, ++open)
        request.resume().on("end", () =>
          setTimeout(() => {
            open--
            response.setHeader("etag", "e").end()
          }, 5)
        )
      })
      const counting: FileSource.FileSource = {
        ...(yield* source),
        read: (offset, length) =>
          Effect.sync(() => {
            held += length
            mostHeld = Math.max(mostHeld, held)
            return content.subarray(offset, offset + length)
          })
      }
      yield* send(server, {
        source: counting,
        concurrency: 3,
        onSent: (part) => Effect.sync(() => (held -= parts[part.number - 1]!.size))
      })
      assert.strictEqual(mostOpen, 3)
      assert.strictEqual(mostHeld, 3 * partSize)
      assert.strictEqual(held, 0)
    })
  )

  live("sends parts of any sizes whole, whatever was in memory before", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* files.makeTempFileScoped()
      yield* files.writeFile(path, content)
      const server = yield* serveStore()
      const sizes = [300_000, 1, 100_000, 400_000, 50_000, content.length - 850_001]
      const uneven = Result.getOrThrow(
        PartUpload.layout(
          sizes.map((size, index) => ({ number: index + 1, size })),
          content.length
        )
      )
      const sent = yield* PartUpload.send(yield* FileSource.fromPath(path), uneven, {
        locate: (part) => Effect.succeed(link(server, part)),
        allowPrivateHosts: true,
        concurrency: 2
      })
      assert.deepStrictEqual(
        sent,
        uneven.map((part) => ({ number: part.number, etag: etagOf(bytesOf(part)) }))
      )
    })
  )

  live("uses no other memory again than what it lent and sent: neither a given up read's nor the source's own", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const used: Array<{ readonly bytes: Uint8Array; readonly mayComeBack: boolean }> = []
      const use = (bytes: Uint8Array, mayComeBack: boolean): Uint8Array => {
        used.push({ bytes, mayComeBack })
        return bytes
      }
      const given: FileSource.FileSource = {
        ...(yield* source),
        read: (offset, length, allocate) =>
          Effect.sync(() => {
            const bytes = content.subarray(offset, offset + length)
            if (Math.floor(offset / partSize) % 2 === 1) return use(Uint8Array.from(bytes), false)
            use(allocate!(length), false)
            const memory = use(allocate!(length), true)
            memory.set(bytes)
            return memory
          })
      }
      assert.deepStrictEqual(yield* send(server, { source: given, concurrency: 1 }), whole)
      const wasUsedAgain = (index: number) =>
        used.slice(index + 1).some(({ bytes: { buffer } }) => buffer === used[index]!.bytes.buffer)
      for (const [index, { mayComeBack }] of used.entries()) {
        if (!mayComeBack) assert.isFalse(wasUsedAgain(index))
      }
      assert.isTrue(used.some((_, index) => wasUsedAgain(index)))
    })
  )

  live("reads a part anew for each attempt", () =>
    Effect.gen(function* () {
      const reads: Array<number> = []
      let refused = false
      const server = yield* serveStore((_, response) => {
        if (refused) return false
        response.writeHead(500).end()
        return (refused = true)
      })
      const counting: FileSource.FileSource = {
        ...(yield* source),
        read: (offset, length) =>
          Effect.sync(() => {
            reads.push(offset)
            return content.subarray(offset, offset + length)
          })
      }
      yield* send(server, { source: counting, concurrency: 1 })
      assert.deepStrictEqual(reads, [0, ...parts.map(({ offset }) => offset)])
    })
  )

  live("fails with ExpiredArtifactError when the fresh link has expired too", () =>
    Effect.gen(function* () {
      const server = yield* serveStore((_, response) => {
        response.writeHead(400).end("<Error><Code>ExpiredToken</Code><Message>The token has expired.</Message></Error>")
        return true
      })
      const error = expectError(yield* Effect.flip(send(server, { concurrency: 1 })), "ExpiredArtifactError")
      assert.strictEqual(error.name, "part 1 of prices.csv")
      assert.strictEqual(error.detectedBy, "store")
      assert.lengthOf(server.puts, 2)
    })
  )

  live("fails as locate does, which is not asked again for it", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const gone = new StreamError.ExpiredArtifactError({ name: "upload", url: "u", detectedBy: "clock" })
      let asked = 0
      const locate = () =>
        Effect.suspend(() => Effect.fail(gone)).pipe(Effect.tapError(() => Effect.sync(() => asked++)))
      assert.strictEqual(yield* Effect.flip(send(server, { locate, concurrency: 1 })), gone)
      assert.strictEqual(asked, 1)
      assert.lengthOf(server.puts, 0)
    })
  )

  live("fails with FileSourceError when the file changes in between, and leaves the file alone", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* files.makeTempFileScoped()
      yield* files.writeFile(path, content)
      const server = yield* serveStore()
      const error = yield* Effect.flip(
        send(server, {
          source: yield* FileSource.fromPath(path),
          concurrency: 1,
          onSent: ({ number }) =>
            number === 3 ? Effect.orDie(files.writeFile(path, content.subarray(0, -1))) : Effect.void
        })
      )
      assert.strictEqual(expectError(error, "FileSourceError").reason, "Changed")
      assert.deepStrictEqual(numbersOf(server.puts), [1, 2, 3])
      assert.strictEqual((yield* files.readFile(path)).length, content.length - 1)
    })
  )

  live("sends nothing of a source that gives fewer or more bytes than asked for", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      for (const extra of [-1, 1]) {
        const wrong: FileSource.FileSource = {
          ...(yield* source),
          read: (_, length) => Effect.succeed(new Uint8Array(length + extra))
        }
        const error = yield* Effect.flip(send(server, { source: wrong }))
        assert.strictEqual(expectError(error, "FileSourceError").reason, "Changed")
      }
      assert.lengthOf(server.requests, 0)
    })
  )

  live("takes an ETag with or without quotes or a weak mark, and fails with ParseError without a usable one", () =>
    Effect.gen(function* () {
      const first = parts.slice(0, 1)
      const answer = (etag: string | undefined) =>
        Effect.gen(function* () {
          const server = yield* serveStore((_, response) => {
            if (etag !== undefined) response.setHeader("etag", etag)
            response.end()
            return true
          })
          return yield* PartUpload.send(yield* source, first, {
            locate: (part) => Effect.succeed(link(server, part)),
            allowPrivateHosts: true
          })
        })
      for (const etag of ['"abc"', "abc", 'W/"abc"']) {
        assert.deepStrictEqual(yield* answer(etag), [{ number: 1, etag: "abc" }])
      }
      for (const etag of [undefined, "", '""', '"a b"', `"${"a".repeat(1000)}"`]) {
        assert.strictEqual(expectError(yield* Effect.flip(answer(etag)), "ParseError").stage, "content")
      }
    })
  )

  live("gives an ETag as it came, when that is wanted", () =>
    Effect.gen(function* () {
      const first = parts.slice(0, 1)
      for (const etag of ['"abc"', "abc", 'W/"abc"']) {
        const server = yield* serveStore((_, response) => {
          response.setHeader("etag", etag).end()
          return true
        })
        const sent = yield* PartUpload.send(yield* source, first, {
          locate: (part) => Effect.succeed(link(server, part)),
          allowPrivateHosts: true,
          etags: "asSent"
        })
        assert.deepStrictEqual(sent, [{ number: 1, etag }])
      }
    })
  )

  live("sends the headers that are wanted with each part, in place of its own content type", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      yield* send(server, { headers: { "Content-Type": "video/mp4", "X-Amz-Meta-Take": "a b; \u00e9" } })
      assert.lengthOf(server.puts, 10)
      for (const { headers } of server.puts) {
        assert.deepStrictEqual([headers["content-type"], headers["x-amz-meta-take"]], ["video/mp4", "a b; \u00e9"])
      }
    })
  )

  live("sends nothing with a header that says who asks or how bytes are framed, or that is none", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const names = [
        ...["Authorization", "proxy-authorization", "Cookie", "cookie2", "x-api-key", "X-PD-API-Key", "apikey", "Host"],
        ...["Content-Length", "Transfer-Encoding", "TE", "Trailer", "Connection", "Keep-Alive", "Upgrade", "Expect"],
        ...["", "a b", "a:b", "a\r\nhost", "n".repeat(129)]
      ]
      const values = ["a\r\nhost: elsewhere", "a\nb", "\u0000", "\u{1f600}", "v".repeat(4097)]
      const wrong = [
        ...names.map((name) => ({ [name]: "top-secret" })),
        ...values.map((value) => ({ "x-fine": `${value}top-secret` }))
      ]
      for (const headers of wrong) {
        const error = expectError(yield* Effect.flip(send(server, { headers })), "TransportError")
        assert.strictEqual(error.reason, "InvalidRequest")
        assert.notInclude(JSON.stringify(error) + error.message, "top-secret")
      }
      assert.lengthOf(server.requests, 0)
    })
  )

  live("shows nothing of a header's value that a store repeats", () =>
    Effect.gen(function* () {
      const server = yield* serveStore((_, response) => {
        response.writeHead(403).end("<Error><Code>X</Code><Message>x-token:top-secret</Message></Error>")
        return true
      })
      const error = expectError(
        yield* Effect.flip(send(server, { headers: { "x-token": "top-secret" }, retry: RetryPolicy.none })),
        "ApiError"
      )
      assert.include(error.detail, "x-token:<redacted>")
      assert.notInclude(JSON.stringify(error) + error.message, "top-secret")
    })
  )

  live("uses a link of a single use once, and asks for a fresh one for each attempt", () =>
    Effect.gen(function* () {
      const used = new Set<string>()
      const server = yield* serveStore((put, response) => {
        const wasUsed = used.has(put.url)
        used.add(put.url)
        const nth = server.puts.filter(({ number }) => number === put.number).length
        if (wasUsed) response.writeHead(403).end()
        else if (put.number === 2 && nth <= 2) response.writeHead(500).end()
        // It need not say why.
        else if (put.number === 4 && nth === 1) response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>")
        else return false
        return true
      })
      const asked: Array<readonly [number: number, again: boolean]> = []
      const sent = yield* send(server, {
        singleUse: true,
        locate: (part, { again }) => {
          asked.push([part.number, again])
          return Effect.succeed(`${link(server, part)}&nth=${asked.length}`)
        }
      })
      assert.deepStrictEqual(sent, whole)
      assert.deepStrictEqual(numbersOf(server.puts), [1, 2, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10])
      assert.deepStrictEqual(
        asked.filter(([, again]) => again).toSorted(([a], [b]) => a - b),
        [
          [2, true],
          [2, true],
          [4, true]
        ]
      )
    })
  )

  live("takes a 403 to a fresh link of a single use for the store's last word, and one to another link at once", () =>
    Effect.gen(function* () {
      for (const singleUse of [true, false]) {
        const server = yield* serveStore((_, response) => {
          response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>")
          return true
        })
        const error = expectError(yield* Effect.flip(send(server, { singleUse, concurrency: 1 })), "ApiError")
        assert.strictEqual(error.code, "AccessDenied")
        assert.lengthOf(server.puts, singleUse ? 2 : 1)
      }
    })
  )

  live("tries no error of locate again, also when links are of a single use", () =>
    Effect.gen(function* () {
      const server = yield* serveStore((_, response) => {
        response.writeHead(500).end()
        return true
      })
      const down = new StreamError.ApiError({
        vendor: "acme",
        kind: "Server",
        channel: "status",
        status: 503,
        detail: "",
        headers: {},
        excerpt: ""
      })
      let asked = 0
      const error = yield* Effect.flip(
        send(server, {
          singleUse: true,
          concurrency: 1,
          locate: (part, { again }) => {
            asked++
            return again ? Effect.fail(down) : Effect.succeed(link(server, part))
          }
        })
      )
      assert.strictEqual(error, down)
      assert.strictEqual(asked, 2)
      assert.lengthOf(server.puts, 1)
    })
  )

  live("sends to no plain http, private or loopback host, and follows no redirect", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(307, { location: "/elsewhere" }).end())
      for (const url of [server.url, "https://127.0.0.1/1", "https://10.0.0.1/1", "file:///etc/passwd", "no link"]) {
        const error = yield* Effect.flip(
          send(server, { locate: () => Effect.succeed(url), allowPrivateHosts: false, retry: RetryPolicy.none })
        )
        assert.strictEqual(expectError(error, "TransportError").reason, "InvalidRequest")
      }
      assert.lengthOf(server.requests, 0)
      const error = yield* Effect.flip(send(server, { concurrency: 1 }))
      assert.strictEqual(expectError(error, "TransportError").reason, "Redirect")
      assert.lengthOf(server.requests, 1)
    })
  )

  live("shows nothing of a link's query in an error, though the store repeats it in pieces", () =>
    Effect.gen(function* () {
      const query = "X-Amz-Credential=AKIAEXAMPLE%2F20241101%2Fs3&X-Amz-Signature=0123456789abcdef&partNumber=1"
      const pieces = `AKIAEXAMPLE/20241101/s3 AKIAEXAMPLE%2F20241101%2Fs3 0123456789abcdef ?${query} /1?${query}`
      const xml = (code: string) =>
        `<Error><Code>${code}</Code><Message>${pieces}</Message><StringToSign>${pieces}</StringToSign></Error>`
      const answers: ReadonlyArray<(response: Http.ServerResponse, request: Http.IncomingMessage) => void> = [
        (response) => response.writeHead(403, { "x-echo": pieces }).end(xml("SignatureDoesNotMatch")),
        (response) => response.writeHead(403).end(xml("Request has expired")),
        (response) => response.writeHead(302, { location: `/1?${query}` }).end(),
        (response) => response.end(pieces),
        (_, request) => request.socket.resetAndDestroy()
      ]
      const tags: Array<string> = []
      for (const answer of answers) {
        const server = yield* serveStore((_, response, request) => {
          answer(response, request)
          return true
        })
        for (const allowPrivateHosts of [true, false]) {
          const error = yield* Effect.flip(
            send(server, {
              locate: () => Effect.succeed(`${server.url}/1?${query}`),
              retry: RetryPolicy.none,
              allowPrivateHosts
            })
          )
          tags.push(error._tag)
          const shown = JSON.stringify(error) + error.message + inspect(error, { depth: 20 })
          for (const hidden of ["AKIAEXAMPLE", "0123456789abcdef", "X-Amz"]) assert.notInclude(shown, hidden)
        }
      }
      assert.sameMembers([...new Set(tags)], ["ApiError", "ExpiredArtifactError", "TransportError", "ParseError"])
    })
  )

  live("refuses a part larger than maxPartSize before it sends anything", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const error = yield* Effect.flip(send(server, { maxPartSize: partSize - 1 }))
      assert.deepStrictEqual(expectError(error, "ParseError").limit, { option: "maxPartSize", value: partSize - 1 })
      assert.lengthOf(server.requests, 0)
    })
  )

  live("fails with FileSourceError for a part that the file does not have", () =>
    Effect.gen(function* () {
      const server = yield* serveStore()
      const error = yield* Effect.flip(
        PartUpload.send(yield* source, [{ number: 1, offset: content.length - 1, size: 2 }], {
          locate: (part) => Effect.succeed(link(server, part)),
          allowPrivateHosts: true
        })
      )
      assert.strictEqual(expectError(error, "FileSourceError").reason, "OutOfRange")
      assert.lengthOf(server.requests, 0)
    })
  )
})

describe("PartUpload.layout", () => {
  const size = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
  const list = Schema.Array(Schema.Struct({ size, gap: size, order: Schema.Finite })).check(Schema.isMinLength(1))

  it.effect.prop(
    "covers the file without gap or overlap, in the order of the numbers, whatever order they came in",
    [list],
    ([items]) =>
      Effect.sync(() => {
        let number = 0
        const numbered = items.map(({ gap, order, size }) => ({ number: (number += gap), size, order }))
        const total = items.reduce((sum, { size }) => sum + size, 0)
        const parts = Result.getOrThrow(
          PartUpload.layout(
            numbered.toSorted((a, b) => a.order - b.order),
            total
          )
        )
        assert.deepStrictEqual(
          parts.map(({ number, size }) => ({ number, size })),
          numbered.map(({ number, size }) => ({ number, size }))
        )
        let end = 0
        for (const part of parts) {
          assert.strictEqual(part.offset, end)
          end += part.size
        }
        assert.strictEqual(end, total)
        for (const wrong of [total - 1, total + 1]) assert.isTrue(Result.isFailure(PartUpload.layout(numbered, wrong)))
      })
  )

  it("refuses sizes that cannot be right, and says which", () => {
    const cases: ReadonlyArray<readonly [sizes: Parameters<typeof PartUpload.layout>[0], issue: string]> = [
      [[], "the parts have 0 bytes together, the file has 10"],
      [[{ number: 1, size: 9 }], "the parts have 9 bytes together, the file has 10"],
      [[{ number: 0, size: 10 }], "0 is no number of a part"],
      [[{ number: 1.5, size: 10 }], "1.5 is no number of a part"],
      [[{ number: NaN, size: 10 }], "NaN is no number of a part"],
      [[1, 2, 1].map((number) => ({ number, size: 5 })), "part 1 is there twice"],
      [[{ number: 1, size: 0 }], "part 1 has the size 0"],
      [[{ number: 1, size: -1 }], "part 1 has the size -1"],
      [[1, 2].map((number) => ({ number, size: number + 3.5 })), "part 1 has the size 4.5"],
      [[{ number: 1, size: Infinity }], "part 1 has the size Infinity"]
    ]
    for (const [sizes, issue] of cases) {
      const layout = PartUpload.layout(sizes, 10, { vendor: "acme" })
      assert.isTrue(Result.isFailure(layout))
      if (Result.isFailure(layout)) {
        assert.strictEqual(layout.failure.stage, "schema")
        assert.strictEqual(layout.failure.issue, issue)
        assert.strictEqual(layout.failure.vendor, "acme")
      }
    }
  })

  it("refuses a part larger than maxPartSize", () => {
    const sizes = [{ number: 1, size: 11 }]
    const layout = PartUpload.layout(sizes, 11, { maxPartSize: 10 })
    assert.deepStrictEqual(Result.isFailure(layout) && layout.failure.limit, { option: "maxPartSize", value: 10 })
    assert.isTrue(Result.isSuccess(PartUpload.layout(sizes, 11, { maxPartSize: 11 })))
    assert.isTrue(Result.isFailure(PartUpload.layout([{ number: 1, size: 2 ** 28 + 1 }], 2 ** 28 + 1)))
  })
})
