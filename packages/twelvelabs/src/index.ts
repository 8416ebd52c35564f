/**
 * TwelveLabs for Effect: responses that stream as typed events, and everything that can go wrong as typed errors.
 */
export * as Citation from "./Citation.ts"
export { ConfigurationError } from "@effect-sse/core/ConfigurationError"
export * as Connection from "./Connection.ts"
export { CollectionId, ItemId, KnowledgeStoreId, OutputItemId, ResponseId, SessionId } from "./Ids.ts"
export * as OutputItem from "./OutputItem.ts"
export * as Response from "./Response.ts"
export * as ResponseEvent from "./ResponseEvent.ts"
export * as ResponseFold from "./ResponseFold.ts"
export * as ResponseRequest from "./ResponseRequest.ts"
export * as Responses from "./Responses.ts"
export * as ResponsesProtocol from "./ResponsesProtocol.ts"
export { TwelveLabs } from "./TwelveLabs.ts"
export * as Vendor from "./Vendor.ts"
