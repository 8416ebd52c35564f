import type { Artifact } from "@effect-sse/core/Artifact"
import * as Option from "effect/Option"
import { toArtifact } from "../Block.ts"
import type { PastJob } from "../Sessions.ts"

/**
 * The same file with the link that the history has for it now; the artifact itself where the history has none.
 *
 * The history signs its links anew and may do so for another host, so the path's last part, which the vendor makes unique,
 * counts for more than the whole; only a name that no other file of the kind has counts by itself.
 */
export const freshLink = (artifact: Artifact, past: Option.Option<PastJob>): Artifact => {
  if (Option.isNone(past)) return artifact
  const { images, tables } = past.value.report
  const candidates = [...tables, ...images].map(toArtifact).filter(({ kind }) => kind === artifact.kind)
  const named = candidates.filter(({ name }) => name === artifact.name)
  return (
    candidates.find(({ url }) => pathOf(url) === pathOf(artifact.url)) ??
    candidates.find(({ url }) => lastPart(url) === lastPart(artifact.url)) ??
    (named.length === 1 ? named[0] : undefined) ??
    artifact
  )
}

const pathOf = (url: string): string => url.split(/[?#]/, 1)[0]!
const lastPart = (url: string): string => pathOf(url).slice(pathOf(url).lastIndexOf("/") + 1)
