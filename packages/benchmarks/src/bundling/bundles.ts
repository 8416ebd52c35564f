/** The programs whose size is watched, and how large they may be. */

/** A program that is bundled. Sizes are in bytes after gzip, a kB having 1000. */
export interface Program {
  readonly name: string
  readonly title: string
  /** Below `programs`. */
  readonly path: string
  /** Packages that are not counted: who uses the program has them. */
  readonly external?: ReadonlyArray<string> | undefined
  /** How small it is to be. */
  readonly goal?: number | undefined
  /** What `--check` holds it to: the goal or, until that is reached, about what it is now. Raised only knowingly. */
  readonly budget?: number | undefined
}

/** All of them. */
export const programs: ReadonlyArray<Program> = [
  { name: "decoder", title: "decoder", path: "streaming/decoder.ts", budget: 1_500 },
  {
    name: "engine",
    title: "decoder and engine, without Effect itself",
    path: "streaming/engine.ts",
    external: ["effect"],
    goal: 16_000,
    budget: 10_550
  },
  {
    name: "twelvelabs",
    title: "TwelveLabs' stream with fetch",
    path: "streaming/twelvelabs.ts",
    goal: 50_000,
    budget: 65_400
  },
  {
    name: "powerdrill",
    title: "Powerdrill's stream with fetch",
    path: "streaming/powerdrill.ts",
    goal: 50_000,
    budget: 65_700
  },
  { name: "effect", title: "a stream with fetch and a schema, by Effect alone", path: "streaming/effect.ts" },
  { name: "decode", title: "decoder as a stage of a stream, with Effect", path: "streaming/decode.ts" },
  { name: "engine-effect", title: "decoder and engine, with Effect", path: "streaming/engine.ts" },
  { name: "openai", title: "the same program with openai", path: "clients/openai.ts" },
  { name: "twelvelabs-js", title: "the same program with twelvelabs-js", path: "clients/twelvelabsJs.ts" }
]
