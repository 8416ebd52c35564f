import { assert, describe, it } from "@effect/vitest"
import { Headers } from "effect/http"
import { Vendor } from "@effect-sse/twelvelabs"
import { textOf } from "./Fixture.ts"

const now = Date.parse("2026-09-01T08:30:00Z")

const refusal = (status: number, body: string, headers: Record<string, string> = {}) => {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    json = undefined
  }
  return Vendor.vendor.refusal({ status, headers: Headers.fromInput(headers), text: body, json, now })
}

const error = (name: string) => textOf(`errors/${name}`)

describe("error bodies", () => {
  it("are read flat, nested and old", () => {
    assert.deepInclude(refusal(400, error("flat.json")), {
      kind: "InvalidRequest",
      code: "parameter_invalid",
      detail: "The parameter input is invalid."
    })
    assert.deepInclude(refusal(400, error("nested.json")), {
      kind: "InvalidRequest",
      code: "VALIDATION_ERROR",
      detail: "One field is wrong.",
      requestId: "req_77",
      retryAfterMillis: undefined
    })
    assert.deepInclude(refusal(400, error("old.json")), {
      kind: "InvalidRequest",
      code: "400",
      detail: "Not this way."
    })
    assert.deepInclude(refusal(404, JSON.stringify({ message: "No such store." })), {
      kind: "NotFound",
      code: undefined,
      detail: "No such store."
    })
  })

  it("that say nothing leave it to the status", () => {
    for (const body of [error("empty.txt"), error("gateway.html"), "null", "[]", "{}", '"no"', '{"error":{}}']) {
      assert.isUndefined(refusal(502, body), body)
    }
  })

  it("under a good status are those in the shape of an error, and no others", () => {
    assert.strictEqual(refusal(200, error("flat.json"))?.kind, "InvalidRequest")
    assert.strictEqual(refusal(200, error("nested.json"))?.code, "VALIDATION_ERROR")
    assert.strictEqual(refusal(200, error("old.json"))?.kind, "Unknown")
    for (const body of [
      "{}",
      '{"message":"hello"}',
      '{"id":"resp_1","output":[]}',
      '{"error":null}',
      "[]",
      "null",
      ""
    ]) {
      assert.isUndefined(refusal(200, body), body)
    }
    const response = { object: "response", id: "resp_1", error: { code: "generic_error" } }
    assert.isUndefined(refusal(200, JSON.stringify({ ...response, status: "completed" })))
    assert.deepInclude(refusal(200, JSON.stringify({ ...response, status: "failed" })), {
      kind: "Failed",
      requestId: "resp_1"
    })
  })
})

describe("kinds", () => {
  const cases = [
    [400, "insufficient_funds", "QuotaExceeded"],
    [429, "plan_limit_exceeded", "QuotaExceeded"],
    [429, "too_many_requests", "RateLimited"],
    [429, "RATE_LIMIT_EXCEEDED", "RateLimited"],
    [401, "api_key_invalid", "Authentication"],
    [400, "api_key_invalid", "Authentication"],
    [403, "region_not_allowed", "PermissionDenied"],
    [400, "resource_not_exist", "NotFound"],
    [409, "index_name_already_exists", "Conflict"],
    [422, "parameter_invalid", "InvalidRequest"],
    [400, "INTERNAL_SERVER_ERROR", "Server"],
    [500, "generic_error", "Server"],
    [503, "generic_error", "Overloaded"],
    [529, "generic_error", "Overloaded"],
    [410, "something_new", "Gone"],
    [410, "parameter_invalid", "Gone"],
    [409, "parameter_invalid", "Conflict"],
    [404, "invalid_request", "NotFound"],
    [401, "parameter_invalid", "Authentication"],
    [429, "invalid_request", "RateLimited"],
    [503, "VALIDATION_ERROR", "Overloaded"],
    [418, "something_new", "Unknown"]
  ] as const
  for (const [status, code, kind] of cases) {
    it(`${status} ${code} is ${kind}`, () => {
      assert.strictEqual(refusal(status, JSON.stringify({ code, message: "" }))?.kind, kind)
    })
  }
})

describe("the time to wait", () => {
  const wait = (headers: Record<string, string>, body = error("empty.txt"), status = 429) =>
    refusal(status, body, headers)?.retryAfterMillis
  const epoch = (seconds: number) => String(now / 1000 + seconds)

  it("comes from the reset header, as a time or as seconds, also when the body is empty", () => {
    assert.strictEqual(wait({ "X-Ratelimit-Reset": epoch(7) }), 7000)
    assert.strictEqual(wait({ "x-ratelimit-reset": "7" }), 7000)
    assert.strictEqual(wait({ "x-ratelimit-request-reset": epoch(9), "x-ratelimit-request-remaining": "0" }), 9000)
    assert.strictEqual(wait({ "x-ratelimit-reset": epoch(-9) }), 0)
    assert.isUndefined(wait({ "x-ratelimit-reset": "soon" }))
    assert.isUndefined(wait({}))
  })

  it("is that of the dimensions that are used up", () => {
    const headers = {
      "x-ratelimit-request-remaining": "0",
      "x-ratelimit-request-reset": epoch(20),
      "x-ratelimit-token-remaining": "12",
      "x-ratelimit-token-reset": epoch(80_000)
    }
    assert.strictEqual(wait(headers), 20_000)
    assert.strictEqual(wait({ ...headers, "x-ratelimit-token-remaining": "0" }), 80_000_000)
  })

  it("goes by the vendor's clock where it is told", () => {
    const date = new Date(now - 3600_000).toUTCString()
    assert.strictEqual(wait({ date, "x-ratelimit-reset": epoch(-3590) }), 10_000)
  })

  it("comes from the details, or from the end of the message", () => {
    assert.strictEqual(wait({}, error("nested-rate.json")), 12_000)
    assert.strictEqual(wait({}, error("rate.json")), 20_500)
    assert.strictEqual(wait({ "x-ratelimit-reset": "3" }, error("rate.json")), 3000)
    const message = `${"a ".repeat(50_000)}after 2026-09-01T10:30:05+02:00.`
    assert.strictEqual(wait({}, JSON.stringify({ code: "too_many_requests", message })), 5000)
    assert.isUndefined(wait({}, JSON.stringify({ code: "too_many_requests", message: "2026-09-01T08:30:20Z or so" })))
  })

  it("is not read from errors that waiting does not help", () => {
    assert.isUndefined(wait({ "x-ratelimit-reset": "7" }, error("flat.json"), 400))
    assert.isUndefined(wait({ "x-ratelimit-reset": "7" }, error("gateway.html"), 502))
  })
})
