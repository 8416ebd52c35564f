import type { Analysis } from "../Analysis.ts"
import type { Answer } from "../StructuredOutput.ts"

/** An analysis as an answer that a value is read from. One that does not say why it ends is taken to be whole. */
export const analysisAnswer = ({ finishReason, id, text }: Pick<Analysis, "id" | "text" | "finishReason">): Answer => ({
  text,
  cut: finishReason === undefined || finishReason === "stop" ? undefined : finishReason,
  ids: id === undefined ? {} : { generation: id }
})
