/** Plain HTTP for the tests: what arrives on the wire, byte by byte, and how it ended. */
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import * as Http from "node:http"

export interface Received {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  readonly pieces: ReadonlyArray<Buffer>
  /** `complete`, or the code of the error that ended it, or `stopped` by the test's own limit. */
  readonly ended: string
}

export interface Sent {
  readonly url: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
  /** Destroys the connection after so many milliseconds. */
  readonly stopAfter?: number
}

export const send = ({ body, headers = {}, method = "POST", stopAfter, url }: Sent): Effect.Effect<Received> =>
  Effect.callback((resume) => {
    const pieces: Array<Buffer> = []
    let response: Http.IncomingMessage | undefined
    let stopped = false
    const end = (ended: string) => {
      clearTimeout(timer)
      const whole = Buffer.concat(pieces)
      resume(
        Effect.succeed({
          status: response?.statusCode ?? 0,
          headers: response?.headers ?? {},
          body: whole,
          text: whole.toString("utf8"),
          pieces,
          ended: stopped ? "stopped" : ended
        })
      )
    }
    const failed = (error: NodeJS.ErrnoException) => end(error.code ?? error.message)
    // A connection of its own, so that tests do not meet each other's resets.
    const request = Http.request(url, { method, headers, agent: new Http.Agent() }, (incoming) => {
      response = incoming
      incoming.on("data", (piece: Buffer) => pieces.push(piece))
      incoming.on("end", () => end("complete"))
      incoming.on("error", failed)
    })
    request.on("error", failed)
    const timer = setTimeout(() => {
      stopped = true
      request.destroy(new Error("stopped"))
    }, stopAfter ?? 15_000)
    request.end(
      body === undefined ? undefined : typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    )
    return Effect.sync(() => request.destroy())
  })

export type PowerdrillPlay = Parameters<EmulatorService["powerdrill"]["url"]>[0]
export type TwelveLabsPlay = Parameters<EmulatorService["twelvelabs"]["url"]>[0]

interface Asked {
  readonly stream?: boolean
  readonly stopAfter?: number
  readonly body?: Record<string, unknown>
}

export const job = (emulator: EmulatorService, play?: PowerdrillPlay, asked: Asked = {}): Effect.Effect<Received> =>
  send({
    url: `${emulator.powerdrill.url(play)}/v2/team/jobs`,
    headers: { "x-pd-api-key": Redacted.value(emulator.powerdrill.apiKey) },
    body: {
      session_id: emulator.powerdrill.sessionId,
      user_id: Redacted.value(emulator.powerdrill.userId),
      question: "Which agency is the dearest?",
      stream: asked.stream ?? true,
      ...asked.body
    },
    ...(asked.stopAfter === undefined ? {} : { stopAfter: asked.stopAfter })
  })

export const respond = (emulator: EmulatorService, play?: TwelveLabsPlay, asked: Asked = {}): Effect.Effect<Received> =>
  send({
    url: `${emulator.twelvelabs.url(play)}/responses`,
    headers: { "x-api-key": Redacted.value(emulator.twelvelabs.apiKey) },
    body: {
      knowledge_store_id: emulator.twelvelabs.knowledgeStoreId,
      input: [{ type: "message", role: "user", content: "How is a kite built?" }],
      stream: asked.stream ?? true,
      ...asked.body
    },
    ...(asked.stopAfter === undefined ? {} : { stopAfter: asked.stopAfter })
  })

export interface Block {
  readonly fields: Readonly<Record<string, string>>
  readonly comment: string | undefined
}

/** Takes a stream apart, strictly: every block must end with an empty line. */
export const blocks = (text: string): ReadonlyArray<Block> => {
  const parts = text.split("\n\n")
  if (parts.pop() !== "") throw new Error("the stream does not end with an empty line")
  return parts.map((part) => {
    const fields: Record<string, string> = {}
    let comment: string | undefined
    for (const line of part.split("\n")) {
      const match = /^(id|event|data|retry): ?(.*)$/s.exec(line)
      if (line.startsWith(":")) comment = line.slice(1)
      else if (match === null) throw new Error(`no such line: ${JSON.stringify(line)}`)
      else fields[match[1] ?? ""] = match[2] ?? ""
    }
    return { fields, comment }
  })
}

/** The events among the blocks, without comments. */
export const events = (text: string): ReadonlyArray<Readonly<Record<string, string>>> =>
  blocks(text)
    .filter(({ comment }) => comment === undefined)
    .map(({ fields }) => fields)
