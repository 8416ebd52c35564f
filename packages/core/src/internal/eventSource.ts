import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Malformed } from "../Protocol.ts"
import type { StreamError } from "../StreamError.ts"
import type * as Telemetry from "../Telemetry.ts"
import type { BytePull, ByteSource, Chunks } from "./byteSource.ts"
import type { FrameReader } from "./frameReader.ts"
import type { Watchdog } from "./watchdog.ts"

/** Some events, at least one. */
export type Events<E> = readonly [E | Malformed, ...Array<E | Malformed>]

/** Events, pulled: one array for each wake-up. */
export type EventPull<E> = Pull.Pull<Events<E>, StreamError>

/** What a stream of events is made of. */
export interface Parts<E> {
  readonly reader: FrameReader<E>
  readonly source: ByteSource
  readonly watchdog: Watchdog
  readonly report: Telemetry.Report
  /** Closes the connection. */
  readonly close: Effect.Effect<void>
  /** Ends with the connection. */
  readonly scope: Scope.Scope
}

/** Chunks without an event that are read in one go before other work has its turn. */
const maxQuietReads = 1024

/** Events to be pulled. */
export interface EventSource<E> {
  readonly pull: EventPull<E>
  /** Puts events back, to be pulled again before any others. */
  readonly putBack: (events: Events<E>) => void
}

/**
 * The one stage between the bytes and the consumer: synchronous inside, with no queue and nothing read ahead. Events come
 * before what ended the stream, and the connection is closed before either.
 */
export const makeEventSource = <E>({ close, reader, report, scope, source, watchdog }: Parts<E>): EventSource<E> => {
  /** What is to come first: events that were put back, or what a read brought whose pull had been interrupted. */
  let left: EventPull<E> | undefined

  /** What needs no reading. */
  const ready = (): EventPull<E> | undefined => {
    if (left === undefined) return reader.ending() === undefined ? undefined : over
    const effect = left
    left = undefined
    return effect
  }

  /** What comes of bytes that were read: events, the end, or more reading. */
  const after = (events: ReadonlyArray<E | Malformed>): EventPull<E> => {
    const isOver = reader.ending() !== undefined
    if (events.length === 0) return isOver ? over : wait
    watchdog.nothingWanted()
    report.firstEvent()
    const deliver = Effect.succeed(events as unknown as Events<E>)
    return isOver ? Effect.andThen(close, deliver) : deliver
  }

  const over: EventPull<E> = Effect.suspend(() => {
    const ending = reader.ending() ?? "Done"
    report.ended(ending === "Done" ? "Done" : ending._tag)
    const last: EventPull<E> = ending === "Done" ? Cause.done() : Effect.fail(ending)
    return Effect.andThen(close, last)
  })

  /** Nothing more comes: because a limit closed the connection, the body ended, or reading broke. */
  const stopped = (how: () => ReadonlyArray<E | Malformed> | void): EventPull<E> => {
    const expired = watchdog.expired()
    if (expired === undefined) return after(how() ?? [])
    reader.expired(expired)
    return over
  }

  /**
   * A pull that is interrupted leaves its read behind. What that brings is for the next pull, so that nothing is lost; and
   * there is never more than one read. The functions are made once for the stream and not for each pull.
   */
  const readWeb = (web: ReadableStreamDefaultReader<Uint8Array>): EventPull<E> => {
    let waiting: ((effect: EventPull<E>) => void) | undefined
    let isReading = false
    let quiet = 0
    const read = (): void => {
      isReading = true
      watchdog.bytesWanted()
      web.read().then(onRead, onRejected)
    }
    const hand = (effect: EventPull<E>): void => {
      const resume = waiting
      waiting = undefined
      if (resume === undefined) left = effect
      else resume(effect)
    }
    const onRead = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
      isReading = false
      if (done) return hand(endOfBody)
      const events = reader.push(value)
      if (events.length > 0 || reader.ending() !== undefined) return hand(after(events))
      if (waiting === undefined) return
      if (++quiet < maxQuietReads) return read()
      hand(Effect.andThen(Effect.yieldNow, wait))
    }
    const onRejected = (cause: unknown): void => {
      isReading = false
      hand(Effect.suspend(() => stopped(() => reader.broke(cause))))
    }
    const endOfBody = Effect.suspend(() => stopped(reader.endOfBody))
    const stopWaiting = Effect.sync(() => {
      waiting = undefined
      watchdog.nothingWanted()
    })
    return Effect.callback<Events<E>, StreamError | Cause.Done>((resume) => {
      const effect = ready()
      if (effect !== undefined) return resume(effect)
      waiting = resume
      quiet = 0
      if (isReading) watchdog.bytesWanted()
      else read()
      return stopWaiting
    })
  }

  /**
   * The same where bytes are pulled through Effect: a read goes on in a fiber of its own, as one that is interrupted takes with it
   * what it was to bring.
   */
  const readPull = (pull: BytePull): EventPull<E> => {
    let reading: Fiber.Fiber<Chunks, Pull.Error<BytePull> | Cause.Done> | undefined
    const begin = Effect.map(Effect.forkIn(pull, scope, { startImmediately: true }), (fiber) => (reading = fiber))
    const nothingWanted = Effect.sync(watchdog.nothingWanted)
    const handlers = {
      onSuccess: (chunks: ReadonlyArray<Uint8Array>): EventPull<E> => {
        if (chunks.length === 1) return after(reader.push(chunks[0]!))
        const events: Array<E | Malformed> = []
        for (let i = 0; i < chunks.length && reader.ending() === undefined; i++) {
          for (const event of reader.push(chunks[i]!)) events.push(event)
        }
        return after(events)
      },
      onFailure: (cause: Cause.Cause<Pull.Error<BytePull> | Cause.Done>): EventPull<E> => {
        const failure = Cause.findError(cause)
        if (Result.isFailure(failure) && watchdog.expired() === undefined) return Effect.failCause(failure.failure)
        return stopped(() => {
          if (Result.isFailure(failure)) return undefined
          const error = failure.success
          if (Cause.isDone(error)) return reader.endOfBody()
          if (error._tag === "HttpClientError") reader.broke(error)
          else reader.fail(error)
          return undefined
        })
      }
    }
    return Effect.suspend(() => {
      const effect = ready()
      if (effect !== undefined) return effect
      watchdog.bytesWanted()
      return Effect.suspend(() => (reading === undefined ? begin : Effect.succeed(reading))).pipe(
        Effect.flatMap(Fiber.await),
        Effect.onInterrupt(() => nothingWanted),
        Effect.flatMap((exit) => {
          reading = undefined
          return Exit.match(exit, handlers)
        })
      )
    })
  }

  const wait: EventPull<E> = source._tag === "Web" ? readWeb(source.reader) : readPull(source.pull)

  return {
    pull: wait,
    putBack: (events) => {
      left = Effect.succeed(events)
    }
  }
}
