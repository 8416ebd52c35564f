import { assert, describe, it } from "@effect/vitest"
import { RetryPolicy, type StreamError } from "@effect-sse/core"
import { Effect } from "effect"
import { Powerdrill, PowerdrillError } from "../src/index.ts"
import { answeredWith, request } from "./Fixture.ts"

const refusedWith = (status: number, body: unknown, contentType = "application/json") =>
  Powerdrill.use(({ jobs }) =>
    Effect.all([jobs.run(request).pipe(Effect.flip), jobs.ask(request).pipe(Effect.flip)])
  ).pipe(
    Effect.provide(
      answeredWith(typeof body === "string" ? body : JSON.stringify(body), {
        status,
        headers: { "content-type": contentType, "x-pd-trace-id": "trace-7" },
        client: { stream: { retry: RetryPolicy.none }, call: { retry: RetryPolicy.none } }
      })
    )
  )

/** Code, the HTTP status that the vendor documents with it, and what it means. */
const table = [
  [300001, 400, "InvalidRequest"],
  [300002, 200, "PermissionDenied"],
  [300003, 200, "NotFound"],
  [300004, 200, "InvalidRequest"],
  [300005, 200, "InvalidRequest"],
  [300006, 200, "QuotaExceeded"],
  [300007, 200, "Server"],
  [300008, 200, "Server"],
  [300009, 200, "QuotaExceeded"],
  [300011, 200, "Server"],
  [210020, 400, "Failed"],
  [210020, 500, "Failed"],
  [210021, 400, "QuotaExceeded"],
  [210022, 400, "InvalidRequest"],
  [210023, 400, "Conflict"],
  [210024, 400, "InvalidRequest"],
  [210025, 400, "InvalidRequest"],
  [210026, 400, "Failed"],
  [9999, 500, "Server"],
  [9999, 503, "Overloaded"],
  [201, 429, "RateLimited"],
  [1002, 403, "Authentication"],
  [1003, 403, "Authentication"],
  [1004, 401, "Authentication"],
  [211001, 200, "QuotaExceeded"],
  [214002, 200, "PermissionDenied"],
  // Codes of no table: by the status, if that says something.
  [300010, 200, "Unknown"],
  [123456, 404, "NotFound"],
  [123456, 418, "Unknown"]
] as const

describe("refusals", () => {
  for (const [code, status, kind] of table) {
    it.effect(`code ${code} under HTTP ${status} is ${kind}, asked with a stream or without`, () =>
      Effect.gen(function* () {
        for (const error of yield* refusedWith(status, { code, msg: "The vendor's words" })) {
          assert.strictEqual(error._tag, "ApiError")
          assert.deepInclude(error, {
            vendor: "powerdrill",
            kind,
            status,
            code: String(code),
            detail: "The vendor's words",
            requestId: "trace-7",
            channel: status === 200 ? "envelope" : "status"
          })
        }
      })
    )
  }

  it.effect("are read in every spelling", () =>
    Effect.gen(function* () {
      const spellings: ReadonlyArray<readonly [unknown, string, string, StreamError.ApiErrorKind]> = [
        [{ code: 300002, message: "No" }, "300002", "No", "PermissionDenied"],
        [{ code: "300002", msg: "No", data: null }, "300002", "No", "PermissionDenied"],
        [{ code: { code: 300002 }, msg: "No" }, "300002", "No", "PermissionDenied"],
        [{ error: { code: 300002, message: "No" } }, "300002", "No", "PermissionDenied"],
        [{ code: "forbidden_thing", msg: "No" }, "forbidden_thing", "No", "Unknown"],
        [{ code: 300002, msg: null }, "300002", "", "PermissionDenied"]
      ]
      for (const [body, code, detail, kind] of spellings) {
        for (const error of yield* refusedWith(200, body)) {
          assert.deepInclude(error, { _tag: "ApiError", code, detail, kind }, JSON.stringify(body))
        }
      }
    })
  )

  it.effect("are known by their status where the body says nothing", () =>
    Effect.gen(function* () {
      for (const [status, kind] of [
        [401, "Authentication"],
        [402, "QuotaExceeded"],
        [404, "NotFound"],
        [409, "Conflict"],
        [502, "Server"]
      ] as const) {
        for (const body of ["", "<html>Bad gateway</html>", "[]", '"text"']) {
          for (const error of yield* refusedWith(status, body, "text/html")) {
            assert.deepInclude(error, { _tag: "ApiError", kind, channel: "status" })
          }
        }
      }
    })
  )

  it.effect("are no refusals with code 0: a stream that is answered so is not a stream", () =>
    Effect.gen(function* () {
      for (const code of [0, "0", { code: 0 }]) {
        const [streamed, asked] = yield* refusedWith(200, { code, msg: "ok", data: {} })
        assert.deepInclude(streamed, { _tag: "ParseError", stage: "content" })
        assert.deepInclude(asked, { _tag: "ParseError", stage: "schema" })
      }
    })
  )

  it("have a kind for each documented code, and none for others", () => {
    assert.strictEqual(PowerdrillError.kindOfCode(210021), "QuotaExceeded")
    assert.isUndefined(PowerdrillError.kindOfCode(300010))
  })

  it("inside a stream are known by their words where they have no code", () => {
    for (const [words, kind] of [
      ["Job quota exceeded", "QuotaExceeded"],
      ["You have no subscription", "QuotaExceeded"],
      ["Too many requests", "RateLimited"],
      ["insufficient.authentication", "Authentication"],
      ["No permission", "PermissionDenied"],
      ["Dataset not found", "NotFound"],
      ["Selected files are not all synchronised", "Conflict"],
      ["The question is too long", "InvalidRequest"],
      ["Internal error", "Server"],
      ["Something else", "Failed"]
    ] as const) {
      const data = JSON.stringify({ choices: [{ delta: { content: { code: words } } }] })
      const refusal = PowerdrillError.refusalOfEvent(data, JSON.parse(data), undefined)
      assert.deepInclude(refusal, { kind, detail: words, code: undefined })
    }
  })
})
