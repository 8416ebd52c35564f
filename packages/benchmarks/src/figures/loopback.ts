/** Text deltas over HTTP on this machine, the server in a process of its own. */
import type { Candidate } from "../candidates.ts"
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Server from "../harness/Server.ts"
import type { Task } from "../tasks.ts"

export const loopback: Figure = {
  name: "loopback",
  measure: (effort) =>
    Server.using(async (origin) => {
      const read = (candidate: Candidate): Task => ({
        name: "readLoopback",
        args: {
          candidate,
          workload: { kind: "textDeltas", count: effort.deltas },
          baseUrl: `${origin}/deltas/${effort.deltas}`
        }
      })
      const rounds = await Rounds.measure({ hand: read("hand loop"), us: read("TwelveLabs by array") }, effort)
      return [
        {
          figure: "loopback HTTP: speed, against a raw fetch loop",
          goal: { atLeast: 0.95 },
          measured: Rounds.over(rounds, ({ hand, us }) => hand["wall"]! / us["wall"]!),
          format: format.ratio
        },
        {
          figure: "loopback HTTP: CPU of the client, against a raw fetch loop",
          goal: { atMost: 1.2 },
          measured: Rounds.over(rounds, ({ hand, us }) => us["cpu"]! / hand["cpu"]!),
          format: format.ratio
        }
      ]
    })
}
