/**
 * Pre-signed links into the object store.
 */
import * as Play from "../Play.ts"
import type { Grant, Signer } from "./Signature.ts"
import type * as StoredObject from "./StoredObject.ts"

/** A link to an object. */
export interface Link {
  readonly url: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** What a link is to grant, and for how many seconds unless the play says otherwise. */
export interface Wish extends Pick<Grant, "method" | "key" | "once" | "headers"> {
  readonly now: number
  readonly seconds: number
}

/** Makes links. The same key gives the same path; only the query changes with time. */
export type LinkMaker = (wish: Wish) => Link

/** Makes links to the objects that are always there. */
export type Linker = (folder: string, name: StoredObject.StoredName, now: number) => Link

/** Seconds that links to results live. */
const defaultLifetime = 600

/** Makes the link maker of an answer: the play of its links is what the answer's own play says about them. */
export const linkMaker = (signer: Signer, origin: string, play: Play.Play): LinkMaker => {
  const { bytes, chance, chunk, delay, id, linger, store: fault, times } = play
  const ofFault = fault === undefined ? {} : { fault, times, chance, id, bytes, chunk, linger }
  const segment = Play.toSegment({ ...ofFault, delay })
  const base = `${origin}/store/${segment === "" ? "" : `${segment}/`}`
  return ({ headers, key, method, now, once, seconds }) => {
    const expiresAt = now + (play.ttl ?? seconds) * 1000
    return {
      url: `${base}${key}?${signer.sign({ method, key, signedAt: now, expiresAt, once, headers })}`,
      expiresAt
    }
  }
}

/** Makes the linker of an answer. */
export const linker =
  (make: LinkMaker): Linker =>
  (folder, name, now) =>
    make({ method: "GET", key: `${folder}/${encodeURIComponent(name)}`, now, seconds: defaultLifetime })
