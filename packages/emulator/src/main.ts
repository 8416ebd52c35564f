#!/usr/bin/env node
/**
 * The command `effect-sse-emulator`: both vendors' APIs on loopback until Ctrl-C.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import type { EmulatorService } from "./Emulator.ts"
import { Emulator } from "./Emulator.ts"
import * as Fault from "./Fault.ts"
import * as Play from "./Play.ts"
import type { ReceivedRequest } from "./ReceivedRequest.ts"
import * as Scenario from "./Scenario.ts"

const port = Flag.Int("port").pipe(
  Flag.withAlias("p"),
  Flag.withDescription("TCP port on 127.0.0.1; 0 takes a free one"),
  Flag.withDefault(4141)
)

const pace = Flag.Literals("pace", ["realistic", "instant"]).pipe(
  Flag.withDescription("How fast events follow each other"),
  Flag.withDefault("realistic" as const)
)

const table = (rows: ReadonlyArray<{ readonly name: string; readonly description: string }>): string => {
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows.map(({ description, name }) => `  ${name.padEnd(width)}  ${description}`).join("\n")
}

const greeting = (emulator: EmulatorService): string =>
  `Powerdrill and TwelveLabs, emulated at ${emulator.url} (Ctrl-C stops)

  export POWERDRILL_BASE_URL=${emulator.powerdrill.url()}
  export POWERDRILL_API_KEY=${Redacted.value(emulator.powerdrill.apiKey)}
  export POWERDRILL_USER_ID=${Redacted.value(emulator.powerdrill.userId)}
  export POWERDRILL_SESSION_ID=${emulator.powerdrill.sessionId}
  export TWELVELABS_BASE_URL=${emulator.twelvelabs.url()}
  export TWELVE_LABS_API_KEY=${Redacted.value(emulator.twelvelabs.apiKey)}
  export TWELVELABS_KNOWLEDGE_STORE_ID=${emulator.twelvelabs.knowledgeStoreId}

A fault or another scenario is part of the base URL (see the subcommands faults and scenarios):

  POWERDRILL_BASE_URL=${emulator.powerdrill.url({ fault: "cut", after: 5 })}
  TWELVELABS_BASE_URL=${emulator.twelvelabs.url({ scenario: "incomplete" })}
`

const line = (request: ReceivedRequest): string => {
  const time = new Date(request.receivedAt).toISOString().slice(11, 19)
  const duration = (request.endedAt ?? request.receivedAt) - request.receivedAt
  const status = request.status === undefined ? "no answer" : String(request.status)
  const what = [request.method, request.path, Play.toSegment(request.play)].filter((part) => part !== "").join(" ")
  const bytes = request.method === "PUT" ? request.bytesReceived : request.bytesWritten
  return `${time} ${what}: ${status}, ${request.ended}, ${bytes} bytes in ${duration} ms`
}

const serve = Effect.fnUntraced(function* (options: { readonly port: number; readonly pace: Play.Pace }) {
  const ended = yield* Queue.unbounded<ReceivedRequest>()
  const emulator = yield* Emulator.make({
    ...options,
    onRequestEnd: (request) => Queue.offerUnsafe(ended, request)
  }).pipe(
    Effect.mapError(
      (cause) => new CliError.UserError({ cause, userMessage: `Cannot listen on port ${options.port} of 127.0.0.1` })
    )
  )
  yield* Console.log(greeting(emulator))
  return yield* Effect.forever(Effect.flatMap(Queue.take(ended), (request) => Console.log(line(request))))
}, Effect.scoped)

const faults = Command.make("faults", {}, () => Console.log(`~fault=<name>\n\n${table(Fault.all)}`)).pipe(
  Command.withDescription("List the faults")
)

const scenarios = Command.make("scenarios", {}, () =>
  Console.log(
    `~scenario=<name>\n\nPowerdrill\n${table(Scenario.powerdrill)}\n\nTwelveLabs\n${table(Scenario.twelvelabs)}`
  )
).pipe(Command.withDescription("List the scenarios"))

const command = Command.make("effect-sse-emulator", { port, pace }, serve).pipe(
  Command.withDescription("Powerdrill and TwelveLabs on loopback, with faults on request"),
  Command.withSubcommands([faults, scenarios])
)

command.pipe(
  Command.run({ version: "0.1.0" }),
  Effect.provide(NodeServices.layer),
  // Command.run has told the user already.
  NodeRuntime.runMain({ disableErrorReporting: true })
)
