import { ParseError, type StreamError } from "@effect-sse/core/StreamError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Response } from "../Response.ts"
import type { ResponseEvent } from "../ResponseEvent.ts"
import * as ResponseFold from "../ResponseFold.ts"
import { vendor } from "../Vendor.ts"
import { passing } from "./passing.ts"
import { ResponseWire } from "./responseWire.ts"

/** A response as a whole document. All its fields are optional, but a document with none of these is no response. */
export const WholeResponse: Schema.Codec<typeof ResponseWire.Type> = passing(
  ResponseWire.check(
    Schema.makeFilter(
      ({ id, output, status }) =>
        typeof (id ?? status) === "string" || Array.isArray(output) || "a response, with an id, a status or an output"
    )
  )
)

/** Runs a stream of events to its end, for the response that the end brings. */
export const wholeResponse = (
  events: Stream.Stream<ResponseEvent, StreamError>
): Effect.Effect<Response, StreamError> =>
  Effect.flatMap(ResponseFold.run(events), (fold) => {
    const response = fold.response()
    return response === undefined ? Effect.fail(noResult()) : Effect.succeed(response)
  })

/** The protocol lets no stream end well without a result; this is for the type. */
const noResult = () =>
  new ParseError({ vendor: vendor.name, stage: "content", issue: "the stream ended without a result", excerpt: "" })
