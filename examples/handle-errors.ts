/** Lets a stream break in each way that it can, and handles each error by its tag. Always asks the emulator. */
import { NodeRuntime } from "@effect/platform-node"
import { Artifact } from "@effect-sse/core"
import { Emulator, type Play, type Scenario } from "@effect-sse/emulator"
import { Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { Console, DateTime, Duration, Effect, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

/** What a program may want to do about each error. */
const ask = Effect.gen(function* () {
  const { jobs } = yield* Powerdrill
  const { powerdrill } = yield* Emulator
  const request = { sessionId: SessionId.make(powerdrill.sessionId), question: "Which agency is the dearest?" }
  const events = yield* jobs.stream(request, { idleTimeout: "2 seconds" }).pipe(Stream.runCount)
  return `${events} events`
}).pipe(
  Effect.catchTags({
    MissingDoneError: (error) =>
      Effect.succeed(
        `Cut short after ${error.events} events; job ${error.ids["job"]} may stand in the session's history`
      ),
    TransportError: (error) =>
      Effect.succeed(
        error.neverSent
          ? "Not even a connection: nothing was asked, so ask again"
          : `${error.reason} while ${error.phase}: the job may run, and cost`
      ),
    ParseError: (error) =>
      Effect.succeed(
        error.stage === "content"
          ? `Not even a stream: ${error.issue}`
          : `Event ${error.eventNumber} (${error.eventName}) is not what is documented: ${error.issue}`
      ),
    ApiError: (error) => {
      switch (error.kind) {
        case "RateLimited":
          return Effect.succeed(`Too many requests; again in ${Duration.format(error.retryAfter ?? Duration.zero)}`)
        case "QuotaExceeded":
          return Effect.succeed("The quota is used up: no retry will help")
        default:
          return Effect.succeed(`Powerdrill says ${error.kind}: ${error.detail}`)
      }
    }
  })
)

const plays: ReadonlyArray<Play.Play<Scenario.PowerdrillScenario>> = [
  { fault: "cut", after: 5 },
  { fault: "reset-mid-event", after: 5 },
  { fault: "silence", after: 5 },
  { fault: "malformed", after: 5 },
  { fault: "stream-error", after: 5 },
  { fault: "rate-limited", retryAfter: "90" },
  { fault: "quota" },
  { fault: "html" }
]

const program = Effect.gen(function* () {
  const { powerdrill } = yield* Emulator
  for (const play of plays) {
    const { apiKey, userId } = powerdrill
    const client = Powerdrill.layer({ apiKey, userId, baseUrl: powerdrill.url(play) })
    yield* Console.log(`${play.fault}: ${yield* Effect.provide(ask, client)}`)
  }

  const expired: Artifact.Artifact = {
    kind: "table",
    name: "prices.csv",
    url: "https://static.example.com/prices.csv",
    expiresAt: DateTime.makeUnsafe("2026-01-01T00:00:00Z")
  }
  const outcome = yield* Artifact.stream(expired).pipe(
    Stream.runCount,
    Effect.catchTag("ExpiredArtifactError", (error) => Effect.succeed(error.message))
  )
  yield* Console.log(`a link of last year: ${outcome}`)
})

program.pipe(Effect.provide(Emulator.layer()), Effect.provide(FetchHttpClient.layer), NodeRuntime.runMain)
