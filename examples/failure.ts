/** How an example fails when its user can do something about it. */
import { Console, Data, Effect, Runtime } from "effect"
import { printable } from "./terminal.ts"

/** It was said already what is wrong, so `runMain` only ends with exit code 1. */
export class Said extends Data.TaggedError("Said") {
  override readonly [Runtime.errorReported] = false
}

/** Says in a line what is wrong, and fails. */
export const failWith = (line: string): Effect.Effect<never, Said> =>
  Effect.andThen(Console.error(printable(line)), Effect.fail(new Said()))
