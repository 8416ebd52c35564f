/** Whether work stays linear in the size of an event. */
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

const megabyte = 1e6

/** Eight megabytes in so many events. */
const read = (count: number): Task => ({
  name: "readMemory",
  args: {
    candidate: "TwelveLabs by array",
    workload: { kind: "textDeltas", count, deltaSize: (8 * megabyte) / count },
    chunking: "16 kB"
  }
})

export const largeEvents: Figure = {
  name: "large-events",
  measure: async (effort) => {
    const rounds = await Rounds.measure({ large: read(1), small: read(8) }, effort)
    return [
      {
        figure: "time a byte, an event of 8 MB against events of 1 MB",
        goal: { atMost: 1.3 },
        measured: Rounds.over(rounds, ({ large, small }) => large["wall"]! / small["wall"]!),
        format: format.ratio
      }
    ]
  }
}
