/** The vendor's own JavaScript client against the emulator, so that the emulator is judged by code of someone else. */
import { assert } from "@effect/vitest"
import { Emulator, type EmulatorService } from "@effect-sse/emulator"
import { Effect, Redacted } from "effect"
import { TwelveLabs, TwelvelabsApiError } from "twelvelabs-js"
import type { TwelveLabsPlay } from "./Wire.ts"

const variable = "TWELVELABS_BASE_URL"

/** A client of an emulator. The base URL comes from the environment alone, and is read when the client is made. */
const clientOf = ({ twelvelabs }: EmulatorService, play?: TwelveLabsPlay, key?: string): TwelveLabs => {
  const before = process.env[variable]
  process.env[variable] = twelvelabs.url(play)
  try {
    return new TwelveLabs({ apiKey: key ?? Redacted.value(twelvelabs.apiKey) })
  } finally {
    if (before === undefined) delete process.env[variable]
    else process.env[variable] = before
  }
}

/** A client of this test's emulator. */
export const official = (play?: TwelveLabsPlay, key?: string): Effect.Effect<TwelveLabs, never, Emulator> =>
  Effect.map(Emulator, (emulator) => clientOf(emulator, play, key))

/** Options of a call that is made once. */
export const once = { maxRetries: 0, timeoutInSeconds: 10 } as const

/**
 * What a call gives. The client passes on what it does not know in the spelling of the wire: no name of it may be one of those.
 */
export const ask = <A>(call: () => PromiseLike<A>): Effect.Effect<A> =>
  Effect.promise(async () => {
    const answer = await call()
    assertKnown(answer)
    return answer
  })

/** The error that a call fails with. */
export const refusal = (call: () => PromiseLike<unknown>): Effect.Effect<TwelvelabsApiError> =>
  Effect.promise(async () => {
    const outcome = await Promise.resolve(call()).then(
      () => undefined,
      (error: unknown) => error
    )
    assert.instanceOf(outcome, TwelvelabsApiError)
    return outcome as TwelvelabsApiError
  })

/** The code in a refusal's body. */
export const codeOf = ({ body }: TwelvelabsApiError): unknown =>
  typeof body === "object" && body !== null && "code" in body ? body.code : undefined

/** All that an iterable has. */
export const all = <A>(call: () => PromiseLike<AsyncIterable<A>>): Effect.Effect<ReadonlyArray<A>> =>
  ask(async () => {
    const items: Array<A> = []
    for await (const item of await call()) items.push(item)
    return items
  })

/** Asks again until the answer is right; the test's own timeout is the limit. */
export const until = <A>(call: () => PromiseLike<A>, isRight: (answer: A) => boolean): Effect.Effect<A> =>
  Effect.flatMap(ask(call), (answer) =>
    isRight(answer)
      ? Effect.succeed(answer)
      : Effect.andThen(
          Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10))),
          until(call, isRight)
        )
  )

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** Fails on a name with an underscore in it. */
export const assertKnown = (value: unknown, path = ""): void => {
  if (Array.isArray(value)) value.forEach((item, index) => assertKnown(item, `${path}[${index}]`))
  if (!isPlain(value)) return
  for (const [name, part] of Object.entries(value)) {
    assert.match(name, /^[a-z][A-Za-z0-9]*$/, `the client does not know ${path}.${name}`)
    assertKnown(part, `${path}.${name}`)
  }
}
