/**
 * Powerdrill for Effect: jobs that stream as typed events, and everything that can go wrong as typed errors.
 */
export * as Block from "./Block.ts"
export { ConfigurationError } from "@effect-sse/core/ConfigurationError"
export * as Connection from "./Connection.ts"
export { DatasetId, DatasourceId, GroupId, JobId, SessionId } from "./Ids.ts"
export * as JobEvent from "./JobEvent.ts"
export * as JobProtocol from "./JobProtocol.ts"
export * as JobReport from "./JobReport.ts"
export * as JobRequest from "./JobRequest.ts"
export * as Jobs from "./Jobs.ts"
export { Powerdrill } from "./Powerdrill.ts"
export * as PowerdrillError from "./PowerdrillError.ts"
export * as Sessions from "./Sessions.ts"
