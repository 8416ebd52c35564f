/** The decoder and the engine, for a protocol of one's own. */
export { open } from "@effect-sse/core/EventStream"
export { makeDecoder } from "@effect-sse/core/Sse"
