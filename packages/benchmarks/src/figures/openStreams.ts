/** What an open stream costs in memory. */
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Server from "../harness/Server.ts"
import type { Task } from "../tasks.ts"
import type { Client } from "../tasks/eachDelta.ts"

export const openStreams: Figure = {
  name: "open-streams",
  measure: (effort) =>
    Server.using(async (origin) => {
      const streams = effort.isFull ? 5000 : 1000
      const open = (client: Client): Task => ({
        name: "openStreams",
        args: { client, baseUrl: `${origin}/silent`, streams }
      })
      const rounds = await Rounds.measure(
        { raw: open("fetch"), us: open("effect-sse") },
        Rounds.once(effort.isFull ? 5 : 2)
      )
      return [
        {
          figure: `${streams} open streams: memory of each, by raw fetch`,
          measured: Rounds.over(rounds, ({ raw }) => raw["memory"]! / 1000),
          format: format.kilobytes
        },
        {
          figure: `${streams} open streams: memory of each, added to raw fetch`,
          goal: { atMost: 10 },
          measured: Rounds.over(rounds, ({ raw, us }) => (us["memory"]! - raw["memory"]!) / 1000),
          format: format.kilobytes
        }
      ]
    })
}
