/** What the compiler must say of structured output: checked by `tsc`, not at run time. */
import type { StreamError } from "@effect-sse/core"
import { describe, expectTypeOf, it } from "@effect/vitest"
import { type Brand, Context, type Duration, Effect, Schema, SchemaGetter, type Stream } from "effect"
import {
  type Analysis,
  type Analyze,
  type DeepPartial,
  type Response,
  type Responses,
  StructuredAnalyses,
  type StructuredOutputError,
  StructuredResponses,
  Timestamp,
  type UnsupportedSchemaError
} from "../src/index.ts"

declare const responses: Responses.Responses
declare const request: StructuredResponses.Request
declare const analyze: Analyze.Analyze
declare const question: StructuredAnalyses.Request
declare const analyses: StructuredAnalyses.StructuredAnalyses
declare const structured: StructuredResponses.StructuredResponses

const Scene = Schema.Struct({
  start: Timestamp.seconds,
  mood: Schema.Literals(["calm", "tense"]),
  note: Schema.optionalKey(Schema.String)
})

class Shout extends Context.Service<Shout, (text: string) => string>()("test/Shout") {}

const Loud = Schema.Struct({
  text: Schema.String.pipe(
    Schema.decodeTo(Schema.String, {
      decode: SchemaGetter.transformEffect((text: string) => Shout.use((shout) => Effect.succeed(shout(text)))),
      encode: SchemaGetter.passthrough()
    })
  )
})

type Failure = StreamError.StreamError | UnsupportedSchemaError | StructuredOutputError

describe("types of structured output", () => {
  it("a stream has partial encoded values and a final decoded one, and needs nothing", () => {
    expectTypeOf(() => structured.stream(Scene, request)).returns.toEqualTypeOf<
      Stream.Stream<
        | StructuredResponses.PartialValue<{
            readonly start: number
            readonly mood: "calm" | "tense"
            readonly note?: string
          }>
        | StructuredResponses.FinalValue<{
            readonly start: Duration.Duration
            readonly mood: "calm" | "tense"
            readonly note?: string
          }>,
        Failure
      >
    >()
    expectTypeOf(() => StructuredResponses.stream(responses, Scene, request)).returns.toEqualTypeOf<
      ReturnType<typeof structured.stream<typeof Scene>>
    >()
  })

  it("run and create give the decoded value and the response", () => {
    expectTypeOf(() => structured.run(Scene, request)).returns.toEqualTypeOf<
      Effect.Effect<StructuredResponses.Structured<typeof Scene.Type>, Failure>
    >()
    expectTypeOf(() => structured.create(Scene, request)).returns.toEqualTypeOf<
      Effect.Effect<
        StructuredResponses.Structured<typeof Scene.Type>,
        StreamError.RequestError | UnsupportedSchemaError | StructuredOutputError
      >
    >()
  })

  it("the value of a response comes with `response`, and that of an analysis with `analysis`", () => {
    expectTypeOf<StructuredResponses.FinalValue<1>>().toExtend<{
      readonly _tag: "Final"
      readonly value: 1
      readonly response: Response.Response
    }>()
    expectTypeOf<StructuredAnalyses.FinalValue<1>>().toExtend<{
      readonly _tag: "Final"
      readonly value: 1
      readonly analysis: Analysis
    }>()
    expectTypeOf<StructuredAnalyses.FinalValue<1>>().not.toHaveProperty("response")
    expectTypeOf<StructuredAnalyses.Structured<1>>().toEqualTypeOf<{ readonly value: 1; readonly analysis: Analysis }>()
  })

  it("analyses have the same elements and errors as responses", () => {
    expectTypeOf(() => analyses.stream(Scene, question)).returns.toEqualTypeOf<
      Stream.Stream<
        StructuredAnalyses.PartialValue<typeof Scene.Encoded> | StructuredAnalyses.FinalValue<typeof Scene.Type>,
        Failure
      >
    >()
    expectTypeOf(() => StructuredAnalyses.stream(analyze, Scene, question)).returns.toEqualTypeOf<
      ReturnType<typeof analyses.stream<typeof Scene>>
    >()
    expectTypeOf(() => analyses.run(Loud, question)).returns.toEqualTypeOf<
      Effect.Effect<StructuredAnalyses.Structured<typeof Loud.Type>, Failure, Shout>
    >()
    expectTypeOf(() => analyses.create(Scene, question)).returns.toEqualTypeOf<
      Effect.Effect<
        StructuredAnalyses.Structured<typeof Scene.Type>,
        StreamError.RequestError | UnsupportedSchemaError | StructuredOutputError
      >
    >()
  })

  it("what a schema needs to decode, the stream needs", () => {
    expectTypeOf(() => structured.run(Loud, request)).returns.toEqualTypeOf<
      Effect.Effect<StructuredResponses.Structured<{ readonly text: string }>, Failure, Shout>
    >()
    expectTypeOf<
      ReturnType<typeof structured.stream<typeof Loud>> extends Stream.Stream<unknown, unknown, infer R> ? R : never
    >().toEqualTypeOf<Shout>()
  })

  it("a request has no text format or JSON Schema of its own", () => {
    expectTypeOf<StructuredAnalyses.Request>().not.toHaveProperty("jsonSchema")
    expectTypeOf<StructuredResponses.Request>().not.toHaveProperty("text")
  })

  it("of a partial value anything may be missing, and texts may be half of what they will be", () => {
    expectTypeOf<DeepPartial<{ readonly a: "x" | "y"; readonly b: 1 | 2; readonly c: boolean }>>().toEqualTypeOf<{
      readonly a?: string
      readonly b?: 1 | 2
      readonly c?: boolean
    }>()
    expectTypeOf<DeepPartial<{ readonly a: ReadonlyArray<{ readonly b: string | null }> }>>().toEqualTypeOf<{
      readonly a?: ReadonlyArray<{ readonly b?: string | null }>
    }>()
    expectTypeOf<DeepPartial<readonly [string, number]>>().toEqualTypeOf<ReadonlyArray<string | number>>()
    expectTypeOf<DeepPartial<string & Brand.Brand<"Id">>>().toEqualTypeOf<string>()
  })

  it("what may be absent may be null in a partial value, and what JSON has not is what JSON has of it", () => {
    expectTypeOf<DeepPartial<{ readonly a?: number; readonly b?: string | undefined }>>().toEqualTypeOf<{
      readonly a?: number | null
      readonly b?: string | null
    }>()
    expectTypeOf<DeepPartial<{ readonly a: Date; readonly b: bigint; readonly c: undefined }>>().toEqualTypeOf<{
      readonly a?: string
      readonly b?: string
      readonly c?: null
    }>()
    expectTypeOf<DeepPartial<{ readonly a: unknown; readonly b: Uint8Array }>>().toEqualTypeOf<{
      readonly a?: unknown
      readonly b?: unknown
    }>()
  })

  it("a partial value of members that are told apart has the members' properties", () => {
    type Shape =
      | { readonly _tag: "Circle"; readonly radius: number }
      | { readonly _tag: "Square"; readonly side: number }
    expectTypeOf<DeepPartial<Shape>>().toEqualTypeOf<
      { readonly _tag?: string; readonly radius?: number } | { readonly _tag?: string; readonly side?: number }
    >()
  })

  it("a value that holds itself has a partial one that does", () => {
    interface Chain {
      readonly name: string
      readonly next?: Chain
    }
    expectTypeOf<NonNullable<NonNullable<DeepPartial<Chain>["next"]>["next"]>["name"]>().toEqualTypeOf<
      string | undefined
    >()
  })
})
