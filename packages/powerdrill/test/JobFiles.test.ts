/** Answers as folders: real sockets to the emulator and its object store, real files. */
import { Artifact, RetryPolicy } from "@effect-sse/core"
import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Data, Effect, Exit, Fiber, FileSystem, Layer, Schedule, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Block, Connection, JobFiles, type JobReport, Jobs, SessionId } from "../src/index.ts"

type JobPlay = Play.Play<Scenario.PowerdrillScenario>

const services = Layer.mergeAll(Emulator.layer(), NodeServices.layer, FetchHttpClient.layer)

/** The jobs of a client of the emulator under a play, and a request for them. */
const under = (play: JobPlay) =>
  Effect.gen(function* () {
    const { powerdrill } = yield* Emulator
    const connection = yield* Connection.make({
      apiKey: powerdrill.apiKey,
      userId: powerdrill.userId,
      baseUrl: powerdrill.url(play)
    })
    const jobs = Jobs.make(connection)
    return { jobs, request: { sessionId: SessionId.make(powerdrill.sessionId), question: "Which agency is dearest?" } }
  })

const events = (play: JobPlay = {}) =>
  Stream.unwrap(Effect.map(under(play), ({ jobs, request }) => jobs.stream(request)))

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const list = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.map(files.readDirectory(directory), (names) => names.toSorted())
  )
const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path))

const store = { allowPrivateHosts: true, retry: RetryPolicy.none } as const

/** The targets of a document's links. */
const targets = (markdown: string) => [...markdown.matchAll(/\]\(([^)]*)\)/g)].map(([, target = ""]) => target)

const filesOfTravelPrices = [
  "average_price_by_agency.csv",
  "average_price_by_month.csv",
  "price_by_agency.png",
  "price_by_month.png"
]

/** What stands behind the links of a report, by the files' keys. */
const bytesOf = (report: JobReport.JobReport) =>
  Effect.forEach([...report.tables, ...report.images].map(Block.toArtifact), (artifact) =>
    Stream.runCollect(Artifact.stream(artifact, store)).pipe(
      Effect.map((pieces) => [Artifact.key(artifact), Buffer.concat(pieces)] as const)
    )
  )

/** Waits until a file is there, for at most a second. */
const appears = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.exists(path)).pipe(
    Effect.filterOrFail(
      (exists) => exists,
      () => `${path} did not appear`
    ),
    Effect.retry(Schedule.max([Schedule.spaced("10 millis"), Schedule.recurs(100)])),
    Effect.orDie
  )

layer(services, { excludeTestServices: true })("JobFiles", (it) => {
  describe("collect", () => {
    it.effect("saves each file once, byte for byte, and the answer beside them with links that lead there", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const saved = yield* events().pipe(JobFiles.collect({ ...store, directory, title: "Prices", analysis: true }))
        assert.deepStrictEqual(yield* list(directory), [...filesOfTravelPrices, "report.md"])
        assert.deepStrictEqual(saved.failed, [])
        assert.strictEqual(saved.path, `${directory}/report.md`)
        const files = yield* FileSystem.FileSystem
        const paths = new Map(saved.files.map(({ artifact, path }) => [Artifact.key(artifact), path]))
        for (const [key, bytes] of yield* bytesOf(saved.report)) {
          assert.isTrue(bytes.equals(yield* files.readFile(paths.get(key) ?? "")), key)
        }
        const markdown = yield* read(saved.path)
        assert.match(markdown, /^# Prices\n\n## Look at the data\n\n/)
        // The table by agency and both pictures come while working and in the answer; each place leads to the same file.
        assert.deepStrictEqual(targets(markdown).toSorted(), [
          ...[0, 0, 1, 2, 2, 3, 3].map((index) => filesOfTravelPrices[index])
        ])
        assert.include(markdown, "![price_by_month.png](price_by_month.png)")
        assert.notInclude(markdown, "http")
        assert.notInclude(markdown, "X-Amz")
      })
    )

    it.effect("saves a file while the answer is still coming", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const { report } = yield* events().pipe(
          // The stream goes no further until the file is there.
          Stream.tap((event) =>
            event._tag === "Questions" ? appears(`${directory}/average_price_by_agency.csv`) : Effect.void
          ),
          JobFiles.collect({ ...store, directory })
        )
        assert.isNotEmpty(report.questions)
      })
    )

    it.effect("names files whose links have expired, without their links, and tells them as failed", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const saved = yield* events({ ttl: 0 }).pipe(JobFiles.collect({ ...store, directory }))
        assert.deepStrictEqual(
          saved.failed.map(({ error }) => error._tag),
          filesOfTravelPrices.map(() => "ExpiredArtifactError")
        )
        assert.deepStrictEqual(saved.files, [])
        assert.deepStrictEqual(yield* list(directory), ["report.md"])
        const markdown = yield* read(saved.path)
        assert.match(markdown, /^Table: average_price_by_agency\.csv \(not saved; its link expires on \d{4}-/m)
        assert.deepStrictEqual(targets(markdown), [])
        assert.notInclude(markdown + JSON.stringify(saved.failed.map(({ error }) => error)), "X-Amz-Signature")
      })
    )

    it.effect("asks for fresh links where the old ones have expired", () =>
      Effect.gen(function* () {
        class Gone extends Data.TaggedError("Gone") {}
        const directory = yield* folder
        const { jobs, request } = yield* under({})
        const fresh = yield* jobs.ask(request)
        const asked: Array<string> = []
        const saved = yield* events({ ttl: 0 }).pipe(
          JobFiles.collect({
            ...store,
            directory,
            refresh: (old) =>
              Effect.suspend(() => {
                asked.push(old.name)
                const link = [...fresh.tables, ...fresh.images].find(({ name }) => name === old.name)
                return link === undefined || old.name === "price_by_month.png"
                  ? Effect.fail(new Gone())
                  : Effect.succeed(Block.toArtifact(link))
              })
          })
        )
        assert.deepStrictEqual(
          saved.failed.map(({ artifact, error }) => [artifact.name, error._tag]),
          [["price_by_month.png", "Gone"]]
        )
        assert.deepStrictEqual(yield* list(directory), [...filesOfTravelPrices.slice(0, 3), "report.md"])
        assert.deepStrictEqual(targets(yield* read(saved.path)), ["average_price_by_agency.csv", "price_by_agency.png"])
        assert.includeMembers(asked, filesOfTravelPrices)
      })
    )

    for (const [fault, tag] of [
      ["server-error", "ApiError"],
      ["html", "ParseError"],
      ["wrong-length", "TransportError"],
      ["reset-before-headers", "TransportError"]
    ] as const) {
      it.effect(`gives the whole answer when the store fails (${fault}), and ${tag} for each file`, () =>
        Effect.gen(function* () {
          const directory = yield* folder
          const saved = yield* events({ store: fault }).pipe(JobFiles.collect({ ...store, directory }))
          assert.deepStrictEqual([...new Set(saved.failed.map(({ error }) => error._tag))], [tag])
          assert.lengthOf(saved.failed, 4)
          assert.include(saved.report.answer, "Which agency is the dearest?")
          assert.deepStrictEqual(yield* list(directory), ["report.md"])
        })
      )
    }

    it.effect("fails as the stream does; files that were saved stay, and no report is written", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const whole = yield* Stream.runCollect(events())
        const after = whole.findIndex(({ _tag }) => _tag === "Image") + 1
        const error = yield* events({ fault: "cut", after }).pipe(
          Stream.tap((event) =>
            event._tag === "Image" ? appears(`${directory}/average_price_by_month.csv`) : Effect.void
          ),
          JobFiles.collect({ ...store, directory }),
          Effect.flip
        )
        assert.strictEqual(error._tag, "MissingDoneError")
        const names = yield* list(directory)
        assert.include(names, "average_price_by_month.csv")
        assert.notInclude(names.join(), "report")
        assert.notInclude(names.join(), ".part")
      })
    )

    it.effect("stops at once when it is interrupted, and leaves no partial file", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const fiber = yield* events({ store: "slow-headers" }).pipe(
          JobFiles.collect({ ...store, directory }),
          Effect.forkChild
        )
        const { awaitIdle, openConnections } = yield* Emulator
        yield* openConnections.pipe(
          Effect.filterOrFail((open) => open === 4),
          Effect.retry(Schedule.max([Schedule.spaced("10 millis"), Schedule.recurs(200)]))
        )
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.deepStrictEqual(yield* list(directory), [])
        yield* Effect.timeout(awaitIdle, "1 second")
      })
    )

    it.effect("keeps hostile names in the folder and their markup out of the document", () =>
      Effect.gen(function* () {
        const directory = yield* folder
        const files = yield* FileSystem.FileSystem
        const saved = yield* events({ scenario: "hostile" }).pipe(
          JobFiles.collect({ ...store, directory: `${directory}/in`, analysis: true, links: true })
        )
        assert.deepStrictEqual(yield* list(directory), ["in"])
        const root = yield* files.realPath(`${directory}/in`)
        for (const { path } of saved.files) assert.match(yield* files.realPath(path), new RegExp(`^${root}/[^/]+$`))
        const markdown = yield* read(saved.path)
        assert.notMatch(markdown, /\]\((?!https?:)[^)]*:|\u001b|\u0000/)
        // All its tables are one file, under many names.
        assert.lengthOf(saved.files, 1)
        assert.deepStrictEqual(
          saved.failed.map(({ error }) => error._tag === "TransportError" && error.reason).slice(0, 1),
          ["InvalidRequest"]
        )
      })
    )

    it.effect("saves a chart's data and picture, and names from other scripts", () =>
      Effect.gen(function* () {
        const charts = yield* folder
        const chart = yield* events({ scenario: "charts" }).pipe(
          JobFiles.collect({ ...store, directory: charts, analysis: true })
        )
        assert.deepStrictEqual(yield* list(charts), [
          "average_price_by_month.csv",
          "average_price_by_month.png",
          "report.md"
        ])
        assert.deepStrictEqual(targets(yield* read(chart.path)), [
          "average_price_by_month.csv",
          "average_price_by_month.png"
        ])
        const chinese = yield* folder
        const { path } = yield* events({ scenario: "chinese" }).pipe(JobFiles.collect({ ...store, directory: chinese }))
        assert.deepStrictEqual(targets(yield* read(path)).map(decodeURIComponent), ["各社均价.csv"])
        assert.deepStrictEqual(yield* list(chinese), ["report.md", "各社均价.csv"])
      })
    )
  })

  describe("saveReport", () => {
    it.effect("saves an answer that was not streamed, and overwrites nothing", () =>
      Effect.gen(function* () {
        const { jobs, request } = yield* under({})
        const report = yield* jobs.ask(request)
        const directory = yield* folder
        const first = yield* JobFiles.saveReport(report, { ...store, directory, fileName: "../answer.md" })
        const before = yield* read(first.path)
        const second = yield* JobFiles.saveReport(report, { ...store, directory, fileName: "../answer.md" })
        assert.deepStrictEqual(
          yield* list(directory),
          [
            "_answer (2).md",
            "_answer.md",
            ...filesOfTravelPrices,
            ...filesOfTravelPrices.map((name) => name.replace(".", " (2)."))
          ].toSorted()
        )
        assert.strictEqual(yield* read(first.path), before)
        assert.deepStrictEqual(targets(yield* read(second.path)).map(decodeURIComponent), [
          "average_price_by_agency (2).csv",
          "price_by_agency (2).png",
          "price_by_month (2).png"
        ])
      })
    )

    it.effect("does not write through a link that stands where the report should be", () =>
      Effect.gen(function* () {
        const { jobs, request } = yield* under({ scenario: "sources-only" })
        const report = yield* jobs.ask(request)
        const files = yield* FileSystem.FileSystem
        const [directory, outside] = [yield* folder, yield* folder]
        yield* files.writeFileString(`${outside}/victim`, "untouched")
        yield* files.symlink(`${outside}/victim`, `${directory}/report.md`)
        const { path } = yield* JobFiles.saveReport(report, { directory })
        assert.strictEqual(path, `${directory}/report (2).md`)
        assert.strictEqual(yield* read(`${outside}/victim`), "untouched")
        assert.include(yield* read(path), "## Sources\n\n1. terms.pdf, page 10\n2. ")
      })
    )

    it.effect("fails with PlatformError when the document cannot be written", () =>
      Effect.gen(function* () {
        const { jobs, request } = yield* under({ scenario: "sources-only" })
        const report = yield* jobs.ask(request)
        const files = yield* FileSystem.FileSystem
        const directory = `${yield* folder}/file`
        yield* files.writeFileString(directory, "")
        const error = yield* Effect.flip(JobFiles.saveReport(report, { directory }))
        assert.strictEqual(error._tag, "PlatformError")
      })
    )
  })
})
