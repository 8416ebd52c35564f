import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { Connection, TwelveLabs } from "@effect-sse/twelvelabs"

const key = "tlk_0123456789ABCDEF"

const make = (options: Partial<Connection.Options>) =>
  Connection.make({ apiKey: Redacted.make(key), ...options }).pipe(Effect.provide(FetchHttpClient.layer))

const fromEnvironment = (variables: Record<string, string>, options?: Connection.ConfigOptions) =>
  Connection.fromConfig(options).pipe(
    Effect.provide(FetchHttpClient.layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(variables))
  )

describe("a base URL", () => {
  const good: ReadonlyArray<readonly [string | undefined, string]> = [
    [undefined, "https://api.twelvelabs.io/v1.3"],
    ["https://proxy.example.com", "https://proxy.example.com"],
    ["https://proxy.example.com/team/twelvelabs/v1.3//", "https://proxy.example.com/team/twelvelabs/v1.3"],
    ["http://localhost:8080/v1.3/", "http://localhost:8080/v1.3"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"]
  ]
  for (const [baseUrl, expected] of good) {
    it.effect(`may be ${baseUrl}`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* make({ baseUrl })).baseUrl, expected)
      })
    )
  }

  const bad: ReadonlyArray<readonly [string, string]> = [
    ["", "not a URL"],
    ["api.twelvelabs.io/v1.3", "not a URL"],
    ["ftp://example.com", "neither https nor http"],
    ["https://user:SECRET@example.com", "a user or a password"],
    ["https://example.com?key=SECRET", "query"],
    ["https://example.com#SECRET", "fragment"],
    ["http://example.com", "plain http"],
    ["http://localhost.example.com", "plain http"],
    ["http://127.0.0.1.example.com", "plain http"]
  ]
  for (const [baseUrl, told] of bad) {
    it.effect(`may not be ${baseUrl}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(make({ baseUrl }))
        assert.strictEqual(error._tag, "ConfigurationError")
        assert.strictEqual(error.variable, "TWELVELABS_BASE_URL")
        assert.include(error.message, "TWELVELABS_BASE_URL")
        assert.include(error.message, told)
        assert.notInclude(error.message, "SECRET")
      })
    )
  }

  it.effect("may be plain http if that is allowed", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* make({ baseUrl: "http://inside.example.com/v1.3", allowInsecure: true })
      assert.strictEqual(baseUrl, "http://inside.example.com/v1.3")
    })
  )
})

describe("a key", () => {
  const bad: ReadonlyArray<readonly [string, string]> = [
    ["", "missing or empty"],
    ["  \n", "missing or empty"],
    [`${key}\n`, "at position 21 of 21"],
    [`${key} ${key}`, "no header can carry"],
    [`“${key}”`, "at position 1 of"],
    [`${key}\0`, "at position 21 of"]
  ]
  for (const [apiKey, told] of bad) {
    it.effect(`may not be ${JSON.stringify(apiKey)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(make({ apiKey: Redacted.make(apiKey) }))
        assert.strictEqual(error.setting, "apiKey")
        assert.include(error.message, "TWELVE_LABS_API_KEY")
        assert.include(error.message, told)
        assert.notInclude(error.message, key)
      })
    )
  }
})

describe("the environment", () => {
  it.effect("gives the key, and the base URL if it has one", () =>
    Effect.gen(function* () {
      const variables = { TWELVE_LABS_API_KEY: key }
      assert.strictEqual((yield* fromEnvironment(variables)).baseUrl, Connection.defaultBaseUrl)
      const empty = yield* fromEnvironment({ ...variables, TWELVELABS_BASE_URL: "" })
      assert.strictEqual(empty.baseUrl, Connection.defaultBaseUrl)
      const other = yield* fromEnvironment({ ...variables, TWELVELABS_BASE_URL: "https://proxy.example.com/v1.3/" })
      assert.strictEqual(other.baseUrl, "https://proxy.example.com/v1.3")
    })
  )

  it.effect("that lacks the key is told what to set", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(fromEnvironment({}))
      assert.strictEqual(
        error.message,
        "twelvelabs: the option apiKey (TWELVE_LABS_API_KEY) is missing or empty: create a key in the TwelveLabs dashboard"
      )
      assert.strictEqual((yield* Effect.flip(fromEnvironment({ TWELVE_LABS_API_KEY: " " }))).message, error.message)
      const layer = TwelveLabs.layerConfig().pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
      )
      assert.strictEqual((yield* Effect.flip(Layer.build(layer))).message, error.message)
    })
  )

  it.effect("may have other names", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* fromEnvironment(
        { KEY: key, URL: "https://proxy.example.com" },
        { apiKey: Config.Redacted("KEY"), baseUrl: Config.String("URL") }
      )
      assert.strictEqual(baseUrl, "https://proxy.example.com")
      const error = yield* Effect.flip(fromEnvironment({}, { apiKey: Config.Redacted("KEY") }))
      assert.strictEqual(error._tag, "ConfigError")
      assert.include(error.message, "KEY")
    })
  )
})
