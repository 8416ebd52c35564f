/** Each operation as it stands in the vendor's reference: what is sent, and that its documented answers are understood. */
import { FileSource, type StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Stream } from "effect"
import { OpenApi } from "effect/http-api"
import {
  DatasetId,
  DatasourceId,
  FileObjectKey,
  JobId,
  Powerdrill,
  PowerdrillApi,
  SessionId,
  UploadId
} from "../src/index.ts"
import { answeredWith, bytesOf, key, type Sent } from "./Fixture.ts"

const sessionId = SessionId.make("0b5c1a52-0000-4000-8000-0000000000a1")
const datasetId = DatasetId.make("dset-loans")
const datasourceId = DatasourceId.make("ds-1")
const place = { datasetId, datasourceId }

/** What a program gets when it is answered with a fixture, and what it sent. */
const answered = <A, E>(
  fixture: string | { readonly json: unknown },
  program: (client: Powerdrill["Service"]) => Effect.Effect<A, E>
) =>
  Effect.suspend(() => {
    const sent: Array<Sent> = []
    const body = typeof fixture === "string" ? bytesOf(`rest/${fixture}`) : JSON.stringify(fixture.json)
    return Powerdrill.use(program).pipe(
      Effect.provide(answeredWith(body, { headers: { "content-type": "application/json" }, sent })),
      Effect.map((value) => ({ value, sent: sent.map(wireOf) }))
    )
  })

/** A request as one line, with its body. */
const wireOf = ({ body, headers, method, query, url }: Sent) => {
  assert.strictEqual(headers["x-pd-api-key"], key)
  const path = url.replace("https://ai.data.cloud/api", "")
  return { line: `${method} ${path}${query === "" ? "" : `?${query}`}`, body }
}

const user = { user_id: "tmm-fixture" }

describe("sessions", () => {
  it.effect("are made with every setting spelt out that the vendor's pages disagree on", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answered("created.json", ({ sessions }) => sessions.create({ name: "Loans" }))
      assert.strictEqual(value, SessionId.make("dset-loans"))
      assert.deepStrictEqual(sent, [
        { line: "POST /v2/team/sessions", body: { ...user, name: "Loans", job_mode: "AUTO" } }
      ])
      const full = yield* answered("created.json", ({ sessions }) =>
        sessions.create(
          {
            name: "Loans",
            outputLanguage: "ZH-CN",
            jobMode: "DATA_ANALYTICS",
            maxContextualJobHistory: 0,
            agentId: "DATA_ANALYSIS_AGENT"
          },
          { userId: "tmm-other" }
        )
      )
      assert.deepStrictEqual(full.sent[0]!.body, {
        user_id: "tmm-other",
        name: "Loans",
        output_language: "ZH-CN",
        job_mode: "DATA_ANALYTICS",
        max_contextual_job_history: 0,
        agent_id: "DATA_ANALYSIS_AGENT"
      })
    })
  )

  it.effect("are read whatever they lack, and whatever values they have that no document lists", () =>
    Effect.gen(function* () {
      const one = yield* answered("session.json", ({ sessions }) => sessions.get(sessionId))
      assert.deepStrictEqual(one.value, {
        id: sessionId,
        name: "Library loans",
        outputLanguage: "EN",
        jobMode: "DATA_ANALYTICS",
        maxContextualJobHistory: 76,
        agentId: undefined
      })
      assert.deepStrictEqual(one.sent, [{ line: `GET /v2/team/sessions/${sessionId}?user_id=tmm-fixture`, body: {} }])
      const many = yield* answered("sessions.json", ({ sessions }) =>
        Stream.runCollect(sessions.list({ search: "lo & an", pageSize: 5 }))
      )
      assert.deepStrictEqual(
        many.value.map(({ jobMode, maxContextualJobHistory, outputLanguage }) => [
          outputLanguage,
          jobMode,
          maxContextualJobHistory
        ]),
        [
          [undefined, undefined, undefined],
          ["KLINGON", "DATA_ANALYSIS", 10]
        ]
      )
      assert.deepStrictEqual(
        new URLSearchParams(many.sent[0]!.line.split("?")[1]).toString(),
        new URLSearchParams({ user_id: "tmm-fixture", page_number: "1", page_size: "5", search: "lo & an" }).toString()
      )
    })
  )

  it.effect("are modified and deleted with the user in the body, whatever stands in `data`", () =>
    Effect.gen(function* () {
      for (const json of [{ code: 0, data: null }, { code: 0, data: {} }, { code: 0 }]) {
        const modified = yield* answered({ json }, ({ sessions }) =>
          sessions.modify(sessionId, { name: "New", outputLanguage: "DE", jobMode: undefined })
        )
        assert.deepStrictEqual(modified.sent, [
          { line: `POST /v2/team/sessions/${sessionId}`, body: { ...user, name: "New", output_language: "DE" } }
        ])
        const deleted = yield* answered({ json }, ({ sessions }) => sessions.delete(sessionId))
        assert.deepStrictEqual(deleted, {
          value: undefined,
          sent: [{ line: `DELETE /v2/team/sessions/${sessionId}`, body: user }]
        })
      }
    })
  )

  it.effect("have a history whose answers are reports, with bare links and unknown blocks in them", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answered("history.json", ({ sessions }) =>
        Stream.runCollect(sessions.history(sessionId))
      )
      assert.strictEqual(sent[0]!.line, `GET /v2/team/sessions/${sessionId}/history?user_id=tmm-fixture&page_number=1`)
      const [{ jobId, question, report }] = value as [(typeof value)[0]]
      assert.deepStrictEqual([jobId, question], [JobId.make("job-loans-1"), "Which branch lends most?\nPer week."])
      assert.strictEqual(report.answer, "The harbour branch.")
      assert.strictEqual(report.tables[0]!.name, "loans_by_branch.csv")
      assert.deepStrictEqual(report.questions, ["And the least?"])
      assert.deepStrictEqual(
        report.blocks.map(({ _tag, groupId }) => [_tag, groupId]),
        [
          ["Message", "g-1"],
          ["Table", "g-1"],
          ["Sources", undefined],
          ["Questions", undefined],
          ["Unknown", "g-1"]
        ]
      )
    })
  )

  it.effect(
    "give fresh links from the history, also where the store is another one, and leave alone what it lacks",
    () =>
      Effect.gen(function* () {
        const artifact = (name: string, url: string) => ({ kind: "table", name, url, expiresAt: undefined }) as const
        const fresh = (name: string, url: string, jobId = "job-loans-1") =>
          answered("history.json", ({ sessions }) =>
            sessions.refresh({ sessionId, jobId: JobId.make(jobId) })(artifact(name, url))
          ).pipe(Effect.map(({ value }) => value.url))
        const now = "https://store.example.com/results/loans_by_branch.csv?X-Amz-Signature=abc"
        assert.strictEqual(yield* fresh("x", "https://store.example.com/results/loans_by_branch.csv?old"), now)
        assert.strictEqual(yield* fresh("x", "https://static.example.com/tmp/loans_by_branch.csv"), now)
        assert.strictEqual(yield* fresh("loans_by_branch.csv", "https://static.example.com/tmp/1f.csv"), now)
        const other = "https://static.example.com/tmp/other.csv"
        assert.strictEqual(yield* fresh("other.csv", other), other)
        assert.strictEqual(yield* fresh("loans_by_branch.csv", other, "job-gone"), other)
      })
  )
})

describe("datasets", () => {
  it.effect("are made, listed, modified and deleted", () =>
    Effect.gen(function* () {
      const made = yield* answered("created.json", ({ datasets }) =>
        datasets.create({ name: "Loans", description: "By branch" })
      )
      assert.deepStrictEqual(made, {
        value: datasetId,
        sent: [{ line: "POST /v2/team/datasets", body: { ...user, name: "Loans", description: "By branch" } }]
      })
      const listed = yield* answered("datasets.json", ({ datasets }) => Stream.runCollect(datasets.list()))
      assert.deepStrictEqual(
        listed.value.map(({ description, id }) => [id, description]),
        [
          [datasetId, undefined],
          [DatasetId.make("dset-2"), "Who borrows"]
        ]
      )
      assert.strictEqual(listed.sent[0]!.line, "GET /v2/team/datasets?user_id=tmm-fixture&page_number=1")
      const modified = yield* answered({ json: { code: 0, data: {} } }, ({ datasets }) =>
        datasets.modify(datasetId, { name: "Loans 2", description: undefined })
      )
      assert.deepStrictEqual(modified.sent, [
        { line: "POST /v2/team/datasets/dset-loans", body: { ...user, name: "Loans 2" } }
      ])
      const deleted = yield* answered({ json: { code: 0, data: null } }, ({ datasets }) => datasets.delete(datasetId))
      assert.deepStrictEqual(deleted.sent, [{ line: "DELETE /v2/team/datasets/dset-loans", body: user }])
    })
  )

  it.effect("have an overview whose keywords are a list, however they are spelt, and whose code may be wrapped", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answered("overview.json", ({ datasets }) => datasets.overview(datasetId))
      assert.deepStrictEqual(value.keywords, ["loans", "branches", "months"])
      assert.deepStrictEqual(value.explorationQuestions, ["Which month is busiest?"])
      assert.strictEqual(sent[0]!.line, "GET /v2/team/datasets/dset-loans/overview?user_id=tmm-fixture")
      const bare = yield* answered("overview-lists.json", ({ datasets }) => datasets.overview(datasetId))
      assert.deepStrictEqual([bare.value.keywords, bare.value.summary], [["loans", "branches"], undefined])
    })
  )

  it.effect("have a status with counts, as numbers or as texts", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answered("status.json", ({ datasets }) => datasets.status(datasetId))
      assert.deepStrictEqual(value, { synchedCount: 3, invalidCount: 0, synchingCount: 1 })
      assert.strictEqual(sent[0]!.line, "GET /v2/team/datasets/dset-loans/status?user_id=tmm-fixture")
    })
  )
})

describe("data sources", () => {
  it.effect("are made in a dataset or with one, from an address or an uploaded file", () =>
    Effect.gen(function* () {
      const fileObjectKey = FileObjectKey.make("uploads/1")
      const inside = yield* answered("datasource.json", ({ datasources }) =>
        datasources.create({ datasetId, name: "loans.csv", fileObjectKey })
      )
      assert.deepStrictEqual(inside.value, {
        id: datasourceId,
        datasetId,
        name: "loans.csv",
        type: "FILE",
        status: "synching",
        size: undefined
      })
      assert.deepStrictEqual(inside.sent, [
        {
          line: "POST /v2/team/datasets/dset-loans/datasources",
          body: { ...user, name: "loans.csv", type: "FILE", file_object_key: "uploads/1" }
        }
      ])
      const url = "https://example.com/loans.csv"
      const outside = yield* answered("datasource.json", ({ datasources }) =>
        datasources.create({ name: "loans.csv", url })
      )
      assert.deepStrictEqual(outside.sent, [
        { line: "POST /v2/team/datasources", body: { ...user, name: "loans.csv", type: "FILE", url } }
      ])
    })
  )

  it.effect("are listed flat or wrapped, of any size and status", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* answered("datasources.json", ({ datasources }) =>
        Stream.runCollect(datasources.list(datasetId, { status: ["synched", "invalid"] }))
      )
      assert.deepStrictEqual(
        value.map(({ id, size, status }) => [id, status, size]),
        [
          [DatasourceId.make("ds-1"), "synched", 8_589_934_592],
          [DatasourceId.make("ds-2"), "invalid", 4096],
          [DatasourceId.make("ds-3"), "creating", undefined]
        ]
      )
      assert.include(sent[0]!.line, "GET /v2/team/datasets/dset-loans/datasources?")
      assert.include(sent[0]!.line, "status=synched%2Cinvalid")
    })
  )

  it.effect("are read, deleted, and given a link for", () =>
    Effect.gen(function* () {
      const path = "/v2/team/datasets/dset-loans/datasources/ds-1"
      const read = yield* answered("datasource.json", ({ datasources }) => datasources.get(place))
      assert.strictEqual(read.sent[0]!.line, `GET ${path}?user_id=tmm-fixture`)
      const deleted = yield* answered({ json: { code: 0, data: null } }, ({ datasources }) => datasources.delete(place))
      assert.deepStrictEqual(deleted.sent, [{ line: `DELETE ${path}`, body: user }])
      const signed = yield* answered("presigned.json", ({ datasources }) =>
        datasources.presign(place, { expiresIn: 60, name: "loans.csv" })
      )
      assert.deepStrictEqual(signed.sent, [{ line: `POST ${path}/presign`, body: { ...user, expires_in: 60 } }])
      assert.deepStrictEqual(signed.value, {
        kind: "file",
        name: "loans.csv",
        url: "https://store.example.com/files/loans.csv?X-Amz-Signature=abc",
        expiresAt: DateTime.makeUnsafe("2026-03-01T10:00:00.123Z")
      })
    })
  )
})

describe("files", () => {
  it.effect("go up in one piece as a form with the file, its name, and the user", () =>
    Effect.gen(function* () {
      const source = yield* FileSource.fromBytes(new TextEncoder().encode("a,b\n1,2\n"), { name: "loans.csv" })
      const { sent, value } = yield* answered("uploaded.json", ({ files }) => files.uploadSmall(source))
      assert.strictEqual(value, FileObjectKey.make("uploads/tmm-1/loans.csv"))
      assert.strictEqual(sent[0]!.line, "POST /v2/team/file/upload-datasource")
      const form = sent[0]!.body["form"] as FormData
      const file = form.get("file") as File
      assert.deepStrictEqual(
        [form.get("user_id"), file.name, yield* Effect.promise(() => file.text())],
        ["tmm-fixture", "loans.csv", "a,b\n1,2\n"]
      )
    })
  )

  it.effect("are begun and completed in parts, whose links are kept from sight", () =>
    Effect.gen(function* () {
      const begun = yield* answered("started.json", ({ files }) => files.start({ name: "loans.csv", size: 8 }))
      assert.deepStrictEqual(begun.sent, [
        {
          line: "POST /v2/team/file/init-multipart-upload",
          body: { ...user, file_name: "loans.csv", file_size: 8 }
        }
      ])
      assert.deepStrictEqual(
        begun.value.parts.map(({ number, size }) => [number, size]),
        [
          [2, 3],
          [1, 5]
        ]
      )
      assert.include(Redacted.value(begun.value.parts[1]!.url), "/up-1/1?")
      assert.notInclude(JSON.stringify(begun.value), "Signature")
      const upload = { uploadId: UploadId.make("up-1"), fileObjectKey: FileObjectKey.make("uploads/tmm-1/loans.csv") }
      const completed = yield* answered("uploaded.json", ({ files }) =>
        files.complete(upload, [
          { number: 1, etag: "aa" },
          { number: 2, etag: "bb" }
        ])
      )
      assert.deepStrictEqual(completed.sent, [
        {
          line: "POST /v2/team/file/complete-multipart-upload",
          body: {
            ...user,
            upload_id: "up-1",
            file_object_key: "uploads/tmm-1/loans.csv",
            part_etags: [
              { number: 1, etag: "aa" },
              { number: 2, etag: "bb" }
            ]
          }
        }
      ])
    })
  )
})

describe("every operation", () => {
  it.effect("fails with ParseError where a result is asked for and none is there", () =>
    Effect.gen(function* () {
      for (const json of [{ code: 0 }, { code: 0, data: null }, { code: 0, data: {} }, { code: 0, data: [] }]) {
        const error = yield* Effect.flip(answered({ json }, ({ sessions }) => sessions.get(sessionId)))
        assert.strictEqual((error as StreamError.ParseError).stage, "schema")
      }
    })
  )

  it.effect("fails with ApiError where the code is not 0, under any status, with the vendor's word and trace id", () =>
    Effect.gen(function* () {
      const refused = answeredWith(JSON.stringify({ code: 300009, msg: "session limit reached" }), {
        headers: { "content-type": "application/json", "x-pd-trace-id": "trace-7" }
      })
      const error = yield* Powerdrill.use(({ sessions }) => sessions.create({ name: "One more" })).pipe(
        Effect.provide(refused),
        Effect.flip
      )
      const { code, detail, kind, requestId } = error as StreamError.ApiError
      assert.deepStrictEqual(
        [kind, code, detail, requestId],
        ["QuotaExceeded", "300009", "session limit reached", "trace-7"]
      )
    })
  )

  it.effect("refuses an id that would change the path, and sends nothing", () =>
    Effect.gen(function* () {
      for (const id of ["", ".", ".."]) {
        const sent: Array<Sent> = []
        const error = yield* Powerdrill.use(({ sessions }) => sessions.delete(SessionId.make(id))).pipe(
          Effect.provide(answeredWith("{}", { sent })),
          Effect.flip
        )
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
        assert.lengthOf(sent, 0)
      }
      const { sent } = yield* answered({ json: { code: 0 } }, ({ sessions }) =>
        sessions.delete(SessionId.make("../datasets/dset-1?x=1#y"))
      )
      assert.strictEqual(sent[0]!.line, "DELETE /v2/team/sessions/..%2Fdatasets%2Fdset-1%3Fx%3D1%23y")
    })
  )

  it("stands in the declaration: 22 of them, each behind the key", () => {
    const { components, paths, security } = OpenApi.fromApi(PowerdrillApi.PowerdrillApi)
    const methods = ["get", "post", "delete", "put", "patch"] as const
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = item[method]
        return operation === undefined ? [] : [{ line: `${method.toUpperCase()} ${path}`, operation }]
      })
    )
    assert.lengthOf(operations, 22)
    assert.include(
      operations.map(({ line }) => line),
      "DELETE /v2/team/datasets/{datasetId}/datasources/{datasourceId}"
    )
    assert.deepStrictEqual(components.securitySchemes, {
      apiKey: { type: "apiKey", name: "x-pd-api-key", in: "header" }
    })
    for (const { line, operation } of operations) {
      assert.deepStrictEqual(operation.security ?? security, [{ apiKey: [] }], line)
    }
  })
})
