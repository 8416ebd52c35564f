/**
 * Lists that come in pages, as streams: a page is asked for when its first item is wanted, and not before.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { ParseError } from "./StreamError.ts"

/**
 * A page of a list whose pages are numbered from 1, as the server gave it.
 */
export interface NumberedPage<A> {
  readonly items: ReadonlyArray<A>
  /** The number of this page. */
  readonly pageNumber: number
  /** How many items a page has; the server may give fewer than were asked for. */
  readonly pageSize: number
  /** How many items there are in all, at this moment. */
  readonly total: number
}

/**
 * Streams the items of a numbered list.
 *
 * The list ends with the page that reaches the total, or with an empty one: a total that drifts while pages are read neither
 * cuts the list short by itself nor keeps it going. Items that others add or remove meanwhile can be missed or come twice.
 * A server that answers with another page than the one asked for would never come to an end: that is a `ParseError`.
 *
 * @param vendor who is asked, for the error
 *
 * **Example** (The first thousand at most)
 *
 * ```ts
 * import { Pagination } from "@effect-sse/core"
 * import { type Effect, Stream } from "effect"
 *
 * declare const page: (pageNumber: number) => Effect.Effect<Pagination.NumberedPage<string>>
 *
 * const names = Pagination.numbered("acme", page).pipe(Stream.take(1000))
 * ```
 */
export const numbered = <A, E, R>(
  vendor: string,
  page: (pageNumber: number) => Effect.Effect<NumberedPage<A>, E, R>
): Stream.Stream<A, E | ParseError, R> =>
  Stream.paginate(1, (asked) =>
    Effect.flatMap(page(asked), ({ items, pageNumber, pageSize, total }) => {
      if (pageNumber !== asked) return Effect.fail(otherPage(vendor, asked, pageNumber))
      const isLast = items.length === 0 || asked * Math.max(pageSize, 1) >= total
      return Effect.succeed([items, isLast ? Option.none<number>() : Option.some(asked + 1)] as const)
    })
  )

const otherPage = (vendor: string, asked: number, came: number): ParseError =>
  new ParseError({
    vendor,
    stage: "schema",
    issue: `page ${asked} of a list was asked for, and page ${came} came`,
    excerpt: ""
  })
