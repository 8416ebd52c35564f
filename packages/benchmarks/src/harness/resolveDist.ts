/** Preloaded by every process that measures: makes it run the built packages. */
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"
import { distOf } from "./Dist.ts"

registerHooks({
  resolve: (specifier, context, next) => {
    const file = distOf(specifier)
    return file === undefined ? next(specifier, context) : { url: pathToFileURL(file).href, shortCircuit: true }
  }
})
