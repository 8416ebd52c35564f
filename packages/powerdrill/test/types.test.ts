/** What the compiler must say: checked by `tsc`, not at run time. */
import type { EventStream, StreamError } from "@effect-sse/core"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { Config, Effect, Layer, Stream } from "effect"
import type { HttpClient } from "effect/http"
import type { ConfigurationError, JobEvent, JobReport, JobRequest, SessionId } from "../src/index.ts"
import { Powerdrill } from "../src/index.ts"

declare const client: Powerdrill["Service"]
declare const request: JobRequest.JobRequest

describe("types", () => {
  it("a stream has the job's events, and its methods need nothing", () => {
    expectTypeOf(() => client.jobs.stream(request)).returns.toEqualTypeOf<
      Stream.Stream<JobEvent.JobEvent, StreamError.StreamError>
    >()
    expectTypeOf(() => client.jobs.run(request)).returns.toEqualTypeOf<
      Effect.Effect<JobReport.JobReport, StreamError.StreamError>
    >()
    expectTypeOf(() => client.jobs.ask(request)).returns.toEqualTypeOf<
      Effect.Effect<JobReport.JobReport, StreamError.RequestError>
    >()
    expectTypeOf(() => client.sessions.create({ name: "" })).returns.toEqualTypeOf<
      Effect.Effect<SessionId, StreamError.RequestError>
    >()
  })

  it("a stream that delivers what it cannot read says so", () => {
    expectTypeOf(() => client.jobs.stream(request, { onMalformed: "emit" })).returns.toEqualTypeOf<
      Stream.Stream<JobEvent.JobEvent | EventStream.Malformed, StreamError.StreamError>
    >()
    expectTypeOf(() =>
      client.jobs.stream(request, { onMalformed: "fail", deadline: "1 minute" })
    ).returns.toEqualTypeOf<Stream.Stream<JobEvent.JobEvent, StreamError.StreamError>>()
  })

  it("a layer needs an HttpClient and fails with what is wrong with its settings", () => {
    expectTypeOf(Powerdrill.layer).returns.toEqualTypeOf<
      Layer.Layer<Powerdrill, ConfigurationError, HttpClient.HttpClient>
    >()
    expectTypeOf(Powerdrill.layerConfig).returns.toEqualTypeOf<
      Layer.Layer<Powerdrill, ConfigurationError | Config.ConfigError, HttpClient.HttpClient>
    >()
  })

  it("ids are not texts, and the mode of a job is any text", () => {
    expectTypeOf<string>().not.toExtend<JobRequest.JobRequest["sessionId"]>()
    expectTypeOf<"A_NEW_MODE">().toExtend<JobRequest.JobMode>()
  })
})
