/**
 * The type of a value of which only the beginning is there.
 */

/** What JSON has no form of its own for, and schemas encode in a way of their own. */
type Opaque = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Uint8Array | Error | ((...args: never) => unknown)

/**
 * What there may be of a JSON value of type `E` while it is being written: any of its properties may still be missing, lists may
 * be shorter, and any text may be half of one, so literals are plain strings. A property that may be absent may also be `null`,
 * which is how a model says that there is none.
 *
 * It is what a model writes that keeps to its schema. Nothing was checked yet.
 *
 * **Example** (A list of scenes)
 *
 * ```ts
 * import type { DeepPartial } from "@effect-sse/twelvelabs"
 *
 * type Scenes = DeepPartial<{ readonly scenes: ReadonlyArray<{ readonly mood: "calm" | "tense"; readonly start?: number }> }>
 *
 * const scenes: Scenes = { scenes: [{ mood: "ten" }, { mood: "calm", start: null }, {}] }
 * ```
 */
export type DeepPartial<E> = unknown extends E
  ? unknown
  : E extends string | bigint | symbol | Date
    ? string
    : E extends number | boolean | null
      ? E
      : E extends undefined
        ? null
        : E extends ReadonlyArray<infer A>
          ? ReadonlyArray<DeepPartial<A>>
          : E extends Opaque
            ? unknown
            : { readonly [K in keyof E]?: DeepPartial<E[K]> | ({} extends Pick<E, K> ? null : never) }
