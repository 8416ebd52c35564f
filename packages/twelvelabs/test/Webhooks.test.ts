import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Exit, Redacted, Schema } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { createHmac } from "node:crypto"
import { type WebhookEvent, Webhooks } from "@effect-sse/twelvelabs"

const secret = Redacted.make("whsec_FIXTURE51ab")
const other = Redacted.make("whsec_OTHER77")

/** Test clocks start at 0. */
const noon = DateTime.makeUnsafe("2026-09-01T12:00:00Z")
const seconds = noon.epochMilliseconds / 1000
const atNoon = TestClock.setTime(noon.epochMilliseconds)

const body = JSON.stringify({
  id: "whe_1",
  created_at: "2026-09-01T11:59:58Z",
  type: "analyze.task.ready",
  data: { id: "66bb01", custom_id: "kite 🪁", status: "ready", created_at: "2026-09-01T11:00:00.5Z" }
})

/** By another implementation than the one under test. */
const digest = (payload: string | Uint8Array, time: string | number = seconds, key = secret) =>
  createHmac("sha256", Redacted.value(key)).update(`${time}.`).update(payload).digest("hex")

const header = (payload: string | Uint8Array = body, time: string | number = seconds, key = secret) =>
  `t=${time},v1=${digest(payload, time, key)}`

type Given = Partial<Parameters<typeof Webhooks.verify>[0]>

/** The tag of the event, or why there is none. */
const outcome = (given: Given = {}) =>
  Webhooks.verify({ body, header: header(), secret, ...given }).pipe(
    Effect.match({
      onSuccess: ({ _tag }) => _tag as string,
      onFailure: (error) => (error._tag === "WebhookSignatureError" ? error.reason : error._tag)
    })
  )

const outcomes = (cases: ReadonlyArray<readonly [given: Given, expected: string]>) =>
  Effect.gen(function* () {
    yield* atNoon
    for (const [given, expected] of cases) assert.strictEqual(yield* outcome(given), expected, JSON.stringify(given))
  })

describe("a delivery", () => {
  it.effect("that the vendor signed is taken, as bytes and as text", () =>
    outcomes([
      [{}, "AnalyzeTaskReady"],
      [{ body: new TextEncoder().encode(body) }, "AnalyzeTaskReady"],
      [{ header: header().toUpperCase().replace("T=", "t=").replace("V1=", "v1=") }, "AnalyzeTaskReady"],
      [{ header: header().replace(",", " , ") }, "AnalyzeTaskReady"]
    ])
  )

  it.effect("that is refused is so again, however often it is checked", () =>
    Effect.gen(function* () {
      yield* atNoon
      const error = yield* Effect.flip(Webhooks.verify({ body, header: undefined, secret }))
      assert.include(error, { _tag: "WebhookSignatureError", isRetryable: false, retryAfter: undefined })
    })
  )

  it.effect("is checked byte for byte", () => {
    const reformatted = JSON.stringify(JSON.parse(body), undefined, 1)
    return outcomes([
      [{ body: reformatted }, "WrongSignature"],
      [{ body: `${body}\n` }, "WrongSignature"],
      [{ body: body.replace("ready", "Ready") }, "WrongSignature"],
      [{ body: "" }, "WrongSignature"]
    ])
  })

  it.effect("signed with another secret, or for another time, is refused", () =>
    outcomes([
      [{ header: header(body, seconds, other) }, "WrongSignature"],
      [{ header: header(body, seconds - 1).replace(`t=${seconds - 1}`, `t=${seconds}`) }, "WrongSignature"],
      [{ header: header(body, seconds).replace(`t=${seconds}`, `t=0${seconds}`) }, "WrongSignature"],
      [
        { header: `t=${seconds},v1=${createHmac("sha256", "").update(`${seconds}.${body}`).digest("hex")}` },
        "WrongSignature"
      ]
    ])
  )

  it.effect("may be as old or as early as the tolerance, and no more", () =>
    outcomes([
      [{ header: header(body, seconds - 300) }, "AnalyzeTaskReady"],
      [{ header: header(body, seconds - 301) }, "TooOld"],
      [{ header: header(body, seconds + 300) }, "AnalyzeTaskReady"],
      [{ header: header(body, seconds + 301) }, "InFuture"],
      [{ header: header(body, seconds - 11), tolerance: "10 seconds" }, "TooOld"],
      [{ header: header(body, seconds + 11), tolerance: "10 seconds" }, "InFuture"],
      [{ header: header(body, 0), tolerance: "Infinity" }, "AnalyzeTaskReady"],
      [{ header: header(body, seconds - 301, other) }, "WrongSignature"]
    ])
  )

  it.effect("without a signature, or with one of another form, is refused", () => {
    const v1 = `v1=${digest(body)}`
    const malformed = [
      "",
      ",",
      "=",
      v1,
      `t=${seconds}`,
      `t=,${v1}`,
      `t=now,${v1}`,
      `t=-1,${v1}`,
      `t=1e9,${v1}`,
      `t=1234567890123,${v1}`,
      `t=${seconds},t=${seconds},${v1}`,
      `t=${seconds},v1=`,
      `t=${seconds},${v1}0`,
      `t=${seconds},${v1.slice(0, -1)}`,
      `t=${seconds},${v1.slice(0, -1)}g`,
      `t=${seconds},v2=${digest(body)}`
    ]
    return outcomes([
      [{ header: undefined }, "MissingHeader"],
      [{ header: null }, "MissingHeader"],
      ...malformed.map((header) => [{ header }, "MalformedHeader"] as const)
    ])
  })

  it.effect("may have several signatures and parts that are not known", () => {
    const wrong = `v1=${"0".repeat(64)}`
    return outcomes([
      [{ header: `v0=x,t=${seconds},${wrong},v1=short,scheme,v1=${digest(body)},v2=y` }, "AnalyzeTaskReady"],
      [{ header: `t=${seconds},${wrong},${wrong}` }, "WrongSignature"]
    ])
  })

  it.effect("may not make anyone work for long", () => {
    const wrong = `,v1=${"0".repeat(64)}`
    return outcomes([
      [{ header: `${header()}${wrong.repeat(7)}` }, "AnalyzeTaskReady"],
      [{ header: `${header()}${wrong.repeat(8)}` }, "MalformedHeader"],
      [{ header: `${header()},${"x".repeat(1800)}` }, "AnalyzeTaskReady"],
      [{ header: `${header()},${"x".repeat(2048)}` }, "MalformedHeader"]
    ])
  })

  it.effect("is checked against each of several secrets, and never against an empty one", () => {
    const empty = Redacted.make("")
    return outcomes([
      [{ secret: [other, secret] }, "AnalyzeTaskReady"],
      [{ secret: [secret, other] }, "AnalyzeTaskReady"],
      [{ secret: [empty, secret] }, "AnalyzeTaskReady"],
      [{ secret: [other, empty] }, "WrongSignature"],
      [{ secret: empty }, "ConfigurationError"],
      [{ secret: [] }, "ConfigurationError"]
    ])
  })

  it.effect("is refused without a word about secrets or bodies", () =>
    Effect.gen(function* () {
      yield* atNoon
      const attempts: ReadonlyArray<Given> = [
        { header: header(body, seconds, other) },
        { header: "nonsense" },
        { header: header(body, 1) },
        { body: "kite", header: header("kite") }
      ]
      for (const given of attempts) {
        const exit = yield* Effect.exit(Webhooks.verify({ body, header: header(), secret, ...given }))
        assert(Exit.isFailure(exit))
        const error = Cause.squash(exit.cause) as Error
        for (const text of [Cause.pretty(exit.cause), JSON.stringify(error), String(error)]) {
          assert.notInclude(text, Redacted.value(secret))
          assert.notInclude(text, "kite")
          assert.notInclude(text, digest(body))
        }
      }
    })
  )

  it.effect.prop(
    "that was changed in any byte is refused",
    [
      Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(Schema.isMinLength(1)),
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 255 }))
    ],
    ([bytes, at, by]) =>
      Effect.gen(function* () {
        yield* atNoon
        const raw = Uint8Array.from(bytes)
        const signed = header(raw)
        // Its signature is good, so that it is read, and is no event.
        assert.strictEqual(yield* outcome({ body: raw, header: signed }), "ParseError")
        const index = at % raw.length
        raw[index] = raw[index]! ^ by
        assert.strictEqual(yield* outcome({ body: raw, header: signed }), "WrongSignature")
      })
  )
})

describe("a test of a program that takes deliveries", () => {
  it.effect("can sign as the vendor does", () =>
    Effect.gen(function* () {
      yield* atNoon
      assert.strictEqual(yield* Webhooks.sign({ body, secret }), header())
      const bytes = Uint8Array.of(0, 255, 10)
      const at = DateTime.makeUnsafe(1_500)
      assert.strictEqual(yield* Webhooks.sign({ body: bytes, secret, at }), header(bytes, 1))
      const error = yield* Effect.flip(Webhooks.sign({ body, secret: Redacted.make("") }))
      assert.strictEqual(error._tag, "ConfigurationError")
    })
  )
})

const read = (json: unknown) => {
  const body = typeof json === "string" ? json : JSON.stringify(json)
  return Effect.andThen(atNoon, Webhooks.verify({ body, header: header(body), secret }))
}

const isText = (value: unknown) => value === undefined || typeof value === "string"

describe("an event", () => {
  it.effect("of an analysis has its task", () =>
    Effect.gen(function* () {
      for (const [type, tag] of [
        ["analyze.task.ready", "AnalyzeTaskReady"],
        ["analyze.task.failed", "AnalyzeTaskFailed"],
        ["analyze.task.canceled", "AnalyzeTaskCanceled"]
      ]) {
        const event = yield* read({ ...JSON.parse(body), type })
        assert(
          event._tag === "AnalyzeTaskReady" ||
            event._tag === "AnalyzeTaskFailed" ||
            event._tag === "AnalyzeTaskCanceled"
        )
        assert.strictEqual(event._tag, tag as typeof event._tag)
        assert.strictEqual(event.id as string, "whe_1")
        assert.strictEqual(event.createdAt && DateTime.formatIso(event.createdAt), "2026-09-01T11:59:58.000Z")
        const { createdAt, ...data } = event.data
        assert.deepStrictEqual(data, { taskId: "66bb01", customId: "kite 🪁", status: "ready" } as typeof data)
        assert.strictEqual(createdAt && DateTime.formatIso(createdAt), "2026-09-01T11:00:00.500Z")
        assert.deepStrictEqual(event.raw, { ...JSON.parse(body), type })
      }
    })
  )

  it.effect("of indexing has its task", () =>
    Effect.gen(function* () {
      for (const [type, tag] of [
        ["index.task.ready", "IndexTaskReady"],
        ["index.task.failed", "IndexTaskFailed"]
      ]) {
        const event = yield* read({
          id: "whe_2",
          created_at: "2026-09-01T11:59:58Z",
          type,
          data: {
            id: "66bb02",
            metadata: { duration: 12.5 },
            status: "ready",
            models: [{ name: "marengo3.0", options: ["visual", "audio"] }],
            tags: ["kites"]
          }
        })
        assert(event._tag === "IndexTaskReady" || event._tag === "IndexTaskFailed")
        assert.strictEqual(event._tag, tag as typeof event._tag)
        assert.deepStrictEqual(event.data, {
          taskId: "66bb02",
          status: "ready",
          durationSeconds: 12.5,
          models: [{ name: "marengo3.0", options: ["visual", "audio"] }],
          tags: ["kites"]
        } as unknown as typeof event.data)
      }
    })
  )

  it.effect("of another kind is given as it came", () =>
    Effect.gen(function* () {
      const json = { type: "batch.finished", data: { deep: [1, { x: null }] }, __proto: 1 }
      const event = yield* read(json)
      assert(event._tag === "Unknown")
      assert.strictEqual(event.type, "batch.finished")
      assert.deepStrictEqual(event.raw, json)
      const hostile = yield* read('{"type":"constructor","__proto__":{"id":"x"},"data":{"__proto__":{}}}')
      assert.strictEqual(hostile._tag, "Unknown")
      assert.isUndefined(hostile.id)
      assert.isUndefined(({} as { readonly id?: string }).id)
    })
  )

  it.effect("is not lost over what it says otherwise than documented", () =>
    Effect.gen(function* () {
      const odd: ReadonlyArray<unknown> = [undefined, null, 3, "x", [], {}]
      const tags = new Set<WebhookEvent.WebhookEvent["_tag"]>()
      for (const data of odd) {
        const task = {
          id: data,
          metadata: data,
          status: data,
          models: data,
          tags: data,
          custom_id: data,
          created_at: data
        }
        for (const type of ["index.task.ready", "analyze.task.failed"]) {
          const models = [data, { name: data, options: [data] }]
          const jsons = [{ id: data, created_at: data, data }, { data: task }, { data: { models, tags: [data] } }]
          for (const json of jsons) {
            const event = yield* read({ ...json, type })
            assert(event._tag === "IndexTaskReady" || event._tag === "AnalyzeTaskFailed")
            tags.add(event._tag)
            if (event._tag === "IndexTaskReady") {
              assert.isTrue(isText(event.data.models[0]?.name))
              assert.isTrue(event.data.tags.every((tag) => typeof tag === "string"))
            } else assert.isTrue(isText(event.data.customId))
            assert.isTrue(isText(event.data.status) && isText(event.data.taskId) && isText(event.id))
          }
        }
      }
      assert.deepStrictEqual([...tags].sort(), ["AnalyzeTaskFailed", "IndexTaskReady"])
    })
  )

  it.effect("must be one", () =>
    Effect.gen(function* () {
      for (const json of ["", "kite", "[]", "null", "{}", '{"type":3}', '{"type":"x"']) {
        const error = yield* Effect.flip(read(json))
        assert.strictEqual(error._tag, "ParseError", json)
      }
    })
  )
})

describe("a server", () => {
  const answers = (error: Effect.Error<ReturnType<typeof Webhooks.fromRequest>>): number => {
    switch (error._tag) {
      case "WebhookSignatureError":
        return 400
      case "ParseError":
        return error.stage === "limit" ? 413 : 422
      default:
        return 500
    }
  }

  const routes = HttpRouter.add(
    "POST",
    "/webhook",
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const event = yield* Webhooks.fromRequest(request, { secret, maxBodySize: 1000 })
      return HttpServerResponse.text(event._tag)
    }).pipe(Effect.catch((error) => Effect.succeed(HttpServerResponse.empty({ status: answers(error) }))))
  )

  it.live("takes deliveries as they come from the socket, and refuses the others", () =>
    Effect.gen(function* () {
      yield* HttpServer.serveEffect(yield* HttpRouter.toHttpEffect(routes))
      const { address } = yield* HttpServer.HttpServer
      assert(address._tag !== "UnixPathAddress")
      const post = (body: string, headers: Record<string, string>) =>
        Effect.promise(async () => {
          const url = `http://127.0.0.1:${address.port}/webhook`
          const response = await fetch(url, { method: "POST", body, headers })
          return `${response.status} ${await response.text()}`
        })
      const signed = (text: string) =>
        Effect.map(Webhooks.sign({ body: text, secret }), (value) => ({ "TL-Signature": value }))
      // Not as `JSON.stringify` writes it: a body that is parsed on the way would not be the same.
      const spaced = body.replace("{", "{ \n")
      assert.strictEqual(yield* post(spaced, yield* signed(spaced)), "200 AnalyzeTaskReady")
      assert.strictEqual(yield* post(spaced, yield* signed(body)), "400 ")
      assert.strictEqual(yield* post(body, {}), "400 ")
      assert.strictEqual(yield* post("[]", yield* signed("[]")), "422 ")
      const fits = `{"type":"${"x".repeat(989)}"}`
      assert.strictEqual(fits.length, 1000)
      assert.strictEqual((yield* post(fits, yield* signed(fits))).slice(0, 11), "200 Unknown")
      const pieces = new ReadableStream<string>({
        start: (controller) => {
          controller.enqueue(spaced.slice(0, 40))
          controller.enqueue(spaced.slice(40))
          controller.close()
        }
      }).pipeThrough(new TextEncoderStream())
      const init = { method: "POST", body: pieces, headers: yield* signed(spaced), duplex: "half" } as RequestInit
      const inPieces = yield* Effect.promise(() => fetch(`http://127.0.0.1:${address.port}/webhook`, init))
      assert.strictEqual(inPieces.status, 200)
      const large = `{"type":"${"x".repeat(990)}"}`
      assert.strictEqual(yield* post(large, yield* signed(large)), "413 ")
    }).pipe(Effect.scoped, Effect.provide(NodeHttpServer.layerTest))
  )
})
