/** What a client adds to the time that an event takes, when events come one by one. */
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Server from "../harness/Server.ts"
import type { Task } from "../tasks.ts"
import type { Client } from "../tasks/eachDelta.ts"

export const latency: Figure = {
  name: "latency",
  measure: (effort) =>
    Server.using(async (origin) => {
      const events = effort.isFull ? 1000 : 100
      const read = (client: Client): Task => ({
        name: "latency",
        args: { client, baseUrl: `${origin}/paced/${events}`, events }
      })
      const rounds = await Rounds.measure(
        { raw: read("fetch"), us: read("effect-sse") },
        // One event each 5 ms compiles slowly: what the first few hundred of a process cost is not what the rest do.
        { processes: 1, warmups: effort.isFull ? 1 : 4, rounds: effort.isFull ? 20 : 12 }
      )
      return [
        {
          figure: "one event each 5 ms: median latency of a raw fetch loop",
          measured: Rounds.over(rounds, ({ raw }) => raw["latency"]! * 1000),
          format: format.microseconds
        },
        {
          figure: "one event each 5 ms: median latency added to a raw fetch loop's",
          goal: { atMost: 50 },
          measured: Rounds.over(rounds, ({ raw, us }) => (us["latency"]! - raw["latency"]!) * 1000),
          format: format.microseconds
        }
      ]
    })
}
