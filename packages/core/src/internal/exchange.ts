import type * as Duration from "effect/Duration"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import type { Vendor } from "../Vendor.ts"

/** What is to be told of one request to one vendor, and what its errors must not show. */
export interface Told {
  readonly vendor: Vendor
  readonly request: Pick<HttpClientRequest.HttpClientRequest, "method" | "url">
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  readonly connectTimeout: Duration.Duration
  /** In bytes. */
  readonly maxErrorBodySize: number
}

/** One request to one vendor. */
export interface Exchange extends Told {
  readonly request: HttpClientRequest.HttpClientRequest
}
