/**
 * The results of a batch on the wire: lines of JSON, one for each item, in no order, without an end mark.
 */
import * as Ndjson from "@effect-sse/core/Ndjson"
import * as Protocol from "@effect-sse/core/Protocol"
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { BatchResult } from "../AnalysisBatches.ts"
import { AnalysisTaskId } from "../Ids.ts"
import { failure, isError, vendor } from "../Vendor.ts"
import { AnalysisResult } from "./analysisTaskWire.ts"

/** A line. */
export const ResultLine = Schema.Struct({
  taskId: AnalysisTaskId,
  customId: WireSchema.maybe(Schema.String),
  status: Schema.String,
  analysis: WireSchema.maybe(AnalysisResult),
  error: WireSchema.maybe(
    Schema.Struct({ code: WireSchema.maybe(Schema.String), message: WireSchema.maybe(Schema.String) })
  )
}).pipe(Schema.encodeKeys({ taskId: "task_id", customId: "custom_id", analysis: "data" }))

const decodeLine = Schema.decodeUnknownResult(ResultLine)

const resultOf = (line: typeof ResultLine.Type, raw: unknown): BatchResult | Protocol.Signal<BatchResult> => {
  const { analysis, customId, error, status, taskId } = line
  const item = { taskId, customId }
  switch (status) {
    case "ready":
      return analysis === undefined
        ? Protocol.malformed("schema", "an item that is ready has no data")
        : { _tag: "Ready", ...item, analysis }
    case "failed":
      return { _tag: "Failed", ...item, code: error?.code, detail: error?.message }
    case "canceled":
      return { _tag: "Canceled", ...item }
    case "queued":
    case "pending":
    case "processing":
      return { _tag: "Pending", ...item, status }
    default:
      return { _tag: "Unknown", ...item, status, raw }
  }
}

const session = (): Protocol.Session<BatchResult> => ({
  decode: (data) => {
    let raw: unknown
    try {
      raw = JSON.parse(data)
    } catch (error) {
      return Protocol.malformed("json", error instanceof Error ? error.message : "not JSON")
    }
    const line = decodeLine(raw)
    if (Result.isSuccess(line)) return resultOf(line.success, raw)
    return isError(raw) ? Protocol.refused(failure(raw, undefined)) : Protocol.malformed("schema", line.failure.message)
  },
  summary: () => ({ lastEvent: undefined, ids: {}, terminalSeen: false })
})

/** The protocol. A last line that is cut is no item, and so an error. */
export const protocol: Protocol.Protocol<BatchResult> = {
  vendor,
  mediaTypes: ["application/x-ndjson", "application/ndjson", "application/jsonl"],
  isStream: Ndjson.looksLikeObjects,
  endsWith: "body",
  makeDecoder: Ndjson.makeDecoder,
  session
}
