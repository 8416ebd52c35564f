/** Core is for every vendor: its sources name none of them, neither in code nor in comments. */
import { globSync, readdirSync, readFileSync } from "node:fs"
import { root } from "./shell.ts"

process.chdir(root)

const vendors = readdirSync("packages").filter((name) => !["core", "emulator", "benchmarks"].includes(name))

let found = 0
for (const file of globSync("packages/core/src/**/*.ts")) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, index) => {
      const letters = line.toLowerCase().replaceAll(/[\s_-]/g, "")
      const vendor = vendors.find((name) => letters.includes(name))
      if (vendor === undefined) return
      found++
      console.error(`${file}:${index + 1}: core names a vendor (${vendor}): ${line.trim()}`)
    })
}
if (found > 0) process.exitCode = 1
