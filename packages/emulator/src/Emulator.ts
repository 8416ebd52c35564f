/**
 * Powerdrill and TwelveLabs on loopback: a real HTTP server for tests and for trying things out, with faults on request.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as FileStore from "./internal/FileStore.ts"
import * as PowerdrillState from "./internal/PowerdrillState.ts"
import * as RequestLog from "./internal/RequestLog.ts"
import * as Routes from "./internal/Routes.ts"
import * as Signature from "./internal/Signature.ts"
import * as TwelveLabsState from "./internal/TwelveLabsState.ts"
import * as Play from "./Play.ts"
import type { ReceivedRequest } from "./ReceivedRequest.ts"
import type { PowerdrillScenario, TwelveLabsScenario } from "./Scenario.ts"

/**
 * Options of the emulator.
 */
export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined
  /** Loopback only, as the keys that it accepts are no secrets. Default 127.0.0.1. */
  readonly host?: "127.0.0.1" | "localhost" | "::1" | undefined
  /** The pace of plays that do not name one. Default `instant`. */
  readonly pace?: Play.Pace | undefined
  /** How many requests `requests` remembers. Default 10000. */
  readonly keepRequests?: number | undefined
  /** Called when an answer has ended, however it ended. */
  readonly onRequestEnd?: ((request: ReceivedRequest) => void) | undefined
  /** Powerdrill's limits. */
  readonly powerdrill?: PowerdrillOptions | undefined
  /** TwelveLabs' limits. */
  readonly twelvelabs?: TwelveLabsOptions | undefined
}

/**
 * What runs out at Powerdrill, and how long things take there.
 */
export interface PowerdrillOptions {
  /** Milliseconds until a new data source has been read. Default 300; 0 makes them ready at once. */
  readonly syncMillis?: number | undefined
  /** Sessions that a user may have. Default 150, as the vendor has it. */
  readonly sessionLimit?: number | undefined
  /** Jobs that a user may ask for. Default: no limit. */
  readonly jobQuota?: number | undefined
  /** Bytes of a part of an upload. Default 5 MiB, as the vendor has it. */
  readonly partSize?: number | undefined
  /** Bytes that all uploaded files may have together. Default: no limit. */
  readonly storageLimit?: number | undefined
}

/**
 * How long things take at TwelveLabs, and how large its pieces are.
 */
export interface TwelveLabsOptions {
  /** Milliseconds until a new asset, item or task is ready. Default 300; 0 makes them ready at once. */
  readonly processMillis?: number | undefined
  /** Bytes of a chunk of an upload. Default 5 MiB. */
  readonly chunkSize?: number | undefined
  /** Seconds that an upload in chunks may take before it expires. Default 24 hours, as the vendor has it. */
  readonly uploadSeconds?: number | undefined
  /** Bytes of the largest file that is taken in one piece. Default 200 MB, as the vendor has it. */
  readonly directSize?: number | undefined
  /** Headers that have to be sent with each chunk. Default: a content type of `application/octet-stream`. */
  readonly uploadHeaders?: Readonly<Record<string, string>> | undefined
  /**
   * How the proof of a chunk has to be written: as the store's ETag came (`quoted`), without its quotes (`bare`), or as one likes
   * (`either`). Default `either`, as the vendor does not say.
   */
  readonly proofs?: "quoted" | "bare" | "either" | undefined
}

/**
 * Powerdrill's side of the emulator.
 */
export interface PowerdrillSide {
  /** The base URL for a client, with a play in it when one is given. */
  readonly url: (play?: Play.Play<PowerdrillScenario>) => string
  /** The only key that is accepted. */
  readonly apiKey: Redacted.Redacted
  /** A user id. Any other is accepted too. */
  readonly userId: Redacted.Redacted
  /** A session that exists. */
  readonly sessionId: string
}

/**
 * TwelveLabs' side of the emulator.
 */
export interface TwelveLabsSide {
  /** The base URL for a client (what stands in front of `/responses`), with a play in it when one is given. */
  readonly url: (play?: Play.Play<TwelveLabsScenario>) => string
  /** The only key that is accepted. */
  readonly apiKey: Redacted.Redacted
  /** A knowledge store that exists. */
  readonly knowledgeStoreId: string
  /** An asset that exists: a video of two minutes, which is ready. */
  readonly assetId: string
}

/**
 * What the service offers.
 */
export interface EmulatorService {
  /** Scheme, host and port, such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly powerdrill: PowerdrillSide
  readonly twelvelabs: TwelveLabsSide
  /** Answers that have neither finished nor been closed. */
  readonly openConnections: Effect.Effect<number>
  /** TCP sockets that are open; a client may keep some for later requests. */
  readonly openSockets: Effect.Effect<number>
  /** The requests so far, oldest first. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Completes when no answer is open. Put a timeout around it. */
  readonly awaitIdle: Effect.Effect<void>
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"])
const powerdrillKey = "proj-emulator-4b1d5e9c7a"
const userId = "tmm-emulator-0001"
const sessionId = "5e551000-0000-4000-8000-000000000001"
const twelveLabsKey = "tlk_EMULATOR4B1D5E9C7A"
const assetId = "66e000000000000000000001"
const knowledgeStoreId = "ks_01999999-0000-7000-8000-000000000001"

/**
 * The emulator as a service.
 *
 * **Example** (Ask for an answer that is cut after three events)
 *
 * ```ts
 * import { Emulator } from "@effect-sse/emulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator
 *   return emulator.powerdrill.url({ fault: "cut", after: 3 })
 * }).pipe(Effect.provide(Emulator.layer()))
 * ```
 */
export class Emulator extends Context.Service<Emulator, EmulatorService>()("@effect-sse/emulator/Emulator") {
  /**
   * Starts an emulator that lives as long as the scope. When the scope closes, open sockets are destroyed at once.
   */
  static readonly make = (options: EmulatorOptions = {}): Effect.Effect<EmulatorService, ServeError, Scope.Scope> =>
    start(options).pipe(
      Effect.provide(NodeFileSystem.layer),
      // It serves real sockets, so it lives in real time, also where a test has set its clock still.
      Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()),
      Effect.provideService(HttpMiddleware.TracerDisabledWhen, () => true)
    )

  /**
   * Provides an emulator. A port that is taken is a defect; use `make` to handle it.
   */
  static readonly layer = (options: EmulatorOptions = {}): Layer.Layer<Emulator> =>
    Layer.effect(Emulator, Effect.orDie(Emulator.make(options)))
}

const start = Effect.fnUntraced(function* (options: EmulatorOptions) {
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const host = options.host ?? "127.0.0.1"
  if (!loopback.has(host)) return yield* Effect.die(new Error(`The emulator listens on loopback only, not on ${host}`))
  // Before the server, so that the files outlive the last answer.
  const files = yield* FileStore.make
  const log = RequestLog.make({ limit: options.keepRequests ?? 10_000, now, onRequestEnd: options.onRequestEnd })
  const node = Http.createServer({ keepAliveTimeout: 5000, requestTimeout: 0 })
  log.watch(node)
  const server = yield* NodeHttpServer.make(() => node, { port: options.port ?? 0, host })
  const port = server.address._tag === "UnixPathAddress" ? 0 : server.address.port
  const url = `http://${host === "::1" ? "[::1]" : host}:${port}`

  const powerdrill = PowerdrillState.make({
    apiKey: powerdrillKey,
    sessionId,
    userId,
    now,
    files,
    limits: {
      syncMillis: options.powerdrill?.syncMillis ?? 300,
      sessionLimit: options.powerdrill?.sessionLimit ?? 150,
      jobQuota: options.powerdrill?.jobQuota ?? Infinity,
      partSize: options.powerdrill?.partSize ?? 5 * 1024 * 1024,
      storageLimit: options.powerdrill?.storageLimit ?? Infinity
    }
  })
  const twelvelabs = TwelveLabsState.make({
    apiKey: twelveLabsKey,
    knowledgeStoreId,
    assetId,
    now,
    files,
    limits: {
      processMillis: options.twelvelabs?.processMillis ?? 300,
      chunkSize: options.twelvelabs?.chunkSize ?? 5 * 1024 * 1024,
      uploadSeconds: options.twelvelabs?.uploadSeconds ?? 24 * 60 * 60,
      directSize: options.twelvelabs?.directSize ?? 200_000_000,
      uploadHeaders: options.twelvelabs?.uploadHeaders ?? { "Content-Type": "application/octet-stream" },
      proofs: options.twelvelabs?.proofs ?? "either"
    }
  })
  const pace = options.pace ?? "instant"
  const signer = Signature.make()
  yield* server.serve(yield* Routes.make({ origin: url, pace, log, signer, files, now, powerdrill, twelvelabs }))
  // Added last, so that it runs first: the server waits for its sockets before it stops.
  yield* Effect.addFinalizer(() => log.close)

  const withPlay = (play: Play.Play | undefined) => {
    const segment = play === undefined ? "" : Play.toSegment(play)
    return segment === "" ? "" : `/${segment}`
  }
  return Emulator.of({
    url,
    powerdrill: {
      url: (play) => `${url}/powerdrill${withPlay(play)}`,
      apiKey: Redacted.make(powerdrillKey),
      userId: Redacted.make(userId),
      sessionId
    },
    twelvelabs: {
      url: (play) => `${url}/twelvelabs${withPlay(play)}/v1.3`,
      apiKey: Redacted.make(twelveLabsKey),
      knowledgeStoreId,
      assetId
    },
    openConnections: log.openConnections,
    openSockets: log.openSockets,
    requests: log.requests,
    awaitIdle: log.awaitIdle
  })
})
