/** Every operation against the emulator, which serves the same declaration: what is made is there, and what is deleted is gone. */
import { Artifact, FileSource, type StreamError } from "@effect-sse/core"
import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem, Layer, Redacted, Schedule, type Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Connection, DatasetId, type InvalidDataError, Powerdrill, SessionId } from "../src/index.ts"

const clients = { fetch: FetchHttpClient.layer, undici: NodeHttpClient.layerUndici } as const

/** A client of the emulator. */
const client = (
  options: Partial<Connection.Options> & {
    readonly http?: keyof typeof clients
    readonly play?: Play.Play<Scenario.PowerdrillScenario>
  } = {}
) =>
  Layer.unwrap(
    Effect.map(Emulator, ({ powerdrill }) =>
      Powerdrill.layer({
        apiKey: powerdrill.apiKey,
        userId: powerdrill.userId,
        baseUrl: powerdrill.url(options.play),
        ...options
      }).pipe(Layer.provide(clients[options.http ?? "fetch"]))
    )
  )

/** A test with an emulator of its own, so that what it finds there is what it made. */
const live = (
  promise: string,
  test: () => Effect.Effect<void, unknown, Powerdrill | Emulator | Scope.Scope>,
  options: Parameters<typeof client>[0] & { readonly emulator?: Parameters<typeof Emulator.layer>[0] } = {}
) =>
  it.live(promise, () =>
    test().pipe(Effect.provide(Layer.provideMerge(client(options), Emulator.layer(options.emulator))))
  )

const soon = { schedule: Schedule.spaced("20 millis"), deadline: "10 seconds" } as const
const csv = (name = "loans.csv", text = "branch,loans\nharbour,12\nhill,7\n") =>
  FileSource.fromBytes(new TextEncoder().encode(text), { name })

const readBack = (artifact: Artifact.Artifact) =>
  Artifact.stream(artifact, { allowPrivateHosts: true }).pipe(
    Stream.runFold(
      () => "",
      (text, bytes) => text + new TextDecoder().decode(bytes)
    ),
    Effect.provide(FetchHttpClient.layer)
  )

describe("sessions", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are made, found, changed, listed and deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { sessions } = yield* Powerdrill
          const ids: Array<SessionId> = []
          for (let index = 1; index <= 23; index++) ids.push(yield* sessions.create({ name: `loans ${index}` }))
          const found = yield* Stream.runCollect(sessions.list({ search: "loans", pageSize: 5 }))
          assert.deepStrictEqual(found.map(({ id }) => id).toSorted(), ids.toSorted())
          yield* sessions.modify(ids[0]!, { name: "books", outputLanguage: "DE", maxContextualJobHistory: 3 })
          const { jobMode, maxContextualJobHistory, name, outputLanguage } = yield* sessions.get(ids[0]!)
          assert.deepStrictEqual([name, outputLanguage, jobMode, maxContextualJobHistory], ["books", "DE", "AUTO", 3])
          for (const id of ids) yield* sessions.delete(id)
          assert.deepStrictEqual(yield* Stream.runCollect(sessions.list({ search: "loans" })), [])
          const gone = (yield* Effect.flip(sessions.get(ids[0]!))) as StreamError.ApiError
          assert.deepStrictEqual([gone.kind, gone.status, gone.code], ["NotFound", 200, "300003"])
        }),
      { http }
    )
  }

  live("are another user's when a call says so", () =>
    Effect.gen(function* () {
      const { sessions } = yield* Powerdrill
      const id = yield* sessions.create({ name: "theirs" }, { userId: "tmm-other" })
      assert.deepStrictEqual(yield* Stream.runCollect(sessions.list({ search: "theirs" })), [])
      assert.lengthOf(yield* Stream.runCollect(sessions.list({ search: "theirs", userId: "tmm-other" })), 1)
      yield* sessions.delete(id, { userId: "tmm-other" })
    })
  )

  live(
    "come to an end: past the limit there is an ApiError that says what to do",
    () =>
      Effect.gen(function* () {
        const { sessions } = yield* Powerdrill
        // The other one is the emulator's own.
        yield* sessions.create({ name: "one" })
        const error = (yield* Effect.flip(sessions.create({ name: "two" }))) as StreamError.ApiError
        assert.deepStrictEqual([error.kind, error.code], ["QuotaExceeded", "300009"])
        assert.include(error.message, "delete some")
      }),
    { emulator: { powerdrill: { sessionLimit: 2 } } }
  )
})

describe("datasets and data sources", () => {
  live("are made of a file, become ready, can be asked about and read back, and go", () =>
    Effect.gen(function* () {
      const { datasets, datasources, jobs, sessions } = yield* Powerdrill
      const datasetId = yield* datasets.create({ name: "Loans", description: "By branch" })
      const states: Array<string> = []
      const made = yield* datasources.upload(yield* csv(), { datasetId })
      assert.deepStrictEqual([made.datasetId, made.name, made.status], [datasetId, "loans.csv", "synching"])
      const place = { datasetId, datasourceId: made.id }

      const sessionId = yield* sessions.create({ name: "Loans" })
      const question = { sessionId, datasetId, datasourceIds: [made.id], question: "Which branch lends most?" }
      const early = (yield* Effect.flip(jobs.run(question))) as StreamError.ApiError
      assert.deepStrictEqual([early.kind, early.code], ["Conflict", "210023"])
      assert.include(early.message, "awaitReady")

      const status = yield* datasets.awaitReady(datasetId, {
        ...soon,
        onProgress: (now) => Effect.sync(() => states.push(`${now.synchedCount}/${now.synchingCount}`))
      })
      assert.deepStrictEqual(status, { synchedCount: 1, invalidCount: 0, synchingCount: 0 })
      assert.deepStrictEqual([states[0], states.at(-1)], ["0/1", "1/0"])
      const ready = yield* datasources.awaitReady(place, soon)
      assert.deepStrictEqual([ready.status, ready.size], ["synched", 31])

      yield* jobs.run(question)
      assert.deepStrictEqual(
        (yield* Stream.runCollect(sessions.history(sessionId))).map((past) => past.question),
        [question.question]
      )
      const artifact = yield* datasources.presign(place, { expiresIn: 60 })
      assert.strictEqual(yield* readBack(artifact), "branch,loans\nharbour,12\nhill,7\n")

      const { explorationQuestions: first } = yield* datasets.overview(datasetId)
      const { explorationQuestions: second } = yield* datasets.overview(datasetId)
      assert.notDeepEqual(first, second)
      yield* datasets.modify(datasetId, { name: "Loans of books" })
      const [listed] = yield* Stream.runCollect(datasets.list({ search: "of books" }))
      assert.deepStrictEqual(listed, { id: datasetId, name: "Loans of books", description: "By branch" })

      assert.lengthOf(yield* Stream.runCollect(datasources.list(datasetId, { status: ["synched"] })), 1)
      assert.lengthOf(yield* Stream.runCollect(datasources.list(datasetId, { status: ["invalid", "synching"] })), 0)
      yield* datasources.delete(place)
      assert.deepStrictEqual(yield* Stream.runCollect(datasources.list(datasetId)), [])
      yield* datasets.delete(datasetId)
      const gone = (yield* Effect.flip(datasets.status(datasetId))) as StreamError.ApiError
      assert.strictEqual(gone.kind, "NotFound")
    })
  )

  live("come with a dataset of their own where none is named, from a link too", () =>
    Effect.gen(function* () {
      const { datasets, datasources } = yield* Powerdrill
      const uploaded = yield* datasources.upload(yield* csv())
      const linked = yield* datasources.create({ name: "books.pdf", url: "https://example.com/books.pdf" })
      assert.notStrictEqual(uploaded.datasetId, linked.datasetId)
      for (const { datasetId } of [uploaded, linked]) {
        assert.lengthOf(yield* Stream.runCollect(datasources.list(datasetId)), 1)
        yield* datasets.awaitReady(datasetId, soon)
      }
    })
  )

  live("are not ready while there is nothing, however long it is waited for", () =>
    Effect.gen(function* () {
      const { datasets } = yield* Powerdrill
      const datasetId = yield* datasets.create({ name: "Empty" })
      const error = yield* Effect.flip(datasets.awaitReady(datasetId, { ...soon, deadline: "200 millis" }))
      assert.strictEqual(error._tag, "NotReadyError")
      assert.include(error.message, "0 of at least 1 ready")
    })
  )

  live("are not ready while fewer are there than were expected", () =>
    Effect.gen(function* () {
      const { datasets, datasources } = yield* Powerdrill
      const { datasetId } = yield* datasources.upload(yield* csv())
      const waiting = yield* Effect.forkChild(datasets.awaitReady(datasetId, { ...soon, expected: 2 }))
      yield* datasets.awaitReady(datasetId, soon)
      assert.isUndefined(waiting.pollUnsafe())
      yield* datasources.upload(yield* csv("more.csv"), { datasetId })
      assert.strictEqual((yield* Fiber.join(waiting)).synchedCount, 2)
    })
  )

  live(
    "that cannot be read are a typed error of both waiters, and of no one else",
    () =>
      Effect.gen(function* () {
        const { datasets, datasources } = yield* Powerdrill
        const { datasetId, id } = yield* datasources.upload(yield* csv())
        const ofOne = yield* Effect.flip(datasources.awaitReady({ datasetId, datasourceId: id }, soon))
        assert.strictEqual(ofOne._tag, "InvalidDataError")
        assert.include(ofOne.message, "loans.csv")
        const ofAll = yield* Effect.flip(datasets.awaitReady(datasetId, { ...soon, invalidPolls: 3 }))
        assert.strictEqual((ofAll as InvalidDataError).invalidCount, 1)
        assert.strictEqual((yield* datasets.status(datasetId)).invalidCount, 1)
      }),
    { play: { sync: "invalid" } }
  )

  live(
    "that are never read fail at the deadline with the state that they are in",
    () =>
      Effect.gen(function* () {
        const { datasources } = yield* Powerdrill
        const { datasetId, id } = yield* datasources.upload(yield* csv())
        const error = yield* Effect.flip(
          datasources.awaitReady({ datasetId, datasourceId: id }, { ...soon, deadline: "300 millis" })
        )
        assert.strictEqual(error._tag, "NotReadyError")
        assert.include(error.message, "synching")
      }),
    { play: { sync: "never" } }
  )

  live("are refused where they are not the caller's, or not there", () =>
    Effect.gen(function* () {
      const { datasets, jobs } = yield* Powerdrill
      const { powerdrill } = yield* Emulator
      const datasetId = DatasetId.make("dset-of-nobody")
      for (const attempt of [datasets.status(datasetId), datasets.overview(datasetId), datasets.delete(datasetId)]) {
        assert.strictEqual(((yield* Effect.flip(attempt)) as StreamError.ApiError).kind, "NotFound")
      }
      const sessionId = SessionId.make(powerdrill.sessionId)
      const asked = jobs.run({ sessionId, datasetId, question: "What is in it?" })
      assert.strictEqual(((yield* Effect.flip(asked)) as StreamError.ApiError).code, "300003")
    })
  )
})

describe("bad input", () => {
  live("is refused with what to do: a bad key, a long question, a wrong extension", () =>
    Effect.gen(function* () {
      const { datasources, jobs } = yield* Powerdrill
      const { powerdrill } = yield* Emulator
      const sessionId = SessionId.make(powerdrill.sessionId)

      const asked = jobs.run({ sessionId, question: "?".repeat(6001) })
      const long = (yield* Effect.flip(asked)) as StreamError.ApiError
      assert.deepStrictEqual([long.kind, long.code], ["InvalidRequest", "210022"])
      assert.include(long.message, "6000 characters")

      const wrong = yield* Effect.flip(datasources.upload(yield* csv("loans.exe")))
      if (wrong._tag !== "UploadError") return assert.fail(wrong._tag)
      assert.strictEqual(wrong.step, "datasource")
      assert.strictEqual((wrong.cause as StreamError.ApiError).code, "300004")
      assert.include(wrong.message, "datasources.create")
      assert.include(wrong.message, ".csv")
      // The file is there, as the error says, and can be named otherwise.
      const { name } = yield* datasources.create({ name: "loans.csv", fileObjectKey: wrong.fileObjectKey })
      assert.strictEqual(name, "loans.csv")

      const key = Redacted.make("proj-wrong-key-1234")
      const refused = yield* Powerdrill.use(({ sessions }) => sessions.create({ name: "x" })).pipe(
        Effect.provide(client({ apiKey: key })),
        Effect.flip
      )
      assert.strictEqual((refused as StreamError.ApiError).kind, "Authentication")
      assert.include((refused as StreamError.ApiError).message, "POWERDRILL_API_KEY")
      assert.notInclude(JSON.stringify(refused) + String(refused), Redacted.value(key))
    })
  )
})

describe("conversations", () => {
  live("ask one question after the other in a session of their own, which goes when asked to", () =>
    Effect.gen(function* () {
      const { conversation, sessions } = yield* Powerdrill
      const talk = conversation({ name: "Talk", deleteAtEnd: true })
      const { asked, id } = yield* Effect.gen(function* () {
        const { run, sessionId, stream } = yield* talk
        const running: Array<string> = []
        const ask = (question: string) =>
          stream(question).pipe(
            Stream.tap(({ _tag }) => Effect.sync(() => (_tag === "JobId" ? running.push(`${question} begins`) : 0))),
            Stream.ensuring(Effect.sync(() => running.push(`${question} ends`))),
            Stream.runDrain
          )
        yield* Effect.all([ask("first"), ask("second")], { concurrency: 2 })
        assert.deepStrictEqual(running, ["first begins", "first ends", "second begins", "second ends"])
        const report = yield* run({ question: "third", outputLanguage: "DE" })
        assert.isDefined(report.jobId)
        return { asked: yield* Stream.runCollect(sessions.history(sessionId)), id: sessionId }
      }).pipe(Effect.scoped)
      assert.deepStrictEqual(asked.map(({ question }) => question).toSorted(), ["first", "second", "third"])
      assert.strictEqual(((yield* Effect.flip(sessions.get(id))) as StreamError.ApiError).kind, "NotFound")
    })
  )

  live("free their turn when an answer is given up, fails, or is interrupted while it waits", () =>
    Effect.gen(function* () {
      const { conversation } = yield* Powerdrill
      const { powerdrill } = yield* Emulator
      const { run, stream } = yield* conversation({ sessionId: SessionId.make(powerdrill.sessionId) })
      yield* Stream.runDrain(Stream.take(stream("given up"), 1))
      yield* Effect.flip(run("?".repeat(6001)))
      const waiting = yield* stream("held").pipe(
        Stream.runForEach(() => Effect.never),
        Effect.forkChild
      )
      const behind = yield* Effect.forkChild(run("behind"))
      yield* Effect.sleep("100 millis")
      assert.isUndefined(behind.pollUnsafe())
      yield* Fiber.interrupt(behind)
      yield* Fiber.interrupt(waiting)
      assert.isDefined((yield* run("after all")).jobId)
    })
  )

  live("leave a session that was there, and one that is to stay", () =>
    Effect.gen(function* () {
      const { conversation, sessions } = yield* Powerdrill
      const { sessionId } = yield* Effect.scoped(conversation({ name: "Stays" }))
      yield* Effect.scoped(conversation({ sessionId }))
      assert.strictEqual((yield* sessions.get(sessionId)).name, "Stays")
    })
  )

  live("end their session also when the program fails", () =>
    Effect.gen(function* () {
      const { conversation, sessions } = yield* Powerdrill
      let id: SessionId | undefined
      const exit = yield* Effect.gen(function* () {
        id = (yield* conversation({ name: "Short", deleteAtEnd: true })).sessionId
        return yield* Effect.fail("the program")
      }).pipe(Effect.scoped, Effect.exit)
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual(((yield* Effect.flip(sessions.get(id!))) as StreamError.ApiError).kind, "NotFound")
    })
  )
})

describe("reports", () => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
  const namesIn = (directory: string) =>
    Effect.map(
      Effect.flatMap(FileSystem.FileSystem, (files) => files.readDirectory(directory)),
      (names) => names.toSorted()
    )
  const whole = [
    "average_price_by_agency.csv",
    "average_price_by_month.csv",
    "price_by_agency.png",
    "price_by_month.png",
    "report.md"
  ]

  live("are a folder when the answer has come, from an API on this machine without a word about it", () =>
    Effect.gen(function* () {
      const { jobs, reports } = yield* Powerdrill
      const sessionId = SessionId.make((yield* Emulator).powerdrill.sessionId)
      const directory = yield* folder
      const answer = jobs.stream({ sessionId, question: "Which agency is the dearest?" })
      const { failed, files, report } = yield* reports.collect(answer, { sessionId, directory })
      assert.deepStrictEqual([failed.length, files.length], [0, 4])
      assert.isDefined(report.jobId)
      assert.deepStrictEqual(yield* namesIn(directory), whole)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  live("are saved late with fresh links from the history, and without them say what has expired", () =>
    Effect.gen(function* () {
      const sessionId = SessionId.make((yield* Emulator).powerdrill.sessionId)
      // Its links are born expired; those that another client gets from the history are not.
      const report = yield* Powerdrill.use(({ jobs }) =>
        jobs.run({ sessionId, question: "Which is the dearest?" })
      ).pipe(Effect.provide(client({ play: { ttl: 0 } })))
      const { reports } = yield* Powerdrill
      const late = yield* folder
      const { failed } = yield* reports.save(report, { directory: late })
      assert.deepStrictEqual([...new Set(failed.map(({ error }) => error._tag))], ["ExpiredArtifactError"])
      assert.deepStrictEqual(yield* namesIn(late), ["report.md"])
      const mended = yield* folder
      assert.lengthOf((yield* reports.save(report, { directory: mended, sessionId })).failed, 0)
      assert.deepStrictEqual(yield* namesIn(mended), whole)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  live("get fresh links while the answer is coming, too", () =>
    Effect.gen(function* () {
      const sessionId = SessionId.make((yield* Emulator).powerdrill.sessionId)
      const { jobs } = yield* Effect.provide(Powerdrill, client({ play: { ttl: 0 } }))
      const { reports } = yield* Powerdrill
      const directory = yield* folder
      const answer = jobs.stream({ sessionId, question: "Which is the dearest?" })
      const { failed } = yield* reports.collect(answer, { sessionId, directory })
      assert.lengthOf(failed, 0)
      assert.deepStrictEqual(yield* namesIn(directory), whole)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
