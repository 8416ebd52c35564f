import { Excerpt } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"

describe("Excerpt.of", () => {
  it("leaves out secrets, and what of a URL is one", () => {
    const text = "key-1234 at https://user:p4ss@example.com/a?X-Amz-Signature=5ec2e7 or https://example.com/b"
    const excerpt = Excerpt.of(text, { secrets: [Redacted.make("key-1234")] })
    assert.strictEqual(excerpt, "<redacted> at https://<redacted>@example.com/a?<redacted> or https://example.com/b")
    assert.strictEqual(
      Excerpt.of("mail a@b.c, see https://example.com/@name"),
      "mail a@b.c, see https://example.com/@name"
    )
  })

  it("escapes what steers a terminal or turns a text around, and is not longer than asked for", () => {
    assert.strictEqual(Excerpt.of("\u001b[2J\u202eabc\n"), "\\u001b[2J\\u202eabc\\n")
    assert.strictEqual(Excerpt.of("x".repeat(1000), { max: 10 }), `${"x".repeat(10)}…`)
  })
})
