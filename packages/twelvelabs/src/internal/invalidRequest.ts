import { TransportError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Connection } from "../Connection.ts"

/**
 * What is to be sent by a POST, unless it is wrong: then the error that core gives for a body that must not be sent.
 */
export const valid = <A>(
  { baseUrl, vendor }: Pick<Connection, "baseUrl" | "vendor">,
  path: string,
  body: Result.Result<A, string>
): Effect.Effect<A, TransportError> =>
  Effect.fromResult(
    Result.mapError(
      body,
      (detail) =>
        new TransportError({
          vendor: vendor.name,
          reason: "InvalidRequest",
          phase: "connect",
          method: "POST",
          url: baseUrl + path,
          detail
        })
    )
  )
