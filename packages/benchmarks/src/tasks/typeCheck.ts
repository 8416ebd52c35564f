/** How long the compiler takes for a program. */
import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { promisify } from "node:util"
import type { Run } from "../tasks.ts"

const execute = promisify(execFile)
const tsc = resolve(import.meta.dirname, "../../../../node_modules/.bin/tsc")

export const start =
  (args: { readonly project: string }): Run =>
  async () => {
    const { stdout } = await execute(tsc, ["-p", args.project, "--extendedDiagnostics"])
    const read = (name: string): number => {
      const value = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]
      if (value === undefined) throw new Error(`the compiler does not tell "${name}"`)
      return Number(value)
    }
    return {
      check: read("Check time") * 1000,
      total: read("Total time") * 1000,
      instantiations: read("Instantiations"),
      types: read("Types")
    }
  }
