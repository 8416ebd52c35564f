/**
 * Two vendors, two questions, two answers as they come, and one stream that breaks.
 *
 * Asks the emulator unless the environment holds the vendors' keys.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Artifact } from "@effect-sse/core"
import { Emulator } from "@effect-sse/emulator"
import { Block, JobEvent, JobReport, Powerdrill, SessionId } from "@effect-sse/powerdrill"
import { ResponseFold, TwelveLabs } from "@effect-sse/twelvelabs"
import { DateTime, Duration, Effect, FiberSet, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { citationLines } from "./citations.ts"
import { bold, cyan, dim, green, magenta, makeMarkdown, printable, red, Screen, yellow } from "./terminal.ts"
import { KnowledgeStore, KnowledgeStoreLive, PowerdrillLive, PowerdrillSession, VideoVendor } from "./vendors.ts"

const question = (vendor: string, where: string, text: string) =>
  Effect.flatMap(Screen, ({ line }) =>
    line(`\n${magenta("▌")} ${bold(vendor)} ${dim(where)}\n${magenta("▌")} ${text}\n`)
  )

const powerdrill = Effect.gen(function* () {
  const { during, line, write } = yield* Screen
  const { jobs } = yield* Powerdrill
  const { allowPrivateHosts, sessionId, where } = yield* PowerdrillSession
  const text = "Which travel agency has the highest average booking price, and how far apart are they?"
  yield* question("Powerdrill", where, text)

  const builder = JobReport.builder()
  const markdown = makeMarkdown()
  const running = new Set<string>()
  const seen = new Set<string>()
  const saves = yield* FiberSet.make<Artifact.Saved, unknown>()
  let events = 0

  const show = (event: JobEvent.JobEvent) => {
    switch (event._tag) {
      case "Task": {
        const name = printable(event.name) || dim("(a step without a name)")
        if (event.status === "running") {
          if (running.has(event.taskId)) return Effect.void
          running.add(event.taskId)
          return line(`  ${cyan("▸")} ${name}`)
        }
        running.delete(event.taskId)
        if (seen.has(event.taskId + event.status)) return Effect.void
        seen.add(event.taskId + event.status)
        return line(
          event.status === "done"
            ? `  ${green("✔")} ${dim(name)}`
            : `  ${yellow("↻")} ${name} ${dim("failed, and is tried again")}`
        )
      }
      case "Message":
        return JobEvent.isAnswer(event) ? write(markdown.push(event.text)) : Effect.void
      case "Table":
      case "Image": {
        const url = event.url.split("?", 1)[0]!
        if (seen.has(url)) return Effect.void
        seen.add(url)
        const artifact = Block.toArtifact(event)
        return Effect.gen(function* () {
          const left =
            event.expiresAt === undefined
              ? ""
              : `, its link lives ${Duration.format(DateTime.distance(yield* DateTime.now, event.expiresAt).pipe(roundToSeconds))}`
          yield* line(`  ${event._tag === "Table" ? "▤" : "▧"} ${printable(event.name)}${dim(left)}`)
          // Saved while the answer streams on, so that no link expires meanwhile.
          yield* FiberSet.run(saves, Artifact.save(artifact, { directory: "artifacts", allowPrivateHosts }))
        })
      }
      default:
        return Effect.void
    }
  }

  yield* jobs.stream({ sessionId, question: text }).pipe(
    Stream.runForEach((event) => {
      events++
      builder.add(event)
      return show(event)
    }),
    during(() => `${events} events, ${running.size} steps at work`)
  )
  yield* write(markdown.end())
  yield* FiberSet.awaitEmpty(saves).pipe(during(() => "saving"))

  const { images, questions, sources, tables } = builder.report()
  yield* line(dim(`\n  ${events} events; sources: ${[...new Set(sources.map(({ source }) => source))].join(", ")}`))
  yield* line(dim(`  ${tables.length} tables and ${images.length} images saved in artifacts/`))
  for (const next of questions) yield* line(`  ${cyan("?")} ${printable(next)}`)
}).pipe(Effect.scoped)

const roundToSeconds = (duration: Duration.Duration) => Duration.seconds(Math.round(Duration.toSeconds(duration)))

const twelveLabs = Effect.gen(function* () {
  const { during, line, write } = yield* Screen
  const { responses } = yield* TwelveLabs
  const { knowledgeStoreId } = yield* KnowledgeStore
  const { where } = yield* VideoVendor
  const input = "How are the kites built, and which videos show it?"
  yield* question("TwelveLabs", where, input)

  const fold = ResponseFold.make()
  const markdown = makeMarkdown()
  yield* responses.stream({ knowledgeStoreId, input, include: ["intermediate_outputs"] }).pipe(
    Stream.runForEach((event) => {
      fold.add(event)
      switch (event._tag) {
        case "OutputItemAdded":
          return event.item._tag === "FunctionCall"
            ? line(`  ${cyan("▸")} ${printable(event.item.name ?? "a tool")}`)
            : Effect.void
        case "TextDelta":
          return write(fold.isAnswer(event) ? markdown.push(event.delta) : dim(printable(event.delta)))
        case "TextDone":
          return fold.isAnswer(event) ? Effect.void : line()
        default:
          return Effect.void
      }
    }),
    during(() => "the agent works")
  )
  yield* write(markdown.end())
  const response = fold.response()
  if (response === undefined) return
  yield* line()
  for (const citation of citationLines(response)) yield* line(`  ${citation}`)
  const { inputTokens, outputTokens } = response.usage ?? {}
  yield* line(dim(`\n  ${response.status}; ${inputTokens ?? "?"} tokens in, ${outputTokens ?? "?"} out`))
})

const broken = Effect.gen(function* () {
  const { line } = yield* Screen
  const {
    powerdrill: { apiKey, sessionId, url, userId }
  } = yield* Emulator
  yield* question(
    "A stream that breaks",
    "the emulator resets the connection in the middle of an event",
    "What is left of it?"
  )
  const baseUrl = url({ fault: "reset-mid-event", after: 30 })
  const builder = JobReport.builder()
  const error = yield* Effect.gen(function* () {
    const { jobs } = yield* Powerdrill
    const request = { sessionId: SessionId.make(sessionId), question: "Which agency is the dearest?" }
    return yield* Effect.flip(Stream.runForEach(jobs.stream(request), (event) => Effect.sync(() => builder.add(event))))
  }).pipe(Effect.provide(Powerdrill.layer({ apiKey, userId, baseUrl })))

  const { blocks, jobId, tasks } = builder.report()
  yield* line(
    `  ${green("✔")} every event that came whole: ${tasks.length} steps, ${blocks.length} blocks of job ${jobId}`
  )
  yield* line(`  ${red("✘")} then exactly one error: ${bold(error._tag)}`)
  yield* line(`    ${error.message}`)
  yield* line(`    ${dim(`isRetryable: ${error.isRetryable}`)}\n`)
})

Effect.gen(function* () {
  yield* powerdrill.pipe(Effect.provide(PowerdrillLive))
  yield* twelveLabs.pipe(Effect.provide(KnowledgeStoreLive))
  yield* broken.pipe(Effect.provide(Emulator.layer()))
}).pipe(Effect.provide(Layer.mergeAll(Screen.layer, NodeServices.layer, FetchHttpClient.layer)), NodeRuntime.runMain)
