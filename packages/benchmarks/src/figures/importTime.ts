/** How long a bundled client takes to be loaded. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { bundle } from "../bundling/bundle.ts"
import { type Figure, format } from "../harness/Figure.ts"
import { usingFolder } from "../harness/Folder.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

export const importTime: Figure = {
  name: "import-time",
  measure: (effort) =>
    usingFolder(async (folder) => {
      const load = async (name: string, program: string): Promise<Task> => {
        const file = join(folder, `${name}.mjs`)
        await writeFile(file, (await bundle(program)).code)
        return { name: "importModule", args: { file } }
      }
      const rounds = await Rounds.measure(
        {
          twelvelabs: await load("twelvelabs", "streaming/twelvelabs.ts"),
          powerdrill: await load("powerdrill", "streaming/powerdrill.ts"),
          openai: await load("openai", "clients/openai.ts")
        },
        Rounds.once(effort.isFull ? 40 : 10)
      )
      return [
        {
          figure: "import of a bundle: openai",
          measured: Rounds.over(rounds, ({ openai }) => openai["wall"]!),
          format: format.milliseconds
        },
        {
          figure: "import of a bundle: TwelveLabs' stream, against openai",
          goal: { atMost: 1.2 },
          measured: Rounds.over(rounds, ({ openai, twelvelabs }) => twelvelabs["wall"]! / openai["wall"]!),
          format: format.ratio
        },
        {
          figure: "import of a bundle: Powerdrill's stream, against openai",
          goal: { atMost: 1.2 },
          measured: Rounds.over(rounds, ({ openai, powerdrill }) => powerdrill["wall"]! / openai["wall"]!),
          format: format.ratio
        }
      ]
    })
}
