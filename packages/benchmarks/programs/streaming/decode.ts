/** The decoder as a stage of a stream. */
export { decode } from "@effect-sse/core/Sse"
