/** Bundles a program as a user would ship it: minified, with everything that it needs. */
import { build, type Metafile, type Plugin } from "esbuild"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { distOf } from "../harness/Dist.ts"

/** A bundled program. */
export interface Bundle {
  readonly code: Uint8Array
  /** Its size in bytes, compressed. */
  readonly gzip: number
  /** How many bytes of the code, before compression, come from each module. */
  readonly modules: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
}

const programs = resolve(import.meta.dirname, "../../programs")

const builtPackages: Plugin = {
  name: "built packages",
  setup: ({ onResolve }) => onResolve({ filter: /^@effect-sse\// }, ({ path }) => ({ path: distOf(path)! }))
}

const modulesOf = ({ outputs }: Metafile): Bundle["modules"] =>
  Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([path, { bytesInOutput }]) => ({
      path: path.replace(/^.*node_modules\/|^(\.\.\/)+/, ""),
      bytes: bytesInOutput
    }))
    .toSorted((a, b) => b.bytes - a.bytes)

/** Bundles a file of `programs`, without the packages that are `external`. */
export const bundle = async (program: string, external: ReadonlyArray<string> = []): Promise<Bundle> => {
  const { metafile, outputFiles } = await build({
    entryPoints: [resolve(programs, program)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    write: false,
    metafile: true,
    external: [...external],
    plugins: [builtPackages],
    logLevel: "warning"
  })
  const code = outputFiles[0]!.contents
  return { code, gzip: gzipSync(code, { level: 9 }).length, modules: modulesOf(metafile) }
}
