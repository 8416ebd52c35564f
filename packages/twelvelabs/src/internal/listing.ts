import * as Pagination from "@effect-sse/core/Pagination"
import type { RequestError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Connection, ListOptions } from "../Connection.ts"
import { numberedPage, type Page } from "./wire.ts"

/** What every list is asked with. */
export interface ListQuery {
  readonly pageNumber: number
  readonly pageSize: number | undefined
}

/** What the vendor gives when nothing is asked for. */
const usualPageSize = 10

/** Streams a list, of which `page` gets one page. */
export const listing = <A>(
  connection: Pick<Connection, "vendor">,
  options: ListOptions | undefined,
  page: (query: ListQuery) => Effect.Effect<Page<A>, RequestError>
): Stream.Stream<A, RequestError> =>
  Pagination.numbered(connection.vendor.name, (pageNumber) =>
    Effect.map(page({ pageNumber, pageSize: options?.pageSize }), (came) =>
      numberedPage(came, options?.pageSize ?? usualPageSize)
    )
  )
