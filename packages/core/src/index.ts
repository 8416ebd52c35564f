/**
 * Decoding, the streaming engine, errors and retry for APIs that answer as a stream of Server-Sent Events.
 */
export * as Artifact from "./Artifact.ts"
export { ConfigurationError } from "./ConfigurationError.ts"
export * as Connection from "./Connection.ts"
export * as EventStream from "./EventStream.ts"
export * as JsonCall from "./JsonCall.ts"
export * as Ndjson from "./Ndjson.ts"
export * as Protocol from "./Protocol.ts"
export * as RetryPolicy from "./RetryPolicy.ts"
export * as Setting from "./Setting.ts"
export * as Sse from "./Sse.ts"
export * as StreamError from "./StreamError.ts"
export * as Telemetry from "./Telemetry.ts"
export * as Vendor from "./Vendor.ts"
