/** What a client costs the compiler, for a program of a dozen lines. */
import { writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { type Figure, format, type Row } from "../harness/Figure.ts"
import { usingFolder } from "../harness/Folder.ts"
import * as Rounds from "../harness/Rounds.ts"
import type { Task } from "../tasks.ts"

const programs = resolve(import.meta.dirname, "../../programs/clients")
const packages = resolve(import.meta.dirname, "../../..")

/** Names lead to the declarations that users get, instead of to the sources. */
const paths = Object.fromEntries(
  ["core", "powerdrill", "twelvelabs"].flatMap((name) => [
    [`@effect-sse/${name}`, [`${packages}/${name}/dist/index.d.ts`]],
    [`@effect-sse/${name}/*`, [`${packages}/${name}/dist/*.d.ts`]]
  ])
)

const compilerOptions = {
  target: "ES2024",
  lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  module: "NodeNext",
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  paths
}

export const typeChecking: Figure = {
  name: "type-checking",
  measure: (effort) =>
    usingFolder(async (folder) => {
      const check = async (program: string): Promise<Task> => {
        const project = join(folder, `${program}.json`)
        await writeFile(project, JSON.stringify({ compilerOptions, files: [join(programs, `${program}.ts`)] }))
        return { name: "typeCheck", args: { project } }
      }
      const rounds = await Rounds.measure(
        {
          vendor: await check("twelvelabsJs"),
          openai: await check("openai"),
          twelvelabs: await check("twelvelabs"),
          powerdrill: await check("powerdrill"),
          effect: await check("effect")
        },
        { processes: 1, warmups: 1, rounds: effort.isFull ? 9 : 3 }
      )
      const rows: Array<Row> = [
        {
          figure: "type-check: twelvelabs-js, time",
          measured: Rounds.over(rounds, ({ vendor }) => vendor["total"]!),
          format: format.milliseconds
        },
        {
          figure: "type-check: twelvelabs-js, instantiations",
          measured: Rounds.over(rounds, ({ vendor }) => vendor["instantiations"]!),
          format: format.count
        }
      ]
      const others = [
        { id: "twelvelabs", title: "TwelveLabs", goal: { atMost: 1 } },
        { id: "powerdrill", title: "Powerdrill", goal: { atMost: 1 } },
        { id: "openai", title: "openai", goal: undefined },
        { id: "effect", title: "Effect alone", goal: undefined }
      ] as const
      for (const { goal, id, title } of others) {
        rows.push(
          {
            figure: `type-check: ${title}, time against twelvelabs-js`,
            goal,
            measured: Rounds.over(rounds, (round) => round[id]["total"]! / round.vendor["total"]!),
            format: format.ratio
          },
          {
            figure: `type-check: ${title}, instantiations`,
            measured: Rounds.over(rounds, (round) => round[id]["instantiations"]!),
            format: format.count
          }
        )
      }
      return rows
    })
}
