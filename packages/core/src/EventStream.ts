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
import type * as Headers from "effect/http/Headers"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { answerOf, apiError, contentError, mediaType, readBounded, statusError } from "./internal/answer.ts"
import { decompressed } from "./internal/contentEncoding.ts"
import { excerpt } from "./internal/excerpt.ts"
import type { Exchange } from "./internal/exchange.ts"
import { send } from "./internal/send.ts"
import { fromHttpClientError, transportError } from "./internal/transportError.ts"
import * as Watchdog from "./internal/watchdog.ts"
import type * as Ndjson from "./Ndjson.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import type * as Sse from "./Sse.ts"
import { MissingDoneError, ParseError, type StreamError } from "./StreamError.ts"
import * as Telemetry from "./Telemetry.ts"
import type { Refusal, Vendor } from "./Vendor.ts"

/**
 * What a vendor's event stream means.
 */
export interface Protocol<E> {
  /** Whose protocol it is. */
  readonly vendor: Vendor
  /** The media types that a stream may have. Without any (or with a nondescript one) the first bytes decide. */
  readonly mediaTypes: ReadonlyArray<string>
  /** Makes the decoder of the framing: `Sse.makeDecoder` or `Ndjson.makeDecoder`. */
  readonly makeDecoder: (options: Sse.DecoderOptions) => Sse.Decoder | Ndjson.Decoder
  /** Starts the reading of one stream, whose headers are there. */
  readonly session: (opened: Opened) => Session<E>
}

/**
 * The reading of one stream: it turns frames into events and remembers what an error should tell.
 */
export interface Session<E> {
  /**
   * Reads one frame: an event to deliver, or a {@link Signal}. It must not throw.
   *
   * @param data the frame's data
   * @param name the event's name; `""` in framings without names
   */
  readonly decode: (data: string, name: string) => E | Signal<E>
  /** What is known of the stream so far. */
  readonly summary: () => Summary
}

/**
 * What is known of a stream so far.
 */
export interface Summary {
  /** The name of the last event. */
  readonly lastEvent: string | undefined
  /** The vendor's ids, by what they are: `job`, `session`, `response`. */
  readonly ids: Readonly<Record<string, string>>
  /** Whether an event announced that the answer is complete. */
  readonly terminalSeen: boolean
}

type SignalKind<E> =
  | { readonly _tag: "Done"; readonly last?: E }
  | { readonly _tag: "Skip" }
  | { readonly _tag: "Refused"; readonly refusal: Refusal }
  | { readonly _tag: "Malformed"; readonly stage: "json" | "schema"; readonly issue: string; readonly fatal: boolean }

/**
 * What a frame can be besides an event. A class, so that an event is told from a signal at the cost of one check.
 */
export class Signal<out E = never> {
  readonly kind: SignalKind<E>
  constructor(kind: SignalKind<E>) {
    this.kind = kind
  }
}

/** The end mark: the stream is over and whole. */
export const done: Signal = new Signal({ _tag: "Done" })

/** The end mark of a protocol whose last event is its mark: deliver it and end. */
export const doneWith = <E>(last: E): Signal<E> => new Signal({ _tag: "Done", last })

/** Nothing to deliver. */
export const skip: Signal = new Signal({ _tag: "Skip" })

/** The vendor refuses inside the stream: fail with an `ApiError`. */
export const refused = (refusal: Refusal): Signal => new Signal({ _tag: "Refused", refusal })

/**
 * The frame is not what the vendor documents.
 *
 * @param options.fatal whether the stream is worth nothing any more, so that it fails under `onMalformed: "emit"` too
 */
export const malformed = (
  stage: "json" | "schema",
  issue: string,
  options?: { readonly fatal?: boolean | undefined }
): Signal => new Signal({ _tag: "Malformed", stage, issue, fatal: options?.fatal ?? false })

/**
 * An event that could not be read, delivered in its place under `onMalformed: "emit"`.
 */
export interface Malformed {
  readonly _tag: "Malformed"
  readonly error: ParseError
}

/**
 * The response's headers are there and it is a stream.
 */
export interface Opened {
  readonly status: number
  readonly headers: Headers.Headers
  /** 1 for the first attempt. */
  readonly attempt: number
}

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
    const report = yield* Telemetry.watch(scope, protocol.vendor.name, request)
    let attempt = 0
    const pull = yield* Effect.suspend(() => openOnce(scope, settings, report, ++attempt)).pipe(
      RetryPolicy.retry(options?.retry ?? RetryPolicy.safe),
      Effect.timeoutOrElse({
        duration: settings.deadline,
        orElse: () =>
          Effect.fail(
            transportError(settings.exchange, "first-event", "Deadline", `limit ${Duration.format(settings.deadline)}`)
          )
      }),
      Effect.tapError((error) => Effect.sync(() => report.ended(error._tag)))
    )
    return Stream.fromPull(Effect.succeed(pull)) as Stream.Stream<E | Extra<O>, StreamError>
  })

interface Settings<E> {
  readonly exchange: Exchange
  readonly protocol: Protocol<E>
  readonly limits: Watchdog.Limits
  readonly deadline: Duration.Duration
  readonly emitMalformed: boolean
  readonly maxEventSize: number | undefined
  readonly onOpen: Options["onOpen"]
}

const resolve = <E>(
  request: HttpClientRequest.HttpClientRequest,
  protocol: Protocol<E>,
  options: (Options & Confidential) | undefined,
  now: number
): Settings<E> => {
  const duration = (input: Duration.Input | undefined, otherwise: Duration.Input) =>
    Duration.fromInputUnsafe(input ?? otherwise)
  const deadline = duration(options?.deadline, Duration.infinity)
  return {
    exchange: {
      vendor: protocol.vendor,
      request,
      secrets: options?.secrets ?? [],
      connectTimeout: duration(options?.connectTimeout, "60 seconds"),
      maxErrorBodySize: options?.maxErrorBodySize ?? 64 * 1024
    },
    protocol,
    limits: {
      idle: Duration.toMillis(duration(options?.idleTimeout, "120 seconds")),
      stall: Duration.toMillis(duration(options?.stallTimeout, Duration.infinity)),
      deadlineAt: now + Duration.toMillis(deadline)
    },
    deadline,
    emitMalformed: options?.onMalformed === "emit",
    maxEventSize: options?.maxEventSize,
    onOpen: options?.onOpen
  }
}

type Events<E> = readonly [E | Malformed, ...Array<E | Malformed>]
type EventPull<E> = Pull.Pull<Events<E>, StreamError>
type Chunks = readonly [Uint8Array, ...Array<Uint8Array>]
type BytePull = Pull.Pull<Chunks, HttpClientError.HttpClientError | StreamError>

/**
 * One attempt: sends, checks what came back, and reads up to the first events, so that a retry can still replace it. An
 * attempt that fails has closed its connection.
 */
const openOnce = <E>(
  scope: Scope.Scope,
  settings: Settings<E>,
  report: Telemetry.Report,
  attempt: number
): Effect.Effect<EventPull<E>, StreamError, HttpClient.HttpClient> =>
  Effect.suspend(() => {
    report.attempt(attempt)
    const attemptScope = Scope.forkUnsafe(scope)
    const request = Scope.forkUnsafe(attemptScope)
    const body = Scope.forkUnsafe(attemptScope)
    return Effect.gen(function* () {
      const response = yield* Scope.provide(send(settings.exchange), request)
      const bytes = yield* Scope.provide(streamBody(settings, response), body)
      const opened: Opened = { status: response.status, headers: response.headers, attempt }
      if (settings.onOpen !== undefined) yield* settings.onOpen(opened)
      // What ends a read that waits: cancelling a web stream, but for a Node stream only the abort of its request.
      const hangUp = Scope.close(Option.isSome(HttpClientResponse.toWeb(response)) ? body : request, Exit.void)
      const watchdog = yield* Watchdog.start(attemptScope, settings.limits, hangUp)
      const close = Scope.close(attemptScope, Exit.void)
      const pull = reader(settings, opened, bytes, watchdog, report, close)
      return yield* firstEvents(pull)
    }).pipe(Effect.onError(() => Scope.close(attemptScope, Exit.void)))
  })

/** Reads up to the first events and gives a pull that begins with them. */
const firstEvents = <E>(pull: EventPull<E>): Effect.Effect<EventPull<E>, StreamError> =>
  Pull.matchEffect(pull, {
    onSuccess: (events) => {
      let first: Events<E> | undefined = events
      return Effect.succeed(
        Effect.suspend(() => {
          if (first === undefined) return pull
          const events = first
          first = undefined
          return Effect.succeed(events)
        })
      )
    },
    onFailure: Effect.failCause,
    onDone: () => Effect.succeed(Cause.done())
  })

const nondescript: ReadonlySet<string> = new Set(["", "text/plain", "application/octet-stream"])

/**
 * The bytes of the body, once status and content type (or, where the type says nothing, the first bytes) agree that it is
 * a stream; else the error that the answer stands for.
 */
const streamBody = <E>(
  { exchange, protocol }: Settings<E>,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<BytePull, StreamError, Scope.Scope> =>
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
    if (!isStream && !nondescript.has(type)) return yield* notAStream(bytes)
    // Not `Stream.toPull`: it guards each pull against others at the same time, and there are none.
    const pull: BytePull = yield* Channel.toPullScoped(bytes.channel, yield* Effect.scope)
    if (isStream) return pull
    let sniffed = false
    return Effect.suspend(() => {
      if (sniffed) return pull
      sniffed = true
      return Effect.flatMap(pull, (chunks): BytePull =>
        looksLikeADocument(chunks[0])
          ? notAStream(Stream.concat(Stream.fromArray(chunks), Stream.fromPull(Effect.succeed(pull))))
          : Effect.succeed(chunks)
      )
    })
  })

/** Whether a body begins as JSON or HTML do, and no event stream does. */
const looksLikeADocument = (chunk: Uint8Array): boolean =>
  /^\s*[{[<]/.test(new TextDecoder().decode(chunk.subarray(0, 64)))

/** The one stage between the bytes and the consumer: synchronous inside, one array of events for each wake-up. */
const reader = <E>(
  settings: Settings<E>,
  opened: Opened,
  bytesPull: BytePull,
  watchdog: Watchdog.Watchdog,
  report: Telemetry.Report,
  close: Effect.Effect<void>
): EventPull<E> => {
  const { emitMalformed, exchange, protocol } = settings
  const decoder = protocol.makeDecoder({ maxEventSize: settings.maxEventSize })
  const session = protocol.session(opened)
  let frames = 0
  let events = 0
  let bytes = 0
  let ending: EventPull<E> | undefined

  const endWith = (end: EventPull<E>, how: Telemetry.EndedBy) => {
    ending = end
    report.counts(events, bytes)
    report.ended(how)
  }
  const failWith = (error: StreamError) => endWith(Effect.fail(error), error._tag)

  const parseError = (
    signal: Extract<SignalKind<E>, { _tag: "Malformed" }>,
    data: string,
    offset: number
  ): ParseError => {
    const eventName = session.summary().lastEvent
    return new ParseError({
      vendor: exchange.vendor.name,
      stage: signal.stage,
      issue: excerpt(signal.issue, exchange.secrets),
      eventNumber: frames,
      ...(eventName === undefined ? {} : { eventName: excerpt(eventName, exchange.secrets) }),
      offset,
      excerpt: excerpt(data, exchange.secrets)
    })
  }

  const refusalError = (refusal: Refusal, data: string) =>
    apiError(
      exchange,
      "stream",
      { status: opened.status, headers: opened.headers, text: data, json: undefined, now: 0 },
      refusal
    )

  /** Decodes one chunk into `out`, up to what ends the stream. */
  const decodeChunk = (chunk: Uint8Array, out: Array<E | Malformed>): void => {
    bytes += chunk.length
    const pushed = decoder.push(chunk)
    for (let i = 0; i < pushed.length; i++) {
      const frame = pushed[i]!
      if (frame._tag === "Overflow") {
        return failWith(
          ParseError.overflow({
            vendor: exchange.vendor.name,
            option: "maxEventSize",
            limit: frame.limit,
            eventNumber: frames + 1,
            offset: decoder.offsetAfter(i)
          })
        )
      }
      if (frame._tag !== "Event" && frame._tag !== "Line") continue
      frames++
      const step = session.decode(frame.data, frame._tag === "Event" ? frame.event : "")
      if (!(step instanceof Signal)) {
        events++
        out.push(step)
        continue
      }
      const signal: SignalKind<E> = step.kind
      switch (signal._tag) {
        case "Skip":
          break
        case "Done":
          if (signal.last !== undefined) {
            events++
            out.push(signal.last)
          }
          return endWith(Cause.done(), "Done")
        case "Refused":
          return failWith(refusalError(signal.refusal, frame.data))
        case "Malformed": {
          const error = parseError(signal, frame.data, decoder.offsetAfter(i))
          if (signal.fatal || !emitMalformed) return failWith(error)
          events++
          out.push({ _tag: "Malformed", error })
        }
      }
    }
  }

  /** The body ended before the mark came, unless what it left without a line end is the mark. */
  const endOfBody = (): void => {
    const { ids, lastEvent, terminalSeen } = session.summary()
    const left = decoder.end()
    const step = left === undefined ? skip : session.decode(left.data, left._tag === "Event" ? left.event : "")
    if (step instanceof Signal) {
      const signal: SignalKind<E> = step.kind
      if (signal._tag === "Done" && signal.last === undefined) return endWith(Cause.done(), "Done")
      if (signal._tag === "Refused") return failWith(refusalError(signal.refusal, left?.data ?? ""))
    }
    failWith(
      new MissingDoneError({
        vendor: exchange.vendor.name,
        events,
        bytes,
        ...(lastEvent === undefined ? {} : { lastEvent: excerpt(lastEvent, exchange.secrets) }),
        ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, excerpt(id, exchange.secrets)])),
        terminalSeen
      })
    )
  }

  const phase = () => (events === 0 ? ("first-event" as const) : ("streaming" as const))
  const watchdogError = (reason: NonNullable<ReturnType<Watchdog.Watchdog["expired"]>>): void => {
    const millis = { IdleTimeout: settings.limits.idle, StallTimeout: settings.limits.stall }
    const limit = reason === "Deadline" ? settings.deadline : Duration.millis(millis[reason])
    failWith(transportError(exchange, phase(), reason, `limit ${Duration.format(limit)}`))
  }

  const onChunks = (chunks: ReadonlyArray<Uint8Array>): EventPull<E> => {
    watchdog.bytesCame()
    const out: Array<E | Malformed> = []
    for (let i = 0; i < chunks.length && ending === undefined; i++) decodeChunk(chunks[i]!, out)
    if (out.length > 0) {
      watchdog.eventsCame()
      report.firstEvent()
      const deliver = Effect.succeed(out as unknown as Events<E>)
      return ending === undefined ? deliver : Effect.andThen(close, deliver)
    }
    return ending === undefined ? wait : Effect.andThen(close, ending)
  }

  const onCause = (cause: Cause.Cause<HttpClientError.HttpClientError | StreamError | Cause.Done>): EventPull<E> => {
    const expired = watchdog.expired()
    const failure = Cause.findError(cause)
    if (expired !== undefined) watchdogError(expired)
    else if (Result.isFailure(failure)) return Effect.failCause(failure.failure)
    else if (Cause.isDone(failure.success)) endOfBody()
    else if (failure.success._tag === "HttpClientError") {
      failWith(fromHttpClientError(exchange, phase(), failure.success))
    } else failWith(failure.success)
    return Effect.andThen(close, ending!)
  }

  const handlers = { onSuccess: onChunks, onFailure: onCause }
  const wait: EventPull<E> = Effect.suspend(() => {
    watchdog.bytesWanted()
    return Effect.matchCauseEffect(bytesPull, handlers)
  })
  return Effect.suspend(() => {
    if (ending !== undefined) return ending
    watchdog.eventWanted()
    return wait
  })
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
