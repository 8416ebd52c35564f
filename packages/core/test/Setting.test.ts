import { Setting } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result } from "effect"

const key: Setting.Setting = { vendor: "acme", setting: "apiKey", variable: "ACME_API_KEY" }
const url: Setting.Setting = { vendor: "acme", setting: "baseUrl" }
const checkUrl = (value: string, allowInsecure = false) =>
  Setting.baseUrl(url, value, "https://api.example.com", allowInsecure)

describe("Setting.apiKey", () => {
  it("takes a key that a header can carry", () => {
    const given = Redacted.make("key-1_/+=")
    assert.strictEqual(Result.getOrThrow(Setting.apiKey(key, given, "get one")), given)
  })

  it("says what is wrong, where and what to do, and never shows the key", () => {
    for (const value of ["", " \n", "SECRET\n", "SEC RET", "SECRET\0", "“SECRET”"]) {
      const refused = Result.getOrThrow(Result.flip(Setting.apiKey(key, Redacted.make(value), "get one")))
      assert.match(refused.message, /^acme: the option apiKey \(ACME_API_KEY\) (is missing|has a character)/)
      assert.notMatch(refused.message + JSON.stringify(refused), /SEC/)
    }
    assert.isTrue(Result.isFailure(Setting.apiKey(key, undefined, "get one")))
  })
})

describe("Setting.baseUrl", () => {
  it("takes a path and drops slashes at the end", () => {
    assert.strictEqual(Result.getOrThrow(checkUrl("https://example.com")), "https://example.com")
    assert.strictEqual(Result.getOrThrow(checkUrl(" https://example.com:8443/a/b// ")), "https://example.com:8443/a/b")
  })

  it("takes plain http for this machine, or where it is allowed", () => {
    for (const host of ["localhost", "x.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]) {
      assert.isTrue(Result.isSuccess(checkUrl(`http://${host}:1/a`)), host)
    }
    for (const host of ["example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1"]) {
      assert.isTrue(Result.isFailure(checkUrl(`http://${host}/a`)), host)
      assert.isTrue(Result.isSuccess(checkUrl(`http://${host}/a`, true)), host)
    }
  })

  it("refuses what is no URL, or has more in it than an address", () => {
    for (const value of [
      "",
      "example.com",
      "ftp://a.b",
      "file:///a",
      "https://u:SECRET@a.b",
      "https://a.b?k=SECRET",
      "https://a.b#SECRET"
    ]) {
      const refused = Result.getOrThrow(Result.flip(checkUrl(value)))
      assert.match(refused.message, /^acme: the option baseUrl /)
      assert.notInclude(refused.message, "SECRET")
    }
  })
})
