/** Chooses what to try again: before the first event by a retry policy, after it by starting over in the open. */
import { NodeRuntime } from "@effect/platform-node"
import { EventStream, RetryPolicy } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { JobEvent, Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { Console, Effect, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

/** As the default, but quicker: only what the vendor surely did not accept. */
const quick = RetryPolicy.make({ times: 5, base: "100 millis", maxDelay: "10 seconds" })

/** A broken answer may be asked for anew, once; that is a new job, charged anew. */
const again = RetryPolicy.make({ retries: ({ _tag }) => _tag === "MissingDoneError", times: 1, base: "100 millis" })

const program = Effect.gen(function* () {
  const { powerdrill } = yield* Emulator
  const { apiKey, userId } = powerdrill
  const request = { sessionId: SessionId.make(powerdrill.sessionId), question: "Which agency is the dearest?" }

  // 429 twice, each with "Retry-After: 1", before it answers.
  const busy = powerdrill.url({ fault: "rate-limited", retryAfter: "1", times: 2, id: "busy" })
  yield* Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    const onOpen = ({ attempt }: EventStream.Opened) => Console.log(`open, at attempt ${attempt}`)
    const events = yield* jobs.stream(request, { retry: quick, onOpen }).pipe(Stream.runCount)
    yield* Console.log(`${events} events`)
  }).pipe(Effect.provide(Powerdrill.layer({ apiKey, userId, baseUrl: busy })))

  // Cut after 20 events the first time.
  const flaky = powerdrill.url({ fault: "cut", after: 20, times: 1, id: "flaky" })
  yield* Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    const answer = yield* jobs.stream(request).pipe(
      EventStream.restarting(again),
      Stream.runFoldEffect(
        () => "",
        (answer, event) => {
          if (event._tag === "Restarted") return Effect.as(Console.log(`starting over: ${event.error.message}`), "")
          return Effect.succeed(JobEvent.isAnswer(event) ? answer + event.text : answer)
        }
      )
    )
    yield* Console.log(`an answer of ${answer.length} characters`)
  }).pipe(Effect.provide(Powerdrill.layer({ apiKey, userId, baseUrl: flaky })))
})

program.pipe(Effect.provide(Emulator.layer()), Effect.provide(FetchHttpClient.layer), NodeRuntime.runMain)
