/** Whether a slow consumer holds the server back. */
import { type Figure, format } from "../harness/Figure.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Server from "../harness/Server.ts"
import type { Task } from "../tasks.ts"
import type { Client } from "../tasks/eachDelta.ts"

export const slowConsumer: Figure = {
  name: "slow-consumer",
  measure: (effort) =>
    Server.using(async (origin) => {
      const read = (client: Client): Task => ({
        name: "slowConsumer",
        args: { client, origin, offeredBytes: 200e6, seconds: effort.isFull ? 10 : 2 }
      })
      const rounds = await Rounds.measure(
        { raw: read("fetch"), us: read("effect-sse") },
        Rounds.once(effort.isFull ? 5 : 2)
      )
      const us = "1 event/ms, 200 MB offered"
      return [
        {
          figure: `${us}: bytes taken from the server`,
          goal: { atMost: 8 },
          measured: Rounds.over(rounds, ({ us }) => us["taken"]! / 1e6),
          format: format.megabytes
        },
        {
          figure: `${us}: bytes taken by a raw fetch loop`,
          measured: Rounds.over(rounds, ({ raw }) => raw["taken"]! / 1e6),
          format: format.megabytes
        },
        {
          figure: `${us}: growth of the heap`,
          goal: { atMost: 5 },
          measured: Rounds.over(rounds, ({ us }) => us["growth"]! / 1e6),
          format: format.megabytes
        }
      ]
    })
}
