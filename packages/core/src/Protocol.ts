/**
 * What the engine must know of a vendor's event stream: its framing, what its frames mean, and how it ends.
 */
import type * as Headers from "effect/http/Headers"
import type * as Ndjson from "./Ndjson.ts"
import type * as Sse from "./Sse.ts"
import type { ParseError } from "./StreamError.ts"
import type { Refusal, Vendor } from "./Vendor.ts"

/**
 * What a vendor's event stream means.
 */
export interface Protocol<E> {
  /** Whose protocol it is. */
  readonly vendor: Vendor
  /** The media types that a stream has. Without any (or with a nondescript one) the first bytes decide. */
  readonly mediaTypes: ReadonlyArray<string>
  /**
   * Tells a stream by how it begins, whatever else its media type says: for vendors that do not label theirs reliably.
   * `undefined` asks for more of the text. By default, a body without a telling type is a stream if it does not begin as JSON
   * or HTML do, and other types than `mediaTypes` are none.
   */
  readonly isStream?: ((start: string) => boolean | undefined) | undefined
  /**
   * What ends a stream well: the protocol's mark (default), or the end of the body where there is no mark. A cut between two
   * frames then cannot be told from the end; one inside a frame is a `ParseError`.
   */
  readonly endsWith?: "mark" | "body" | undefined
  /** Makes the decoder of the framing: `Sse.makeDecoder` or `Ndjson.makeDecoder`. */
  readonly makeDecoder: (options: Sse.DecoderOptions) => Sse.Decoder | Ndjson.Decoder
  /** Starts the reading of one stream, whose headers are there. */
  readonly session: (opened: Opened) => Session<E>
}

/**
 * The reading of one stream: it turns frames into events and remembers what an error should tell. Its methods are called on it.
 */
export interface Session<E> {
  /**
   * Reads one frame: an event to deliver, or a {@link Signal}. It must not throw.
   *
   * @param data the frame's data
   * @param name the event's name; `""` in framings without names
   */
  decode(data: string, name: string): E | Signal<E>
  /** What is known of the stream so far. */
  summary(): Summary
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

/** What a {@link Signal} says. */
export type SignalKind<E> =
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
 * The response's headers are there and it is a stream.
 */
export interface Opened {
  readonly status: number
  readonly headers: Headers.Headers
  /** 1 for the first attempt. */
  readonly attempt: number
}

/**
 * An event that could not be read, delivered in its place under `onMalformed: "emit"`.
 */
export interface Malformed {
  readonly _tag: "Malformed"
  readonly error: ParseError
}
