import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import type { Malformed } from "../Protocol.ts"
import type { StreamError } from "../StreamError.ts"
import type * as Telemetry from "../Telemetry.ts"
import type { BytePull, ByteSource, Chunks, PullSource } from "./byteSource.ts"
import type { FrameReader } from "./frameReader.ts"
import type { Watchdog } from "./watchdog.ts"

/** Some events, at least one. */
export type Events<E> = readonly [E | Malformed, ...Array<E | Malformed>]

/** Events, pulled: one array for each wake-up. */
export type EventPull<E> = Pull.Pull<Events<E>, StreamError>

/** Chunks without an event that are read in one go before other work has its turn. */
const maxQuietReads = 1024

/**
 * Events to be pulled: the one stage between the bytes and the consumer, synchronous inside, with no queue and nothing read ahead.
 * Events come before what ended the stream, and the connection is closed before either.
 *
 * A class and not closures, so that each of thousands of open streams holds one small object.
 */
export class EventSource<E> {
  /** The next events. */
  readonly pull: EventPull<E>
  readonly #reader: FrameReader<E>
  readonly #source: ByteSource
  readonly #watchdog: Watchdog
  readonly #report: Telemetry.Report
  /** What is to come first: events that were put back, or what a read brought whose pull had been interrupted. */
  #left: EventPull<E> | undefined
  // Of a web stream: the pull that waits, whether it is being read, and the reads of this pull that brought no event.
  #waiting: ((effect: EventPull<E>) => void) | undefined
  #isReading = false
  #quiet = 0

  constructor(reader: FrameReader<E>, source: ByteSource, watchdog: Watchdog, report: Telemetry.Report) {
    this.#reader = reader
    this.#source = source
    this.#watchdog = watchdog
    this.#report = report
    this.pull = source._tag === "Web" ? this.#readWeb(source.reader) : this.#readPull(source)
  }

  /** Puts events back, to be pulled again before any others. */
  putBack(events: Events<E>): void {
    this.#left = Effect.succeed(events)
  }

  /** Closes the connection and all that belongs to it. */
  close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#watchdog.stop()
      return this.#source.close()
    })
  }

  /** What needs no reading. */
  #ready(): EventPull<E> | undefined {
    const effect = this.#left
    if (effect === undefined) return this.#reader.ending === undefined ? undefined : this.#over()
    this.#left = undefined
    return effect
  }

  /** What comes of bytes that were read: events, the end, or more reading. */
  #after(events: ReadonlyArray<E | Malformed>): EventPull<E> {
    const isOver = this.#reader.ending !== undefined
    if (events.length === 0) return isOver ? this.#over() : this.pull
    this.#watchdog.nothingWanted()
    this.#report.firstEvent()
    const deliver = Effect.succeed(events as unknown as Events<E>)
    return isOver ? Effect.andThen(this.close(), deliver) : deliver
  }

  #over(): EventPull<E> {
    return Effect.suspend(() => {
      const ending = this.#reader.ending ?? "Done"
      this.#report.ended(ending === "Done" ? "Done" : ending._tag)
      const last: EventPull<E> = ending === "Done" ? Cause.done() : Effect.fail(ending)
      return Effect.andThen(this.close(), last)
    })
  }

  /** Nothing more comes: because a limit closed the connection, the body ended, or reading broke. */
  #stopped(how: () => ReadonlyArray<E | Malformed> | void): EventPull<E> {
    return Effect.suspend(() => {
      const { expired } = this.#watchdog
      if (expired === undefined) return this.#after(how() ?? [])
      this.#reader.expired(expired)
      return this.#over()
    })
  }

  /**
   * A pull that is interrupted leaves its read behind. What that brings is for the next pull, so that nothing is lost; and
   * there is never more than one read. The functions are made once for the stream and not for each pull.
   */
  #readWeb(web: ReadableStreamDefaultReader<Uint8Array>): EventPull<E> {
    const onRead = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
      this.#isReading = false
      if (done) return this.#hand(this.#stopped(() => this.#reader.endOfBody()))
      const events = this.#reader.push(value)
      if (events.length > 0 || this.#reader.ending !== undefined) return this.#hand(this.#after(events))
      if (this.#waiting === undefined) return
      if (++this.#quiet < maxQuietReads) {
        this.#watchdog.bytesWanted()
        this.#isReading = true
        web.read().then(onRead, onRejected)
      } else this.#hand(Effect.andThen(Effect.yieldNow, this.pull))
    }
    const onRejected = (cause: unknown): void => {
      this.#isReading = false
      this.#hand(this.#stopped(() => this.#reader.broke(cause)))
    }
    const stopWaiting = Effect.sync(() => {
      this.#waiting = undefined
      this.#watchdog.nothingWanted()
    })
    return Effect.callback<Events<E>, StreamError | Cause.Done>((resume) => {
      const effect = this.#ready()
      if (effect !== undefined) return resume(effect)
      this.#waiting = resume
      this.#quiet = 0
      this.#watchdog.bytesWanted()
      if (!this.#isReading) {
        this.#isReading = true
        web.read().then(onRead, onRejected)
      }
      return stopWaiting
    })
  }

  /** Gives what was read to the pull that waits for it, or to the next one. */
  #hand(effect: EventPull<E>): void {
    const resume = this.#waiting
    this.#waiting = undefined
    if (resume === undefined) this.#left = effect
    else resume(effect)
  }

  /**
   * The same where bytes are pulled through Effect: a read goes on in a fiber of its own, as one that is interrupted takes with it
   * what it was to bring.
   */
  #readPull({ pull, scope }: PullSource): EventPull<E> {
    let reading: Fiber.Fiber<Chunks, Pull.Error<BytePull> | Cause.Done> | undefined
    const begin = Effect.map(Effect.forkIn(pull, scope, { startImmediately: true }), (fiber) => (reading = fiber))
    const nothingWanted = Effect.sync(() => this.#watchdog.nothingWanted())
    const handlers = {
      onSuccess: (chunks: ReadonlyArray<Uint8Array>): EventPull<E> => {
        if (chunks.length === 1) return this.#after(this.#reader.push(chunks[0]!))
        const events: Array<E | Malformed> = []
        for (let i = 0; i < chunks.length && this.#reader.ending === undefined; i++) {
          for (const event of this.#reader.push(chunks[i]!)) events.push(event)
        }
        return this.#after(events)
      },
      onFailure: (cause: Cause.Cause<Pull.Error<BytePull> | Cause.Done>): EventPull<E> => {
        const failure = Cause.findError(cause)
        if (Result.isFailure(failure) && this.#watchdog.expired === undefined) return Effect.failCause(failure.failure)
        return this.#stopped(() => {
          if (Result.isFailure(failure)) return undefined
          const error = failure.success
          if (Cause.isDone(error)) return this.#reader.endOfBody()
          if (error._tag === "HttpClientError") this.#reader.broke(error)
          else this.#reader.fail(error)
          return undefined
        })
      }
    }
    return Effect.suspend(() => {
      const effect = this.#ready()
      if (effect !== undefined) return effect
      this.#watchdog.bytesWanted()
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
}
