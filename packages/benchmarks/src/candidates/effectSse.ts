/** Effect's own decoder, with a schema for the JSON of each event: what one writes without a library on top of Effect. */
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Make } from "../candidates.ts"
import { post } from "./handLoop.ts"

const Response = Schema.Struct({ id: Schema.String, status: Schema.String, session_id: Schema.String })
const place = {
  sequence_number: Schema.Number,
  item_id: Schema.String,
  output_index: Schema.Number,
  content_index: Schema.Number
}
const Part = Schema.Struct({ type: Schema.String, text: Schema.String })

const Event = Schema.Union([
  Schema.Struct({ type: Schema.Literal("response.output_text.delta"), ...place, delta: Schema.String }),
  Schema.Struct({ type: Schema.Literal("response.content_part.added"), ...place, part: Part }),
  Schema.Struct({
    type: Schema.Literal("response.output_item.added"),
    sequence_number: Schema.Number,
    output_index: Schema.Number,
    item: Schema.Struct({ id: Schema.String, type: Schema.String, content: Schema.Array(Part) })
  }),
  Schema.Struct({ type: Schema.Literal("response.created"), sequence_number: Schema.Number, response: Response }),
  Schema.Struct({ type: Schema.Literal("response.completed"), sequence_number: Schema.Number, response: Response })
])

const decode = Schema.decodeEffect(Schema.fromJsonString(Event))

export const make: Make = async (source) => () =>
  Effect.runPromise(
    Effect.gen(function* () {
      let events = 0
      let text = ""
      const body = yield* Effect.promise(() => post(source.fetch, `${source.baseUrl}/responses`))
      yield* Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => cause }).pipe(
        Stream.decodeText(),
        Stream.pipeThroughChannel(Sse.decode()),
        Stream.takeWhile(({ data }) => data !== "[DONE]"),
        Stream.mapEffect(({ data }) => decode(data)),
        Stream.runForEachArray((array) =>
          Effect.sync(() => {
            for (const event of array) {
              events++
              if (event.type === "response.output_text.delta") text += event.delta
            }
          })
        )
      )
      return { events, text }
    })
  )
