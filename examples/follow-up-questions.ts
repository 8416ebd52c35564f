/** A conversation with Powerdrill: three questions in one session, each in the light of those before, and the session goes. */
import { NodeRuntime } from "@effect/platform-node"
import { JobEvent, Powerdrill } from "@effect-sse/powerdrill"
import { Console, Effect, Stream } from "effect"
import { print } from "./terminal.ts"
import { PowerdrillLive } from "./vendors.ts"

const questions = [
  "Which travel agency has the highest average booking price?",
  "How has that changed over the year?",
  "What would you look into next?"
]

const program = Effect.gen(function* () {
  const { conversation, sessions } = yield* Powerdrill
  const talk = yield* conversation({ name: "Follow-up questions", outputLanguage: "EN", deleteAtEnd: true })

  for (const question of questions) {
    yield* Console.log(`\n> ${question}\n`)
    yield* talk.stream(question).pipe(
      Stream.filter(JobEvent.isAnswer),
      Stream.runForEach(({ text }) => print(text))
    )
  }

  const asked = yield* Stream.runCollect(sessions.history(talk.sessionId))
  yield* Console.log(`\n\nThe session's history has ${asked.length} jobs; now it is deleted.`)
}).pipe(
  Effect.scoped,
  // The two that a user can do something about; whatever else goes wrong is shown as it is.
  Effect.catchTag("ApiError", (error) =>
    error.kind === "QuotaExceeded"
      ? Console.error(`Powerdrill's limits: ${error.detail}. list-and-clean-up.ts shows what can be deleted.`)
      : Effect.fail(error)
  )
)

program.pipe(Effect.provide(PowerdrillLive), NodeRuntime.runMain)
