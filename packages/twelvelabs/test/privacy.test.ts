/** Neither the key nor what was asked and answered is anywhere that a person or a collector would look. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Layer, Logger, Redacted, References, Stream, Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { inspect } from "node:util"
import { Emulator, type Fault } from "@effect-sse/emulator"
import { RetryPolicy } from "@effect-sse/core"
import { Connection, KnowledgeStoreId, TwelveLabs } from "@effect-sse/twelvelabs"

const everything = (value: unknown): string =>
  inspect(value, { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null })

/** What an exporter sends of a span: all but the value of a success. */
const exported = ({ attributes, events, name, status }: Tracer.NativeSpan) => ({
  name,
  attributes: [...attributes],
  events,
  failure: status._tag === "Ended" && status.exit._tag === "Failure" ? Cause.pretty(status.exit.cause) : undefined
})

const question = "PRIVATE-QUESTION"
const instructions = "PRIVATE-INSTRUCTIONS"

/** What comes to light while a program runs: logs, spans, and what it is given. */
const watched = Effect.fnUntraced(function* (
  play: { readonly fault?: Fault.Fault; readonly after?: number },
  apiKey?: Redacted.Redacted
) {
  const emulator = yield* Emulator
  const key = apiKey ?? emulator.twelvelabs.apiKey
  const seen: Array<unknown> = []
  const logger = Logger.make((options) => {
    seen.push(options.message, Cause.pretty(options.cause), options.cause)
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      seen.push(span)
      return span
    }
  })
  yield* Effect.gen(function* () {
    const client = yield* TwelveLabs
    const request = {
      knowledgeStoreId: KnowledgeStoreId.make(emulator.twelvelabs.knowledgeStoreId),
      input: question,
      instructions
    }
    seen.push(client, client.responses, client.responses.stream(request))
    const calls = [client.responses.create(request), Stream.runDrain(client.responses.stream(request))]
    for (const call of calls) {
      const exit = yield* Effect.exit(call.pipe(Effect.tapError(Effect.logError), Effect.withSpan("program")))
      if (exit._tag === "Success") continue
      const error = Cause.squash(exit.cause) as Error
      seen.push(exit.cause, Cause.pretty(exit.cause), error, String(error), error.stack, JSON.stringify(error))
    }
  }).pipe(
    Effect.provide(
      TwelveLabs.layer({
        apiKey: key,
        baseUrl: emulator.twelvelabs.url(play),
        stream: { retry: RetryPolicy.none, idleTimeout: "200 millis", connectTimeout: "200 millis" },
        call: { retry: RetryPolicy.none, idleTimeout: "200 millis", connectTimeout: "200 millis" }
      }).pipe(Layer.provide(FetchHttpClient.layer))
    ),
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "Trace"),
    Effect.provideService(Tracer.Tracer, tracer)
  )
  return {
    key: Redacted.value(key),
    seen,
    shown: seen.map((value) => everything(value instanceof Tracer.NativeSpan ? exported(value) : value)).join("\n")
  }
})

const faults: ReadonlyArray<Fault.Fault | undefined> = [
  undefined,
  "unauthorized",
  "quota",
  "server-error",
  "html",
  "json-error",
  "redirect",
  "silence",
  "slow-headers",
  "reset",
  "reset-before-headers",
  "malformed",
  "wrong-shape",
  "stream-error",
  "error-mark",
  "no-done",
  "cut-mid-event"
]

describe("nothing private is shown", () => {
  for (const fault of faults) {
    it.live(`when ${fault ?? "all goes well"}`, () =>
      Effect.gen(function* () {
        const { key, seen, shown } = yield* watched(fault === undefined ? {} : { fault })
        assert.isAbove(seen.length, 4)
        assert.include(shown, "gen_ai.provider.name")
        for (const secret of [key, question, instructions, "kites 🪁"]) assert.notInclude(shown, secret)
      }).pipe(Effect.provide(Emulator.layer()))
    )
  }

  it.live("when the vendor repeats a wrong key", () =>
    Effect.gen(function* () {
      const { key, shown } = yield* watched({}, Redacted.make("tlk_WRONG4F5E6D"))
      assert.include(shown, "api_key_invalid")
      assert.notInclude(shown, key)
    }).pipe(Effect.provide(Emulator.layer()))
  )

  it.effect("by a connection or a configuration", () =>
    Effect.gen(function* () {
      const key = "tlk_0123456789ABCDEF"
      const connection = yield* Connection.fromConfig()
      assert.notInclude(everything(connection), key)
      const unfit = yield* Effect.flip(Connection.make({ apiKey: Redacted.make(`${key}\n`) }))
      assert.notInclude(everything(unfit) + JSON.stringify(unfit) + unfit.stack, key)
    }).pipe(
      Effect.provide(FetchHttpClient.layer),
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnvRecord({ TWELVE_LABS_API_KEY: "tlk_0123456789ABCDEF" })
      )
    )
  )
})
