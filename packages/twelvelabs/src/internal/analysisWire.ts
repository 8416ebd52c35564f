/**
 * Analyses on the wire, and how they become the public ones.
 */
import * as Schema from "effect/Schema"
import type { Analysis, Usage } from "../Analysis.ts"
import type { Ended } from "../AnalyzeEvent.ts"
import { passing } from "./passing.ts"

const optional = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

const text = optional(Schema.String)
const number = optional(Schema.Number)

const UsageWire = Schema.Struct({ output_tokens: number, input_tokens: number })

/** What accompanies a text that was cut, or says why there is none. */
const Warning = Schema.Struct({ message: text })

/** An analysis as a JSON document. */
export const AnalysisWire = Schema.Struct({
  id: text,
  data: text,
  finish_reason: text,
  usage: optional(UsageWire),
  error: optional(Warning)
})

/** An analysis as a whole document. All its fields are optional, but a document with none of these is no analysis. */
export const WholeAnalysis: Schema.Codec<typeof AnalysisWire.Type> = passing(
  AnalysisWire.check(
    Schema.makeFilter(
      ({ data, finish_reason }) =>
        typeof (data ?? finish_reason) === "string" || "an analysis, with data or a finish_reason"
    )
  )
)

/** A line of a stream. */
export const LineWire = Schema.Struct({
  event_type: Schema.String,
  text,
  finish_reason: text,
  metadata: optional(Schema.Struct({ generation_id: text, usage: optional(UsageWire) })),
  error: optional(Warning)
})

const usageFrom = (usage: typeof UsageWire.Type | null | undefined): Usage | undefined =>
  usage === null || usage === undefined
    ? undefined
    : { inputTokens: usage.input_tokens ?? undefined, outputTokens: usage.output_tokens ?? undefined }

/** The analysis that a document is. */
export const analysisFrom = (wire: typeof AnalysisWire.Type): Analysis => ({
  id: wire.id ?? undefined,
  text: wire.data ?? "",
  finishReason: wire.finish_reason ?? undefined,
  usage: usageFrom(wire.usage),
  warning: wire.error?.message ?? undefined,
  raw: wire
})

/** The event that a last line is. */
export const endedFrom = (wire: typeof LineWire.Type, id: string | undefined): Ended => ({
  _tag: "Ended",
  id,
  finishReason: wire.finish_reason ?? undefined,
  usage: usageFrom(wire.metadata?.usage),
  warning: wire.error?.message ?? undefined,
  raw: wire
})
