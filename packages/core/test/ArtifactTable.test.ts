import { Artifact, ArtifactTable } from "@effect-sse/core"
import { assert, describe } from "@effect/vitest"
import { DateTime, Effect, FileSystem, Schema, Stream } from "effect"
import { artifact, folder, live, reachable } from "./ArtifactFixture.ts"
import { serve } from "./LoopbackServer.ts"

const Price = Schema.Struct({
  agency: Schema.String,
  bookings: Schema.Int,
  price: Schema.optionalKey(Schema.Finite)
})

/** A table on loopback, sent in pieces of a few bytes so that rows and characters are cut. */
const serving = (text: string, cut = 7) =>
  serve((_, response) => {
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i += cut) response.write(bytes.subarray(i, i + cut))
    response.end()
  })

/** The rows that came, and the error that ended them, if one did. */
const read = (text: string, options?: ArtifactTable.Options) =>
  Effect.gen(function* () {
    const server = yield* serving(text)
    const rows: Array<typeof Price.Type> = []
    const error = yield* ArtifactTable.rows(artifact(server.url), Price, { ...reachable, ...options }).pipe(
      Stream.runForEach((row) => Effect.sync(() => rows.push(row))),
      Effect.match({ onSuccess: () => undefined, onFailure: (error) => error })
    )
    return { rows, error }
  })

describe("ArtifactTable.rows", () => {
  live("reads rows by the header, with a byte order mark, quotes, CRLF and an empty cell", () =>
    Effect.gen(function* () {
      const text =
        '\ufeffid,agency,bookings,price\r\n1,"漫游, ""假期""\r\nGmbH",6,12.5\r\n\r\n2,Nordlicht ❄️,7,\r\n3,,8,1e3'
      const { error, rows } = yield* read(text)
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, [
        { agency: '漫游, "假期"\r\nGmbH', bookings: 6, price: 12.5 },
        { agency: "Nordlicht ❄️", bookings: 7 },
        { agency: "", bookings: 8, price: 1000 }
      ])
    })
  )

  live("delivers the rows before one that does not fit, and names its record and column", () =>
    Effect.gen(function* () {
      const { error, rows } = yield* read(`agency,bookings,price\nA,1,2\nB,2,3\nC,many,${"x".repeat(9000)}\nD,3,4\n`)
      assert.deepStrictEqual(
        rows.map(({ agency }) => agency),
        ["A", "B"]
      )
      assert.isTrue(error?._tag === "ParseError" && error.stage === "schema")
      if (error?._tag !== "ParseError") return
      assert.match(error.issue, /^record 4: .*"bookings"/)
      assert.isBelow(error.message.length, 1000)
      assert.match(error.excerpt, /^C,many,x+…$/)
    })
  )

  live("fails with the column's name when the header lacks it", () =>
    Effect.gen(function* () {
      const { error } = yield* read("agency,price\nA,1\n")
      assert.match(error?.message ?? "", /record 2: Missing key.*"bookings"/)
    })
  )

  live("fails with stage content for what is no CSV", () =>
    Effect.gen(function* () {
      const broken: ReadonlyArray<readonly [text: string, issue: RegExp]> = [
        ['agency,bookings\nA,"1\n', /^record 2 on line 2 .*Unterminated/],
        ['agency,bookings\nA,1"\n', /^record 2 .*quote/],
        ["agency,bookings\nA,1,2\n", /^record 2 .*Expected 2 cells, got 3/],
        ["agency,agency\nA,1\n", /^record 1 .*Duplicate/]
      ]
      for (const [text, issue] of broken) {
        const { error } = yield* read(text)
        assert.isTrue(error?._tag === "ParseError" && error.stage === "content", text)
        assert.match(error?._tag === "ParseError" ? error.issue : "", issue)
      }
    })
  )

  live("bounds a row and the table, and closes the connection", () =>
    Effect.gen(function* () {
      const long = yield* read(`agency,bookings\nA,1\n${"x".repeat(2000)},2\n`, { maxRowSize: 1000 })
      assert.deepStrictEqual(long.error?._tag === "ParseError" && long.error.limit, {
        option: "maxRowSize",
        value: 1000
      })
      const endless = yield* serve((_, response) => {
        response.write('agency,bookings\n"')
        const fill = () => {
          while (!response.destroyed) if (!response.write("x".repeat(65_536))) return void response.once("drain", fill)
        }
        fill()
      })
      for (const [options, option, value] of [
        [{}, "maxRowSize", 1024 * 1024],
        [{ maxSize: 200_000 }, "maxSize", 200_000]
      ] as const) {
        const rows = ArtifactTable.rows(artifact(endless.url), Price, { ...reachable, ...options })
        const error = yield* Effect.flip(Stream.runDrain(rows))
        assert.deepStrictEqual(error._tag === "ParseError" && error.limit, { option, value })
      }
      yield* endless.allClosed
    })
  )

  live("reads another delimiter, and a column called __proto__", () =>
    Effect.gen(function* () {
      const server = yield* serving("__proto__;agency\n1;A\n")
      const Row = Schema.Struct({ agency: Schema.String, ["__proto__"]: Schema.String })
      const rows = yield* Stream.runCollect(
        ArtifactTable.rows(artifact(server.url), Row, { ...reachable, delimiter: ";" })
      )
      assert.strictEqual(rows[0]?.agency, "A")
      assert.strictEqual(Object.getPrototypeOf(rows[0]), Object.prototype)
      assert.strictEqual(Object.getOwnPropertyDescriptor(rows[0], "__proto__")?.value, "1")
    })
  )

  live("asks for a fresh link when the old one has expired", () =>
    Effect.gen(function* () {
      const server = yield* serving("agency,bookings\nA,1\n")
      const old = artifact(server.url, { expiresAt: DateTime.makeUnsafe("2020-01-01T00:00:00Z") })
      const refresh = () => Effect.succeed(artifact(server.url))
      const rows = yield* Stream.runCollect(ArtifactTable.rows(old, Price, { ...reachable, refresh }))
      assert.deepStrictEqual(rows, [{ agency: "A", bookings: 1 }])
      const error = yield* Effect.flip(Stream.runDrain(ArtifactTable.rows(old, Price, reachable)))
      assert.strictEqual(error._tag, "ExpiredArtifactError")
    })
  )
})

describe("ArtifactTable.readRows", () => {
  live("reads a table that was saved", () =>
    Effect.gen(function* () {
      const count = 50_000
      const server = yield* serving(
        `agency,bookings\n${Array.from({ length: count }, (_, n) => `A${n},${n}\n`).join("")}`,
        65_536
      )
      const { path } = yield* Artifact.save(artifact(server.url), { ...reachable, directory: yield* folder })
      const sum = yield* ArtifactTable.readRows(path, Price).pipe(
        Stream.runFold(
          () => 0,
          (sum, { bookings }) => sum + bookings
        )
      )
      assert.strictEqual(sum, (count * (count - 1)) / 2)
    })
  )

  live("fails with PlatformError when there is no file, and with ParseError when it is no such table", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const missing = yield* Effect.flip(Stream.runDrain(ArtifactTable.readRows(`${directory}/none.csv`, Price)))
      assert.strictEqual(missing._tag, "PlatformError")
      const files = yield* FileSystem.FileSystem
      yield* files.writeFileString(`${directory}/other.csv`, "x\n1\n")
      const other = yield* Effect.flip(Stream.runDrain(ArtifactTable.readRows(`${directory}/other.csv`, Price)))
      assert.strictEqual(other._tag, "ParseError")
    })
  )
})
