/**
 * Takes TwelveLabs' webhooks: a server that lets in only what is signed with the webhook's secret, and handles each event once.
 *
 * The vendor calls addresses that are registered in its dashboard. Here the server listens on this machine alone, and the example
 * sends it deliveries itself: one that is signed, the same once more, and one that is forged; then it ends.
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { type WebhookEvent, Webhooks } from "@effect-sse/twelvelabs"
import { Config, Console, Effect, Layer, Redacted } from "effect"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientRequest,
  HttpRouter,
  HttpServer,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { createServer } from "node:http"
import { printable } from "./terminal.ts"

const path = "/webhooks/twelvelabs"

const webhookSecret = Config.Redacted("TWELVELABS_WEBHOOK_SECRET").pipe(
  Config.withDefault(Redacted.make("the secret that the dashboard shows"))
)

const route = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const secret = yield* webhookSecret
    // A program that runs for long keeps them in a database, and forgets old ones.
    const handled = new Set<string>()

    yield* router.add("POST", path, (request: HttpServerRequest.HttpServerRequest) =>
      Effect.gen(function* () {
        const event = yield* Webhooks.fromRequest(request, { secret })
        if (event.id !== undefined && handled.has(event.id)) {
          yield* Console.log("  it came before")
        } else {
          if (event.id !== undefined) handled.add(event.id)
          yield* Console.log(`  ${printable(lineOf(event))}`)
        }
        // Whatever is not answered with 2xx comes again.
        return HttpServerResponse.empty({ status: 204 })
      }).pipe(
        Effect.catchTag(["WebhookSignatureError", "ParseError"], (error) =>
          Effect.as(Console.log(`  ${error.message}`), HttpServerResponse.empty({ status: 400 }))
        )
      )
    )
  })
)

const lineOf = (event: WebhookEvent.WebhookEvent): string => {
  switch (event._tag) {
    case "IndexTaskReady":
    case "IndexTaskFailed":
      return `${event._tag}, of the task ${event.data.taskId ?? "without an id"}`
    case "AnalyzeTaskReady":
    case "AnalyzeTaskFailed":
    case "AnalyzeTaskCanceled":
      return `${event._tag}, of the task ${event.data.customId ?? event.data.taskId ?? "without an id"}`
    case "Unknown":
      return `${event.type}, which this version does not know`
  }
}

/** What the vendor sends when an analysis is done. */
const body = JSON.stringify({
  id: "whe_example",
  created_at: "2026-09-01T12:00:00Z",
  type: "analyze.task.ready",
  data: { id: "66bb01", status: "ready", created_at: "2026-09-01T11:59:00Z" }
})

const program = Effect.gen(function* () {
  const { address } = yield* HttpServer.HttpServer
  const url = HttpServer.formatAddress(address) + path
  yield* Console.log(`Webhooks are taken at ${url}`)

  const deliver = Effect.fn("deliver")(function* (what: string, signedWith: Redacted.Redacted) {
    yield* Console.log(`\n${what}`)
    const { status } = yield* HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeader(Webhooks.signatureHeader, yield* Webhooks.sign({ body, secret: signedWith })),
      HttpClientRequest.bodyText(body, "application/json"),
      HttpClient.execute
    )
    yield* Console.log(`  answered with ${status}`)
  })

  const secret = yield* webhookSecret
  yield* deliver("A delivery that is signed with the secret", secret)
  yield* deliver("The same once more, as after an answer that was lost", secret)
  yield* deliver("A forged one", Redacted.make("a guess"))
})

const server = HttpRouter.serve(route, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
)

program.pipe(Effect.provide([server, FetchHttpClient.layer]), NodeRuntime.runMain)
