import * as Redacted from "effect/Redacted"

/**
 * Why headers that came from outside must not be sent, or `undefined` if they may.
 *
 * They are for the store to know what it gets, and nothing more: who asks is in the link, and how the bytes are framed is for the
 * HTTP client to say.
 */
export const refusalOfHeaders = (headers: Readonly<Record<string, string>> = {}): string | undefined => {
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name)) return "a header's name is not one"
    if (forbidden.test(name)) return `the header ${name.toLowerCase()} is not one to send to a store`
    if (!fieldValue.test(value)) return `the value of the header ${name.toLowerCase()} is not one`
  }
  return undefined
}

/** By RFC 9110; longer ones would be cut nowhere, and are no names. */
const token = /^[\w!#$%&'*+.^`|~-]{1,128}$/

const fieldValue = /^[\t\x20-\x7e\x80-\xff]{0,4096}$/

const forbidden =
  /^(?:(?:proxy-)?authorization|(?:.+-)?api-?key|cookie2?|set-cookie|host|content-length|transfer-encoding|te|trailer|connection|keep-alive|proxy-.+|upgrade|expect|http2-settings)$/i

/** Shorter values are in no way secret, and replacing them would garble a text. */
const minLength = 8

/** What no error may show of headers: tokens, and what else a store repeats when it refuses a signature. */
export const headerSecrets = (headers: Readonly<Record<string, string>> = {}): ReadonlyArray<Redacted.Redacted> =>
  Object.entries(headers)
    // What is sent is no secret, and its words stand in many a good text.
    .filter(([name, value]) => value.length >= minLength && !/^content-type$/i.test(name))
    .map(([, value]) => Redacted.make(value))
