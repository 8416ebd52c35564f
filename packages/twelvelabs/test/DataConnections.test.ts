import { Emulator } from "@effect-sse/emulator"
import type { StreamError } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Exit, Layer, Redacted, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { OpenApi } from "effect/http-api"
import { inspect } from "node:util"
import { ConnectionId, DataConnections, RedirectUriId, TwelveLabs, TwelveLabsApi } from "../src/index.ts"
import { connected, open, redirectUri, withdraw } from "./Consent.ts"
import { answeredWith, key, type Sent } from "./Fixture.ts"
import { live } from "./Live.ts"

const refusal = <A, R>(effect: Effect.Effect<A, StreamError.RequestError, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error._tag, "ApiError", error.message)
    const { code, kind, status } = error as StreamError.ApiError
    return [kind, status, code]
  })

const json = { headers: { "content-type": "application/json" } }

const connectionId = ConnectionId.make("665f0a2c9b1e4d0012a3f7c9")

describe("connections", () => {
  for (const http of ["fetch", "undici"] as const) {
    live(
      `are there when the user has consented, and gone when they are deleted, over ${http}`,
      () =>
        Effect.gen(function* () {
          const { connections } = yield* TwelveLabs
          const { authorizeUrl, state } = yield* connections.authorize({ redirectUri, customId: "project-7" })
          assert.strictEqual(new URL(authorizeUrl).searchParams.get("state"), state)
          assert.lengthOf(yield* Stream.runCollect(connections.list()), 0)
          const back = yield* open(authorizeUrl)
          assert.strictEqual(back.origin + back.pathname, "https://app.example.com/done")
          assert.strictEqual(back.searchParams.get("step"), "2")
          const consent = DataConnections.consentOf(back.searchParams)
          if (consent._tag !== "Granted") return assert.fail(consent.error)
          assert.strictEqual(consent.customId, "project-7")
          const connection = yield* connections.get(consent.connectionId)
          assert.deepStrictEqual(
            [connection.id, connection.provider, connection.status, connection.customId, connection.lastUsedAt],
            [consent.connectionId, "google_drive", "active", "project-7", undefined]
          )
          assert.isDefined(connection.connectedAt)
          assert.isDefined(connection.account?.displayName)
          assert.deepStrictEqual(yield* Stream.runCollect(connections.list()), [connection])
          yield* connections.delete(consent.connectionId)
          assert.deepStrictEqual(yield* refusal(connections.get(consent.connectionId)), [
            "NotFound",
            404,
            "resource_not_exist"
          ])
        }),
      { http }
    )
  }

  live("are listed page by page, newest first", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      for (let index = 1; index <= 11; index++) yield* connected({ customId: `user ${index}` })
      const all = yield* Stream.runCollect(connections.list({ pageSize: 4 }))
      assert.deepStrictEqual(
        all.map(({ customId }) => customId),
        Array.from({ length: 11 }, (_, index) => `user ${11 - index}`)
      )
    })
  )

  live("are not made when the user declines", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      const { authorizeUrl } = yield* connections.authorize({ redirectUri })
      const back = yield* open(`${authorizeUrl}&deny`)
      assert.deepStrictEqual(DataConnections.consentOf(back.searchParams), { _tag: "Refused", error: "access_denied" })
      assert.lengthOf(yield* Stream.runCollect(connections.list()), 0)
      const again = yield* Effect.promise(() => fetch(authorizeUrl, { redirect: "manual" }))
      assert.strictEqual(again.status, 400)
    })
  )

  live("are asked for at the path with its colon, and at no other", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      yield* connections.authorize({ redirectUri })
      const { requests, twelvelabs } = yield* Emulator
      assert.strictEqual((yield* requests).at(-1)?.path, "/twelvelabs/v1.3/connections:authorize")
      const status = (path: string) =>
        Effect.promise(async () => {
          const headers = { "x-api-key": Redacted.value(twelvelabs.apiKey), "content-type": "application/json" }
          const body = JSON.stringify({ provider: "google_drive", redirect_uri: redirectUri })
          return (await fetch(twelvelabs.url() + path, { method: "POST", headers, body })).status
        })
      assert.strictEqual(yield* status("/connections:authorize"), 200)
      for (const other of ["authorize", ":other", "xyz", "::authorize", "/authorize"]) {
        assert.strictEqual(yield* status(`/connections${other}`), 404, other)
      }
    })
  )

  live(
    "are expired when their time is over, and then of no use",
    () =>
      Effect.gen(function* () {
        const { connections } = yield* TwelveLabs
        const id = yield* connected()
        assert.strictEqual((yield* connections.get(id)).status, "expired")
        assert.deepStrictEqual(yield* refusal(connections.pickerToken(id)), ["Conflict", 409, "connection_not_active"])
      }),
    { play: { ttl: 0 } }
  )

  live("are revoked when the user takes the consent back, and then of no use", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      const id = yield* connected()
      yield* withdraw(id)
      assert.strictEqual((yield* connections.get(id)).status, "revoked")
      assert.deepStrictEqual(yield* refusal(connections.pickerToken(id)), ["Conflict", 409, "connection_not_active"])
    })
  )

  live("give a token for a picker, and know that they were used", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      const id = yield* connected()
      const token = yield* connections.pickerToken(id)
      assert.match(Redacted.value(token.accessToken), /^ya29\./)
      assert.isDefined(token.developerKey)
      assert.isDefined(token.appId)
      assert.strictEqual(token.expiresInSeconds, 3600)
      assert.isDefined((yield* connections.get(id)).lastUsedAt)
      const nowhere = connections.pickerToken(connectionId)
      assert.deepStrictEqual(yield* refusal(nowhere), ["NotFound", 404, "resource_not_exist"])
    })
  )

  live("are refused when the request makes no sense", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      for (const request of [{ redirectUri: "nowhere" }, { redirectUri, provider: "attic" }]) {
        assert.deepStrictEqual(yield* refusal(connections.authorize(request)), [
          "InvalidRequest",
          400,
          "parameter_invalid"
        ])
      }
      for (const id of ["", ".", ".."]) {
        const error = yield* Effect.flip(connections.delete(ConnectionId.make(id)))
        assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
      }
    })
  )

  it("are in the OpenAPI document under the paths of the vendor", () => {
    const { paths } = OpenApi.fromApi(TwelveLabsApi.TwelveLabsApi)
    const ours = Object.keys(paths).filter((path) => path.startsWith("/connections"))
    assert.deepStrictEqual(ours.toSorted(), [
      "/connections",
      "/connections/redirect-uris",
      "/connections/redirect-uris/{id}",
      "/connections/{connectionId}/imports",
      "/connections/{connectionId}/imports/{importId}",
      "/connections/{id}",
      "/connections/{id}/picker-token",
      "/connections:authorize"
    ])
    assert.lengthOf(paths["/connections:authorize"]?.post?.parameters ?? [], 0)
  })

  it.effect("are read whatever the vendor leaves out or adds", () =>
    Effect.gen(function* () {
      const read = (connection: object) =>
        TwelveLabs.use(({ connections }) => connections.get(connectionId)).pipe(
          Effect.provide(answeredWith(JSON.stringify({ _id: connectionId, ...connection }), json))
        )
      const bare = yield* read({})
      const nulls = yield* read({ provider: null, status: null, account: null, scopes: null, connected_at: null })
      assert.deepStrictEqual(bare, nulls)
      assert.isUndefined(bare.status)
      const strange = yield* read({
        provider: "shoe_box",
        status: "asleep",
        account: { external_id: "7", display_name: null, born: 1990 },
        scopes: [],
        connected_at: "2026-08-20T10:00:00Z",
        last_used_at: "yesterday",
        more: {}
      })
      assert.deepStrictEqual([strange.provider, strange.status], ["shoe_box", "asleep"])
      assert.deepStrictEqual(strange.account, { externalId: "7", displayName: undefined })
      assert.strictEqual(strange.connectedAt && DateTime.formatIso(strange.connectedAt), "2026-08-20T10:00:00.000Z")
      assert.isUndefined(strange.lastUsedAt)
    })
  )

  it.effect("are asked for in the vendor's spelling, for Google Drive unless it is said otherwise", () =>
    Effect.gen(function* () {
      const sent: Array<Sent> = []
      const { connections } = yield* TwelveLabs.pipe(
        Effect.provide(answeredWith('{"authorize_url":"https://example.com/o","state":null}', { ...json, sent }))
      )
      const bare = yield* connections.authorize({ redirectUri })
      assert.deepStrictEqual(bare, { authorizeUrl: "https://example.com/o", state: undefined })
      yield* connections.authorize({ redirectUri, customId: "c", provider: "shoe_box" })
      assert.deepStrictEqual(
        sent.map(({ body, url }) => [url, body]),
        [
          [
            "https://api.twelvelabs.io/v1.3/connections:authorize",
            { provider: "google_drive", redirect_uri: redirectUri }
          ],
          [
            "https://api.twelvelabs.io/v1.3/connections:authorize",
            { provider: "shoe_box", redirect_uri: redirectUri, custom_id: "c" }
          ]
        ]
      )
    })
  )
})

describe("a consent", () => {
  const consentOf = (query: string) => DataConnections.consentOf(new URLSearchParams(query))

  it("is granted only with a connection and without an error", () => {
    assert.deepStrictEqual(consentOf("connection_id=c1&status=ok"), {
      _tag: "Granted",
      connectionId: ConnectionId.make("c1"),
      customId: undefined
    })
    for (const query of [
      "",
      "status=ok",
      "connection_id=&status=ok",
      "connection_id=c1",
      "connection_id=c1&status=no"
    ]) {
      assert.deepStrictEqual(consentOf(query), { _tag: "Refused", error: "" }, query)
    }
    const both = consentOf("connection_id=c1&status=ok&error=access_denied")
    assert.deepStrictEqual(both, { _tag: "Refused", error: "access_denied" })
  })

  it("is refused in words that are short and steer no terminal", () => {
    const query = new URLSearchParams({ error: `\u001b[2J${"x".repeat(10_000)}` })
    const { error } = DataConnections.consentOf(query) as DataConnections.Refused
    assert.isBelow(error.length, 302)
    assert.match(error, /^\\u001b\[2Jx+…$/)
  })
})

describe("redirect URIs", () => {
  live("are registered, listed, and deleted", () =>
    Effect.gen(function* () {
      const { redirectUris } = (yield* TwelveLabs).connections
      const uris = Array.from({ length: 11 }, (_, index) => `https://app.example.com/done/${index}`)
      const made = yield* Effect.forEach(uris, (uri) => redirectUris.create(uri))
      assert.deepStrictEqual(made[0]?.redirectUri, uris[0])
      assert.isDefined(made[0]?.createdAt)
      const listed = yield* Stream.runCollect(redirectUris.list({ pageSize: 10 }))
      assert.deepStrictEqual(listed, made.toReversed())
      yield* redirectUris.delete(made[3]!.id)
      assert.lengthOf(yield* Stream.runCollect(redirectUris.list()), 10)
      assert.deepStrictEqual(yield* refusal(redirectUris.delete(made[3]!.id)), ["NotFound", 404, "resource_not_exist"])
    })
  )

  live("are the only ones that users are sent to, when there are any", () =>
    Effect.gen(function* () {
      const { connections } = yield* TwelveLabs
      const made = yield* connections.redirectUris.create("https://app.example.com/done")
      const elsewhere = connections.authorize({ redirectUri: "https://app.example.com/done/" })
      assert.deepStrictEqual(yield* refusal(elsewhere), ["InvalidRequest", 400, "redirect_uri_invalid"])
      yield* connected({ redirectUri: "https://app.example.com/done" })
      yield* connections.redirectUris.delete(made.id)
      yield* elsewhere
    })
  )

  live("are refused when they are unfit, there already, or too many", () =>
    Effect.gen(function* () {
      const { redirectUris } = (yield* TwelveLabs).connections
      for (const unfit of [
        "nowhere",
        "http://app.example.com/",
        "https://*.example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://printer.local/"
      ]) {
        assert.deepStrictEqual(
          yield* refusal(redirectUris.create(unfit)),
          ["InvalidRequest", 422, "redirect_uri_invalid"],
          unfit
        )
      }
      yield* redirectUris.create("https://app.example.com/1")
      const [kind, status] = yield* refusal(redirectUris.create("https://app.example.com/1"))
      assert.deepStrictEqual([kind, status], ["Conflict", 409])
      for (let index = 2; index <= 20; index++) yield* redirectUris.create(`https://app.example.com/${index}`)
      const tooMany = redirectUris.create("https://app.example.com/21")
      assert.deepStrictEqual(yield* refusal(tooMany), ["QuotaExceeded", 422, "redirect_uri_limit_exceeded"])
      const error = yield* Effect.flip(redirectUris.delete(RedirectUriId.make("..")))
      assert.strictEqual((error as StreamError.TransportError).reason, "InvalidRequest")
    })
  )
})

describe("the token of a picker", () => {
  const token = "ya29.very-secret-9c1d"
  const developerKey = "AIza-very-secret-77"
  const pickerToken = (body: string, options: Parameters<typeof answeredWith>[1] = {}) =>
    TwelveLabs.use(({ connections }) => connections.pickerToken(connectionId)).pipe(
      Effect.provide(answeredWith(body, { ...json, ...options }))
    )
  const allOf = (value: unknown): string =>
    [
      inspect(value, { depth: Infinity, showHidden: true, getters: true }),
      String(value),
      JSON.stringify(value),
      Exit.isExit(value) && Exit.isFailure(value) ? Cause.pretty(value.cause) : ""
    ].join("\n")

  it.effect("is redacted, and so is the developer key", () =>
    Effect.gen(function* () {
      const body = { access_token: token, expires_in: 60, scope: "a b", app_id: "1", developer_key: developerKey }
      const made = yield* pickerToken(JSON.stringify(body))
      assert.strictEqual(Redacted.value(made.accessToken), token)
      assert.strictEqual(Redacted.value(made.developerKey!), developerKey)
      assert.deepStrictEqual([made.expiresInSeconds, made.scope, made.appId], [60, "a b", "1"])
      assert.notInclude(allOf(made), "very-secret")
      const bare = yield* pickerToken(JSON.stringify({ access_token: token, developer_key: null }))
      assert.isUndefined(bare.developerKey)
    })
  )

  for (const [what, body, tag, options] of [
    ["of another shape", JSON.stringify({ access_token: token, expires_in: token }), "ParseError"],
    [
      "with a key that is no text",
      JSON.stringify({ access_token: token, developer_key: [developerKey] }),
      "ParseError"
    ],
    ["that is cut", JSON.stringify({ access_token: token }).slice(0, -1), "ParseError"],
    ["that is the token alone", token, "ParseError"],
    ["of another type", token, "ParseError", { headers: { "content-type": "text/plain" } }],
    ["with an error beside it", JSON.stringify({ access_token: token, code: "x", message: "y" }), "ApiError"],
    ["with a bad status", JSON.stringify({ access_token: token, code: "x", message: "y" }), "ApiError", { status: 409 }]
  ] as const) {
    it.effect(`is not shown by the error of an answer ${what}`, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(pickerToken(body, options))
        const error = yield* Effect.flip(pickerToken(body, options))
        assert.strictEqual(error._tag, tag)
        for (const text of [allOf(exit), allOf(error)]) {
          assert.notInclude(text, "very-secret")
          assert.notInclude(text, "ya29")
        }
      })
    )
  }

  it.effect("is not asked for twice after a fault of the vendor, as it may have been made", () =>
    Effect.gen(function* () {
      let asked = 0
      const http = HttpClient.make((request) =>
        Effect.sync(() => {
          asked++
          return HttpClientResponse.fromWeb(request, new Response("", { status: 500 }))
        })
      )
      const layer = TwelveLabs.layer({ apiKey: Redacted.make(key) }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, http))
      )
      yield* TwelveLabs.use(({ connections }) => connections.pickerToken(connectionId)).pipe(
        Effect.flip,
        Effect.provide(layer)
      )
      assert.strictEqual(asked, 1)
    })
  )
})
