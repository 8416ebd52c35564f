import { spawnSync } from "node:child_process"
import { delimiter, resolve } from "node:path"

/** The repository's root. */
export const root = resolve(import.meta.dirname, "..")

export interface Result {
  readonly ok: boolean
  readonly output: string
}

/** Runs a command, with the workspace's tools on the PATH, and hands back what it printed. */
export const run = (command: string, args: ReadonlyArray<string>, cwd = root): Result => {
  const result = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32",
    env: {
      ...process.env,
      NO_COLOR: "1",
      PATH: `${resolve(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`
    }
  })
  if (result.error !== undefined) return { ok: false, output: `${command}: ${result.error.message}` }
  return { ok: result.status === 0, output: (result.stdout + result.stderr).trim() }
}
