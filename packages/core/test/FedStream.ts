import { EventStream } from "@effect-sse/core"
import { Effect, Fiber, Stream } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { numbers } from "./NumbersProtocol.ts"

const encoder = new TextEncoder()

/** Lets everything have its turn that is ready, under a clock that stands still too. */
export const turn: Effect.Effect<void> = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

/** A stream of numbers that a test feeds by hand, and what is done with its body. */
export const fedStream = () => {
  const seen = { reads: 0, isCancelled: false, signal: undefined as AbortSignal | undefined }
  let feeder!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (feeder = controller),
    cancel: () => void (seen.isCancelled = true)
  })
  const getReader = body.getReader.bind(body)
  const countedReader = () => {
    const reader = getReader()
    const read = reader.read.bind(reader)
    reader.read = () => {
      seen.reads++
      return read()
    }
    return reader
  }
  Object.assign(body, { getReader: countedReader })
  const response = new Response(null, { headers: { "content-type": "text/event-stream" } })
  Object.defineProperty(response, "body", { value: body })
  const client = HttpClient.make((request, _, signal) =>
    Effect.sync(() => {
      seen.signal = signal
      return HttpClientResponse.fromWeb(request, response)
    })
  )
  return {
    seen,
    say: (text: string) =>
      Effect.andThen(
        Effect.sync(() => feeder.enqueue(encoder.encode(text))),
        turn
      ),
    open: (options: EventStream.Options = {}) =>
      EventStream.connect(HttpClientRequest.post("http://example.com"), numbers, options).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Stream.unwrap
      )
  }
}

/** Pulls, and is interrupted while it waits. */
export const interrupted = (pull: Effect.Effect<unknown, unknown>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(pull)
    yield* turn
    yield* Fiber.interrupt(fiber)
  })
