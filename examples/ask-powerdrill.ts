/** Asks Powerdrill a question, prints the answer as it comes, and then what it links to. */
import { NodeRuntime } from "@effect/platform-node"
import { JobEvent, JobReport, Powerdrill } from "@effect-sse/powerdrill"
import { Console, DateTime, Effect, Stream } from "effect"
import { print, printable } from "./terminal.ts"
import { PowerdrillLive, PowerdrillSession } from "./vendors.ts"

const program = Effect.gen(function* () {
  const { jobs } = yield* Powerdrill
  const { sessionId } = yield* PowerdrillSession
  const builder = JobReport.builder()

  yield* jobs.stream({ sessionId, question: "Which travel agency has the highest average booking price?" }).pipe(
    Stream.tap((event) => Effect.sync(() => builder.add(event))),
    Stream.filter(JobEvent.isAnswer),
    Stream.runForEach(({ text }) => print(text))
  )

  const { images, questions, tables } = builder.report()
  for (const { expiresAt, name } of [...tables, ...images]) {
    const until = expiresAt === undefined ? "an unknown time" : DateTime.formatIso(expiresAt)
    yield* Console.log(`\n${printable(name)}, to be had until ${until}`)
  }
  yield* Console.log(`\nWhat to ask next:\n- ${questions.map(printable).join("\n- ")}`)
})

program.pipe(Effect.provide(PowerdrillLive), NodeRuntime.runMain)
