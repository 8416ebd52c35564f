/**
 * Where the packages are as users get them. In this workspace their names lead to the sources; what is measured is what `tsc -b`
 * made of those.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"

const packages = resolve(import.meta.dirname, "../../..")

/** The built module that a specifier such as `@effect-sse/core/Sse` names; `undefined` for others' specifiers. */
export const distOf = (specifier: string, extension: ".js" | ".d.ts" = ".js"): string | undefined => {
  const [, name, module] = /^@effect-sse\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? []
  if (name === undefined) return undefined
  const file = resolve(packages, name, "dist", `${module ?? "index"}${extension}`)
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`tsc -b\` first`)
  return file
}
