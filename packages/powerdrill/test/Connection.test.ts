import type { StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Layer, Redacted, Stream } from "effect"
import { HttpClient } from "effect/http"
import { Connection, DatasetId, DatasourceId, Powerdrill, SessionId } from "../src/index.ts"
import { answeredWith, bytesOf, key, request, type Sent } from "./Fixture.ts"

const noClient = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make(() => Effect.die(new Error("something was sent")))
)

const good: Connection.Options = { apiKey: Redacted.make(key), userId: "tmm-1" }

const made = (options: Partial<Connection.Options>) =>
  Connection.make({ ...good, ...options }).pipe(Effect.provide(noClient))

const refused = (options: Partial<Connection.Options>) => made(options).pipe(Effect.flip)

describe("settings", () => {
  it.effect("refuses a key that is missing, blank, or that no header can carry, without showing it", () =>
    Effect.gen(function* () {
      for (const apiKey of [
        "",
        "  ",
        "\n",
        `${key}\n`,
        `${key} `,
        "proj-\u0000secret",
        "proj-schlüssel",
        "proj-秘密"
      ]) {
        const error = yield* refused({ apiKey: Redacted.make(apiKey) })
        assert.strictEqual(error._tag, "ConfigurationError")
        assert.include(error.message, "POWERDRILL_API_KEY")
        if (apiKey.trim() !== "") assert.notInclude(JSON.stringify(error) + error.message, apiKey.slice(0, 5))
      }
      const error = yield* refused({ apiKey: Redacted.make(`${key}\n`) })
      assert.include(error.message, `position ${key.length + 1}`)
    })
  )

  it.effect("refuses a user id that is missing, blank or more than one word", () =>
    Effect.gen(function* () {
      for (const userId of ["", " ", "tmm-1\n", "tmm 1", Redacted.make("")]) {
        assert.include((yield* refused({ userId })).message, "POWERDRILL_USER_ID")
      }
    })
  )

  it.effect("refuses a base URL that is none, that shows the key, or that has more in it", () =>
    Effect.gen(function* () {
      for (const baseUrl of [
        "",
        "ai.data.cloud/api",
        "ftp://ai.data.cloud",
        "file:///etc/passwd",
        "http://ai.data.cloud/api",
        "http://localhost.example.com/",
        "http://10.0.0.1/",
        "https://user:pass@ai.data.cloud/api",
        "https://ai.data.cloud/api?key=1",
        "https://ai.data.cloud/api#x"
      ]) {
        const error = yield* refused({ baseUrl })
        assert.include(error.message, "POWERDRILL_BASE_URL", baseUrl)
        assert.notInclude(error.message, "pass@")
      }
    })
  )

  it.effect("takes a base URL with a prefix, a slash at its end, or the whole path of the API", () =>
    Effect.gen(function* () {
      for (const [baseUrl, expected] of [
        [undefined, "https://ai.data.cloud/api"],
        ["https://example.com", "https://example.com"],
        ["https://example.com/app/api/", "https://example.com/app/api"],
        ["https://example.com/app/api/v2/team", "https://example.com/app/api"],
        ["https://example.com/app/api/v2/team//", "https://example.com/app/api"],
        ["http://localhost:8080/x", "http://localhost:8080/x"],
        ["http://127.0.0.1:1", "http://127.0.0.1:1"],
        ["http://[::1]:1", "http://[::1]:1"]
      ] as const) {
        assert.strictEqual((yield* made({ baseUrl })).baseUrl, `${expected}/v2/team`)
      }
      assert.strictEqual(
        (yield* made({ baseUrl: "http://intranet/api", allowInsecure: true })).baseUrl,
        "http://intranet/api/v2/team"
      )
    })
  )

  it.effect("refuses a trace id of the caller's that the vendor would not take", () =>
    Effect.gen(function* () {
      for (const externalTraceId of ["", "a\nb", "x".repeat(129)]) {
        assert.include((yield* refused({ externalTraceId })).message, "externalTraceId")
      }
    })
  )

  const fromEnv = (env: Readonly<Record<string, string>>) =>
    Layer.build(Powerdrill.layerConfig().pipe(Layer.provide(noClient))).pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
    )

  it.effect("come from the environment, and a missing one is named with what to do", () =>
    Effect.gen(function* () {
      const noKey = yield* fromEnv({}).pipe(Effect.flip)
      assert.strictEqual(
        noKey.message,
        "powerdrill: the option apiKey (POWERDRILL_API_KEY) is missing or empty: " +
          "set it to a project's API key from Powerdrill's admin console"
      )
      const noUser = yield* fromEnv({ POWERDRILL_API_KEY: key }).pipe(Effect.flip)
      assert.include(noUser.message, "POWERDRILL_USER_ID")
      const empty = yield* fromEnv({ POWERDRILL_API_KEY: "", POWERDRILL_USER_ID: "tmm-1" }).pipe(Effect.flip)
      assert.include(empty.message, "POWERDRILL_API_KEY")
      const both = { POWERDRILL_API_KEY: key, POWERDRILL_USER_ID: "tmm-1" }
      const badUrl = yield* fromEnv({ ...both, POWERDRILL_BASE_URL: "nowhere" }).pipe(Effect.flip)
      assert.include(badUrl.message, "POWERDRILL_BASE_URL")
      yield* fromEnv(both)
      yield* fromEnv({ ...both, POWERDRILL_BASE_URL: "" })
    }).pipe(Effect.scoped)
  )

  it.effect("may come from other variables, or from any other Config", () =>
    Effect.gen(function* () {
      const from = (options: Connection.ConfigOptions, env: Readonly<Record<string, string>>) =>
        Connection.fromConfig(options).pipe(
          Effect.provide(noClient),
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
        )
      const names = { apiKey: Config.Redacted("KEY"), userId: Config.String("USER"), baseUrl: Config.String("URL") }
      const { baseUrl, userId } = yield* from(names, { KEY: key, USER: "tmm-7", URL: "https://example.com/api" })
      assert.deepStrictEqual([baseUrl, Redacted.value(userId)], ["https://example.com/api/v2/team", "tmm-7"])
      const redacted = yield* from({ ...names, userId: Config.Redacted("USER") }, { KEY: key, USER: "tmm-8" })
      assert.deepStrictEqual(
        [redacted.baseUrl, Redacted.value(redacted.userId)],
        ["https://ai.data.cloud/api/v2/team", "tmm-8"]
      )
      for (const [env, missing] of [
        [{ USER: "tmm-7" }, "KEY"],
        [{ KEY: key }, "USER"]
      ] as const) {
        const error = yield* Effect.flip(from(names, env))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, missing)
      }
      const blank = yield* Effect.flip(from(names, { KEY: key, USER: " " }))
      assert.include(blank, { _tag: "ConfigurationError", setting: "userId" })
    })
  )
})

describe("requests", () => {
  const sentBy = (
    use: (client: Powerdrill["Service"]) => Effect.Effect<unknown, unknown>,
    client: Partial<Connection.Options> = {},
    body: Uint8Array<ArrayBuffer> | string = bytesOf("done-by-name.sse")
  ) =>
    Effect.gen(function* () {
      const sent: Array<Sent> = []
      yield* Powerdrill.use(use).pipe(Effect.provide(answeredWith(body, { sent, client })), Effect.ignore)
      return sent
    })

  it.effect("say in the wire's words what is asked, and leave out what is not", () =>
    Effect.gen(function* () {
      const [bare, full] = yield* sentBy(({ jobs }) =>
        Effect.all([
          jobs.run({ ...request, datasourceIds: [], jobMode: undefined }),
          Effect.ignore(
            jobs.ask({
              sessionId: SessionId.make("session-2"),
              question: "How many?",
              datasetId: DatasetId.make("dset-1"),
              datasourceIds: [DatasourceId.make("ds-1"), DatasourceId.make("ds-2")],
              outputLanguage: "ZH-CN",
              jobMode: "DATA_ANALYTICS",
              customOptions: { userPrompt: "Be brief.", withCitation: false },
              userId: "tmm-other"
            })
          )
        ])
      )
      assert.deepStrictEqual(bare?.body, {
        session_id: "session-1",
        question: "How many loans?",
        user_id: "tmm-fixture",
        stream: true
      })
      assert.deepStrictEqual(full?.body, {
        session_id: "session-2",
        question: "How many?",
        dataset_id: "dset-1",
        datasource_ids: ["ds-1", "ds-2"],
        output_language: "ZH-CN",
        job_mode: "DATA_ANALYTICS",
        custom_options: { user_prompt: "Be brief.", with_citation: false },
        user_id: "tmm-other",
        stream: false
      })
    })
  )

  it.effect("carry the key, the caller's trace id, and nothing of a tracer", () =>
    Effect.gen(function* () {
      const sent = yield* sentBy(({ jobs }) => jobs.run(request).pipe(Effect.withSpan("outer")), {
        baseUrl: "https://example.com/app/api/",
        externalTraceId: "mine-1"
      })
      assert.strictEqual(sent[0]?.url, "https://example.com/app/api/v2/team/jobs")
      assert.deepStrictEqual(Object.keys(sent[0]?.headers ?? {}).toSorted(), [
        "content-length",
        "content-type",
        "x-pd-api-key",
        "x-pd-external-trace-id"
      ])
      assert.strictEqual(sent[0]?.headers["x-pd-api-key"], key)
      assert.strictEqual(sent[0]?.headers["x-pd-external-trace-id"], "mine-1")
    })
  )

  it.effect("create a session", () =>
    Effect.gen(function* () {
      const sent: Array<Sent> = []
      const body = JSON.stringify({ code: 0, data: { id: "session-9" } })
      const headers = { "content-type": "application/json" }
      const id = yield* Powerdrill.use(({ sessions }) =>
        sessions.create({ name: "Loans", outputLanguage: "EN", jobMode: "AUTO", maxContextualJobHistory: 0 })
      ).pipe(Effect.provide(answeredWith(body, { sent, headers })))
      assert.strictEqual(id, SessionId.make("session-9"))
      assert.include(sent[0]?.url, "/v2/team/sessions")
      assert.deepStrictEqual(sent[0]?.body, {
        name: "Loans",
        output_language: "EN",
        job_mode: "AUTO",
        max_contextual_job_history: 0,
        user_id: "tmm-fixture"
      })
    })
  )

  it.effect("are not sent with a blank question, which would cost a job, and the error does not show it", () =>
    Effect.gen(function* () {
      const unfit = [
        { ...request, question: "" },
        { ...request, question: " \n\t" },
        { ...request, question: 42 as unknown as string, sessionId: ["my secret"] as unknown as SessionId }
      ]
      for (const ask of unfit) {
        const sent = yield* sentBy(({ jobs }) =>
          Effect.gen(function* () {
            for (const effect of [jobs.run(ask), jobs.ask(ask)]) {
              const error = yield* Effect.flip(effect as Effect.Effect<unknown, StreamError.StreamError>)
              assert.include(error, { _tag: "TransportError", reason: "InvalidRequest", isRetryable: false })
              assert.include(error.message, "question")
              assert.notInclude(error.message, "secret")
            }
          }).pipe(Effect.orDie)
        )
        assert.strictEqual(sent.length, 0)
      }
    })
  )

  it.effect("leave a long question to the vendor, who counts its characters", () =>
    Effect.gen(function* () {
      const sent = yield* sentBy(({ jobs }) => jobs.run({ ...request, question: "x".repeat(7000) }))
      assert.strictEqual(sent.length, 1)
    })
  )

  it.effect("are made when a stream is run, once for each run", () =>
    Effect.gen(function* () {
      const sent = yield* sentBy(({ jobs }) =>
        Effect.gen(function* () {
          const stream = jobs.stream(request)
          jobs.stream(request)
          yield* Stream.runDrain(stream)
          yield* Stream.runDrain(stream)
        })
      )
      assert.strictEqual(sent.length, 2)
    })
  )
})
