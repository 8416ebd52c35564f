/** Processes of their own for what is measured, so that no candidate runs on what another one warmed up or left behind. */
import { fork } from "node:child_process"
import { resolve } from "node:path"

/** A process that answers requests, one at a time. */
export interface Process<Request, Answer> {
  readonly ask: (request: Request) => Promise<Answer>
  readonly stop: () => Promise<void>
}

/** What a process sends: first that it is ready, then an answer for each request. */
export type Message<Answer> = { readonly answer: Answer } | { readonly error: string }

const hook = resolve(import.meta.dirname, "resolveDist.ts")

/** Starts a module as a process; resolves when it says that it is ready. */
export const start = async <Request extends string | object, Answer>(
  module: string,
  args: ReadonlyArray<string>
): Promise<Process<Request, Answer>> => {
  const child = fork(module, args, {
    execArgv: ["--expose-gc", "--import", hook],
    // Its standard output would land in the table.
    stdio: ["ignore", 2, 2, "ipc"]
  })
  const exited = new Promise<string>((resolve) => child.once("exit", (code, signal) => resolve(String(signal ?? code))))

  const next = async (): Promise<Answer> => {
    const listening = new AbortController()
    const message = new Promise<Message<Answer>>((resolve) => {
      const listen = (message: Message<Answer>) => resolve(message)
      child.once("message", listen)
      listening.signal.addEventListener("abort", () => child.off("message", listen))
    })
    const ended = exited.then((code): Message<Answer> => ({ error: `the process ended with ${code}` }))
    const received = await Promise.race([message, ended])
    listening.abort()
    if ("error" in received) throw new Error(`${module} ${args.join(" ")}: ${received.error}`)
    return received.answer
  }

  await next()
  return {
    ask: (request) => {
      const answer = next()
      child.send(request)
      return answer
    },
    stop: async () => {
      child.kill()
      await exited
    }
  }
}

/** The other side of {@link start}: answers the requests of the process that started this one, and ends with it. */
export const serve = <Request, Answer>(answer: (request: Request) => Answer | Promise<Answer>): void => {
  const send = (message: Message<Answer | undefined>) => process.send!(message)
  process.on("message", (request: Request) => {
    new Promise<Answer>((resolve) => resolve(answer(request))).then(
      (answer) => send({ answer }),
      (error) => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    )
  })
  process.on("disconnect", () => process.exit())
  send({ answer: undefined })
}
