/** The decoder alone. */
export { makeDecoder } from "@effect-sse/core/Sse"
