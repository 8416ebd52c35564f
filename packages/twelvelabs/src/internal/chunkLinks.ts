/**
 * The links that chunks are sent to. Each is good for one attempt and for about an hour, so that only a few are asked for at a time,
 * just before they are needed.
 */
import { ParseError, type RequestError } from "@effect-sse/core/StreamError"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

/** A link as the vendor gave it. */
export interface ChunkLink {
  readonly number: number | undefined
  readonly url: Redacted.Redacted | undefined
  readonly expiresAt: DateTime.Utc | undefined
}

/** What links are for. */
export interface ChunkLinksOptions {
  /** For the error. */
  readonly vendor: string
  /** Those that came when the upload began. */
  readonly given: ReadonlyArray<ChunkLink>
  /** Whether a chunk is still to be sent. */
  readonly isMissing: (number: number) => boolean
  /** Asks for the links of `count` chunks from `start` on. */
  readonly presign: (start: number, count: number) => Effect.Effect<ReadonlyArray<ChunkLink>, RequestError>
}

/** The vendor gives no more at once. */
const mostLinks = 50

/** A link that has less time left than this would expire while its chunk is on the way. */
const marginMillis = 30_000

/** Makes the giver of links: a fresh one, never the same twice. It expects chunks in ascending order. */
export const make = ({
  given,
  isMissing,
  presign,
  vendor
}: ChunkLinksOptions): Effect.Effect<
  (part: { readonly number: number }, options: { readonly again: boolean }) => Effect.Effect<string, RequestError>
> =>
  Effect.map(Semaphore.make(1), (oneByOne) => {
    const links = new Map<number, ChunkLink>()
    const keep = (fresh: ReadonlyArray<ChunkLink>) => {
      for (const link of fresh) {
        if (link.number !== undefined && link.url !== undefined && isMissing(link.number)) links.set(link.number, link)
      }
    }
    keep(given)

    const hasTimeLeft = ({ expiresAt }: ChunkLink, now: number): boolean =>
      expiresAt === undefined || DateTime.toEpochMillis(expiresAt) > now + marginMillis

    const take = (number: number): Redacted.Redacted | undefined => {
      const url = links.get(number)?.url
      links.delete(number)
      return url
    }

    const wantsLink = (number: number, now: number): boolean => {
      const link = links.get(number)
      return isMissing(number) && (link === undefined || !hasTimeLeft(link, now))
    }

    /** How many chunks from this one on lie side by side and want a link. */
    const stretch = (number: number, now: number): number => {
      let count = 1
      while (count < mostLinks && wantsLink(number + count, now)) count++
      return count
    }

    const ask = (number: number, count: number): Effect.Effect<string, RequestError> =>
      Effect.gen(function* () {
        keep(yield* presign(number, count))
        // Just signed: whatever our clock says, it is good.
        const url = take(number)
        if (url !== undefined) return Redacted.value(url)
        return yield* new ParseError({ vendor, stage: "schema", issue: `no link to chunk ${number} came`, excerpt: "" })
      })

    const first = (number: number): Effect.Effect<string, RequestError> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const link = links.get(number)
        if (link?.url === undefined || !hasTimeLeft(link, now)) return yield* ask(number, stretch(number, now))
        links.delete(number)
        return Redacted.value(link.url)
      })

    return ({ number }, { again }) => (again ? ask(number, 1) : Semaphore.withPermit(oneByOne, first(number)))
  })
