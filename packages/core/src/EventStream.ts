/**
 * The streaming engine: one function that turns a request and a vendor's protocol into a `Stream` of typed events.
 *
 * What every stream made here promises:
 *
 * - It is a value. Running it sends one request at the first pull; when it ends, in whatever way, the socket is closed.
 * - Every event that arrived whole before a failure is delivered before that failure; then comes exactly one error.
 * - It ends well only with the protocol's end mark. Without it, it fails with `MissingDoneError`.
 * - It reads no further than its consumer asks, so a slow consumer holds the sender back.
 * - Sizes and times are bounded, and each bound fails with an error that names it.
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Pull from "effect/Pull"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { answerOf, apiError, contentError, mediaType, readBounded, statusError } from "./internal/answer.ts"
import { type BytePull, type ByteSource, type Chunks, PullSource, webBody, WebSource } from "./internal/byteSource.ts"
import { decompressed } from "./internal/contentEncoding.ts"
import { type EventPull, EventSource } from "./internal/eventSource.ts"
import { bareUrl } from "./internal/excerpt.ts"
import { FrameReader, type ReaderSettings } from "./internal/frameReader.ts"
import { send, within } from "./internal/send.ts"
import { transportError } from "./internal/transportError.ts"
import { Watchdog } from "./internal/watchdog.ts"
import type { Malformed, Opened, Protocol } from "./Protocol.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import type { Phase, StreamError } from "./StreamError.ts"
import * as Telemetry from "./Telemetry.ts"

export type { Malformed, Opened } from "./Protocol.ts"

/**
 * Options of a stream. Durations take Effect's inputs (`"30 seconds"`, a `Duration`, a number of milliseconds);
 * `"Infinity"` turns a limit off.
 */
export interface Options {
  /** The longest wait for the response's headers, in each attempt. Default 60 s. */
  readonly connectTimeout?: Duration.Input | undefined
  /** The longest silence: time without a byte while one is waited for. Heartbeats count as life. Default 120 s. */
  readonly idleTimeout?: Duration.Input | undefined
  /** The longest wait for an event while only heartbeats come. Default: none. */
  readonly stallTimeout?: Duration.Input | undefined
  /** The longest time for all of it: attempts, waits between them and the stream. Default: none. */
  readonly deadline?: Duration.Input | undefined
  /** What to try again before the first event. Default `RetryPolicy.safe`. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /** What to do with an event that cannot be read: fail (default), or deliver a {@link Malformed} and go on. */
  readonly onMalformed?: "fail" | "emit" | undefined
  /** The largest event, in UTF-16 code units. Default 16 Mi. */
  readonly maxEventSize?: number | undefined
  /** How much of an error's body is read, in bytes. Default 64 KiB. */
  readonly maxErrorBodySize?: number | undefined
  /** Runs when the stream is open, before its first event: the place to note the vendor's request id. */
  readonly onOpen?: ((opened: Opened) => Effect.Effect<void>) | undefined
}

/**
 * What besides its events a stream with these options delivers.
 */
export type Extra<O extends Options> = "onMalformed" extends keyof O
  ? "emit" extends O["onMalformed"]
    ? Malformed
    : never
  : never

/**
 * Values that no error may show, such as the API key: vendors echo them.
 */
export interface Confidential {
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
}

/**
 * Opens a stream: sends `request` when first pulled and delivers the protocol's events, one array for each wake-up.
 *
 * Fails with `TransportError`, `ApiError`, `ParseError` or `MissingDoneError`; see there what each means.
 *
 * @param request complete with URL, headers and body
 */
export const open = <E, const O extends Options = {}>(
  request: HttpClientRequest.HttpClientRequest,
  protocol: Protocol<E>,
  options?: (O & Options & Confidential) | undefined
): Stream.Stream<E | Extra<O>, StreamError, HttpClient.HttpClient> => Stream.unwrap(connect(request, protocol, options))

/**
 * The effect behind {@link open}: sends `request` at once, and gives the stream of events once the first has come. The
 * connection lives as long as the scope at most.
 *
 * **When to use**
 *
 * To build a client that has its `HttpClient` already: provide it to this effect, then `Stream.unwrap`. A service provided to
 * a stream is provided anew at each of its pulls.
 *
 * @param request complete with URL, headers and body
 */
export const connect = <E, const O extends Options = {}>(
  request: HttpClientRequest.HttpClientRequest,
  protocol: Protocol<E>,
  options?: (O & Options & Confidential) | undefined
): Effect.Effect<Stream.Stream<E | Extra<O>, StreamError>, StreamError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const clock = yield* Clock.Clock
    const settings = resolve(request, protocol, options, clock.currentTimeMillisUnsafe())
    const { exchange, limits } = settings
    const attempts = new Attempts()
    // As it is: a function made here would hold the request for as long as the stream is open.
    const report = yield* Telemetry.watch(scope, protocol.vendor.name, exchange.request, attempts)
    const pull = yield* Effect.suspend(() => openOnce(request, settings, clock, report, attempts)).pipe(
      RetryPolicy.retry(options?.retry ?? RetryPolicy.safe),
      within(limits.Deadline, (deadline) =>
        transportError(exchange, attempts.phase, "Deadline", `limit ${Duration.format(deadline)}`)
      ),
      Effect.tapError((error) => Effect.sync(() => report.ended(error._tag)))
    )
    return Stream.fromPull(Effect.succeed(pull)) as Stream.Stream<E | Extra<O>, StreamError>
  })

/** How far opening has come, and what there is to be closed. */
class Attempts {
  /** 1 for the first. */
  count = 0
  phase: Extract<Phase, "connect" | "first-event"> = "connect"
  /** What the latest attempt has open. */
  open: { readonly close: () => Effect.Effect<void> } | undefined

  /** Whether the scope of the stream is closed: whoever waits to try again then must not begin. */
  isOver = false

  /** Closes what the latest attempt has open. */
  closeLatest(): Effect.Effect<void> {
    return Effect.suspend(() => this.open?.close() ?? Effect.void)
  }

  /** Closes it for good. */
  close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.isOver = true
      return this.closeLatest()
    })
  }
}

interface Settings<E> extends ReaderSettings<E> {
  readonly maxEventSize: number | undefined
  readonly onOpen: Options["onOpen"]
}

const defaultConnectTimeout = Duration.seconds(60)

const millisOf = (input: Duration.Input | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(Duration.fromInputUnsafe(input))

const resolve = <E>(
  request: HttpClientRequest.HttpClientRequest,
  protocol: Protocol<E>,
  options: (Options & Confidential) | undefined,
  now: number
): Settings<E> => {
  const deadline = millisOf(options?.deadline, Infinity)
  return {
    exchange: {
      vendor: protocol.vendor,
      // Not the request itself: nobody needs its body and headers while the stream is open.
      request: { method: request.method, url: bareUrl(request.url) },
      secrets: options?.secrets ?? [],
      connectTimeout:
        options?.connectTimeout === undefined
          ? defaultConnectTimeout
          : Duration.fromInputUnsafe(options.connectTimeout),
      maxErrorBodySize: options?.maxErrorBodySize ?? 64 * 1024
    },
    protocol,
    limits: {
      IdleTimeout: millisOf(options?.idleTimeout, 120_000),
      StallTimeout: millisOf(options?.stallTimeout, Infinity),
      Deadline: deadline,
      deadlineAt: now + deadline
    },
    emitMalformed: options?.onMalformed === "emit",
    maxEventSize: options?.maxEventSize,
    onOpen: options?.onOpen
  }
}

/**
 * One attempt: sends, checks what came back, and reads up to the first events, so that a retry can still replace it. An
 * attempt that fails has closed its connection.
 */
const openOnce = <E>(
  request: HttpClientRequest.HttpClientRequest,
  settings: Settings<E>,
  clock: Clock.Clock,
  report: Telemetry.Report,
  attempts: Attempts
): Effect.Effect<EventPull<E>, StreamError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    if (attempts.isOver) return yield* Effect.interrupt
    const attempt = ++attempts.count
    attempts.phase = "connect"
    report.attempt(attempt)
    const connection = Scope.makeUnsafe()
    attempts.open = { close: () => Scope.close(connection, Exit.void) }
    const response = yield* Scope.provide(send({ ...settings.exchange, request }), connection)
    attempts.phase = "first-event"
    const source = yield* streamBody(settings, response, connection)
    attempts.open = source
    const opened: Opened = { status: response.status, headers: response.headers, attempt }
    if (settings.onOpen !== undefined) yield* settings.onOpen(opened)
    const watchdog = new Watchdog(clock, settings.limits, source)
    const decoder = settings.protocol.makeDecoder({ maxEventSize: settings.maxEventSize })
    const reader = new FrameReader(settings, decoder, opened)
    report.reading(reader)
    const events = new EventSource(reader, source, watchdog, report)
    attempts.open = events
    watchdog.start()
    return yield* Pull.matchEffect(events.pull, {
      onSuccess: (first) => {
        events.putBack(first)
        return Effect.succeed(events.pull)
      },
      onFailure: Effect.failCause,
      onDone: () => Effect.succeed(events.pull)
    })
  }).pipe(Effect.onError(() => attempts.closeLatest()))

const nondescript: ReadonlySet<string> = new Set(["", "text/plain", "application/octet-stream"])

/**
 * Where the events are to be read from, once status and content type (or, where the type says nothing, the first bytes)
 * agree that the body is a stream; else the error that the answer stands for.
 */
const streamBody = <E>(
  { exchange, protocol }: Settings<E>,
  response: HttpClientResponse.HttpClientResponse,
  connection: Scope.Closeable
): Effect.Effect<ByteSource, StreamError> =>
  Effect.gen(function* () {
    const bytes = decompressed(response)
    const readAnswer = (body: Stream.Stream<Uint8Array, unknown>) =>
      Effect.flatMap(readBounded(body, exchange.maxErrorBodySize), (text) => answerOf(response, text))
    const notAStream = (body: Stream.Stream<Uint8Array, unknown>) =>
      Effect.flatMap(readAnswer(body), (answer) => {
        const refusal = protocol.vendor.refusal(answer)
        return Effect.fail(
          refusal === undefined
            ? contentError(exchange, answer, protocol.mediaTypes.join(" or "))
            : apiError(exchange, "envelope", answer, refusal)
        )
      })
    if (response.status < 200 || response.status > 299) {
      return yield* Effect.fail(statusError(exchange, yield* readAnswer(bytes)))
    }
    const type = mediaType(response.headers)
    const isStream = protocol.mediaTypes.includes(type)
    if (!isStream && protocol.isStream === undefined && !nondescript.has(type)) return yield* notAStream(bytes)
    const web = isStream ? webBody(response) : undefined
    if (web !== undefined) return new WebSource(web, connection)
    const scope = Scope.makeUnsafe()
    // Not `Stream.toPull`: it guards each pull against others at the same time, and there are none.
    const pull: BytePull = yield* Channel.toPullScoped(bytes.channel, scope)
    const told = isStream ? pull : sniffing(pull, protocol.isStream ?? isNoDocument, (body) => notAStream(body))
    return new PullSource(told, scope, connection)
  })

/** How much of a body's beginning is looked at, in UTF-16 units; what cannot be told by it is taken for a stream. */
const maxStart = 1024

const noBytes = new Uint8Array(0)

/** Reads on once the beginning of a body tells that it is a stream. */
const sniffing = (
  pull: BytePull,
  isStream: NonNullable<Protocol<unknown>["isStream"]>,
  otherwise: (body: Stream.Stream<Uint8Array, unknown>) => Effect.Effect<never, StreamError>
): BytePull => {
  const utf8 = new TextDecoder()
  const held: Array<Uint8Array> = []
  let start = ""
  let told = false
  const look = (chunks: Chunks): BytePull => {
    for (const chunk of chunks) {
      held.push(chunk)
      if (start.length < maxStart) start += utf8.decode(chunk.subarray(0, maxStart), { stream: true })
    }
    const verdict = isStream(start) ?? (start.length < maxStart ? undefined : true)
    if (verdict === false) {
      // Not by `Stream.concat`, which brings all that merging streams needs.
      const whole: BytePull = Effect.suspend(() =>
        held.length === 0 ? pull : Effect.succeed(held.splice(0) as unknown as Chunks)
      )
      return otherwise(Stream.fromPull(Effect.succeed(whole)))
    }
    // Nothing to read yet, but a sign of life for who watches the connection.
    if (verdict === undefined) return Effect.succeed([noBytes])
    told = true
    return Effect.succeed(held.splice(0) as unknown as Chunks)
  }
  const untold = Pull.matchEffect(pull, {
    onSuccess: look,
    onFailure: Effect.failCause,
    onDone: (): BytePull => {
      told = true
      return held.length === 0 ? Cause.done() : Effect.succeed(held.splice(0) as unknown as Chunks)
    }
  })
  return Effect.suspend(() => (told ? pull : untold))
}

/** Whether a body begins as event streams do, and not as JSON or HTML. */
const isNoDocument = (start: string): boolean | undefined => {
  const text = start.trimStart()
  return text === "" ? undefined : !/^[{[<]/.test(text)
}

/**
 * A new request took the place of a broken stream. What came before belongs to an answer that will not be finished, so a
 * consumer drops what it has shown.
 */
export interface Restarted {
  readonly _tag: "Restarted"
  /** 1 for the first restart. */
  readonly attempt: number
  /** Why the stream before broke. */
  readonly error: StreamError
}

/**
 * Lets a stream start over when it breaks, under a policy: a new request, announced by a {@link Restarted} element.
 *
 * No vendor here can resume an answer. A restart asks anew, is charged anew, and may be answered differently; that is
 * why it is never done unasked.
 *
 * **Example** (Starting over at most twice)
 *
 * ```ts
 * import { EventStream, RetryPolicy, type StreamError } from "@effect-sse/core"
 * import type { Stream } from "effect"
 *
 * declare const events: Stream.Stream<string, StreamError.StreamError>
 *
 * const patient = events.pipe(
 *   EventStream.restarting(RetryPolicy.make({ retries: (error) => error._tag === "MissingDoneError", times: 2 }))
 * )
 * ```
 */
export const restarting =
  (policy: RetryPolicy.RetryPolicy) =>
  <A, E extends StreamError, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A | Restarted, E, R> =>
    Stream.unwrap(
      Effect.map(Schedule.toStepWithSleep(policy.schedule), (step) => {
        const from = (attempt: number): Stream.Stream<A | Restarted, E, R> =>
          Stream.catch(self, (error): Stream.Stream<A | Restarted, E, R> => {
            if (!policy.retries(error)) return Stream.fail(error)
            const restarted: Restarted = { _tag: "Restarted", attempt, error }
            return Stream.unwrap(
              Pull.matchEffect(step(error), {
                onSuccess: () => Effect.succeed(Stream.concat(Stream.succeed(restarted), from(attempt + 1))),
                onFailure: Effect.failCause,
                onDone: () => Effect.succeed(Stream.fail(error))
              })
            )
          })
        return from(1)
      })
    )
