import { FileSource } from "@effect-sse/core"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, type Layer, Path, PlatformError, Schema, Scope, Sink, Stream } from "effect"
import * as fs from "node:fs"

type Services = Layer.Success<typeof NodeServices.layer> | Scope.Scope

const live = (promise: string, test: () => Effect.Effect<void, unknown, Services>) =>
  it.live(promise, () => Effect.provide(test(), NodeServices.layer))

const text = "a,b\n1,2\n"
const bytes = new TextEncoder().encode(text)
const read = (source: FileSource.FileSource, offset: number, length: number) =>
  Effect.map(source.read(offset, length), (bytes) => new TextDecoder().decode(bytes))
const reasonOf = <A, R>(effect: Effect.Effect<A, FileSource.FileSourceError, R>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const file = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = `${yield* folder}/prices.csv`
  yield* files.writeFile(path, bytes)
  return path
})

describe("FileSource", () => {
  const sources: ReadonlyArray<
    readonly [
      name: string,
      make: (bytes: Uint8Array<ArrayBuffer>) => Effect.Effect<FileSource.FileSource, unknown, Services>
    ]
  > = [
    [
      "fromPath",
      (bytes) =>
        Effect.gen(function* () {
          const path = yield* file
          yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFile(path, bytes))
          return yield* FileSource.fromPath(path, { contentType: "text/csv" })
        })
    ],
    ["fromBytes", (bytes) => FileSource.fromBytes(bytes, { name: "/x/prices.csv", contentType: "text/csv" })],
    [
      "fromBlob of a Blob",
      (bytes) => FileSource.fromBlob(new Blob([bytes], { type: "text/csv" }), { name: "prices.csv" })
    ],
    ["fromBlob of a File", (bytes) => FileSource.fromBlob(new File([bytes], "prices.csv", { type: "text/csv" }))],
    [
      "fromStream",
      (bytes) =>
        FileSource.fromStream(Stream.fromIterable(bytes).pipe(Stream.map((byte) => Uint8Array.of(byte))), {
          name: "prices.csv",
          contentType: "text/csv"
        })
    ]
  ]
  for (const [name, make] of sources) {
    live(`${name} tells name, size and type, and reads any part any number of times`, () =>
      Effect.gen(function* () {
        const source = yield* make(bytes)
        assert.strictEqual(source.name, "prices.csv")
        assert.strictEqual(source.size, 8)
        assert.strictEqual(source.contentType, "text/csv")
        const ranges = [
          [4, 4],
          [0, 8],
          [0, 8],
          [2, 3],
          [7, 1]
        ] as const
        const texts = yield* Effect.forEach(ranges, ([offset, length]) => read(source, offset, length), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(
          texts,
          ranges.map(([offset, length]) => text.slice(offset, offset + length))
        )
      })
    )

    live(`${name} refuses an empty file`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(make(new Uint8Array(0)))
        assert.strictEqual(error instanceof FileSource.FileSourceError && error.reason, "Empty")
      })
    )

    live(`${name} refuses to read what the file does not have`, () =>
      Effect.gen(function* () {
        const source = yield* make(bytes)
        for (const [offset, length] of [
          [-1, 2],
          [0, 9],
          [8, 1],
          [0, -1],
          [0.5, 1],
          [0, NaN],
          [0, Infinity]
        ] as const) {
          assert.strictEqual(yield* reasonOf(source.read(offset, length)), "OutOfRange")
        }
      })
    )
  }

  it.effect.prop("has a name without folders and control characters, of at most 255 bytes", [Schema.String], ([name]) =>
    Effect.gen(function* () {
      const source = yield* FileSource.fromBytes(bytes, { name: `${name}.csv` })
      assert.notMatch(source.name, /[/\\\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u)
      assert.isAtMost(new TextEncoder().encode(source.name).length, 255)
      assert.match(source.name, /\.csv$/)
    })
  )

  it.effect("makes a bad name good, and keeps its ending and its letters", () =>
    Effect.gen(function* () {
      const names = {
        "../../etc/passwd": "passwd",
        "C:\\data\\q1: prices?.csv": "q1: prices?.csv",
        "价格 2024.xlsx": "价格 2024.xlsx",
        "cafe\u0301.csv": "caf\u00e9.csv",
        "line\nfeed\u0000.csv": "line_feed_.csv",
        "right\u202eleft.csv": "right_left.csv",
        "\ud800.csv": "_.csv",
        " .. ": "file",
        "": "file",
        "folder/": "file",
        [`${"你".repeat(200)}.csv`]: `${"你".repeat(83)}.csv`
      }
      for (const [name, good] of Object.entries(names)) {
        assert.strictEqual((yield* FileSource.fromBytes(bytes, { name })).name, good)
      }
    })
  )

  it.effect("fails with an error that crosses a process border and shows no folder", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(FileSource.fromBytes(new Uint8Array(0), { name: "/home/someone/prices.csv" }))
      const codec = Schema.toCodecJson(FileSource.FileSourceError)
      const json = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const back = yield* Schema.decodeEffect(codec)(JSON.parse(json) as Schema.Json)
      assert.strictEqual(back.message, error.message)
      assert.include(error.message, "cannot upload prices.csv: the file is empty")
      assert.notInclude(json + error.message, "someone")
      assert.isFalse(error.isRetryable)
      assert.isUndefined(error.retryAfter)
    })
  )
})

describe("FileSource.fromPath", () => {
  live("refuses what is not there, is no file, or must not be read", () =>
    Effect.gen(function* () {
      const path = yield* file
      const directory = yield* folder
      assert.strictEqual(yield* reasonOf(FileSource.fromPath(`${path}.gone`)), "NotFound")
      assert.strictEqual(yield* reasonOf(FileSource.fromPath(`${path}/below`)), "NotAFile")
      assert.strictEqual(yield* reasonOf(FileSource.fromPath(directory)), "NotAFile")
      const files = yield* FileSystem.FileSystem
      const pipe = FileSource.fromPath(path).pipe(
        Effect.provideService(FileSystem.FileSystem, {
          ...files,
          stat: (path) => Effect.map(files.stat(path), (info) => ({ ...info, type: "FIFO" as const })),
          open: () => Effect.die("opens a pipe, and may wait for ever")
        })
      )
      assert.strictEqual(yield* reasonOf(pipe), "NotAFile")
      const denied = PlatformError.systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "open" })
      const locked = FileSource.fromPath(path).pipe(
        Effect.provideService(FileSystem.FileSystem, { ...files, open: () => Effect.fail(denied) })
      )
      assert.strictEqual(yield* reasonOf(locked), "NotReadable")
    })
  )

  live("reads no more than it is asked for, and leaves no file open", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* file
      // A hole: it has a size that no memory could hold.
      yield* files.truncate(path, 2 ** 40)
      let readBytes = 0
      let open = 0
      const counting: FileSystem.FileSystem = {
        ...files,
        readFile: () => Effect.die("reads the whole file"),
        open: (path, options) =>
          Effect.gen(function* () {
            yield* Effect.acquireRelease(
              Effect.sync(() => open++),
              () => Effect.sync(() => open--)
            )
            const handle = yield* files.open(path, options)
            return new Proxy(handle, {
              get: (target, key) =>
                key === "read"
                  ? (buffer: Uint8Array, options?: FileSystem.File.ReadOptions) =>
                      Effect.tap(target.read(buffer, options), (count) => Effect.sync(() => (readBytes += count)))
                  : Reflect.get(target, key)
            })
          })
      }
      const source = yield* FileSource.fromPath(path).pipe(Effect.provideService(FileSystem.FileSystem, counting))
      assert.strictEqual(source.size, 2 ** 40)
      assert.strictEqual(readBytes, 0)
      assert.strictEqual(yield* read(source, 0, 4), "a,b\n")
      assert.strictEqual((yield* source.read(2 ** 39, 20 * 1024 * 1024)).length, 20 * 1024 * 1024)
      assert.strictEqual(readBytes, 4 + 20 * 1024 * 1024)
      assert.strictEqual(open, 0)
    })
  )

  live("reads into the memory that it is given, and into memory of its own without", () =>
    Effect.gen(function* () {
      const source = yield* FileSource.fromPath(yield* file)
      const memory = new Uint8Array(6)
      const asked: Array<number> = []
      const bytes = yield* source.read(4, 3, (length) => {
        asked.push(length)
        return memory.subarray(1, 1 + length)
      })
      assert.deepStrictEqual(asked, [3])
      assert.strictEqual(bytes.buffer, memory.buffer)
      assert.strictEqual(new TextDecoder().decode(bytes), "1,2")
      assert.deepStrictEqual([memory[0], memory[4], memory[5]], [0, 0, 0])
      const own = yield* source.read(0, 3)
      yield* source.read(4, 3)
      assert.strictEqual(new TextDecoder().decode(own), "a,b")
    })
  )

  live("gives whole parts from a disk that reads a few bytes at a time, and no part from one that stops", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* file
      const reading = (bytesAtATime: number, end: number): FileSystem.FileSystem => ({
        ...files,
        open: (path, options) =>
          Effect.map(
            files.open(path, options),
            (handle) =>
              new Proxy(handle, {
                get: (target, key) =>
                  key === "read"
                    ? (buffer: Uint8Array, options?: FileSystem.File.ReadOptions) =>
                        Number(options?.position) < end
                          ? target.read(buffer.subarray(0, bytesAtATime), options)
                          : Effect.succeed(0)
                    : Reflect.get(target, key)
              })
          )
      })
      const source = FileSource.fromPath(path)
      const dripping = yield* Effect.provideService(source, FileSystem.FileSystem, reading(3, 8))
      assert.strictEqual(yield* read(dripping, 0, 8), text)
      const stopping = yield* Effect.provideService(source, FileSystem.FileSystem, reading(3, 6))
      assert.strictEqual(yield* reasonOf(stopping.read(0, 8)), "Changed")
    })
  )

  live("fails with Changed when the file was written to, cut, replaced or removed since", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const changes: ReadonlyArray<(path: string) => Effect.Effect<void, PlatformError.PlatformError>> = [
        (path) => files.writeFileString(path, "more", { flag: "a" }),
        (path) => files.truncate(path, 3),
        // Longer, with the time that it had.
        (path) =>
          Effect.sync(() => {
            const { atime, mtime } = fs.statSync(path)
            fs.appendFileSync(path, "more")
            fs.utimesSync(path, atime, mtime)
          }),
        // As long as before, and a second later.
        (path) =>
          Effect.andThen(
            files.writeFileString(path, "x".repeat(8)),
            Effect.sync(() => fs.utimesSync(path, new Date(), new Date(Date.now() + 1000)))
          ),
        (path) => files.remove(path),
        (path) => Effect.andThen(files.remove(path), files.makeDirectory(path))
      ]
      for (const change of changes) {
        const path = yield* file
        const source = yield* FileSource.fromPath(path)
        yield* change(path)
        assert.strictEqual(yield* reasonOf(source.read(0, 8)), "Changed")
      }
    })
  )

  live("takes another name than the file's", () =>
    Effect.gen(function* () {
      const source = yield* FileSource.fromPath(yield* file, { name: "other.csv" })
      assert.strictEqual(source.name, "other.csv")
      assert.strictEqual(yield* read(source, 0, 8), text)
    })
  )

  live("stays with its file when the program changes its folder", () =>
    Effect.gen(function* () {
      const path = yield* file
      const paths = yield* Path.Path
      const source = yield* FileSource.fromPath(paths.relative(process.cwd(), path))
      const before = process.cwd()
      yield* Effect.acquireRelease(
        Effect.sync(() => process.chdir("/")),
        () => Effect.sync(() => process.chdir(before))
      )
      assert.strictEqual(yield* read(source, 0, 3), "a,b")
    })
  )
})

describe("FileSource.fromBlob", () => {
  live("fails with NotReadable when the file behind the blob changed", () =>
    Effect.gen(function* () {
      const path = yield* file
      const source = yield* FileSource.fromBlob(yield* Effect.promise(() => fs.openAsBlob(path)), {
        name: "prices.csv"
      })
      assert.strictEqual(yield* read(source, 4, 4), "1,2\n")
      fs.writeFileSync(path, "something else")
      assert.strictEqual(yield* reasonOf(source.read(0, 8)), "NotReadable")
    })
  )
})

describe("FileSource.fromStream", () => {
  /** A file system whose temporary files are all in one folder, and what is in there. */
  const spooling = Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const directory = yield* folder
    const here: FileSystem.FileSystem = {
      ...files,
      makeTempFileScoped: (options) => files.makeTempFileScoped({ ...options, directory })
    }
    return { here: Effect.provideService(FileSystem.FileSystem, here), spooled: files.readDirectory(directory) }
  })

  live("keeps its temporary file as long as the scope, and no longer", () =>
    Effect.gen(function* () {
      const { here, spooled } = yield* spooling
      const scope = yield* Scope.make()
      const source = yield* FileSource.fromStream(Stream.make(bytes, bytes), { name: "prices.csv" }).pipe(
        here,
        Scope.provide(scope)
      )
      assert.strictEqual(yield* read(source, 6, 4), "2\na,")
      assert.lengthOf(yield* spooled, 1)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* spooled, [])
      assert.strictEqual(yield* reasonOf(source.read(0, 1)), "Changed")
    })
  )

  live("stops a stream at maxSize, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const { here, spooled } = yield* spooling
      let pulled = 0
      const endless = Stream.fromEffectRepeat(
        Effect.sync(() => {
          pulled++
          return bytes
        })
      )
      const reason = yield* Effect.scoped(
        reasonOf(FileSource.fromStream(endless, { name: "prices.csv", maxSize: 8 * 100 }).pipe(here))
      )
      assert.strictEqual(reason, "TooLarge")
      assert.strictEqual(pulled, 101)
      assert.deepStrictEqual(yield* spooled, [])
      yield* FileSource.fromStream(Stream.make(bytes), { name: "prices.csv", maxSize: 8 })
    })
  )

  live("fails as the stream does, and with NotWritable when the disk does", () =>
    Effect.gen(function* () {
      const broken = Stream.concat(Stream.make(bytes), Stream.fail("broken" as const))
      assert.strictEqual(yield* Effect.flip(FileSource.fromStream(broken, { name: "prices.csv" })), "broken")
      const files = yield* FileSystem.FileSystem
      const noSpace = PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method: "write" })
      const full: FileSystem.FileSystem = { ...files, sink: () => Sink.fail(noSpace) }
      const error = yield* Effect.flip(
        FileSource.fromStream(Stream.make(bytes), { name: "prices.csv" }).pipe(
          Effect.provideService(FileSystem.FileSystem, full)
        )
      )
      assert.strictEqual(error.reason, "NotWritable")
    })
  )
})
