/**
 * Lists that come in pages, as streams: a page is asked for when its first item is wanted, and not before.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { ParseError } from "./StreamError.ts"

/**
 * A page of a list whose pages are numbered from 1, as the server gave it. What it does not say is `undefined`.
 */
export interface NumberedPage<A> {
  readonly items: ReadonlyArray<A>
  /** The number of this page. */
  readonly pageNumber?: number | undefined
  /** How many items a page has; the server may give fewer than were asked for. */
  readonly pageSize?: number | undefined
  /** How many items there are in all, at this moment. */
  readonly total?: number | undefined
  /** How many pages there are, at this moment. It comes before the total. */
  readonly totalPages?: number | undefined
}

/**
 * Streams the items of a numbered list.
 *
 * The list ends with the page that reaches the total, or with an empty one: a total that drifts while pages are read neither
 * cuts the list short by itself nor keeps it going. A server that names no total ends it with a page that is not full. Items
 * that others add or remove meanwhile can be missed or come twice. A server that says that it answers with another
 * page than the one asked for would never come to an end: that is a `ParseError`. (One that says nothing of its pages is believed.)
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
    Effect.flatMap(page(asked), (came) =>
      came.pageNumber !== undefined && came.pageNumber !== asked
        ? Effect.fail(endless(vendor, `page ${asked} of a list was asked for, and page ${came.pageNumber} came`))
        : Effect.succeed([came.items, isLast(came, asked) ? Option.none<number>() : Option.some(asked + 1)] as const)
    )
  )

const isLast = ({ items, pageSize, total, totalPages }: NumberedPage<unknown>, pageNumber: number): boolean => {
  if (items.length === 0) return true
  if (totalPages !== undefined) return pageNumber >= totalPages
  if (total !== undefined) return pageNumber * Math.max(pageSize ?? items.length, 1) >= total
  return pageSize !== undefined && items.length < pageSize
}

/**
 * A page of a list whose pages are asked for with a token from the page before.
 */
export interface TokenPage<A> {
  readonly items: ReadonlyArray<A>
  /** What to ask for the next page with; `undefined` or empty on the last one. */
  readonly next: string | undefined
}

/**
 * Streams the items of a list whose pages are asked for with tokens. It ends with the page that has no token, also after pages
 * that are empty. A server that gives the token that was just used would never come to an end: that is a `ParseError`.
 *
 * @param vendor who is asked, for the error
 * @param page gets the first page with `undefined`
 *
 * **Example** (Every hit)
 *
 * ```ts
 * import { Pagination } from "@effect-sse/core"
 * import type { Effect } from "effect"
 *
 * declare const page: (token: string | undefined) => Effect.Effect<Pagination.TokenPage<string>>
 *
 * const hits = Pagination.byToken("acme", page)
 * ```
 */
export const byToken = <A, E, R>(
  vendor: string,
  page: (token: string | undefined) => Effect.Effect<TokenPage<A>, E, R>
): Stream.Stream<A, E | ParseError, R> =>
  Stream.paginate(undefined as string | undefined, (token) =>
    Effect.flatMap(page(token), ({ items, next }) =>
      next !== undefined && next !== "" && next === token
        ? Effect.fail(endless(vendor, "a page of a list names itself as the next one"))
        : Effect.succeed([items, next === "" ? Option.none() : Option.fromUndefinedOr(next)] as const)
    )
  )

const endless = (vendor: string, issue: string): ParseError =>
  new ParseError({ vendor, stage: "schema", issue, excerpt: "" })
