import type * as Duration from "effect/Duration"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import type { Vendor } from "../Vendor.ts"

/** One request to one vendor, and what its errors must not show. */
export interface Exchange {
  readonly vendor: Vendor
  readonly request: HttpClientRequest.HttpClientRequest
  readonly secrets: ReadonlyArray<Redacted.Redacted>
  readonly connectTimeout: Duration.Duration
  /** In bytes. */
  readonly maxErrorBodySize: number
}
