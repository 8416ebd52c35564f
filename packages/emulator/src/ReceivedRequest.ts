/**
 * What the emulator remembers of a request: for assertions in tests and for the command's log.
 */
import type { Play } from "./Play.ts"

/**
 * How the answer to a request ended. `cut`: the emulator ended the body early on purpose (or was shut down).
 */
export type Ended = "open" | "finished" | "closed by the client" | "cut" | "reset"

/**
 * A request and what became of its answer, at the moment of asking.
 */
export interface ReceivedRequest {
  readonly method: string
  /** Which part of the emulator it reached. */
  readonly service: "powerdrill" | "twelvelabs" | "store" | "elsewhere" | "unknown"
  /** The path without the play's segment and without the query. */
  readonly path: string
  /** The query without its question mark, or the empty text. */
  readonly query: string
  /** The play that the base URL asked for, `{}` for none. */
  readonly play: Play
  /** Names in lower case. Keys are as the client sent them. */
  readonly headers: Readonly<Record<string, string>>
  /** The body of a request to an API. Empty for an uploaded file, whose bytes are only counted. */
  readonly body: string
  /** Bytes of the body that were read, after HTTP's framing. */
  readonly bytesReceived: number
  /** Number of the TCP connection, from 1: equal numbers mean that the connection was used again. */
  readonly connection: number
  /** Time of arrival, in milliseconds since 1970. */
  readonly receivedAt: number
  /** Time of the end, absent while the answer is open. */
  readonly endedAt?: number | undefined
  /** The status of the answer, absent before its headers. */
  readonly status?: number | undefined
  /** Bytes of the body that were handed to the socket, before HTTP's framing. */
  readonly bytesWritten: number
  readonly ended: Ended
}
