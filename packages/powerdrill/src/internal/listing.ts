import * as Pagination from "@effect-sse/core/Pagination"
import type { RequestError } from "@effect-sse/core/StreamError"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Connection, ListOptions } from "../Connection.ts"
import { asker } from "./asker.ts"

/** What every list is asked with. */
export interface ListQuery {
  readonly userId: string
  readonly pageNumber: number
  readonly pageSize: number | undefined
}

/** Streams a list, of which `page` gets one page. */
export const listing = <A>(
  connection: Connection,
  options: ListOptions | undefined,
  page: (query: ListQuery) => Effect.Effect<Pagination.NumberedPage<A>, RequestError>
): Stream.Stream<A, RequestError> =>
  Pagination.numbered(connection.vendor.name, (pageNumber) =>
    page({ ...asker(connection, options), pageNumber, pageSize: options?.pageSize })
  )
