/** Bytes to read, and what a right answer to them is. */
import { powerdrillBlocks } from "./powerdrillBlocks.ts"
import { messageDeltas, textDeltas } from "./textDeltas.ts"

/** A workload, small enough to be an argument: the bytes are made from it, always the same ones. */
export interface Workload {
  /**
   * - `textDeltas`: text deltas of TwelveLabs, in the events that OpenAI's API has too.
   * - `messageDeltas`: the same texts in the events of Anthropic's API, whose client drops others.
   * - `powerdrillBlocks`: the blocks of a Powerdrill job.
   */
  readonly kind: "textDeltas" | "messageDeltas" | "powerdrillBlocks"
  readonly count: number
  /** UTF-16 code units of one delta's text. Default: a token. */
  readonly deltaSize?: number | undefined
  /** Makes each text delta an item's of its own, so that no two events are alike but for their texts. */
  readonly unlike?: boolean | undefined
}

/** A stream of events, and what must come out of it. */
export interface Wire {
  /** One for each event, comment or end mark, with its blank line. */
  readonly frames: ReadonlyArray<string>
  /** How many events there are, the end mark not counted. */
  readonly events: number
  /** The texts of all events, joined. */
  readonly text: string
}

/** Makes a workload. */
export const wireOf = ({ count, deltaSize, kind, unlike }: Workload): Wire => {
  switch (kind) {
    case "textDeltas":
      return textDeltas(count, deltaSize, unlike)
    case "messageDeltas":
      return messageDeltas(count)
    case "powerdrillBlocks":
      return powerdrillBlocks(count)
  }
}
