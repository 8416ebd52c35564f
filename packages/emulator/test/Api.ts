/** Powerdrill's API by plain `fetch`, for the tests of its state. */
import { assert } from "@effect/vitest"
import type { EmulatorService } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import type { PowerdrillPlay } from "./Wire.ts"

/** Whatever the JSON is: assertions say what it must be. */
export type Json = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Json
}

export interface Asked {
  readonly play?: PowerdrillPlay
  /** `null` leaves it out. */
  readonly user?: string | null
  readonly key?: string
}

export type Line = `${"GET" | "POST" | "DELETE"} ${string}`

/** Sends a request with its user where the vendor wants it: in the query of a GET, else in the body. */
export const call = (
  emulator: EmulatorService,
  line: Line,
  body: Record<string, unknown> | FormData = {},
  { key, play, user = "tmm-a" }: Asked = {}
): Effect.Effect<Answer> =>
  Effect.promise(async (signal) => {
    const at = line.indexOf(" ")
    const method = line.slice(0, at)
    const url = new URL(`${emulator.powerdrill.url(play)}/v2/team${line.slice(at + 1)}`)
    const headers: Record<string, string> = { "x-pd-api-key": key ?? Redacted.value(emulator.powerdrill.apiKey) }
    const init: RequestInit = { method, headers, signal }
    if (method === "GET") {
      for (const [name, value] of Object.entries(body)) url.searchParams.set(name, String(value))
      if (user !== null) url.searchParams.set("user_id", user)
    } else if (body instanceof FormData) {
      if (user !== null) body.set("user_id", user)
      init.body = body
    } else {
      headers["content-type"] = "application/json"
      init.body = JSON.stringify({ ...body, ...(user === null ? {} : { user_id: user }) })
    }
    const response = await fetch(url, init)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: parse(text)
    }
  })

const parse = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What comes in the envelope of a good answer. */
export const data = (...request: Parameters<typeof call>): Effect.Effect<Json> =>
  Effect.map(call(...request), ({ json, status, text }) => {
    assert.deepStrictEqual([status, json?.code], [200, 0], text)
    return json.data
  })

/** The status and the code of a refusal. */
export const refusal = (...request: Parameters<typeof call>): Effect.Effect<readonly [number, number]> =>
  Effect.map(call(...request), ({ json, status, text }) => {
    assert.isString(json?.msg, text)
    assert.deepStrictEqual(Object.keys(json).toSorted(), ["code", "msg"])
    return [status, json.code]
  })

/** A form with a file in it. */
export const formOf = (name: string, bytes: Uint8Array<ArrayBuffer> | string, type = "text/csv"): FormData => {
  const form = new FormData()
  form.set("file", new Blob([bytes], { type }), name)
  return form
}

/** Uploads a small file and gives its key. */
export const uploaded = (emulator: EmulatorService, content: Uint8Array<ArrayBuffer> | string, asked: Asked = {}) =>
  Effect.map(
    data(emulator, "POST /file/upload-datasource", formOf("sales.csv", content), asked),
    ({ file_object_key }): string => file_object_key
  )

/** Makes a data source of a small file, in a dataset of its own or in the one that is given. */
export const datasource = (emulator: EmulatorService, content = "a,b\n1,2\n", datasetId?: string, asked: Asked = {}) =>
  Effect.flatMap(uploaded(emulator, content), (key) =>
    data(
      emulator,
      datasetId === undefined ? "POST /datasources" : `POST /datasets/${datasetId}/datasources`,
      { name: "sales.csv", type: "FILE", file_object_key: key },
      asked
    )
  )

/** What a link gives. */
export const read = (url: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
  })

/** Waits in real time, where a test's own clock stands still. */
export const wait = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))

/** Asks again until the answer is right; the test's own timeout is the limit. */
export const until = <A, E>(ask: Effect.Effect<A, E>, isRight: (answer: A) => boolean): Effect.Effect<A, E> =>
  Effect.flatMap(ask, (answer) =>
    isRight(answer) ? Effect.succeed(answer) : Effect.andThen(wait(10), until(ask, isRight))
  )
